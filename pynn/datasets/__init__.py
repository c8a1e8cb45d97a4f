"""Data sets under Keras's names. `mnist` and `digits` come with the package, `points` are made in code; others are read
from a file, Keras's cache or the network.
"""

from . import (
    boston_housing,
    california_housing,
    cifar10,
    cifar100,
    digits,
    fashion_mnist,
    imdb,
    mnist,
    reuters,
)
from .idx import load_idx
from .points import blobs, circles, moons, spirals

__all__ = [
    "blobs",
    "boston_housing",
    "california_housing",
    "cifar10",
    "cifar100",
    "circles",
    "digits",
    "fashion_mnist",
    "imdb",
    "load_idx",
    "mnist",
    "moons",
    "reuters",
    "spirals",
]
