"""Products of vectors, matrices and tensors of any number of axes."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import _core
from .._core import ShapeError, Tensor
from .convert import axis_of, floating, tensor, together


def matmul(x1: Any, x2: Any) -> Tensor:
    """The matrix product of vectors, matrices, or stacks of matrices whose leading axes broadcast."""
    return _core.matmul(tensor(x1), tensor(x2))


def dot(x1: Any, x2: Any) -> Tensor:
    """The sums of products over the last axis of x1 and the last but one of x2."""
    a, b = tensor(x1), tensor(x2)
    return a * b if a.ndim == 0 or b.ndim == 0 else _core.dot(a, b)


def vdot(x1: Any, x2: Any) -> Tensor:
    """The sum of the products of all elements."""
    a, b = together(x1, x2)
    return _core.dot(a.reshape((-1,)), b.reshape((-1,)))


def inner(x1: Any, x2: Any) -> Tensor:
    """The sums of products over the last axes of both."""
    a, b = together(x1, x2)
    return a * b if a.ndim == 0 or b.ndim == 0 else _core.tensordot(a, b, axes=((-1,), (-1,)))


def outer(x1: Any, x2: Any) -> Tensor:
    """Every element of x1 times every element of x2."""
    return _core.outer(*(x.reshape((-1,)) for x in together(x1, x2)))


def kron(x1: Any, x2: Any) -> Tensor:
    """Every element of x1 replaced by its product with all of x2."""
    a, b = together(x1, x2)
    n = max(a.ndim, b.ndim)
    p, q = ((1,) * (n - x.ndim) + x.shape for x in (a, b))
    left = a.reshape(tuple(size for pair in zip(p, (1,) * n, strict=True) for size in pair))
    right = b.reshape(tuple(size for pair in zip((1,) * n, q, strict=True) for size in pair))
    return (left * right).reshape(tuple(i * j for i, j in zip(p, q, strict=True)))


def tensordot(x1: Any, x2: Any, axes: Any = 2) -> Tensor:
    """The sums of products over the last n axes of x1 and the first n of x2, or over named axes."""
    a, b = together(x1, x2)
    if isinstance(axes, (tuple, list)):
        axes = tuple((item,) if isinstance(item, int) else tuple(item) for item in axes)
    return _core.tensordot(a, b, axes=axes)


def einsum(subscripts: str, *operands: Any, **kwargs: Any) -> Tensor:
    """Einstein summation: einsum('bij,bjk->bik', a, b)."""
    if kwargs:
        raise TypeError(f"einsum: pynn does not support the argument {next(iter(kwargs))!r}")
    return _core.einsum(subscripts, *(tensor(x) for x in operands))


def cross(
    x1: Any, x2: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None
) -> Tensor:
    """The cross products of vectors of 3 elements, or of 2 (with a third of 0), along an axis.

    Args:
        axisa, axisb, axisc: where the vectors lie in x1, x2 and the result; `axis` sets all three.
    """
    if axis is not None:
        axisa = axisb = axisc = axis
    a, b = together(x1, x2)
    a = _core.moveaxis(a, axis_of("cross", axisa, a.ndim), -1)
    b = _core.moveaxis(b, axis_of("cross", axisb, b.ndim), -1)
    if a.shape[-1] not in (2, 3) or b.shape[-1] not in (2, 3):
        raise ShapeError(f"cross: vectors have 2 or 3 elements, got {a.shape[-1]} and {b.shape[-1]}")
    flat = a.shape[-1] == b.shape[-1] == 2
    if flat:
        return a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]
    a1, a2, a3 = _components(a)
    b1, b2, b3 = _components(b)
    y = _core.stack([a2 * b3 - a3 * b2, a3 * b1 - a1 * b3, a1 * b2 - a2 * b1], axis=-1)
    return _core.moveaxis(y, -1, axis_of("cross", axisc, y.ndim))


def cdist(x: Any, y: Any) -> Tensor:
    """The Euclidean distances of all pairs of rows: (..., n, d) and (..., m, d) give (..., n, m)."""
    a, b = together(floating(x), floating(y))
    squares = _core.sum(_core.square(a[..., :, None, :] - b[..., None, :, :]), -1)
    same = squares == 0
    return _core.where(same, 0.0, _core.sqrt(_core.where(same, 1.0, squares)))


def correlate(x1: Any, x2: Any, mode: str = "valid") -> Tensor:
    """The sums of products of two vectors at all shifts: 'valid' where they overlap wholly, 'same', or 'full'."""
    a, b = (floating(x) for x in together(x1, x2))
    if a.ndim != 1 or b.ndim != 1:
        raise ShapeError(f"correlate: needs vectors, got shapes {a.shape} and {b.shape}")
    n, m = a.shape[0], b.shape[0]
    swapped = mode != "full" and m > n
    if swapped:
        a, b, n, m = b, a, m, n
    before, after = {
        "full": (m - 1, m - 1), "same": (m // 2, (m - 1) // 2), "valid": (0, 0),
    }.get(mode, (-1, -1))  # fmt: skip
    if before < 0:
        raise ValueError(f"correlate: mode must be 'valid', 'same' or 'full', got {mode!r}")
    y = _core.conv(a.reshape((1, n, 1)), b.reshape((m, 1, 1)), padding=[(before, after)]).reshape((-1,))
    return _core.flip(y, axis=0) if swapped else y


def corrcoef(x: Any) -> Tensor:
    """The correlation coefficients of the rows."""
    x = floating(x)
    rows = x.reshape((1, -1)) if x.ndim == 1 else x
    centred = rows - _core.mean(rows, 1, True)
    covariance = _core.matmul(centred, centred.T)
    spread = _core.sqrt(_core.take(covariance.reshape((-1,)), np.arange(len(rows)) * (len(rows) + 1), axis=0))
    y = _core.clip(covariance / spread[:, None] / spread, -1.0, 1.0)
    return y.reshape(()) if x.ndim == 1 else y


def _components(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    third = x[..., 2] if x.shape[-1] == 3 else _core.zeros_like(x[..., 0])
    return x[..., 0], x[..., 1], third
