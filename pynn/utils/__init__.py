"""Keras's small conveniences under Keras's name for them; each lives in a file named for what it is."""

from .categorical import to_categorical
from .normalization import normalize
from .seed import set_random_seed

__all__ = ["normalize", "set_random_seed", "to_categorical"]
