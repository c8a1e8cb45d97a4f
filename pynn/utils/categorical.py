"""Class numbers to one-hot rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


def to_categorical(x: npt.ArrayLike, num_classes: int | None = None) -> npt.NDArray[np.float64]:
    """Turns class numbers into one-hot rows, as Keras does.

    Args:
        x: whole numbers, each in [0, num_classes); any shape. A last axis of 1 is dropped.
        num_classes: the length of a row; None takes the largest class + 1.

    Returns:
        float64 NumPy array of x's shape with an axis of num_classes at the end: 1.0 at the class, else 0.0.

    Raises:
        TypeError: x is not numeric, or num_classes is not an integer.
        ValueError: x holds a fraction, a class outside the range, or nothing when num_classes is None.
    """
    labels = _whole_numbers(np.asarray(x))
    if labels.ndim > 1 and labels.shape[-1] == 1:
        labels = labels[..., 0]
    classes = _count_classes(labels, num_classes)
    if labels.size and not 0 <= labels.min() <= labels.max() < classes:
        bad = labels.min() if labels.min() < 0 else labels.max()
        raise ValueError(
            f"to_categorical: x contains {bad} but there are {classes} classes (valid 0..{classes - 1})"
        )
    rows = np.zeros((labels.size, classes))
    rows[np.arange(labels.size), labels.ravel()] = 1.0
    return rows.reshape(*labels.shape, classes)


def _whole_numbers(x: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    if x.dtype.kind not in "buif":
        raise TypeError(f"to_categorical: x must hold whole numbers, got {x.dtype}")
    if x.dtype.kind == "f":
        whole = np.isfinite(x) & (x == np.floor(x))
        if not whole.all():
            raise ValueError(f"to_categorical: x must hold whole numbers, got {x[~whole][0]}")
    return x.astype(np.int64)


def _count_classes(labels: npt.NDArray[np.int64], num_classes: int | None) -> int:
    if num_classes is None:
        if not labels.size:
            raise ValueError(
                "to_categorical: x is empty, so the number of classes is unknown; give num_classes"
            )
        return max(int(labels.max()) + 1, 1)
    if not isinstance(num_classes, (int, np.integer)) or isinstance(num_classes, bool):
        raise TypeError(f"to_categorical: num_classes must be an integer or None, got {num_classes!r}")
    if num_classes < 1:
        raise ValueError(f"to_categorical: num_classes must be at least 1, got {num_classes}")
    return int(num_classes)
