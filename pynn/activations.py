"""Activation functions under Keras's names. Each takes a tensor and returns one of the same shape.

Most are operations of the core, named; the rest are one line over them, and so have derivatives of any order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import _core
from ._core import (
    Tensor,
    elu,
    gelu,
    hard_sigmoid,
    leaky_relu,
    log_sigmoid,
    log_softmax,
    mish,
    relu6,
    selu,
    sigmoid,
    silu,
    softmax,
    softplus,
    softsign,
    tanh,
)
from .registry import Registry
from .serialization import provide, serialize_keras_object

registry = Registry("activation")

Activation = Callable[..., Tensor]

for _operation in (
    elu, gelu, hard_sigmoid, leaky_relu, log_sigmoid, log_softmax, mish, relu6, selu, sigmoid,
    softmax, softplus, softsign, tanh,
):  # fmt: skip
    registry.register()(_operation)
registry.register("silu", "swish")(silu)
swish = silu


@registry.register()
def linear(x: Tensor) -> Tensor:
    """Return x unchanged."""
    return x


@registry.register()
def relu(
    x: Tensor, negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0
) -> Tensor:
    """Return x above `threshold`, `negative_slope * (x - threshold)` below; never more than `max_value`."""
    if threshold == 0:
        y = _core.leaky_relu(x, negative_slope) if negative_slope else _core.relu(x)
    else:
        y = _core.where(x > threshold, x, negative_slope * (x - threshold))
    return y if max_value is None else _core.minimum(y, max_value)


@registry.register()
def exponential(x: Tensor) -> Tensor:
    """Return e to the power x."""
    return _core.exp(x)


@registry.register("hard_silu", "hard_swish")
def hard_silu(x: Tensor) -> Tensor:
    """Return x * hard_sigmoid(x), a piecewise form of silu."""
    return x * hard_sigmoid(x)


hard_swish = hard_silu


@registry.register()
def hard_tanh(x: Tensor) -> Tensor:
    """Return x limited to [-1, 1]."""
    return _core.clip(x, -1.0, 1.0)


@registry.register()
def tanh_shrink(x: Tensor) -> Tensor:
    """Return x - tanh(x)."""
    return x - tanh(x)


@registry.register()
def hard_shrink(x: Tensor, threshold: float = 0.5) -> Tensor:
    """Return x where |x| > threshold, else 0."""
    return _core.where(_core.abs(x) > threshold, x, 0.0)


@registry.register()
def soft_shrink(x: Tensor, threshold: float = 0.5) -> Tensor:
    """Return x moved towards 0 by `threshold`, 0 where it would cross."""
    return _core.sign(x) * _core.relu(_core.abs(x) - threshold)


@registry.register()
def threshold(x: Tensor, threshold: float, default_value: float) -> Tensor:
    """Return x where it is above `threshold`, else `default_value`."""
    return _core.where(x > threshold, x, default_value)


@registry.register()
def celu(x: Tensor, alpha: float = 1.0) -> Tensor:
    """Return x above 0, alpha * (exp(x / alpha) - 1) below: an elu whose slope at 0 is 1 for every alpha."""
    return _core.relu(x) + alpha * _core.expm1(_core.minimum(x, 0.0) / alpha)


@registry.register()
def squareplus(x: Tensor, b: float = 4) -> Tensor:
    """Return (x + sqrt(x^2 + b)) / 2, a smooth relu without exponentials."""
    return (x + _core.sqrt(_core.square(x) + b)) / 2


@registry.register()
def glu(x: Tensor, axis: int = -1) -> Tensor:
    """Return a * sigmoid(b), a and b the two halves of x along `axis`, whose size must be even."""
    a, b = _core.split(x, 2, axis=axis)
    return a * sigmoid(b)


@registry.register()
def sparse_plus(x: Tensor) -> Tensor:
    """Return 0 up to -1, x from 1 on, and (x + 1)^2 / 4 between, which joins them smoothly."""
    return _core.where(x < 1, _core.square(_core.relu(x + 1)) / 4, x)


@registry.register()
def sparse_sigmoid(x: Tensor) -> Tensor:
    """Return (x + 1) / 2 limited to [0, 1]: the derivative of `sparse_plus`."""
    return _core.clip((x + 1) / 2, 0.0, 1.0)


@registry.register()
def sparsemax(x: Tensor, axis: int = -1) -> Tensor:
    """Return the nearest point to x whose elements along `axis` are not negative and sum to 1.

    Like softmax, but with exact zeros (Martins and Astudillo 2016).
    """
    if x.shape[axis] == 0:
        return x
    support = x > _core.stop_gradient(_sparsemax_limit(x, axis))
    count = _core.sum(support, axis=axis, keepdims=True)
    limit = (_core.sum(_core.where(support, x, 0.0), axis=axis, keepdims=True) - 1) / count
    return _core.where(support, x - limit, 0.0)


def _sparsemax_limit(x: Tensor, axis: int) -> Tensor:
    """Return the number t for which the elements of x above t, each less t, sum to 1.

    For the k largest, t would be (their sum - 1) / k; it is right for the largest k whose smallest is above it,
    and largest there.
    """
    falling = _core.moveaxis(_core.sort(x, axis=axis, descending=True), axis, -1)
    sizes = _core.arange(1, falling.shape[-1] + 1, dtype=x.dtype)
    limits = (_core.cumulative_sum(falling, axis=-1) - 1) / sizes
    return _core.moveaxis(_core.max(limits, axis=-1, keepdims=True), -1, axis)


# The names under which `_core.linear(x, kernel, bias, activation)` applies activations itself: no parameters but x.
FUSED: dict[Any, str] = {relu: "relu", _core.relu: "relu"}
for _name in (
    "gelu", "hard_sigmoid", "log_sigmoid", "mish", "relu6", "selu", "sigmoid", "silu", "softmax", "softplus",
    "softsign", "tanh",
):  # fmt: skip
    FUSED[getattr(_core, _name)] = _name


def get(identifier: Any) -> Activation:
    """Return the activation for a name or callable; None gives `linear`.

    Raises:
        ValueError: an unknown name; the message suggests the closest.
        TypeError: neither a name nor a callable.
    """
    if identifier is None:
        return linear
    activation: Activation = registry.get(identifier)
    return activation


def serialize(activation: Activation) -> Any:
    """Return the name of `activation`, or its config in Keras's form when it is not one of those here."""
    return registry.name_of(activation) or serialize_keras_object(activation)


def deserialize(config: Any) -> Activation:
    """Make an activation from what `serialize` returned; the same as `get`."""
    return get(config)


provide("keras.activations", globals(), __name__)
