"""Linear algebra, `keras.ops.linalg`: Keras's arguments over `pynn.linalg`, whose derivatives these have too."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import _core, linalg
from .._core import Tensor
from ..linalg.delegate import squares
from .convert import arrays, axes_of, floating, from_numpy, together


def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Tensor:
    """The norm of vectors (along one axis) or matrices (in two), or of all elements.

    Args:
        ord: of vectors a number, inf or -inf; of matrices 'fro', 'nuc', 1, -1, 2, -2, inf or -inf. None is the
            square root of the sum of squares.
    """
    x = floating(x)
    if axis is None and ord is None:
        return _core.norm(x, keepdims=keepdims)
    axes = axes_of("norm", axis, x.ndim)
    if len(axes) == 1:
        return _core.norm(x, ord=2.0 if ord is None else float(ord), axis=axes, keepdims=keepdims)
    if len(axes) != 2:
        raise ValueError(f"norm: axis must name one axis or two, got {axis} for shape {x.shape}")
    if ord in (None, "fro"):
        return _core.norm(x, axis=axes, keepdims=keepdims)
    if ord in ("nuc", 2, -2):
        y = linalg.matrix_norm(_core.moveaxis(x, axes, (-2, -1)), ord=ord)
        return _core.expand_dims(y, axes) if keepdims else y
    if ord not in (1, -1, np.inf, -np.inf):
        raise ValueError(f"norm: ord {ord!r} is none of a matrix: 'fro', 'nuc', 1, -1, 2, -2, inf, -inf")
    summed, other = axes if abs(ord) == 1 else axes[::-1]
    extreme = _core.max if ord > 0 else _core.min
    y = extreme(_core.sum(_core.abs(x), summed, True), other, True)
    return y if keepdims else _core.squeeze(y, axes)


def det(x: Any) -> Tensor:
    """The determinants of square matrices."""
    return linalg.det(floating(x))


def slogdet(x: Any) -> tuple[Tensor, Tensor]:
    """The sign and the logarithm of the size of determinants."""
    return linalg.slogdet(floating(x))


def logdet(x: Any) -> Tensor:
    """The logarithms of the determinants of positive definite matrices."""
    return linalg.slogdet(squares("logdet", floating(x))).logabsdet


def inv(x: Any) -> Tensor:
    """The inverses of square matrices."""
    return linalg.inv(floating(x))


def pinv(x: Any, rcond: float | None = None) -> Tensor:
    """The pseudo-inverses of matrices; singular values below rcond times the largest count as 0."""
    x = floating(x)
    if rcond is None:
        rcond = float(np.finfo(x.dtype.name).eps) * 10 * max(x.shape[-2:])
    return linalg.pinv(x, rtol=rcond)


def matrix_rank(x: Any, tol: float | None = None) -> Tensor:
    """How many singular values are above `tol`, int32."""
    (values,) = arrays("matrix_rank", floating(x))
    return from_numpy(np.linalg.matrix_rank(values, tol=tol), "int32")


def cholesky(x: Any, upper: bool = False) -> Tensor:
    """The lower triangular L with L L^T = x, of positive definite matrices; with `upper` its transpose."""
    y = linalg.cholesky(floating(x))
    return y.mT if upper else y


def cholesky_inverse(x: Any, upper: bool = False) -> Tensor:
    """The inverse of the matrix whose Cholesky factor is x."""
    factor = squares("cholesky_inverse", floating(x))
    factor = factor.mT if upper else factor
    return linalg.inv(factor @ factor.mT)


def eigh(x: Any) -> tuple[Tensor, Tensor]:
    """The eigenvalues, rising, and eigenvectors (columns) of symmetric matrices."""
    return linalg.eigh(floating(x))


def qr(x: Any, mode: str = "reduced") -> tuple[Tensor, Tensor]:
    """Q with orthonormal columns and triangular R, Q R = x; mode 'reduced' or 'complete'."""
    return linalg.qr(floating(x), mode=mode)


def svd(x: Any, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    """U, the singular values s, falling, and V^T with U diag(s) V^T = x; s alone without compute_uv."""
    x = floating(x)
    return linalg.svd(x, full_matrices=full_matrices) if compute_uv else linalg.svdvals(x)


def solve(a: Any, b: Any) -> Tensor:
    """x with a x = b, for square matrices a; b is a vector or a matrix."""
    matrix, right = together(floating(a), floating(b))
    alone = right.ndim == matrix.ndim - 1
    found = linalg.solve(matrix, right[..., None] if alone else right)
    return found[..., 0] if alone else found


def solve_triangular(a: Any, b: Any, lower: bool = False) -> Tensor:
    """As `solve`, for triangular matrices: only the triangle is read, the upper one unless `lower`."""
    a = floating(a)
    return solve(_core.tril(a) if lower else _core.triu(a), b)


def lstsq(a: Any, b: Any, rcond: float | None = None) -> Tensor:
    """x with the least squares of a x - b; singular values below rcond times the largest count as 0."""
    matrix, right = arrays("lstsq", *together(floating(a), floating(b)))
    return from_numpy(np.linalg.lstsq(matrix, right, rcond=rcond)[0])


def lu_factor(x: Any) -> tuple[Tensor, Tensor]:
    """L (below the diagonal, its own being 1) and U in one matrix, and the row exchanged with each, int32."""
    (values,) = arrays("lu_factor", squares("lu_factor", floating(x)))
    lu = values.copy().reshape(-1, *values.shape[-2:])
    pivots = np.zeros(lu.shape[:2], dtype=np.int32)
    every = np.arange(len(lu))
    for k in range(lu.shape[-1]):
        pivots[:, k] = rows = k + np.abs(lu[:, k:, k]).argmax(axis=1)
        lu[every, k], lu[every, rows] = lu[every, rows].copy(), lu[every, k].copy()
        lu[:, k + 1 :, k] /= lu[:, k, k, None]
        lu[:, k + 1 :, k + 1 :] -= lu[:, k + 1 :, k, None] * lu[:, None, k, k + 1 :]
    return from_numpy(lu.reshape(values.shape)), from_numpy(pivots.reshape(values.shape[:-1]))
