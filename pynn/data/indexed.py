"""`PyDataset`: batches by index, from a class of the user's; what `fit` walks in another order every epoch."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import Any

from .counts import whole


class PyDataset:
    """Base of data sets that compute batch number i in `__getitem__(i)`, as `keras.utils.PyDataset`.

    A subclass defines `__getitem__`, which returns x, (x, y) or (x, y, sample_weight), and `__len__`, the number
    of batches (or `num_batches`, None for one without end). `fit` calls `on_epoch_begin` and `on_epoch_end`
    around every epoch, and asks for the batches in another order every time unless shuffle=False.

    Args:
        workers: with more than 1, `fit` computes batches ahead on so many threads; the batches come in order.
        use_multiprocessing: only False. Threads suffice where the time goes into files and arrays.
        max_queue_size: how many batches may be computed ahead.

    Raises:
        ValueError: use_multiprocessing is True, or a number is below its least.
    """

    _workers = 1
    _max_queue_size = 10

    def __init__(self, workers: int = 1, use_multiprocessing: bool = False, max_queue_size: int = 10) -> None:
        self.workers = workers
        self.use_multiprocessing = use_multiprocessing
        self.max_queue_size = max_queue_size

    @property
    def workers(self) -> int:
        """Threads that compute batches ahead; 0 and 1 use none."""
        return self._workers

    @workers.setter
    def workers(self, value: int) -> None:
        self._workers = whole("PyDataset", "workers", value, 0)

    @property
    def use_multiprocessing(self) -> bool:
        """False."""
        return False

    @use_multiprocessing.setter
    def use_multiprocessing(self, value: bool) -> None:
        if value:
            raise ValueError("PyDataset: pynn has no use_multiprocessing=True; workers > 1 uses threads")

    @property
    def max_queue_size(self) -> int:
        """Most batches computed ahead."""
        return self._max_queue_size

    @max_queue_size.setter
    def max_queue_size(self, value: int) -> None:
        self._max_queue_size = whole("PyDataset", "max_queue_size", value)

    def __getitem__(self, index: int) -> Any:
        raise NotImplementedError(f"{type(self).__name__} must define __getitem__(self, index)")

    @property
    def num_batches(self) -> int | None:
        """Number of batches, None if there is no end."""
        if hasattr(self, "__len__"):
            return len(self)
        raise NotImplementedError(f"{type(self).__name__} must define __len__ or num_batches")

    def __iter__(self) -> Iterator[Any]:
        count = self.num_batches
        return map(self.__getitem__, itertools.count() if count is None else range(count))

    def in_order(self, order: Iterable[int]) -> Iterator[Any]:
        """Yield the batches of these numbers, in this order; computed on threads if `workers` is more than 1."""
        return map(self.__getitem__, order) if self.workers < 2 else self._ahead(iter(order))

    def _ahead(self, indices: Iterator[int]) -> Iterator[Any]:
        from concurrent.futures import ThreadPoolExecutor  # here: few data sets ask for it

        with ThreadPoolExecutor(self.workers, "pynn-data") as pool:
            waiting = [
                pool.submit(self.__getitem__, index)
                for index in itertools.islice(indices, self.max_queue_size)
            ]
            try:
                while waiting:
                    batch = waiting.pop(0).result()
                    waiting.extend(
                        pool.submit(self.__getitem__, index) for index in itertools.islice(indices, 1)
                    )
                    yield batch
            finally:
                for future in waiting:
                    future.cancel()

    def on_epoch_begin(self) -> None:
        """Called by `fit` before every epoch."""

    def on_epoch_end(self) -> None:
        """Called by `fit` after every epoch."""
