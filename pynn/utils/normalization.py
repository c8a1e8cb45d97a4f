"""Scaling vectors to length one."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


def normalize(x: npt.ArrayLike, axis: int = -1, order: float = 2) -> npt.NDArray[Any]:
    """Divides vectors by their norm, as Keras does; a vector of zeros stays as it is.

    Args:
        x: numeric array.
        axis: the axis along which the vectors lie.
        order: of the norm: 2 is Euclid's length, 1 the sum of magnitudes, np.inf the largest magnitude.

    Returns:
        NumPy array of x's shape; floats keep their dtype, integers become float64.

    Raises:
        TypeError: x is not numeric.
        ValueError: x is a single number, or has no such axis.
    """
    values = np.asarray(x)
    if values.dtype.kind not in "buif":
        raise TypeError(f"normalize: x must be numeric, got {values.dtype}")
    if not -values.ndim <= axis < values.ndim:
        raise ValueError(f"normalize: x of shape {values.shape} has no axis {axis}")
    if values.dtype.kind != "f":
        values = values.astype(np.float64)
    norm: npt.NDArray[Any] = np.linalg.norm(values, ord=order, axis=axis, keepdims=True)
    norm[norm == 0] = 1
    scaled: npt.NDArray[Any] = values / norm
    return scaled
