"""Operations of neural networks, `keras.ops.nn`: activations, windows, normalization, attention, cross-entropies."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import _core, activations, config
from .._core import ShapeError, Tensor
from ..config import checked_data_format
from ..losses import probabilistic
from .convert import apply, axes_of, axis_of, floating, tensor, together
from .linalg import norm
from .shapes import pad

# Activations -----------------------------------------------------------------------------------------------


def relu(x: Any) -> Tensor:
    """max(x, 0)."""
    return apply(_core.relu, x)


def relu6(x: Any) -> Tensor:
    """min(max(x, 0), 6)."""
    return apply(_core.relu6, x)


def sigmoid(x: Any) -> Tensor:
    """1 / (1 + e**-x)."""
    return apply(_core.sigmoid, x)


def softplus(x: Any) -> Tensor:
    """log(1 + e**x), without overflow."""
    return apply(_core.softplus, x)


def softsign(x: Any) -> Tensor:
    """x / (1 + |x|)."""
    return apply(_core.softsign, x)


def silu(x: Any) -> Tensor:
    """x * sigmoid(x)."""
    return apply(_core.silu, x)


swish = silu


def log_sigmoid(x: Any) -> Tensor:
    """log(sigmoid(x)), without overflow."""
    return apply(_core.log_sigmoid, x)


def leaky_relu(x: Any, negative_slope: float = 0.2) -> Tensor:
    """x where it is above 0, negative_slope * x elsewhere."""
    return _core.leaky_relu(floating(x), negative_slope)


def hard_sigmoid(x: Any) -> Tensor:
    """x / 6 + 1/2, limited to [0, 1]."""
    return apply(_core.hard_sigmoid, x)


def hard_silu(x: Any) -> Tensor:
    """x * hard_sigmoid(x)."""
    return activations.hard_silu(floating(x))


hard_swish = hard_silu


def elu(x: Any, alpha: float = 1.0) -> Tensor:
    """x where it is above 0, alpha * (e**x - 1) elsewhere."""
    return _core.elu(floating(x), alpha)


def selu(x: Any) -> Tensor:
    """`elu` times a constant, with both constants such that layers keep mean 0 and variance 1."""
    return apply(_core.selu, x)


def gelu(x: Any, approximate: bool = True) -> Tensor:
    """x times the normal distribution function at x, or its approximation by tanh."""
    return _core.gelu(floating(x), approximate)


def celu(x: Any, alpha: float = 1.0) -> Tensor:
    """x where it is above 0, alpha * (e**(x / alpha) - 1) elsewhere."""
    return activations.celu(floating(x), alpha)


def glu(x: Any, axis: int = -1) -> Tensor:
    """a * sigmoid(b), a and b being the halves of x along an axis."""
    return activations.glu(floating(x), axis)


def hard_tanh(x: Any) -> Tensor:
    """x limited to [-1, 1]."""
    return activations.hard_tanh(floating(x))


def tanh_shrink(x: Any) -> Tensor:
    """x - tanh(x)."""
    return activations.tanh_shrink(floating(x))


def hard_shrink(x: Any, threshold: float = 0.5) -> Tensor:
    """x where |x| > threshold, else 0."""
    return activations.hard_shrink(floating(x), threshold)


def soft_shrink(x: Any, threshold: float = 0.5) -> Tensor:
    """x moved towards 0 by `threshold`, 0 where it would cross."""
    return activations.soft_shrink(floating(x), threshold)


def threshold(x: Any, threshold: float, default_value: float) -> Tensor:
    """x where it is above `threshold`, else `default_value`."""
    return activations.threshold(floating(x), threshold, default_value)


def squareplus(x: Any, b: float = 4) -> Tensor:
    """(x + sqrt(x**2 + b)) / 2."""
    return activations.squareplus(floating(x), b)


def sparse_plus(x: Any) -> Tensor:
    """0 up to -1, x from 1 on, and (x + 1)**2 / 4 between."""
    return activations.sparse_plus(floating(x))


def sparse_sigmoid(x: Any) -> Tensor:
    """(x + 1) / 2, limited to [0, 1]."""
    return activations.sparse_sigmoid(floating(x))


def sparsemax(x: Any, axis: int = -1) -> Tensor:
    """The nearest point to x whose elements along an axis are not negative and sum to 1."""
    return activations.sparsemax(floating(x), axis)


def softmax(x: Any, axis: Any = -1) -> Tensor:
    """e**x / sum(e**x) along an axis; along several as if they were one, None being all."""
    if isinstance(x, Tensor) and isinstance(axis, int):
        return _core.softmax(x, axis)
    return _over_axes(_core.softmax, "softmax", floating(x), axis)


def log_softmax(x: Any, axis: Any = -1) -> Tensor:
    """log(softmax(x)), without overflow."""
    return _over_axes(_core.log_softmax, "log_softmax", floating(x), axis)


# Windows ---------------------------------------------------------------------------------------------------


def conv(
    inputs: Any,
    kernel: Any,
    strides: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Tensor:
    """Convolution over 1 to 3 spatial axes.

    Args:
        inputs: (B, spatial axes, channels), or (B, channels, spatial axes).
        kernel: (sizes, channels / groups, filters).
        strides, dilation_rate: a number, or one for each spatial axis.
        padding: 'valid' or 'same'.
        data_format: 'channels_last', 'channels_first', or None for `pynn.config.image_data_format()`.
    """
    x, back = _channels_last("conv", inputs, data_format)
    return back(
        _core.conv(x, _kernel(kernel, x), strides=strides, padding=padding, dilation_rate=dilation_rate)
    )


def depthwise_conv(
    inputs: Any,
    kernel: Any,
    strides: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Tensor:
    """Convolution of each channel by itself; kernel (sizes, channels, filters of each); otherwise as `conv`."""
    x, back = _channels_last("depthwise_conv", inputs, data_format)
    weights = _kernel(kernel, x)
    return back(
        _core.depthwise_conv(x, weights, strides=strides, padding=padding, dilation_rate=dilation_rate)
    )


def separable_conv(
    inputs: Any,
    depthwise_kernel: Any,
    pointwise_kernel: Any,
    strides: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Tensor:
    """`depthwise_conv`, then `conv` with a kernel over one position."""
    y = depthwise_conv(inputs, depthwise_kernel, strides, padding, data_format, dilation_rate)
    return conv(y, pointwise_kernel, 1, "valid", data_format)


def conv_transpose(
    inputs: Any,
    kernel: Any,
    strides: Any = 1,
    padding: str = "valid",
    output_padding: Any = None,
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Tensor:
    """What the gradient of `conv` with respect to its input computes; kernel (sizes, filters, channels)."""
    x, back = _channels_last("conv_transpose", inputs, data_format)
    weights = _kernel(kernel, x)
    return back(
        _core.conv_transpose(
            x,
            weights,
            strides=strides,
            padding=padding,
            output_padding=output_padding,
            dilation_rate=dilation_rate,
        )
    )


def max_pool(
    inputs: Any, pool_size: Any, strides: Any = None, padding: str = "valid", data_format: str | None = None
) -> Tensor:
    """The largest element of each window; strides None means pool_size."""
    x, back = _channels_last("max_pool", inputs, data_format)
    return back(_core.max_pool(x, pool_size, strides, padding))


def average_pool(
    inputs: Any, pool_size: Any, strides: Any = None, padding: str = "valid", data_format: str | None = None
) -> Tensor:
    """The mean of each window; strides None means pool_size."""
    x, back = _channels_last("average_pool", inputs, data_format)
    return back(_core.average_pool(x, pool_size, strides, padding))


def adaptive_average_pool(inputs: Any, output_size: Any, data_format: str | None = None) -> Tensor:
    """The means of so many windows along each spatial axis, as equal as they can be."""
    return _adaptive("adaptive_average_pool", _core.mean, inputs, output_size, data_format)


def adaptive_max_pool(inputs: Any, output_size: Any, data_format: str | None = None) -> Tensor:
    """The largest elements of so many windows along each spatial axis, as equal as they can be."""
    return _adaptive("adaptive_max_pool", _core.max, inputs, output_size, data_format)


def unfold(x: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Tensor:
    """The windows of (B, C, H, W) as columns: (B, C * kernel height * kernel width, windows)."""
    x = tensor(x)
    tall, wide = _pair(kernel_size)
    (down, right), (vertical, horizontal) = _pair(dilation), _pair(padding)
    x = pad(x, ((0, 0), (0, 0), (vertical, vertical), (horizontal, horizontal)))
    rows = _window_places(x.shape[2], tall, down, _pair(stride)[0])
    columns = _window_places(x.shape[3], wide, right, _pair(stride)[1])
    y = _core.take(_core.take(x, rows, axis=2), columns, axis=4)  # (B, C, kh, rows, kw, columns)
    batch, channels = x.shape[:2]
    return _core.permute_dims(y, (0, 1, 2, 4, 3, 5)).reshape((batch, channels * tall * wide, -1))


def depth_to_space(x: Any, block_size: int, data_format: str = "channels_last") -> Tensor:
    """Channels spread over blocks of pixels: (B, H, W, C) becomes (B, H b, W b, C / b**2)."""
    y, back = _channels_last("depth_to_space", x, data_format)
    batch, height, width, channels = y.shape
    b = block_size
    if channels % (b * b):
        raise ShapeError(f"depth_to_space: {channels} channels do not divide into blocks of {b} by {b}")
    if checked_data_format("depth_to_space", data_format) == "channels_first":
        y = y.reshape((batch, height, width, channels // (b * b), b, b)).transpose(0, 1, 4, 2, 5, 3)
    else:
        y = y.reshape((batch, height, width, b, b, channels // (b * b))).transpose(0, 1, 3, 2, 4, 5)
    return back(y.reshape((batch, height * b, width * b, channels // (b * b))))


def space_to_depth(x: Any, block_size: int, data_format: str = "channels_last") -> Tensor:
    """The inverse of `depth_to_space`: (B, H, W, C) becomes (B, H / b, W / b, C b**2)."""
    y, back = _channels_last("space_to_depth", x, data_format)
    batch, height, width, channels = y.shape
    b = block_size
    if height % b or width % b:
        raise ShapeError(f"space_to_depth: {height} by {width} pixels do not divide into blocks of {b}")
    y = y.reshape((batch, height // b, b, width // b, b, channels))
    first = checked_data_format("space_to_depth", data_format) == "channels_first"
    y = y.transpose(*((0, 1, 3, 5, 2, 4) if first else (0, 1, 3, 2, 4, 5)))
    return back(y.reshape((batch, height // b, width // b, channels * b * b)))


# Normalization ---------------------------------------------------------------------------------------------


def moments(x: Any, axes: Any, keepdims: bool = False, synchronized: bool = False) -> tuple[Tensor, Tensor]:
    """The mean and the variance over axes."""
    if synchronized:
        raise NotImplementedError("moments: pynn runs on one device; leave synchronized=False")
    x = floating(x)
    axes = tuple(axes) if isinstance(axes, (tuple, list)) else axes
    return _core.mean(x, axes, keepdims), _core.var(x, axis=axes, keepdims=keepdims)


def normalize(x: Any, axis: Any = -1, order: int = 2, epsilon: float | None = None) -> Tensor:
    """x over its norm along axes; a norm below epsilon (None: `pynn.config.epsilon()`) counts as epsilon."""
    if not isinstance(order, int) or order < 1:
        raise ValueError(f"normalize: order must be an integer of at least 1, got {order!r}")
    inputs = floating(x)
    inputs = inputs[None] if inputs.ndim == 0 else inputs
    least = config.epsilon() if epsilon is None else epsilon
    if order == 2:
        axes = axes_of("normalize", axis, inputs.ndim)
        factor = _core.rsqrt(_core.sum(_core.square(inputs), axes, True))
        return inputs * _core.minimum(factor, 1.0 / least)
    return inputs / _core.maximum(norm(inputs, order, axis, True), least)


def batch_normalization(
    x: Any,
    mean: Any,
    variance: Any,
    axis: int,
    offset: Any = None,
    scale: Any = None,
    epsilon: float = 0.001,
) -> Tensor:
    """(x - mean) / sqrt(variance + epsilon) * scale + offset, all four vectors along one axis of x."""
    inputs = floating(x)
    place = axis_of("batch_normalization", axis, inputs.ndim)

    def along(vector: Any) -> Tensor:
        return floating(vector).reshape(tuple(-1 if i == place else 1 for i in range(inputs.ndim)))

    factor = _core.rsqrt(along(variance) + epsilon)
    if scale is not None:
        factor = factor * along(scale)
    y = (inputs - along(mean)) * factor
    return y if offset is None else y + along(offset)


def layer_normalization(
    x: Any, gamma: Any = None, beta: Any = None, axis: Any = -1, epsilon: float | None = None, **kwargs: Any
) -> Tensor:
    """x less its mean, over its standard deviation, both over axes; times gamma, plus beta."""
    if kwargs.pop("rms_scaling", False) or kwargs:
        raise TypeError(
            "layer_normalization: pynn takes no more arguments; for RMS scaling use rms_normalization"
        )
    inputs = floating(x)
    axes = axes_of("layer_normalization", axis, inputs.ndim)
    variance = _core.var(inputs, axis=axes, keepdims=True) + (
        config.epsilon() if epsilon is None else epsilon
    )
    y = (inputs - _core.mean(inputs, axes, True)) * _core.rsqrt(variance)
    y = y if gamma is None else y * _over(gamma, inputs, axes)
    return y if beta is None else y + _over(beta, inputs, axes)


def rms_normalization(x: Any, scale: Any = None, axis: Any = -1, epsilon: float | None = None) -> Tensor:
    """x over the root of the mean of its squares over axes; times scale."""
    inputs = floating(x)
    inputs = inputs[None] if inputs.ndim == 0 else inputs
    axes = axes_of("rms_normalization", axis, inputs.ndim)
    squares = _core.mean(_core.square(inputs), axes, True) + (
        config.epsilon() if epsilon is None else epsilon
    )
    y = inputs * _core.rsqrt(squares)
    return y if scale is None else y * _over(scale, inputs, axes)


def dot_product_attention(
    query: Any,
    key: Any,
    value: Any,
    bias: Any = None,
    mask: Any = None,
    scale: float | None = None,
    is_causal: bool = False,
    flash_attention: bool | None = None,
    attn_logits_soft_cap: float | None = None,
) -> Tensor:
    """The mean of values, weighted by the softmax of query-key products (Vaswani et al. 2017).

    Args:
        query: (B, T, heads, depth); key, value: (B, S, heads, depth).
        bias: added to the products, broadcast to (B, heads, T, S).
        mask: where False, a query does not see a key; broadcast to (B, heads, T, S).
        scale: of the products; None means 1 / sqrt(depth).
        is_causal: query t sees keys up to t.
        flash_attention: of no use here but for True, which is refused.
        attn_logits_soft_cap: refused but for None.
    """
    if flash_attention or attn_logits_soft_cap is not None:
        raise NotImplementedError(
            "dot_product_attention: pynn has no flash attention and no soft cap of logits"
        )
    q, k, v = (floating(x) for x in (query, key, value))
    if not q.ndim == k.ndim == v.ndim == 4:
        raise ShapeError(
            f"dot_product_attention: needs (B, T, heads, depth), got {q.shape}, {k.shape} and {v.shape}"
        )
    logits = _core.einsum("bthd,bshd->bhts", q, k) * (q.shape[-1] ** -0.5 if scale is None else scale)
    if bias is not None:
        logits = logits + floating(bias)
    allowed = None if mask is None else tensor(mask).astype("bool")
    if is_causal:
        below = _core.tril(_core.ones(logits.shape[2:], dtype="bool"))
        allowed = below if allowed is None else _core.logical_and(allowed, below)
    if allowed is not None:
        never = -0.7 * float(np.finfo("float64" if logits.dtype == _core.float64 else "float32").max)
        logits = _core.where(allowed, logits, never)
    return _core.einsum("bhts,bshd->bthd", _core.softmax(logits, axis=-1), v)


# Losses ----------------------------------------------------------------------------------------------------


def categorical_crossentropy(target: Any, output: Any, from_logits: bool = False, axis: int = -1) -> Tensor:
    """-sum(target * log(output)) along an axis, output scaled to sum to 1; or with softmax(output) for logits."""
    return probabilistic.categorical_crossentropy(target, floating(output), from_logits, 0.0, axis)


def sparse_categorical_crossentropy(
    target: Any, output: Any, from_logits: bool = False, axis: int = -1
) -> Tensor:
    """-log(output[target]): as `categorical_crossentropy`, for classes instead of one-hot rows."""
    return probabilistic.sparse_categorical_crossentropy(target, floating(output), from_logits, None, axis)


def binary_crossentropy(target: Any, output: Any, from_logits: bool = False) -> Tensor:
    """-target log(output) - (1 - target) log(1 - output), element-wise; or with sigmoid(output) for logits."""
    t, p = together(floating(target), floating(output))
    if t.shape != p.shape:
        raise ShapeError(f"binary_crossentropy: target has shape {t.shape}, output {p.shape}")
    return (_core.binary_cross_entropy_with_logits if from_logits else _core.binary_cross_entropy)(p, t)


def psnr(x1: Any, x2: Any, max_val: float) -> Tensor:
    """The peak signal-to-noise ratio in decibels: 20 log10(max_val) - 10 log10(mean of squared differences)."""
    a, b = (floating(x) for x in together(x1, x2))
    if a.shape != b.shape:
        raise ShapeError(f"psnr: the shapes {a.shape} and {b.shape} differ")
    return 20 * math.log10(max_val) - 10 * _core.log10(_core.mean(_core.square(a - b)))


# Parts -----------------------------------------------------------------------------------------------------


def _over_axes(operation: Any, name: str, x: Tensor, axis: Any) -> Tensor:
    """Return an operation along one axis, or along several as if they were one."""
    if isinstance(axis, int):
        y: Tensor = operation(x, axis=axis)
        return y
    axes = axes_of(name, axis, x.ndim)
    order = [*(i for i in range(x.ndim) if i not in axes), *axes]
    turned = _core.permute_dims(x, order)
    kept = turned.shape[: x.ndim - len(axes)]
    y = operation(turned.reshape((*kept, math.prod(turned.shape[len(kept) :]))), axis=-1)
    return _core.permute_dims(y.reshape(turned.shape), [order.index(i) for i in range(x.ndim)])


def _channels_last(
    name: str, inputs: Any, data_format: str | None
) -> tuple[Tensor, Callable[[Tensor], Tensor]]:
    """Return inputs with the channels last, and the function that undoes it."""
    x = tensor(inputs)
    if checked_data_format(name, data_format) == "channels_last":
        return x, lambda y: y
    return _core.moveaxis(x, 1, -1), lambda y: _core.moveaxis(y, -1, 1)


def _kernel(kernel: Any, x: Tensor) -> Tensor:
    return tensor(kernel, x.dtype)


def _pair(value: Any) -> tuple[int, int]:
    first, second = (value, value) if isinstance(value, int) else value
    return first, second


def _window_places(size: int, window: int, dilation: int, stride: int) -> np.ndarray[Any, Any]:
    count = (size - (window - 1) * dilation - 1) // stride + 1
    return np.arange(window)[:, None] * dilation + np.arange(count) * stride


def _adaptive(name: str, reduce: Any, inputs: Any, output_size: Any, data_format: str | None) -> Tensor:
    x, back = _channels_last(name, inputs, data_format)
    rank = x.ndim - 2
    wanted = (output_size,) * rank if isinstance(output_size, int) else tuple(output_size)
    if len(wanted) != rank:
        raise ValueError(f"{name}: output_size must have {rank} numbers, got {output_size}")
    for axis, count in enumerate(wanted, 1):
        n, before = x.shape[axis], (slice(None),) * axis
        spans = [(i * n // count, -(-(i + 1) * n // count)) for i in range(count)]
        x = _core.concat([reduce(x[(*before, slice(*span))], axis, True) for span in spans], axis=axis)
    return back(x)


def _over(weights: Any, x: Tensor, axes: tuple[int, ...]) -> Tensor:
    """Return weights in a shape that broadcasts over x along axes."""
    w = floating(weights)
    if w.ndim == x.ndim or axes == (x.ndim - 1,):
        return w
    return w.reshape(tuple(n if i in axes else 1 for i, n in enumerate(x.shape)))
