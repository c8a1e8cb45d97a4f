"""The stages of a pipeline that group elements other than by stacking equals: padded batches, windows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import numpy as np

from .. import _core
from .._core import ShapeError, Tensor
from .elements import map_leaves
from .spec import TensorSpec, map_specs
from .stages import Stage
from .strings import StringTensor


class PaddedBatch(Stage):
    """Elements of different shapes, filled up at the end and stacked.

    Args:
        size: elements in a batch.
        shapes: of the leaves, in the elements' structure, or None; None in a shape takes the longest.
        values: to fill up with, in that structure, or one for all, or None.
        drop_remainder: leave a smaller last batch out.
    """

    def __init__(self, child: Stage, size: int, shapes: Any, values: Any, drop_remainder: bool) -> None:
        self._child, self._size, self._drop = child, size, drop_remainder
        self._shapes, self._values = shapes, values
        self.runs_user_code = child.runs_user_code
        self.count = child.count if child.count < 0 else len(range(0, child.count, size))
        if drop_remainder and child.count >= 0:
            self.count = child.count // size

    def handles(self) -> Iterator[Any]:
        elements = self._child.elements()
        while chunk := list(islice(elements, self._size)):
            if len(chunk) == self._size or not self._drop:
                yield _padded(chunk, self._shapes, self._values)

    def spec(self) -> Any:
        def batch(leaf: TensorSpec) -> TensorSpec:
            axes = () if leaf.shape is None else (None,) * len(leaf.shape)
            return TensorSpec((self._size if self._drop else None, *axes), leaf.dtype)

        return map_specs(batch, self._child.spec())


class Window(Stage):
    """Groups of elements, which may overlap.

    Args:
        size, shift, stride: elements in a window, from one window to the next, from one element to the next.
        drop_remainder: leave smaller ones at the end out.
        wrap: makes a window of a list of elements.
    """

    def __init__(
        self,
        child: Stage,
        size: int,
        shift: int,
        stride: int,
        drop_remainder: bool,
        wrap: Callable[[list[Any]], Any],
    ) -> None:
        self._child, self._size, self._shift, self._stride = child, size, shift, stride
        self._drop, self._wrap = drop_remainder, wrap
        self.runs_user_code = child.runs_user_code
        self._span = (size - 1) * stride + 1
        self.count = child.count
        if child.count >= 0:
            self.count = len(range(0, child.count - (self._span - 1 if drop_remainder else 0), shift))

    def handles(self) -> Iterator[Any]:
        elements = self._child.elements()
        held: list[Any] = []
        while True:
            held += islice(elements, self._span - len(held))
            if not held or (self._drop and len(held) < self._span):
                return
            yield self._wrap(held[:: self._stride])
            gap = self._shift - len(held)
            held = held[self._shift :]
            if gap > 0:
                next(islice(elements, gap - 1, gap), None)


def _padded(chunk: list[Any], shapes: Any, values: Any) -> Any:
    """Return elements stacked, each leaf filled up to its shape or to the longest."""

    def fill(shape: Any, value: Any, leaves: tuple[Any, ...]) -> Any:
        axes = {leaf.ndim for leaf in leaves}
        if len(axes) > 1 or (shape is not None and len(shape) not in axes):
            wanted = "" if shape is None else f", padded_shapes says {len(shape)}"
            raise ShapeError(f"padded_batch: the elements of a batch have {sorted(axes)} axes{wanted}")
        longest = [max(sizes) for sizes in zip(*(leaf.shape for leaf in leaves), strict=True)]
        target = [
            own if want in (None, -1) else want for own, want in zip(longest, shape or longest, strict=True)
        ]
        if any(own > want for own, want in zip(longest, target, strict=True)):
            raise ShapeError(
                f"padded_batch: an element of shape {tuple(longest)} is longer than {tuple(target)}"
            )
        text = not isinstance(leaves[0], Tensor)
        dtype: Any = object if text else leaves[0].dtype.name
        batch = np.full((len(leaves), *target), ("" if text else 0) if value is None else value, dtype)
        for number, leaf in enumerate(leaves):
            where: Any = (number, *map(slice, leaf.shape))
            batch[where] = np.asarray(leaf)[()]  # of no axes: the value, not an array that holds it
        return StringTensor(batch) if text else _core.asarray(batch)

    def walk(path: tuple[Any, ...], *leaves: Any) -> Any:
        return fill(_at(shapes, path), _at(values, path), leaves)

    return _with_paths(walk, (), *chunk)


def _with_paths(function: Callable[..., Any], path: tuple[Any, ...], *elements: Any) -> Any:
    """Return the structure with `function(path, *leaves)` for each place in it."""
    first = elements[0]
    if isinstance(first, dict):
        return {key: _with_paths(function, (*path, key), *(e[key] for e in elements)) for key in first}
    if isinstance(first, tuple):
        return tuple(
            _with_paths(function, (*path, number), *parts)
            for number, parts in enumerate(zip(*elements, strict=True))
        )
    return map_leaves(lambda *leaves: function(path, *leaves), *elements)


def _at(structure: Any, path: tuple[Any, ...]) -> Any:
    """Return what stands at a place; a single value stands everywhere."""
    for key in path:
        if not isinstance(structure, (tuple, dict)):
            return structure
        structure = structure[key]
    return structure
