"""Activations, in `keras.ops.nn`: element-wise functions, and softmax and its like along axes."""

from __future__ import annotations

import math
from typing import Any

from .. import _core, activations
from .._core import Tensor
from .convert import apply, axes_of, floating


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
