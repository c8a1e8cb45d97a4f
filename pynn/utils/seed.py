"""One seed for every generator that a training run may draw from."""

from __future__ import annotations

import random

import numpy as np

import pynn.random

_MOST = 2**32 - 1  # NumPy's legacy generator takes no more


def set_random_seed(seed: int) -> None:
    """Seeds Python's `random`, NumPy's global generator and `pynn.random`, as Keras does.

    Args:
        seed: integer in [0, 2**32 - 1].

    Raises:
        TypeError: seed is not an integer.
        ValueError: seed is out of range.
    """
    if not isinstance(seed, (int, np.integer)) or isinstance(seed, bool):
        raise TypeError(f"set_random_seed: seed must be an integer, got {seed!r}")
    if not 0 <= seed <= _MOST:
        raise ValueError(f"set_random_seed: seed must lie in 0..{_MOST}, got {seed}")
    random.seed(int(seed))
    np.random.seed(int(seed))
    pynn.random.seed(int(seed))
