"""The stages of a pipeline that know their elements by handles only: sources, order, number, joining."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import Any

import numpy as np
import numpy.typing as npt

from .counts import INFINITE, UNKNOWN, least, total
from .elements import count_rows
from .spec import describe, map_specs, without_first_axis
from .stores import Numbers, Store, Table, Zipped

_DRAWS = 1024  # random numbers drawn at once


class Stage:
    """A step of a pipeline: gives the handles of its elements, pass after pass.

    Attributes:
        store: what the handles stand for.
        count: number of elements in a pass, or INFINITE or UNKNOWN.
        runs_user_code: whether a function of the user's is called on the way; where and when it is called
            must then not depend on threads.
    """

    store: Store = Store()
    count: int = UNKNOWN
    runs_user_code = False

    def handles(self) -> Iterator[Any]:
        """Begin a pass."""
        raise NotImplementedError

    def order(self) -> npt.NDArray[np.int64] | None:
        """Begin a pass whose handles are row numbers, all in one array; None where they are not, or are too many."""
        return None

    def elements(self) -> Iterator[Any]:
        """Begin a pass, with what the handles stand for."""
        if type(self.store) is Store:
            return self.handles()
        return map(self.store.element, self.handles())

    def spec(self) -> Any:
        """Return the TensorSpecs of an element; this one looks at the first.

        Raises:
            ValueError: there is none.
        """
        for element in self.elements():
            return describe(element)
        raise ValueError("the dataset is empty, so what its elements look like is unknown")


class Source(Stage):
    """All rows of a store, in order."""

    def __init__(self, store: Store, count: int, spec: Callable[[], Any] | None = None) -> None:
        self.store, self.count = store, count
        self._spec = spec

    def handles(self) -> Iterator[Any]:
        return iter(range(self.count))

    def order(self) -> npt.NDArray[np.int64]:
        return np.arange(self.count)

    def spec(self) -> Any:
        return super().spec() if self._spec is None else self._spec()


def table(caller: str, data: Any) -> Source:
    """Return the source of the rows of arrays."""
    return Source(Table(data), count_rows(caller, data), lambda: without_first_axis(describe(data)))


class Range(Stage):
    """The numbers of a Python range."""

    def __init__(self, numbers: range, dtype: Any) -> None:
        self.store, self.count = Numbers(dtype), len(numbers)
        self._numbers = numbers

    def handles(self) -> Iterator[Any]:
        return iter(self._numbers)

    def spec(self) -> Any:
        return describe(self.store.element(0))


class Counter(Range):
    """Numbers without end, for enumerating."""

    def __init__(self, start: int) -> None:
        super().__init__(range(start, 2**63 - 1), "int64")
        self.count = INFINITE


class Passed(Stage):
    """Base of stages that pass the handles of one other on."""

    def __init__(self, child: Stage, count: int) -> None:
        self.child, self.count = child, count
        self.store = child.store
        self.runs_user_code = child.runs_user_code

    def spec(self) -> Any:
        return self.child.spec()


class Take(Passed):
    """The first elements."""

    def __init__(self, child: Stage, count: int) -> None:
        super().__init__(child, child.count if count < 0 else _at_most(child.count, count))
        self._taken = None if count < 0 else count

    def handles(self) -> Iterator[Any]:
        return islice(self.child.handles(), self._taken)

    def order(self) -> npt.NDArray[np.int64] | None:
        order = self.child.order()
        return None if order is None else order[: self._taken]


class Skip(Passed):
    """All but the first elements; none for a negative number."""

    def __init__(self, child: Stage, count: int) -> None:
        rest = 0 if count < 0 else child.count if child.count < 0 else max(0, child.count - count)
        super().__init__(child, rest)
        self._skipped = count

    def handles(self) -> Iterator[Any]:
        return iter(()) if self._skipped < 0 else islice(self.child.handles(), self._skipped, None)

    def order(self) -> npt.NDArray[np.int64] | None:
        order = self.child.order()
        if order is None:
            return None
        return order[:0] if self._skipped < 0 else order[self._skipped :]


class Shard(Passed):
    """Every n-th element."""

    def __init__(self, child: Stage, shards: int, index: int) -> None:
        super().__init__(child, child.count if child.count < 0 else len(range(index, child.count, shards)))
        self._shards, self._index = shards, index

    def handles(self) -> Iterator[Any]:
        return islice(self.child.handles(), self._index, None, self._shards)


class Repeat(Passed):
    """Several passes, or passes without end for a negative number."""

    def __init__(self, child: Stage, times: int) -> None:
        if times < 0:
            count = INFINITE if child.count else 0
        else:
            count = child.count * times if child.count >= 0 else child.count if times else 0
        super().__init__(child, count)
        self._times = times

    def handles(self) -> Iterator[Any]:
        done = 0
        while done != self._times:
            empty = True
            for handle in self.child.handles():
                empty = False
                yield handle
            if empty:
                return
            done += 1


class Shuffle(Passed):
    """Elements in random order: each is drawn from a buffer, which the next one then fills up.

    Args:
        size: of the buffer. One that holds everything gives every order alike.
        seed: of the generator.
        anew: another order in every pass.
    """

    def __init__(self, child: Stage, size: int, seed: int, anew: bool) -> None:
        super().__init__(child, child.count)
        self._size, self._seed, self._anew = size, seed, anew
        self._passes = 0

    def handles(self) -> Iterator[Any]:
        order = self.order()
        return self._drawn(self._rng()) if order is None else iter(order.tolist())

    def order(self) -> npt.NDArray[np.int64] | None:
        order = self.child.order() if self.count <= self._size else None
        return None if order is None else self._rng().permutation(order)

    def _rng(self) -> np.random.Generator:
        rng = np.random.default_rng([self._seed, self._passes])
        self._passes += self._anew
        return rng

    def _drawn(self, rng: np.random.Generator) -> Iterator[Any]:
        handles = self.child.handles()
        buffer = list(islice(handles, self._size))
        while drawn := list(islice(handles, _DRAWS)):
            for handle, place in zip(drawn, rng.integers(len(buffer), size=len(drawn)).tolist(), strict=True):
                yield buffer[place]
                buffer[place] = handle
        yield from map(buffer.__getitem__, rng.permutation(len(buffer)).tolist())


class Cache(Passed):
    """Handles kept in memory from the first whole pass on; what they stand for is kept with them."""

    def __init__(self, child: Stage) -> None:
        super().__init__(child, child.count)
        self._kept: list[Any] | None = None
        if child.store.slow:  # reading again is what a cache is to save
            self.store = Store()

    def handles(self) -> Iterator[Any]:
        if self._kept is not None:
            yield from self._kept
            return
        kept = []
        for handle in self.child.elements() if type(self.store) is Store else self.child.handles():
            kept.append(handle)
            yield handle
        self._kept = kept
        self.count = len(kept)


class Concatenated(Stage):
    """One pipeline after another."""

    def __init__(self, *children: Stage) -> None:
        self._children = children
        self.count = total(child.count for child in children)
        self.runs_user_code = any(child.runs_user_code for child in children)

    def handles(self) -> Iterator[Any]:
        return chain.from_iterable(child.elements() for child in self._children)

    def spec(self) -> Any:
        return self._children[0].spec()


class Zip(Stage):
    """Pipelines side by side, as long as the shortest.

    Args:
        structure: the stages in the tuples and dicts that elements shall have.
        children: the same, in a row.
    """

    def __init__(self, structure: Any, children: list[Stage]) -> None:
        self._structure, self._children = structure, children
        self.store = Zipped(structure, [child.store for child in children])
        self.count = least(child.count for child in children)
        self.runs_user_code = any(child.runs_user_code for child in children)

    def handles(self) -> Iterator[Any]:
        return zip(*(child.handles() for child in self._children), strict=False)

    def spec(self) -> Any:
        return map_specs(lambda child: child.spec(), self._structure)


class Made(Stage):
    """Elements from a function that begins an iteration.

    Args:
        begin: called for every pass; returns an iterable of elements.
        spec: the TensorSpecs of an element, if known.
        runs_user_code: as in Stage.
    """

    def __init__(
        self,
        begin: Callable[[], Iterable[Any]],
        spec: Any = None,
        count: int = UNKNOWN,
        runs_user_code: bool = True,
    ) -> None:
        self._begin, self._spec = begin, spec
        self.count, self.runs_user_code = count, runs_user_code

    def handles(self) -> Iterator[Any]:
        return iter(self._begin())

    def spec(self) -> Any:
        return super().spec() if self._spec is None else self._spec


def _at_most(count: int, limit: int) -> int:
    return count if count == UNKNOWN else limit if count == INFINITE else min(count, limit)
