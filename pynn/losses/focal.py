"""Cross-entropies that give less weight to what is right already, or to labels that may be wrong.

Names, arguments and formulas are those of Keras 3; probabilities are clipped to [1e-7, 1 - 1e-7] before a logarithm.
"""

from __future__ import annotations

from typing import Any

from .. import _core
from .._core import Tensor
from .loss import BuiltinLoss, align, registry, to_float
from .probabilistic import class_labels, one_hot_labels, smoothed
from .regression import EPSILON


@registry.register("binary_focal_crossentropy")
def binary_focal_crossentropy(
    y_true: Any,
    y_pred: Any,
    apply_class_balancing: bool = False,
    alpha: float = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Tensor:
    """Mean over `axis` of (1 - q)^gamma times the cross-entropy, q the probability given to the label.

    (Lin et al. 2017.)

    Args:
        y_true: t, 0 or 1 (or between), of the predictions' shape.
        y_pred: p, or its logit with from_logits; shape (..., D).
        apply_class_balancing: weigh ones by alpha, zeros by 1 - alpha.
        gamma: 0 is the cross-entropy itself.
        label_smoothing: s moves labels to t (1 - s) + s / 2.

    Returns:
        Tensor of shape (...), in nats.

    Raises:
        ShapeError: the shapes do not match.
    """
    true, pred = align("binary_focal_crossentropy", y_true, y_pred)
    true = smoothed(true, label_smoothing, 2)
    pred = _core.sigmoid(pred) if from_logits else pred
    given = true * pred + (1.0 - true) * (1.0 - pred)
    terms = (1.0 - given) ** gamma * _core.binary_cross_entropy(pred, true)
    if apply_class_balancing:
        terms = terms * (true * alpha + (1.0 - true) * (1.0 - alpha))
    return _core.mean(terms, axis=axis)


@registry.register("categorical_focal_crossentropy")
def categorical_focal_crossentropy(
    y_true: Any,
    y_pred: Any,
    alpha: Any = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Tensor:
    """-sum over the classes of alpha (1 - p)^gamma t log p, p scaled to sum to 1.

    Args:
        y_true: t, one-hot or a distribution, of the predictions' shape.
        y_pred: p, or logits with from_logits; classes along `axis`.
        alpha: a number, or one for each class.
        gamma: 0 is the cross-entropy times alpha.
        label_smoothing: s moves labels to t (1 - s) + s / C.

    Returns:
        Tensor of the predictions' shape without `axis`, in nats.

    Raises:
        ShapeError: y_true has not the shape of y_pred.
    """
    name = "categorical_focal_crossentropy"
    true, pred = one_hot_labels(name, y_true, to_float(y_pred), label_smoothing, axis)
    if from_logits:
        pred = _core.softmax(pred, axis=-1)
    pred = pred / _core.sum(pred, axis=-1, keepdims=True)
    pred = _core.clip(pred, EPSILON, 1.0 - EPSILON)
    weight = _core.asarray(alpha, dtype=pred.dtype) * (1.0 - pred) ** gamma
    return -_core.sum(weight * true * _core.log(pred), axis=-1)


@registry.register("categorical_generalized_cross_entropy")
def categorical_generalized_cross_entropy(y_true: Any, y_pred: Any, q: float) -> Tensor:
    """(1 - p[label]^q) / q: between the cross-entropy (q towards 0) and the absolute error (q = 1).

    Wrong labels do less harm than with the cross-entropy (Zhang and Sabuncu 2018).

    Args:
        y_true: labels in [0, C), shape (...) or (..., 1).
        y_pred: p, shape (..., C).
        q: in (0, 1].
    """
    name = "categorical_generalized_cross_entropy"
    pred = to_float(y_pred)
    labels = class_labels(name, y_true, pred, -1)
    given = _core.take_along_axis(pred, _core.expand_dims(labels.astype("int64"), -1), axis=-1)
    return (1.0 - _core.squeeze(given, -1) ** q) / q


@registry.register()
class BinaryFocalCrossentropy(BuiltinLoss):
    """`binary_focal_crossentropy` as an object."""

    function = staticmethod(binary_focal_crossentropy)

    def __init__(
        self,
        apply_class_balancing: bool = False,
        alpha: float = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        options = {
            "apply_class_balancing": apply_class_balancing,
            "alpha": alpha,
            "gamma": gamma,
            "from_logits": from_logits,
            "label_smoothing": label_smoothing,
            "axis": axis,
        }
        super().__init__(reduction, name, dtype, **options)


@registry.register()
class CategoricalFocalCrossentropy(BuiltinLoss):
    """`categorical_focal_crossentropy` as an object."""

    function = staticmethod(categorical_focal_crossentropy)

    def __init__(
        self,
        alpha: Any = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        options = {
            "alpha": alpha,
            "gamma": gamma,
            "from_logits": from_logits,
            "label_smoothing": label_smoothing,
            "axis": axis,
        }
        super().__init__(reduction, name, dtype, **options)


@registry.register()
class CategoricalGeneralizedCrossEntropy(BuiltinLoss):
    """`categorical_generalized_cross_entropy` as an object.

    Raises:
        ValueError: q is not in (0, 1].
    """

    function = staticmethod(categorical_generalized_cross_entropy)
    targets_like_outputs = False

    def __init__(
        self,
        q: float = 0.5,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        if not 0 < q <= 1:
            raise ValueError(f"CategoricalGeneralizedCrossEntropy: q must lie in (0, 1], got {q!r}")
        super().__init__(reduction, name, dtype, q=q)
