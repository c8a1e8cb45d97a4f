"""Fourier transforms, by NumPy and without derivatives, and windows of signals. Complex numbers are pairs."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import _core
from .._core import ShapeError, Tensor
from .convert import arrays, floating, from_numpy, tensor

Pair = tuple[Tensor, Tensor]


def fft(x: Any) -> Pair:
    """The discrete Fourier transform along the last axis of (real, imaginary)."""
    return _pair("fft", np.fft.fft, x)


def fft2(x: Any) -> Pair:
    """The discrete Fourier transform along the last two axes of (real, imaginary)."""
    return _pair("fft2", np.fft.fft2, x)


def ifft2(x: Any) -> Pair:
    """The inverse of `fft2`."""
    return _pair("ifft2", np.fft.ifft2, x)


def rfft(x: Any, fft_length: int | None = None) -> Pair:
    """The first half of the discrete Fourier transform of real numbers along the last axis.

    Args:
        fft_length: cut or fill with zeros to this length first.
    """
    (values,) = arrays("rfft", floating(x))
    found = np.fft.rfft(values, n=fft_length)
    return from_numpy(found.real, values.dtype), from_numpy(found.imag, values.dtype)


def irfft(x: Any, fft_length: int | None = None) -> Tensor:
    """The inverse of `rfft`: real numbers from (real, imaginary).

    Args:
        fft_length: of the result; None means an even one.
    """
    values, dtype = _complex("irfft", x)
    return from_numpy(np.fft.irfft(values, n=fft_length), dtype)


def extract_sequences(x: Any, sequence_length: int, sequence_stride: int) -> Tensor:
    """Windows along the last axis: (..., n) becomes (..., windows, sequence_length)."""
    x = tensor(x)
    if x.ndim == 0 or x.shape[-1] < sequence_length:
        raise ShapeError(
            f"extract_sequences: the last axis of shape {x.shape} is shorter than {sequence_length}"
        )
    count = (x.shape[-1] - sequence_length) // sequence_stride + 1
    places = np.arange(count)[:, None] * sequence_stride + np.arange(sequence_length)
    return _core.take(x, places, axis=-1)


def stft(
    x: Any,
    sequence_length: int,
    sequence_stride: int,
    fft_length: int,
    window: Any = "hann",
    center: bool = True,
) -> Pair:
    """Fourier transforms of windows along the last axis: (..., n) becomes (..., windows, fft_length // 2 + 1).

    Args:
        sequence_length: of a window.
        sequence_stride: from one window to the next.
        fft_length: windows are filled with zeros to this length, which is not less.
        window: 'hann', 'hamming', a vector of sequence_length, or None: what windows are multiplied by.
        center: mirror the ends first, so that window i is about position i * sequence_stride.
    """
    (values,) = arrays("stft", floating(x))
    factors = _window("stft", window, sequence_length, fft_length)
    if center:
        ends = [(0, 0)] * (values.ndim - 1) + [(fft_length // 2, fft_length // 2)]
        values = np.pad(values, ends, mode="reflect")
    parts = extract_sequences(values, fft_length, sequence_stride).to("cpu").numpy()
    found = np.fft.rfft(parts * factors)
    return from_numpy(found.real, values.dtype), from_numpy(found.imag, values.dtype)


def istft(
    x: Any,
    sequence_length: int,
    sequence_stride: int,
    fft_length: int,
    length: int | None = None,
    window: Any = "hann",
    center: bool = True,
) -> Tensor:
    """The inverse of `stft`: windows are added up where they overlap, and divided by what they were multiplied by.

    Args:
        length: of the result; None means all there is.
    """
    values, dtype = _complex("istft", x)
    factors = _window("istft", window, sequence_length, fft_length)
    parts = np.fft.irfft(values, n=fft_length) * factors
    count = parts.shape[-2]
    total = np.zeros((*parts.shape[:-2], fft_length + sequence_stride * (count - 1)))
    weight = np.zeros(total.shape[-1])
    for i in range(count):  # one a window; each adds a whole vector
        place = slice(i * sequence_stride, i * sequence_stride + fft_length)
        total[..., place] += parts[..., i, :]
        weight[place] += factors**2
    total = total / np.where(weight > 1e-10, weight, 1.0)
    start = fft_length // 2 if center else 0
    last = total.shape[-1] - (fft_length // 2 if center else 0)
    end = last if length is None else start + length
    return from_numpy(total[..., start:end], dtype)


def _window(name: str, window: Any, sequence_length: int, fft_length: int) -> np.ndarray[Any, Any]:
    """Return what windows are multiplied by, with zeros on both sides to fft_length."""
    if fft_length < sequence_length:
        raise ValueError(f"{name}: fft_length={fft_length} is less than sequence_length={sequence_length}")
    turns = 2 * np.pi * np.arange(sequence_length) / sequence_length
    if window is None:
        return np.ones(fft_length)
    if isinstance(window, str):
        if window not in ("hann", "hamming"):
            raise ValueError(f"{name}: window must be 'hann', 'hamming', a vector or None, got {window!r}")
        share = 0.5 if window == "hann" else 0.54
        factors = share - (1 - share) * np.cos(turns)
    else:
        (factors,) = arrays(name, floating(window))
    if factors.shape != (sequence_length,):
        raise ShapeError(f"{name}: the window must have shape ({sequence_length},), got {factors.shape}")
    before = (fft_length - sequence_length) // 2
    return np.pad(factors, (before, fft_length - sequence_length - before))


def _complex(name: str, x: Any) -> tuple[np.ndarray[Any, Any], Any]:
    if not isinstance(x, (tuple, list)) or len(x) != 2:
        raise ValueError(f"{name}: needs a pair of tensors (real, imaginary), got {type(x).__name__}")
    real, imaginary = arrays(name, floating(x[0]), floating(x[1]))
    if real.shape != imaginary.shape:
        raise ShapeError(f"{name}: the real part has shape {real.shape}, the imaginary {imaginary.shape}")
    return real + 1j * imaginary, real.dtype


def _pair(name: str, function: Any, x: Any) -> Pair:
    values, dtype = _complex(name, x)
    found = function(values)
    return from_numpy(found.real, dtype), from_numpy(found.imag, dtype)
