"""Losses for probabilities: cross-entropies, Kullback-Leibler divergence, Poisson.

Names, arguments and formulas are those of Keras 3: probabilities are clipped to [1e-7, 1 - 1e-7] before the
logarithm, logits (`from_logits=True`) go through the fused softmax or sigmoid and are exact for any size.
"""

from __future__ import annotations

import warnings
from typing import Any

from .. import _core
from .._core import Tensor
from .loss import FLOATS, INTEGERS, BuiltinLoss, align, registry, to_float, to_tensor
from .regression import EPSILON


def _check_axis(name: str, axis: int, ndim: int) -> None:
    if axis not in (-1, ndim - 1):
        raise ValueError(f"{name}: classes must lie on the last axis, axis=-1; got axis={axis!r}")


def _binary_terms(name: str, y_true: Any, y_pred: Any, from_logits: bool, label_smoothing: float) -> Tensor:
    """The cross-entropy of every element, in the predictions' shape."""
    true, pred = align(name, y_true, y_pred)
    if label_smoothing:
        true = true * (1.0 - label_smoothing) + 0.5 * label_smoothing
    entropy = _core.binary_cross_entropy_with_logits if from_logits else _core.binary_cross_entropy
    return entropy(pred, true)


@registry.register("binary_crossentropy", "bce", "BCE")
def binary_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1
) -> Tensor:
    """Mean over `axis` of -t log p - (1 - t) log(1 - p).

    Args:
        y_true: t, 0 or 1 (or between), of the predictions' shape.
        y_pred: p, or its logit with from_logits; shape (..., D).
        label_smoothing: s moves labels to t (1 - s) + s / 2.

    Returns:
        Tensor of shape (...), in nats.

    Raises:
        ShapeError: the shapes do not match.
    """
    terms = _binary_terms("binary_crossentropy", y_true, y_pred, from_logits, label_smoothing)
    return _core.mean(terms, axis=axis)


def _one_hot_labels(name: str, y_true: Any, pred: Tensor, label_smoothing: float, axis: int) -> Tensor:
    """Check one-hot labels against predictions (..., C), cast and smooth them."""
    _check_axis(name, axis, pred.ndim)
    true = to_tensor(y_true, pred.dtype)
    if true.shape != pred.shape or pred.ndim == 0:
        sparse = true.shape in (pred.shape[:-1], (*pred.shape[:-1], 1))
        hint = "; for integer labels use sparse_categorical_crossentropy" if sparse else ""
        raise _core.ShapeError(
            f"{name}: y_true has shape {true.shape} but y_pred has shape {pred.shape}; "
            f"expected one-hot labels of the same shape{hint}"
        )
    if pred.shape[-1] == 1:
        warnings.warn(
            f"{name}: y_pred has one class, which makes the loss 0; use binary_crossentropy for two classes",
            stacklevel=4,
        )
    if label_smoothing:
        true = true * (1.0 - label_smoothing) + label_smoothing / pred.shape[-1]
    return true


@registry.register("categorical_crossentropy")
def categorical_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1
) -> Tensor:
    """-sum over the classes of t log p, p scaled to sum to 1.

    Args:
        y_true: t, one-hot or a distribution, shape (..., C).
        y_pred: p, or logits with from_logits; shape (..., C).
        label_smoothing: s moves labels to t (1 - s) + s / C.
        axis: -1; other axes are refused.

    Returns:
        Tensor of shape (...), in nats.

    Raises:
        ShapeError: y_true has not the shape of y_pred.
        ValueError: axis is not the last one.
    """
    pred = to_float(y_pred)
    true = _one_hot_labels("categorical_crossentropy", y_true, pred, label_smoothing, axis)
    return _core.softmax_cross_entropy(pred, true, from_logits=from_logits, reduction="none")


def _class_labels(name: str, y_true: Any, pred: Tensor, ignore_class: int | None, axis: int) -> Tensor:
    """Check integer labels against predictions (..., C); return them in shape (...)."""
    _check_axis(name, axis, pred.ndim)
    if ignore_class is not None:
        raise ValueError(f"{name}: ignore_class is not supported; pass sample_weight 0 for those labels")
    labels, scores = to_tensor(y_true), pred.shape
    if labels.ndim == len(scores) > 0 and labels.shape[-1] == 1:
        labels = _core.squeeze(labels, -1)
    if not scores or labels.shape != scores[:-1]:
        hint = "; for one-hot labels use categorical_crossentropy" if labels.shape == pred.shape else ""
        raise _core.ShapeError(
            f"{name}: y_true has shape {labels.shape} but y_pred has shape {pred.shape}; "
            f"expected labels of shape {pred.shape[:-1]}{hint}"
        )
    return _as_integers(name, labels)


