"""`tf.linalg`: matrices under TensorFlow's names."""

from __future__ import annotations

from typing import Any

from ... import ops
from ..._core import Tensor
from .arrays import eye
from .missing import message

__all__ = ["eye"]


def matmul(
    a: Any, b: Any, transpose_a: bool = False, transpose_b: bool = False, name: str | None = None
) -> Tensor:
    """The matrix product, of matrices transposed first if wanted."""
    a = ops.swapaxes(a, -1, -2) if transpose_a else a
    return ops.matmul(a, ops.swapaxes(b, -1, -2) if transpose_b else b)


def matvec(a: Any, b: Any, transpose_a: bool = False, name: str | None = None) -> Tensor:
    """The products of matrices and vectors."""
    return ops.squeeze(matmul(a, ops.expand_dims(b, -1), transpose_a), -1)


def matrix_transpose(a: Any, name: str | None = None) -> Tensor:
    """The last two axes swapped."""
    return ops.swapaxes(a, -1, -2)


def norm(
    tensor: Any, ord: Any = "euclidean", axis: Any = None, keepdims: bool = False, name: str | None = None
) -> Tensor:
    """The norm of vectors (one axis), matrices (two), or all elements as one vector."""
    order = None if ord in ("euclidean", "fro") else ord
    x = ops.convert_to_tensor(tensor)
    if axis is not None:
        return ops.norm(x, order, tuple(axis) if isinstance(axis, list) else axis, keepdims)
    y = ops.norm(ops.ravel(x), order)
    return ops.reshape(y, (1,) * x.ndim) if keepdims else y


def det(input: Any, name: str | None = None) -> Tensor:
    """Determinants."""
    return ops.det(input)


def inv(input: Any, adjoint: bool = False, name: str | None = None) -> Tensor:
    """Inverses, of the transposed matrices with adjoint."""
    return ops.inv(matrix_transpose(input) if adjoint else input)


def pinv(a: Any, rcond: float | None = None, name: str | None = None) -> Tensor:
    """Pseudo-inverses."""
    return ops.pinv(a, rcond)


def solve(matrix: Any, rhs: Any, adjoint: bool = False, name: str | None = None) -> Tensor:
    """x with matrix x = rhs."""
    return ops.solve(matrix_transpose(matrix) if adjoint else matrix, rhs)


def cholesky(input: Any, name: str | None = None) -> Tensor:
    """The lower Cholesky factor."""
    return ops.cholesky(input)


def eigh(tensor: Any, name: str | None = None) -> tuple[Tensor, Tensor]:
    """The eigenvalues and eigenvectors of symmetric matrices."""
    return ops.eigh(tensor)


def qr(input: Any, full_matrices: bool = False, name: str | None = None) -> tuple[Tensor, Tensor]:
    """Q with orthonormal columns and triangular R."""
    return ops.qr(input, "complete" if full_matrices else "reduced")


def svd(tensor: Any, full_matrices: bool = False, compute_uv: bool = True, name: str | None = None) -> Any:
    """The singular values, U and V (not transposed): TensorFlow's order."""
    if not compute_uv:
        return ops.svd(tensor, compute_uv=False)
    u, s, vt = ops.svd(tensor, full_matrices)
    return s, u, matrix_transpose(vt)


def diag(diagonal: Any, name: str | None = None) -> Tensor:
    """Matrices with these diagonals, which lie along the last axis."""
    x = ops.convert_to_tensor(diagonal)
    return ops.multiply(x[..., None], ops.eye(x.shape[-1], dtype=x.dtype))


def diag_part(input: Any, name: str | None = None) -> Tensor:
    """The diagonals of matrices."""
    return ops.diagonal(input, 0, -2, -1)


def trace(x: Any, name: str | None = None) -> Tensor:
    """The sums of the diagonals of matrices."""
    return ops.trace(x, 0, -2, -1)


def __getattr__(name: str) -> Any:
    raise AttributeError(message("tf.linalg", name, globals()))
