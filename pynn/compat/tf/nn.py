"""`tf.nn`: activations, convolutions and cross-entropies under TensorFlow's names."""

from __future__ import annotations

from typing import Any

from ... import ops, random
from ..._core import Tensor
from .math import _unary, l2_normalize, log_sigmoid, sigmoid, softplus, tanh, top_k
from .missing import message

relu = _unary(ops.relu)
relu6 = _unary(ops.relu6)
elu = _unary(ops.elu)
selu = _unary(ops.selu)
silu = swish = _unary(ops.silu)
softsign = _unary(ops.softsign)

__all__ = ["l2_normalize", "log_sigmoid", "sigmoid", "softplus", "tanh", "top_k"]


def leaky_relu(features: Any, alpha: float = 0.2, name: str | None = None) -> Tensor:
    """x where it is above 0, alpha * x elsewhere."""
    return ops.leaky_relu(features, alpha)


def gelu(features: Any, approximate: bool = False, name: str | None = None) -> Tensor:
    """x times the normal distribution function at x."""
    return ops.gelu(features, approximate)


def softmax(logits: Any, axis: int | None = None, name: str | None = None) -> Tensor:
    """e**x / sum(e**x) along an axis, by default the last."""
    return ops.softmax(logits, -1 if axis is None else axis)


def log_softmax(logits: Any, axis: int | None = None, name: str | None = None) -> Tensor:
    """log(softmax(x))."""
    return ops.log_softmax(logits, -1 if axis is None else axis)


def softmax_cross_entropy_with_logits(
    labels: Any, logits: Any, axis: int = -1, name: str | None = None
) -> Tensor:
    """-sum(labels * log(softmax(logits))) along an axis."""
    return ops.categorical_crossentropy(labels, logits, True, axis)


def sparse_softmax_cross_entropy_with_logits(labels: Any, logits: Any, name: str | None = None) -> Tensor:
    """-log(softmax(logits))[labels]."""
    return ops.sparse_categorical_crossentropy(labels, logits, True)


def sigmoid_cross_entropy_with_logits(labels: Any, logits: Any, name: str | None = None) -> Tensor:
    """-labels log(p) - (1 - labels) log(1 - p), with p = sigmoid(logits)."""
    return ops.binary_crossentropy(labels, logits, True)


def l2_loss(t: Any, name: str | None = None) -> Tensor:
    """sum(t**2) / 2."""
    return ops.sum(ops.square(t)) / 2


def bias_add(value: Any, bias: Any, data_format: str | None = None, name: str | None = None) -> Tensor:
    """value + bias along the channels."""
    x = ops.convert_to_tensor(value)
    if data_format is not None and data_format.startswith("NC"):
        bias = ops.reshape(bias, (-1, *(1,) * (x.ndim - 2)))
    return ops.add(x, bias)


def dropout(
    x: Any, rate: float, noise_shape: Any = None, seed: int | None = None, name: str | None = None
) -> Tensor:
    """x with a fraction `rate` of its elements at 0 and the others divided by 1 - rate."""
    return random.dropout(x, rate, noise_shape, seed)


def moments(
    x: Any, axes: Any, shift: Any = None, keepdims: bool = False, name: str | None = None
) -> tuple[Tensor, Tensor]:
    """The mean and the variance over axes."""
    return ops.moments(x, axes, keepdims)


def embedding_lookup(params: Any, ids: Any, max_norm: float | None = None, name: str | None = None) -> Tensor:
    """The rows of params at ids."""
    if max_norm is not None:
        raise NotImplementedError("tf.nn.embedding_lookup: pynn takes max_norm=None")
    return ops.take(params, ids, 0)


def conv2d(
    input: Any,
    filters: Any,
    strides: Any,
    padding: str,
    data_format: str = "NHWC",
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """Convolution of (B, height, width, channels) with (height, width, channels, filters)."""
    return ops.conv(
        input,
        filters,
        _sizes(strides, data_format),
        padding.lower(),
        _format(data_format),
        1 if dilations is None else _sizes(dilations, data_format),
    )


def max_pool2d(
    input: Any, ksize: Any, strides: Any, padding: str, data_format: str = "NHWC", name: str | None = None
) -> Tensor:
    """The largest element of each window."""
    window, steps = _sizes(ksize, data_format), _sizes(strides, data_format)
    return ops.max_pool(input, window, steps, padding.lower(), _format(data_format))


def avg_pool2d(
    input: Any, ksize: Any, strides: Any, padding: str, data_format: str = "NHWC", name: str | None = None
) -> Tensor:
    """The mean of each window."""
    window, steps = _sizes(ksize, data_format), _sizes(strides, data_format)
    return ops.average_pool(input, window, steps, padding.lower(), _format(data_format))


def _format(data_format: str) -> str:
    return "channels_first" if data_format == "NCHW" else "channels_last"


def _sizes(value: Any, data_format: str) -> Any:
    """Return the sizes of the spatial axes, of one, two or four numbers."""
    if isinstance(value, (list, tuple)) and len(value) == 4:
        value = value[2:] if data_format == "NCHW" else value[1:3]
    return tuple(value) if isinstance(value, (list, tuple)) else value


def __getattr__(name: str) -> Any:
    raise AttributeError(message("tf.nn", name, globals()))
