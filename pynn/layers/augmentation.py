"""Layers that change pictures at random while training, so that a network sees more than it has."""

from __future__ import annotations

from numbers import Real
from typing import Any

from .. import _core, random
from .._core import Tensor
from .images import ImageLayer, SizedImageLayer
from .sampling import checked_choice, crop, crop_to_ratio, resize

_FLIPS = ("horizontal", "vertical", "horizontal_and_vertical")


class Augmentation(ImageLayer):
    """Base of layers that change pictures while training only; a subclass defines `augment`.

    Args:
        seed: of the layer's own generator; None draws from `pynn.random`.
        data_format: as for ImageLayer.
    """

    def __init__(self, seed: int | None = None, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(data_format, **kwargs)
        self.seed = seed
        self._generator = None if seed is None else random.Generator(seed)

    def transform(self, images: Tensor, training: bool) -> Tensor:
        return self.augment(images) if training else images

    def augment(self, images: Tensor) -> Tensor:
        """Return changed pictures (B, height, width, channels)."""
        raise NotImplementedError(f"{self._title()} must define augment(self, images)")

    def draw(self, images: Tensor, low: float, high: float) -> Tensor:
        """Return a number in [low, high) for each picture, (B, 1, 1, 1)."""
        shape = (images.shape[0], 1, 1, 1)
        return low + (high - low) * (self._generator or random).uniform(shape, dtype=images.dtype)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "seed": self.seed}


class RandomFlip(Augmentation):
    """Each picture flipped or not, with equal probability.

    Args:
        mode: "horizontal" (left and right change places), "vertical", or "horizontal_and_vertical", which
            draws for both directions.
        seed, data_format: of the layer's own generator; as for ImageLayer.
    """

    def __init__(
        self,
        mode: str = "horizontal_and_vertical",
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed, data_format, **kwargs)
        self.mode = checked_choice("RandomFlip", "mode", mode, _FLIPS)

    def augment(self, images: Tensor) -> Tensor:
        for direction, axis in (("horizontal", 2), ("vertical", 1)):
            if direction in self.mode:
                chosen = self.draw(images, 0, 1) < 0.5
                images = _core.where(chosen, _core.flip(images, axis=axis), images)
        return images

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "mode": self.mode}


class RandomContrast(Augmentation):
    """Each channel's distance from its mean over the picture, multiplied.

    Args:
        factor: (lower, upper), rising, for a multiplier in [1 - lower, 1 + upper]; one number is upper, lower 0.
        value_range: least and largest value of a pixel; the result is cut to it.
        seed: of the layer's own generator.
    """

    def __init__(
        self,
        factor: float | tuple[float, float],
        value_range: tuple[float, float] = (0, 255),
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed, **kwargs)
        pair = (0.0, factor) if isinstance(factor, (int, float)) else factor
        self.factor = checked_range("RandomContrast", "factor", pair, lowest=0.0)
        self.value_range = _checked_values("RandomContrast", value_range)

    def augment(self, images: Tensor) -> Tensor:
        lower, upper = self.factor
        mean = _core.mean(images, axis=(1, 2), keepdims=True)
        changed = (images - mean) * self.draw(images, 1 - lower, 1 + upper) + mean
        return _core.clip(changed, *self.value_range)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor, "value_range": self.value_range}


class RandomBrightness(Augmentation):
    """The same added to every value of a picture.

    Args:
        factor: range of what is added, as a share of `value_range`'s width; one number f means (-f, f).
        value_range: least and largest value of a pixel; the result is cut to it.
        seed: of the layer's own generator.
    """

    def __init__(
        self,
        factor: float | tuple[float, float],
        value_range: tuple[float, float] = (0, 255),
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed, **kwargs)
        self.factor = checked_range("RandomBrightness", "factor", factor)
        self.value_range = _checked_values("RandomBrightness", value_range)

    def augment(self, images: Tensor) -> Tensor:
        low, high = self.value_range
        return _core.clip(images + self.draw(images, *self.factor) * (high - low), low, high)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor, "value_range": list(self.value_range)}


class RandomCrop(SizedImageLayer):
    """The same window of all pictures, anywhere; not while training, or of too small ones, the largest, resized.

    Args:
        height, width: of the output.
        seed, data_format: of the layer's own generator; as for ImageLayer.
    """

    def __init__(
        self,
        height: int,
        width: int,
        seed: int | None = None,
        data_format: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(height, width, data_format, name=name, **kwargs)
        self.seed = seed
        self._generator = None if seed is None else random.Generator(seed)

    def transform(self, images: Tensor, training: bool) -> Tensor:
        down, right = images.shape[1] - self.height, images.shape[2] - self.width
        if not training or down < 0 or right < 0:
            return resize(crop_to_ratio(images, self.height, self.width), self.height, self.width, "bilinear")
        top, left = (int((self._generator or random).integers(0, room + 1)) for room in (down, right))
        return crop(images, top, left, self.height, self.width)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "seed": self.seed}


def checked_range(layer: str, argument: str, factor: Any, lowest: float = -1.0) -> tuple[float, float]:
    """Return the pair that a factor is, or (-f, f) for one number f; the smaller first.

    Raises:
        ValueError: it is neither, or one of the numbers is not in [lowest, 1].
    """
    pair = (-factor, factor) if isinstance(factor, Real) else factor
    fits = isinstance(pair, (tuple, list)) and len(pair) == 2
    if not fits or not all(isinstance(number, Real) and lowest <= float(number) <= 1 for number in pair):
        raise ValueError(f"{layer}: {argument} must be one or two numbers in [{lowest:g}, 1], got {factor!r}")
    first, second = sorted(pair)
    return float(first), float(second)


def _checked_values(layer: str, value_range: Any) -> tuple[float, float]:
    if (
        not isinstance(value_range, (tuple, list))
        or len(value_range) != 2
        or value_range[0] >= value_range[1]
    ):
        raise ValueError(f"{layer}: value_range must be two rising numbers, got {value_range!r}")
    return float(value_range[0]), float(value_range[1])
