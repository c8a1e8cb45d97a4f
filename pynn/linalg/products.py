"""Products of vectors and traces of matrices, where the standard's form is narrower than the core's."""

from __future__ import annotations

from typing import Any

from .. import _core
from .._core import ShapeError, Tensor


def outer(x1: Any, x2: Any, /) -> Tensor:
    """Return every element of the vector x1 times every element of the vector x2, shape (n, m)."""
    a, b = _core.asarray(x1), _core.asarray(x2)
    if a.ndim != 1 or b.ndim != 1:
        raise ShapeError(f"outer: needs two vectors, got shapes {a.shape} and {b.shape}")
    return _core.outer(a, b)


def trace(x: Any, /, *, offset: int = 0, dtype: Any = None) -> Tensor:
    """Return the sums of diagonal `offset` of the matrices in the last two axes, in dtype if given."""
    return _core.sum(_core.diagonal(x, offset=offset), -1, dtype=dtype)
