"""Tables of numbers with a price for each row, split as Keras splits them."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import numpy.typing as npt

from .npz import load_npz
from .sequences import shuffled
from .sources import MIRROR, find

Split = tuple[npt.NDArray[Any], npt.NDArray[Any]]


def load_table(
    caller: str,
    path: str | os.PathLike[str],
    origin: str,
    file_hash: str,
    test_split: float,
    seed: int,
    rows: int | None = None,
) -> tuple[Split, Split]:
    """Return the first `rows` of a table in random order, cut into a part to train with and one to test.

    Raises:
        ValueError: `test_split` is not in [0, 1), or the file is damaged.
        FileNotFoundError: there is no file.
    """
    if not 0 <= test_split < 1:
        raise ValueError(f"{caller}: test_split must be in [0, 1), got {test_split}")
    x, y = load_npz(caller, find(caller, path, f"{MIRROR}{origin}", file_hash), "x", "y")
    x, y = shuffled(np.random.RandomState(seed), x[:rows], y[:rows])
    n = int(len(x) * (1 - test_split))
    return (x[:n].copy(), y[:n].copy()), (x[n:].copy(), y[n:].copy())
