"""Names that `tf.data` had under `tf.data.experimental` first."""

from __future__ import annotations

from .._core import Tensor
from .counts import INFINITE as INFINITE_CARDINALITY
from .counts import UNKNOWN as UNKNOWN_CARDINALITY
from .dataset import AUTOTUNE, Dataset

__all__ = ["AUTOTUNE", "INFINITE_CARDINALITY", "UNKNOWN_CARDINALITY", "cardinality"]


def cardinality(dataset: Dataset) -> Tensor:
    """Return `dataset.cardinality()`."""
    return dataset.cardinality()
