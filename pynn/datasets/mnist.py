"""The MNIST digits: 70,000 images of handwritten digits, inside the package, read without a network.

By Yann LeCun, Corinna Cortes and Christopher J. C. Burges; CC BY-SA 3.0, see MNIST_LICENSE beside this file.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import numpy.typing as npt

from .idx import load_pair
from .npz import load_npz

_BUILT_IN = (
    "mnist.npz"  # Keras's default, the name of its download; here it stands for the files in the package
)
_FILES = Path(__file__).parent / "mnist_files"

_Split = tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]


def load_data(path: str | os.PathLike[str] = _BUILT_IN) -> tuple[_Split, _Split]:
    """Loads MNIST as Keras does, offline.

    Every call decompresses the files and returns arrays of its own, so changing them in place is safe.

    Args:
        path: "mnist.npz" for the digits in the package, a path to Keras's file of that name, or a folder that
            holds the four IDX files (`train-images-idx3-ubyte` and so on, plain, `.gz` or `.xz`) of any data set
            of this kind.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: images uint8 (60000, 28, 28) and (10000, 28, 28) of values
        0..255, labels uint8 (60000,) and (10000,) of values 0..9.

    Raises:
        FileNotFoundError: the folder or one of its files is missing.
        ValueError: a file is damaged, or images and labels do not belong together.
    """
    folder = _FILES if str(path) == _BUILT_IN else Path(path)
    if folder.is_file():
        x_train, y_train, x_test, y_test = load_npz(
            "mnist.load_data", folder, "x_train", "y_train", "x_test", "y_test"
        )
        return (x_train, y_train), (x_test, y_test)
    if not folder.is_dir():
        raise FileNotFoundError(
            f"mnist.load_data: path={str(path)!r} is neither a folder of IDX files nor an .npz file "
            f"(nothing is downloaded or cached; leave path out for the built-in digits)"
        )
    return _load_split(folder, "train"), _load_split(folder, "t10k")


def _load_split(folder: Path, prefix: str) -> _Split:
    images, labels = (_find(folder, f"{prefix}-{kind}-ubyte") for kind in ("images-idx3", "labels-idx1"))
    return load_pair("mnist.load_data", prefix, images, labels)


def _find(folder: Path, name: str) -> Path:
    for suffix in ("", ".gz", ".xz"):
        if (file := folder / (name + suffix)).is_file():
            return file
    raise FileNotFoundError(f"mnist.load_data: {folder.name!r} holds no {name}, {name}.gz or {name}.xz")
