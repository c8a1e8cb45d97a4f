"""`timeseries_dataset_from_array`: windows that slide over a series, cut when their batch is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import _core
from ..data import Dataset
from ..data.counts import whole
from ..data.spec import TensorSpec
from ..data.stages import Source
from ..data.stores import Gathered

_CALLER = "timeseries_dataset_from_array"


def timeseries_dataset_from_array(
    data: Any,
    targets: Any,
    sequence_length: int,
    sequence_stride: int = 1,
    sampling_rate: int = 1,
    batch_size: int | None = 128,
    shuffle: bool = False,
    seed: int | None = None,
    start_index: int | None = None,
    end_index: int | None = None,
    format: str = "tf",
) -> Dataset:
    """Return a Dataset of windows of a series, with the target of each.

    Window i begins at step `i * sequence_stride` and takes every `sampling_rate`-th step. The series is not copied;
    a batch of windows is one gather.

    Args:
        data: array (steps, ...).
        targets: array; targets[i] belongs to the window that begins at step i. None for windows alone.
        sequence_length: steps in a window.
        sequence_stride: steps from the beginning of a window to the next one's.
        sampling_rate: steps from one taken to the next.
        batch_size: None for single windows.
        shuffle: another order in every pass.
        seed: of the order.
        start_index, end_index: use only data[start_index:end_index]; targets are cut alike.
        format: only "tf".

    Returns:
        A Dataset of windows (n, sequence_length, ...), or of pairs with their targets (n, ...), in the dtypes of
        the arrays.

    Raises:
        ValueError: a number is out of range, there is no whole window, or a window lacks its target.
    """
    series = np.asarray(data)
    _check(len(series), sequence_stride, sampling_rate, start_index, end_index, format)
    length = whole(_CALLER, "sequence_length", sequence_length)
    start, end = start_index or 0, len(series) if end_index is None else end_index
    series = series[start:end]
    windows = len(series) - (length - 1) * sampling_rate
    answers = None if targets is None else np.asarray(targets)
    if answers is not None:
        windows = min(windows, len(answers))
        answers = answers[start:end]
        if len(answers) < windows:
            raise ValueError(
                f"{_CALLER}: {windows} windows begin at steps {start} to {start + windows - 1}, but targets end at "
                f"{start + len(answers) - 1}"
            )
    if windows <= 0:
        raise ValueError(
            f"{_CALLER}: {len(series)} steps hold no window of {length} steps, {sampling_rate} apart"
        )
    starts = np.arange(0, windows, sequence_stride)
    offsets = np.arange(length) * sampling_rate

    def gather(rows: Sequence[int]) -> Any:
        where = starts[np.asarray(rows)]
        cut = _core.asarray(series[where[:, None] + offsets])
        return cut if answers is None else (cut, _core.asarray(answers[where]))

    def spec() -> Any:
        inputs = TensorSpec((length, *series.shape[1:]), series.dtype.name)
        return inputs if answers is None else (inputs, TensorSpec(answers.shape[1:], answers.dtype.name))

    dataset = Dataset(Source(Gathered(gather), len(starts), spec))
    if shuffle:
        dataset = dataset.shuffle(len(starts), seed=seed)
    return dataset if batch_size is None else dataset.batch(batch_size)


def _check(
    steps: int, stride: int, rate: int, start_index: int | None, end_index: int | None, format: str
) -> None:
    if format != "tf":
        raise ValueError(f"{_CALLER}: pynn has only format='tf', its own Dataset; got {format!r}")
    for name, value in (("sampling_rate", rate), ("sequence_stride", stride)):
        if not 0 < value < steps:
            raise ValueError(f"{_CALLER}: {name} must lie in 1..{steps - 1}, got {value}")
    if start_index and not 0 <= start_index < steps:
        raise ValueError(f"{_CALLER}: start_index must lie in 0..{steps - 1}, got {start_index}")
    if end_index is not None and not (start_index or 0) < end_index < steps:
        raise ValueError(
            f"{_CALLER}: end_index must lie in {(start_index or 0) + 1}..{steps - 1}, got {end_index}; "
            "None takes all"
        )
