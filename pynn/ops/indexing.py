"""Operations that read or write elements at positions: take, where, slices, scatter, segments, one-hot vectors."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import _core, config
from .._core import ShapeError, Tensor
from .convert import Shape, arrays, cast, from_numpy, is_float, operands, sizes, tensor

_Span = slice  # the built-in; below, `slice` is Keras's operation


def take(x: Any, indices: Any, axis: int | None = None) -> Tensor:
    """The slices at integer positions along an axis, or the elements of the flattened tensor."""
    x = tensor(x)
    if axis is None:
        x, axis = _core.reshape(x, (-1,)), 0
    return _core.take(x, _whole(indices), axis=axis)


def take_along_axis(x: Any, indices: Any, axis: int | None = None) -> Tensor:
    """For each position, the element at the index given there, along an axis or in the flattened tensors."""
    x, places = tensor(x), _whole(indices)
    if axis is None:
        x, places, axis = _core.reshape(x, (-1,)), _core.reshape(places, (-1,)), 0
    return _core.take_along_axis(x, places, axis=axis)


def get_item(x: Any, key: Any) -> Tensor:
    """x[key]."""
    return tensor(x)[key]


def where(condition: Any, x1: Any = None, x2: Any = None) -> Any:
    """x1 where the condition is true (not 0), x2 elsewhere; with the condition alone, `nonzero(condition)`."""
    if (x1 is None) != (x2 is None):
        raise ValueError("where: give both x1 and x2, or neither")
    mask = cast(tensor(condition), "bool")
    if x1 is None:
        return nonzero(mask)
    return _core.where(mask, *operands(x1, x2))


def select(condlist: Any, choicelist: Any, default: Any = 0) -> Tensor:
    """For each element, the choice whose condition is the first that is true; `default` if none is."""
    if len(condlist) != len(choicelist) or not condlist:
        raise ValueError(
            f"select: needs as many conditions as choices, at least one, got {len(condlist)} and {len(choicelist)}"
        )
    y = default
    for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
        y = where(condition, choice, y)
    return tensor(y)


def nonzero(x: Any) -> tuple[Tensor, ...]:
    """The positions, int32, of elements that are not 0: one tensor for each axis."""
    return tuple(places.astype("int32") for places in _core.nonzero(tensor(x)))


def unravel_index(indices: Any, shape: Any) -> tuple[Tensor, ...]:
    """Positions in the flattened tensor as positions along each axis of `shape`, int32."""
    (places,) = arrays("unravel_index", indices)
    return tuple(from_numpy(part, "int32") for part in np.unravel_index(places, sizes(shape)))


def slice(inputs: Any, start_indices: Any, shape: Any) -> Tensor:
    """A box of this shape whose first element is at `start_indices`.

    Raises:
        ShapeError: the box does not lie within the tensor.
    """
    x = tensor(inputs)
    return x[_box("slice", x.shape, sizes(start_indices), sizes(shape))]


def slice_update(inputs: Any, start_indices: Any, updates: Any) -> Tensor:
    """A copy in which the box at `start_indices` has the elements of `updates`."""
    x, new = tensor(inputs), tensor(updates)
    start = sizes(start_indices)
    _box("slice_update", x.shape, start, new.shape)
    new, old = cast(new, x.dtype), x
    if not (_core.tracked(new) or _core.tracked(old)):
        y = _core.array(old)
        y[_box("slice_update", x.shape, start, new.shape)] = new
        return y
    places = np.arange(x.size).reshape(x.shape)[_box("slice_update", x.shape, start, new.shape)]
    return _overwritten(old, places.reshape(-1), _core.reshape(new, (-1,)))


def scatter(indices: Any, values: Any, shape: Any) -> Tensor:
    """Zeros, with `values` added at `indices`.

    Args:
        indices: (..., K) positions along the first K axes of `shape`.
        values: what is added, shape (..., *shape[K:]).
    """
    new, full = tensor(values), sizes(shape)
    places = _places("scatter", indices, full, new.shape)
    return _core.reshape(_sums(new.reshape((-1,)), places.reshape(-1), math.prod(full)), full)


def scatter_update(inputs: Any, indices: Any, updates: Any, reduction: str | None = None) -> Tensor:
    """A copy in which the elements at `indices` are replaced by `updates`, or combined with them.

    Args:
        indices: (..., K) positions along the first K axes.
        updates: shape (..., *inputs.shape[K:]); of equal positions the last counts.
        reduction: None, 'add', 'max', 'min' or 'mul'; the last three have no derivative.
    """
    x, new = tensor(inputs), tensor(updates)
    new = cast(new, x.dtype)
    places = _places("scatter_update", indices, x.shape, new.shape).reshape(-1)
    flat, values = x.reshape((-1,)), new.reshape((-1,))
    if reduction is None:
        y = _overwritten(flat, places, values)
    elif reduction == "add":
        y = flat + _sums(values, places, x.size)
    elif reduction in ("max", "min", "mul"):
        old, fresh = arrays(f"scatter_update(reduction={reduction!r})", flat, values)
        found = old.copy()
        {"max": np.maximum, "min": np.minimum, "mul": np.multiply}[reduction].at(found, places, fresh)
        y = from_numpy(found)
    else:
        raise ValueError(
            f"scatter_update: reduction must be None, 'add', 'max', 'min' or 'mul', got {reduction!r}"
        )
    return _core.reshape(y, x.shape)


def one_hot(x: Any, num_classes: int, axis: int = -1, dtype: Any = None, sparse: bool = False) -> Tensor:
    """1 at the class and 0 elsewhere, along a new axis; all 0 for a class outside [0, num_classes)."""
    _refuse_sparse("one_hot", sparse)
    y = _core.one_hot(_whole(x), int(num_classes), dtype or config.floatx())
    return y if axis in (-1, y.ndim - 1) else _core.moveaxis(y, -1, axis)


def multi_hot(
    inputs: Any,
    num_classes: int | None = None,
    axis: int = -1,
    dtype: Any = None,
    sparse: bool = False,
    **kwargs: Any,
) -> Tensor:
    """1 at each of the classes along an axis, and 0 elsewhere.

    Args:
        inputs: whole numbers; (B, n) becomes (B, num_classes), and (n,) becomes (num_classes,).
    """
    num_classes = kwargs.pop("num_tokens", None) if num_classes is None else num_classes
    if kwargs:
        raise TypeError(f"multi_hot: unknown argument {next(iter(kwargs))!r}")
    if num_classes is None:
        raise ValueError("multi_hot: give num_classes")
    _refuse_sparse("multi_hot", sparse)
    labels = _whole(inputs)
    hot = one_hot(labels, num_classes, axis, dtype)
    return _core.max(hot, axis=1 if labels.ndim > 1 else 0)


def segment_sum(data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False) -> Tensor:
    """The sums of the slices along the first axis that have the same id.

    Args:
        segment_ids: an id for each slice, in [0, num_segments); others are left out.
        num_segments: None takes the largest id + 1.
        sorted: of no use here: ids may come in any order.
    """
    x, ids, count = _segments("segment_sum", data, segment_ids, num_segments)
    inside = np.flatnonzero((ids >= 0) & (ids < count))
    rest = x.shape[1:]
    size = math.prod(rest)
    places = ids[inside][:, None] * size + np.arange(size)
    flat = _core.reshape(_core.take(x, inside, axis=0), (-1,))
    return _core.reshape(_sums(flat, places.reshape(-1), count * size), (count, *rest))


def segment_max(data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False) -> Tensor:
    """The largest elements of the slices with the same id; an empty segment has the least number of the dtype."""
    return _segment_extreme("segment_max", np.maximum, data, segment_ids, num_segments)


def segment_min(data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False) -> Tensor:
    """The smallest elements of the slices with the same id; an empty segment has the largest number of the dtype."""
    return _segment_extreme("segment_min", np.minimum, data, segment_ids, num_segments)


def segment_prod(
    data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False
) -> Tensor:
    """The products of the slices with the same id; 1 for an empty segment. No derivative."""
    return _segment_extreme("segment_prod", np.multiply, data, segment_ids, num_segments)


def _whole(indices: Any) -> Tensor:
    places = tensor(indices)
    return places.astype("int64") if is_float(places) or places.dtype == _core.bool else places


def _box(name: str, shape: Shape, start: Shape, size: Shape) -> Any:
    """Return the index of a box, checked."""
    fits = len(start) == len(size) == len(shape)
    if not fits or any(a < 0 or n < 0 or a + n > m for a, n, m in zip(start, size, shape, strict=True)):
        raise ShapeError(f"{name}: a box of shape {size} at {start} does not lie within shape {shape}")
    return tuple(_Span(first, first + n) for first, n in zip(start, size, strict=True))


def _places(name: str, indices: Any, shape: Shape, values: Shape) -> np.ndarray[Any, Any]:
    """Return the positions, in the flattened tensor, of all elements that `indices` address."""
    (index,) = arrays(name, _whole(indices))
    depth = index.shape[-1] if index.ndim else 0
    if index.ndim == 0 or depth > len(shape):
        raise ShapeError(f"{name}: indices of shape {index.shape} do not address a tensor of shape {shape}")
    if values != (*index.shape[:-1], *shape[depth:]):
        raise ShapeError(
            f"{name}: indices of shape {index.shape} into shape {shape} need values of shape "
            f"{(*index.shape[:-1], *shape[depth:])}, got {values}"
        )
    limits = np.array(shape[:depth])
    if ((index < -limits) | (index >= limits)).any():
        raise IndexError(f"{name}: an index lies outside of shape {shape}")
    index = np.where(index < 0, index + limits, index)
    rest = math.prod(shape[depth:])
    steps = np.array([math.prod(shape[i + 1 :]) for i in range(depth)], dtype=np.int64)
    return (index @ steps)[..., None] + np.arange(rest)


def _sums(values: Tensor, places: np.ndarray[Any, Any], size: int) -> Tensor:
    """Return a vector of `size` zeros with the values added at places: the derivative of `take`, transposed."""
    if not is_float(values):
        (numbers,) = arrays("add at", values)
        found = np.zeros(size, dtype=numbers.dtype)
        np.add.at(found, places, numbers)
        return from_numpy(found)
    recorded = _core.tracked(values)
    before = _core.set_recording(True)
    try:
        x = _core.zeros((size,), dtype=values.dtype, device=values.device)
        x.requires_grad = True
        (found_gradient,) = _core.gradients(_core.take(x, places, axis=0), [x], values, recorded)
    finally:
        _core.set_recording(before)
    assert found_gradient is not None
    return found_gradient


def _overwritten(x: Tensor, places: np.ndarray[Any, Any], values: Tensor) -> Tensor:
    """Return x with values at places of the flattened tensor; of equal places the last counts."""
    _, last = np.unique(places[::-1], return_index=True)
    kept = np.sort(len(places) - 1 - last)
    mask = np.zeros(x.size, dtype=bool)
    mask[places] = True
    new = _sums(_core.take(values, kept, axis=0), places[kept], x.size)
    return _core.reshape(_core.where(mask, new, x.reshape((-1,))), x.shape)


def _segments(
    name: str, data: Any, segment_ids: Any, num_segments: int | None
) -> tuple[Tensor, np.ndarray[Any, Any], int]:
    x = tensor(data)
    (ids,) = arrays(name, _whole(segment_ids))
    if x.ndim == 0 or ids.shape != x.shape[:1]:
        raise ShapeError(f"{name}: shape {x.shape} needs segment_ids of shape {x.shape[:1]}, got {ids.shape}")
    return x, ids, int(ids.max(initial=-1)) + 1 if num_segments is None else int(num_segments)


def _segment_extreme(name: str, ufunc: Any, data: Any, segment_ids: Any, num_segments: int | None) -> Tensor:
    x, ids, count = _segments(name, data, segment_ids, num_segments)
    (values,) = arrays(name, x)
    first: Any = 1
    if ufunc is not np.multiply:
        info = (-np.inf, np.inf)
        if values.dtype.kind in "iu":
            limits = np.iinfo(values.dtype)
            info = (limits.min, limits.max)
        first = info[0] if ufunc is np.maximum else info[1]
    found = np.full((count, *values.shape[1:]), first, dtype=values.dtype)
    inside = (ids >= 0) & (ids < count)
    ufunc.at(found, ids[inside], values[inside])
    return from_numpy(found)


def _refuse_sparse(name: str, sparse: bool) -> None:
    if sparse:
        raise NotImplementedError(f"{name}: pynn has no sparse tensors; leave sparse=False")
