"""What users pass as x, y and weights, checked and turned into tensors; nested in lists, tuples and dicts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from .. import _core
from .._core import DtypeError, ShapeError, Tensor

_NUMERIC = "buif"  # the kinds of NumPy's dtypes that tensors hold


def is_arrays(data: Any) -> bool:
    """Return whether `data` holds all samples at once, rather than giving batches when iterated."""
    return isinstance(data, (list, tuple, dict)) or _is_array(data)


def to_tensors(name: str, data: Any) -> Any:
    """Return `data` with every array as a tensor, memory shared where the dtype allows.

    A list or tuple that holds arrays is several inputs; one that holds numbers is an array itself.

    Raises:
        DtypeError: an array does not hold numbers; the message calls it `name`.
        ShapeError: an array has no batch axis, or lists of different lengths do not make one.
    """
    if data is None or isinstance(data, Tensor):
        return data
    if type(data) is np.ndarray and data.dtype.kind in _NUMERIC:
        return _core.asarray(data, device="cpu")  # batches go to the model's device, one by one
    if isinstance(data, dict):
        return {key: to_tensors(f"{name}[{key!r}]", item) for key, item in data.items()}
    if isinstance(data, (list, tuple)) and any(_is_array(item) and np.ndim(item) for item in data):
        return type(data)(to_tensors(f"{name}[{index}]", item) for index, item in enumerate(data))
    return _core.asarray(_numeric(name, data), device="cpu")


def map_tensors(function: Callable[[Tensor], Any], data: Any) -> Any:
    """Return `data` with `function` applied to every tensor in it; None stays."""
    if isinstance(data, Tensor):
        return function(data)
    if isinstance(data, dict):
        return {key: map_tensors(function, item) for key, item in data.items()}
    if isinstance(data, (list, tuple)):
        return type(data)(map_tensors(function, item) for item in data)
    return data


def leaves(data: Any) -> Iterator[Tensor]:
    """Yield the tensors in `data`."""
    if isinstance(data, Tensor):
        yield data
    elif isinstance(data, dict):
        for item in data.values():
            yield from leaves(item)
    elif isinstance(data, (list, tuple)):
        for item in data:
            yield from leaves(item)


def batch_size_of(data: Any) -> int:
    """Return the length of the first tensor in `data`."""
    return len(data) if isinstance(data, Tensor) else len(next(leaves(data)))


def check_lengths(x: Any, y: Any, sample_weight: Any) -> int:
    """Return the number of samples, the same in all three.

    Raises:
        ValueError: the numbers differ, or there are no samples; the message names both arguments.
        ShapeError: an array has no batch axis.
    """
    count = None
    for name, data in (("x", x), ("y", y), ("sample_weight", sample_weight)):
        for leaf in (data,) if isinstance(data, Tensor) else leaves(data):
            if leaf.ndim == 0:
                raise ShapeError(f"{name} must have the samples on its first axis, got a single number")
            if count is None:
                first, count = name, len(leaf)
            elif len(leaf) != count:
                raise ValueError(f"{first} has {count} samples but {name} has {len(leaf)}")
    if count is None:
        raise ValueError("x has no arrays")
    if count == 0:
        raise ValueError(f"{first} has no samples")
    return count


def split_last(fraction: float, x: Any, y: Any, sample_weight: Any) -> tuple[Any, Any]:
    """Return ((x, y, weights) of the first samples, the same of the last `fraction` of them).

    Raises:
        ValueError: the fraction is not in (0, 1), or leaves one of the two empty.
        TypeError: `x` gives batches, which cannot be counted beforehand.
    """
    if not 0 < fraction < 1:
        raise ValueError(f"validation_split must be in [0, 1), got {fraction}")
    if not is_arrays(x):
        raise TypeError(
            f"validation_split needs arrays, got x of type {type(x).__name__}; use validation_data instead"
        )
    parts = [to_tensors(name, part) for name, part in (("x", x), ("y", y), ("sample_weight", sample_weight))]
    count = check_lengths(*parts)
    cut = int(count * (1.0 - fraction))
    if cut in (0, count):
        raise ValueError(
            f"validation_split={fraction} of {count} samples leaves none for one of the two sets"
        )
    first = tuple(map_tensors(lambda tensor: tensor[:cut], part) for part in parts)
    last = tuple(map_tensors(lambda tensor: tensor[cut:], part) for part in parts)
    return first, last


def _is_array(value: Any) -> bool:
    return isinstance(value, (Tensor, np.ndarray, np.generic)) or hasattr(value, "__array__")


def _numeric(name: str, data: Any) -> np.ndarray[Any, Any]:
    try:
        array = np.asarray(data)
    except ValueError as error:
        raise ShapeError(f"{name} cannot become an array: {error}") from None
    if array.dtype.kind not in _NUMERIC:
        hint = "; are its rows of different lengths?" if array.dtype.kind == "O" else ""
        raise DtypeError(f"{name} must hold real numbers, got dtype {array.dtype}{hint}")
    return array
