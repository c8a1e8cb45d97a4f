"""Data sets: `mnist` comes with the package, others are read from files."""

from pynn.datasets import mnist
from pynn.datasets.idx import load_idx

__all__ = ["load_idx", "mnist"]
