"""What operations take, as tensors: Keras's rules for the dtypes of Python numbers, and shapes of any form."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import _core, config
from .._core import DtypeError, GradientError, Tensor

Shape = tuple[int, ...]


def tensor(x: Any, dtype: Any = None) -> Tensor:
    """Return x as a tensor.

    Tensors and NumPy arrays keep their dtype. Python integers become int32 (int64 if one is too large), Python
    floats `pynn.config.floatx()`.

    Args:
        x: a tensor, variable, array, number, or nested lists of these.
        dtype: converted to this dtype.
    """
    if isinstance(x, Tensor):
        return x if dtype is None else cast(x, dtype)
    if dtype is not None:
        return _core.asarray(x, dtype=dtype)
    y = _core.asarray(x)
    if not _is_python(x):
        return y
    if y.dtype == _core.int64 and _fits_int32(y):
        return y.astype("int32")
    return y.astype(config.floatx()) if y.dtype == _core.float32 and config.floatx() != "float32" else y


def cast(x: Tensor, dtype: Any) -> Tensor:
    """Return x in another dtype, x itself if it has it."""
    return x if x.dtype == _core.dtype(dtype) else x.astype(dtype)


def floating(x: Any) -> Tensor:
    """Return x as a tensor of floats: integers and booleans become `pynn.config.floatx()`."""
    if isinstance(x, Tensor) and x.dtype is _core.float32:
        return x
    y = tensor(x)
    return y if is_float(y) else y.astype(config.floatx())


def is_float(x: Tensor) -> bool:
    """Return whether x holds floats."""
    dtype = x.dtype
    return dtype is _core.float32 or bool(dtype.kind == "real floating")


def apply(operation: Callable[[Tensor], Tensor], x: Any) -> Tensor:
    """Return operation(x), in `pynn.config.floatx()` where it is not defined for x's dtype."""
    try:
        return operation(x if isinstance(x, Tensor) else tensor(x))
    except DtypeError:
        return operation(floating(x))


def operands(x1: Any, x2: Any) -> tuple[Any, Any]:
    """Return both operands as tensors; a Python number beside a tensor stays one and takes its dtype."""
    if isinstance(x1, Tensor) and isinstance(x2, (Tensor, int, float)):
        return x1, x2
    first, second = isinstance(x1, (int, float)), isinstance(x2, (int, float))
    if first and second:
        return tensor(x1), tensor(x2)
    return (x1 if first else tensor(x1)), (x2 if second else tensor(x2))


def together(x1: Any, x2: Any) -> tuple[Tensor, Tensor]:
    """Return both as tensors of the dtype that an operation on both has."""
    if isinstance(x1, (int, float)) or isinstance(x2, (int, float)):
        a, b = operands(x1, x2)
        if isinstance(a, Tensor) and isinstance(b, Tensor):
            return together(a, b)
        dtype = _core.where(True, a, b).dtype
        return tensor(a, dtype), tensor(b, dtype)
    a, b = tensor(x1), tensor(x2)
    dtype = _core.result_type(a.dtype, b.dtype)
    return cast(a, dtype), cast(b, dtype)


def shape_of(shape: Any) -> Any:
    """Return a shape in a form that the core takes, quickly for tuples of integers."""
    return shape if type(shape) is tuple else sizes(shape)


def sizes(shape: Any) -> Shape:
    """Return a shape as a tuple of Python integers; it may be an integer, a sequence, an array or a tensor."""
    if isinstance(shape, (Tensor, np.ndarray)):
        shape = shape.tolist()
    if isinstance(shape, (tuple, list)):
        return tuple(operator.index(n) for n in shape)
    return (operator.index(shape),)


def axis_of(name: str, axis: Any, ndim: int) -> int:
    """Return an axis counted from the front.

    Raises:
        ValueError: there is no such axis.
    """
    index = operator.index(axis)
    if not -ndim <= index < ndim:
        raise ValueError(f"{name}: axis {index} is out of range for a tensor with {ndim} dimensions")
    return index % ndim


def axes_of(name: str, axis: Any, ndim: int) -> tuple[int, ...]:
    """Return axes counted from the front; None means all."""
    if axis is None:
        return tuple(range(ndim))
    return tuple(axis_of(name, item, ndim) for item in (axis if isinstance(axis, (tuple, list)) else (axis,)))


def arrays(name: str, *xs: Any) -> list[np.ndarray[Any, Any]]:
    """Return NumPy arrays for an operation that NumPy computes and that therefore has no derivative.

    Raises:
        GradientError: a derivative through the operation would be needed.
    """
    found = [tensor(x) for x in xs]
    if any(_core.tracked(x) for x in found):
        raise GradientError(
            f"{name} has no derivative in pynn; write {name}(stop_gradient(x)) if none is needed through it"
        )
    return [x.to("cpu").numpy() for x in found]


def from_numpy(value: Any, dtype: Any = None) -> Tensor:
    """Return NumPy's result as a tensor of its own memory."""
    return _core.asarray(np.ascontiguousarray(value) if np.ndim(value) else np.asarray(value), dtype=dtype)


def _is_python(x: Any) -> bool:
    """Return whether x is a Python number, or nested lists of them."""
    while isinstance(x, (list, tuple)):
        if not x:
            return True
        x = x[0]
    return isinstance(x, (int, float)) and not isinstance(x, np.generic)


def _fits_int32(x: Tensor) -> bool:
    return not x.size or (int(x.min()) >= -(2**31) and int(x.max()) < 2**31)
