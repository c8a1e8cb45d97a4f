"""Metrics from counts of right and wrong positives: precision, recall, area under the ROC or PR curve.

Predictions are probabilities of one event (or of several, counted together), targets are 0 and 1.
Formulas are those of Keras 3; the area is the trapezoid rule over evenly spaced thresholds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import _core
from .._core import Tensor
from ..losses.loss import align, align_weights
from .metric import Metric, registry


def _divide(a: Tensor, b: Tensor) -> Tensor:
    """a / b, and 0 where b is 0."""
    return _core.where(b == 0, 0.0, a / _core.where(b == 0, 1.0, b))


class _Counts(Metric):
    """Weighted counts above T thresholds (true and false positives), and of all positives and negatives."""

    direction = "up"

    def __init__(
        self,
        thresholds: Sequence[float],
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(dtype, name)
        self.class_id = class_id
        self._edges = _core.asarray([[float(t)] for t in thresholds], dtype="float32")
        self.above = self.add_weight((len(thresholds), 2), name="above")  # true, false positives
        self.seen = self.add_weight((1, 2), name="seen")  # positives, negatives

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add a batch.

        Args:
            y_true: 0 and 1, bool or numeric, of the predictions' shape.
            y_pred: probabilities.
            sample_weight: a scalar, or shape (n,) or the leading axes of the predictions.

        Raises:
            ShapeError: the shapes do not match.
        """
        true, pred = align(self.name, y_true, _core.stop_gradient(_core.asarray(y_pred)))
        weight = _core.ones_like(pred)
        if sample_weight is not None:
            weight = weight * align_weights(self.name, sample_weight, pred)
        if self.class_id is not None:
            true, pred, weight = (t[..., self.class_id] for t in (true, pred, weight))
        positive = (true != 0).astype(pred.dtype)
        sides = _core.stack([positive * weight, (1.0 - positive) * weight], axis=-1)
        sides = _core.reshape(sides, (-1, 2))
        above = (_core.reshape(pred, (1, -1)) > self._edges).astype(pred.dtype)
        self.above.assign_add(_core.matmul(above, sides))
        self.seen.assign_add(_core.sum(sides, axis=0, keepdims=True))


class _Ratio(_Counts):
    """True positives over something else, at one threshold or at several."""

    def __init__(
        self,
        thresholds: float | Sequence[float] | None = None,
        top_k: int | None = None,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        if top_k is not None:
            raise ValueError(f"{type(self).__name__}: top_k is not supported; use TopKCategoricalAccuracy")
        self.thresholds = _as_thresholds(type(self).__name__, thresholds)
        super().__init__(self.thresholds, class_id, name, dtype)

    def _ratio(self, of: Tensor) -> Tensor:
        ratio = _divide(self.above[:, 0], of)
        return ratio[0] if len(self.thresholds) == 1 else ratio

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "thresholds": self.thresholds, "class_id": self.class_id}


def _as_thresholds(name: str, thresholds: float | Sequence[float] | None) -> list[float]:
    values = [0.5] if thresholds is None else thresholds
    values = list(values) if isinstance(values, Sequence) else [values]
    if not values or not all(0 <= value <= 1 for value in values):
        raise ValueError(f"{name}: thresholds must lie in [0, 1], got {thresholds!r}")
    return values


@registry.register("precision")
class Precision(_Ratio):
    """Share of the positive predictions that are right: TP / (TP + FP), 0 when there was none.

    Args:
        thresholds: above which a prediction is positive, 0.5 by default; a list gives one result each.
        top_k: refused unless None.
        class_id: look at this entry of the last axis only.
        name, dtype: as for `Metric`.

    Raises:
        ValueError: a threshold outside [0, 1], or top_k.
    """

    def result(self) -> Tensor:
        return self._ratio(self.above[:, 0] + self.above[:, 1])


@registry.register("recall")
class Recall(_Ratio):
    """Share of the positives that are found: TP / (TP + FN), 0 when there was none.

    Arguments as for `Precision`.
    """

    def result(self) -> Tensor:
        return self._ratio(_core.broadcast_to(self.seen[:, 0], (len(self.thresholds),)))


@registry.register("auc")
class AUC(_Counts):
    """Area under the curve of true positive rate over false positive rate (ROC), by the trapezoid rule.

    Args:
        num_thresholds: points of the curve, 200 by default; more is finer.
        curve: "ROC"; other curves are refused.
        name, dtype: as for `Metric`.

    Raises:
        ValueError: fewer than two thresholds, or another curve.
    """

    def __init__(
        self, num_thresholds: int = 200, curve: str = "ROC", name: str | None = None, dtype: Any = None
    ) -> None:
        if num_thresholds < 2:
            raise ValueError(f"AUC: num_thresholds must be at least 2, got {num_thresholds!r}")
        if curve != "ROC":
            raise ValueError(f"AUC: curve must be 'ROC', got {curve!r}")
        self.num_thresholds = num_thresholds
        inner = [i / (num_thresholds - 1) for i in range(1, num_thresholds - 1)]
        # The ends lie just outside [0, 1], so that probabilities 0 and 1 are on the curve.
        super().__init__([-1e-7, *inner, 1.0 + 1e-7], None, name, dtype)

    def result(self) -> Tensor:
        rates = _divide(self.above, _core.broadcast_to(self.seen, self.above.shape))
        found, false = rates[:, 0], rates[:, 1]
        return _core.sum((false[:-1] - false[1:]) * (found[:-1] + found[1:])) / 2.0

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "num_thresholds": self.num_thresholds}
