"""Batches: from arrays, or from anything that gives batches when it is iterated."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol

from .. import _core, random
from .._core import Tensor
from .arrays import check_lengths, leaves, map_tensors, to_tensors


class Batches(Protocol):
    """What `Feed` reads from: an iterable of batches.

    Attributes:
        steps: number of batches in one pass, None if unknown.
        restartable: whether a second pass gives the data again.
    """

    steps: int | None
    restartable: bool

    def __iter__(self) -> Iterator[Any]: ...


class ArrayBatches:
    """Batches cut from arrays that hold all samples.

    Args:
        x, y, sample_weight: tensors, or lists, tuples or dicts of them, or None; of one length.
        batch_size: samples in a batch; the last one may have fewer.
        shuffle: another order at every pass, from `pynn.random`.
    """

    restartable = True

    def __init__(self, x: Any, y: Any, sample_weight: Any, batch_size: int, shuffle: bool) -> None:
        self._data = pack_x_y_sample_weight(x, y, sample_weight)
        self._count = check_lengths(x, y, sample_weight)
        self._batch_size = batch_size
        self._shuffle = shuffle
        self.steps: int | None = -(-self._count // batch_size)

    def __iter__(self) -> Iterator[Any]:
        order = random.permutation(self._count).to("cpu") if self._shuffle else None
        data = self._data
        several = type(data) is tuple and all(type(part) is Tensor for part in data)
        for start in range(0, self._count, self._batch_size):
            stop = min(start + self._batch_size, self._count)
            if order is not None and several:
                yield _core.take_rows(data, order, start, stop)
            else:
                yield map_tensors(_picker(order, start, stop), data)


class IterableBatches:
    """Batches from a generator, an iterator, or any object that can be iterated or indexed.

    Args:
        source: gives x, (x, y) or (x, y, sample_weight), of arrays.
        weigh: called on every batch, for class weights; or None.
    """

    def __init__(self, source: Any, weigh: Callable[[Any], Any] | None = None) -> None:
        self._source = source
        self._weigh = weigh
        self.steps: int | None = _length(source)
        self.endless = hasattr(source, "cardinality") and int(source.cardinality()) == -1
        self.restartable = not isinstance(source, Iterator)

    def __iter__(self) -> Iterator[Any]:
        for data in self._passes():
            batch = to_batch(data)
            yield self._weigh(batch) if self._weigh is not None else batch

    def _passes(self) -> Iterable[Any]:
        """Return what to iterate; an object with only a length and an index (a Keras Sequence) is walked."""
        if hasattr(self._source, "__iter__"):
            iterable: Iterable[Any] = self._source
            return iterable
        return (self._source[index] for index in range(len(self._source)))


class IndexedBatches:
    """Batches from an object that computes batch number i and wants to know of epochs: Keras's PyDataset.

    Args:
        source: as `pynn.data.PyDataset`.
        weigh: as for `IterableBatches`.
        shuffle: another order of the batches at every pass, from `pynn.random`.
    """

    restartable = True

    def __init__(self, source: Any, weigh: Callable[[Any], Any] | None = None, shuffle: bool = False) -> None:
        self._source, self._weigh, self._shuffle = source, weigh, shuffle
        self.steps: int | None = source.num_batches if hasattr(source, "num_batches") else len(source)
        self.endless = self.steps is None

    def __iter__(self) -> Iterator[Any]:
        order: Iterable[int] = itertools.count() if self.steps is None else range(self.steps)
        if self._shuffle and self.steps is not None:
            order = random.permutation(self.steps).tolist()
        source = self._source
        found = source.in_order(order) if hasattr(source, "in_order") else (source[i] for i in order)
        for data in found:
            batch = to_batch(data)
            yield self._weigh(batch) if self._weigh is not None else batch

    def on_epoch_begin(self) -> None:
        """Tell the source that an epoch begins."""
        if hasattr(self._source, "on_epoch_begin"):
            self._source.on_epoch_begin()

    def on_epoch_end(self) -> None:
        """Tell the source that an epoch is over; it may have another number of batches from now on."""
        self._source.on_epoch_end()
        self.steps = self._source.num_batches if hasattr(self._source, "num_batches") else len(self._source)


class Feed:
    """Batches, epoch after epoch.

    Args:
        batches: where they come from.
        steps: batches in an epoch; None for one pass. With a number, an epoch goes on where the one
            before stopped, and starts over at the end of the data.

    Raises:
        ValueError: the batches have no end, and no number of steps is given.

    Attributes:
        steps: batches in an epoch, None until known.
        exhausted: whether there is no more data: an iterator was read to its end.
    """

    def __init__(self, batches: Batches, steps: int | None = None) -> None:
        if steps is None and getattr(batches, "endless", False):
            raise ValueError(
                "x has no end, so say how many steps to take: steps_per_epoch or validation_steps in fit, "
                "steps in evaluate and predict"
            )
        self._batches = batches
        self._limit = steps
        self._pass: Iterator[Any] = iter(())
        self.steps = batches.steps if steps is None else steps
        self.exhausted = False

    def epoch(self) -> Iterator[Any]:
        """Yield the batches of one epoch; warn when they are fewer than the steps asked for.

        Raises:
            ValueError: there is no data at all.
        """
        done = 0
        hooked = self._batches if isinstance(self._batches, IndexedBatches) else None
        if hooked is not None:
            hooked.on_epoch_begin()
        try:
            for batch in self._batches if self._limit is None else self._limited(self._limit):
                yield batch
                done += 1
        finally:
            if hooked is not None:
                hooked.on_epoch_end()
        if done == 0:
            raise ValueError("x gave no batches")
        if self._limit is None:
            self.steps = done
            self.exhausted = not self._batches.restartable
        elif done < self._limit:
            self.exhausted = True
            warnings.warn(f"x ran out of batches after {done} of {self._limit} steps", stacklevel=4)

    def _limited(self, steps: int) -> Iterator[Any]:
        for _ in range(steps):
            batch = next(self._pass, None)
            if batch is None:
                self._pass = iter(self._batches)
                batch = next(self._pass, None)
            if batch is None:
                return
            yield batch


def pack_x_y_sample_weight(x: Any, y: Any = None, sample_weight: Any = None) -> Any:
    """Return the batch as `train_step` gets it: x, (x, y) or (x, y, sample_weight)."""
    if sample_weight is not None:
        return (x, y, sample_weight)
    if y is not None:
        return (x, y)
    return (x,) if isinstance(x, (list, tuple)) else x


def unpack_x_y_sample_weight(data: Any) -> tuple[Any, Any, Any]:
    """Return (x, y, sample_weight) of a batch, None for what it lacks.

    Raises:
        ValueError: a tuple of more than three.
    """
    if not isinstance(data, tuple):
        return data, None, None
    if not 1 <= len(data) <= 3:
        raise ValueError(
            f"a batch must be x, (x, y) or (x, y, sample_weight), got a tuple of {len(data)} elements"
        )
    x, y, sample_weight = (*data, None, None)[:3]
    return x, y, sample_weight


def to_batch(data: Any) -> Any:
    """Return what an iterable gave as a batch of tensors."""
    if isinstance(data, list):
        data = tuple(data)
    x, y, sample_weight = unpack_x_y_sample_weight(data)
    parts = to_tensors("x", x), to_tensors("y", y), to_tensors("sample_weight", sample_weight)
    if next(leaves(parts[0]), None) is None:
        raise ValueError(f"a batch must begin with arrays, got x of type {type(x).__name__}")
    check_lengths(*parts)
    return pack_x_y_sample_weight(*parts)


def _length(source: Any) -> int | None:
    """Return the number of batches in a pass, None if unknown."""
    try:
        return len(source)
    except TypeError:
        return None


def _picker(order: Tensor | None, start: int, stop: int) -> Callable[[Tensor], Tensor]:
    """Return what cuts samples start..stop, in `order`, out of a tensor."""
    if order is None:
        return lambda tensor: tensor[start:stop]
    indices = order[start:stop]
    return lambda tensor: _core.take(tensor, indices, axis=0)
