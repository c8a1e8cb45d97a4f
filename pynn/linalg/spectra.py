"""Eigenvalues, singular values, QR, and what is made of them: rank and pseudo-inverse.

Values are NumPy's (LAPACK), derivatives our own: Giles 2008, "An extended collection of matrix derivative results", and
for the pseudo-inverse Golub and Pereyra 1973.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from .. import _core
from .._core import GradientError, Tensor
from .delegate import by_numpy, matrices, squares, symmetric, with_derivative, without_derivative
from .systems import solve


class EighResult(NamedTuple):
    """What eigh gives."""

    eigenvalues: Tensor
    eigenvectors: Tensor


class QRResult(NamedTuple):
    """What qr gives."""

    Q: Tensor
    R: Tensor


class SVDResult(NamedTuple):
    """What svd gives."""

    U: Tensor
    S: Tensor
    Vh: Tensor


def eigh(x: Any, /) -> EighResult:
    """Return the eigenvalues (..., n), rising, and eigenvectors (..., n, n), as columns, of symmetric matrices.

    Only the lower triangle of x is read. The gradient is symmetric; that of the vectors exists where no two eigenvalues
    are equal, and is that of their direction: their sign is free.
    """
    x = squares("eigh", x)
    values, vectors = by_numpy("eigh", lambda a: tuple(np.linalg.eigh(a)), x)

    def from_vectors(g: Tensor) -> Tensor:
        w, v = eigh(x) if _core.recording() else (values, vectors)
        return symmetric(v @ (_inverse_gaps("eigh", w) * (v.mT @ g)) @ v.mT)

    return EighResult(
        with_derivative(values, x, lambda g: _of_eigenvalues(g, x, vectors)),
        with_derivative(vectors, x, from_vectors),
    )


def eigvalsh(x: Any, /) -> Tensor:
    """Return the eigenvalues (..., n), rising, of symmetric matrices; only the lower triangle is read."""
    x = squares("eigvalsh", x)
    values = by_numpy("eigvalsh", np.linalg.eigvalsh, x)
    return with_derivative(values, x, lambda g: _of_eigenvalues(g, x, None))


def _of_eigenvalues(g: Tensor, x: Tensor, vectors: Tensor | None) -> Tensor:
    v = eigh(x).eigenvectors if vectors is None or _core.recording() else vectors
    return (v * g[..., None, :]) @ v.mT


def _inverse_gaps(name: str, w: Tensor) -> Tensor:
    """1 / (w[j] - w[i]) in row i, column j, and 0 where i = j."""
    same = _core.eye(w.shape[-1], dtype="bool")
    gaps = w[..., None, :] - w[..., :, None]
    if bool(_core.any((gaps == 0) & ~same)):
        raise GradientError(f"{name}: two values are equal, so that their vectors have no derivative")
    return _core.where(same, _core.zeros_like(gaps), 1 / _core.where(same, _core.ones_like(gaps), gaps))


def svd(x: Any, /, *, full_matrices: bool = True) -> SVDResult:
    """Return U, S (falling) and Vh with U @ diag(S) @ Vh = x.

    Args:
        x: matrices (..., m, n).
        full_matrices: U is (..., m, m) and Vh (..., n, n); else both have only min(m, n) columns or rows.

    The gradient of U and Vh exists where no two singular values are equal and none is 0, and not for the columns that
    full_matrices adds.
    """
    x = matrices("svd", x)
    u, s, vh = by_numpy("svd", lambda a: tuple(np.linalg.svd(a, full_matrices=full_matrices)), x)
    from_s = with_derivative(s, x, lambda g: _of_singular_values(g, x))
    if full_matrices and x.shape[-1] != x.shape[-2]:
        why = "svd: the full matrices of one that is not square have no derivative; use full_matrices=False"
        return SVDResult(without_derivative(u, x, why), from_s, without_derivative(vh, x, why))

    def parts() -> SVDResult:
        return svd(x, full_matrices=False) if _core.recording() else SVDResult(u, s, vh)

    return SVDResult(
        with_derivative(u, x, lambda g: _of_left_vectors(g, parts())),
        from_s,
        with_derivative(vh, x, lambda g: _of_left_vectors(g.mT, _transposed(parts())).mT),
    )


def svdvals(x: Any, /) -> Tensor:
    """Return the singular values (..., min(m, n)), falling, of matrices (..., m, n)."""
    x = matrices("svdvals", x)
    values = by_numpy("svdvals", lambda a: np.linalg.svd(a, compute_uv=False), x)
    return with_derivative(values, x, lambda g: _of_singular_values(g, x))


def _of_singular_values(g: Tensor, x: Tensor) -> Tensor:
    u, _, vh = svd(x, full_matrices=False)
    return (u * g[..., None, :]) @ vh


def _transposed(parts: SVDResult) -> SVDResult:
    return SVDResult(parts.Vh.mT, parts.S, parts.U.mT)


def _of_left_vectors(g: Tensor, parts: SVDResult) -> Tensor:
    u, s, vh = parts
    if bool(_core.any(s == 0)):
        raise GradientError("svd: a singular value is 0, so that its vectors have no derivative")
    inner = u.mT @ g
    turned = _inverse_gaps("svd", s * s) * (inner - inner.mT) * s[..., None, :]
    outside = (g - u @ inner) / s[..., None, :]
    return (u @ turned + outside) @ vh


def qr(x: Any, /, *, mode: str = "reduced") -> QRResult:
    """Return Q with orthonormal columns and upper triangular R, Q @ R = x.

    Args:
        x: matrices (..., m, n).
        mode: 'reduced' for min(m, n) columns of Q, 'complete' for m.

    The gradient exists for matrices of full rank with m >= n, in mode 'reduced'.
    """
    if mode not in ("reduced", "complete"):
        raise ValueError(f"qr: mode must be 'reduced' or 'complete', got {mode!r}")
    x = matrices("qr", x)
    m, n = x.shape[-2:]
    q, r = by_numpy("qr", lambda a: tuple(np.linalg.qr(a, mode=mode)), x)  # type: ignore[call-overload]
    if m < n or (mode == "complete" and m > n):
        why = "qr: has a derivative for matrices with m >= n in mode 'reduced' only"
        return QRResult(without_derivative(q, x, why), without_derivative(r, x, why))

    def parts() -> QRResult:
        return qr(x) if _core.recording() else QRResult(q, r)

    return QRResult(
        with_derivative(q, x, lambda g: _of_qr(g, None, parts())),
        with_derivative(r, x, lambda g: _of_qr(None, g, parts())),
    )


def _of_qr(gq: Tensor | None, gr: Tensor | None, parts: QRResult) -> Tensor:
    q, r = parts
    inner = r @ gr.mT if gr is not None else -(gq.mT @ q)  # type: ignore[union-attr]
    low = _core.tril(inner, k=-1)
    both = q @ (low + low.mT + inner * _core.eye(r.shape[-1], dtype=r.dtype))
    d = both if gq is None else gq + both
    return solve(r, d.mT).mT  # d r^-T


def pinv(x: Any, /, *, rtol: Any = None) -> Tensor:
    """Return the pseudo-inverses (..., n, m) of matrices (..., m, n).

    Args:
        rtol: singular values up to this part of the largest count as 0: a number, or one for each matrix, (...). None
            means max(m, n) times the dtype's eps.

    The derivative is that at constant rank.
    """
    x = matrices("pinv", x)
    limit = _tolerance(x, rtol)
    value: Tensor = by_numpy("pinv", lambda a: np.linalg.pinv(a, limit), x)

    def derivative(g: Tensor) -> Tensor:
        p = pinv(x, rtol=limit) if _core.recording() else value
        pt, gt = p.mT, g.mT
        left = gt @ p @ pt
        right = pt @ p @ gt
        d: Tensor = left - x @ (p @ left) + right - (right @ p) @ x - pt @ g @ pt
        return d

    return with_derivative(value, x, derivative)


def matrix_rank(x: Any, /, *, rtol: Any = None) -> Tensor:
    """Return how many singular values of matrices are above rtol times the largest, int64; rtol as in pinv."""
    x = matrices("matrix_rank", x).detach()
    s = svdvals(x)
    if s.shape[-1] == 0:
        return _core.zeros(s.shape[:-1], dtype="int64")
    limit = _core.asarray(_tolerance(x, rtol), dtype=x.dtype)
    return _core.count_nonzero(s > _core.max(s, axis=-1, keepdims=True) * limit[..., None], axis=-1)


def _tolerance(x: Tensor, rtol: Any) -> Any:
    if rtol is None:
        return max(x.shape[-2:]) * float(np.finfo(x.dtype.name).eps)
    return np.asarray(rtol.detach().to("cpu").numpy() if isinstance(rtol, Tensor) else rtol)
