"""Shapes and dtypes that operations return for symbolic tensors, where a call on zeros would not tell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..symbolic import SymbolicTensor, is_symbolic


def _same(x: Any, *args: Any, **kwargs: Any) -> Any:
    """The result is like the matrices; zeros would be singular."""
    return SymbolicTensor(x.shape, x.dtype)


def _right_side(a: Any, b: Any, *args: Any, **kwargs: Any) -> Any:
    """The result is like the right side of the equations."""
    return SymbolicTensor(tuple(b.shape), str(b.dtype))


def _nonzero(x: Any) -> Any:
    """How many elements are not 0 depends on the values."""
    return tuple(SymbolicTensor((None,), "int32") for _ in x.shape)


def _where(condition: Any, x1: Any = None, x2: Any = None) -> Any:
    if x1 is None and x2 is None and is_symbolic(condition):
        return _nonzero(condition)
    return None


def _unique(*args: Any, **kwargs: Any) -> Any:
    raise NotImplementedError(
        "unique: how many elements differ depends on the values, which a symbolic tensor has not yet; "
        "call it in a layer's call, or on data"
    )


SPECS: dict[str, Callable[..., Any]] = {
    "cholesky": _same,
    "cholesky_inverse": _same,
    "inv": _same,
    "nonzero": _nonzero,
    "solve": _right_side,
    "solve_triangular": _right_side,
    "unique": _unique,
    "where": _where,
}
"""By name, for `symbolic_function(spec=...)`."""
