"""Class numbers out of what users hold: labels, columns of labels, or rows of probabilities."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


def class_numbers(caller: str, name: str, y: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """Labels (n,) or (n, 1) as they are; rows of probabilities or one-hot rows as their largest column.

    Raises:
        ValueError: y has another shape, or holds something else than class numbers.
    """
    values = np.asarray(y)
    if values.ndim == 2:
        values = values[:, 0] if values.shape[1] == 1 else values.argmax(axis=1)
    if values.ndim != 1:
        raise ValueError(f"{caller}: {name} must have the shape (n,) or (n, classes), got {np.shape(y)}")
    if not _are_class_numbers(values):
        raise ValueError(f"{caller}: {name} must hold class numbers 0, 1, 2 …")
    return values.astype(np.int64)


def _are_class_numbers(values: npt.NDArray[Any]) -> bool:
    if values.dtype.kind not in "buif":
        return False
    return bool(np.all((values >= 0) & (values == np.floor(values)) & np.isfinite(values)))


def check_lengths(caller: str, **arrays: npt.NDArray[Any]) -> None:
    """Raises ValueError naming every length unless all arrays are equally long."""
    if len({len(array) for array in arrays.values()}) > 1:
        lengths = ", ".join(f"{name} {len(array)}" for name, array in arrays.items())
        raise ValueError(f"{caller}: all must be equally long, got {lengths}")
