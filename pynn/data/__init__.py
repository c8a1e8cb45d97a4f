"""Pipelines of data with the methods of `tf.data`: where elements come from, and how they are mixed and batched."""

from . import experimental
from .counts import INFINITE as INFINITE_CARDINALITY
from .counts import UNKNOWN as UNKNOWN_CARDINALITY
from .dataset import AUTOTUNE, Dataset
from .indexed import PyDataset
from .lines import TextLineDataset
from .spec import TensorSpec
from .strings import StringTensor

__all__ = [
    "AUTOTUNE",
    "INFINITE_CARDINALITY",
    "UNKNOWN_CARDINALITY",
    "Dataset",
    "PyDataset",
    "StringTensor",
    "TensorSpec",
    "TextLineDataset",
    "experimental",
]
