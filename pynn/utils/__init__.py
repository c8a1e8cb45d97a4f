"""Keras's small conveniences under Keras's name for them; each lives in a file named for what it is."""

from pynn.utils.categorical import to_categorical
from pynn.utils.normalization import normalize
from pynn.utils.seed import set_random_seed

__all__ = ["normalize", "set_random_seed", "to_categorical"]
