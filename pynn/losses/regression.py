"""Losses for numbers: how far predictions lie from targets of the same shape.

Every function averages over the last axis and returns one loss for each sample; the class of the same name
reduces those to a number. Names, arguments and formulas are those of Keras 3.
"""

from __future__ import annotations

import math
from typing import Any, ClassVar

from .. import _core
from .._core import Tensor
from .loss import BuiltinLoss, align, registry

EPSILON = 1e-7  # Keras's backend.epsilon(): keeps logarithms and quotients finite


@registry.register("mean_squared_error", "mse", "MSE")
def mean_squared_error(y_true: Any, y_pred: Any) -> Tensor:
    """Mean over the last axis of (y_true - y_pred)².

    Args:
        y_true: targets, numeric, of the predictions' shape (a last axis of size 1 may be missing in one).
        y_pred: predictions, float, shape (..., D).

    Returns:
        Tensor of shape (...).

    Raises:
        ShapeError: the shapes do not match.
    """
    true, pred = align("mean_squared_error", y_true, y_pred)
    return _core.mean(_core.squared_difference(pred, true), axis=-1)


@registry.register("mean_absolute_error", "mae", "MAE")
def mean_absolute_error(y_true: Any, y_pred: Any) -> Tensor:
    """Mean over the last axis of |y_true - y_pred|. Arguments as for `mean_squared_error`."""
    true, pred = align("mean_absolute_error", y_true, y_pred)
    return _core.mean(_core.absolute_difference(pred, true), axis=-1)


@registry.register("mean_absolute_percentage_error", "mape", "MAPE")
def mean_absolute_percentage_error(y_true: Any, y_pred: Any) -> Tensor:
    """100 times the mean over the last axis of |y_true - y_pred| / max(|y_true|, 1e-7)."""
    true, pred = align("mean_absolute_percentage_error", y_true, y_pred)
    size = _core.maximum(_core.abs(true), EPSILON)
    return 100.0 * _core.mean(_core.absolute_difference(pred, true) / size, axis=-1)


@registry.register("mean_squared_logarithmic_error", "msle", "MSLE")
def mean_squared_logarithmic_error(y_true: Any, y_pred: Any) -> Tensor:
    """Mean over the last axis of (log(y_true + 1) - log(y_pred + 1))², both first raised to at least 1e-7."""
    true, pred = align("mean_squared_logarithmic_error", y_true, y_pred)
    log_true = _core.log(_core.maximum(true, EPSILON) + 1.0)
    log_pred = _core.log(_core.maximum(pred, EPSILON) + 1.0)
    return _core.mean(_core.squared_difference(log_pred, log_true), axis=-1)


@registry.register("cosine_similarity")
def cosine_similarity(y_true: Any, y_pred: Any, axis: int = -1) -> Tensor:
    """Minus the cosine of the angle between targets and predictions along `axis`; a zero vector gives 0.

    -1 means the same direction: minimising it makes predictions point where the targets do.
    """
    true, pred = align("cosine_similarity", y_true, y_pred)
    return -_core.sum(_unit(true, axis) * _unit(pred, axis), axis=axis)


def _unit(x: Tensor, axis: int) -> Tensor:
    """x / max(‖x‖, 1e-7) along `axis`."""
    squares = _core.sum(_core.square(x), axis=axis, keepdims=True)
    return x * _core.rsqrt(_core.maximum(squares, EPSILON**2))


@registry.register("huber")
def huber(y_true: Any, y_pred: Any, delta: float = 1.0) -> Tensor:
    """Mean over the last axis of e²/2 where |e| <= delta and delta (|e| - delta/2) elsewhere.

    e is y_pred - y_true. An outlier pulls less than with `mean_squared_error`.
    """
    true, pred = align("huber", y_true, y_pred)
    return _core.mean(_core.huber(pred - true, delta), axis=-1)


@registry.register("log_cosh")
def log_cosh(y_true: Any, y_pred: Any) -> Tensor:
    """Mean over the last axis of log(cosh(e)), e = y_pred - y_true.

    Computed as e + softplus(-2 e) - log 2, which does not overflow for large e.
    """
    true, pred = align("log_cosh", y_true, y_pred)
    error = pred - true
    return _core.mean(error + _core.softplus(-2.0 * error) - math.log(2.0), axis=-1)


@registry.register()
class MeanSquaredError(BuiltinLoss):
    """`mean_squared_error` as an object: `MeanSquaredError()(y_true, y_pred)` is a 0-d tensor."""

    function = staticmethod(mean_squared_error)

    def mean(self, y_true: Any, y_pred: Tensor) -> Tensor:
        true, pred = align(self.name, y_true, y_pred)
        return _core.mean_squared_error(pred, true)


@registry.register()
class MeanAbsoluteError(BuiltinLoss):
    """`mean_absolute_error` as an object."""

    function = staticmethod(mean_absolute_error)

    def mean(self, y_true: Any, y_pred: Tensor) -> Tensor:
        true, pred = align(self.name, y_true, y_pred)
        return _core.mean_absolute_error(pred, true)


@registry.register()
class MeanAbsolutePercentageError(BuiltinLoss):
    """`mean_absolute_percentage_error` as an object."""

    function = staticmethod(mean_absolute_percentage_error)


@registry.register()
class MeanSquaredLogarithmicError(BuiltinLoss):
    """`mean_squared_logarithmic_error` as an object."""

    function = staticmethod(mean_squared_logarithmic_error)


@registry.register()
class CosineSimilarity(BuiltinLoss):
    """`cosine_similarity` as an object."""

    function = staticmethod(cosine_similarity)
    unwritten: ClassVar[dict[str, Any]] = {"axis": -1}

    def __init__(
        self,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(reduction, name, dtype, axis=axis)


@registry.register()
class Huber(BuiltinLoss):
    """`huber` as an object.

    Raises:
        ValueError: delta is not positive.
    """

    function = staticmethod(huber)
    unwritten: ClassVar[dict[str, Any]] = {"delta": 1.0}

    def __init__(
        self,
        delta: float = 1.0,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "huber_loss",
        dtype: Any = None,
    ) -> None:
        if not delta > 0:
            raise ValueError(f"Huber: delta must be positive, got {delta!r}")
        super().__init__(reduction, name, dtype, delta=delta)


@registry.register()
class LogCosh(BuiltinLoss):
    """`log_cosh` as an object."""

    function = staticmethod(log_cosh)
