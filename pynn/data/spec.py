"""What the elements of a data set look like: shape and dtype of each leaf."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .. import _core
from .._core import Dtype, Tensor
from .elements import map_leaves

Shape = tuple[int | None, ...]


class TensorSpec:
    """Shape and dtype of a tensor, as `tf.TensorSpec`.

    Args:
        shape: its sizes; None for one that may vary. `None` alone leaves the number of axes open too.
        dtype: a dtype, its name, or "string".
        name: any.
    """

    def __init__(self, shape: Iterable[int | None] | None, dtype: Any = "float32", name: str | None = None):
        self.shape: Shape | None = None if shape is None else tuple(shape)
        self.dtype: Dtype | str = _dtype(dtype)
        self.name = name

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, TensorSpec):
            return NotImplemented
        return self.shape == other.shape and str(self.dtype) == str(other.dtype)

    def __hash__(self) -> int:
        return hash((self.shape, str(self.dtype)))

    def __repr__(self) -> str:
        return f"TensorSpec(shape={self.shape}, dtype={self.dtype})"


def describe(element: Any) -> Any:
    """Return the specs of an element's leaves, in the element's structure."""
    return map_leaves(_spec, element)


def without_first_axis(spec: Any) -> Any:
    """Return the specs of the rows of what `spec` describes."""
    return map_specs(lambda leaf: TensorSpec(leaf.shape[1:], leaf.dtype), spec)


def with_first_axis(size: int | None, spec: Any) -> Any:
    """Return the specs of batches of what `spec` describes."""
    return map_specs(lambda leaf: TensorSpec((size, *leaf.shape), leaf.dtype), spec)


def open_first_axis(spec: Any) -> Any:
    """Return the specs with the size of the first axis left open."""
    return map_specs(lambda leaf: TensorSpec((None, *leaf.shape[1:]), leaf.dtype), spec)


def is_open(spec: Any) -> bool:
    """Return whether all leaves have a first axis of no fixed size: batches, of which the last may be smaller."""
    found: list[bool] = []
    map_specs(lambda leaf: found.append(leaf.shape[:1] == (None,)), spec)
    return bool(found) and all(found)


def map_specs(function: Any, spec: Any) -> Any:
    """Return `spec` with `function` applied to each TensorSpec in it."""
    return map_leaves(function, spec)


def _spec(leaf: Any) -> TensorSpec:
    return TensorSpec(leaf.shape, leaf.dtype if isinstance(leaf, Tensor) else "string")


def _dtype(dtype: Any) -> Dtype | str:
    """Return the dtype that a name, or an object of that name from another library, stands for."""
    if isinstance(dtype, Dtype):
        return dtype
    name = dtype if isinstance(dtype, str) else getattr(dtype, "name", dtype)
    if name == "string" or dtype is str:
        return "string"
    found: Dtype = _core.zeros((), dtype=name).dtype
    return found
