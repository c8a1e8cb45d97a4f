"""`tf.image`: sizes, colours and files of pictures under TensorFlow's names."""

from __future__ import annotations

import importlib
from typing import Any

from ... import _core, ops
from ..._core import Tensor
from .missing import message


def resize(
    images: Any,
    size: Any,
    method: str = "bilinear",
    preserve_aspect_ratio: bool = False,
    antialias: bool = False,
    name: str | None = None,
) -> Tensor:
    """Pictures in another size, as floats unless method is 'nearest'."""
    if preserve_aspect_ratio:
        raise NotImplementedError("tf.image.resize: pynn takes preserve_aspect_ratio=False")
    x = ops.convert_to_tensor(images)
    x = x if method == "nearest" else ops.cast(x, "float32")
    return ops.image.resize(x, [int(n) for n in size], method, antialias, data_format="channels_last")


def flip_left_right(image: Any) -> Tensor:
    """Pictures mirrored, left to right."""
    return ops.flip(image, -2)


def flip_up_down(image: Any) -> Tensor:
    """Pictures mirrored, top to bottom."""
    return ops.flip(image, -3)


def rgb_to_grayscale(images: Any, name: str | None = None) -> Tensor:
    """Pictures of one channel."""
    return ops.image.rgb_to_grayscale(images, "channels_last")


def decode_jpeg(contents: Any, channels: int = 0, **kwargs: Any) -> Tensor:
    """The picture in the bytes of a file; 0 channels means as many as it has."""
    return _decoded("decode_jpeg", contents, channels, kwargs)


def decode_png(contents: Any, channels: int = 0, **kwargs: Any) -> Tensor:
    """The picture in the bytes of a file; 0 channels means as many as it has."""
    return _decoded("decode_png", contents, channels, kwargs)


def decode_image(contents: Any, channels: int = 0, **kwargs: Any) -> Tensor:
    """The picture in the bytes of a file; 0 channels means as many as it has."""
    return _decoded("decode_image", contents, channels, kwargs)


def _decoded(name: str, contents: Any, channels: int, options: dict[str, Any]) -> Tensor:
    options.pop("name", None)
    options.pop("expand_animations", None)
    if options:
        raise TypeError(f"tf.image.{name}: pynn does not support {sorted(options)}")
    import io

    import numpy as np

    utils = importlib.import_module("pynn.utils")
    modes = {0: None, 1: "grayscale", 3: "rgb", 4: "rgba"}
    if channels not in modes:
        raise ValueError(f"tf.image.{name}: channels must be 0, 1, 3 or 4, got {channels}")
    picture = utils.load_img(io.BytesIO(bytes(contents)), color_mode=modes[channels] or "rgb")
    return _core.asarray(np.asarray(utils.img_to_array(picture), dtype=np.uint8))


def __getattr__(name: str) -> Any:
    raise AttributeError(message("tf.image", name, globals()))
