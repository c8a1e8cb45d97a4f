"""Inverses, determinants, systems of equations, Cholesky factors and powers of square matrices.

Values are NumPy's (LAPACK), derivatives our own: Giles 2008, "An extended collection of matrix derivative results", and
for Cholesky factors Murray 2016, arXiv:1602.07527.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from .. import _core
from .._core import GradientError, ShapeError, Tensor
from .delegate import Array, by_numpy, squares, symmetric, with_derivative


class SlogdetResult(NamedTuple):
    """What slogdet gives."""

    sign: Tensor
    logabsdet: Tensor


def inv(x: Any, /) -> Tensor:
    """Return the inverses of square matrices (..., n, n).

    Raises:
        ValueError: a matrix is singular.
    """
    x = squares("inv", x)
    value = by_numpy("inv", np.linalg.inv, x)

    def derivative(g: Tensor) -> Tensor:
        y = inv(x) if _core.recording() else value
        return -(y.mT @ g @ y.mT)

    return with_derivative(value, x, derivative)


def det(x: Any, /) -> Tensor:
    """Return the determinants of square matrices (..., n, n), of shape (...).

    The first derivative is there for singular matrices too; further ones are not.
    """
    x = squares("det", x)

    def derivative(g: Tensor) -> Tensor:
        if not _core.recording():
            cofactors: Tensor = by_numpy("det", _cofactors, x)
            return g[..., None, None] * cofactors
        return (g * det(x))[..., None, None] * _inverse_for("det", x).mT

    return with_derivative(by_numpy("det", np.linalg.det, x), x, derivative)


def slogdet(x: Any, /) -> SlogdetResult:
    """Return the sign (-1, 0 or 1) and the logarithm of the size of determinants, each of shape (...).

    The sign has the derivative 0.
    """
    x = squares("slogdet", x)
    sign, logarithm = by_numpy("slogdet", lambda a: tuple(np.linalg.slogdet(a)), x)

    def derivative(g: Tensor) -> Tensor:
        return g[..., None, None] * _inverse_for("slogdet", x).mT

    return SlogdetResult(sign, with_derivative(logarithm, x, derivative))


def solve(x1: Any, x2: Any, /) -> Tensor:
    """Return y with x1 @ y = x2.

    Args:
        x1: square matrices (..., n, n).
        x2: one vector (n,), or matrices (..., n, k); the axes in front broadcast.

    Raises:
        ValueError: a matrix is singular.
    """
    a, b = squares("solve", x1), _core.asarray(x2)
    dtype = _core.result_type(a, b)
    a, b = a.astype(dtype, copy=False), b.astype(dtype, copy=False)
    vector = b.ndim == 1
    if vector:
        b = b[:, None]
    if b.ndim == 0 or b.shape[-2] != a.shape[-1]:
        shape = b.shape[:-1] if vector else b.shape
        raise ShapeError(
            f"solve: x1 of shape {a.shape} needs x2 of shape (..., {a.shape[-1]}, k), got {shape}"
        )
    # Of equal batch axes, so that derivatives need not think of broadcasting.
    batch = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    y = _solve(_core.broadcast_to(a, batch + a.shape[-2:]), _core.broadcast_to(b, batch + b.shape[-2:]))
    return y[..., 0] if vector else y


def _solve(a: Tensor, b: Tensor) -> Tensor:
    value: Tensor = by_numpy("solve", np.linalg.solve, a, b)
    if not (_core.tracked(a) or _core.tracked(b)):
        return value

    def derivative(g: Tensor) -> tuple[Tensor, Tensor]:
        y = _solve(a, b) if _core.recording() else value
        db = _solve(a.mT, g)
        return -(db @ y.mT), db

    return _core.with_gradient(value, [a, b], derivative)


def cholesky(x: Any, /, *, upper: bool = False) -> Tensor:
    """Return the lower triangular L with L @ L.mT = x for symmetric positive definite matrices (..., n, n).

    Only the lower triangle of x is read. With `upper`, only the upper one is, and the result is U with U.mT @ U = x.
    The gradient is symmetric.

    Raises:
        ValueError: a matrix is not positive definite.
    """
    x = squares("cholesky", x)
    if upper:
        return cholesky(x.mT).mT
    value = by_numpy("cholesky", np.linalg.cholesky, x)

    def derivative(g: Tensor) -> Tensor:
        y = cholesky(x) if _core.recording() else value
        inner = _core.tril(y.mT @ g)
        inner = inner - inner * _core.eye(y.shape[-1], dtype=y.dtype) / 2
        half = _solve(y.mT, inner)  # y^-T inner
        return symmetric(_solve(y.mT, half.mT))

    return with_derivative(value, x, derivative)


def matrix_power(x: Any, n: int, /) -> Tensor:
    """Return square matrices multiplied n times with themselves; for negative n their inverses."""
    x = squares("matrix_power", x)
    if n < 0:
        return matrix_power(inv(x), -n)
    y = None
    while n:
        if n % 2:
            y = x if y is None else y @ x
        n //= 2
        if n:
            x = x @ x
    return _core.broadcast_to(_core.eye(x.shape[-1], dtype=x.dtype), x.shape) if y is None else y


def _inverse_for(name: str, x: Tensor) -> Tensor:
    try:
        return inv(x)
    except ValueError:
        raise GradientError(f"{name}: this derivative does not exist for a singular matrix") from None


def _cofactors(a: Array) -> Array:
    """The derivatives of the determinant by each element, from singular values: no division, so also right at 0."""
    u, s, vh = np.linalg.svd(a)
    n = s.shape[-1]
    others = np.where(np.eye(n, dtype=bool), a.dtype.type(1), s[..., None, :]).prod(-1)
    sign = np.linalg.det(u) * np.linalg.det(vh)
    found: Array = (sign[..., None, None] * (u * others[..., None, :]) @ vh).astype(a.dtype)
    return found
