"""Operations that arrange elements: other shapes, axes in another order, joining, splitting, padding, repeating."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import _core
from .._core import ShapeError, Tensor
from .convert import axes_of, axis_of, shape_of, sizes, tensor
from .reductions import sum as total


def reshape(x: Any, newshape: Any) -> Tensor:
    """The elements in another shape, in row-major order; one size may be -1."""
    shape = newshape if type(newshape) is tuple else shape_of(newshape)
    return _core.reshape(x if isinstance(x, Tensor) else tensor(x), shape)


def ravel(x: Any) -> Tensor:
    """The elements along one axis."""
    return _core.reshape(tensor(x), (-1,))


def transpose(x: Any, axes: Any = None) -> Tensor:
    """The axes in another order, by default reversed."""
    x = tensor(x)
    return _core.permute_dims(x, tuple(range(x.ndim))[::-1] if axes is None else sizes(axes))


def moveaxis(x: Any, source: Any, destination: Any) -> Tensor:
    """Axes moved to other places; the others keep their order."""
    x = tensor(x)
    sources, tos = axes_of("moveaxis", source, x.ndim), axes_of("moveaxis", destination, x.ndim)
    if len(sources) != len(tos):
        raise ValueError(f"moveaxis: {len(sources)} axes cannot go to {len(tos)} places")
    order = [axis for axis in range(x.ndim) if axis not in sources]
    for place, axis in sorted(zip(tos, sources, strict=True)):
        order.insert(place, axis)
    return _core.permute_dims(x, order)


def swapaxes(x: Any, axis1: int, axis2: int) -> Tensor:
    """Two axes exchanged."""
    x = tensor(x)
    order = list(range(x.ndim))
    i, j = axis_of("swapaxes", axis1, x.ndim), axis_of("swapaxes", axis2, x.ndim)
    order[i], order[j] = j, i
    return _core.permute_dims(x, order)


def expand_dims(x: Any, axis: Any) -> Tensor:
    """A new axis of size 1 at each position in axis."""
    return _core.expand_dims(tensor(x), axis)


def squeeze(x: Any, axis: Any = None) -> Tensor:
    """Without the named axes, which must have size 1; without any such axes if none is named."""
    x = tensor(x)
    if axis is None:
        axis = tuple(i for i, n in enumerate(x.shape) if n == 1)
    return _core.squeeze(x, axis)


def broadcast_to(x: Any, shape: Any) -> Tensor:
    """x repeated to a shape that it broadcasts to."""
    return _core.broadcast_to(tensor(x), shape_of(shape))


def concatenate(xs: Any, axis: int | None = 0) -> Tensor:
    """Tensors joined along an axis; flattened first if axis is None."""
    return _core.concat(_alike(xs), axis=axis)


def stack(x: Any, axis: int = 0) -> Tensor:
    """Tensors of one shape joined along a new axis."""
    return _core.stack(_alike(x), axis=axis)


def append(x1: Any, x2: Any, axis: int | None = None) -> Tensor:
    """x2 joined to x1 along an axis; both flattened first if axis is None."""
    return concatenate([x1, x2], axis)


def hstack(xs: Any) -> Tensor:
    """Tensors joined along axis 1, or 0 if they have only one; numbers count as one axis."""
    parts = [_at_least(x, 1) for x in _alike(xs)]
    return _core.concat(parts, axis=0 if parts and parts[0].ndim == 1 else 1)


def vstack(xs: Any) -> Tensor:
    """Tensors joined along axis 0; those of one axis are rows."""
    return _core.concat([_at_least(x, 2) for x in _alike(xs)], axis=0)


def dstack(xs: Any) -> Tensor:
    """Tensors joined along axis 2, which those of fewer axes get."""
    parts = [_at_least(x, 2) for x in _alike(xs)]
    return _core.concat([x[..., None] if x.ndim == 2 else x for x in parts], axis=2)


def split(x: Any, indices_or_sections: Any, axis: int = 0) -> list[Tensor]:
    """A list of n equal parts of an axis, or of the parts that end at the given positions."""
    x = tensor(x)
    if isinstance(indices_or_sections, (int, np.integer)):
        return _core.split(x, int(indices_or_sections), axis=axis)
    return _core.split(x, sizes(indices_or_sections), axis=axis)


def array_split(x: Any, indices_or_sections: Any, axis: int = 0) -> list[Tensor]:
    """As `split`, but n need not divide the axis: the first parts are longer by one then."""
    x = tensor(x)
    if not isinstance(indices_or_sections, (int, np.integer)):
        return split(x, indices_or_sections, axis)
    n, parts = x.shape[axis_of("array_split", axis, x.ndim)], int(indices_or_sections)
    if parts < 1:
        raise ValueError(f"array_split: the number of parts must be at least 1, got {parts}")
    ends = np.cumsum([n // parts + (i < n % parts) for i in range(parts - 1)])
    return split(x, ends, axis)


def hsplit(x: Any, indices_or_sections: Any) -> list[Tensor]:
    """`split` along axis 1, or 0 if there is only one."""
    x = tensor(x)
    return split(x, indices_or_sections, 0 if x.ndim == 1 else 1)


def vsplit(x: Any, indices_or_sections: Any) -> list[Tensor]:
    """`split` along axis 0."""
    return split(x, indices_or_sections, 0)


def dsplit(x: Any, indices_or_sections: Any) -> list[Tensor]:
    """`split` along axis 2."""
    return split(x, indices_or_sections, 2)


def unstack(x: Any, num: int | None = None, axis: int = 0) -> list[Tensor]:
    """A list of the slices along an axis, without that axis.

    Args:
        num: how many there are, if it should be checked.
    """
    x = tensor(x)
    place = axis_of("unstack", axis, x.ndim)
    if num is not None and num != x.shape[place]:
        raise ShapeError(f"unstack: num={num} but axis {axis} of shape {x.shape} has {x.shape[place]} slices")
    return list(_core.moveaxis(x, place, 0))


def flip(x: Any, axis: Any = None) -> Tensor:
    """The order of elements reversed along axes, by default all."""
    return _core.flip(tensor(x), axis=axis)


def fliplr(x: Any) -> Tensor:
    """Reversed along axis 1."""
    return _core.flip(tensor(x), axis=1)


def flipud(x: Any) -> Tensor:
    """Reversed along axis 0."""
    return _core.flip(tensor(x), axis=0)


def rot90(array: Any, k: int = 1, axes: tuple[int, int] = (0, 1)) -> Tensor:
    """Turned by k quarters, from the first of two axes towards the second."""
    x = tensor(array)
    first, second = (axis_of("rot90", axis, x.ndim) for axis in axes)
    if first == second:
        raise ValueError(f"rot90: the axes must differ, got {axes}")
    k %= 4
    if k == 2:
        return _core.flip(x, axis=(first, second))
    if k == 1:
        return swapaxes(_core.flip(x, axis=second), first, second)
    return _core.flip(swapaxes(x, first, second), axis=second) if k else x


def roll(x: Any, shift: Any, axis: Any = None) -> Tensor:
    """Elements shifted along axes; what leaves at one end comes in at the other."""
    x = tensor(x)
    if axis is not None and isinstance(axis, (tuple, list)) and isinstance(shift, int):
        shift = (shift,) * len(axis)
    return _core.roll(x, shift, axis=axis)


def repeat(x: Any, repeats: Any, axis: int | None = None) -> Tensor:
    """Each element repeated along an axis, or in the flattened tensor."""
    return _core.repeat(tensor(x), repeats, axis=axis)


def tile(x: Any, repeats: Any) -> Tensor:
    """x repeated as a whole along each axis."""
    return _core.tile(tensor(x), shape_of(repeats))


def meshgrid(*x: Any, indexing: str = "xy") -> list[Tensor]:
    """The coordinates of every point of the grid that tensors of one axis span."""
    return _core.meshgrid(*(_core.reshape(tensor(item), (-1,)) for item in x), indexing=indexing)


def pad(x: Any, pad_width: Any, mode: str = "constant", constant_values: Any = None) -> Tensor:
    """x with margins.

    Args:
        pad_width: (before, after) for each axis, or one pair or number for all.
        mode: 'constant', 'reflect' (without the edge), 'symmetric' (with it), 'edge' or 'wrap'.
        constant_values: of the margins in mode 'constant'; None means 0.
    """
    y = tensor(x)
    if mode != "constant" and constant_values is not None:
        raise ValueError(f"pad: constant_values is for mode='constant', got mode={mode!r}")
    if mode not in ("constant", "reflect", "symmetric", "edge", "wrap"):
        raise ValueError(
            f"pad: mode must be 'constant', 'reflect', 'symmetric', 'edge' or 'wrap', got {mode!r}"
        )
    widths = np.broadcast_to(
        np.asarray(tensor(pad_width).to("cpu").numpy(), dtype=np.int64), (y.ndim, 2)
    ).tolist()
    if any(n < 0 for pair in widths for n in pair):
        raise ValueError(f"pad: widths must not be negative, got {pad_width}")
    value = 0 if constant_values is None else constant_values
    for axis, (before, after) in enumerate(widths):
        if not (before or after):
            continue
        if mode == "constant":
            y = _with_margins(y, axis, before, after, value)
        else:
            places = np.pad(np.arange(y.shape[axis]), (before, after), mode=mode)  # type: ignore[call-overload]
            y = _core.take(y, places, axis=axis)
    return y


def diag(x: Any, k: int = 0) -> Tensor:
    """The diagonal k of a matrix, or the matrix with a vector there."""
    x = tensor(x)
    if x.ndim == 1:
        n = x.shape[0] + abs(k)
        long = _core.concat([x, _core.zeros((abs(k),), dtype=x.dtype)])
        return _core.where(_core.eye(n, k=k, dtype="bool"), long[:, None] if k >= 0 else long, 0)
    if x.ndim == 2:
        return diagonal(x, k)
    raise ShapeError(f"diag: needs 1 or 2 dimensions, got shape {x.shape}")


def diagflat(x: Any, k: int = 0) -> Tensor:
    """The matrix with the flattened elements on diagonal k."""
    return diag(ravel(x), k)


def diagonal(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    """The diagonals of the matrices in two axes, along a new last axis."""
    x = tensor(x)
    first, second = axis_of("diagonal", axis1, x.ndim), axis_of("diagonal", axis2, x.ndim)
    others = [axis for axis in range(x.ndim) if axis not in (first, second)]
    x = _core.permute_dims(x, (*others, first, second))
    rows, columns = x.shape[-2:]
    count = max(0, min(rows + min(offset, 0), columns - max(offset, 0)))
    places = np.arange(count)
    at = (places + max(-offset, 0)) * columns + places + max(offset, 0)
    return _core.take(x.reshape((*x.shape[:-2], rows * columns)), at, axis=-1)


def trace(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    """The sums of the diagonals."""
    return total(diagonal(x, offset, axis1, axis2), -1)


def tril(x: Any, k: int = 0) -> Tensor:
    """Matrices with zeros above diagonal k."""
    return _core.tril(tensor(x), k=k)


def triu(x: Any, k: int = 0) -> Tensor:
    """Matrices with zeros below diagonal k."""
    return _core.triu(tensor(x), k=k)


def rearrange(tensor: Any, pattern: str, **axes_lengths: int) -> Tensor:
    """Axes split, reordered and joined as a pattern says: 'b (h w) c -> b c h w'.

    Args:
        pattern: names of the axes before and after; parentheses join several into one, `1` is an axis of size 1.
        axes_lengths: sizes of named axes; one in each pair of parentheses may be left out.

    Raises:
        ValueError: the pattern cannot be read, or does not fit.
    """
    x = _core.asarray(tensor)
    parts = pattern.split("->")
    if len(parts) != 2 or "..." in pattern:
        raise ValueError(
            f"rearrange: the pattern must be 'axes -> axes' of names and parentheses, got {pattern!r}"
        )
    before, after = _groups(parts[0]), _groups(parts[1])
    if len(before) != x.ndim:
        raise ValueError(
            f"rearrange: {parts[0].strip()!r} names {len(before)} axes but the shape is {x.shape}"
        )
    known = dict(axes_lengths)
    for group, n in zip(before, x.shape, strict=True):
        open_names = [name for name in group if name not in known]
        rest = math.prod(known[name] for name in group if name in known)
        if len(open_names) > 1 or (n % rest if open_names else n != rest):
            raise ValueError(f"rearrange: cannot split an axis of size {n} as {' '.join(group) or '1'}")
        if open_names:
            known[open_names[0]] = n // rest
    names = [name for group in before for name in group]
    order = [name for group in after for name in group]
    if sorted(names) != sorted(order) or len(set(names)) != len(names):
        raise ValueError(f"rearrange: both sides of {pattern!r} must name the same axes once each")
    x = x.reshape(tuple(known[name] for name in names))
    x = _core.permute_dims(x, [names.index(name) for name in order]) if names else x
    return x.reshape(tuple(math.prod(known[name] for name in group) for group in after))


def _groups(side: str) -> list[list[str]]:
    """Return the names in each axis of one side of a pattern; `1` is an axis without a name."""
    found: list[list[str]] = []
    inside = False
    for word in side.replace("(", " ( ").replace(")", " ) ").split():
        if word == "(":
            inside = True
            found.append([])
        elif word == ")":
            inside = False
        elif word == "1":
            found.extend([] if inside else [[]])
        elif inside:
            found[-1].append(word)
        else:
            found.append([word])
    return found


def _alike(xs: Any) -> list[Tensor]:
    """Return a list of tensors, or the slices of one."""
    return list(xs) if isinstance(xs, Tensor) else [x if isinstance(x, Tensor) else tensor(x) for x in xs]


def _at_least(x: Tensor, ndim: int) -> Tensor:
    return _core.reshape(x, (*(1,) * (ndim - x.ndim), *x.shape)) if x.ndim < ndim else x


def _with_margins(x: Tensor, axis: int, before: int, after: int, value: Any) -> Tensor:
    ends = [
        _core.full((*x.shape[:axis], n, *x.shape[axis + 1 :]), value, dtype=x.dtype) for n in (before, after)
    ]
    return _core.concat([ends[0], x, ends[1]], axis=axis)
