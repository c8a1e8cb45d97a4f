"""Data sets under Keras's names.

`mnist` and `digits` come with the package; `moons`, `circles`, `spirals` and `blobs` are made in code. The others are
files: where `load_data` takes a path, one with folders is that file. Otherwise the name is looked for in the folder
that the environment variable PYNN_DATASETS names, then in Keras's cache ($KERAS_HOME/datasets or ~/.keras/datasets),
then it is downloaded into the cache, its hash checked. No file is trusted to be what it seems: none can run code when
it is read.
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
