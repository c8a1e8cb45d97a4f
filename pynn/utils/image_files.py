"""`image_dataset_from_directory`: pictures in folders named for their classes, as a Dataset."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from .. import _core
from .._core import Tensor
from ..config import checked_data_format
from ..layers.sampling import crop_to_ratio
from .directories import Request
from .images import load_img, pillow

_FORMATS = (".bmp", ".gif", ".jpeg", ".jpg", ".png")
_Pixels = npt.NDArray[Any]
_CHANNELS = ("rgb", "rgba", "grayscale")


def image_dataset_from_directory(
    directory: str | os.PathLike[str],
    labels: Any = "inferred",
    label_mode: str | None = "int",
    class_names: Sequence[str] | None = None,
    color_mode: str = "rgb",
    batch_size: int | None = 32,
    image_size: int | tuple[int, int] = (256, 256),
    shuffle: bool = True,
    seed: int | None = None,
    validation_split: float | None = None,
    subset: str | None = None,
    interpolation: str = "bilinear",
    follow_links: bool = False,
    crop_to_aspect_ratio: bool = False,
    pad_to_aspect_ratio: bool = False,
    data_format: str | None = None,
    format: str = "tf",
    verbose: bool = True,
) -> Any:
    """Return a Dataset of the pictures in a folder, each folder in it being a class.

    Files are read when their batch is asked for, one batch ahead.

    Args:
        directory: the folder. Of jpg, png, bmp and gif files (the first picture of a moving one) all are taken.
        labels: "inferred" from the folders, None for none, or a list with the number of each file's class, the
            files sorted by path.
        label_mode: "int" (int32 numbers), "categorical" (float32 one-hot rows), "binary" (float32 0 or 1, shape
            (n, 1)), or None for no labels.
        class_names: the folders to take, in the order to number them; None takes all, sorted by name.
        color_mode: "rgb", "rgba" or "grayscale".
        batch_size: None for single pictures.
        image_size: (height, width) that all are brought to, or one number for both.
        shuffle: another order in every pass; otherwise sorted by path.
        seed: of the order.
        validation_split: the fraction of the files kept back.
        subset: "training" or "validation", which part to return, or "both" for a list of the two.
        interpolation: "bilinear" or "nearest".
        follow_links: also look into folders that are links.
        crop_to_aspect_ratio: cut off two sides first, so that nothing is distorted.
        pad_to_aspect_ratio: or add black margins.
        data_format: "channels_last" (None: the default) or "channels_first".
        format: only "tf".
        verbose: say how many files were found.

    Returns:
        A Dataset of float32 pictures (n, height, width, channels) of values 0..255, or of pairs with their
        labels. It has the attributes `class_names` and `file_paths`.

    Raises:
        ImportError: Pillow is missing.
        ValueError: arguments that have no meaning, no files, or (at iteration) a file that is no picture.
        OSError: there is no such folder.
    """
    caller = "image_dataset_from_directory"
    pillow(caller)
    if color_mode not in _CHANNELS:
        raise ValueError(f"{caller}: color_mode must be one of {_CHANNELS}, got {color_mode!r}")
    if interpolation.lower() not in ("bilinear", "nearest"):
        raise ValueError(f"{caller}: pynn has interpolation 'bilinear' and 'nearest', got {interpolation!r}")
    if crop_to_aspect_ratio and pad_to_aspect_ratio:
        raise ValueError(f"{caller}: give only one of crop_to_aspect_ratio and pad_to_aspect_ratio")
    size = (image_size, image_size) if isinstance(image_size, int) else image_size
    if not isinstance(size, (tuple, list)) or len(size) != 2:
        raise ValueError(f"{caller}: image_size must be (height, width), got {image_size!r}")
    height, width = size
    method, first = interpolation.lower(), checked_data_format(caller, data_format) == "channels_first"

    def sized(image: _Pixels) -> _Pixels:
        if pad_to_aspect_ratio:
            return _padded(image, height, width, method)
        if crop_to_aspect_ratio:
            image = cast(Any, crop_to_ratio)(image[None], height, width)[0]  # slices, of arrays as of tensors
        return _resized(image, height, width, method)

    def load(paths: Sequence[str]) -> Tensor:
        batch = np.stack([sized(_pixels(path, color_mode)) for path in paths])
        return _core.asarray(np.ascontiguousarray(np.moveaxis(batch, -1, 1)) if first else batch)

    request = Request(
        caller, "pictures", _FORMATS, directory, labels, label_mode, class_names, batch_size, shuffle, seed,
        validation_split, subset, follow_links, format, verbose,
    )  # fmt: skip
    return request.datasets(load)


def _pixels(path: str, color_mode: str) -> _Pixels:
    """Return a picture (height, width, channels) of bytes."""
    image = np.asarray(load_img(path, color_mode))
    if image.dtype.itemsize > 1:  # a grey one of 16 bits
        image = (image >> 8).astype(np.uint8)
    return np.atleast_3d(image)


def _resized(image: _Pixels, height: int, width: int, method: str) -> _Pixels:
    """Return a picture in another size, float32: what `layers.Resizing` makes of it.

    In NumPy on bytes, rows first: of a photograph's numbers, most never become floats.
    """
    rows, down = _places(image.shape[0], height, method)
    columns, right = _places(image.shape[1], width, method)
    image = _blended(image[rows[0]], image[rows[1]], down[:, None, None])
    return _blended(image[:, columns[0]], image[:, columns[1]], right[:, None])


def _blended(first: _Pixels, second: _Pixels, share: npt.NDArray[np.float32]) -> _Pixels:
    blended: _Pixels = second.astype(np.float32)
    blended -= first
    blended *= share
    blended += first
    return blended


def _places(own: int, size: int, method: str) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """Return, for each pixel of an axis, the two of the old axis that it lies between, and the second one's share."""
    centres = (np.arange(size) + 0.5) * (own / size)
    if method == "nearest":
        nearest = np.minimum(centres.astype(np.int64), own - 1)
        return np.stack([nearest, nearest]), np.zeros(size, np.float32)
    low = np.floor(centres - 0.5)
    neighbours = np.stack([low, low + 1]).clip(0, own - 1).astype(np.int64)
    return neighbours, (centres - 0.5 - low).astype(np.float32)


def _padded(image: _Pixels, height: int, width: int, method: str) -> _Pixels:
    """Return a picture as large as fits, in the middle of a black one of the size asked for."""
    ratio = max(image.shape[0] / height, image.shape[1] / width)
    tall, wide = (max(int(own / ratio), 1) for own in image.shape[:2])
    top, left = int((height - image.shape[0] / ratio) / 2), int((width - image.shape[1] / ratio) / 2)
    canvas = np.zeros((height, width, image.shape[2]), np.float32)
    canvas[top : top + tall, left : left + wide] = _resized(image, tall, wide, method)
    return canvas
