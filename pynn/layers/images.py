"""Layers that bring pictures to a size. They take one picture (3 axes) or a batch (4), and learn nothing."""

from __future__ import annotations

from typing import Any

from .. import _core
from .._core import ShapeError, Tensor
from ..config import checked_data_format
from .core import positive
from .fault import Fault
from .layer import Layer
from .sampling import INTERPOLATIONS, checked_choice, crop, crop_to_ratio, pad_to_ratio, resize
from .spec import Dims


class ImageLayer(Layer):
    """Base of layers on pictures; a subclass defines `transform` for batches with the channels last.

    Args:
        data_format: "channels_last" (also None) or "channels_first".
    """

    cast_integers = True
    keras_only = Layer.keras_only | {"bounding_box_format"}

    def __init__(self, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format = checked_data_format(type(self).__name__, data_format)

    def transform(self, images: Tensor, training: bool) -> Tensor:
        """Return what becomes of pictures (B, height, width, channels)."""
        raise NotImplementedError(f"{self._title()} must define transform(self, images, training)")

    def call(self, inputs: Tensor, training: bool = True) -> Tensor:
        if not isinstance(inputs, Tensor) or inputs.ndim not in (3, 4):
            got = f"{inputs.ndim} axes" if isinstance(inputs, Tensor) else type(inputs).__name__
            raise ShapeError(Fault(self, f" expected one picture (3 axes) or a batch (4 axes), got {got}"))
        images = inputs if inputs.ndim == 4 else inputs[None]
        if self.data_format == "channels_first":
            images = _core.moveaxis(images, 1, -1)
        images = self.transform(images, bool(training))
        if self.data_format == "channels_first":
            images = _core.moveaxis(images, -1, 1)
        return images if inputs.ndim == 4 else images[0]

    def compute_output_shape(self, input_shape: Dims) -> Dims:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "data_format": self.data_format}


class SizedImageLayer(ImageLayer):
    """Base of layers whose pictures all come out `height` by `width`."""

    def __init__(self, height: int, width: int, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(data_format, **kwargs)
        self.height = positive(type(self).__name__, "height", height)
        self.width = positive(type(self).__name__, "width", width)

    def compute_output_shape(self, input_shape: Dims) -> Dims:
        size = (self.height, self.width)
        if self.data_format == "channels_first":
            return (*input_shape[:-2], *size)
        return (*input_shape[:-3], *size, input_shape[-1])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "height": self.height, "width": self.width}


class Resizing(SizedImageLayer):
    """Pictures in another size.

    Args:
        height, width: of the output.
        interpolation: "bilinear" or "nearest".
        crop_to_aspect_ratio: cut off two sides first, so that nothing is distorted.
        pad_to_aspect_ratio: or add margins of `fill_value`.
        fill_mode: of the margins; only "constant".
        data_format: as for ImageLayer.

    Raises:
        ValueError: an unknown interpolation or fill mode, or both crop and pad.
    """

    def __init__(
        self,
        height: int,
        width: int,
        interpolation: str = "bilinear",
        crop_to_aspect_ratio: bool = False,
        pad_to_aspect_ratio: bool = False,
        fill_mode: str = "constant",
        fill_value: float = 0.0,
        antialias: bool = False,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(height, width, data_format, **kwargs)
        if antialias:
            raise ValueError("Resizing: pynn does not support antialias=True")
        if crop_to_aspect_ratio and pad_to_aspect_ratio:
            raise ValueError("Resizing: give only one of crop_to_aspect_ratio and pad_to_aspect_ratio")
        self.interpolation = checked_choice("Resizing", "interpolation", interpolation, INTERPOLATIONS)
        self.fill_mode = checked_choice("Resizing", "fill_mode", fill_mode, ("constant",))
        self.crop_to_aspect_ratio, self.pad_to_aspect_ratio = (
            bool(crop_to_aspect_ratio),
            bool(pad_to_aspect_ratio),
        )
        self.fill_value = fill_value

    def transform(self, images: Tensor, training: bool) -> Tensor:
        if self.crop_to_aspect_ratio:
            images = crop_to_ratio(images, self.height, self.width)
        if self.pad_to_aspect_ratio:
            images = pad_to_ratio(images, self.height, self.width, self.fill_value)
        return resize(images, self.height, self.width, self.interpolation)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "interpolation": self.interpolation,
            "antialias": False,
            "crop_to_aspect_ratio": self.crop_to_aspect_ratio,
            "pad_to_aspect_ratio": self.pad_to_aspect_ratio,
            "fill_mode": self.fill_mode,
            "fill_value": self.fill_value,
        }


class CenterCrop(SizedImageLayer):
    """The middle of each picture; a picture that is too small is cut to the ratio and enlarged."""

    def transform(self, images: Tensor, training: bool) -> Tensor:
        down, right = images.shape[1] - self.height, images.shape[2] - self.width
        if down < 0 or right < 0:
            return resize(crop_to_ratio(images, self.height, self.width), self.height, self.width, "bilinear")
        return crop(images, down // 2, right // 2, self.height, self.width)
