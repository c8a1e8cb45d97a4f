"""Penalties on weights, added to the loss as they are (summed over the weights, never averaged)."""

from __future__ import annotations

from typing import Any

from . import _core
from ._core import Tensor
from .registry import Registry

registry = Registry("regularizer")


class Regularizer:
    """Base class: `__call__(x)` returns the penalty of a weight, a 0-d tensor."""

    def __call__(self, x: Tensor) -> Tensor:
        raise NotImplementedError(f"{type(self).__name__} must define __call__(self, x)")

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return dict(vars(self))

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Regularizer:
        """Make a regularizer from what `get_config` returned."""
        return cls(**config)


@registry.register("l1")
class L1(Regularizer):
    """`l1 * sum(|x|)`: pushes weights to exactly 0."""

    def __init__(self, l1: float = 0.01) -> None:
        self.l1 = _strength("l1", l1)

    def __call__(self, x: Tensor) -> Tensor:
        return self.l1 * _core.sum(_core.abs(x))


@registry.register("l2")
class L2(Regularizer):
    """`l2 * sum(x ** 2)`: keeps weights small ("weight decay" of plain SGD)."""

    def __init__(self, l2: float = 0.01) -> None:
        self.l2 = _strength("l2", l2)

    def __call__(self, x: Tensor) -> Tensor:
        return self.l2 * _core.sum(_core.square(x))


@registry.register("l1_l2")
class L1L2(Regularizer):
    """`l1 * sum(|x|) + l2 * sum(x ** 2)`."""

    def __init__(self, l1: float = 0.0, l2: float = 0.0) -> None:
        self.l1, self.l2 = _strength("l1", l1), _strength("l2", l2)

    def __call__(self, x: Tensor) -> Tensor:
        return self.l1 * _core.sum(_core.abs(x)) + self.l2 * _core.sum(_core.square(x))


l1 = L1
l2 = L2
l1_l2 = L1L2


def get(identifier: Any) -> Any:
    """Return the regularizer for a name, config, callable or object; None gives None."""
    return registry.get(identifier)


def serialize(regularizer: Any) -> Any:
    """Return a config that `get` turns back into `regularizer`."""
    if not isinstance(regularizer, Regularizer):
        return regularizer
    return {"class_name": type(regularizer).__name__, "config": regularizer.get_config()}


def _strength(name: str, value: float) -> float:
    if not 0 <= value < float("inf"):
        raise ValueError(f"regularizer strength {name} must be a finite number >= 0, got {value}")
    return float(value)
