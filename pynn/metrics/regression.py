"""Losses as metrics: averaged over an epoch instead of minimised. Names and defaults are those of Keras 3."""

from __future__ import annotations

from typing import Any, ClassVar

from .. import _core, losses
from .._core import Tensor
from ..losses.loss import align
from .metric import Averaging, FunctionMetric, registry


class ErrorMetric(FunctionMetric):
    """What the errors share: smaller is better."""

    direction = "down"


@registry.register("mean_squared_error", "mse", "MSE")
class MeanSquaredError(ErrorMetric):
    """Mean of `losses.mean_squared_error`."""

    def __init__(self, name: str | None = "mean_squared_error", dtype: Any = None) -> None:
        super().__init__(losses.mean_squared_error, name, dtype)


@registry.register("root_mean_squared_error")
class RootMeanSquaredError(Averaging):
    """Square root of the mean of (y_true - y_pred)² over all samples."""

    direction = "down"

    def __init__(self, name: str | None = "root_mean_squared_error", dtype: Any = None) -> None:
        super().__init__(name, dtype)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add a batch; shapes as for `losses.mean_squared_error`."""
        true, pred = align("root_mean_squared_error", y_true, _core.stop_gradient(_core.asarray(y_pred)))
        self._accumulate(_core.squared_difference(pred, true), sample_weight)

    def result(self) -> Tensor:
        return _core.sqrt(super().result())


@registry.register("mean_absolute_error", "mae", "MAE")
class MeanAbsoluteError(ErrorMetric):
    """Mean of `losses.mean_absolute_error`."""

    def __init__(self, name: str | None = "mean_absolute_error", dtype: Any = None) -> None:
        super().__init__(losses.mean_absolute_error, name, dtype)


@registry.register("mean_absolute_percentage_error", "mape", "MAPE")
class MeanAbsolutePercentageError(ErrorMetric):
    """Mean of `losses.mean_absolute_percentage_error`."""

    def __init__(self, name: str | None = "mean_absolute_percentage_error", dtype: Any = None) -> None:
        super().__init__(losses.mean_absolute_percentage_error, name, dtype)


@registry.register("mean_squared_logarithmic_error", "msle", "MSLE")
class MeanSquaredLogarithmicError(ErrorMetric):
    """Mean of `losses.mean_squared_logarithmic_error`."""

    def __init__(self, name: str | None = "mean_squared_logarithmic_error", dtype: Any = None) -> None:
        super().__init__(losses.mean_squared_logarithmic_error, name, dtype)


@registry.register("binary_crossentropy", "bce", "BCE")
class BinaryCrossentropy(ErrorMetric):
    """Mean of `losses.binary_crossentropy`."""

    def __init__(
        self,
        name: str | None = "binary_crossentropy",
        dtype: Any = None,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
    ) -> None:
        options = {"from_logits": from_logits, "label_smoothing": label_smoothing}
        super().__init__(losses.binary_crossentropy, name, dtype, **options)


@registry.register("categorical_crossentropy")
class CategoricalCrossentropy(ErrorMetric):
    """Mean of `losses.categorical_crossentropy`."""

    def __init__(
        self,
        name: str | None = "categorical_crossentropy",
        dtype: Any = None,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
    ) -> None:
        options = {"from_logits": from_logits, "label_smoothing": label_smoothing, "axis": axis}
        super().__init__(losses.categorical_crossentropy, name, dtype, **options)


@registry.register("sparse_categorical_crossentropy")
class SparseCategoricalCrossentropy(ErrorMetric):
    """Mean of `losses.sparse_categorical_crossentropy`."""

    def __init__(
        self,
        name: str | None = "sparse_categorical_crossentropy",
        dtype: Any = None,
        from_logits: bool = False,
        ignore_class: int | None = None,
        axis: int = -1,
    ) -> None:
        options = {"from_logits": from_logits, "ignore_class": ignore_class, "axis": axis}
        super().__init__(losses.sparse_categorical_crossentropy, name, dtype, **options)


@registry.register("kl_divergence", "kld", "KLD")
class KLDivergence(ErrorMetric):
    """Mean of `losses.kl_divergence`."""

    def __init__(self, name: str | None = "kl_divergence", dtype: Any = None) -> None:
        super().__init__(losses.kl_divergence, name, dtype)


@registry.register("poisson")
class Poisson(ErrorMetric):
    """Mean of `losses.poisson`."""

    def __init__(self, name: str | None = "poisson", dtype: Any = None) -> None:
        super().__init__(losses.poisson, name, dtype)


def _cosine(y_true: Any, y_pred: Any, axis: int) -> Tensor:
    return -losses.cosine_similarity(y_true, y_pred, axis)


@registry.register("cosine_similarity")
class CosineSimilarity(FunctionMetric):
    """Mean cosine between targets and predictions; 1 is the same direction (the loss has the other sign)."""

    direction = "up"
    unwritten: ClassVar[dict[str, Any]] = {"axis": -1}

    def __init__(self, name: str | None = "cosine_similarity", dtype: Any = None, axis: int = -1) -> None:
        super().__init__(_cosine, name, dtype, axis=axis)


@registry.register("log_cosh_error")
class LogCoshError(ErrorMetric):
    """Mean of `losses.log_cosh`."""

    def __init__(self, name: str | None = "logcosh", dtype: Any = None) -> None:
        super().__init__(losses.log_cosh, name, dtype)


@registry.register("hinge")
class Hinge(ErrorMetric):
    """Mean of `losses.hinge`."""

    def __init__(self, name: str | None = "hinge", dtype: Any = None) -> None:
        super().__init__(losses.hinge, name, dtype)


@registry.register("squared_hinge")
class SquaredHinge(ErrorMetric):
    """Mean of `losses.squared_hinge`."""

    def __init__(self, name: str | None = "squared_hinge", dtype: Any = None) -> None:
        super().__init__(losses.squared_hinge, name, dtype)


@registry.register("categorical_hinge")
class CategoricalHinge(ErrorMetric):
    """Mean of `losses.categorical_hinge`."""

    def __init__(self, name: str | None = "categorical_hinge", dtype: Any = None) -> None:
        super().__init__(losses.categorical_hinge, name, dtype)
