"""Losses for probabilities: cross-entropies, Kullback-Leibler divergence, Poisson.

Names, arguments and formulas are those of Keras 3: probabilities are clipped to [1e-7, 1 - 1e-7] before the
logarithm, logits (`from_logits=True`) go through the fused softmax or sigmoid and are exact for any size.
"""

from __future__ import annotations

import warnings
from typing import Any, ClassVar

from .. import _core
from .._core import Tensor
from .loss import FLOATS, INTEGERS, BuiltinLoss, align, mask_weights, registry, to_float, to_tensor
from .regression import EPSILON


def smoothed(true: Tensor, label_smoothing: float, classes: int) -> Tensor:
    """Return t (1 - s) + s / classes."""
    return true * (1.0 - label_smoothing) + label_smoothing / classes if label_smoothing else true


def _classes_last(name: str, pred: Tensor, axis: int) -> Tensor:
    """Return predictions with the axis of the classes at the end."""
    if not -pred.ndim <= axis < pred.ndim:
        raise ValueError(f"{name}: axis {axis!r} is out of range for y_pred of shape {pred.shape}")
    return pred if axis in (-1, pred.ndim - 1) else _core.moveaxis(pred, axis, -1)


def _binary_terms(name: str, y_true: Any, y_pred: Any, from_logits: bool, label_smoothing: float) -> Tensor:
    """The cross-entropy of every element, in the predictions' shape."""
    true, pred = align(name, y_true, y_pred)
    true = smoothed(true, label_smoothing, 2)
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


def one_hot_labels(
    name: str, y_true: Any, pred: Tensor, label_smoothing: float, axis: int
) -> tuple[Tensor, Tensor]:
    """Check one-hot labels against predictions; return both with the classes last, the labels smoothed."""
    true = to_tensor(y_true, pred.dtype)
    if true.shape != pred.shape or pred.ndim == 0:
        sparse = true.shape in (pred.shape[:-1], (*pred.shape[:-1], 1))
        hint = "; for integer labels use sparse_categorical_crossentropy" if sparse else ""
        raise _core.ShapeError(
            f"{name}: y_true has shape {true.shape} but y_pred has shape {pred.shape}; "
            f"expected one-hot labels of the same shape{hint}"
        )
    true, pred = _classes_last(name, true, axis), _classes_last(name, pred, axis)
    if pred.shape[-1] == 1:
        warnings.warn(
            f"{name}: y_pred has one class, which makes the loss 0; use binary_crossentropy for two classes",
            stacklevel=4,
        )
    return smoothed(true, label_smoothing, pred.shape[-1]), pred


@registry.register("categorical_crossentropy")
def categorical_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1
) -> Tensor:
    """-sum over the classes of t log p, p scaled to sum to 1.

    Args:
        y_true: t, one-hot or a distribution, shape (..., C).
        y_pred: p, or logits with from_logits; shape (..., C).
        label_smoothing: s moves labels to t (1 - s) + s / C.
        axis: where the classes lie, if not last.

    Returns:
        Tensor of shape (...), in nats.

    Raises:
        ShapeError: y_true has not the shape of y_pred.
        ValueError: there is no such axis.
    """
    true, pred = one_hot_labels("categorical_crossentropy", y_true, to_float(y_pred), label_smoothing, axis)
    return _core.softmax_cross_entropy(pred, true, from_logits=from_logits, reduction="none")


def class_labels(name: str, y_true: Any, pred: Tensor, axis: int) -> Tensor:
    """Check integer labels against predictions whose classes lie on `axis`; return them without it."""
    labels = to_tensor(y_true)
    expected = _classes_last(name, pred, axis).shape[:-1]
    if labels.ndim and labels.ndim == pred.ndim and labels.shape[axis] == 1:
        labels = _core.squeeze(labels, axis)
    if labels.shape != expected:
        hint = "; for one-hot labels use categorical_crossentropy" if labels.shape == pred.shape else ""
        raise _core.ShapeError(
            f"{name}: y_true has shape {labels.shape} but y_pred has shape {pred.shape}; "
            f"expected labels of shape {expected}{hint}"
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
        ignore_class: a label, for instance -1 or 255, whose loss is 0.
        axis: where the classes lie, if not last.

    Returns:
        Tensor of shape (...), in nats.

    Raises:
        ShapeError: y_true has not one label for each prediction.
        ValueError: a label is out of range or not whole, or there is no such axis.
    """
    name, pred = "sparse_categorical_crossentropy", to_float(y_pred)
    labels = class_labels(name, y_true, pred, axis)
    pred = _classes_last(name, pred, axis)
    if ignore_class is None:
        return _core.softmax_cross_entropy(pred, labels, from_logits=from_logits, reduction="none")
    counted = labels != ignore_class
    labels = _core.where(counted, labels, _core.zeros_like(labels))
    values = _core.softmax_cross_entropy(pred, labels, from_logits=from_logits, reduction="none")
    return _core.where(counted, values, 0.0)


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
        true, y_pred = one_hot_labels(self.name, y_true, y_pred, smoothing, axis)
        return _core.softmax_cross_entropy(y_pred, true, from_logits=self.kwargs["from_logits"])


@registry.register()
class SparseCategoricalCrossentropy(BuiltinLoss):
    """`sparse_categorical_crossentropy` as an object; its mean over the batch is one fused operation."""

    function = staticmethod(sparse_categorical_crossentropy)
    unwritten: ClassVar[dict[str, Any]] = {"axis": -1}

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
        axis = self.kwargs["axis"]
        labels = class_labels(self.name, y_true, y_pred, axis)
        pred = _classes_last(self.name, y_pred, axis)
        return _core.softmax_cross_entropy(pred, labels, from_logits=self.kwargs["from_logits"])

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Tensor:
        ignored = self.kwargs["ignore_class"]
        if ignored is not None:
            pred = to_float(y_pred)
            counted = class_labels(self.name, y_true, pred, self.kwargs["axis"]) != ignored
            sample_weight = mask_weights(self.name, counted, sample_weight, self.reduction, pred.dtype)
        return super().__call__(y_true, y_pred, sample_weight)


@registry.register()
class KLDivergence(BuiltinLoss):
    """`kl_divergence` as an object."""

    function = staticmethod(kl_divergence)


@registry.register()
class Poisson(BuiltinLoss):
    """`poisson` as an object."""

    function = staticmethod(poisson)
