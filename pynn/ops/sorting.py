"""Operations that order or count elements: sort, top_k, unique, searches in what is sorted, histograms."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import _core
from .._core import ShapeError, Tensor
from .convert import arrays, floating, from_numpy, tensor


def sort(x: Any, axis: int = -1) -> Tensor:
    """Sorted along an axis; NaN last."""
    return _core.sort(tensor(x), axis=axis)


def argsort(x: Any, axis: int | None = -1) -> Tensor:
    """The positions, int32, that sort along an axis (None: the flattened tensor), equal elements in order."""
    x = tensor(x)
    x, axis = (_core.reshape(x, (-1,)), 0) if axis is None else (x, axis)
    return _core.argsort(x, axis=axis).astype("int32")


def argpartition(x: Any, kth: int, axis: int = -1) -> Tensor:
    """Positions, int32, in an order where the kth smallest stands at place kth, smaller ones before it."""
    (values,) = arrays("argpartition", _core.stop_gradient(tensor(x)))
    return from_numpy(np.argpartition(values, kth, axis=axis), "int32")


def top_k(x: Any, k: int, sorted: bool = True) -> tuple[Tensor, Tensor]:
    """The k largest elements along the last axis, largest first, and their positions (int32).

    Args:
        sorted: of no use here: they are always in order.
    """
    x = tensor(x)
    if x.ndim == 0 or not 0 <= k <= x.shape[-1]:
        raise ValueError(f"top_k: k={k} but the last axis of shape {x.shape} has not as many elements")
    places = _core.argsort(_core.stop_gradient(x), axis=-1, descending=True)[..., :k]
    return _core.take_along_axis(x, places, axis=-1), places.astype("int32")


def in_top_k(targets: Any, predictions: Any, k: int) -> Tensor:
    """Whether the prediction of each target class is among the k largest of its row; ties count.

    Args:
        targets: classes, shape (B,).
        predictions: shape (B, C).
    """
    labels, scores = tensor(targets), tensor(predictions)
    if scores.ndim != 2 or labels.shape != scores.shape[:1]:
        raise ShapeError(
            f"in_top_k: needs targets (B,) and predictions (B, C), got {labels.shape} and {scores.shape}"
        )
    own = _core.take_along_axis(scores, labels.astype("int64")[:, None], axis=1)
    above = _core.sum(scores > own, axis=1)
    return _core.logical_and(above < k, _core.isfinite(floating(own[:, 0])))


def unique(
    x: Any,
    sorted: bool = True,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: int | None = None,
    size: int | None = None,
    fill_value: Any = None,
) -> Any:
    """The different elements, or slices along an axis, in order. By NumPy; no derivative.

    Args:
        sorted: of no use here: they are always in order.
        return_index, return_inverse, return_counts: also return where each first is, which of them each element
            is, and how many there are of each, as int32.
        size: how many to return: the first ones, or `fill_value` (None: the least) after them.
    """
    (values,) = arrays("unique", x)
    found = list(np.unique(values, return_index=True, return_inverse=True, return_counts=True, axis=axis))
    found[2] = found[2].reshape(values.shape if axis is None else (-1,))
    if size is not None:
        found = [
            _resized(found[0], size, fill_value, axis),
            _resized(found[1], size, None, None),
            found[2],
            _resized(found[3], size, 0, None),
        ]
    results = [from_numpy(found[0])]
    for wanted, part in zip((return_index, return_inverse, return_counts), found[1:], strict=True):
        if wanted:
            results.append(from_numpy(part, "int32"))
    return results[0] if len(results) == 1 else tuple(results)


def searchsorted(sorted_sequence: Any, values: Any, side: str = "left") -> Tensor:
    """Where each value would be inserted into a sorted vector, int32.

    Args:
        side: before ('left') or after ('right') equal elements.
    """
    if side not in ("left", "right"):
        raise ValueError(f"searchsorted: side must be 'left' or 'right', got {side!r}")
    order, wanted = arrays("searchsorted", *map(_core.stop_gradient, map(tensor, (sorted_sequence, values))))
    if order.ndim != 1:
        raise ShapeError(
            f"searchsorted: the sorted sequence must have one dimension, got shape {order.shape}"
        )
    return from_numpy(np.searchsorted(order, wanted, side="left" if side == "left" else "right"), "int32")


def digitize(x: Any, bins: Any) -> Tensor:
    """How many of the rising bin edges are at most each element, int32."""
    values, edges = arrays("digitize", *map(_core.stop_gradient, map(tensor, (x, bins))))
    return from_numpy(np.digitize(values, edges), "int32")


def bincount(x: Any, weights: Any = None, minlength: int = 0, sparse: bool = False) -> Tensor:
    """How often each whole number from 0 on occurs, or the sum of its weights.

    Args:
        x: shape (n,), or (B, n) for a row each.
        weights: of x's shape.
        minlength: least length of the result.
    """
    if sparse:
        raise NotImplementedError("bincount: pynn has no sparse tensors; leave sparse=False")
    (numbers,) = arrays("bincount", x)
    length = max(int(numbers.max(initial=-1)) + 1, minlength)
    if weights is None:
        values = np.ones(numbers.shape, dtype=np.int32)
    else:
        (values,) = arrays("bincount", weights)
    rows = numbers.reshape(-1, numbers.shape[-1]) if numbers.ndim else numbers.reshape(1, 1)
    found = np.zeros((len(rows), length), dtype=values.dtype)
    np.add.at(found, (np.arange(len(rows))[:, None], rows), values.reshape(rows.shape))
    return from_numpy(found if numbers.ndim > 1 else found[0])


def histogram(x: Any, bins: int = 10, range: tuple[float, float] | None = None) -> tuple[Tensor, Tensor]:
    """How many elements lie in each of so many equal parts of a range, and the edges of the parts."""
    (values,) = arrays("histogram", floating(x))
    counts, edges = np.histogram(values, bins=bins, range=range)
    return from_numpy(counts, "int32"), from_numpy(edges, values.dtype)


def _resized(part: np.ndarray[Any, Any], size: int, fill: Any, axis: int | None) -> np.ndarray[Any, Any]:
    """Return the first `size` of what was found, filled up."""
    place = 0 if axis is None else axis
    part = np.take(part, np.arange(min(size, part.shape[place])), axis=place)
    missing = size - part.shape[place]
    if not missing:
        return part
    value = np.take(part, [0], axis=place) if fill is None else np.asarray(fill, dtype=part.dtype)
    shape = list(part.shape)
    shape[place] = missing
    return np.concatenate([part, np.broadcast_to(value, shape)], axis=place)
