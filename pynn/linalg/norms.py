"""Norms of vectors and of matrices."""

from __future__ import annotations

import math
from typing import Any

from .. import _core
from .._core import Tensor
from .delegate import floats, matrices
from .spectra import svdvals


def vector_norm(
    x: Any, /, *, axis: int | tuple[int, ...] | None = None, keepdims: bool = False, ord: float = 2
) -> Tensor:
    """Return sum(|x|**ord)**(1/ord) over axes (all, if None).

    Args:
        ord: inf and -inf give the largest and the smallest |x|, 0 the number of elements that are not 0.

    The gradient of the norm of a zero vector is 0.
    """
    return _core.norm(floats("vector_norm", x), ord=float(ord), axis=axis, keepdims=keepdims)


def matrix_norm(x: Any, /, *, keepdims: bool = False, ord: Any = "fro") -> Tensor:
    """Return the norms of the matrices in the last two axes.

    Args:
        ord: 'fro', the root of the sum of squares; 'nuc', the sum of the singular values; 2 and -2, the largest and the
            smallest of them; 1 and -1, the largest and the smallest sum of |x| over a column; inf and -inf, over a row.
    """
    x = matrices("matrix_norm", x)
    if ord == "fro":
        return _core.norm(x, axis=(-2, -1), keepdims=keepdims)
    if ord in ("nuc", 2, -2):
        s = svdvals(x)
        y = _core.sum(s, -1) if ord == "nuc" else (_core.max if ord > 0 else _core.min)(s, -1)
    elif ord in (1, -1, math.inf, -math.inf):
        sums = _core.sum(_core.abs(x), -2 if abs(ord) == 1 else -1)
        y = (_core.max if ord > 0 else _core.min)(sums, -1)
    else:
        raise ValueError(f"matrix_norm: ord {ord!r} is none of 'fro', 'nuc', 1, -1, 2, -2, inf, -inf")
    return _core.expand_dims(y, (-2, -1)) if keepdims else y
