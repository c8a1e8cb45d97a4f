"""Operations that reduce axes: sums, means, extremes, products, norms; also running sums and products."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import _core
from .._core import Tensor
from .convert import arrays, axes_of, axis_of, cast, floating, from_numpy, is_float, tensor, together

Axis = int | tuple[int, ...] | None


def _sum_dtype(x: Tensor) -> str | None:
    """Return the dtype of a sum of x where it is not int64, as pynn sums integers: Keras widens to 32 bits only."""
    name = str(x.dtype)
    if name in ("bool", "int8", "int16", "int32"):
        return "int32"
    return {"uint8": "uint32", "uint16": "uint32", "uint32": "uint32", "uint64": "uint64"}.get(name)


def _narrow(y: Tensor, x: Tensor) -> Tensor:
    if y.dtype is x.dtype:
        return y
    dtype = None if is_float(x) else _sum_dtype(x)
    return y if dtype is None else y.astype(dtype)


def sum(x: Any, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The sum over axes; of small integers and booleans in 32 bits."""
    x = tensor(x)
    return _narrow(_core.sum(x, axis, keepdims), x)


def prod(x: Any, axis: Axis = None, keepdims: bool = False, dtype: Any = None) -> Tensor:
    """The product over axes; of small integers and booleans in 32 bits unless `dtype` says another."""
    x = tensor(x) if dtype is None else tensor(x, dtype)
    y = _core.prod(x, axis, keepdims)
    return _narrow(y, x) if dtype is None else y.astype(dtype)


