"""How well predictions follow targets: R², Pearson's and the concordance correlation. Formulas as in Keras 3."""

from __future__ import annotations

import warnings
from typing import Any

from .. import _core
from .._core import Tensor
from ..losses.loss import align, align_weights
from ..losses.regression import EPSILON
from .metric import FunctionMetric, Metric, registry

AGGREGATIONS = (None, "uniform_average", "variance_weighted_average")


@registry.register("r2_score")
class R2Score(Metric):
    """1 - (sum of squared errors) / (sum of squared distances of the targets from their mean).

    1 is perfect, 0 is no better than the mean.

    Args:
        class_aggregation: over outputs: their mean, their mean by variance, or None for one score each.
        num_regressors: if positive, the score is adjusted for this number of inputs.
        name, dtype: as for `Metric`.

    Raises:
        ValueError: another aggregation, or num_regressors is negative.
    """

    direction = "up"

    def __init__(
        self,
        class_aggregation: str | None = "uniform_average",
        num_regressors: int = 0,
        name: str | None = "r2_score",
        dtype: Any = None,
    ) -> None:
        super().__init__(dtype, name)
        if class_aggregation not in AGGREGATIONS:
            known = ", ".join(map(repr, AGGREGATIONS))
            raise ValueError(f"R2Score: class_aggregation must be one of {known}, got {class_aggregation!r}")
        if num_regressors < 0:
            raise ValueError(f"R2Score: num_regressors must not be negative, got {num_regressors!r}")
        self.class_aggregation, self.num_regressors = class_aggregation, num_regressors
        self.num_samples = self.add_weight(name="num_samples")
        self._built = False

    def _build(self, outputs: int) -> None:
        self.squared_sum, self.sum, self.total_mse, self.count = (
            self.add_weight((outputs,), name=name) for name in ("squared_sum", "sum", "residual", "count")
        )
        self._built = True

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add a batch.

        Args:
            y_true, y_pred: shape (n, outputs).
            sample_weight: a scalar, or shape (n,) or (n, outputs).

        Raises:
            ShapeError: the shapes are not these.
        """
        true, pred = align(self.name, y_true, _core.stop_gradient(_core.asarray(y_pred)))
        if pred.ndim != 2:
            raise _core.ShapeError(f"{self.name}: expected predictions (n, outputs), got shape {pred.shape}")
        if not self._built:
            self._build(pred.shape[1])
        weight = _core.ones_like(pred)
        if sample_weight is not None:
            weight = weight * align_weights(self.name, sample_weight, pred)
        for total, values in (
            (self.sum, true),
            (self.squared_sum, _core.square(true)),
            (self.total_mse, _core.squared_difference(true, pred)),
            (self.count, _core.ones_like(true)),
        ):
            total.assign_add(_core.sum(values * weight, axis=0))
        self.num_samples.assign_add(float(true.size))

    def result(self) -> Tensor:
        if not self._built:
            return _core.zeros((), dtype=self.dtype)
        spread = self.squared_sum - self.sum * (self.sum / self.count)
        scores = 1.0 - self.total_mse / spread
        scores = _core.where(_core.isinf(scores), 0.0, scores)
        if self.class_aggregation == "uniform_average":
            scores = _core.mean(scores)
        elif self.class_aggregation == "variance_weighted_average":
            scores = _core.sum(spread * scores) / _core.sum(spread)
        return self._adjusted(scores) if self.num_regressors else scores

    def _adjusted(self, score: Tensor) -> Tensor:
        left = float(self.num_samples) - self.num_regressors - 1.0
        if left <= 0:
            warnings.warn(
                f"{self.name}: too few samples to adjust for {self.num_regressors} regressors; not adjusted",
                stacklevel=3,
            )
            return score
        return 1.0 - (1.0 - score) * ((float(self.num_samples) - 1.0) / left)

    def get_config(self) -> dict[str, Any]:
        own = {"class_aggregation": self.class_aggregation, "num_regressors": self.num_regressors}
        return {**super().get_config(), **own}


def pearson_correlation(y_true: Any, y_pred: Any, axis: int = -1) -> Tensor:
    """Mean over `axis` of the product of targets and predictions, each moved and scaled to mean 0, deviation 1."""
    true, pred = align("pearson_correlation", y_true, y_pred)
    return _core.mean(_standard(true, axis) * _standard(pred, axis), axis=axis)


def _standard(x: Tensor, axis: int) -> Tensor:
    centered = x - _core.mean(x, axis=axis, keepdims=True)
    return centered / _core.std(centered, axis=axis, keepdims=True)


def concordance_correlation(y_true: Any, y_pred: Any, axis: int = -1) -> Tensor:
    """2 cov / (var t + var p + (mean t - mean p)²) along `axis`: how near predictions are to the line p = t."""
    true, pred = align("concordance_correlation", y_true, y_pred)
    true_mean, pred_mean = (_core.mean(x, axis=axis, keepdims=True) for x in (true, pred))
    variance = _core.var(true, axis=axis, keepdims=True) + _core.var(pred, axis=axis, keepdims=True)
    # The targets need no centring: the predictions' deviations sum to 0.
    products = (true - pred_mean) * (pred - pred_mean)
    return _core.mean(2.0 * products / (variance + _core.square(true_mean - pred_mean) + EPSILON), axis=axis)


@registry.register("pearson_correlation")
class PearsonCorrelation(FunctionMetric):
    """Mean of `pearson_correlation`."""

    direction = "up"

    def __init__(self, name: str | None = "pearson_correlation", dtype: Any = None, axis: int = -1) -> None:
        super().__init__(pearson_correlation, name, dtype, axis=axis)


@registry.register("concordance_correlation")
class ConcordanceCorrelation(FunctionMetric):
    """Mean of `concordance_correlation`."""

    direction = "up"

    def __init__(
        self, name: str | None = "concordance_correlation", dtype: Any = None, axis: int = -1
    ) -> None:
        super().__init__(concordance_correlation, name, dtype, axis=axis)
