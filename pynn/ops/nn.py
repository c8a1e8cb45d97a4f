"""Normalization, attention and cross-entropies; with activations and windows they are `keras.ops.nn`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import _core, config
from .._core import ShapeError, Tensor
from ..losses import probabilistic
from .convert import axes_of, axis_of, floating, tensor, together
from .linalg import norm

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


def _over(weights: Any, x: Tensor, axes: tuple[int, ...]) -> Tensor:
    """Return weights in a shape that broadcasts over x along axes."""
    w = floating(weights)
    if w.ndim == x.ndim or axes == (x.ndim - 1,):
        return w
    return w.reshape(tuple(n if i in axes else 1 for i, n in enumerate(x.shape)))
