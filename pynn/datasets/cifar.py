"""Reader of the files of CIFAR: pickled dicts of pictures and labels, with what else a pickle may do left out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..config import image_data_format
from ..utils.archives import extract_archive
from ..utils.downloads import cache_folder
from .npz import ArrayUnpickler
from .sources import find, own_folder

_SIDE = 32

Split = tuple[npt.NDArray[np.uint8], npt.NDArray[Any]]


def find_folder(caller: str, folder: str, archive: str, file_hash: str) -> Path:
    """Return the folder of the unpacked files, from PYNN_DATASETS, Keras's cache or the network.

    Raises:
        FileNotFoundError: there is neither, nor a network.
    """
    own, cache = own_folder(), cache_folder() / "datasets"
    unpacked = cache / f"{folder}-target"  # Keras's names
    for place in (own, unpacked, cache):
        if place is not None and (place / folder).is_dir():
            return place / folder
    if own is not None and (own / archive).is_file():
        extract_archive(own / archive, unpacked)
        return unpacked / folder
    path = find(caller, archive, f"https://www.cs.toronto.edu/~kriz/{archive}", file_hash, takes_path=False)
    extract_archive(path, unpacked)
    return unpacked / folder


def load_batch(caller: str, path: Path, label_key: str) -> Split:
    """Return pictures (n, 32, 32, 3), or the default data format's axes, and labels (n, 1).

    Raises:
        ValueError: the file is damaged.
        FileNotFoundError: there is none.
    """
    try:
        with open(path, "rb") as file:
            batch = ArrayUnpickler(file, encoding="bytes").load()
        pixels = np.asarray(batch[b"data"], np.uint8)
        images = pixels.reshape(-1, 3, _SIDE, _SIDE)
        labels = np.asarray(batch[label_key.encode()]).reshape(len(images), 1)
    except OSError:
        raise
    except Exception as error:  # what damage makes a pickle raise has no end
        raise ValueError(f"{caller}: {path.name!r} is not the file expected: {error}") from error
    if image_data_format() == "channels_last":
        images = np.ascontiguousarray(images.transpose(0, 2, 3, 1))
    return images, labels
