"""Operations on the elements of two tensors, which are broadcast to one shape."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import _core
from .._core import Tensor
from .convert import arrays, floating, from_numpy, operands, tensor, together


def add(x1: Any, x2: Any) -> Tensor:
    """x1 + x2, with broadcasting."""
    return _core.add(*operands(x1, x2))


def subtract(x1: Any, x2: Any) -> Tensor:
    """x1 - x2, with broadcasting."""
    return _core.subtract(*operands(x1, x2))


def multiply(x1: Any, x2: Any) -> Tensor:
    """x1 * x2, with broadcasting."""
    return _core.multiply(*operands(x1, x2))


def divide(x1: Any, x2: Any) -> Tensor:
    """x1 / x2, with broadcasting; integers are divided as floats."""
    return _core.divide(*operands(x1, x2))


def floor_divide(x1: Any, x2: Any) -> Tensor:
    """floor(x1 / x2), with broadcasting."""
    return _core.floor_divide(*operands(x1, x2))


def mod(x1: Any, x2: Any) -> Tensor:
    """x1 - floor(x1 / x2) * x2, with the sign of x2."""
    return _core.remainder(*operands(x1, x2))


def power(x1: Any, x2: Any) -> Tensor:
    """x1 to the power x2, with broadcasting."""
    return _core.power(*operands(x1, x2))


def maximum(x1: Any, x2: Any) -> Tensor:
    """The larger of x1 and x2; NaN wins."""
    return _core.maximum(*operands(x1, x2))


def minimum(x1: Any, x2: Any) -> Tensor:
    """The smaller of x1 and x2; NaN wins."""
    return _core.minimum(*operands(x1, x2))


def equal(x1: Any, x2: Any) -> Tensor:
    """Whether x1 == x2."""
    return _core.equal(*operands(x1, x2))


def not_equal(x1: Any, x2: Any) -> Tensor:
    """Whether x1 != x2."""
    return _core.not_equal(*operands(x1, x2))


def less(x1: Any, x2: Any) -> Tensor:
    """Whether x1 < x2."""
    return _core.less(*operands(x1, x2))


def less_equal(x1: Any, x2: Any) -> Tensor:
    """Whether x1 <= x2."""
    return _core.less_equal(*operands(x1, x2))


def greater(x1: Any, x2: Any) -> Tensor:
    """Whether x1 > x2."""
    return _core.greater(*operands(x1, x2))


def greater_equal(x1: Any, x2: Any) -> Tensor:
    """Whether x1 >= x2."""
    return _core.greater_equal(*operands(x1, x2))


def logical_and(x1: Any, x2: Any) -> Tensor:
    """Whether both are true (not 0)."""
    return _core.logical_and(*operands(x1, x2))


def logical_or(x1: Any, x2: Any) -> Tensor:
    """Whether either is true (not 0)."""
    return _core.logical_or(*operands(x1, x2))


def logical_xor(x1: Any, x2: Any) -> Tensor:
    """Whether one of both is true (not 0), but not the other."""
    return _core.logical_xor(*operands(x1, x2))


def arctan2(x1: Any, x2: Any) -> Tensor:
    """The angle of the point with ordinate x1 and abscissa x2, in radians."""
    return _core.atan2(*_floats(x1, x2))


def hypot(x1: Any, x2: Any) -> Tensor:
    """sqrt(x1**2 + x2**2), without overflow."""
    return _core.hypot(*_floats(x1, x2))


def logaddexp(x1: Any, x2: Any) -> Tensor:
    """log(e**x1 + e**x2), without overflow."""
    return _core.logaddexp(*_floats(x1, x2))


def bitwise_and(x: Any, y: Any) -> Tensor:
    """x & y, bit by bit."""
    return _core.bitwise_and(*operands(x, y))


def bitwise_or(x: Any, y: Any) -> Tensor:
    """x | y, bit by bit."""
    return _core.bitwise_or(*operands(x, y))


def bitwise_xor(x: Any, y: Any) -> Tensor:
    """x ^ y, bit by bit."""
    return _core.bitwise_xor(*operands(x, y))


def bitwise_left_shift(x: Any, y: Any) -> Tensor:
    """x << y."""
    return _core.bitwise_left_shift(*operands(x, y))


def bitwise_right_shift(x: Any, y: Any) -> Tensor:
    """x >> y, keeping the sign."""
    return _core.bitwise_right_shift(*operands(x, y))


true_divide = divide
left_shift = bitwise_left_shift
right_shift = bitwise_right_shift


def clip(x: Any, x_min: Any, x_max: Any) -> Tensor:
    """min(max(x, x_min), x_max)."""
    return _core.clip(tensor(x), _bound(x_min), _bound(x_max))


def divide_no_nan(x1: Any, x2: Any) -> Tensor:
    """x1 / x2, and 0 (also for the derivative) where x2 is 0."""
    a, b = _floats(x1, x2)
    zero = b == 0
    return _core.where(zero, 0.0, a / _core.where(zero, 1.0, b))


def fmax(x1: Any, x2: Any) -> Tensor:
    """The larger of x1 and x2; NaN only where both are."""
    a, b = together(x1, x2)
    return _core.where(_core.isnan(a), b, _core.where(_core.isnan(b), a, _core.maximum(a, b)))


def fmin(x1: Any, x2: Any) -> Tensor:
    """The smaller of x1 and x2; NaN only where both are."""
    a, b = together(x1, x2)
    return _core.where(_core.isnan(a), b, _core.where(_core.isnan(b), a, _core.minimum(a, b)))


def fmod(x1: Any, x2: Any) -> Tensor:
    """x1 - trunc(x1 / x2) * x2, with the sign of x1."""
    a, b = together(x1, x2)
    rest = _core.remainder(_core.abs(a), _core.abs(b))
    return _core.where(a < 0, -rest, rest)


def heaviside(x1: Any, x2: Any) -> Tensor:
    """0 where x1 is negative, x2 where it is 0, and 1 where it is positive."""
    a, b = _floats(x1, x2)
    step = _core.where(a < 0, 0.0, _core.where(a == 0, b, 1.0))
    return _core.where(_core.isnan(a), a, step)


def ldexp(x1: Any, x2: Any) -> Tensor:
    """x1 times 2 to the power x2, an integer."""
    a = floating(x1)
    return a * _core.power(2.0, tensor(x2).astype(a.dtype))


def logaddexp2(x1: Any, x2: Any) -> Tensor:
    """log2(2**x1 + 2**x2), without overflow."""
    a, b = _floats(x1, x2)
    return _core.logaddexp(a * math.log(2), b * math.log(2)) / math.log(2)


def gcd(x1: Any, x2: Any) -> Tensor:
    """The greatest common divisor of integers."""
    return from_numpy(np.gcd(*arrays("gcd", *together(x1, x2))))


def lcm(x1: Any, x2: Any) -> Tensor:
    """The least common multiple of integers."""
    return from_numpy(np.lcm(*arrays("lcm", *together(x1, x2))))


def nextafter(x1: Any, x2: Any) -> Tensor:
    """The next number of the dtype after x1 in the direction of x2. By NumPy; no derivative."""
    return from_numpy(np.nextafter(*arrays("nextafter", *_floats(x1, x2))))


def isclose(x1: Any, x2: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Tensor:
    """Whether |x1 - x2| <= atol + rtol * |x2|; equal infinities are close, and NaNs with equal_nan."""
    a, b = _floats(x1, x2)
    near = _core.abs(a - b) <= atol + rtol * _core.abs(b)
    near = _core.logical_or(_core.logical_and(near, _core.isfinite(b)), a == b)
    return _core.logical_or(near, _core.logical_and(_core.isnan(a), _core.isnan(b))) if equal_nan else near


def allclose(x1: Any, x2: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Tensor:
    """Whether all elements are close, as `isclose` says."""
    return _core.all(isclose(x1, x2, rtol, atol, equal_nan))


def isin(x1: Any, x2: Any, assume_unique: bool = False, invert: bool = False) -> Tensor:
    """Whether each element of x1 is among x2's; with invert, whether it is not."""
    first, second = arrays("isin", x1, x2)
    return from_numpy(np.isin(first, second, assume_unique=assume_unique, invert=invert))


def _bound(limit: Any) -> Any:
    return limit if isinstance(limit, (int, float)) else tensor(limit)


def _floats(x1: Any, x2: Any) -> tuple[Tensor, Tensor]:
    """Return both as floats of one dtype; integers alone become `pynn.config.floatx()`."""
    a, b = together(x1, x2)
    return floating(a), floating(b)
