"""Data sets: `mnist` comes with the package, others are read from files."""

from . import mnist
from .idx import load_idx

__all__ = ["load_idx", "mnist"]
