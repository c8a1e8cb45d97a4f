"""Where an operation works: on the device of the tensors that it is given, whatever the default device is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from .. import _core
from .._core import Tensor


def beside_its_inputs(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function, computing with the device of its first tensor as the default.

    Lists, what NumPy computes and what a function makes on its way then are where that tensor is.
    """

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if _core._backend() is None:  # there is but one place
            return function(*args, **kwargs)
        place = _place(args) or _place(kwargs.values())
        if place is None:
            return function(*args, **kwargs)
        before = _core._set_default_device(place)
        try:
            return function(*args, **kwargs)
        finally:
            _core._set_default_device(before)

    return call


def _place(values: Iterable[Any]) -> str | None:
    """Return the device of the first tensor; a number of the host, which follows others, counts last."""
    number = None
    for value in values:
        found = None
        if isinstance(value, Tensor):
            found = value.device
            if value.ndim == 0 and found == "cpu":
                number, found = found, None
        elif isinstance(value, (list, tuple)):
            found = _place(value)
        if found is not None:
            return found
    return number
