"""Norms that steps scale by: numbers on the CPU; on a device 0-d tensors, so that no step waits to read one."""

from __future__ import annotations

from collections.abc import Sequence

from .. import _core
from .._core import Tensor


def norm_of(tensors: Sequence[Tensor]) -> float | Tensor:
    """Return the 2-norm of all tensors as if they were one; on a device as a float64 tensor."""
    if tensors[0].device == "cpu":
        return _core.global_norm(tensors)
    squares = [_core.sum(_core.square(x.astype("float64"))) for x in tensors]
    return _core.sqrt(sum(squares[1:], squares[0]))


def scale_to(tensors: Sequence[Tensor], limit: float) -> float | Tensor:
    """Return the factor that brings the norm of all tensors down to `limit`; NaN if it is not finite."""
    norm = norm_of(tensors)
    largest = _core.maximum(norm, limit) if isinstance(norm, Tensor) else max(norm, limit)
    # norm - norm is 0, or NaN: an infinite gradient must not become a step of zeros.
    return limit / largest + (norm - norm)


def times(x: Tensor, factor: float | Tensor) -> tuple[Tensor, float]:
    """Return a tensor and a number whose product is x times the factor; a number is left to the step."""
    return (x * factor.astype(x.dtype), 1.0) if isinstance(factor, Tensor) else (x, factor)
