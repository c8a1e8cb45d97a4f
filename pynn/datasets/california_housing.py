"""California housing: 20,640 districts of the census of 1990, and the median house value of each."""

from __future__ import annotations

import os

from .housing import Split, load_table

_HASH = "1a2e3a52e0398de6463aebe6f4a8da34fb21fbb6b934cf88c3425e766f2a1a6f"
_ROWS = {"small": 600, "large": None}


def load_data(
    version: str = "large",
    path: str | os.PathLike[str] = "california_housing.npz",
    test_split: float = 0.2,
    seed: int = 113,
) -> tuple[Split, Split]:
    """Load the districts.

    The columns: median income, median age of the houses, rooms and bedrooms per household, population, people per
    household, latitude, longitude.

    Args:
        version: "large", all rows, or "small", the first 600.
        path: a name in the folder PYNN_DATASETS or Keras's cache (~/.keras/datasets, downloaded if missing), or
            a path with folders to a file of your own.
        test_split: the fraction to test with, from the end after shuffling.
        seed: of the order.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: float32 arrays (n, 8) and (n,), in dollars.

    Raises:
        FileNotFoundError: there is no file and no network; the message says where to put it.
        ValueError: another version, a `test_split` outside [0, 1), or a damaged file.
    """
    if version not in _ROWS:
        raise ValueError(f"california_housing.load_data: version must be 'small' or 'large', got {version!r}")
    caller = "california_housing.load_data"
    return load_table(caller, path, "california_housing.npz", _HASH, test_split, seed, _ROWS[version])
