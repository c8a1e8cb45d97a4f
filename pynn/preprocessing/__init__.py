"""Keras's older names for what stands in `pynn.utils`."""

from __future__ import annotations

from typing import NoReturn

from ..utils import (
    image_dataset_from_directory,
    text_dataset_from_directory,
    timeseries_dataset_from_array,
)
from . import image, sequence

__all__ = [
    "image",
    "image_dataset_from_directory",
    "sequence",
    "text_dataset_from_directory",
    "timeseries_dataset_from_array",
]


def __getattr__(name: str) -> NoReturn:
    if name == "text":
        raise AttributeError(
            "keras.preprocessing.text is gone since Keras 3; layers.TextVectorization does its work"
        )
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
