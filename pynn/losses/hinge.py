"""Maximum-margin losses: 0 once a prediction is on the right side by a margin of 1.

Names, arguments and formulas are those of Keras 3.
"""

from __future__ import annotations

from typing import Any

from .. import _core
from .._core import Tensor
from .loss import BuiltinLoss, align, registry


def _signed(labels: Tensor) -> Tensor:
    """Turn labels 0 and 1 into -1 and 1; labels that hold anything else are -1 and 1 already."""
    binary = _core.all(_core.logical_or(labels == 0, labels == 1))
    return 2.0 * labels - 1.0 if bool(binary) else labels


@registry.register("hinge")
def hinge(y_true: Any, y_pred: Any) -> Tensor:
    """Mean over the last axis of max(1 - y_true y_pred, 0).

    Args:
        y_true: -1 and 1, or 0 and 1, of the predictions' shape.
        y_pred: predictions, float, shape (..., D).

    Returns:
        Tensor of shape (...).

    Raises:
        ShapeError: the shapes do not match.
    """
    true, pred = align("hinge", y_true, y_pred)
    return _core.mean(_core.relu(1.0 - _signed(true) * pred), axis=-1)


@registry.register("squared_hinge")
def squared_hinge(y_true: Any, y_pred: Any) -> Tensor:
    """Mean over the last axis of max(1 - y_true y_pred, 0)². Arguments as for `hinge`."""
    true, pred = align("squared_hinge", y_true, y_pred)
    return _core.mean(_core.square(_core.relu(1.0 - _signed(true) * pred)), axis=-1)


@registry.register("categorical_hinge")
def categorical_hinge(y_true: Any, y_pred: Any) -> Tensor:
    """max(0, 1 + the best score of a wrong class - the score of the right class).

    Args:
        y_true: one-hot, shape (..., C).
        y_pred: scores, shape (..., C).
    """
    true, pred = align("categorical_hinge", y_true, y_pred)
    right = _core.sum(true * pred, axis=-1)
    wrong = _core.max((1.0 - true) * pred, axis=-1)
    return _core.relu(wrong - right + 1.0)


@registry.register()
class Hinge(BuiltinLoss):
    """`hinge` as an object."""

    function = staticmethod(hinge)


@registry.register()
class SquaredHinge(BuiltinLoss):
    """`squared_hinge` as an object."""

    function = staticmethod(squared_hinge)


@registry.register()
class CategoricalHinge(BuiltinLoss):
    """`categorical_hinge` as an object."""

    function = staticmethod(categorical_hinge)