def _as_integers(name: str, labels: Tensor) -> Tensor:
    """Labels as integers; float labels (tables are often float) must be whole."""
    if labels.dtype in INTEGERS:
        return labels
    if labels.dtype in FLOATS and bool(_core.any(labels != _core.trunc(labels))):
        raise ValueError(f"{name}: labels must be whole numbers, got {labels.dtype} with fractions or NaN")
    return labels.astype("int64")


@registry.register("sparse_categorical_crossentropy")
def sparse_categorical_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, ignore_class: int | None = None, axis: int = -1
) -> Tensor:
    """-log p[label], p scaled to sum to 1.

    Args:
        y_true: labels in [0, C), any integer dtype or whole floats, shape (...) or (..., 1).
        y_pred: p, or logits with from_logits; shape (..., C).
        ignore_class: refused unless None.
        axis: -1; other axes are refused.

    Returns:
        Tensor of shape (...), in nats.

    Raises:
        ShapeError: y_true has not one label for each prediction.
        ValueError: a label is out of range or not whole; ignore_class or another axis is given.
    """
    pred = to_float(y_pred)
    labels = _class_labels("sparse_categorical_crossentropy", y_true, pred, ignore_class, axis)
    return _sparse(pred, labels, from_logits, "none")


def _sparse(pred: Tensor, labels: Tensor, from_logits: bool, reduction: str) -> Tensor:
    if not from_logits:
        # Outputs of a sigmoid, say, do not sum to 1; the operation takes probabilities as they are.
        pred = pred / _core.sum(pred, axis=-1, keepdims=True)
    return _core.softmax_cross_entropy(pred, labels, from_logits=from_logits, reduction=reduction)


@registry.register("kl_divergence", "kld", "KLD")
def kl_divergence(y_true: Any, y_pred: Any) -> Tensor:
    """Sum over the last axis of t log(t / p), both clipped to [1e-7, 1]."""
    true, pred = align("kl_divergence", y_true, y_pred)
    true = _core.clip(true, EPSILON, 1.0)
    pred = _core.clip(pred, EPSILON, 1.0)
    return _core.sum(true * _core.log(true / pred), axis=-1)


@registry.register("poisson")
def poisson(y_true: Any, y_pred: Any) -> Tensor:
    """Mean over the last axis of p - t log(p + 1e-7): minus the log-likelihood of counts t but a constant."""
    true, pred = align("poisson", y_true, y_pred)
    return _core.mean(pred - true * _core.log(pred + EPSILON), axis=-1)


@registry.register()
class BinaryCrossentropy(BuiltinLoss):
    """`binary_crossentropy` as an object."""

    function = staticmethod(binary_crossentropy)

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        options = {"from_logits": from_logits, "label_smoothing": label_smoothing, "axis": axis}
        super().__init__(reduction, name, dtype, **options)

    def mean(self, y_true: Any, y_pred: Tensor) -> Tensor:
        smoothing = self.kwargs["label_smoothing"]
        return _core.mean(_binary_terms(self.name, y_true, y_pred, self.kwargs["from_logits"], smoothing))


@registry.register()
class CategoricalCrossentropy(BuiltinLoss):
    """`categorical_crossentropy` as an object; its mean over the batch is one fused operation."""

    function = staticmethod(categorical_crossentropy)

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        options = {"from_logits": from_logits, "label_smoothing": label_smoothing, "axis": axis}
        super().__init__(reduction, name, dtype, **options)

    def mean(self, y_true: Any, y_pred: Tensor) -> Tensor:
        smoothing, axis = self.kwargs["label_smoothing"], self.kwargs["axis"]
        true = _one_hot_labels(self.name, y_true, y_pred, smoothing, axis)
        return _core.softmax_cross_entropy(y_pred, true, from_logits=self.kwargs["from_logits"])


@registry.register()
class SparseCategoricalCrossentropy(BuiltinLoss):
    """`sparse_categorical_crossentropy` as an object; its mean over the batch is one fused operation."""

    function = staticmethod(sparse_categorical_crossentropy)

    def __init__(
        self,
        from_logits: bool = False,
        ignore_class: int | None = None,
        reduction: str | None = "sum_over_batch_size",
        axis: int = -1,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        options = {"from_logits": from_logits, "ignore_class": ignore_class, "axis": axis}
        super().__init__(reduction, name, dtype, **options)

    def mean(self, y_true: Any, y_pred: Tensor) -> Tensor:
        labels = _class_labels(self.name, y_true, y_pred, self.kwargs["ignore_class"], self.kwargs["axis"])
        return _sparse(y_pred, labels, self.kwargs["from_logits"], "mean")


@registry.register()
class KLDivergence(BuiltinLoss):
    """`kl_divergence` as an object."""

    function = staticmethod(kl_divergence)


@registry.register()
class Poisson(BuiltinLoss):
    """`poisson` as an object."""

    function = staticmethod(poisson)
