"""Digits of 8 x 8 pixels, made from MNIST: small enough to train on in a second.

They are not scikit-learn's `load_digits`, which come from other writers and have values 0..16.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from . import mnist

_MARGIN = 2  # of 28 pixels; 24 stay
_BLOCK = 3

_Split = tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]


def load_data() -> tuple[_Split, _Split]:
    """Load all 70,000 digits of MNIST, each pixel the mean of 3 x 3 of the middle 24 x 24 of the original.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: images uint8 (60000, 8, 8) and (10000, 8, 8) of values 0..255,
        labels uint8 (60000,) and (10000,) of values 0..9.
    """
    (x_train, y_train), (x_test, y_test) = mnist.load_data()
    return (_shrunk(x_train), y_train), (_shrunk(x_test), y_test)


def _shrunk(images: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    middle = images[:, _MARGIN:-_MARGIN, _MARGIN:-_MARGIN]
    n, side = len(middle), middle.shape[1] // _BLOCK
    sums = middle.reshape(n, side, _BLOCK, side, _BLOCK).sum((2, 4), dtype=np.uint16)
    return np.asarray((sums + _BLOCK**2 // 2) // _BLOCK**2, np.uint8)
