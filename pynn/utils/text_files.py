"""`text_dataset_from_directory`: texts in folders named for their classes, as a Dataset."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..data import StringTensor
from .directories import Request


def text_dataset_from_directory(
    directory: str | os.PathLike[str],
    labels: Any = "inferred",
    label_mode: str | None = "int",
    class_names: Sequence[str] | None = None,
    batch_size: int | None = 32,
    max_length: int | None = None,
    shuffle: bool = True,
    seed: int | None = None,
    validation_split: float | None = None,
    subset: str | None = None,
    follow_links: bool = False,
    format: str = "tf",
    verbose: bool = True,
) -> Any:
    """Return a Dataset of the `.txt` files in a folder, each folder in it being a class.

    Args:
        max_length: bytes of a text that are kept; None keeps all.
        directory, labels, label_mode, class_names, batch_size, shuffle, seed, validation_split, subset,
            follow_links, format, verbose: as for `image_dataset_from_directory`.

    Returns:
        A Dataset of StringTensors (n,), or of pairs with their labels. It has the attributes `class_names` and
        `file_paths`.

    Raises:
        ValueError: arguments that have no meaning, or no files.
        OSError: there is no such folder, or (at iteration) a file cannot be read.
    """
    request = Request(
        "text_dataset_from_directory", "texts", (".txt",), directory, labels, label_mode, class_names, batch_size,
        shuffle, seed, validation_split, subset, follow_links, format, verbose,
    )  # fmt: skip
    return request.datasets(lambda paths: StringTensor([_text(path, max_length) for path in paths]))


def _text(path: str, max_length: int | None) -> str | bytes:
    content = Path(path).read_bytes()
    try:
        # A character that is cut in two at the end is left out.
        return content.decode() if max_length is None else content[:max_length].decode(errors="ignore")
    except UnicodeDecodeError:
        return content
