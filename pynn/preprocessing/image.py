"""Pictures, under Keras's older names."""

from __future__ import annotations

from typing import NoReturn

from ..utils.images import array_to_img, img_to_array, load_img, save_img, smart_resize

__all__ = ["array_to_img", "img_to_array", "load_img", "save_img", "smart_resize"]

_FOLDERS = "image_dataset_from_directory reads folders, and the layers RandomFlip, RandomRotation ... change pictures"
_GONE = {
    "ImageDataGenerator": _FOLDERS,
    "DirectoryIterator": _FOLDERS,
    "NumpyArrayIterator": "pynn.data.Dataset.from_tensor_slices gives batches of arrays",
    "random_rotation": "layers.RandomRotation does its work",
    "random_shift": "layers.RandomTranslation does its work",
    "random_zoom": "layers.RandomZoom does its work",
    "random_brightness": "layers.RandomBrightness does its work",
    "apply_affine_transform": "layers.RandomRotation, RandomTranslation and RandomZoom do its work",
}


def __getattr__(name: str) -> NoReturn:
    if name in _GONE:
        raise AttributeError(f"keras.preprocessing.image.{name} is gone since Keras 3; {_GONE[name]}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
