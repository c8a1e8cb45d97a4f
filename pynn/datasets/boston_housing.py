"""Boston housing: 506 districts of the 1970s and the median house price of each.

One column, made from the share of Black residents, assumes that segregation is worth money; the set is here for old
course code, and to speak about that. `california_housing` is the one to learn with.
"""

from __future__ import annotations

import os

from .housing import Split, load_table

_HASH = "f553886a1f8d56431e820c5b82552d9d95cfcb96d1e678153f8839538947dff5"


def load_data(
    path: str | os.PathLike[str] = "boston_housing.npz", test_split: float = 0.2, seed: int = 113
) -> tuple[Split, Split]:
    """Load the districts.

    Args:
        path: as for `california_housing.load_data`.
        test_split: the fraction to test with, from the end after shuffling.
        seed: of the order.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: float64 arrays (n, 13) and (n,), in thousands of dollars.

    Raises:
        FileNotFoundError: there is no file and no network; the message says where to put it.
        ValueError: a `test_split` outside [0, 1), or a damaged file.
    """
    return load_table("boston_housing.load_data", path, "boston_housing.npz", _HASH, test_split, seed)
