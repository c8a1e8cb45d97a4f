"""`tf.io`: files as bytes."""

from __future__ import annotations

import os
from typing import Any

from .missing import message


def read_file(filename: Any, name: str | None = None) -> bytes:
    """The bytes of a file."""
    path = filename.item() if hasattr(filename, "item") else filename
    with open(os.fsdecode(path), "rb") as file:
        return file.read()


def __getattr__(name: str) -> Any:
    from . import image

    if name in ("decode_jpeg", "decode_png", "decode_image"):
        return getattr(image, name)
    raise AttributeError(message("tf.io", name, globals()))
