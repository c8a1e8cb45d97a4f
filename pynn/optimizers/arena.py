"""Where trainable variables live: side by side in one flat tensor, so that a step is few calls into C++.

A variable keeps its shape and becomes a view of the flat tensor. It is moved once in its life: an optimizer
that meets variables which lie in a flat tensor already (a model compiled again, a variable shared by two
optimizers) works on them where they are, with one call for each stretch that is in order.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from .. import _core
from .._core import Dtype, Tensor
from ..variable import Variable

Flats: TypeAlias = dict[Dtype, Tensor]  # flat tensors, one for each dtype of variables

# Elements between the starts of variables are a multiple of this: 64 bytes of float32, a cache line.
ALIGNMENT = 16

# A gradient of at least this many elements is used where it lies: copying it next to its neighbours would
# cost more memory traffic than the call that it saves (64 KiB of float32 take about as long as a call).
DIRECT_SIZE = 16384


@dataclass(frozen=True)
class Place:
    """A stretch of a flat tensor: which one, and where it starts."""

    flat: Tensor
    start: int


@dataclass(frozen=True)
class Segment:
    """Variables that one call updates: they follow each other both in their flat tensor and in the state.

    Attributes:
        members: positions of the variables in the arena.
        w: their values, 1-d.
        decays: whether weight decay applies to them.
        state: the optimizer's state for them, 1-d tensors by name.
        gradient, views: where the gradients of several members are put side by side; empty for one member.
    """

    members: tuple[int, ...]
    w: Tensor
    decays: bool
    state: dict[str, Tensor]
    gradient: Tensor | None = None
    views: list[Tensor] = field(default_factory=list)

    def collect(self, gradients: Sequence[Any]) -> Tensor:
        """Return the members' gradients as one 1-d tensor; `gradients` are those of the whole arena."""
        if self.gradient is None:
            return _core.reshape(gradients[self.members[0]], (-1,))
        _core.assign_each(self.views, [gradients[member] for member in self.members])
        return self.gradient


class Arena:
    """The variables of one optimizer, in its order, and the layout of its state.

    Args:
        variables: float variables; those that lie in no flat tensor yet are moved into a new one.
    """

    def __init__(self, variables: Sequence[Variable]) -> None:
        self.variables = list(variables)
        self.shapes = [variable.shape for variable in self.variables]
        self.dtypes = [variable.dtype for variable in self.variables]
        self.device = _one_device(self.variables)
        self._values = _settle(self.variables, self.device)
        self._starts, self._sizes = _layout(self.variables)
        self._gradients = self.state(0.0)

    def state(self, value: float) -> Flats:
        """Return new flat state filled with `value`: one tensor for each dtype of variables."""
        return {
            dtype: _core.full((size,), value, dtype=dtype, device=self.device)
            for dtype, size in self._sizes.items()
        }

    def move(self, device: str, moved: dict[int, Tensor]) -> None:
        """Put the variables and their gradients on another device, side by side as they are.

        Args:
            moved: flat tensors that were moved already, by their old addresses; new ones are added.
        """
        for variable, place in zip(self.variables, self._values, strict=True):
            if _place(variable) is None:
                variable._move(device)
                continue
            key = _core.address(place.flat)
            flat = moved[key] if key in moved else place.flat.to(device)
            moved[key] = flat
            _bind(variable, flat, place.start)
        self._values = _settle(self.variables, device)
        self._gradients = {dtype: flat.to(device) for dtype, flat in self._gradients.items()}
        self.device = device

    def view(self, state: Flats, position: int) -> Tensor:
        """Return the part of `state` that belongs to one variable, in the variable's shape."""
        shape, start = self.shapes[position], self._starts[position]
        flat = state[self.dtypes[position]]
        return _core.reshape(flat[start : start + self.variables[position].size], shape)

    def segments(
        self,
        members: Sequence[int],
        decays: Sequence[bool],
        apart: Sequence[Hashable],
        state: dict[str, Flats],
        placed: bool = False,
    ) -> list[Segment]:
        """Divide variables into as few segments as their order in memory allows.

        Args:
            members: positions of the variables to update, rising.
            decays: for each variable of the arena, whether weight decay applies to it.
            apart: a key for each variable of the arena; different keys are not put together.
            state: all state of the optimizer, by name.
            placed: whether gradients are in their `places`, so that none is to be copied.
        """
        runs: list[list[int]] = []
        for member in members:
            last = runs[-1][-1] if runs else None
            if last is not None and apart[last] == apart[member] and self._joins(last, member, placed):
                runs[-1].append(member)
            else:
                runs.append([member])
        return [self._segment(run, decays[run[0]], state, placed) for run in runs]

    def places(self) -> list[Tensor]:
        """Return, for each variable, memory for its gradient, in the order of the state."""
        return [self.view(self._gradients, position) for position in range(len(self.variables))]

    def _joins(self, a: int, b: int, placed: bool) -> bool:
        """Whether b follows a both in memory and in the state, and both gradients are worth copying, or are there."""
        small = placed or max(self.variables[a].size, self.variables[b].size) < DIRECT_SIZE
        near = b == a + 1 and self._values[a].flat is self._values[b].flat
        distance = self._values[b].start - self._values[a].start
        return small and near and distance == self._starts[b] - self._starts[a]

    def _segment(self, run: list[int], decays: bool, state: dict[str, Flats], placed: bool) -> Segment:
        first, last, dtype = run[0], run[-1], self.dtypes[run[0]]
        start = self._starts[first]
        stop = self._starts[last] + self.variables[last].size
        place = self._values[first]
        w = place.flat[place.start : place.start + stop - start]
        parts = {name: flats[dtype][start:stop] for name, flats in state.items()}
        if len(run) == 1 and not placed:
            return Segment((first,), w, decays, parts)
        views = [self.view(self._gradients, member) for member in run]
        return Segment(tuple(run), w, decays, parts, self._gradients[dtype][start:stop], views)


