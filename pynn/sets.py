"""The set functions of the array API standard: which values a tensor has, where, and how often.

Numbers that compare equal are one value; each NaN is a value of its own.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from . import _core
from ._core import Tensor


class UniqueAll(NamedTuple):
    """What unique_all gives."""

    values: Tensor
    indices: Tensor
    inverse_indices: Tensor
    counts: Tensor


class UniqueCounts(NamedTuple):
    """What unique_counts gives."""

    values: Tensor
    counts: Tensor


class UniqueInverse(NamedTuple):
    """What unique_inverse gives."""

    values: Tensor
    inverse_indices: Tensor


def unique_all(x: Any, /) -> UniqueAll:
    """Return the different values of x, rising, with where and how often they occur.

    Returns:
        values: 1-d, of x's dtype. Its gradient goes to the first occurrences.
        indices: int64, the first occurrence of each value in the flattened x.
        inverse_indices: int64, of x's shape: the place of each element among the values.
        counts: int64, how often each value occurs.
    """
    x = _core.asarray(x)
    flat = _core.reshape(x, (-1,)) if x.size else _core.reshape(x, (0,))
    order = _core.argsort(flat)
    new = _is_new(_core.take(flat, order))
    (starts,) = _core.nonzero(new)
    indices = _core.take(order, starts)
    place = _core.cumulative_sum(new.astype("int64")) - 1
    inverse = _core.reshape(_core.take(place, _core.argsort(order)), x.shape)
    counts = _core.diff(starts, append=_core.full((1,), flat.size))
    return UniqueAll(_core.take(flat, indices), indices, inverse, counts)


def unique_counts(x: Any, /) -> UniqueCounts:
    """Return the different values of x, rising, and how often each occurs (int64)."""
    found = unique_all(x)
    return UniqueCounts(found.values, found.counts)


def unique_inverse(x: Any, /) -> UniqueInverse:
    """Return the different values of x, rising, and the place of each element among them (int64, x's shape)."""
    found = unique_all(x)
    return UniqueInverse(found.values, found.inverse_indices)


def unique_values(x: Any, /) -> Tensor:
    """Return the different values of x, 1-d, rising."""
    return unique_all(x).values


def _is_new(ordered: Tensor) -> Tensor:
    """Whether each element of a sorted vector differs from the one before it."""
    first = _core.ones((min(ordered.size, 1),), dtype="bool")
    return _core.concat([first, ordered[1:] != ordered[:-1]])
