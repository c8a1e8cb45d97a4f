"""Operations on pictures, `keras.ops.image`: one (3 axes) or a batch (4), channels last unless said otherwise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import _core
from .._core import ShapeError, Tensor
from ..config import checked_data_format
from ..layers import sampling
from . import absent
from .convert import cast, floating, is_float, tensor
from .shapes import pad

_GRAY = (0.2989, 0.5870, 0.1140)  # ITU-R BT.601, to the digits that Keras has


def resize(
    images: Any,
    size: Any,
    interpolation: str = "bilinear",
    antialias: bool = False,
    crop_to_aspect_ratio: bool = False,
    pad_to_aspect_ratio: bool = False,
    fill_mode: str = "constant",
    fill_value: float = 0.0,
    data_format: str | None = None,
) -> Tensor:
    """Pictures in another size.

    Args:
        size: (height, width).
        interpolation: 'bilinear' or 'nearest'.
        antialias: pynn takes False only.
        crop_to_aspect_ratio: cut off two sides first, so that nothing is distorted.
        pad_to_aspect_ratio: or add margins of `fill_value`.
        fill_mode: 'constant' only.
        data_format: None means `pynn.config.image_data_format()`.
    """
    if antialias:
        raise NotImplementedError("resize: pynn does not support antialias=True")
    if crop_to_aspect_ratio and pad_to_aspect_ratio:
        raise ValueError("resize: give only one of crop_to_aspect_ratio and pad_to_aspect_ratio")
    sampling.checked_choice("resize", "interpolation", interpolation, sampling.INTERPOLATIONS)
    sampling.checked_choice("resize", "fill_mode", fill_mode, ("constant",))
    height, width = (int(n) for n in size)
    batch, back = _batch("resize", images, data_format)
    if interpolation == "bilinear":
        batch = floating(batch)
    if crop_to_aspect_ratio:
        batch = sampling.crop_to_ratio(batch, height, width)
    if pad_to_aspect_ratio:
        batch = sampling.pad_to_ratio(batch, height, width, fill_value)
    found = sampling.resize(batch, height, width, interpolation)
    own = tensor(images).dtype
    return back(found if found.dtype == own else cast(_core.round(found), own))


def pad_images(
    images: Any,
    top_padding: int | None = None,
    left_padding: int | None = None,
    bottom_padding: int | None = None,
    right_padding: int | None = None,
    target_height: int | None = None,
    target_width: int | None = None,
    data_format: str | None = None,
) -> Tensor:
    """Pictures with margins of zeros.

    Of each of (top, bottom, target_height) and (left, right, target_width) give two.
    """
    batch, back = _batch("pad_images", images, data_format)
    _, height, width, _ = batch.shape
    top, bottom, _ = _third("pad_images", "vertical", top_padding, bottom_padding, target_height, height, 1)
    left, right, _ = _third("pad_images", "horizontal", left_padding, right_padding, target_width, width, 1)
    return back(pad(batch, ((0, 0), (top, bottom), (left, right), (0, 0))))


def crop_images(
    images: Any,
    top_cropping: int | None = None,
    left_cropping: int | None = None,
    bottom_cropping: int | None = None,
    right_cropping: int | None = None,
    target_height: int | None = None,
    target_width: int | None = None,
    data_format: str | None = None,
) -> Tensor:
    """Pictures without margins.

    Of each of (top, bottom, target_height) and (left, right, target_width) give two.
    """
    batch, back = _batch("crop_images", images, data_format)
    _, height, width, _ = batch.shape
    top, _, tall = _third("crop_images", "vertical", top_cropping, bottom_cropping, target_height, height, -1)
    left, _, wide = _third(
        "crop_images", "horizontal", left_cropping, right_cropping, target_width, width, -1
    )
    return back(sampling.crop(batch, top, left, tall, wide))


def rgb_to_grayscale(images: Any, data_format: str | None = None) -> Tensor:
    """Pictures of one channel: 0.2989 red + 0.587 green + 0.114 blue, in the dtype of the pictures."""
    batch, back = _batch("rgb_to_grayscale", images, data_format)
    if batch.shape[-1] == 1:
        return back(batch)
    _three("rgb_to_grayscale", batch)
    weights = _core.asarray(np.array(_GRAY)).astype(floating(batch).dtype)
    gray = _core.sum(floating(batch) * weights, -1, True)
    return back(cast(gray, batch.dtype))


def rgb_to_hsv(images: Any, data_format: str | None = None) -> Tensor:
    """Hue, saturation and value of red, green and blue, all in [0, 1] (Smith 1978)."""
    batch, back = _batch("rgb_to_hsv", images, data_format)
    _three("rgb_to_hsv", batch)
    red, green, blue = (floating(batch)[..., i] for i in range(3))
    value = _core.maximum(_core.maximum(red, green), blue)
    spread = value - _core.minimum(_core.minimum(red, green), blue)
    flat, black = spread == 0, value == 0
    unit = _core.where(flat, 1.0, spread)
    hue = _core.where(
        red == value,
        (green - blue) / unit,
        _core.where(green == value, (blue - red) / unit + 2, (red - green) / unit + 4),
    )
    hue = _core.where(flat, 0.0, _core.remainder(hue / 6, 1.0))
    saturation = _core.where(black, 0.0, spread / _core.where(black, 1.0, value))
    return back(_core.stack([hue, saturation, value], axis=-1))


def hsv_to_rgb(images: Any, data_format: str | None = None) -> Tensor:
    """Red, green and blue of hue, saturation and value (Smith 1978)."""
    batch, back = _batch("hsv_to_rgb", images, data_format)
    _three("hsv_to_rgb", batch)
    hue, saturation, value = (floating(batch)[..., i] for i in range(3))
    channels = []
    for turn in (5, 3, 1):
        k = _core.remainder(hue * 6 + turn, 6.0)
        share = _core.clip(_core.minimum(k, 4 - k), 0.0, 1.0)
        channels.append(value - value * saturation * share)
    return back(_core.stack(channels, axis=-1))


def affine_transform(
    images: Any,
    transform: Any,
    interpolation: str = "bilinear",
    fill_mode: str = "constant",
    fill_value: float = 0.0,
    data_format: str | None = None,
) -> Tensor:
    """Pictures read at other positions: pixel (x, y) of the output is that at (a0 x + a1 y + a2, b0 x + b1 y + b2).

    Args:
        transform: (a0, a1, a2, b0, b1, b2, c0, c1) for all pictures, or a row for each; c0 and c1 are not read.
        interpolation: 'bilinear' or 'nearest'.
        fill_mode: what lies outside: 'constant' (`fill_value`), 'nearest', 'wrap' or 'reflect'.
    """
    sampling.checked_choice("affine_transform", "interpolation", interpolation, sampling.INTERPOLATIONS)
    sampling.checked_choice("affine_transform", "fill_mode", fill_mode, sampling.FILL_MODES)
    batch, back = _batch("affine_transform", images, data_format)
    pixels = floating(batch)
    count, height, width, _ = batch.shape
    numbers = floating(transform)
    if numbers.shape not in ((8,), (1, 8), (count, 8)):
        raise ShapeError(
            f"affine_transform: transform must have shape (8,) or ({count}, 8), got {numbers.shape}"
        )
    a0, a1, a2, b0, b1, b2 = (numbers.reshape((-1, 8, 1, 1))[:, i] for i in range(6))
    x = _core.arange(width, dtype=numbers.dtype)
    y = _core.arange(height, dtype=numbers.dtype)[:, None]
    rows, columns = (
        _core.broadcast_to(place, (count, height, width))
        for place in (b0 * x + b1 * y + b2, a0 * x + a1 * y + a2)
    )
    found = sampling.sample(pixels, rows, columns, interpolation, fill_mode, fill_value)
    return back(found if is_float(batch) else cast(_core.round(found), batch.dtype))


def extract_patches(
    images: Any,
    size: Any,
    strides: Any = None,
    dilation_rate: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
) -> Tensor:
    """The windows of pictures: (B, h, w, height * width * channels).

    Args:
        size: (height, width) of a window, or one number for both.
        strides: from one window to the next; None means size.
        dilation_rate: from one pixel of a window to the next.
        padding: 'valid', or 'same' with zeros around.
    """
    batch, back = _batch("extract_patches", images, data_format)
    tall, wide = (size, size) if isinstance(size, int) else size
    channels = batch.shape[-1]
    # A convolution whose filters each pick one element of the window.
    kernel = _core.eye(tall * wide * channels, dtype=floating(batch).dtype)
    kernel = kernel.reshape((tall, wide, channels, tall * wide * channels))
    steps = (tall, wide) if strides is None else strides
    return back(
        _core.conv(floating(batch), kernel, strides=steps, padding=padding, dilation_rate=dilation_rate)
    )


def _batch(name: str, images: Any, data_format: str | None) -> tuple[Tensor, Callable[[Tensor], Tensor]]:
    """Return pictures as a batch with the channels last, and the function that undoes it."""
    x = tensor(images)
    if x.ndim not in (3, 4):
        raise ShapeError(f"{name}: needs one picture (3 axes) or a batch (4), got shape {x.shape}")
    alone, first = x.ndim == 3, checked_data_format(name, data_format) == "channels_first"
    x = x[None] if alone else x
    x = _core.moveaxis(x, 1, -1) if first else x

    def back(y: Tensor) -> Tensor:
        y = _core.moveaxis(y, -1, 1) if first else y
        return y[0] if alone else y

    return x, back


def _three(name: str, batch: Tensor) -> None:
    if batch.shape[-1] != 3:
        raise ShapeError(f"{name}: needs 3 channels, got {batch.shape[-1]}")


def _third(
    name: str, direction: str, before: Any, after: Any, target: Any, own: int, sign: int
) -> tuple[int, int, int]:
    """Return what comes before, after, and the size: two are given, and size = own + sign * (before + after)."""
    if [before, after, target].count(None) != 1:
        raise ValueError(
            f"{name}: give two of the three {direction} sizes (before, after, target), got {(before, after, target)}"
        )
    if target is None:
        target = own + sign * (before + after)
    elif before is None:
        before = sign * (target - own) - after
    else:
        after = sign * (target - own) - before
    if min(before, after, target) < 0:
        raise ValueError(f"{name}: {direction} sizes {(before, after, target)} do not fit a size of {own}")
    return before, after, target


def __getattr__(name: str) -> Any:
    raise AttributeError(absent.message("pynn.ops.image", name, globals(), absent.ABSENT_IMAGE))
