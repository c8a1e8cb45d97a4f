"""WeightOwner: the part of a layer that makes, finds, freezes, reads and sets weights; no computation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from .. import constraints, initializers, regularizers
from .._core import ShapeError, Tensor
from ..variable import Variable


class WeightOwner:
    """What holds weights: its own, and those of every owner that it keeps in an attribute.

    Attributes are looked through when the weights are asked for, lists, tuples and dicts included, so an
    owner that is appended to a list later is found too.
    """

    name: str
    dtype: str
    built: bool
    _trainable: bool
    _added_weights: list[Variable]
    _added_losses: list[Tensor]

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
        variable = Variable(initializers.get(initializer), shape, dtype, trainable, name)
        variable.trainable = trainable and self._trainable
        variable.path = f"{self.name}/{variable.name}"
        variable.regularizer = regularizers.get(regularizer)
        variable.constraint = constraints.get(constraint)
        self._added_weights.append(variable)
        return variable

    @property
    def trainable(self) -> bool:
        """Whether the weights learn. Setting it sets all layers and variables inside."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._trainable = bool(value)
        for owned in self._owned():
            owned.trainable = value and (isinstance(owned, WeightOwner) or owned._may_train)

    @property
    def weights(self) -> list[Variable]:
        """All variables: this layer's trainable ones, its others, then those of the layers inside."""
        found: dict[int, Variable] = {}
        for owner in self._flatten():
            own = [owned for owned in owner._owned() if isinstance(owned, Variable)]
            own.sort(key=lambda variable: not variable._may_train)
            found.update((id(variable), variable) for variable in own if id(variable) not in found)
        return list(found.values())

    @property
    def trainable_weights(self) -> list[Variable]:
        """The weights that optimizers change."""
        return [weight for weight in self.weights if weight.trainable] if self._trainable else []

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
        return self.trainable_weights

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

    def count_params(self) -> int:
        """Return the number of scalars in all weights.

        Raises:
            ValueError: the layer is not built, so the number is not known.
        """
        if not self.built:
            raise ValueError(f"{self._title()} is not built, so it has no weights to count; call build first")
        return sum(weight.size for weight in self.weights)

    def _owned(self) -> Iterator[Variable | WeightOwner]:
        """Yield variables and layers in attributes, in the order in which they were set, with repeats."""
        for value in tuple(vars(self).values()):
            yield from _unpack(value)

    def _flatten(self) -> list[WeightOwner]:
        """Return this owner and every owner inside, each once, outer before inner."""
        found: dict[int, WeightOwner] = {}
        pending: list[WeightOwner] = [self]
        while pending:
            owner = pending.pop()
            if id(owner) not in found:
                found[id(owner)] = owner
                inner = [owned for owned in owner._owned() if isinstance(owned, WeightOwner)]
                pending.extend(reversed(inner))
        return list(found.values())


def _unpack(value: Any) -> Iterator[Variable | WeightOwner]:
    if isinstance(value, (Variable, WeightOwner)):
        yield value
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _unpack(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _unpack(item)
