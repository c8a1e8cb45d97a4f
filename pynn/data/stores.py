"""Where elements lie while a pipeline moves them about.

A stage passes on *handles*, and a store says what a handle stands for. In a table a handle is the number of a row,
so shuffling, taking and repeating move integers, and a batch is one gather of all its rows. After a function
has been mapped, handles are the elements themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .. import _core
from .elements import map_leaves, row, stacked, take_rows


class Store:
    """What handles stand for; this one takes handles that are the elements themselves."""

    slow = False
    """Whether reading takes long without using the processor: files."""

    def element(self, handle: Any) -> Any:
        """Return the element."""
        return handle

    def batch(self, handles: Sequence[Any]) -> Any:
        """Return the elements stacked."""
        return stacked("batch", [self.element(handle) for handle in handles])


class Table(Store):
    """The rows of arrays; a handle is a row's number."""

    def __init__(self, data: Any) -> None:
        self.data = data

    def element(self, handle: int) -> Any:
        return row(self.data, handle)

    def batch(self, handles: Sequence[int]) -> Any:
        return take_rows(self.data, handles)


class Numbers(Store):
    """Whole numbers; a handle is the number."""

    def __init__(self, dtype: Any) -> None:
        self.dtype = dtype

    def element(self, handle: int) -> Any:
        return _core.asarray(handle, dtype=self.dtype)

    def batch(self, handles: Sequence[int]) -> Any:
        return _core.asarray(list(handles), dtype=self.dtype)


class Gathered(Store):
    """What a function makes of many row numbers at once; a handle is a row's number.

    Args:
        gather: takes a sequence of row numbers, returns their elements as a batch.
        slow: as in Store.
    """

    def __init__(self, gather: Callable[[Sequence[int]], Any], slow: bool = False) -> None:
        self.gather = gather
        self.slow = slow

    def element(self, handle: int) -> Any:
        return row(self.gather([handle]), 0)

    def batch(self, handles: Sequence[int]) -> Any:
        return self.gather(handles)


class Zipped(Store):
    """Several stores side by side; a handle is a tuple of theirs.

    Args:
        structure: the stores in the tuples and dicts that elements shall have.
        stores: the same, in a row.
    """

    def __init__(self, structure: Any, stores: Sequence[Store]) -> None:
        self.structure = structure
        self.stores = stores
        self.slow = any(store.slow for store in stores)

    def element(self, handle: tuple[Any, ...]) -> Any:
        parts = iter(zip(self.stores, handle, strict=True))

        def pick(_: Any) -> Any:
            store, part = next(parts)
            return store.element(part)

        return map_leaves(pick, self.structure)

    def batch(self, handles: Sequence[tuple[Any, ...]]) -> Any:
        columns = iter(zip(self.stores, zip(*handles, strict=True), strict=True))

        def gather(_: Any) -> Any:
            store, column = next(columns)
            return store.batch(column)

        return map_leaves(gather, self.structure)
