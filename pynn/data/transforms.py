"""The stages of a pipeline that look into their elements: functions of the user's, batches, reading ahead."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, cast

from .counts import UNKNOWN
from .elements import as_element, count_rows, joined, leaves, map_leaves, row
from .spec import describe, is_open, open_first_axis, with_first_axis, without_first_axis
from .stages import Passed, Stage
from .stores import Store


def call(function: Callable[..., Any], element: Any) -> Any:
    """Call a user's function: a tuple is given as that many arguments."""
    return function(*element) if isinstance(element, tuple) else function(element)


class Map(Stage):
    """What a function makes of each element."""

    runs_user_code = True

    def __init__(self, child: Stage, function: Callable[..., Any]) -> None:
        self._child, self._function = child, function
        self.count = child.count

    def handles(self) -> Iterator[Any]:
        function = self._function
        for element in self._child.elements():
            yield as_element(call(function, element))

    def spec(self) -> Any:
        for element in self._child.elements():
            made = as_element(call(self._function, element))
            spec = describe(made)
            # Of batches whose last one may be smaller, this is one more: its size is not that of all.
            if is_open(self._child.spec()) and all(leaf.ndim for leaf in leaves(made)):
                size = count_rows("map", element)
                if all(len(leaf) == size for leaf in leaves(made)):
                    return open_first_axis(spec)
            return spec
        return super().spec()


class Filter(Passed):
    """The elements of which a function says True."""

    def __init__(self, child: Stage, predicate: Callable[..., Any], lasting: bool = True) -> None:
        super().__init__(child, UNKNOWN)
        self.runs_user_code = True
        self._predicate, self._lasting = predicate, lasting

    def handles(self) -> Iterator[Any]:
        store, predicate = self.store, self._predicate
        for handle in self.child.handles():
            if bool(call(predicate, store.element(handle))):
                yield handle
            elif not self._lasting:
                return


class Batch(Stage):
    """Elements stacked, so many at a time."""

    def __init__(self, child: Stage, size: int, drop_remainder: bool) -> None:
        self._child, self.size, self._drop = child, size, drop_remainder
        self.runs_user_code = child.runs_user_code
        self.slow = child.store.slow
        self.count = (
            child.count if child.count < 0 else child.count // size if self._drop else -(-child.count // size)
        )

    def handles(self) -> Iterator[Any]:
        store, order = self._child.store, cast(Any, self._child.order())
        if order is not None:
            stop = self.count * self.size if self._drop else len(order)
            for start in range(0, stop, self.size):
                yield store.batch(order[start : start + self.size])
            return
        handles = self._child.handles()
        while chunk := list(islice(handles, self.size)):
            if len(chunk) == self.size or not self._drop:
                yield store.batch(chunk)

    def spec(self) -> Any:
        return with_first_axis(self.size if self._drop else None, self._child.spec())


class Unbatch(Stage):
    """The rows of batches."""

    def __init__(self, child: Stage) -> None:
        self._child = child
        self.runs_user_code = child.runs_user_code

    def handles(self) -> Iterator[Any]:
        for batch in self._child.elements():
            for index in range(count_rows("unbatch", batch)):
                yield row(batch, index)

    def spec(self) -> Any:
        return without_first_axis(self._child.spec())


class Rebatch(Stage):
    """Batches cut anew, so many rows at a time."""

    def __init__(self, child: Stage, size: int, drop_remainder: bool) -> None:
        self._child, self._size, self._drop = child, size, drop_remainder
        self.runs_user_code = child.runs_user_code

    def handles(self) -> Iterator[Any]:
        parts: list[Any] = []  # cuts of batches that do not yet make one
        held = 0
        for batch in self._child.elements():
            rows, start = count_rows("rebatch", batch), 0
            while rows - start >= self._size - held:
                stop = start + self._size - held
                yield joined("rebatch", [*parts, _cut(batch, start, stop)])
                parts, held, start = [], 0, stop
            if start < rows:
                parts.append(_cut(batch, start, rows))
                held += rows - start
        if parts and not self._drop:
            yield joined("rebatch", parts)

    def spec(self) -> Any:
        return with_first_axis(self._size if self._drop else None, without_first_axis(self._child.spec()))


class Interleave(Stage):
    """The elements of the pipelines that a function makes of elements, taking turns.

    Args:
        begin: makes the iterator of a pipeline from an element.
        cycle: how many pipelines are open at a time; 1 has one after the other.
        block: elements from one before it is the next one's turn.
    """

    runs_user_code = True

    def __init__(self, child: Stage, begin: Callable[[Any], Iterator[Any]], cycle: int, block: int) -> None:
        self._child, self._begin, self._cycle, self._block = child, begin, cycle, block

    def handles(self) -> Iterator[Any]:
        waiting = map(self._begin, self._child.elements())
        slots: list[Iterator[Any] | None] = list(islice(waiting, self._cycle))
        while any(slots):
            for place, current in enumerate(slots):
                if current is None:
                    continue
                given = 0
                for element in islice(current, self._block):
                    given += 1
                    yield element
                if given < self._block:
                    slots[place] = next(waiting, None)


class Prefetch(Passed):
    """Elements read ahead by a thread, where that changes nothing but the time.

    It does for files. A function of the user's is not run beside the training: both may draw random numbers, and
    which of them draws first would be a matter of chance. Rows of arrays are gathered faster than handed over.
    """

    def __init__(self, child: Stage, size: int) -> None:
        super().__init__(child, child.count)
        self._size = size
        self.ahead = getattr(child, "slow", False) and not child.runs_user_code and type(child.store) is Store

    def handles(self) -> Iterator[Any]:
        return _ahead(self.child, self._size) if self.ahead else self.child.handles()


def _ahead(child: Stage, size: int) -> Iterator[Any]:
    """Yield the handles that a thread of its own reads, at most `size` of them in advance."""
    ready: queue.Queue[tuple[Any, BaseException | None, bool]] = queue.Queue(size)
    stopped = threading.Event()

    def put(handle: Any, error: BaseException | None = None, last: bool = False) -> None:
        while not stopped.is_set():
            try:
                ready.put((handle, error, last), timeout=0.05)
                return
            except queue.Full:
                continue

    def read() -> None:
        try:
            for handle in child.handles():
                put(handle)
                if stopped.is_set():
                    return
            put(None, last=True)
        except BaseException as error:
            put(None, error)

    thread = threading.Thread(target=read, name="pynn-prefetch", daemon=True)
    thread.start()
    try:
        while True:
            handle, error, last = ready.get()
            if error is not None:
                raise error
            if last:
                return
            yield handle
    finally:
        stopped.set()
        thread.join()


def batch_size_of(stage: Stage) -> int | None:
    """Return the size of the batches that a pipeline gives, None if its last stages make none."""
    while isinstance(stage, Passed):
        stage = stage.child
    return stage.size if isinstance(stage, Batch) else None


def _cut(batch: Any, start: int, stop: int) -> Any:
    return map_leaves(lambda leaf: leaf[start:stop], batch)
