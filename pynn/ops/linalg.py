"""Linear algebra, `keras.ops.linalg`. Norms have derivatives; decompositions are NumPy's and have none."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import _core
from .._core import ShapeError, Tensor
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
        (values,) = arrays(f"norm(ord={ord!r})", x)
        return from_numpy(np.linalg.norm(values, ord=ord, axis=axes, keepdims=keepdims), values.dtype)
    if ord not in (1, -1, np.inf, -np.inf):
        raise ValueError(f"norm: ord {ord!r} is none of a matrix: 'fro', 'nuc', 1, -1, 2, -2, inf, -inf")
    summed, other = axes if abs(ord) == 1 else axes[::-1]
    extreme = _core.max if ord > 0 else _core.min
    y = extreme(_core.sum(_core.abs(x), summed, True), other, True)
    return y if keepdims else _core.squeeze(y, axes)


def det(x: Any) -> Tensor:
    """The determinants of square matrices."""
    return _by_numpy("det", np.linalg.det, x)


def slogdet(x: Any) -> tuple[Tensor, Tensor]:
    """The sign and the logarithm of the size of determinants."""
    (values,) = _squares("slogdet", x)
    sign, logarithm = np.linalg.slogdet(values)
    return from_numpy(sign, values.dtype), from_numpy(logarithm, values.dtype)


def logdet(x: Any) -> Tensor:
    """The logarithms of the determinants of positive definite matrices."""
    return _by_numpy("logdet", lambda a: np.linalg.slogdet(a)[1], x)


def inv(x: Any) -> Tensor:
    """The inverses of square matrices."""
    return _by_numpy("inv", np.linalg.inv, x)


def pinv(x: Any, rcond: float | None = None) -> Tensor:
    """The pseudo-inverses of matrices; singular values below rcond times the largest count as 0."""
    (values,) = arrays("pinv", floating(x))
    least = np.finfo(values.dtype).eps * 10 * max(values.shape[-2:]) if rcond is None else rcond
    return from_numpy(np.linalg.pinv(values, rcond=least))


def matrix_rank(x: Any, tol: float | None = None) -> Tensor:
    """How many singular values are above `tol`, int32."""
    (values,) = arrays("matrix_rank", floating(x))
    return from_numpy(np.linalg.matrix_rank(values, tol=tol), "int32")


def cholesky(x: Any, upper: bool = False) -> Tensor:
    """The lower triangular L with L L^T = x, of positive definite matrices; with `upper` its transpose."""
    y = _by_numpy("cholesky", np.linalg.cholesky, x)
    return y.mT if upper else y


def cholesky_inverse(x: Any, upper: bool = False) -> Tensor:
    """The inverse of the matrix whose Cholesky factor is x."""

    def inverse(factor: Any) -> Any:
        factor = np.swapaxes(factor, -1, -2) if upper else factor
        return np.linalg.inv(factor @ np.swapaxes(factor, -1, -2))

    return _by_numpy("cholesky_inverse", inverse, x)


def eigh(x: Any) -> tuple[Tensor, Tensor]:
    """The eigenvalues, rising, and eigenvectors (columns) of symmetric matrices."""
    (values,) = _squares("eigh", x)
    w, v = np.linalg.eigh(values)
    return from_numpy(w), from_numpy(v)


def qr(x: Any, mode: str = "reduced") -> tuple[Tensor, Tensor]:
    """Q with orthonormal columns and triangular R, Q R = x; mode 'reduced' or 'complete'."""
    if mode not in ("reduced", "complete"):
        raise ValueError(f"qr: mode must be 'reduced' or 'complete', got {mode!r}")
    (values,) = arrays("qr", floating(x))
    q, r = np.linalg.qr(values, mode="reduced" if mode == "reduced" else "complete")
    return from_numpy(q), from_numpy(r)


def svd(x: Any, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    """U, the singular values s, falling, and V^T with U diag(s) V^T = x; s alone without compute_uv."""
    (values,) = arrays("svd", floating(x))
    if not compute_uv:
        return from_numpy(np.linalg.svd(values, compute_uv=False))
    return tuple(from_numpy(part) for part in np.linalg.svd(values, full_matrices=full_matrices))


def solve(a: Any, b: Any) -> Tensor:
    """x with a x = b, for square matrices a; b is a vector or a matrix."""
    matrix, right = arrays("solve", *together(floating(a), floating(b)))
    alone = right.ndim == matrix.ndim - 1
    try:
        found = np.linalg.solve(matrix, right[..., None] if alone else right)
    except np.linalg.LinAlgError as error:
        raise ValueError(f"solve: {error}".lower()) from None
    return from_numpy(found[..., 0] if alone else found)


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
    (values,) = _squares("lu_factor", x)
    lu = values.copy().reshape(-1, *values.shape[-2:])
    pivots = np.zeros(lu.shape[:2], dtype=np.int32)
    every = np.arange(len(lu))
    for k in range(lu.shape[-1]):
        pivots[:, k] = rows = k + np.abs(lu[:, k:, k]).argmax(axis=1)
        lu[every, k], lu[every, rows] = lu[every, rows].copy(), lu[every, k].copy()
        lu[:, k + 1 :, k] /= lu[:, k, k, None]
        lu[:, k + 1 :, k + 1 :] -= lu[:, k + 1 :, k, None] * lu[:, None, k, k + 1 :]
    return from_numpy(lu.reshape(values.shape)), from_numpy(pivots.reshape(values.shape[:-1]))


def _squares(name: str, x: Any) -> list[np.ndarray[Any, Any]]:
    x = floating(x)
    if x.ndim < 2 or x.shape[-1] != x.shape[-2]:
        raise ShapeError(f"{name}: needs square matrices, shape (..., n, n), got {x.shape}")
    return arrays(name, x)


def _by_numpy(name: str, function: Any, x: Any) -> Tensor:
    (values,) = _squares(name, x)
    try:
        return from_numpy(function(values), values.dtype)
    except np.linalg.LinAlgError as error:
        raise ValueError(f"{name}: {error}".lower()) from None
