"""Keras's small conveniences under Keras's name for them; each lives in a file named for what it is."""

from ..viz.plot_model import model_to_dot, plot_model
from .categorical import to_categorical
from .normalization import normalize
from .seed import set_random_seed

__all__ = ["model_to_dot", "normalize", "plot_model", "set_random_seed", "to_categorical"]
