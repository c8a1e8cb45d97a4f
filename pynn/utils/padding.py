"""`pad_sequences`: lists of different lengths as the rows of one array."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt


def pad_sequences(
    sequences: Sequence[Any],
    maxlen: int | None = None,
    dtype: Any = "int32",
    padding: str = "pre",
    truncating: str = "pre",
    value: Any = 0.0,
) -> npt.NDArray[Any]:
    """Return sequences cut or filled up to one length.

    Args:
        sequences: lists of numbers, or arrays (steps, ...) that differ in their steps only.
        maxlen: the length; None takes the longest.
        dtype: of the result; `object` for strings.
        padding: "pre" fills up in front, "post" at the end.
        truncating: "pre" cuts off the front, "post" the end.
        value: to fill up with.

    Returns:
        NumPy array (n, maxlen, ...).

    Raises:
        ValueError: an argument has no meaning, or sequences differ in more than their steps.
    """
    for name, choice in (("padding", padding), ("truncating", truncating)):
        if choice not in ("pre", "post"):
            raise ValueError(f"pad_sequences: {name} must be 'pre' or 'post', got {choice!r}")
    if not hasattr(sequences, "__len__"):
        raise ValueError(f"pad_sequences: sequences must be a list of lists, got {type(sequences).__name__}")
    for sequence in sequences:
        if not hasattr(sequence, "__len__"):
            raise ValueError(f"pad_sequences: sequences must be a list of lists, but holds {sequence!r}")
    if isinstance(value, str) and not (dtype is object or np.dtype(dtype).kind in "OUS"):
        raise ValueError(
            f"pad_sequences: value {value!r} does not fit dtype {dtype}; use dtype=object for text"
        )
    if maxlen is None:
        maxlen = max(map(len, sequences), default=0)
    shape = next((np.asarray(sequence).shape[1:] for sequence in sequences if len(sequence)), ())
    rows: npt.NDArray[Any] = np.full((len(sequences), maxlen, *shape), value, dtype=dtype)
    for number, sequence in enumerate(sequences):
        kept = sequence[max(len(sequence) - maxlen, 0) :] if truncating == "pre" else sequence[:maxlen]
        if not len(kept):
            continue
        steps = np.asarray(kept, dtype=dtype)
        if steps.shape[1:] != shape:
            raise ValueError(
                f"pad_sequences: step shape {steps.shape[1:]} of sequence {number} is not that of the first, {shape}"
            )
        rows[number, slice(len(steps)) if padding == "post" else slice(maxlen - len(steps), None)] = steps
    return rows
