"""The shape of `x[key]` for a symbolic x."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .tensor import SymbolicTensor


def item_spec(x: Any, key: Any) -> SymbolicTensor | None:
    """Return `x[key]` for a key of integers, slices, None and ...; None for any other."""
    keys = key if isinstance(key, tuple) else (key,)
    if not all(item is None or item is Ellipsis or type(item) in (int, slice) for item in keys):
        return None
    used = sum(type(item) in (int, slice) for item in keys)
    if used > x.ndim:
        raise IndexError(f"too many indices for {x!r}: it has {x.ndim} axes, got {used} indices")
    gap = sum(item is Ellipsis for item in keys)
    if gap > 1:
        raise IndexError(f"an index may have one ..., got {key!r}")
    if not gap:
        keys = (*keys, Ellipsis)
    sizes, shape = list(x.shape), list[int | None]()
    for item in keys:
        if item is None:
            shape.append(1)
        elif item is Ellipsis:
            whole = x.ndim - used
            shape.extend(sizes[:whole])
            del sizes[:whole]
        elif type(item) is slice:
            shape.append(_slice_size(sizes.pop(0), item))
        else:
            _check_index(x, item, sizes.pop(0))
    spec: SymbolicTensor = type(x)(tuple(shape), x.dtype)
    return spec


def _slice_size(size: int | None, item: slice) -> int | None:
    if size is None:
        return None
    return len(range(*item.indices(size)))


def _check_index(x: SymbolicTensor, index: int, size: int | None) -> None:
    if size is not None and not -size <= index < size:
        raise IndexError(f"index {index} is out of range for an axis of size {size} of {x!r}")
