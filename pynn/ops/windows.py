"""Convolution, pooling and what else goes over windows or blocks of spatial axes, in `keras.ops.nn`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import _core
from .._core import ShapeError, Tensor
from ..config import checked_data_format
from .convert import tensor
from .shapes import pad


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
