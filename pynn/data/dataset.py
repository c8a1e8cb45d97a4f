"""`Dataset`: a pipeline of data with the methods and defaults of `tf.data.Dataset`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NoReturn

from .. import _core, random
from .._core import Tensor
from .counts import INFINITE, UNKNOWN, whole
from .elements import as_element, leaves, map_leaves, to_numpy
from .signature import checked_element, signature_of
from .spec import describe
from .stages import (
    Cache,
    Concatenated,
    Counter,
    Made,
    Range,
    Repeat,
    Shard,
    Shuffle,
    Skip,
    Stage,
    Take,
    Zip,
    table,
)
from .transforms import Batch, Filter, Interleave, Map, Prefetch, Rebatch, Unbatch, call
from .windows import PaddedBatch, Window

AUTOTUNE = -1
_READ_AHEAD = 2  # elements that prefetch(AUTOTUNE) holds ready
_NOT_HERE = frozenset(
    ["bucket_by_sequence_length", "choose_from_datasets", "fingerprint", "group_by_window", "load",
     "ragged_batch", "random", "rejection_resample", "sample_from_datasets", "save", "scan", "snapshot",
     "sparse_batch", "unique"]
)  # fmt: skip


class Dataset:
    """Elements one after another: tensors and text, alone or in tuples and dicts. Begin with a `from_...` function.

    Every method returns a new Dataset; nothing is computed until one is iterated, which gives all elements
    anew each time. `fit`, `evaluate` and `predict` take a Dataset of batches.

    Rows of arrays are not copied until they are batched: shuffling, taking and repeating move row numbers.
    """

    def __init__(self, stage: Stage) -> None:
        if not isinstance(stage, Stage):
            raise TypeError("Dataset is made by Dataset.from_tensor_slices and the other from_... functions")
        self._stage = stage

    class_names: list[str] | None
    """Names of the classes, and names of the files: set by `image_dataset_from_directory` and its like."""
    file_paths: list[str]

    # Sources -------------------------------------------------------------------------------------------

    @staticmethod
    def from_tensor_slices(tensors: Any) -> Dataset:
        """Return the rows of arrays.

        Args:
            tensors: an array, a list of numbers or strings, or tuples and dicts of them, of one length.
                NumPy arrays are not copied.

        Raises:
            ValueError: lengths differ. ShapeError: a leaf has no axis.
        """
        return Dataset(table("Dataset.from_tensor_slices", as_element(tensors)))

    @staticmethod
    def from_tensors(tensors: Any) -> Dataset:
        """Return one element, all of `tensors`."""
        element = as_element(tensors)
        return Dataset(Made(lambda: (element,), describe(element), 1, runs_user_code=False))

    @staticmethod
    def from_generator(
        generator: Callable[..., Iterable[Any]],
        output_types: Any = None,
        output_shapes: Any = None,
        args: tuple[Any, ...] = (),
        output_signature: Any = None,
    ) -> Dataset:
        """Return what a generator function yields.

        Args:
            generator: called at every pass with `args`; returns an iterable of elements.
            output_types, output_shapes: dtypes and shapes of the leaves; given, elements must have them.
            args: arguments of `generator`.
            output_signature: TensorSpecs of the leaves, instead of types and shapes.

        Raises:
            TypeError: `generator` cannot be called.
            ValueError: (at iteration) an element is not as its signature says.
        """
        if not callable(generator):
            raise TypeError(
                f"Dataset.from_generator: generator must be callable, got {type(generator).__name__}; "
                "give the generator function, not what it returns"
            )
        signature = signature_of(output_types, output_shapes, output_signature)

        def begin() -> Iterator[Any]:
            for element in generator(*args or ()):
                yield checked_element(element, signature)

        return Dataset(Made(begin, signature))

    @staticmethod
    def range(*args: int, output_type: Any = "int64") -> Dataset:
        """Return the whole numbers of Python's `range(*args)`, as tensors of no axes."""
        return Dataset(Range(range(*args), output_type))

    @staticmethod
    def zip(*args: Any, datasets: Any = None) -> Dataset:
        """Return elements of several Datasets side by side, until the shortest ends.

        Args:
            args: Datasets, or one tuple or dict of them (tuples and dicts may lie in each other).
            datasets: the same, as a tuple or dict.

        Raises:
            TypeError: something else is in it.
        """
        structure = datasets if datasets is not None else args[0] if len(args) == 1 else args
        if isinstance(structure, list):
            structure = tuple(structure)
        for leaf in leaves(structure):
            if not isinstance(leaf, Dataset):
                raise TypeError(f"Dataset.zip: expected Datasets, got {type(leaf).__name__}")
        if isinstance(structure, Dataset):
            structure = (structure,)
        stages = map_leaves(lambda dataset: dataset._stage, structure)
        return Dataset(Zip(stages, list(leaves(stages))))

    @staticmethod
    def list_files(file_pattern: Any, shuffle: bool | None = None, seed: int | None = None) -> Dataset:
        """Return the names of the files that match a pattern ("photos/*.jpg") or one of several.

        Args:
            file_pattern: one or a list.
            shuffle: another order in every pass; None means True, False sorts.
            seed: of the order.

        Raises:
            ValueError: no file matches.
        """
        import glob

        patterns = [file_pattern] if isinstance(file_pattern, (str, os.PathLike)) else list(file_pattern)
        names = sorted(name for pattern in patterns for name in glob.glob(str(pattern)))
        if not names:
            raise ValueError(f"Dataset.list_files: no file matches {', '.join(map(str, patterns))}")
        dataset = Dataset.from_tensor_slices(names)
        return dataset if shuffle is False else dataset.shuffle(len(names), seed)

    # Order and number ----------------------------------------------------------------------------------

    def shuffle(
        self, buffer_size: int, seed: int | None = None, reshuffle_each_iteration: bool | None = None
    ) -> Dataset:
        """Return the elements in random order.

        Args:
            buffer_size: each element is drawn from a buffer of so many; as large as the data set or larger,
                every order is equally likely. Of rows of arrays it holds row numbers only.
            seed: of the order; None draws one from `pynn.random`, which `set_random_seed` seeds.
            reshuffle_each_iteration: another order in every pass; None means True.
        """
        size = whole("Dataset.shuffle", "buffer_size", buffer_size)
        chosen = int(random.integers(0, 2**31)) if seed is None else whole("Dataset.shuffle", "seed", seed, 0)
        return Dataset(Shuffle(self._stage, size, chosen, reshuffle_each_iteration is not False))

    def repeat(self, count: int | None = None) -> Dataset:
        """Return `count` passes, one after another; without end for None or -1."""
        times = -1 if count is None else whole("Dataset.repeat", "count", count, -1)
        return Dataset(Repeat(self._stage, times))

    def take(self, count: int) -> Dataset:
        """Return the first `count` elements; all for -1."""
        return Dataset(Take(self._stage, whole("Dataset.take", "count", count, -1)))

    def skip(self, count: int) -> Dataset:
        """Return all but the first `count` elements; none for -1."""
        return Dataset(Skip(self._stage, whole("Dataset.skip", "count", count, -1)))

    def shard(self, num_shards: int, index: int) -> Dataset:
        """Return every `num_shards`-th element, beginning with number `index`."""
        shards = whole("Dataset.shard", "num_shards", num_shards)
        if not 0 <= whole("Dataset.shard", "index", index, 0) < shards:
            raise ValueError(f"Dataset.shard: index must lie in 0..{shards - 1}, got {index}")
        return Dataset(Shard(self._stage, shards, int(index)))

    def concatenate(self, dataset: Dataset) -> Dataset:
        """Return these elements, then those of `dataset`."""
        if not isinstance(dataset, Dataset):
            raise TypeError(f"Dataset.concatenate: expected a Dataset, got {type(dataset).__name__}")
        return Dataset(Concatenated(self._stage, dataset._stage))

    def enumerate(self, start: int = 0) -> Dataset:
        """Return pairs of a number, counted from `start`, and the element."""
        stages = (Counter(whole("Dataset.enumerate", "start", start, -(2**63))), self._stage)
        return Dataset(Zip(stages, list(stages)))

    # Functions of elements -----------------------------------------------------------------------------

    def map(
        self,
        map_func: Callable[..., Any],
        num_parallel_calls: int | None = None,
        deterministic: bool | None = None,
    ) -> Dataset:
        """Return what a function makes of each element.

        Args:
            map_func: gets the element (a tuple as that many arguments), of tensors; returns one.
            num_parallel_calls, deterministic: have no meaning here: elements are made one after another, in
                order, so that random numbers come out the same every time. Operations use all threads anyway.
        """
        return Dataset(Map(self._stage, _function("map", "map_func", map_func)))

    def filter(self, predicate: Callable[..., Any]) -> Dataset:
        """Return the elements for which `predicate` returns a true value."""
        return Dataset(Filter(self._stage, _function("filter", "predicate", predicate)))

    def take_while(self, predicate: Callable[..., Any]) -> Dataset:
        """Return the elements before the first for which `predicate` returns a false value."""
        function = _function("take_while", "predicate", predicate)
        return Dataset(Filter(self._stage, function, lasting=False))

    def flat_map(self, map_func: Callable[..., Any]) -> Dataset:
        """Return the elements of the Datasets that `map_func` makes of elements, one Dataset after another."""
        return self._interleaved("flat_map", map_func, 1, 1)

    def interleave(
        self,
        map_func: Callable[..., Any],
        cycle_length: int | None = None,
        block_length: int | None = None,
        num_parallel_calls: int | None = None,
        deterministic: bool | None = None,
    ) -> Dataset:
        """Return the elements of the Datasets that `map_func` makes of elements, the Datasets taking turns.

        Args:
            map_func: gets an element, returns a Dataset.
            cycle_length: how many Datasets take turns at a time; None means 4.
            block_length: elements from one before it is the next one's turn; None means 1.
            num_parallel_calls, deterministic: have no meaning, as for `map`.
        """
        cycle = 4 if cycle_length is None else whole("Dataset.interleave", "cycle_length", cycle_length)
        block = 1 if block_length is None else whole("Dataset.interleave", "block_length", block_length)
        return self._interleaved("interleave", map_func, cycle, block)

    def _interleaved(self, caller: str, map_func: Callable[..., Any], cycle: int, block: int) -> Dataset:
        function = _function(caller, "map_func", map_func)

        def begin(element: Any) -> Iterator[Any]:
            dataset = call(function, element)
            if not isinstance(dataset, Dataset):
                raise TypeError(
                    f"Dataset.{caller}: map_func must return a Dataset, got {type(dataset).__name__}"
                )
            return iter(dataset)

        return Dataset(Interleave(self._stage, begin, cycle, block))

    def reduce(self, initial_state: Any, reduce_func: Callable[[Any, Any], Any]) -> Any:
        """Return the state after `state = reduce_func(state, element)` for every element."""
        state = as_element(initial_state)
        for element in self:
            state = as_element(reduce_func(state, element))
        return state

    def apply(self, transformation_func: Callable[[Dataset], Dataset]) -> Dataset:
        """Return `transformation_func(self)`."""
        return transformation_func(self)

    # Batches -------------------------------------------------------------------------------------------

    def batch(
        self,
        batch_size: int,
        drop_remainder: bool = False,
        num_parallel_calls: int | None = None,
        deterministic: bool | None = None,
    ) -> Dataset:
        """Return elements stacked along a new first axis, `batch_size` at a time.

        Args:
            batch_size: elements in a batch.
            drop_remainder: leave a smaller last batch out.
            num_parallel_calls, deterministic: have no meaning, as for `map`.

        Raises:
            ShapeError: (at iteration) elements have different shapes.
        """
        size = whole("Dataset.batch", "batch_size", batch_size)
        return Dataset(Batch(self._stage, size, bool(drop_remainder)))

    def padded_batch(
        self,
        batch_size: int,
        padded_shapes: Any = None,
        padding_values: Any = None,
        drop_remainder: bool = False,
    ) -> Dataset:
        """Return batches of elements of different shapes, filled up at the end.

        Args:
            batch_size, drop_remainder: as for `batch`.
            padded_shapes: shape of each leaf, in the structure of the elements; None, also for single axes, takes
                the longest of the batch.
            padding_values: to fill each leaf up with, in that structure, or one for all; None means 0 and "".

        Raises:
            ShapeError: (at iteration) elements have different numbers of axes, or are longer than a shape.
        """
        size = whole("Dataset.padded_batch", "batch_size", batch_size)
        return Dataset(PaddedBatch(self._stage, size, padded_shapes, padding_values, bool(drop_remainder)))

    def window(
        self, size: int, shift: int | None = None, stride: int = 1, drop_remainder: bool = False
    ) -> Dataset:
        """Return Datasets of `size` elements each (of tuples and dicts: tuples and dicts of Datasets).

        Args:
            size: elements in a window.
            shift: elements from the first of a window to the first of the next; None means `size`.
            stride: elements from one in a window to the next.
            drop_remainder: leave smaller windows at the end out.
        """
        length = whole("Dataset.window", "size", size)
        step = length if shift is None else whole("Dataset.window", "shift", shift)
        apart = whole("Dataset.window", "stride", stride)

        def wrap(elements: list[Any]) -> Any:
            def column(*parts: Any) -> Dataset:
                return Dataset(Made(lambda: parts, count=len(parts), runs_user_code=False))

            return map_leaves(column, *elements)

        return Dataset(Window(self._stage, length, step, apart, bool(drop_remainder), wrap))

    def unbatch(self) -> Dataset:
        """Return the rows of the elements, one by one."""
        return Dataset(Unbatch(self._stage))

    def rebatch(self, batch_size: int, drop_remainder: bool = False) -> Dataset:
        """Return the rows of the elements in batches of another size."""
        size = whole("Dataset.rebatch", "batch_size", batch_size)
        return Dataset(Rebatch(self._stage, size, bool(drop_remainder)))

    # Time and memory -----------------------------------------------------------------------------------

    def cache(self, filename: str = "") -> Dataset:
        """Return the same elements, kept in memory from the first whole pass on.

        Args:
            filename: only "", memory; a file is a ValueError.
        """
        if filename:
            raise ValueError(f"Dataset.cache: pynn caches in memory only, got filename={str(filename)!r}")
        return Dataset(Cache(self._stage))

    def prefetch(self, buffer_size: int | None) -> Dataset:
        """Return the same elements, read ahead while the last one is used.

        Only files are read ahead, by one thread. Functions given to `map` run when their element is asked
        for: they may draw random numbers, and two threads drawing from one generator do not repeat.

        Args:
            buffer_size: elements held ready; -1 (AUTOTUNE) or None means 2.
        """
        size = -1 if buffer_size is None else whole("Dataset.prefetch", "buffer_size", buffer_size, -1)
        return Dataset(Prefetch(self._stage, _READ_AHEAD if size < 1 else size))

    # Looking at it -------------------------------------------------------------------------------------

    def __iter__(self) -> Iterator[Any]:
        return self._stage.elements()

    def as_numpy_iterator(self) -> Iterator[Any]:
        """Return an iterator of the elements as NumPy arrays; single numbers are NumPy's, text is bytes."""
        return map(to_numpy, self)

    def get_single_element(self) -> Any:
        """Return the only element.

        Raises:
            ValueError: there is none, or there are several.
        """
        first = list(self.take(2))
        if len(first) != 1:
            raise ValueError(f"Dataset.get_single_element: there are {'several' if first else 'no'} elements")
        return first[0]

    @property
    def element_spec(self) -> Any:
        """TensorSpecs of an element. After `map` or an unsigned generator this has to compute the first one."""
        return self._stage.spec()

    def cardinality(self) -> Tensor:
        """Return the number of elements as an int64 tensor: -1 if infinite, -2 if unknown."""
        return _core.asarray(self._stage.count, dtype="int64")

    def __len__(self) -> int:
        if self._stage.count < 0:
            what = "is infinite" if self._stage.count == INFINITE else "is unknown before a pass"
            raise TypeError(f"the length of this Dataset {what}")
        return self._stage.count

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        count = {INFINITE: "infinite", UNKNOWN: "unknown"}.get(self._stage.count, self._stage.count)
        return f"<{type(self).__name__} cardinality={count}>"

    def __getattr__(self, name: str) -> NoReturn:
        if name in _NOT_HERE:
            raise AttributeError(f"Dataset.{name} is in TensorFlow but not in pynn")
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")


def _function(caller: str, argument: str, function: Any) -> Callable[..., Any]:
    if not callable(function):
        raise TypeError(f"Dataset.{caller}: {argument} must be callable, got {type(function).__name__}")
    checked: Callable[..., Any] = function
    return checked
