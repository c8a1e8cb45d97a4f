"""Shapes and dtypes of what a function returns for symbolic tensors, found without data."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from .. import _core
from .._core import ShapeError
from ..autograd import no_grad
from .structure import flatten, map_structure, pack
from .tensor import Dims, SymbolicTensor, is_symbolic

_SIZES = ((2, 3), (12, 24))
"""What is tried for unknown sizes: small ones, then some that a reshape can divide."""


def infer(
    function: Callable[..., Any],
    name: str,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    elementwise: bool = False,
) -> Any:
    """Return SymbolicTensors for what a function returns, found by calling it on zeros.

    It is called with 2 and with 3 (or if that fails with 12 and 24) for every size that is not known: what differs
    between the results is not known in the outputs.

    Raises:
        ShapeError: element-wise operands do not broadcast. What the function raises on zeros is raised
            with its name before it.
    """
    if elementwise:
        operands = [value for value in flatten((*args, *kwargs.values())) if hasattr(value, "shape")]
        shape = broadcast_shapes(name, [tuple(x.shape) for x in operands])
        result = _trial(function, name, args, kwargs, lambda x: (1,) * len(x.shape))
        return SymbolicTensor(shape, str(result.dtype))
    symbolic = [value for value in flatten((*args, *kwargs.values())) if is_symbolic(value)]
    if all(None not in x.shape for x in symbolic):
        result = _trial(function, name, args, kwargs, lambda x: known_sizes(x.shape, 0))
        return map_structure(lambda x: SymbolicTensor(tuple(x.shape), str(x.dtype)), result)
    first: Exception | None = None
    for sizes in _SIZES:
        try:
            return merge(*(_trial(function, name, args, kwargs, _with(size)) for size in sizes))
        except (TypeError, ValueError, IndexError) as error:
            first = first or error
    assert first is not None
    raise first


def known_sizes(shape: Dims, size: int) -> tuple[int, ...]:
    """Return a shape with `size` for every None."""
    return tuple(size if known is None else known for known in shape)


def _with(size: int) -> Callable[[SymbolicTensor], tuple[int, ...]]:
    return lambda x: known_sizes(x.shape, size)


def merge(small: Any, large: Any) -> Any:
    """Return SymbolicTensors for two results of one computation, None where their shapes differ."""
    return pack(
        small,
        [
            SymbolicTensor(
                tuple(p if p == q else None for p, q in zip(a.shape, b.shape, strict=True)), str(a.dtype)
            )
            for a, b in zip(flatten(small), flatten(large), strict=True)
        ],
    )


def broadcast_shapes(name: str, shapes: Iterable[Dims]) -> Dims:
    """Return the shape that all shapes broadcast to; a size None gives way to any but 1.

    Raises:
        ShapeError: two sizes differ.
    """
    result: Dims = ()
    for shape in shapes:
        most = max(len(result), len(shape))
        a, b = ((1,) * (most - len(sizes)) + tuple(sizes) for sizes in (result, shape))
        merged = []
        for axis, (p, q) in enumerate(zip(a, b, strict=True), -most):
            if p != q and None not in (p, q) and 1 not in (p, q):
                raise ShapeError(
                    f"{name}: shapes {result} and {shape} do not broadcast: axis {axis} is {p} and {q}"
                )
            merged.append(q if p == 1 or (p is None and q != 1) else p)
        result = tuple(merged)
    return result


def matmul_spec(x1: Any, x2: Any) -> SymbolicTensor | None:
    """Return what a product of matrices is: inner sizes may be unknown. None where an operand is a vector.

    Raises:
        ShapeError: the inner sizes differ.
    """
    a, b = tuple(getattr(x1, "shape", ())), tuple(getattr(x2, "shape", ()))
    if min(len(a), len(b)) < 2:
        return None
    if a[-1] != b[-2] and None not in (a[-1], b[-2]):
        raise ShapeError(
            f"matmul: shapes {a} and {b} do not multiply: axis -1 of x1 is {a[-1]}, axis -2 of x2 is {b[-2]}"
        )
    batch = broadcast_shapes("matmul", (a[:-2], b[:-2]))
    small = [_core.zeros((1, 1), dtype=str(x.dtype)) for x in (x1, x2)]
    return SymbolicTensor((*batch, a[-2], b[-1]), str(_core.matmul(*small).dtype))


def _trial(
    function: Callable[..., Any],
    name: str,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    shape: Callable[[SymbolicTensor], tuple[int, ...]],
) -> Any:
    """Call a function with zeros of the given shapes for its symbolic tensors."""

    def zeros(value: Any) -> Any:
        return _core.zeros(shape(value), dtype=value.dtype) if is_symbolic(value) else value

    try:
        with no_grad():
            return function(*map_structure(zeros, args), **map_structure(zeros, kwargs))
    except (TypeError, ValueError, IndexError) as error:
        if len(error.args) == 1 and isinstance(error.args[0], str):
            shapes = [value.shape for value in flatten((args, kwargs)) if is_symbolic(value)]
            given = " and ".join(map(str, shapes))
            error.args = (f"{name} on symbolic shape{'s' * (len(shapes) > 1)} {given}: {error}",)
        raise
