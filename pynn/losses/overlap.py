"""Losses for masks (which pixels belong to a thing): how little prediction and target overlap.

Names, arguments and formulas are those of Keras 3. Sums run over all axes unless `axis` says otherwise, so that
a whole batch gives one loss.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from .. import _core
from .._core import Tensor
from .loss import BuiltinLoss, align, registry
from .regression import EPSILON

Axes: TypeAlias = "int | Sequence[int] | None"


def _axes(axis: Axes) -> int | tuple[int, ...] | None:
    return axis if axis is None or isinstance(axis, int) else tuple(axis)


@registry.register("dice")
def dice(y_true: Any, y_pred: Any, axis: Axes = None) -> Tensor:
    """1 - 2 sum(t p) / (sum t + sum p), sums over `axis`: 0 where they agree, 1 where they do not meet.

    Args:
        y_true: t, 0 and 1, of the predictions' shape.
        y_pred: p, probabilities.
        axis: one or several axes; None for all.

    Raises:
        ShapeError: the shapes do not match.
    """
    true, pred = align("dice", y_true, y_pred)
    axes = _axes(axis)
    both = _core.sum(true * pred, axis=axes)
    return 1.0 - 2.0 * both / (_core.sum(true, axis=axes) + _core.sum(pred, axis=axes) + EPSILON)


@registry.register("tversky")
def tversky(y_true: Any, y_pred: Any, alpha: float = 0.5, beta: float = 0.5, axis: Axes = None) -> Tensor:
    """1 - b / (b + alpha m + beta f), b = sum(t p), m = sum(t (1 - p)), f = sum((1 - t) p).

    alpha is the price of what is missed, beta that of what is false (Salehi et al. 2017).
    With alpha = beta = 0.5 it is `dice`. Arguments as there.
    """
    true, pred = align("tversky", y_true, y_pred)
    axes = _axes(axis)
    both = _core.sum(true * pred, axis=axes)
    missed = _core.sum(true * (1.0 - pred), axis=axes)
    false = _core.sum((1.0 - true) * pred, axis=axes)
    return 1.0 - both / (both + alpha * missed + beta * false + EPSILON)


@registry.register()
class Dice(BuiltinLoss):
    """`dice` as an object."""

    function = staticmethod(dice)

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        axis: Axes = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(reduction, name, dtype, axis=axis)


@registry.register()
class Tversky(BuiltinLoss):
    """`tversky` as an object."""

    function = staticmethod(tversky)

    def __init__(
        self,
        alpha: float = 0.5,
        beta: float = 0.5,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        axis: Axes = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(reduction, name, dtype, alpha=alpha, beta=beta, axis=axis)
