"""Models: Sequential, Model to subclass, and how they train."""

from .data import pack_x_y_sample_weight, unpack_x_y_sample_weight
from .functional import Functional
from .model import Model
from .sequential import Sequential

__all__ = ["Functional", "Model", "Sequential", "pack_x_y_sample_weight", "unpack_x_y_sample_weight"]
