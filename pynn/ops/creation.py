"""Tensors that are made, not computed: constants, ranges, identity matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import _core, config
from .._core import Tensor
from .convert import from_numpy, shape_of, tensor


def array(x: Any, dtype: Any = None) -> Tensor:
    """A tensor of x's elements, with memory of its own."""
    return _core.array(tensor(x, dtype))


def zeros(shape: Any, dtype: Any = None) -> Tensor:
    """All 0."""
    return _core.zeros(shape_of(shape), dtype=dtype or config.floatx())


def ones(shape: Any, dtype: Any = None) -> Tensor:
    """All 1."""
    return _core.ones(shape_of(shape), dtype=dtype or config.floatx())


def empty(shape: Any, dtype: Any = None) -> Tensor:
    """Memory that nothing was written to."""
    return _core.empty(shape_of(shape), dtype=dtype or config.floatx())


def full(shape: Any, fill_value: Any, dtype: Any = None) -> Tensor:
    """All `fill_value`, a number or a tensor that broadcasts; `pynn.config.floatx()` unless `dtype` says another."""
    value = tensor(fill_value, dtype or config.floatx())
    return _core.array(_core.broadcast_to(value, shape_of(shape)))


def zeros_like(x: Any, dtype: Any = None) -> Tensor:
    """All 0, of x's shape and dtype."""
    return _core.zeros_like(tensor(x), dtype=dtype)


def ones_like(x: Any, dtype: Any = None) -> Tensor:
    """All 1, of x's shape and dtype."""
    return _core.ones_like(tensor(x), dtype=dtype)


def empty_like(x: Any, dtype: Any = None) -> Tensor:
    """Memory that nothing was written to, of x's shape and dtype."""
    return _core.empty_like(tensor(x), dtype=dtype)


def full_like(x: Any, fill_value: Any, dtype: Any = None) -> Tensor:
    """All `fill_value`, of x's shape and dtype."""
    x = tensor(x)
    return full(x.shape, fill_value, dtype or x.dtype)


def arange(start: Any, stop: Any = None, step: Any = None, dtype: Any = None) -> Tensor:
    """start, start + step, ... below stop; from 0 to start if stop is not given. Of integers int32."""
    limits = [x for x in (start, stop, step) if x is not None]
    if dtype is None:
        kinds = [tensor(x) for x in limits]
        dtype = config.floatx() if any(x.dtype.kind == "real floating" for x in kinds) else "int32"
    start, stop = (0, start) if stop is None else (start, stop)
    numbers = [x.item() if hasattr(x, "item") else x for x in (start, stop, 1 if step is None else step)]
    return _core.arange(numbers[0], numbers[1], numbers[2], dtype=dtype)


def linspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: Any = None,
    axis: int = 0,
) -> Any:
    """num evenly spaced numbers from start to stop.

    Args:
        start, stop: numbers, or tensors, between whose elements the numbers run along a new axis.
        endpoint: whether stop is the last.
        retstep: return (numbers, step).
        axis: where the new axis goes.
    """
    first, last = np.asarray(start), np.asarray(stop)
    found, step = np.linspace(first, last, num, endpoint=endpoint, retstep=True, axis=axis)
    values = from_numpy(found, dtype or config.floatx())
    return (values, from_numpy(step, config.floatx())) if retstep else values


def logspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    base: float = 10,
    dtype: Any = None,
    axis: int = 0,
) -> Tensor:
    """num numbers from base**start to base**stop, evenly spaced on a logarithmic scale."""
    first, last = np.asarray(start), np.asarray(stop)
    found = np.logspace(first, last, num, endpoint=endpoint, base=base, axis=axis)
    return from_numpy(found, dtype or config.floatx())


def geomspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, dtype: Any = None, axis: int = 0
) -> Tensor:
    """num numbers from start to stop, each a constant multiple of the one before."""
    found = np.geomspace(np.asarray(start), np.asarray(stop), num, endpoint=endpoint, axis=axis)
    return from_numpy(found, dtype or config.floatx())


def eye(N: int, M: int | None = None, k: int = 0, dtype: Any = None) -> Tensor:
    """1 on diagonal k of an N by M matrix, 0 elsewhere."""
    return _core.eye(N, M, k=k, dtype=dtype or config.floatx())


def identity(n: int, dtype: Any = None) -> Tensor:
    """The n by n identity matrix."""
    return _core.eye(n, dtype=dtype or config.floatx())


def tri(N: int, M: int | None = None, k: int = 0, dtype: Any = None) -> Tensor:
    """1 on and below diagonal k of an N by M matrix, 0 above."""
    return _core.tril(_core.ones((N, N if M is None else M), dtype=dtype or config.floatx()), k=k)


def vander(x: Any, N: int | None = None, increasing: bool = False) -> Tensor:
    """The powers of each element of a vector in a row of N, falling unless `increasing`."""
    x = tensor(x)
    n = x.shape[0] if N is None else N
    powers = _core.arange(n, dtype=x.dtype)
    return _core.power(x[:, None], powers if increasing else _core.flip(powers, axis=0))
