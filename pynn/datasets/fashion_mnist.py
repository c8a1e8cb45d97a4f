"""Fashion-MNIST: 70,000 pictures of clothes in ten classes, in the format of MNIST. By Zalando SE, MIT licence."""

from __future__ import annotations

from typing import Any

import numpy.typing as npt

from .idx import load_pair
from .sources import MIRROR, find

_Split = tuple[npt.NDArray[Any], npt.NDArray[Any]]


def load_data() -> tuple[_Split, _Split]:
    """Load the pictures.

    The classes: T-shirt/top, trouser, pullover, dress, coat, sandal, shirt, sneaker, bag, ankle boot.

    The four files (`train-images-idx3-ubyte.gz` and so on) are looked for in the folder `fashion-mnist` of
    PYNN_DATASETS and of Keras's cache (~/.keras/datasets), and downloaded into the cache if missing.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: images uint8 (60000, 28, 28) and (10000, 28, 28) of values 0..255,
        labels uint8 (60000,) and (10000,) of values 0..9.

    Raises:
        FileNotFoundError: there is no file and no network; the message says where to put it.
        ValueError: a file is damaged, or images and labels do not belong together.
    """
    return _load_split("train"), _load_split("t10k")


def _load_split(prefix: str) -> _Split:
    caller = "fashion_mnist.load_data"
    names = f"{prefix}-images-idx3-ubyte.gz", f"{prefix}-labels-idx1-ubyte.gz"
    images, labels = (
        find(caller, name, MIRROR + name, None, "fashion-mnist", takes_path=False) for name in names
    )
    return load_pair(caller, prefix, images, labels)
