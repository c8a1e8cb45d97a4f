"""How many elements a pipeline has: a number, INFINITE or UNKNOWN (the codes of `tf.data`), and their arithmetic."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from typing import Any

INFINITE = -1
UNKNOWN = -2


def least(counts: Iterable[int]) -> int:
    """Return the count of what ends with the first of several."""
    known = list(counts)
    if UNKNOWN in known:
        return UNKNOWN
    return min((count for count in known if count != INFINITE), default=INFINITE)


def total(counts: Iterable[int]) -> int:
    """Return the count of several, one after the other."""
    known = list(counts)
    if INFINITE in known:
        return INFINITE
    return UNKNOWN if UNKNOWN in known else sum(known)


def whole(caller: str, argument: str, value: Any, least: int = 1) -> int:
    """Return `value` as an int.

    Raises:
        TypeError: it is not a whole number.
        ValueError: it is below `least`.
    """
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{caller}: {argument} must be an integer, got {value!r}") from None
    if number < least:
        raise ValueError(f"{caller}: {argument} must be at least {least}, got {number}")
    return number
