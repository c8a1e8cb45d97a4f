"""What dtypes tell of themselves, in the terms of the array API standard: kinds, limits, conversions."""

from __future__ import annotations

import dataclasses
from typing import Any

from . import _core
from ._core import Dtype, DtypeError, Tensor

_KINDS = {
    "bool": ("bool",),
    "signed integer": ("signed integer",),
    "unsigned integer": ("unsigned integer",),
    "integral": ("signed integer", "unsigned integer"),
    "real floating": ("real floating",),
    "complex floating": (),  # there are none
    "numeric": ("signed integer", "unsigned integer", "real floating"),
}
_EXPONENT_BITS = {"float16": 5, "bfloat16": 8, "float32": 8, "float64": 11}


@dataclasses.dataclass(frozen=True)
class FloatLimits:
    """The limits of a floating dtype; but for bits and dtype, Python floats.

    Attributes:
        bits: of one number.
        eps: from 1 to the next number.
        max: the largest finite number; `min` is its negative.
        smallest_normal: the smallest positive number with all digits.
    """

    bits: int
    eps: float
    max: float
    min: float
    smallest_normal: float
    dtype: Dtype


@dataclasses.dataclass(frozen=True)
class IntegerLimits:
    """The limits of an integer dtype: how many bits, and the largest and smallest number."""

    bits: int
    max: int
    min: int
    dtype: Dtype


def finfo(type: Any, /) -> FloatLimits:
    """Return the limits of a floating dtype, or of a tensor's.

    Raises:
        DtypeError: it is not a floating dtype.
    """
    dtype = _dtype_of(type)
    if dtype.kind != "real floating":
        raise DtypeError(f"finfo: expected a floating dtype, got {dtype}; iinfo is for integers")
    bits = 8 * dtype.itemsize
    exponent = _EXPONENT_BITS[dtype.name]
    digits, bias = bits - exponent - 1, 2 ** (exponent - 1) - 1
    most = (2 - 2.0**-digits) * 2.0**bias
    return FloatLimits(bits, 2.0**-digits, most, -most, 2.0 ** (1 - bias), dtype)


def iinfo(type: Any, /) -> IntegerLimits:
    """Return the limits of an integer dtype, or of a tensor's.

    Raises:
        DtypeError: it is not an integer dtype.
    """
    dtype = _dtype_of(type)
    if dtype.kind not in _KINDS["integral"]:
        raise DtypeError(f"iinfo: expected an integer dtype, got {dtype}; finfo is for floats")
    bits = 8 * dtype.itemsize
    if dtype.kind == "unsigned integer":
        return IntegerLimits(bits, 2**bits - 1, 0, dtype)
    return IntegerLimits(bits, 2 ** (bits - 1) - 1, -(2 ** (bits - 1)), dtype)


def isdtype(dtype: Any, kind: Any) -> bool:
    """Return whether a dtype is of a kind.

    Args:
        kind: a dtype; 'bool', 'signed integer', 'unsigned integer', 'integral', 'real floating', 'complex floating'
            or 'numeric'; or a tuple of these, of which one is enough.
    """
    dtype = _core.dtype(dtype)
    if isinstance(kind, tuple):
        return any(isdtype(dtype, one) for one in kind)
    if isinstance(kind, str):
        if kind not in _KINDS:
            raise ValueError(f"isdtype: there is no kind {kind!r}; there are {', '.join(map(repr, _KINDS))}")
        return dtype.kind in _KINDS[kind]
    return bool(dtype == _core.dtype(kind))


def can_cast(from_: Any, to: Any, /) -> bool:
    """Return whether a dtype, or a tensor's, becomes `to` where the two meet in an operation."""
    to = _core.dtype(to)
    try:
        return bool(_core.result_type(_dtype_of(from_), to) == to)
    except DtypeError:  # no dtype holds both
        return False


def _dtype_of(x: Any) -> Dtype:
    found: Dtype = x.dtype if isinstance(x, Tensor) else _core.dtype(x)
    return found
