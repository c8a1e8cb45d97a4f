"""Pictures read at other positions than their own pixels: `resize`, and `sample` for any positions at all.

Pictures are (B, height, width, channels). Everything is composed of operations that have derivatives.
"""

from __future__ import annotations

from .. import _core
from .._core import Tensor
from ..registry import did_you_mean

INTERPOLATIONS = ("bilinear", "nearest")
FILL_MODES = ("reflect", "wrap", "constant", "nearest")


def resize(images: Tensor, height: int, width: int, interpolation: str) -> Tensor:
    """Return the pictures in another size; the corners of the pictures stay, pixels are areas, not points."""
    return _resize_axis(_resize_axis(images, 1, height, interpolation), 2, width, interpolation)


def crop(images: Tensor, top: int, left: int, height: int, width: int) -> Tensor:
    """Return a window of all pictures."""
    return images[:, top : top + height, left : left + width]


def crop_to_ratio(images: Tensor, height: int, width: int) -> Tensor:
    """Return the largest window, in the middle, whose sides are to each other as `height` to `width`."""
    _, own_height, own_width, _ = images.shape
    tall = max(min(own_height, own_width * height // width), 1)
    wide = max(min(own_width, own_height * width // height), 1)
    return crop(images, (own_height - tall) // 2, (own_width - wide) // 2, tall, wide)


def pad_to_ratio(images: Tensor, height: int, width: int, fill_value: float) -> Tensor:
    """Return the pictures with equal margins on two sides, so that the sides come to be as `height` to `width`."""
    _, own_height, own_width, _ = images.shape
    tall, wide = own_width * height // width, own_height * width // height
    images = _with_margins(images, 1, (tall - own_height) // 2, fill_value)
    return _with_margins(images, 2, (wide - own_width) // 2, fill_value)


def sample(
    images: Tensor, rows: Tensor, columns: Tensor, interpolation: str, fill_mode: str, fill_value: float
) -> Tensor:
    """Return the pictures read at (rows, columns), which need not be whole numbers or inside.

    Args:
        images: (B, H, W, C).
        rows, columns: positions, (B, h, w); pixel i has its centre at i.
        interpolation: "bilinear" mixes the four pixels around, "nearest" takes one.
        fill_mode: what lies outside: "reflect" (d c b a | a b c d | d c b a), "wrap" (the picture again),
            "nearest" (its edge) or "constant", `fill_value`.

    Returns:
        (B, h, w, C).
    """
    if interpolation == "nearest":
        return _read(images, _core.floor(rows + 0.5), _core.floor(columns + 0.5), fill_mode, fill_value)
    top, left = _core.floor(rows), _core.floor(columns)
    down, right = (rows - top)[..., None], (columns - left)[..., None]
    upper, lower = (
        _read(images, row, left, fill_mode, fill_value) * (1 - right)
        + _read(images, row, left + 1, fill_mode, fill_value) * right
        for row in (top, top + 1)
    )
    return upper * (1 - down) + lower * down


def checked_choice(layer: str, argument: str, value: str, choices: tuple[str, ...]) -> str:
    """Return `value` if it is one of `choices`.

    Raises:
        ValueError: it is not.
    """
    if value not in choices:
        hint = did_you_mean(str(value), choices)
        raise ValueError(f"{layer}: {argument} must be one of {choices}, got {value!r}{hint}")
    return value


def _read(images: Tensor, rows: Tensor, columns: Tensor, fill_mode: str, fill_value: float) -> Tensor:
    """Return the pixels at whole positions, those outside as `fill_mode` says."""
    batch, height, width, channels = images.shape
    first = _core.arange(batch).reshape(batch, 1, 1) * (height * width)
    index = first + _inside(rows, height, fill_mode) * width + _inside(columns, width, fill_mode)
    pixels = _core.take(images.reshape(batch * height * width, channels), index, axis=0)
    if fill_mode != "constant":
        return pixels
    there = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    return _core.where(there[..., None], pixels, fill_value)


def _inside(positions: Tensor, size: int, fill_mode: str) -> Tensor:
    """Return whole positions on an axis of `size` as integers inside of it."""
    if fill_mode == "wrap":
        positions = _core.remainder(positions, size)
    elif fill_mode == "reflect":
        positions = _core.remainder(positions, 2 * size)
        positions = _core.minimum(positions, 2 * size - 1 - positions)
    return _core.clip(positions, 0, size - 1).astype("int64")


def _resize_axis(x: Tensor, axis: int, size: int, interpolation: str) -> Tensor:
    own = x.shape[axis]
    if own == size:
        return x
    centres = (_core.arange(size).astype(x.dtype) + 0.5) * (own / size)
    if interpolation == "nearest":
        return _core.take(x, _inside(_core.floor(centres), own, "nearest"), axis=axis)
    low = _core.floor(centres - 0.5)
    share = (centres - 0.5 - low).reshape(tuple(size if i == axis else 1 for i in range(x.ndim)))
    before, after = (_core.take(x, _inside(low + step, own, "nearest"), axis=axis) for step in (0, 1))
    return before * (1 - share) + after * share


def _with_margins(x: Tensor, axis: int, width: int, value: float) -> Tensor:
    if width <= 0:
        return x
    margin = _core.full(tuple(width if i == axis else n for i, n in enumerate(x.shape)), value, dtype=x.dtype)
    return _core.concat([margin, x, margin], axis=axis)
