"""Operations on each element of one tensor: powers and logarithms, angles, rounding, what kind of number."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import _core, config
from .._core import Tensor
from .convert import apply, arrays, floating, from_numpy, is_float, tensor


def abs(x: Any) -> Tensor:
    """Absolute value."""
    return apply(_core.abs, x)


def arccos(x: Any) -> Tensor:
    """Inverse cosine in radians."""
    return apply(_core.acos, x)


def arccosh(x: Any) -> Tensor:
    """Inverse hyperbolic cosine."""
    return apply(_core.acosh, x)


def arcsin(x: Any) -> Tensor:
    """Inverse sine in radians."""
    return apply(_core.asin, x)


def arcsinh(x: Any) -> Tensor:
    """Inverse hyperbolic sine."""
    return apply(_core.asinh, x)


def arctan(x: Any) -> Tensor:
    """Inverse tangent in radians."""
    return apply(_core.atan, x)


def arctanh(x: Any) -> Tensor:
    """Inverse hyperbolic tangent."""
    return apply(_core.atanh, x)


def cos(x: Any) -> Tensor:
    """Cosine of an angle in radians."""
    return apply(_core.cos, x)


def cosh(x: Any) -> Tensor:
    """Hyperbolic cosine."""
    return apply(_core.cosh, x)


def erf(x: Any) -> Tensor:
    """Error function."""
    return apply(_core.erf, x)


def exp(x: Any) -> Tensor:
    """e to the power x."""
    return apply(_core.exp, x)


def expm1(x: Any) -> Tensor:
    """e to the power x, less 1; accurate near 0."""
    return apply(_core.expm1, x)


def isfinite(x: Any) -> Tensor:
    """Whether each element is neither infinite nor NaN."""
    return apply(_core.isfinite, x)


def isinf(x: Any) -> Tensor:
    """Whether each element is infinite."""
    return apply(_core.isinf, x)


def isnan(x: Any) -> Tensor:
    """Whether each element is NaN."""
    return apply(_core.isnan, x)


def log(x: Any) -> Tensor:
    """Natural logarithm."""
    return apply(_core.log, x)


def log10(x: Any) -> Tensor:
    """Logarithm to base 10."""
    return apply(_core.log10, x)


def log1p(x: Any) -> Tensor:
    """log(1 + x); accurate near 0."""
    return apply(_core.log1p, x)


def log2(x: Any) -> Tensor:
    """Logarithm to base 2."""
    return apply(_core.log2, x)


def negative(x: Any) -> Tensor:
    """-x."""
    return apply(_core.negative, x)


def reciprocal(x: Any) -> Tensor:
    """1 / x."""
    return apply(_core.reciprocal, x)


def rsqrt(x: Any) -> Tensor:
    """1 / sqrt(x)."""
    return apply(_core.rsqrt, x)


def sign(x: Any) -> Tensor:
    """-1, 0 or 1."""
    return apply(_core.sign, x)


def sin(x: Any) -> Tensor:
    """Sine of an angle in radians."""
    return apply(_core.sin, x)


def sinh(x: Any) -> Tensor:
    """Hyperbolic sine."""
    return apply(_core.sinh, x)


def sqrt(x: Any) -> Tensor:
    """Square root."""
    return apply(_core.sqrt, x)


def square(x: Any) -> Tensor:
    """x * x."""
    return apply(_core.square, x)


def tan(x: Any) -> Tensor:
    """Tangent of an angle in radians."""
    return apply(_core.tan, x)


def tanh(x: Any) -> Tensor:
    """Hyperbolic tangent."""
    return apply(_core.tanh, x)


def trunc(x: Any) -> Tensor:
    """The integer part of each element."""
    return apply(_core.trunc, x)


absolute = abs


def fabs(x: Any) -> Tensor:
    """Absolute value, of integers as floats."""
    return _core.abs(floating(x))


def ceil(x: Any) -> Tensor:
    """The smallest integer not below each element; integers become floats."""
    return _core.ceil(floating(x))


def floor(x: Any) -> Tensor:
    """The largest integer not above each element; integers become floats."""
    return _core.floor(floating(x))


def round(x: Any, decimals: int = 0) -> Tensor:
    """Each element to so many decimals, halves to the even one; negative decimals round to tens and so on."""
    x = tensor(x)
    if decimals == 0:
        return _core.round(x)
    factor = 10.0**decimals
    y = _core.round(floating(x) * factor) / factor
    return y if is_float(x) else y.astype(x.dtype)


def cbrt(x: Any) -> Tensor:
    """Cube root, also of negative numbers."""
    x = floating(x)
    return _core.sign(x) * _core.power(_core.abs(x), 1 / 3)


def exp2(x: Any) -> Tensor:
    """2 to the power x."""
    return _core.exp(floating(x) * math.log(2))


def erfc(x: Any) -> Tensor:
    """1 - erf(x)."""
    return 1 - _core.erf(floating(x))


def erfinv(x: Any) -> Tensor:
    """The number whose error function is x: +-inf at +-1, NaN outside [-1, 1].

    A first guess in closed form (Winitzki 2008), then Newton's method, whose last two steps carry the derivatives.
    """
    x = floating(x)
    inner = _core.clip(x, -1 + 1e-7, 1 - 1e-7)
    a, known = 0.147, _core.stop_gradient(inner)
    tail = _core.log1p(-known * known)
    half = 2 / (math.pi * a) + tail / 2
    y = _core.sign(known) * _core.sqrt(_core.sqrt(half * half - tail / a) - half)
    for target in (known, inner, inner):
        y = y - (_core.erf(y) - target) * _core.exp(y * y) * (math.sqrt(math.pi) / 2)
    y = _core.where(x == 1, math.inf, _core.where(x == -1, -math.inf, y))
    return _core.where(_core.abs(x) > 1, math.nan, y)


def deg2rad(x: Any) -> Tensor:
    """Degrees to radians."""
    return floating(x) * (math.pi / 180)


def rad2deg(x: Any) -> Tensor:
    """Radians to degrees."""
    return floating(x) * (180 / math.pi)


def sinc(x: Any) -> Tensor:
    """sin(pi x) / (pi x), 1 at 0."""
    angle = floating(x) * math.pi
    zero = angle == 0
    return _core.where(zero, 1.0, _core.sin(angle) / _core.where(zero, 1.0, angle))


def i0(x: Any) -> Tensor:
    """Modified Bessel function of the first kind, order 0. By NumPy; no derivative."""
    (values,) = arrays("i0", floating(x))
    return from_numpy(np.i0(values), values.dtype)


def logical_not(x: Any) -> Tensor:
    """Whether each element is false (0)."""
    return _core.logical_not(tensor(x))


def bitwise_invert(x: Any) -> Tensor:
    """Every bit of integers inverted; not x for booleans."""
    return _core.bitwise_invert(tensor(x))


bitwise_not = bitwise_invert


def isneginf(x: Any) -> Tensor:
    """Whether each element is minus infinity."""
    return tensor(x) == -math.inf


def isposinf(x: Any) -> Tensor:
    """Whether each element is plus infinity."""
    return tensor(x) == math.inf


def isreal(x: Any) -> Tensor:
    """True everywhere: pynn has real numbers only."""
    return _core.ones_like(tensor(x), dtype="bool")


def signbit(x: Any) -> Tensor:
    """Whether the sign of each element is minus; true for -0.0."""
    y = tensor(x)
    if not is_float(y):
        return y < 0
    return from_numpy(np.signbit(_core.stop_gradient(y).to("cpu").numpy()))


def nan_to_num(x: Any, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None) -> Tensor:
    """x with NaN replaced by `nan` and infinities by `posinf` and `neginf`, None being the largest numbers."""
    y = tensor(x)
    if not is_float(y):
        return y
    most = float(np.finfo(str(y.dtype) if y.dtype != _core.bfloat16 else "float32").max)
    y = _core.where(_core.isnan(y), nan, y)
    y = _core.where(y == math.inf, most if posinf is None else posinf, y)
    return _core.where(y == -math.inf, -most if neginf is None else neginf, y)


def real(x: Any) -> Tensor:
    """x itself: pynn has real numbers only."""
    return tensor(x)


def imag(x: Any) -> Tensor:
    """Zeros: pynn has real numbers only."""
    return _core.zeros_like(tensor(x))


def conjugate(x: Any) -> Tensor:
    """x itself: pynn has real numbers only."""
    return tensor(x)


conj = conjugate


def angle(x: Any) -> Tensor:
    """The angle of real numbers in the complex plane: 0, or pi where they are negative."""
    return _core.atan2(0.0, floating(x))


def bartlett(x: Any) -> Tensor:
    """The triangular window of this length."""
    return _window(np.bartlett, x)


def blackman(x: Any) -> Tensor:
    """Blackman's window of this length."""
    return _window(np.blackman, x)


def hamming(x: Any) -> Tensor:
    """Hamming's window of this length."""
    return _window(np.hamming, x)


def hanning(x: Any) -> Tensor:
    """Von Hann's window of this length."""
    return _window(np.hanning, x)


def kaiser(x: Any, beta: float) -> Tensor:
    """Kaiser's window of this length, narrower for larger beta."""
    return _window(lambda n: np.kaiser(n, float(beta)), x)


def _window(window: Any, length: Any) -> Tensor:
    return from_numpy(window(int(tensor(length).item())), config.floatx())
