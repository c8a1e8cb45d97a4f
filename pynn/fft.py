"""The `fft` extension of the array API standard, as far as it is real: frequencies and shifts.

The transforms themselves have complex results, or take complex numbers, which pynn does not have: they say so and name
what does the work.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from . import _core
from ._core import DtypeError, Tensor

__all__ = [
    "fft", "fftfreq", "fftn", "fftshift", "hfft", "ifft", "ifftn", "ifftshift", "ihfft", "irfft", "irfftn", "rfft",
    "rfftfreq", "rfftn",
]  # fmt: skip


def fftfreq(n: int, /, *, d: float = 1.0, dtype: Any = None, device: Any = None) -> Tensor:
    """Return the frequencies of a Fourier transform's n results: 0, 1, ... and then the negative ones, / (d n).

    Args:
        d: the time between two samples.
    """
    _check_length("fftfreq", n)
    half = (n + 1) // 2
    steps = _core.concat([_core.arange(half), _core.arange(half - n, 0)])
    return _frequencies(steps, n, d, dtype, device)


def rfftfreq(n: int, /, *, d: float = 1.0, dtype: Any = None, device: Any = None) -> Tensor:
    """Return the frequencies of the results of a Fourier transform of n real samples: 0, 1, ... n // 2, / (d n)."""
    _check_length("rfftfreq", n)
    return _frequencies(_core.arange(n // 2 + 1), n, d, dtype, device)


def fftshift(x: Any, /, *, axes: int | tuple[int, ...] | None = None) -> Tensor:
    """Return x with the frequency 0 moved from the front to the middle of the axes (all, if None)."""
    return _shifted(x, axes, lambda size: size // 2)


def ifftshift(x: Any, /, *, axes: int | tuple[int, ...] | None = None) -> Tensor:
    """Undo fftshift."""
    return _shifted(x, axes, lambda size: -(size // 2))


def _check_length(name: str, n: int) -> None:
    if n < 1:
        raise ValueError(f"{name}: n must be at least 1, got {n}")


def _frequencies(steps: Tensor, n: int, d: float, dtype: Any, device: Any) -> Tensor:
    dtype = _core.float32 if dtype is None else _core.dtype(dtype)
    if dtype.kind != "real floating":
        raise DtypeError(f"frequencies are floats, got dtype {dtype}")
    exact = steps.astype("float64") / (n * d)
    return _core.asarray(exact, dtype=dtype, device=device)


def _shifted(x: Any, axes: int | tuple[int, ...] | None, shift: Callable[[int], int]) -> Tensor:
    x = _core.asarray(x)
    if axes is None:
        axes = tuple(range(x.ndim))
    elif isinstance(axes, int):
        axes = (axes,)
    return _core.roll(x, tuple(shift(x.shape[axis]) for axis in axes), axis=tuple(axes))


def _no_complex(name: str) -> NoReturn:
    raise DtypeError(
        f"fft.{name} works on complex numbers, which pynn does not have; use numpy.fft.{name} on x.numpy(), or"
        " pynn.ops.rfft, fft, irfft and their like, which take and give (real, imaginary) pairs of tensors"
    )


def fft(x: Any, /, *, n: int | None = None, axis: int = -1, norm: str = "backward") -> Tensor:
    """Raise DtypeError: the result would be complex."""
    _no_complex("fft")


def ifft(x: Any, /, *, n: int | None = None, axis: int = -1, norm: str = "backward") -> Tensor:
    """Raise DtypeError: the result would be complex."""
    _no_complex("ifft")


def fftn(x: Any, /, *, s: Any = None, axes: Any = None, norm: str = "backward") -> Tensor:
    """Raise DtypeError: the result would be complex."""
    _no_complex("fftn")


def ifftn(x: Any, /, *, s: Any = None, axes: Any = None, norm: str = "backward") -> Tensor:
    """Raise DtypeError: the result would be complex."""
    _no_complex("ifftn")


def rfft(x: Any, /, *, n: int | None = None, axis: int = -1, norm: str = "backward") -> Tensor:
    """Raise DtypeError: the result would be complex."""
    _no_complex("rfft")


def irfft(x: Any, /, *, n: int | None = None, axis: int = -1, norm: str = "backward") -> Tensor:
    """Raise DtypeError: x would be complex."""
    _no_complex("irfft")


def rfftn(x: Any, /, *, s: Any = None, axes: Any = None, norm: str = "backward") -> Tensor:
    """Raise DtypeError: the result would be complex."""
    _no_complex("rfftn")


def irfftn(x: Any, /, *, s: Any = None, axes: Any = None, norm: str = "backward") -> Tensor:
    """Raise DtypeError: x would be complex."""
    _no_complex("irfftn")


def hfft(x: Any, /, *, n: int | None = None, axis: int = -1, norm: str = "backward") -> Tensor:
    """Raise DtypeError: x would be complex."""
    _no_complex("hfft")


def ihfft(x: Any, /, *, n: int | None = None, axis: int = -1, norm: str = "backward") -> Tensor:
    """Raise DtypeError: the result would be complex."""
    _no_complex("ihfft")
