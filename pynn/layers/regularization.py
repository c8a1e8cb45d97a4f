"""Layers that disturb their input while training, and pass it on otherwise."""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Real
from typing import Any

from .. import _core, random
from .._core import ShapeError, Tensor
from ..config import checked_data_format
from ..regularizers import L1L2
from .layer import Layer
from .spec import Dims, InputSpec


class _Noise(Layer):
    """A layer that draws from `seed`'s generator, or from `pynn.random` without one."""

    supports_masking = True

    cast_integers = True

    def __init__(self, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.seed = seed
        self._generator = None if seed is None else random.Generator(seed)

    def _kept(self, x: Tensor, rate: float, noise_shape: Sequence[int | None] | None) -> Tensor:
        """Return 0 with probability `rate`, else 1, in `noise_shape`; None within it is the size of x."""
        sizes = x.shape if noise_shape is None else noise_shape
        if len(sizes) != x.ndim:
            raise ShapeError(f"noise_shape {tuple(sizes)} has {len(sizes)} axes, the input {x.ndim}")
        shape = tuple(own if size is None else size for own, size in zip(x.shape, sizes, strict=True))
        return (self._generator or random).bernoulli(1 - rate, shape, dtype=x.dtype)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "seed": self.seed}


class Dropout(_Noise):
    """Each value is 0 with probability `rate`, else scaled by 1 / (1 - rate), so that the mean stays.

    Args:
        rate: in [0, 1].
        noise_shape: shape of the mask, broadcast over the input: (None, 1, 5) drops whole rows; None
            within it is the input's own size.
        seed: of the layer's own generator.

    Raises:
        ValueError: the rate is outside [0, 1].
    """

    def __init__(
        self,
        rate: float,
        noise_shape: tuple[int | None, ...] | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed, **kwargs)
        self.rate = _checked_rate(type(self).__name__, rate)
        self.noise_shape = None if noise_shape is None else tuple(noise_shape)

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        if not training or self.rate == 0:
            return inputs
        if self.rate == 1:
            return inputs * 0.0
        if self.noise_shape is None:
            return _core.dropout(inputs, self.rate, generator=self._generator)
        kept = self._kept(inputs, self.rate, self.noise_shape)
        return inputs * (kept / (1 - self.rate))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rate": self.rate, "noise_shape": self.noise_shape}


class _SpatialDropout(Dropout):
    """Dropout of whole channels: of a picture, neighbours say so much of each other that dropping one is little.

    Args:
        rate, seed: as for Dropout.
        data_format: "channels_last" (also None) or "channels_first".
    """

    spatial_axes = 2

    def __init__(
        self,
        rate: float,
        data_format: str | None = None,
        seed: int | None = None,
        name: str | None = None,
        dtype: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(rate, seed=seed, name=name, dtype=dtype, **kwargs)
        self.data_format = checked_data_format(type(self).__name__, data_format)
        ones = (1,) * self.spatial_axes
        self.noise_shape = (None, *ones, None) if self.data_format == "channels_last" else (None, None, *ones)
        self.input_spec = InputSpec(ndim=self.spatial_axes + 2)

    def get_config(self) -> dict[str, Any]:
        own = {"rate": self.rate, "seed": self.seed, "name": self.name, "dtype": self.dtype}
        return {**own, "data_format": self.data_format}


class SpatialDropout1D(_SpatialDropout):
    """Dropout of whole channels of (B, steps, channels)."""

    spatial_axes = 1

    def __init__(
        self,
        rate: float,
        seed: int | None = None,
        name: str | None = None,
        dtype: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(rate, seed=seed, name=name, dtype=dtype, **kwargs)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["data_format"]
        return config


class SpatialDropout2D(_SpatialDropout):
    """Dropout of whole channels of (B, height, width, channels)."""


class SpatialDropout3D(_SpatialDropout):
    """Dropout of whole channels of (B, depth, height, width, channels)."""

    spatial_axes = 3


class GaussianNoise(_Noise):
    """Adds normal noise of standard deviation `stddev`."""

    def __init__(self, stddev: float, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(seed, **kwargs)
        if not stddev >= 0:
            raise ValueError(f"GaussianNoise: stddev must be a number >= 0, got {stddev}")
        self.stddev = stddev

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        if not training or self.stddev == 0:
            return inputs
        noise = (self._generator or random).normal(inputs.shape, 0.0, self.stddev, dtype=inputs.dtype)
        return inputs + noise

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "stddev": self.stddev}


class GaussianDropout(_Noise):
    """Multiplies by normal noise of mean 1 and the variance that dropout of `rate` would have."""

    def __init__(self, rate: float, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(seed, **kwargs)
        self.rate = _checked_rate("GaussianDropout", rate)
        if self.rate == 1:
            raise ValueError("GaussianDropout: rate must be below 1, where the noise becomes infinite")

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        if not training or self.rate == 0:
            return inputs
        stddev = math.sqrt(self.rate / (1 - self.rate))
        noise = (self._generator or random).normal(inputs.shape, 1.0, stddev, dtype=inputs.dtype)
        return inputs * noise

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rate": self.rate}


class AlphaDropout(_Noise):
    """Dropout for networks of `selu`: what is dropped becomes selu's lowest value, and mean and variance stay.

    Args:
        rate: in [0, 1).
        noise_shape, seed: as for Dropout.

    Raises:
        ValueError: the rate is outside [0, 1).
    """

    def __init__(
        self,
        rate: float,
        noise_shape: Sequence[int | None] | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed, **kwargs)
        self.rate = _checked_rate("AlphaDropout", rate)
        if self.rate == 1:
            raise ValueError("AlphaDropout: rate must be below 1, where nothing would be left to scale")
        self.noise_shape = None if noise_shape is None else tuple(noise_shape)

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        if not training or self.rate == 0:
            return inputs
        kept = self._kept(inputs, self.rate, self.noise_shape)
        factor = 1 / math.sqrt((1 - self.rate) * (1 + self.rate * _SELU_LOWEST**2))
        return (inputs * kept + _SELU_LOWEST * (1 - kept)) * factor - factor * _SELU_LOWEST * self.rate

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rate": self.rate, "noise_shape": self.noise_shape}


class ActivityRegularization(Layer):
    """Passes its input on and adds `l1 * sum(|x|) + l2 * sum(x ** 2)` of it to the loss."""

    supports_masking = True

    def __init__(self, l1: float = 0.0, l2: float = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._penalty = L1L2(l1, l2)
        self.l1, self.l2 = l1, l2

    def call(self, inputs: Tensor) -> Tensor:
        self.add_loss(self._penalty(inputs))
        return inputs

    def compute_output_shape(self, input_shape: Dims) -> Dims:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "l1": self.l1, "l2": self.l2}


# -scale * alpha of selu: where it goes for x to minus infinity.
_SELU_LOWEST = -1.0507009873554804934193349852946 * 1.6732632423543772848170429916717


def _checked_rate(layer: str, rate: float) -> float:
    if not isinstance(rate, Real) or not 0 <= rate <= 1:
        raise ValueError(f"{layer}: rate must be between 0 and 1, got {rate!r}")
    return rate
