"""Accuracies: how many predictions are right. Names, arguments and formulas are those of Keras 3.

`_…_matches` return bools, which the metrics count without another pass; the public functions return floats.
"""

from __future__ import annotations

from typing import Any, ClassVar

from .. import _core
from .._core import Tensor
from ..losses.loss import same_rank, to_tensor
from .metric import FunctionMetric, registry


def _same_shape(name: str, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
    """Line up labels and predictions of one shape, keeping their dtypes: labels compare as they are."""
    true, pred = same_rank(to_tensor(y_true), to_tensor(y_pred))
    if true.shape != pred.shape:
        raise _core.ShapeError(f"{name}: y_true has shape {true.shape} but y_pred has shape {pred.shape}")
    return true, pred


def _matches(y_true: Any, y_pred: Any) -> Tensor:
    true, pred = _same_shape("accuracy", y_true, y_pred)
    return _core.equal(true, pred)


def _binary_matches(y_true: Any, y_pred: Any, threshold: float) -> Tensor:
    true, pred = _same_shape("binary_accuracy", y_true, y_pred)
    return _core.equal(true, (pred > threshold).astype(true.dtype))


def _categorical_matches(y_true: Any, y_pred: Any) -> Tensor:
    true, pred = _scores("categorical_accuracy", y_true, y_pred)
    return _core.class_matches(true, pred)


def _sparse_matches(y_true: Any, y_pred: Any) -> Tensor:
    labels, pred = _labels_and_scores("sparse_categorical_accuracy", y_true, y_pred)
    return _core.class_matches(labels, pred)


def _scores(name: str, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
    """Check one-hot labels against scores (..., C)."""
    true, pred = to_tensor(y_true), to_tensor(y_pred)
    if true.shape != pred.shape or pred.ndim == 0 or pred.shape[-1] == 0:
        raise _core.ShapeError(
            f"{name}: y_true has shape {true.shape} but y_pred has shape {pred.shape}; "
            "expected one-hot labels and scores of the same shape"
        )
    return true, pred


def _labels_and_scores(name: str, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
    """Check labels (...) or (..., 1) against scores (..., C); return labels in shape (...)."""
    labels, pred = to_tensor(y_true), to_tensor(y_pred)
    scores = pred.shape
    if labels.ndim == len(scores) > 0 and labels.shape[-1] == 1:
        labels = _core.squeeze(labels, -1)
    if not scores or scores[-1] == 0 or labels.shape != scores[:-1]:
        raise _core.ShapeError(
            f"{name}: y_true has shape {labels.shape} but y_pred has shape {pred.shape}; "
            f"expected labels of shape {pred.shape[:-1]}"
        )
    return labels, pred


def _in_top_k(labels: Tensor, pred: Tensor, k: int) -> Tensor:
    """Whether fewer than k classes score higher than the labelled one; a NaN score is never in."""
    at_label = _core.take_along_axis(pred, _core.expand_dims(labels.astype("int64"), -1), axis=-1)
    at_label = _core.where(_core.isnan(at_label), -float("inf"), at_label)
    return _core.sum(pred > at_label, axis=-1) < k


def _top_k_matches(y_true: Any, y_pred: Any, k: int) -> Tensor:
    true, pred = _scores("top_k_categorical_accuracy", y_true, y_pred)
    return _in_top_k(_core.argmax(true, axis=-1), pred, k)


def _sparse_top_k_matches(y_true: Any, y_pred: Any, k: int, from_sorted_ids: bool = False) -> Tensor:
    labels, pred = _labels_and_scores("sparse_top_k_categorical_accuracy", y_true, y_pred)
    if from_sorted_ids:
        return _core.any(_core.equal(_core.expand_dims(labels, -1), pred[..., :k]), axis=-1)
    return _in_top_k(labels, pred, k)


def accuracy(y_true: Any, y_pred: Any) -> Tensor:
    """1 where y_pred equals y_true, 0 elsewhere, in their shape, float32."""
    return _matches(y_true, y_pred).astype("float32")


def binary_accuracy(y_true: Any, y_pred: Any, threshold: float = 0.5) -> Tensor:
    """1 where (y_pred > threshold) equals y_true, 0 elsewhere, in their shape, float32."""
    return _binary_matches(y_true, y_pred, threshold).astype("float32")


def categorical_accuracy(y_true: Any, y_pred: Any) -> Tensor:
    """1 where the highest score is that of the one-hot label; both (..., C), result (...), float32."""
    return _categorical_matches(y_true, y_pred).astype("float32")


def sparse_categorical_accuracy(y_true: Any, y_pred: Any) -> Tensor:
    """1 where the highest score is that of the label; labels (...) or (..., 1), scores (..., C)."""
    return _sparse_matches(y_true, y_pred).astype("float32")


def top_k_categorical_accuracy(y_true: Any, y_pred: Any, k: int = 5) -> Tensor:
    """1 where the one-hot label is among the k highest scores; both (..., C), result (...), float32."""
    return _top_k_matches(y_true, y_pred, k).astype("float32")


def sparse_top_k_categorical_accuracy(
    y_true: Any, y_pred: Any, k: int = 5, from_sorted_ids: bool = False
) -> Tensor:
    """1 where the label is among the k highest scores; labels (...) or (..., 1), scores (..., C).

    With from_sorted_ids y_pred holds class numbers instead of scores, the likeliest first.
    """
    return _sparse_top_k_matches(y_true, y_pred, k, from_sorted_ids).astype("float32")


class AccuracyMetric(FunctionMetric):
    """What the accuracies share: larger is better."""

    direction = "up"


@registry.register()
class Accuracy(AccuracyMetric):
    """How often predictions equal targets. ("accuracy" as a string resolves by shape: `resolve_accuracy`.)"""

    def __init__(self, name: str | None = "accuracy", dtype: Any = None) -> None:
        super().__init__(_matches, name, dtype)


@registry.register("binary_accuracy")
class BinaryAccuracy(AccuracyMetric):
    """How often a probability lies on the label's side of `threshold`."""

    def __init__(
        self, name: str | None = "binary_accuracy", dtype: Any = None, threshold: float = 0.5
    ) -> None:
        super().__init__(_binary_matches, name, dtype, threshold=threshold)


@registry.register("categorical_accuracy")
class CategoricalAccuracy(AccuracyMetric):
    """How often the highest score is that of the one-hot label."""

    def __init__(self, name: str | None = "categorical_accuracy", dtype: Any = None) -> None:
        super().__init__(_categorical_matches, name, dtype)


@registry.register("sparse_categorical_accuracy")
class SparseCategoricalAccuracy(AccuracyMetric):
    """How often the highest score is that of the integer label."""

    def __init__(self, name: str | None = "sparse_categorical_accuracy", dtype: Any = None) -> None:
        super().__init__(_sparse_matches, name, dtype)


@registry.register("top_k_categorical_accuracy")
class TopKCategoricalAccuracy(AccuracyMetric):
    """How often the one-hot label is among the k highest scores."""

    def __init__(
        self, k: int = 5, name: str | None = "top_k_categorical_accuracy", dtype: Any = None
    ) -> None:
        super().__init__(_top_k_matches, name, dtype, k=k)


@registry.register("sparse_top_k_categorical_accuracy")
class SparseTopKCategoricalAccuracy(AccuracyMetric):
    """How often the integer label is among the k highest scores.

    With from_sorted_ids predictions are class numbers, the likeliest first, instead of scores.
    """

    unwritten: ClassVar[dict[str, Any]] = {"from_sorted_ids": False}

    def __init__(
        self,
        k: int = 5,
        name: str | None = "sparse_top_k_categorical_accuracy",
        dtype: Any = None,
        from_sorted_ids: bool = False,
    ) -> None:
        super().__init__(_sparse_top_k_matches, name, dtype, k=k, from_sorted_ids=from_sorted_ids)
