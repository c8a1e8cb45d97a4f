"""Elements of a data set: tensors and text, alone or in tuples and dicts; what is done to all their leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _core
from .._core import ShapeError, Tensor
from .strings import StringTensor, is_text


def as_element(value: Any) -> Any:
    """Return `value` with tensors and text for leaves.

    Tuples and dicts are structure, a list is a tensor, as in tf.data.

    Raises:
        TypeError, DtypeError, ShapeError: a leaf is no number, array or text.
    """
    if isinstance(value, (Tensor, StringTensor)) or value is None:
        return value
    if isinstance(value, dict):
        return {key: as_element(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return _like(value, [as_element(item) for item in value])
    if isinstance(value, list):
        return _from_list(value)
    if is_text(value):
        return StringTensor(value)
    if isinstance(value, np.generic):  # its dtype counts, though it may be a Python float as well
        return _core.asarray(np.asarray(value))
    return _core.asarray(value)


def map_leaves(function: Callable[..., Any], element: Any, *others: Any) -> Any:
    """Return the structure with `function` applied to each leaf, and to those of `others` in the same place."""
    if isinstance(element, dict):
        return {
            key: map_leaves(function, item, *(other[key] for other in others))
            for key, item in element.items()
        }
    if isinstance(element, tuple):
        parts = zip(element, *others, strict=True)
        return _like(element, [map_leaves(function, *part) for part in parts])
    return None if element is None else function(element, *others)


def leaves(element: Any) -> Iterator[Any]:
    """Yield the leaves."""
    if isinstance(element, dict):
        for item in element.values():
            yield from leaves(item)
    elif isinstance(element, tuple):
        for item in element:
            yield from leaves(item)
    elif element is not None:
        yield element


def count_rows(caller: str, element: Any) -> int:
    """Return the length of the first axis, the same in all leaves.

    Raises:
        ShapeError: a leaf has no axis.
        ValueError: the lengths differ, or there are no leaves.
    """
    count: int | None = None
    for leaf in leaves(element):
        if leaf.ndim == 0:
            raise ShapeError(f"{caller}: needs arrays with at least one axis, got a single value")
        if count is None:
            count = len(leaf)
        elif len(leaf) != count:
            raise ValueError(f"{caller}: arrays have different lengths: {count} and {len(leaf)}")
    if count is None:
        raise ValueError(f"{caller}: there are no arrays in {element!r}")
    return count


def row(element: Any, index: int) -> Any:
    """Return the element at one position of the first axis."""
    return map_leaves(lambda leaf: leaf[index], element)


def take_rows(element: Any, indices: Sequence[int] | npt.NDArray[np.int64]) -> Any:
    """Return the elements at many positions of the first axis, as a batch."""
    where = np.asarray(indices, dtype=np.int64)

    def take(leaf: Any) -> Any:
        return _core.take(leaf, where, axis=0) if isinstance(leaf, Tensor) else leaf[where]

    return map_leaves(take, element)


def stacked(caller: str, elements: Sequence[Any]) -> Any:
    """Return elements of one structure, joined along a new first axis.

    Raises:
        ShapeError: leaves in the same place have different shapes.
        TypeError: the structures differ.
    """
    return _joined(caller, elements, _core.stack, np.stack)


def joined(caller: str, batches: Sequence[Any]) -> Any:
    """Return batches of one structure as one batch.

    Raises:
        ShapeError, TypeError: as `stacked`.
    """
    return batches[0] if len(batches) == 1 else _joined(caller, batches, _core.concat, np.concatenate)


def to_numpy(element: Any) -> Any:
    """Return the structure with NumPy arrays for leaves, NumPy scalars for single numbers, bytes for text."""
    return map_leaves(lambda leaf: leaf.numpy()[()] if isinstance(leaf, Tensor) else leaf.numpy(), element)


def _joined(
    caller: str, elements: Sequence[Any], tensors: Callable[..., Any], texts: Callable[..., Any]
) -> Any:
    def join(*parts: Any) -> Any:
        if not isinstance(parts[0], Tensor):
            return StringTensor(texts([part.view(np.ndarray) for part in parts]))
        try:
            return tensors(parts)
        except ShapeError:
            shapes = sorted({part.shape for part in parts})
            raise ShapeError(
                f"{caller}: the elements of a batch must have one shape, got {shapes[0]} and {shapes[1]}"
            ) from None

    try:
        return map_leaves(join, *elements)
    except (KeyError, ValueError, AttributeError) as error:
        if isinstance(error, ShapeError):
            raise
        raise TypeError(f"{caller}: the elements of a batch must have one structure") from error


def _from_list(values: list[Any]) -> Any:
    if any(isinstance(value, StringTensor) for value in values):
        return StringTensor(np.stack([np.asarray(value, dtype=object) for value in values]))
    first = values[0] if values else None
    while isinstance(first, list) and first:
        first = first[0]
    if is_text(first):
        return StringTensor(values)
    return _core.asarray(values)


def _like(structure: tuple[Any, ...], items: list[Any]) -> tuple[Any, ...]:
    """Return items in a tuple of the same kind: a named one keeps its names."""
    return type(structure)(*items) if hasattr(structure, "_fields") else tuple(items)
