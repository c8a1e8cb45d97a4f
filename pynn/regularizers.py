"""Penalties on weights, added to the loss as they are (summed over the weights, never averaged)."""

from __future__ import annotations

from typing import Any

from . import _core
from ._core import Tensor
from .registry import Registry
from .serialization import provide, serialize_keras_object

registry = Registry("regularizer")

_TINY = 1e-12  # square of the length below which a vector has no direction


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

    def __init__(self, l1: float | None = 0.01) -> None:
        self.l1 = _strength("l1", 0.01 if l1 is None else l1)

    def __call__(self, x: Tensor) -> Tensor:
        return self.l1 * _core.sum(_core.abs(x))

    def get_config(self) -> dict[str, Any]:
        return {"l1": _in_float32(self.l1)}


@registry.register("l2")
class L2(Regularizer):
    """`l2 * sum(x ** 2)`: keeps weights small ("weight decay" of plain SGD)."""

    def __init__(self, l2: float | None = 0.01) -> None:
        self.l2 = _strength("l2", 0.01 if l2 is None else l2)

    def __call__(self, x: Tensor) -> Tensor:
        return self.l2 * _core.sum(_core.square(x))


@registry.register("l1_l2", "l1l2")
class L1L2(Regularizer):
    """`l1 * sum(|x|) + l2 * sum(x ** 2)`."""

    def __init__(self, l1: float | None = 0.0, l2: float | None = 0.0) -> None:
        self.l1, self.l2 = _strength("l1", l1 or 0.0), _strength("l2", l2 or 0.0)

    def __call__(self, x: Tensor) -> Tensor:
        return self.l1 * _core.sum(_core.abs(x)) + self.l2 * _core.sum(_core.square(x))


@registry.register("orthogonal_regularizer")
class OrthogonalRegularizer(Regularizer):
    """`factor` times the mean size of the cosines between rows (or columns): pushes them to right angles.

    Args:
        factor: strength.
        mode: "rows" or "columns".

    Raises:
        ValueError: another mode; or (when called) the weight is no matrix.
    """

    def __init__(self, factor: float = 0.01, mode: str = "rows") -> None:
        if mode not in ("rows", "columns"):
            raise ValueError(f"OrthogonalRegularizer: mode must be 'rows' or 'columns', got {mode!r}")
        self.factor, self.mode = _strength("factor", factor), mode

    def __call__(self, x: Tensor) -> Tensor:
        if x.ndim != 2:
            raise ValueError(f"OrthogonalRegularizer: needs a matrix, got shape {x.shape}")
        rows = x if self.mode == "rows" else _core.matrix_transpose(x)
        squares = _core.sum(_core.square(rows), axis=1, keepdims=True)
        unit = rows * _core.rsqrt(_core.maximum(squares, _TINY))
        count = len(rows)
        others = 1.0 - _core.eye(count, dtype=x.dtype)
        cosines = _core.abs(_core.matmul(unit, _core.matrix_transpose(unit)) * others)
        return self.factor * _core.sum(cosines) / (count * (count - 1))

    def get_config(self) -> dict[str, Any]:
        return {"factor": _in_float32(self.factor), "mode": self.mode}


l1 = L1
l2 = L2
l1_l2 = L1L2
orthogonal_regularizer = OrthogonalRegularizer


def get(identifier: Any) -> Any:
    """Return the regularizer for a name, config, callable or object; None gives None."""
    return registry.get(identifier)


def serialize(regularizer: Any) -> Any:
    """Return the config, in Keras's form, that `get` turns back into `regularizer`."""
    return serialize_keras_object(regularizer)


def deserialize(config: Any) -> Any:
    """Make a regularizer from what `serialize` returned; the same as `get`."""
    return get(config)


def _in_float32(value: float) -> float:
    """Return a strength as Keras writes it, which keeps these as float32."""
    return float(_core.asarray(value, dtype="float32"))


def _strength(name: str, value: float) -> float:
    if not 0 <= value < float("inf"):
        raise ValueError(f"regularizer strength {name} must be a finite number >= 0, got {value}")
    return float(value)


provide("keras.regularizers", globals(), __name__)
