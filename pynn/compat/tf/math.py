"""`tf.math`: arithmetic, comparisons and reductions under TensorFlow's names."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any

from ... import _core, ops
from ..._core import Tensor
from .missing import message


def _unary(operation: Callable[[Any], Tensor]) -> Callable[..., Tensor]:
    def call(x: Any, name: str | None = None) -> Tensor:
        return operation(x)

    call.__name__, call.__doc__ = operation.__name__, operation.__doc__
    return call


def _binary(operation: Callable[[Any, Any], Tensor]) -> Callable[..., Tensor]:
    def call(x: Any, y: Any, name: str | None = None) -> Tensor:
        return operation(x, y)

    call.__name__, call.__doc__ = operation.__name__, operation.__doc__
    return call


abs = _unary(ops.abs)
acos = _unary(ops.arccos)
asin = _unary(ops.arcsin)
atan = _unary(ops.arctan)
ceil = _unary(ops.ceil)
cos = _unary(ops.cos)
cosh = _unary(ops.cosh)
erf = _unary(ops.erf)
exp = _unary(ops.exp)
expm1 = _unary(ops.expm1)
floor = _unary(ops.floor)
is_finite = _unary(ops.isfinite)
is_inf = _unary(ops.isinf)
is_nan = _unary(ops.isnan)
log = _unary(ops.log)
log1p = _unary(ops.log1p)
log_sigmoid = _unary(ops.log_sigmoid)
logical_not = _unary(ops.logical_not)
negative = _unary(ops.negative)
reciprocal = _unary(ops.reciprocal)
round = _unary(ops.round)
rsqrt = _unary(ops.rsqrt)
sigmoid = _unary(ops.sigmoid)
sign = _unary(ops.sign)
sin = _unary(ops.sin)
sinh = _unary(ops.sinh)
softplus = _unary(ops.softplus)
sqrt = _unary(ops.sqrt)
square = _unary(ops.square)
tan = _unary(ops.tan)
tanh = _unary(ops.tanh)

add = _binary(ops.add)
atan2 = _binary(ops.arctan2)
divide = _binary(ops.divide)
divide_no_nan = _binary(ops.divide_no_nan)
equal = _binary(ops.equal)
floordiv = _binary(ops.floor_divide)
floormod = mod = _binary(ops.mod)
greater = _binary(ops.greater)
greater_equal = _binary(ops.greater_equal)
less = _binary(ops.less)
less_equal = _binary(ops.less_equal)
logical_and = _binary(ops.logical_and)
logical_or = _binary(ops.logical_or)
logical_xor = _binary(ops.logical_xor)
maximum = _binary(ops.maximum)
minimum = _binary(ops.minimum)
multiply = _binary(ops.multiply)
not_equal = _binary(ops.not_equal)
pow = _binary(ops.power)
subtract = _binary(ops.subtract)
truediv = _binary(ops.divide)


def squared_difference(x: Any, y: Any, name: str | None = None) -> Tensor:
    """(x - y)**2."""
    return ops.square(ops.subtract(x, y))


def add_n(inputs: Any, name: str | None = None) -> Tensor:
    """The sum of tensors of one shape."""
    total = ops.convert_to_tensor(inputs[0])
    for x in inputs[1:]:
        total = ops.add(total, x)
    return total


def reduce_sum(
    input_tensor: Any, axis: Any = None, keepdims: builtins.bool = False, name: str | None = None
) -> Tensor:
    """The sum over axes, in the tensor's dtype."""
    return _same_dtype(ops.sum, input_tensor, axis, keepdims)


def reduce_prod(
    input_tensor: Any, axis: Any = None, keepdims: builtins.bool = False, name: str | None = None
) -> Tensor:
    """The product over axes, in the tensor's dtype."""
    return _same_dtype(ops.prod, input_tensor, axis, keepdims)


def reduce_mean(
    input_tensor: Any, axis: Any = None, keepdims: builtins.bool = False, name: str | None = None
) -> Tensor:
    """The mean over axes, in the tensor's dtype: of integers it is cut to an integer, as in TensorFlow."""
    return _same_dtype(ops.mean, input_tensor, axis, keepdims)


def reduce_max(
    input_tensor: Any, axis: Any = None, keepdims: builtins.bool = False, name: str | None = None
) -> Tensor:
    """The largest element over axes."""
    return ops.max(input_tensor, _axes(axis), keepdims)


def reduce_min(
    input_tensor: Any, axis: Any = None, keepdims: builtins.bool = False, name: str | None = None
) -> Tensor:
    """The smallest element over axes."""
    return ops.min(input_tensor, _axes(axis), keepdims)


def reduce_all(
    input_tensor: Any, axis: Any = None, keepdims: builtins.bool = False, name: str | None = None
) -> Tensor:
    """Whether all elements over axes are true."""
    return ops.all(input_tensor, _axes(axis), keepdims)


