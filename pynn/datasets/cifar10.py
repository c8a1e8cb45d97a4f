"""CIFAR-10: 60,000 small photographs in ten classes. By Alex Krizhevsky, 2009."""

from __future__ import annotations

import numpy as np

from .cifar import Split, find_folder, load_batch

_HASH = "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce"


def load_data() -> tuple[Split, Split]:
    """Load the photographs.

    The classes: airplane, automobile, bird, cat, deer, dog, frog, horse, ship, truck.

    The folder `cifar-10-batches-py`, or the archive `cifar-10-python.tar.gz`, is looked for in PYNN_DATASETS and in
    Keras's cache (~/.keras/datasets), and downloaded into the cache if missing.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: images uint8 (50000, 32, 32, 3) and (10000, 32, 32, 3) of values
        0..255 (axes as `image_data_format()` says), labels uint8 (50000, 1) and (10000, 1) of values 0..9.

    Raises:
        FileNotFoundError: there is no file and no network; the message says where to put it.
        ValueError: a file is damaged.
    """
    caller = "cifar10.load_data"
    folder = find_folder(caller, "cifar-10-batches-py", "cifar-10-python.tar.gz", _HASH)
    parts = [load_batch(caller, folder / f"data_batch_{number}", "labels") for number in range(1, 6)]
    x_test, y_test = load_batch(caller, folder / "test_batch", "labels")
    x_train, y_train = (np.concatenate(part) for part in zip(*parts, strict=True))
    return (x_train, y_train.astype(np.uint8)), (x_test, y_test.astype(np.uint8))
