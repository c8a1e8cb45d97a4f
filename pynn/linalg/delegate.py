"""How a decomposition of NumPy becomes an operation of pynn: checks before it, its derivative after it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np

from .. import _core
from .._core import DtypeError, GradientError, ShapeError, Tensor

Array = np.ndarray[Any, Any]


def floats(name: str, x: Any) -> Tensor:
    """Return x as a tensor of float32 or float64.

    Raises:
        DtypeError: it holds something else.
    """
    y = _core.asarray(x)
    if y.dtype not in (_core.float32, _core.float64):
        raise DtypeError(
            f"{name} is defined for float32 and float64, not for {y.dtype}; convert first: x.astype('float32')"
        )
    return y


def matrices(name: str, x: Any) -> Tensor:
    """Return x as a tensor of floats with at least two axes."""
    y = floats(name, x)
    if y.ndim < 2:
        raise ShapeError(f"{name}: needs matrices, shape (..., m, n), got {y.shape}")
    return y


def squares(name: str, x: Any) -> Tensor:
    """Return x as a tensor of floats whose last two axes are equal."""
    y = floats(name, x)
    if y.ndim < 2 or y.shape[-1] != y.shape[-2]:
        raise ShapeError(f"{name}: needs square matrices, shape (..., n, n), got {y.shape}")
    return y


def by_numpy(name: str, function: Callable[..., Any], *inputs: Tensor) -> Any:
    """Return function of the inputs' arrays: a tensor, or a tuple of them.

    Raises:
        ValueError: NumPy says that there is no result, as for the inverse of a singular matrix.
    """
    try:
        found = function(*(x.detach().to("cpu").numpy() for x in inputs))
    except np.linalg.LinAlgError as error:
        raise ValueError(f"{name}: {str(error).lower()}") from None
    device = inputs[0].device
    if isinstance(found, tuple):
        return tuple(_as_tensor(part, device) for part in found)
    return _as_tensor(found, device)


def _as_tensor(values: Any, device: str) -> Tensor:
    return _core.asarray(np.asarray(values), device=device)


def with_derivative(value: Tensor, x: Tensor, derivative: Callable[[Tensor], Any]) -> Tensor:
    """Return value as a function of x: `derivative` takes the gradient of value to that of x."""
    return _core.with_gradient(value, [x], derivative) if _core.tracked(x) else value


def without_derivative(value: Tensor, x: Tensor, why: str) -> Tensor:
    """Return value as a function of x whose gradient, if asked for, is an error that says why."""

    def refuse(g: Tensor) -> NoReturn:
        raise GradientError(why)

    return with_derivative(value, x, refuse)


def symmetric(x: Tensor) -> Tensor:
    """Return the symmetric part of matrices."""
    return (x + x.mT) / 2
