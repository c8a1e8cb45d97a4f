"""Pictures between files, Pillow's images and NumPy arrays. Pillow is imported when first needed."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _core
from .._core import Tensor
from ..config import checked_data_format
from ..layers.sampling import crop_to_ratio, resize

_MODES = {"grayscale": "L", "rgb": "RGB", "rgba": "RGBA"}
_GRAYS = ("L", "I;16", "I")  # what a grey picture may be without being converted
_FILTERS = ("nearest", "bilinear", "bicubic", "hamming", "box", "lanczos")


def pillow(caller: str) -> Any:
    """Return the module `PIL.Image`.

    Raises:
        ImportError: it is not installed; the message names the extra.
    """
    try:
        from PIL import Image
    except ImportError as error:
        raise ImportError(f"{caller} needs Pillow: pip install 'pynn-core[images]'") from error
    return Image


def load_img(
    path: Any,
    color_mode: str = "rgb",
    target_size: tuple[int, int] | None = None,
    interpolation: str = "nearest",
    keep_aspect_ratio: bool = False,
) -> Any:
    """Load a picture as an image of Pillow.

    Args:
        path: the file, or a BytesIO that holds one.
        color_mode: "rgb", "rgba" or "grayscale".
        target_size: (height, width); None keeps the picture's own.
        interpolation: "nearest", "bilinear", "bicubic", "lanczos", "box" or "hamming".
        keep_aspect_ratio: cut off two sides first, so that nothing is distorted.

    Raises:
        ImportError: Pillow is missing.
        ValueError: another colour mode or interpolation, or the file is no picture.
        TypeError: `path` is something else.
        OSError: the file cannot be read.
    """
    image_module = pillow("load_img")
    if color_mode not in _MODES:
        raise ValueError(f"load_img: color_mode must be 'rgb', 'rgba' or 'grayscale', got {color_mode!r}")
    if interpolation not in _FILTERS:
        raise ValueError(
            f"load_img: interpolation must be one of {', '.join(_FILTERS)}, got {interpolation!r}"
        )
    image = _opened(image_module, path)
    if image.mode != _MODES[color_mode] and not (color_mode == "grayscale" and image.mode in _GRAYS):
        image = image.convert(_MODES[color_mode])
    if target_size is None or image.size == (target_size[1], target_size[0]):
        return image
    height, width = target_size
    box = _centre(image.size, width, height) if keep_aspect_ratio else None
    return image.resize((width, height), getattr(image_module.Resampling, interpolation.upper()), box=box)


def img_to_array(img: Any, data_format: str | None = None, dtype: Any = None) -> npt.NDArray[Any]:
    """Return an image of Pillow as an array.

    Args:
        img: the image, or an array of 2 or 3 axes.
        data_format: "channels_last" (None: the default), (height, width, channels), or "channels_first".
        dtype: of the result; None means float32. Values stay, 0..255.

    Raises:
        ValueError: it has another number of axes.
    """
    layout = checked_data_format("img_to_array", data_format)
    array = np.asarray(img, dtype=_dtype(dtype))
    if array.ndim not in (2, 3):
        raise ValueError(f"img_to_array: expected a picture of 2 or 3 axes, got shape {array.shape}")
    if array.ndim == 2:
        array = array[:, :, None]
    return array.transpose(2, 0, 1) if layout == "channels_first" else array


def array_to_img(x: Any, data_format: str | None = None, scale: bool = True, dtype: Any = None) -> Any:
    """Return an array as an image of Pillow.

    Args:
        x: a picture (height, width, channels) of 1, 3 or 4 channels.
        data_format: "channels_last" (None: the default) or "channels_first".
        scale: stretch the values so that they reach from 0 to 255; otherwise they must lie there.
        dtype: to compute in; None means float32.

    Raises:
        ImportError: Pillow is missing.
        ValueError: another shape.
    """
    image_module = pillow("array_to_img")
    layout = checked_data_format("array_to_img", data_format)
    array = np.asarray(x, dtype=_dtype(dtype))
    if array.ndim != 3:
        raise ValueError(f"array_to_img: expected one picture of 3 axes, got shape {array.shape}")
    if layout == "channels_first":
        array = array.transpose(1, 2, 0)
    if array.shape[2] not in (1, 3, 4):
        raise ValueError(f"array_to_img: expected 1, 3 or 4 channels, got {array.shape[2]}")
    if scale:
        array = array - array.min()
        array = array / (array.max() or 1) * 255
    if array.shape[2] > 1:
        return image_module.fromarray(array.astype(np.uint8))
    deep = array.max() > 255
    return image_module.fromarray(array[:, :, 0].astype(np.int32 if deep else np.uint8))


def save_img(
    path: Any,
    x: Any,
    data_format: str | None = None,
    file_format: str | None = None,
    scale: bool = True,
    **kwargs: Any,
) -> None:
    """Write an array to a picture file, which appears whole or not at all.

    Args:
        path: the file's name, or an open file.
        x, data_format, scale: as for `array_to_img`.
        file_format: "png", "jpg" ...; None takes it from the name.
        kwargs: for Pillow's `save`.

    Raises:
        ImportError: Pillow is missing.
        ValueError: the shape or the format is unknown.
        OSError: the file cannot be written.
    """
    named = isinstance(path, (str, os.PathLike))
    if file_format is None and named:
        file_format = Path(path).suffix[1:]
    kind = (file_format or "").lower()
    kind = "jpeg" if kind == "jpg" else kind
    image = array_to_img(x, data_format, scale)
    if image.mode == "RGBA" and kind == "jpeg":
        import warnings

        warnings.warn("save_img: JPEG has no transparency; the fourth channel is dropped", stacklevel=2)
        image = image.convert("RGB")
    content = io.BytesIO()
    try:
        image.save(content, format=kind or None, **kwargs)
    except KeyError:
        raise ValueError(f"save_img: Pillow knows no format {kind!r}") from None
    if not named:
        path.write(content.getvalue())
        return
    part = Path(path).with_name(f".{Path(path).name}.{os.urandom(4).hex()}.part")
    try:
        part.write_bytes(content.getvalue())
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def smart_resize(
    x: Any, size: tuple[int, int], interpolation: str = "bilinear", data_format: str = "channels_last"
) -> Any:
    """Return pictures in another size, two sides cut off first so that nothing is distorted.

    Args:
        x: a picture (height, width, channels) or a batch of them.
        size: (height, width).
        interpolation: "bilinear" or "nearest".
        data_format: of x and the result.

    Returns:
        A NumPy array for a NumPy array, else a tensor; float32 unless x is of another float dtype.

    Raises:
        ValueError: another shape, size or interpolation.
    """
    if len(size) != 2:
        raise ValueError(f"smart_resize: size must be (height, width), got {size}")
    images = x if isinstance(x, Tensor) else _core.asarray(x)
    if images.ndim not in (3, 4):
        raise ValueError(
            f"smart_resize: expected a picture of 3 axes or a batch of 4, got shape {images.shape}"
        )
    if interpolation not in ("bilinear", "nearest"):
        raise ValueError(
            f"smart_resize: interpolation must be 'bilinear' or 'nearest', got {interpolation!r}"
        )
    first = checked_data_format("smart_resize", data_format) == "channels_first"
    if images.dtype.kind != "real floating":
        images = images.astype("float32")
    batch = images if images.ndim == 4 else images[None]
    batch = _core.moveaxis(batch, 1, -1) if first else batch
    batch = resize(crop_to_ratio(batch, *size), *size, interpolation)
    batch = _core.moveaxis(batch, -1, 1) if first else batch
    result = batch if images.ndim == 4 else batch[0]
    return np.asarray(result.numpy()) if isinstance(x, np.ndarray) else result


def _opened(image_module: Any, path: Any) -> Any:
    if isinstance(path, bytes):
        path = os.fsdecode(path)
    if isinstance(path, (str, os.PathLike)):
        content, name = io.BytesIO(Path(path).read_bytes()), os.fspath(path)
    elif isinstance(path, io.BytesIO):
        content, name = path, "the BytesIO"
    else:
        raise TypeError(f"load_img: path must be a path or a BytesIO, got {type(path).__name__}")
    try:
        image = image_module.open(content)
        image.load()
    except (OSError, SyntaxError, ValueError, EOFError) as error:  # what Pillow raises of damaged files
        raise ValueError(f"load_img: {name} is no picture that Pillow can read ({error})") from error
    return image


def _centre(own: tuple[int, int], width: int, height: int) -> tuple[int, int, int, int]:
    """Return the largest box in the middle of the ratio asked for: left, top, right, bottom."""
    own_width, own_height = own
    tall = min(own_height, own_width * height // width)
    wide = min(own_width, own_height * width // height)
    left, top = (own_width - wide) // 2, (own_height - tall) // 2
    return left, top, left + wide, top + tall


def _dtype(dtype: Any) -> Any:
    return np.float32 if dtype is None else dtype
