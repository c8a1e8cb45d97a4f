"""Layers that disturb their input while training, and pass it on otherwise."""

from __future__ import annotations

import math
from typing import Any

from .. import _core, random
from .._core import Tensor
from .layer import Layer


class _Noise(Layer):
    """A layer that draws from `seed`'s generator, or from `pynn.random` without one."""

    cast_integers = True

    def __init__(self, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.seed = seed
        self._generator = None if seed is None else random.Generator(seed)

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
        self.rate = _checked_rate("Dropout", rate)
        self.noise_shape = None if noise_shape is None else tuple(noise_shape)

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        if not training or self.rate == 0:
            return inputs
        if self.rate == 1:
            return inputs * 0.0
        if self.noise_shape is None:
            return _core.dropout(inputs, self.rate, generator=self._generator)
        shape = tuple(
            own if size is None else size for own, size in zip(inputs.shape, self.noise_shape, strict=True)
        )
        kept = (self._generator or random).bernoulli(1 - self.rate, shape)
        return inputs * (kept.astype(inputs.dtype) / (1 - self.rate))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rate": self.rate, "noise_shape": self.noise_shape}


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


def _checked_rate(layer: str, rate: float) -> float:
    if not 0 <= rate <= 1:
        raise ValueError(f"{layer}: rate must be between 0 and 1, got {rate}")
    return rate
