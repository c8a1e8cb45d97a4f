"""Limits on weights: after each step of an optimizer, a constrained variable becomes `constraint(variable)`.

Names, arguments and formulas are those of Keras 3. Norms are taken along `axis`: 0 for the inputs of each unit
of a Dense layer, (0, 1, 2) for each filter of a Conv2D.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from . import _core
from ._core import Tensor
from .registry import Registry
from .serialization import provide, serialize_keras_object

registry = Registry("constraint")

Axis: TypeAlias = "int | Sequence[int]"

EPSILON = 1e-7  # Keras's backend.epsilon(): keeps the quotient of a weight of zeros finite


class Constraint:
    """Base class: `__call__(w)` returns what the weight is to be, a tensor of its shape."""

    def __call__(self, w: Tensor) -> Tensor:
        raise NotImplementedError(f"{type(self).__name__} must define __call__(self, w)")

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return dict(vars(self))

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Constraint:
        """Make a constraint from what `get_config` returned."""
        return cls(**config)


@registry.register("non_neg")
class NonNeg(Constraint):
    """Negative weights become 0."""

    def __call__(self, w: Tensor) -> Tensor:
        return _core.maximum(w, 0)


@registry.register("min_max_norm")
class MinMaxNorm(Constraint):
    """Norms are kept between two values.

    Args:
        min_value, max_value: the values.
        rate: share of the way to them that each step takes; 1 is all of it.
        axis: along which norms are taken.
    """

    def __init__(
        self, min_value: float = 0.0, max_value: float = 1.0, rate: float = 1.0, axis: Axis = 0
    ) -> None:
        self.min_value, self.max_value, self.rate, self.axis = min_value, max_value, rate, axis

    def __call__(self, w: Tensor) -> Tensor:
        norms = _norms(w, self.axis)
        wanted = self.rate * _core.clip(norms, self.min_value, self.max_value) + (1.0 - self.rate) * norms
        return w * (wanted / (EPSILON + norms))


@registry.register("max_norm")
class MaxNorm(Constraint):
    """Norms above `max_value` are scaled down to it; `axis` is where they are taken along."""

    def __init__(self, max_value: float = 2, axis: Axis = 0) -> None:
        self.max_value, self.axis = max_value, axis

    def __call__(self, w: Tensor) -> Tensor:
        norms = _norms(w, self.axis)
        return w * (_core.minimum(norms, self.max_value) / (EPSILON + norms))


@registry.register("unit_norm")
class UnitNorm(Constraint):
    """Norms are 1; `axis` is where they are taken along."""

    def __init__(self, axis: Axis = 0) -> None:
        self.axis = axis

    def __call__(self, w: Tensor) -> Tensor:
        return w / (EPSILON + _norms(w, self.axis))


max_norm = MaxNorm
min_max_norm = MinMaxNorm
non_neg = NonNeg
unit_norm = UnitNorm


def get(identifier: Any) -> Any:
    """Return the constraint for a name, config, callable or object; None gives None."""
    return registry.get(identifier)


def serialize(constraint: Any) -> Any:
    """Return the config, in Keras's form, that `get` turns back into `constraint`."""
    return serialize_keras_object(constraint)


def deserialize(config: Any) -> Any:
    """Make a constraint from what `serialize` returned."""
    return get(config)


def _norms(w: Tensor, axis: Axis) -> Tensor:
    axes = axis if isinstance(axis, int) else tuple(axis)
    return _core.sqrt(_core.sum(_core.square(w), axis=axes, keepdims=True))


provide("keras.constraints", globals(), __name__)
