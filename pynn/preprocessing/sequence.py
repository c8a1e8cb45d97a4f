"""Sequences, under Keras's older names."""

from __future__ import annotations

from typing import NoReturn

from ..utils.padding import pad_sequences

__all__ = ["pad_sequences"]

_GONE = {
    "TimeseriesGenerator": "utils.timeseries_dataset_from_array does its work",
    "make_sampling_table": "write it in NumPy",
    "skipgrams": "write it in NumPy",
}


def __getattr__(name: str) -> NoReturn:
    if name in _GONE:
        raise AttributeError(f"keras.preprocessing.sequence.{name} is gone since Keras 3; {_GONE[name]}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