def _layout(variables: Sequence[Variable]) -> tuple[list[int], dict[Dtype, int]]:
    """Return where each variable starts in the flat tensor of its dtype, and the sizes of those tensors."""
    starts: list[int] = []
    sizes: dict[Dtype, int] = {}
    for variable in variables:
        dtype = variable.dtype
        start = sizes.get(dtype, 0)
        starts.append(start)
        sizes[dtype] = start + -(-variable.size // ALIGNMENT) * ALIGNMENT
    return starts, sizes


def _one_device(variables: Sequence[Variable]) -> str:
    """Return where the variables are.

    Raises:
        DeviceError: they are on several devices.
    """
    devices = {variable.device: variable.path for variable in variables}
    if len(devices) > 1:
        where = ", ".join(f"{path!r} on {device}" for device, path in devices.items())
        raise _core.DeviceError(
            f"an optimizer's variables must be on one device: {where}; use model.to(device)"
        )
    return next(iter(devices), "cpu")


def _settle(variables: Sequence[Variable], device: str) -> list[Place]:
    """Return where each variable lies, after moving those that lie alone into new flat tensors."""
    alone = [variable for variable in variables if _place(variable) is None]
    starts, sizes = _layout(alone)
    flats = {dtype: _core.zeros((size,), dtype=dtype, device=device) for dtype, size in sizes.items()}
    for variable, start in zip(alone, starts, strict=True):
        flat = flats[variable.dtype]
        _core.reshape(flat[start : start + variable.size], variable.shape)._assign(variable)
        _bind(variable, flat, start)
    return [vars(variable)["_place"] for variable in variables]


def _bind(variable: Variable, flat: Tensor, start: int) -> None:
    variable._rebind(_core.reshape(flat[start : start + variable.size], variable.shape))
    vars(variable)["_place"] = Place(flat, start)


def _place(variable: Variable) -> Place | None:
    """Return where a variable was moved to, if it still lies there."""
    place: Place | None = vars(variable).get("_place")
    if place is None or place.flat.dtype != variable.dtype:
        return None
    here = _core.address(place.flat) + place.start * place.flat.strides[0]
    return place if here == _core.address(variable) else None