def reduce_any(
    input_tensor: Any, axis: Any = None, keepdims: builtins.bool = False, name: str | None = None
) -> Tensor:
    """Whether an element over axes is true."""
    return ops.any(input_tensor, _axes(axis), keepdims)


def reduce_std(
    input_tensor: Any, axis: Any = None, keepdims: builtins.bool = False, name: str | None = None
) -> Tensor:
    """The standard deviation over axes."""
    return ops.std(input_tensor, _axes(axis), keepdims)


def reduce_variance(
    input_tensor: Any, axis: Any = None, keepdims: builtins.bool = False, name: str | None = None
) -> Tensor:
    """The variance over axes."""
    return ops.var(input_tensor, _axes(axis), keepdims)


def reduce_logsumexp(
    input_tensor: Any, axis: Any = None, keepdims: builtins.bool = False, name: str | None = None
) -> Tensor:
    """log(sum(e**x)) over axes."""
    return ops.logsumexp(input_tensor, _axes(axis), keepdims)


def argmax(
    input: Any, axis: int | None = None, output_type: Any = "int64", name: str | None = None
) -> Tensor:
    """The position of the first largest element along an axis, by default the first axis."""
    return ops.cast(ops.argmax(input, 0 if axis is None else axis), output_type)


def argmin(
    input: Any, axis: int | None = None, output_type: Any = "int64", name: str | None = None
) -> Tensor:
    """The position of the first smallest element along an axis, by default the first axis."""
    return ops.cast(ops.argmin(input, 0 if axis is None else axis), output_type)


def count_nonzero(
    input: Any,
    axis: Any = None,
    keepdims: builtins.bool = False,
    dtype: Any = "int64",
    name: str | None = None,
) -> Tensor:
    """How many elements over axes are not 0."""
    return ops.cast(ops.sum(ops.not_equal(input, 0), _axes(axis), keepdims), dtype)


def cumsum(
    x: Any,
    axis: int = 0,
    exclusive: builtins.bool = False,
    reverse: builtins.bool = False,
    name: str | None = None,
) -> Tensor:
    """Running sums along an axis; exclusive leaves out the element itself, reverse starts at the end."""
    x = ops.convert_to_tensor(x)
    y = ops.flip(ops.cumsum(ops.flip(x, axis), axis), axis) if reverse else ops.cumsum(x, axis)
    return ops.subtract(y, x) if exclusive else y


def cumprod(x: Any, axis: int = 0, name: str | None = None) -> Tensor:
    """Running products along an axis."""
    return ops.cumprod(x, axis)


def l2_normalize(x: Any, axis: Any = None, epsilon: float = 1e-12, name: str | None = None) -> Tensor:
    """x / sqrt(max(sum(x**2), epsilon)), the sum being over axes (None: all)."""
    squares = ops.sum(ops.square(x), _axes(axis), True)
    return ops.multiply(x, ops.rsqrt(ops.maximum(squares, epsilon)))


def top_k(input: Any, k: int = 1, sorted: builtins.bool = True, name: str | None = None) -> Any:
    """The k largest elements along the last axis and their positions."""
    return ops.top_k(input, k, sorted)


def in_top_k(targets: Any, predictions: Any, k: int, name: str | None = None) -> Tensor:
    """Whether the prediction of each target class is among the k largest of its row."""
    return ops.in_top_k(targets, predictions, k)


def segment_sum(data: Any, segment_ids: Any, name: str | None = None) -> Tensor:
    """The sums of the slices along the first axis that have the same id."""
    return ops.segment_sum(data, segment_ids)


def bincount(arr: Any, weights: Any = None, minlength: int | None = None, name: str | None = None) -> Tensor:
    """How often each whole number from 0 on occurs."""
    return ops.bincount(arr, weights, minlength or 0)


def confusion_matrix(
    labels: Any,
    predictions: Any,
    num_classes: int | None = None,
    weights: Any = None,
    dtype: Any = "int32",
    name: str | None = None,
) -> Tensor:
    """How often each class (row) was taken for each (column)."""
    true, found = (ops.cast(x, "int64") for x in (labels, predictions))
    n = int(max(true.max().item(), found.max().item())) + 1 if num_classes is None else num_classes
    counts = ops.bincount(true * n + found, weights, n * n)
    return ops.cast(_core.reshape(counts, (n, n)), dtype)


def _axes(axis: Any) -> Any:
    return tuple(int(a) for a in axis) if isinstance(axis, (list, tuple)) else axis


def _same_dtype(operation: Any, x: Any, axis: Any, keepdims: builtins.bool) -> Tensor:
    y = operation(x, _axes(axis), keepdims)
    dtype = ops.dtype(x)
    found: Tensor = y if "float" in dtype else ops.cast(y, dtype)
    return found


def __getattr__(name: str) -> Any:
    raise AttributeError(message("tf.math", name, globals()))
