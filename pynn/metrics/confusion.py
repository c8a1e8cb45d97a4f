"""Metrics from counts of right and wrong positives and negatives: the counts themselves, precision, recall.

Predictions are probabilities of one event (or of several, counted together), targets are 0 and 1. Formulas are those
of Keras 3.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple

from .. import _core
from .._core import Tensor
from ..losses.loss import align, align_weights
from ..variable import Variable
from .metric import Metric, registry

# Where a score stands that is not among the top k: below every threshold. Keras's value.
_NOT_IN_TOP = -1e10


def ratio(a: Tensor, b: Tensor) -> Tensor:
    """a / b, and 0 where b is 0."""
    return _core.where(b == 0, 0.0, a / _core.where(b == 0, 1.0, b))


class Counts(NamedTuple):
    """Weighted numbers of predictions at each threshold, shape (T,), or (T, L) for L labels."""

    true_positives: Tensor
    false_positives: Tensor
    true_negatives: Tensor
    false_negatives: Tensor


class ConfusionMetric(Metric):
    """A metric of `Counts` at T thresholds.

    Args:
        thresholds: above which a prediction is positive.
        top_k: only the k highest scores of the last axis can be positive.
        class_id: look at this entry of the last axis only.
        labels: number of labels that are counted apart; None counts all together; 0 if not known yet.
        name, dtype: as for `Metric`.
    """

    direction: str | None = "up"

    def __init__(
        self,
        thresholds: Sequence[float],
        top_k: int | None = None,
        class_id: int | None = None,
        labels: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(dtype, name)
        self.top_k, self.class_id = top_k, class_id
        self._edges = _core.asarray([[float(t)] for t in thresholds], dtype="float32")
        self._apart = labels is not None
        self._above: Variable | None = None
        if labels != 0:
            self._build(labels or 1)

    def _build(self, labels: int) -> None:
        self._above = self.add_weight((labels, len(self._edges), 2), name="above")  # true, false positives
        self._seen = self.add_weight((labels, 1, 2), name="seen")  # positives, negatives

    def counts(self) -> Counts:
        """Return what was counted since the last reset."""
        if self._above is None:
            raise ValueError(f"{self.name}: the number of labels is not known before the first update")
        right, wrong = self._above[..., 0], self._above[..., 1]
        every = Counts(right, wrong, self._seen[..., 1] - wrong, self._seen[..., 0] - right)
        return Counts(*(_core.matrix_transpose(x) if self._apart else x[0] for x in every))

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
        weight = self._weights(pred, sample_weight)
        if self.top_k is not None:
            pred = _core.where(_in_top(pred, self.top_k), pred, _NOT_IN_TOP)
        if self.class_id is not None:
            true, pred, weight = (self._of_class(x) for x in (true, pred, weight))
        true, pred, weight = (self._labels_first(x) for x in (true, pred, weight))
        positive = (true != 0).astype(pred.dtype) * weight
        sides = _core.stack([positive, weight - positive], axis=-1)
        above = (_core.expand_dims(pred, 1) > self._edges).astype(pred.dtype)
        if self._above is None:
            self._build(len(pred))
        assert self._above is not None
        self._above.assign_add(_core.matmul(above, sides))
        self._seen.assign_add(_core.sum(sides, axis=1, keepdims=True))

    def _weights(self, pred: Tensor, sample_weight: Any) -> Tensor:
        weight = _core.ones_like(pred)
        return weight if sample_weight is None else weight * align_weights(self.name, sample_weight, pred)

    def _of_class(self, x: Tensor) -> Tensor:
        if x.ndim < 2:
            raise _core.ShapeError(
                f"{self.name}: class_id needs predictions (n, classes), got shape {x.shape}"
            )
        return x[..., self.class_id]

    def _labels_first(self, x: Tensor) -> Tensor:
        """Return shape (L, n), or (1, all) where labels are counted together."""
        if not self._apart:
            return _core.reshape(x, (1, -1))
        if x.ndim != 2:
            raise _core.ShapeError(f"{self.name}: expected predictions (n, labels), got shape {x.shape}")
        return _core.matrix_transpose(x)

    def _one_or_many(self, values: Tensor) -> Tensor:
        """Return a number for one threshold, else a number for each."""
        return values[0] if len(values) == 1 else values


def _in_top(scores: Tensor, k: int) -> Tensor:
    """Whether a score is one of the k highest of its row; the first of equal ones wins."""
    order = _core.argsort(scores, axis=-1, descending=True)
    return _core.argsort(order, axis=-1) < k


def as_thresholds(name: str, thresholds: float | Sequence[float] | None, default: float = 0.5) -> list[float]:
    """Return thresholds as a list.

    Raises:
        ValueError: one lies outside [0, 1].
    """
    if thresholds is None:
        return [default]
    values = list(thresholds) if isinstance(thresholds, Sequence) else [thresholds]
    if not values or not all(0 <= value <= 1 for value in values):
        raise ValueError(f"{name}: thresholds must lie in [0, 1], got {thresholds!r}")
    return values


class _Count(ConfusionMetric):
    """One of the four counts."""

    direction = None
    count: ClassVar[str]

    def __init__(
        self, thresholds: float | Sequence[float] | None = None, name: str | None = None, dtype: Any = None
    ) -> None:
        self._given = thresholds
        self.thresholds = as_thresholds(type(self).__name__, thresholds)
        super().__init__(self.thresholds, name=name, dtype=dtype)

    def result(self) -> Tensor:
        return self._one_or_many(getattr(self.counts(), self.count))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "thresholds": self._given}


@registry.register("true_positives")
class TruePositives(_Count):
    """Weighted number of positives that are found.

    Args:
        thresholds: above which a prediction is positive, 0.5 by default; a list gives one result each.
        name, dtype: as for `Metric`.

    Raises:
        ValueError: a threshold outside [0, 1].
    """

    count = "true_positives"


@registry.register("false_positives")
class FalsePositives(_Count):
    """Weighted number of negatives taken for positives. Arguments as for `TruePositives`."""

    count = "false_positives"


@registry.register("true_negatives")
class TrueNegatives(_Count):
    """Weighted number of negatives that are left alone. Arguments as for `TruePositives`."""

    count = "true_negatives"


@registry.register("false_negatives")
class FalseNegatives(_Count):
    """Weighted number of positives that are missed. Arguments as for `TruePositives`."""

    count = "false_negatives"


class _Share(ConfusionMetric):
    """True positives over something else, at one threshold or at several."""

    def __init__(
        self,
        thresholds: float | Sequence[float] | None = None,
        top_k: int | None = None,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        default = 0.5 if top_k is None else _NOT_IN_TOP
        self._given = thresholds
        self.thresholds = as_thresholds(type(self).__name__, thresholds, default)
        super().__init__(self.thresholds, top_k, class_id, name=name, dtype=dtype)

    def get_config(self) -> dict[str, Any]:
        own = {"thresholds": self._given, "top_k": self.top_k, "class_id": self.class_id}
        return {**super().get_config(), **own}


@registry.register("precision")
class Precision(_Share):
    """Share of the positive predictions that are right: TP / (TP + FP), 0 when there was none.

    Args:
        thresholds: above which a prediction is positive, 0.5 by default; a list gives one result each.
        top_k: only the k highest scores of the last axis count as positive, whatever they are.
        class_id: look at this entry of the last axis only.
        name, dtype: as for `Metric`.

    Raises:
        ValueError: a threshold outside [0, 1].
    """

    def result(self) -> Tensor:
        counts = self.counts()
        found = counts.true_positives
        return self._one_or_many(ratio(found, found + counts.false_positives))


@registry.register("recall")
class Recall(_Share):
    """Share of the positives that are found: TP / (TP + FN), 0 when there was none.

    Arguments as for `Precision`.
    """

    def result(self) -> Tensor:
        counts = self.counts()
        found = counts.true_positives
        return self._one_or_many(ratio(found, found + counts.false_negatives))
