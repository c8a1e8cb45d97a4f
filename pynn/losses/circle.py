"""The circle loss, for embeddings: samples of one class are drawn together, those of others pushed away."""

from __future__ import annotations

from typing import Any

from .. import _core
from .._core import Tensor
from .loss import BuiltinLoss, mask_weights, reduce, registry, to_float, to_tensor


@registry.register("circle")
def circle(
    y_true: Any,
    y_pred: Any,
    ref_labels: Any = None,
    ref_embeddings: Any = None,
    remove_diagonal: bool = True,
    gamma: float = 80,
    margin: float = 0.4,
) -> Tensor:
    """The loss of each embedding against all references (Sun et al. 2020). Formula as in Keras 3.

    Args:
        y_true: class numbers, shape (B,) or (B, 1).
        y_pred: embeddings of length 1, shape (B, D).
        ref_labels, ref_embeddings: what to compare with, shapes (R,) and (R, D); by default the batch itself.
        remove_diagonal: leave out the pair of each sample with itself.
        gamma: how steep the loss is.
        margin: distance at which a pair is good enough.

    Returns:
        Tensor of shape (B,).

    Raises:
        ShapeError: y_true is not one class number for each row of y_pred.
    """
    pred = to_float(y_pred)
    references = pred if ref_embeddings is None else to_tensor(ref_embeddings, pred.dtype)
    labels = _column(y_true, pred)
    same = labels == _core.matrix_transpose(labels if ref_labels is None else _column(ref_labels, references))
    other = _core.logical_not(same)
    if remove_diagonal:
        same = _core.logical_and(same, _core.logical_not(_core.eye(*same.shape, dtype="bool")))
    distance = _core.relu(1.0 - _core.matmul(pred, _core.matrix_transpose(references)))
    near = gamma * _core.relu(margin + distance) * (distance - margin)
    far = gamma * _core.relu(1.0 + margin - distance) * (1.0 - margin - distance)
    return _core.softplus(_sum_of_exponentials(near, same) + _sum_of_exponentials(far, other))


def _column(labels: Any, embeddings: Tensor) -> Tensor:
    column = to_tensor(labels)
    if embeddings.ndim != 2 or column.size != embeddings.shape[0]:
        raise _core.ShapeError(
            f"circle: labels of shape {column.shape} do not fit embeddings of shape {embeddings.shape}; "
            "expected (n,) and (n, D)"
        )
    return _core.reshape(column.astype("int64"), (-1, 1))


def _sum_of_exponentials(x: Tensor, chosen: Tensor) -> Tensor:
    """log(sum(exp(x))) of the chosen values of each row; -inf if there are none."""
    found = _core.any(chosen, axis=1)
    # A row of -inf alone has no gradient that is a number, so such rows are replaced after the fact.
    total = _core.logsumexp(_core.where(_core.logical_or(chosen, ~found[:, None]), x, -float("inf")), axis=1)
    return _core.where(found, total, -float("inf"))


@registry.register()
class Circle(BuiltinLoss):
    """`circle` of a batch against itself as an object. Samples without partners do not count in the mean."""

    function = staticmethod(circle)
    targets_like_outputs = False

    def __init__(
        self,
        gamma: float = 80.0,
        margin: float = 0.4,
        remove_diagonal: bool = True,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        options = {"gamma": gamma, "margin": margin, "remove_diagonal": remove_diagonal}
        super().__init__(reduction, name, dtype, **options)

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Tensor:
        values = self.call(y_true, to_float(y_pred) if self.dtype is None else to_tensor(y_pred, self.dtype))
        weight = mask_weights(self.name, values > 0, sample_weight, self.reduction, values.dtype)
        return reduce(self.name, values, weight, self.reduction)
