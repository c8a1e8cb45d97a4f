"""WeightOwner: the part of a layer that makes, finds, freezes, reads and sets weights; no computation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from types import NoneType
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import constraints, initializers, regularizers, structure
from .._core import ShapeError, Tensor
from ..devices import device
from ..structure import Container
from ..variable import Variable, read_values, write_values

if TYPE_CHECKING:
    from typing_extensions import Self

# Values of exactly these types own nothing: setting them in every call spoils nothing that was found.
_PLAIN = frozenset({NoneType, bool, int, float, str, Tensor})

# Containers of the layer's own: `add_weight` reports its changes, losses, nodes and shapes are no weights.
_REPORTED = frozenset({"_added_weights", "_added_losses", "_inbound_nodes", "_build_shapes"})


class _Found:
    """What a search through an owner found.

    Attributes:
        version: of the structure that was searched.
        containers: the lists and dicts that were looked into.
        owners: the owner and all inside, each once, outer before inner.
        weights, trainable: their variables, and those that learn.
    """

    def __init__(self) -> None:
        self.version = -1
        self.containers: list[Container] = []
        self.owners: list[WeightOwner] = []
        self.weights: list[Variable] = []
        self.trainable: list[Variable] = []

    def is_as_seen(self) -> bool:
        """Return whether the same objects are in the lists and dicts."""
        return not self.containers or all(map(Container.is_as_seen, self.containers))

    def __reduce__(self) -> tuple[type[_Found], tuple[()]]:
        return _Found, ()  # the copy of an owner is searched anew


class WeightOwner:
    """What holds weights: its own, and those of every owner that it keeps in an attribute.

    Attributes are looked through when the weights are asked for, lists, tuples and dicts included, so an
    owner that is appended to a list later is found too. What was found is remembered until something changes.
    """

    name: str
    dtype: str
    built: bool
    _trainable: bool
    _device: str | None = None
    """Where `to` put it; None where it never was asked to move."""

    _added_weights: list[Variable]
    _added_losses: list[Tensor]

    def __setattr__(self, name: str, value: Any) -> None:
        before = type(vars(self).get(name))
        super().__setattr__(name, value)
        if type(value) not in _PLAIN or before not in _PLAIN:
            structure.changed()

    def __delattr__(self, name: str) -> None:
        super().__delattr__(name)
        structure.changed()

    def _title(self) -> str:
        """Return how messages call this owner: its class and its name."""
        return f"{type(self).__name__} {self.name!r}"

    def add_weight(
        self,
        shape: tuple[int, ...] | int | None = None,
        initializer: Any = None,
        dtype: str | None = None,
        trainable: bool = True,
        regularizer: Any = None,
        constraint: Any = None,
        name: str | None = None,
    ) -> Variable:
        """Make a Variable that belongs to this layer.

        Args:
            shape: None makes a scalar.
            initializer: None means glorot_uniform for floats, zeros for everything else.
            dtype: None means the layer's.
            trainable: False for state that no optimizer changes.
            regularizer: its penalty is added to the model's loss.
            constraint: what the weight becomes after each step of an optimizer.
            name: shown after the layer's in `path`.
        """
        dtype = dtype or self.dtype
        if initializer is None:
            initializer = "glorot_uniform" if "float" in str(dtype) else "zeros"
        shape = () if shape is None else (shape,) if isinstance(shape, int) else tuple(shape)
        with nullcontext() if self._device is None else device(self._device):
            variable = Variable(initializers.get(initializer), shape, dtype, trainable, name)
        variable.trainable = trainable and self._trainable
        variable.path = f"{self.name}/{variable.name}"
        variable.regularizer = regularizers.get(regularizer)
        variable.constraint = constraints.get(constraint)
        self._added_weights.append(variable)
        structure.changed()
        return variable

    def to(self, place: str) -> Self:
        """Put all weights on a device; what is made later, and what calls compute, is there too.

        Args:
            place: "cpu", "cuda", "cuda:1" ...

        Returns:
            This object.

        Raises:
            ValueError: the name is none of a device.
            DeviceError: there is no such device; nothing has moved then.
        """
        place, before = device(place), self._device or "cpu"
        try:
            self._move(place)
        except BaseException:
            self._move(before)
            raise
        for owner in self._search().owners:
            # Not by setting an attribute, which would be a change of structure.
            vars(owner)["_device"] = str(place)
        return self

    def _move(self, place: str) -> None:
        for weight in self.weights:
            weight._move(place)

    @property
    def trainable(self) -> bool:
        """Whether the weights learn. Setting it sets all layers and variables inside."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._trainable = bool(value)
        for owned in self._owned():
            owned.trainable = value and (isinstance(owned, WeightOwner) or owned._may_train)
        structure.changed()

    @property
    def weights(self) -> list[Variable]:
        """All variables: this layer's trainable ones, its others, then those of the layers inside."""
        return list(self._search().weights)

    @property
    def trainable_weights(self) -> list[Variable]:
        """The weights that optimizers change."""
        return list(self._search().trainable)

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """The weights that optimizers leave alone."""
        return [weight for weight in self.weights if not (self._trainable and weight.trainable)]

    @property
    def variables(self) -> list[Variable]:
        """The same as `weights`."""
        return self.weights

    @property
    def trainable_variables(self) -> list[Variable]:
        """The same as `trainable_weights`."""
        return list(self._search().trainable)

    @property
    def non_trainable_variables(self) -> list[Variable]:
        """The same as `non_trainable_weights`."""
        return self.non_trainable_weights

    def get_weights(self) -> list[np.ndarray[Any, Any]]:
        """Return copies of all weights as NumPy arrays, in the order of `weights`."""
        return [weight.numpy() for weight in self.weights]

    def set_weights(self, weights: list[Any]) -> None:
        """Set all weights from arrays in the order of `weights`; nothing is set if one does not fit.

        Raises:
            ValueError: another number of arrays than weights.
            ShapeError: an array has another shape than its weight.
        """
        own, arrays = self.weights, [np.asarray(array) for array in weights]
        if len(own) != len(arrays):
            hint = "" if self.built else "; it has none before it is built"
            raise ValueError(
                f"{self._title()} has {len(own)} weights, set_weights got {len(arrays)} arrays{hint}"
            )
        for weight, array in zip(own, arrays, strict=True):
            if weight.shape != array.shape:
                raise ShapeError(
                    f"{self._title()}: weight {weight.path!r} has shape {weight.shape}, "
                    f"set_weights got {array.shape}"
                )
        for weight, array in zip(own, arrays, strict=True):
            weight.assign(array)

    def save_own_variables(self, store: Any) -> None:
        """Put the values of the layer's own variables, not those of layers inside, into `store`.

        Args:
            store: a dict of arrays, or like one. Override this, and `load_own_variables`, to write other state.
        """
        write_values(self._own_variables(), store)

    def load_own_variables(self, store: Any) -> None:
        """Set the layer's own variables from what `save_own_variables` put into `store`.

        Raises:
            ValueError: they do not fit; the message says which.
        """
        own = self._own_variables()
        if len(store.keys()) and not own and not self.built:
            raise ValueError(f"{self._title()} is not built, so it has no variables to load")
        read_values(self._title(), own, store)

    def _own_variables(self) -> list[Variable]:
        """Return the variables of this owner alone: trainable ones, then the others."""
        own = {id(owned): owned for owned in self._owned() if isinstance(owned, Variable)}
        return sorted(own.values(), key=lambda variable: not variable._may_train)

    def count_params(self) -> int:
        """Return the number of scalars in all weights.

        Raises:
            ValueError: the layer is not built, so the number is not known.
        """
        if not self.built:
            raise ValueError(f"{self._title()} is not built, so it has no weights to count; call build first")
        return sum(weight.size for weight in self.weights)

    def _owned(self, containers: list[Container] | None = None) -> Iterator[Variable | WeightOwner]:
        """Yield variables and layers in attributes, in the order in which they were set, with repeats.

        Args:
            containers: gets the lists and dicts that they were looked for in.
        """
        for name, value in tuple(vars(self).items()):
            yield from _unpack(value, None if name in _REPORTED else containers)

    def _flatten(self) -> list[WeightOwner]:
        """Return this owner and every owner inside, each once, outer before inner."""
        return self._search().owners

    def _search(self) -> _Found:
        """Return all that belongs to this owner, from memory where nothing has changed."""
        found: _Found | None = vars(self).get("_found")
        if found is None or found.version != structure.version or not found.is_as_seen():
            # Not by setting an attribute, which would be a change of structure.
            vars(self)["_found"] = found = _search(self)
        return found


def _search(root: WeightOwner) -> _Found:
    found = _Found()
    found.version = structure.version
    owners: dict[int, WeightOwner] = {}
    weights: dict[int, Variable] = {}
    pending = [root]
    while pending:
        owner = pending.pop()
        if id(owner) in owners:
            continue
        owners[id(owner)] = owner
        inside = list(owner._owned(found.containers))
        own = [owned for owned in inside if isinstance(owned, Variable)]
        own.sort(key=lambda variable: not variable._may_train)
        weights.update((id(variable), variable) for variable in own if id(variable) not in weights)
        pending.extend(reversed([owned for owned in inside if isinstance(owned, WeightOwner)]))
    found.owners, found.weights = list(owners.values()), list(weights.values())
    found.trainable = [weight for weight in found.weights if weight.trainable] if root._trainable else []
    return found


def _unpack(value: Any, containers: list[Container] | None) -> Iterator[Variable | WeightOwner]:
    if isinstance(value, (Variable, WeightOwner)):
        yield value
    elif isinstance(value, (list, tuple, dict)):
        if containers is not None and not isinstance(value, tuple):
            containers.append(Container(value))
        for item in value.values() if isinstance(value, dict) else value:
            yield from _unpack(item, containers)
