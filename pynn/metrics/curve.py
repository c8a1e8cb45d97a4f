"""Metrics of the curves that a moving threshold draws: the area under them, and their best point within a limit.

Formulas are those of Keras 3.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from .. import _core
from .._core import Tensor
from .confusion import ConfusionMetric, Counts, as_thresholds, ratio
from .metric import registry

CURVES = ("ROC", "PR", "PRGAIN")
SUMMATIONS = ("interpolation", "minoring", "majoring")


def _evenly(count: int) -> list[float]:
    """Return `count` thresholds between 0 and 1, both left out, evenly spaced with them."""
    return [i / (count + 1) for i in range(1, count + 1)]


def _steps(values: Tensor) -> Tensor:
    """Return how much each value is above the next."""
    return values[:-1] - values[1:]


@registry.register("auc")
class AUC(ConfusionMetric):
    """Area under the ROC or the precision-recall curve, as a sum over thresholds.

    Args:
        num_thresholds: points of the curve; more is finer.
        curve: "ROC" (true over false positive rate), "PR" (precision over recall) or "PRGAIN" (their gains).
        summation_method: "interpolation" between points, or the lower ("minoring") or higher ("majoring") one.
        name, dtype: as for `Metric`.
        thresholds: points in [0, 1] to use instead of evenly spaced ones.
        multi_label: average the areas of the labels, predictions being (n, labels).
        num_labels: their number, if it is to be known before the first batch.
        label_weights: how much each label counts.
        from_logits: apply a sigmoid to predictions first.

    Raises:
        ValueError: fewer than two thresholds, one outside [0, 1], another curve or summation method, or
            num_labels without multi_label.
    """

    def __init__(
        self,
        num_thresholds: int = 200,
        curve: str = "ROC",
        summation_method: str = "interpolation",
        name: str | None = None,
        dtype: Any = None,
        thresholds: Sequence[float] | None = None,
        multi_label: bool = False,
        num_labels: int | None = None,
        label_weights: Sequence[float] | None = None,
        from_logits: bool = False,
    ) -> None:
        if thresholds is None and num_thresholds < 2:
            raise ValueError(f"AUC: num_thresholds must be at least 2, got {num_thresholds!r}")
        if num_labels and not multi_label:
            raise ValueError("AUC: num_labels needs multi_label=True")
        inner = (
            _evenly(num_thresholds - 2) if thresholds is None else sorted(as_thresholds("AUC", thresholds))
        )
        self.num_thresholds, self._given = len(inner) + 2, thresholds
        self.curve = _choice("curve", curve.upper(), CURVES)
        self.summation_method = _choice("summation_method", summation_method.lower(), SUMMATIONS)
        self.multi_label, self.num_labels, self.from_logits = multi_label, num_labels, from_logits
        self.label_weights = None if label_weights is None else list(label_weights)
        # The ends lie just outside [0, 1], so that probabilities 0 and 1 are on the curve.
        self.thresholds = [-1e-7, *inner, 1.0 + 1e-7]
        labels = (num_labels or 0) if multi_label else None
        super().__init__(self.thresholds, labels=labels, name=name, dtype=dtype)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        if self.from_logits:
            y_pred = _core.sigmoid(_core.asarray(y_pred))
        super().update_state(y_true, y_pred, sample_weight)

    def _weights(self, pred: Tensor, sample_weight: Any) -> Tensor:
        weight = super()._weights(pred, sample_weight)
        if self.label_weights is None or self.multi_label:
            return weight
        return weight * _core.asarray(self.label_weights, dtype=pred.dtype)

    def result(self) -> Tensor:
        if self._above is None:
            return _core.zeros((), dtype=self.dtype)
        counts = self.counts()
        if (self.curve, self.summation_method) == ("PR", "interpolation"):
            return self._over_labels(_core.sum(_interpolated_precision(counts), axis=0))
        x, y = _POINTS[self.curve](counts)
        low, high = _core.minimum(y[:-1], y[1:]), _core.maximum(y[:-1], y[1:])
        heights = {"minoring": low, "majoring": high}.get(self.summation_method, (low + high) / 2.0)
        return self._over_labels(_core.sum(_steps(x) * heights, axis=0))

    def _over_labels(self, areas: Tensor) -> Tensor:
        if not self.multi_label:
            return areas
        if self.label_weights is None:
            return _core.mean(areas)
        weights = _core.asarray(self.label_weights, dtype=areas.dtype)
        return ratio(_core.sum(areas * weights), _core.sum(weights))

    def get_config(self) -> dict[str, Any]:
        own = ("num_thresholds", "curve", "summation_method", "multi_label", "num_labels", "label_weights")
        config = {**super().get_config(), **{name: getattr(self, name) for name in own}}
        given = {} if self._given is None else {"thresholds": self._given}
        return {**config, "from_logits": self.from_logits, **given}


def _choice(argument: str, value: str, choices: Sequence[str]) -> str:
    if value not in choices:
        raise ValueError(f"AUC: {argument} must be one of {', '.join(map(repr, choices))}, got {value!r}")
    return value


def _roc(c: Counts) -> tuple[Tensor, Tensor]:
    """x: false positive rate, y: true positive rate."""
    negatives = c.false_positives + c.true_negatives
    return ratio(c.false_positives, negatives), _recall(c)


def _precision_recall(c: Counts) -> tuple[Tensor, Tensor]:
    """x: recall, y: precision."""
    return _recall(c), _precision(c)


def _gains(c: Counts) -> tuple[Tensor, Tensor]:
    """x: recall gain, y: precision gain (Flach and Kull 2015)."""
    odds = ratio(c.true_positives + c.false_negatives, c.true_negatives + c.false_positives)
    none = c.true_positives == 0
    recall = _core.where(none, 0.0, 1.0 - odds * ratio(c.false_negatives, c.true_positives))
    precision = _core.where(none, 1.0, 1.0 - odds * ratio(c.false_positives, c.true_positives))
    return _core.relu(recall), precision


_POINTS = {"ROC": _roc, "PR": _precision_recall, "PRGAIN": _gains}


def _recall(c: Counts) -> Tensor:
    return ratio(c.true_positives, c.true_positives + c.false_negatives)


def _precision(c: Counts) -> Tensor:
    return ratio(c.true_positives, c.true_positives + c.false_positives)


def _specificity(c: Counts) -> Tensor:
    return ratio(c.true_negatives, c.true_negatives + c.false_positives)


def _interpolated_precision(c: Counts) -> Tensor:
    """The area under each piece of the precision-recall curve, which is no straight line (Davis and Goadrich 2006).

    Between two points TP grows with P = TP + FP along a line of slope s: the area is s (dTP + b log(P_1 / P_2)) over
    all positives, b = TP_2 - s P_2.
    """
    found, positive = c.true_positives, c.true_positives + c.false_positives
    slope = ratio(_steps(found), _core.relu(_steps(positive)))
    intercept = found[1:] - slope * positive[1:]
    both = _core.logical_and(positive[:-1] > 0, positive[1:] > 0)
    growth = _core.where(both, ratio(positive[:-1], positive[1:]), 1.0)
    area = slope * (_steps(found) + intercept * _core.log(growth))
    return ratio(area, found[1:] + c.false_negatives[1:])


class _BestWithin(ConfusionMetric):
    """The highest value of one quantity over the thresholds at which another is at least a limit.

    Args:
        limit: of the other quantity, in [0, 1].
        num_thresholds: how many thresholds are tried.
        class_id, name, dtype: as for `Precision`.

    Raises:
        ValueError: the limit is not in [0, 1], or num_thresholds is not positive.
    """

    limit: ClassVar[str]
    """The name of the first argument."""

    def __init__(
        self, limit: float, num_thresholds: int, class_id: int | None, name: str | None, dtype: Any
    ) -> None:
        kind = type(self).__name__
        if not 0 <= limit <= 1:
            raise ValueError(f"{kind}: {self.limit} must lie in [0, 1], got {limit!r}")
        if num_thresholds < 1:
            raise ValueError(f"{kind}: num_thresholds must be positive, got {num_thresholds!r}")
        self.num_thresholds = num_thresholds
        setattr(self, self.limit, limit)
        thresholds = [0.5] if num_thresholds == 1 else [0.0, *_evenly(num_thresholds - 2), 1.0]
        super().__init__(thresholds, class_id=class_id, name=name, dtype=dtype)

    def _best(self, values: Tensor, limited: Tensor) -> Tensor:
        return _core.max(_core.where(limited >= getattr(self, self.limit), values, 0.0))

    def get_config(self) -> dict[str, Any]:
        own = {self.limit: getattr(self, self.limit), "num_thresholds": self.num_thresholds}
        return {**super().get_config(), **own, "class_id": self.class_id}


@registry.register("sensitivity_at_specificity")
class SensitivityAtSpecificity(_BestWithin):
    """The best sensitivity (share of the positives found) at a specificity (share of the negatives left alone)."""

    limit = "specificity"

    def __init__(
        self,
        specificity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(specificity, num_thresholds, class_id, name, dtype)

    def result(self) -> Tensor:
        counts = self.counts()
        return self._best(_recall(counts), _specificity(counts))


@registry.register("specificity_at_sensitivity")
class SpecificityAtSensitivity(_BestWithin):
    """The best specificity (share of the negatives left alone) at a sensitivity (share of the positives found)."""

    limit = "sensitivity"

    def __init__(
        self,
        sensitivity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(sensitivity, num_thresholds, class_id, name, dtype)

    def result(self) -> Tensor:
        counts = self.counts()
        return self._best(_specificity(counts), _recall(counts))


@registry.register("precision_at_recall")
class PrecisionAtRecall(_BestWithin):
    """The best precision at a recall."""

    limit = "recall"

    def __init__(
        self,
        recall: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(recall, num_thresholds, class_id, name, dtype)

    def result(self) -> Tensor:
        counts = self.counts()
        return self._best(_precision(counts), _recall(counts))


@registry.register("recall_at_precision")
class RecallAtPrecision(_BestWithin):
    """The best recall at a precision."""

    limit = "precision"

    def __init__(
        self,
        precision: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(precision, num_thresholds, class_id, name, dtype)

    def result(self) -> Tensor:
        counts = self.counts()
        return self._best(_recall(counts), _precision(counts))
