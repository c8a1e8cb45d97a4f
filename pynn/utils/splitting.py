"""`split_dataset`: the first samples and the last ones, as two Datasets."""

from __future__ import annotations

import random
from typing import Any

import numpy as np

from .._core import Tensor
from ..data import Dataset
from ..data.elements import as_element, count_rows, joined, stacked, take_rows
from ..data.transforms import batch_size_of

_Size = float | int | None


def split_dataset(
    dataset: Any,
    left_size: _Size = None,
    right_size: _Size = None,
    shuffle: bool = False,
    seed: int | None = None,
    preferred_backend: str | None = None,
) -> tuple[Dataset, Dataset]:
    """Return two Datasets of samples from the beginning and from the end.

    Args:
        dataset: an array, a list or tuple of arrays of one length, or a Dataset; one of batches is taken apart
            and its parts are batched again. All of it is read into memory.
        left_size: samples of the first, as a number or a fraction; None takes what `right_size` leaves.
        right_size: the same for the second.
        shuffle: mix the samples first.
        seed: of that.
        preferred_backend: only None.

    Raises:
        TypeError: the data or a size is of another type.
        ValueError: sizes are missing, out of range, or leave one side empty.
    """
    if preferred_backend is not None:
        raise ValueError(
            f"split_dataset: pynn returns its own Datasets; got preferred_backend={preferred_backend!r}"
        )
    rows, batch_size = _rows(dataset)
    total = count_rows("split_dataset", rows)
    left, right = _sizes(left_size, right_size, total)
    order = list(range(total))
    if shuffle:  # as Keras: equal seeds split alike
        random.seed(random.randint(0, 10**6) if seed is None else seed)
        random.shuffle(order)
    halves = [
        Dataset.from_tensor_slices(take_rows(rows, part)) for part in (order[:left], order[total - right :])
    ]
    if batch_size is not None:
        halves = [half.batch(batch_size) for half in halves]
    return halves[0], halves[1]


def _rows(dataset: Any) -> tuple[Any, int | None]:
    """Return all samples stacked, and the batch size they came in."""
    if isinstance(dataset, Dataset):
        size = batch_size_of(dataset._stage)
        elements = list(dataset)
        if not elements:
            raise ValueError("split_dataset: the dataset is empty")
        return (stacked if size is None else joined)("split_dataset", elements), size
    if isinstance(dataset, (list, tuple)):
        if not dataset or not all(isinstance(part, (np.ndarray, Tensor)) for part in dataset):
            raise TypeError("split_dataset: a list or tuple must hold arrays")
        return as_element(tuple(dataset)), None
    if isinstance(dataset, (np.ndarray, Tensor)):
        return as_element(dataset), None
    raise TypeError(f"split_dataset: expected arrays or a Dataset, got {type(dataset).__name__}")


def _sizes(left: _Size, right: _Size, total: int) -> tuple[int, int]:
    if left is None and right is None:
        raise ValueError("split_dataset: give left_size, right_size or both")
    counts = [_count(name, size, total) for name, size in (("left_size", left), ("right_size", right))]
    if isinstance(left, float) and isinstance(right, float) and left + right > 1:
        raise ValueError(f"split_dataset: left_size + right_size is {left + right}, more than 1")
    first = total - (counts[1] or 0) if counts[0] is None else counts[0]
    second = total - first if counts[1] is None else counts[1]
    if first + second > total:
        raise ValueError(f"split_dataset: left and right want {first} + {second} samples, there are {total}")
    if not first or not second:
        raise ValueError(
            f"split_dataset: of {total} samples, {first} left and {second} right leaves one side empty"
        )
    return first, second


def _count(name: str, size: _Size, total: int) -> int | None:
    if size is None:
        return None
    if isinstance(size, bool) or not isinstance(size, (int, float)):
        raise TypeError(f"split_dataset: {name} must be a number, got {type(size).__name__}")
    if not 0 < size < (1 if isinstance(size, float) else total):
        raise ValueError(
            f"split_dataset: {name} must be a whole number in 1..{total - 1} or a fraction in (0, 1), got {size}"
        )
    return round(size * total) if isinstance(size, float) else size
