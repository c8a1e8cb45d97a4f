"""RandomRotation, RandomZoom, RandomTranslation: pictures turned, scaled and shifted at random while training."""

from __future__ import annotations

import math
from typing import Any

from .. import _core
from .._core import Tensor
from .augmentation import Augmentation, checked_range
from .sampling import FILL_MODES, INTERPOLATIONS, checked_choice, sample


class _Moving(Augmentation):
    """Reads each picture at positions moved by an affine map about its centre.

    Args:
        fill_mode: what lies outside of the picture: "reflect", "wrap", "nearest" or "constant".
        interpolation: "bilinear" or "nearest".
        seed, data_format: of the layer's own generator; as for ImageLayer.
        fill_value: for `fill_mode="constant"`.
    """

    def __init__(
        self,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed, data_format, **kwargs)
        kind = type(self).__name__
        self.fill_mode = checked_choice(kind, "fill_mode", fill_mode, FILL_MODES)
        self.interpolation = checked_choice(kind, "interpolation", interpolation, INTERPOLATIONS)
        self.fill_value = fill_value

    def _positions(self, images: Tensor, down: Tensor, right: Tensor) -> tuple[Tensor, Tensor]:
        """Return the rows and columns to read, given the pixels' places relative to the centre, (h, 1), (w,)."""
        raise NotImplementedError

    def augment(self, images: Tensor) -> Tensor:
        batch, height, width, _ = images.shape
        middle, centre = (height - 1) / 2, (width - 1) / 2
        down = _core.arange(height).astype(images.dtype)[:, None] - middle
        right = _core.arange(width).astype(images.dtype) - centre
        rows, columns = self._positions(images, down, right)
        rows, columns = (
            _core.broadcast_to(places, (batch, height, width)) for places in (rows + middle, columns + centre)
        )
        return sample(images, rows, columns, self.interpolation, self.fill_mode, self.fill_value)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "fill_mode": self.fill_mode,
            "interpolation": self.interpolation,
            "fill_value": self.fill_value,
        }


class RandomRotation(_Moving):
    """Each picture turned about its centre, counter-clockwise for positive angles.

    Args:
        factor: range of the angle in full turns; one number f means (-f, f).
        fill_mode, interpolation, seed, fill_value, data_format: as for every layer that moves pictures.
    """

    def __init__(
        self,
        factor: float | tuple[float, float],
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(fill_mode, interpolation, seed, fill_value, data_format, **kwargs)
        self.factor = checked_range("RandomRotation", "factor", factor)

    def _positions(self, images: Tensor, down: Tensor, right: Tensor) -> tuple[Tensor, Tensor]:
        angle = self.draw(images, *self.factor)[..., 0] * (2 * math.pi)
        cos, sin = _core.cos(angle), _core.sin(angle)
        return sin * right + cos * down, cos * right - sin * down

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor}


class RandomZoom(_Moving):
    """Each picture larger or smaller about its centre.

    Args:
        height_factor: range of the change; (0.2, 0.3) shows 20 to 30 % more, so things get smaller; one
            number f means (-f, f).
        width_factor: the same for the width; None keeps the picture's proportions.
        fill_mode, interpolation, seed, fill_value, data_format: as for every layer that moves pictures.
    """

    def __init__(
        self,
        height_factor: float | tuple[float, float],
        width_factor: float | tuple[float, float] | None = None,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(fill_mode, interpolation, seed, fill_value, data_format, **kwargs)
        self.height_factor, self.width_factor = height_factor, width_factor
        self._height = checked_range("RandomZoom", "height_factor", height_factor)
        self._width = None
        if width_factor is not None:
            self._width = checked_range("RandomZoom", "width_factor", width_factor)

    def _positions(self, images: Tensor, down: Tensor, right: Tensor) -> tuple[Tensor, Tensor]:
        tall = 1 + self.draw(images, *self._height)[..., 0]
        wide = tall if self._width is None else 1 + self.draw(images, *self._width)[..., 0]
        return down * tall, right * wide

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "height_factor": self.height_factor,
            "width_factor": self.width_factor,
        }


class RandomTranslation(_Moving):
    """Each picture shifted.

    Args:
        height_factor: range of the shift downwards, as a share of the height; one number f means (-f, f).
        width_factor: of the shift to the right, as a share of the width.
        fill_mode, interpolation, seed, fill_value, data_format: as for every layer that moves pictures.
    """

    def __init__(
        self,
        height_factor: float | tuple[float, float],
        width_factor: float | tuple[float, float],
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(fill_mode, interpolation, seed, fill_value, data_format, **kwargs)
        self.height_factor, self.width_factor = height_factor, width_factor
        self._height = checked_range("RandomTranslation", "height_factor", height_factor)
        self._width = checked_range("RandomTranslation", "width_factor", width_factor)

    def _positions(self, images: Tensor, down: Tensor, right: Tensor) -> tuple[Tensor, Tensor]:
        _, height, width, _ = images.shape
        lower = self.draw(images, *self._height)[..., 0] * height
        further = self.draw(images, *self._width)[..., 0] * width
        return down - lower, right - further

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "height_factor": self.height_factor,
            "width_factor": self.width_factor,
        }