def mean(x: Any, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The mean over axes; of integers it is `pynn.config.floatx()`."""
    return _core.mean(floating(x), axis, keepdims)


def var(x: Any, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The variance over axes: the mean of the squared distances from the mean."""
    return _core.var(floating(x), axis=axis, keepdims=keepdims)


def std(x: Any, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The standard deviation over axes, the square root of `var`."""
    return _core.std(floating(x), axis=axis, keepdims=keepdims)


def max(x: Any, axis: Axis = None, keepdims: bool = False, initial: Any = None) -> Tensor:
    """The largest element over axes, or `initial` if that is larger."""
    x = tensor(x)
    if initial is not None and not x.size:
        return _core.full_like(_core.sum(x, axis, keepdims), initial, dtype=x.dtype)
    y = _booleans(_core.max, x, axis, keepdims)
    return y if initial is None else _core.maximum(y, initial)


def min(x: Any, axis: Axis = None, keepdims: bool = False, initial: Any = None) -> Tensor:
    """The smallest element over axes, or `initial` if that is smaller."""
    x = tensor(x)
    if initial is not None and not x.size:
        return _core.full_like(_core.sum(x, axis, keepdims), initial, dtype=x.dtype)
    y = _booleans(_core.min, x, axis, keepdims)
    return y if initial is None else _core.minimum(y, initial)


def amax(x: Any, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The largest element over axes."""
    return max(x, axis, keepdims)


def amin(x: Any, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The smallest element over axes."""
    return min(x, axis, keepdims)


def ptp(x: Any, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The largest element less the smallest, over axes."""
    x = tensor(x)
    return _core.max(x, axis, keepdims) - _core.min(x, axis, keepdims)


def all(x: Any, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Whether all elements over axes are true (not 0)."""
    return _core.all(tensor(x), axis, keepdims)


def any(x: Any, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Whether an element over axes is true (not 0)."""
    return _core.any(tensor(x), axis, keepdims)


def count_nonzero(x: Any, axis: Axis = None) -> Tensor:
    """How many elements over axes are not 0, as int32."""
    return _core.sum(tensor(x) != 0, axis).astype("int32")


def argmax(x: Any, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """The position, int32, of the first largest element along an axis, or in the flattened tensor."""
    return _core.argmax(tensor(x), axis, keepdims).astype("int32")


def argmin(x: Any, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """The position, int32, of the first smallest element along an axis, or in the flattened tensor."""
    return _core.argmin(tensor(x), axis, keepdims).astype("int32")


def average(x: Any, axis: Axis = None, weights: Any = None) -> Tensor:
    """The mean over axes, each element counted as often as its weight says.

    Args:
        weights: of x's shape, or of the length of the one axis.
    """
    x = floating(x)
    if weights is None:
        return _core.mean(x, axis)
    x, weights = together(x, weights)
    if weights.ndim == 1 and x.ndim > 1:
        if not isinstance(axis, int):
            raise ValueError("average: weights of one dimension need the axis that they stand for")
        place = axis_of("average", axis, x.ndim)
        weights = weights.reshape(tuple(-1 if i == place else 1 for i in range(x.ndim)))
    weights = _core.broadcast_to(weights, x.shape)
    return _core.sum(x * weights, axis) / _core.sum(weights, axis)


def logsumexp(x: Any, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """log(sum(e**x)) over axes, without overflow."""
    return _core.logsumexp(floating(x), axis, keepdims)


def cumsum(x: Any, axis: int | None = None, dtype: Any = None) -> Tensor:
    """Running sums along an axis, or of the flattened tensor; of x's dtype, int32 for booleans."""
    x = tensor(x) if dtype is None else tensor(x, dtype)
    x, place = _flat_or_axis("cumsum", x, axis)
    y = _core.cumulative_sum(x, axis=place)
    return cast(y, "int32" if x.dtype == _core.bool else x.dtype)


def cumprod(x: Any, axis: int | None = None, dtype: Any = None) -> Tensor:
    """Running products along an axis, or of the flattened tensor; of x's dtype, int32 for booleans.

    The derivative, and with it the value where one is needed, is by pairs: the memory for n products is n * n.
    """
    x = tensor(x) if dtype is None else tensor(x, dtype)
    if x.dtype == _core.bool:
        x = x.astype("int32")
    x, place = _flat_or_axis("cumprod", x, axis)
    if not _core.tracked(x):
        return from_numpy(np.cumprod(x.to("cpu").numpy(), axis=place, dtype=str(x.dtype)))
    last = _core.moveaxis(x, place, -1)
    n = last.shape[-1]
    below = _core.tril(_core.ones((n, n), dtype="bool"))
    table = _core.where(below, last[..., None, :], 1.0)
    return _core.moveaxis(_core.prod(table, -1), -1, place)


def diff(a: Any, n: int = 1, axis: int = -1) -> Tensor:
    """Each element less the one before along an axis, n times over."""
    y = tensor(a)
    before = (slice(None),) * axis_of("diff", axis, y.ndim)
    for _ in range(n):
        later, earlier = y[(*before, slice(1, None))], y[(*before, slice(None, -1))]
        y = later != earlier if y.dtype == _core.bool else later - earlier
    return y


def trapezoid(y: Any, x: Any = None, dx: float = 1.0, axis: int = -1) -> Tensor:
    """The integral of values y over x (or steps dx) along an axis, by the trapezoidal rule."""
    y = floating(y)
    place = axis_of("trapezoid", axis, y.ndim)
    width: Any = dx
    if x is not None:
        x = floating(x)
        width = diff(x, axis=axis if x.ndim == y.ndim else -1)
        if x.ndim == 1:
            width = width.reshape(tuple(-1 if i == place else 1 for i in range(y.ndim)))
    before = (slice(None),) * place
    heights = y[(*before, slice(1, None))] + y[(*before, slice(None, -1))]
    return _core.sum(heights * width, place) / 2


def nansum(x: Any, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The sum over axes of the elements that are not NaN."""
    return sum(_without_nan(x, 0), axis, keepdims)


def nanprod(x: Any, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The product over axes of the elements that are not NaN."""
    return prod(_without_nan(x, 1), axis, keepdims)


def nanmax(x: Any, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The largest element over axes that is not NaN; NaN where all are."""
    return _nan_extreme(x, axis, keepdims, -math.inf, _core.max)


def nanmin(x: Any, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The smallest element over axes that is not NaN; NaN where all are."""
    return _nan_extreme(x, axis, keepdims, math.inf, _core.min)


def nanmean(x: Any, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The mean over axes of the elements that are not NaN."""
    x = floating(x)
    count = _core.sum(_core.logical_not(_core.isnan(x)), axis, keepdims)
    return _core.sum(_without_nan(x, 0), axis, keepdims) / count.astype(x.dtype)


def nanvar(x: Any, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The variance over axes of the elements that are not NaN."""
    x = floating(x)
    return nanmean(_core.square(x - nanmean(x, axis, True)), axis, keepdims)


def nanstd(x: Any, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The standard deviation over axes of the elements that are not NaN."""
    return _core.sqrt(nanvar(x, axis, keepdims))


def nanargmax(x: Any, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """The position, int32, of the first largest element that is not NaN; -1 where all are."""
    return _nan_position(x, axis, keepdims, -math.inf, argmax)


def nanargmin(x: Any, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """The position, int32, of the first smallest element that is not NaN; -1 where all are."""
    return _nan_position(x, axis, keepdims, math.inf, argmin)


def nancumsum(x: Any, axis: int | None = None, dtype: Any = None) -> Tensor:
    """Running sums in which NaN counts as 0."""
    return cumsum(_without_nan(x, 0), axis, dtype)


def nancumprod(x: Any, axis: int | None = None, dtype: Any = None) -> Tensor:
    """Running products in which NaN counts as 1."""
    return cumprod(_without_nan(x, 1), axis, dtype)


def median(x: Any, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The middle element over axes in order of size, or the mean of the two in the middle."""
    return quantile(x, 0.5, axis, "linear", keepdims)


def nanmedian(x: Any, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The median over axes of the elements that are not NaN. By NumPy; no derivative."""
    return nanquantile(x, 0.5, axis, "linear", keepdims)


def quantile(x: Any, q: Any, axis: Axis = None, method: str = "linear", keepdims: bool = False) -> Tensor:
    """The numbers below which shares q of the elements over axes lie.

    Args:
        q: a number in [0, 1], or several; several make a first axis of the result.
        method: what is taken between two elements: 'linear' (mixed), 'lower', 'higher', 'nearest', 'midpoint'.
    """
    x = floating(x)
    axes = axes_of("quantile", axis, x.ndim)
    shares = np.asarray(tensor(q).to("cpu").numpy(), dtype=np.float64)
    kept = [i for i in range(x.ndim) if i not in axes]
    last = _core.permute_dims(x, (*kept, *axes)).reshape((*(x.shape[i] for i in kept), -1))
    found = [_between(_core.sort(last), float(share), method) for share in shares.reshape(-1)]
    y = _core.stack(found).reshape((*shares.shape, *found[0].shape))
    nan = _core.any(_core.isnan(x), axes)
    y = _core.where(nan, math.nan, y)
    if keepdims:
        y = y.reshape((*shares.shape, *(1 if i in axes else n for i, n in enumerate(x.shape))))
    return y


def percentile(x: Any, q: Any, axis: Axis = None, method: str = "linear", keepdims: bool = False) -> Tensor:
    """As `quantile`, with shares in percent."""
    return quantile(x, tensor(q).to("cpu").numpy() / 100.0, axis, method, keepdims)


def nanquantile(x: Any, q: Any, axis: Axis = None, method: str = "linear", keepdims: bool = False) -> Tensor:
    """The quantiles of the elements that are not NaN. By NumPy; no derivative."""
    values, shares = arrays("nanquantile", floating(x), floating(q))
    found = np.nanquantile(values, shares, axis=axis, method=method, keepdims=keepdims)  # type: ignore[call-overload]
    return from_numpy(found, values.dtype)


def nanpercentile(
    x: Any, q: Any, axis: Axis = None, method: str = "linear", keepdims: bool = False
) -> Tensor:
    """The percentiles of the elements that are not NaN. By NumPy; no derivative."""
    return nanquantile(x, tensor(q).to("cpu").numpy() / 100.0, axis, method, keepdims)


def _between(ordered: Tensor, share: float, method: str) -> Tensor:
    """Return what lies at a share of the way along the last axis, which is in order."""
    place = share * (ordered.shape[-1] - 1)
    low, high = math.floor(place), math.ceil(place)
    if method == "linear":
        part = place - low
        return ordered[..., low] * (1 - part) + ordered[..., high] * part if part else ordered[..., low]
    if method == "midpoint":
        return (ordered[..., low] + ordered[..., high]) / 2
    index = {"lower": low, "higher": high, "nearest": int(np.round(place))}
    if method not in index:
        raise ValueError(
            f"quantile: method must be 'linear', 'lower', 'higher', 'nearest' or 'midpoint', got {method!r}"
        )
    return ordered[..., index[method]]


def _booleans(operation: Any, x: Tensor, axis: Axis, keepdims: bool) -> Tensor:
    """Return an extreme of x; of booleans too, which the core does not compare."""
    if x.dtype == _core.bool:
        return (_core.any if operation is _core.max else _core.all)(x, axis, keepdims)
    y: Tensor = operation(x, axis, keepdims)
    return y


def _flat_or_axis(name: str, x: Tensor, axis: int | None) -> tuple[Tensor, int]:
    return (x.reshape((-1,)), 0) if axis is None else (x, axis_of(name, axis, x.ndim))


def _without_nan(x: Any, value: float) -> Tensor:
    x = tensor(x)
    return _core.where(_core.isnan(x), float(value), x) if is_float(x) else x


def _nan_extreme(x: Any, axis: Axis, keepdims: bool, least: float, operation: Any) -> Tensor:
    x = tensor(x)
    if not is_float(x):
        return _booleans(operation, x, axis, keepdims)
    nan = _core.isnan(x)
    y = operation(_core.where(nan, least, x), axis, keepdims)
    return _core.where(_core.all(nan, axis, keepdims), math.nan, y)


def _nan_position(x: Any, axis: int | None, keepdims: bool, least: float, operation: Any) -> Tensor:
    x = floating(x)
    nan = _core.isnan(x)
    y = operation(_core.where(nan, least, x), axis, keepdims)
    return _core.where(_core.all(nan, axis, keepdims), -1, y).astype("int32")
