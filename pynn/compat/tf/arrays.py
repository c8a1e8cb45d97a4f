"""`tf.constant`, `tf.reshape`, `tf.concat` ...: making, arranging and reading tensors under TensorFlow's names."""

from __future__ import annotations

import builtins
from typing import Any

from ... import _core, ops
from ..._core import Tensor
from ...symbolic import is_symbolic


def constant(value: Any, dtype: Any = None, shape: Any = None, name: str | None = None) -> Tensor:
    """A tensor of the value; one number fills a shape."""
    x = ops.array(value, dtype)
    if shape is None:
        return x
    return ops.full(shape, x, x.dtype) if x.size == 1 else ops.reshape(x, shape)


def convert_to_tensor(
    value: Any, dtype: Any = None, dtype_hint: Any = None, name: str | None = None
) -> Tensor:
    """The value as a tensor."""
    return ops.convert_to_tensor(value, dtype)


def is_tensor(x: Any) -> builtins.bool:
    """Whether x is a tensor."""
    return ops.is_tensor(x)


def cast(x: Any, dtype: Any, name: str | None = None) -> Tensor:
    """x in another dtype."""
    return ops.cast(x, dtype)


def identity(input: Any, name: str | None = None) -> Tensor:
    """A tensor of the same values."""
    return ops.copy(input)


def zeros(shape: Any, dtype: Any = "float32", name: str | None = None) -> Tensor:
    """All 0."""
    return ops.zeros(shape, dtype)


def ones(shape: Any, dtype: Any = "float32", name: str | None = None) -> Tensor:
    """All 1."""
    return ops.ones(shape, dtype)


def zeros_like(input: Any, dtype: Any = None, name: str | None = None) -> Tensor:
    """All 0, of the input's shape."""
    return ops.zeros_like(input, dtype)


def ones_like(input: Any, dtype: Any = None, name: str | None = None) -> Tensor:
    """All 1, of the input's shape."""
    return ops.ones_like(input, dtype)


def fill(dims: Any, value: Any, name: str | None = None) -> Tensor:
    """All `value`, of its dtype."""
    x = ops.convert_to_tensor(value)
    return ops.full(dims, x, x.dtype)


def eye(
    num_rows: int,
    num_columns: int | None = None,
    batch_shape: Any = None,
    dtype: Any = "float32",
    name: str | None = None,
) -> Tensor:
    """1 on the diagonal, 0 elsewhere; repeated for a batch."""
    x = ops.eye(num_rows, num_columns, 0, dtype)
    return x if batch_shape is None else ops.broadcast_to(x, (*batch_shape, *x.shape))


def range(
    start: Any, limit: Any = None, delta: Any = 1, dtype: Any = None, name: str | None = None
) -> Tensor:
    """start, start + delta, ... below limit; from 0 to start without a limit."""
    return ops.arange(start, limit, delta, dtype)


def linspace(start: Any, stop: Any, num: int, name: str | None = None, axis: int = 0) -> Any:
    """num evenly spaced numbers from start to stop."""
    return ops.linspace(start, stop, num, axis=axis)


def shape(input: Any, out_type: Any = "int32", name: str | None = None) -> Any:
    """The sizes of the axes as a tensor; of a symbolic tensor, a tuple with None for what is not known."""
    sizes = ops.shape(input)
    return sizes if is_symbolic(input) else _core.asarray(list(sizes), dtype=out_type)


def rank(input: Any, name: str | None = None) -> Tensor:
    """The number of axes."""
    return ops.convert_to_tensor(ops.ndim(input))


def size(input: Any, out_type: Any = "int32", name: str | None = None) -> Tensor:
    """The number of elements."""
    return ops.convert_to_tensor(ops.size(input), out_type)


def reshape(tensor: Any, shape: Any, name: str | None = None) -> Tensor:
    """The elements in another shape."""
    return ops.reshape(tensor, shape)


def transpose(a: Any, perm: Any = None, conjugate: builtins.bool = False, name: str | None = None) -> Tensor:
    """The axes in another order, by default reversed."""
    return ops.transpose(a, perm)


def expand_dims(input: Any, axis: int, name: str | None = None) -> Tensor:
    """A new axis of size 1."""
    return ops.expand_dims(input, axis)


def squeeze(input: Any, axis: Any = None, name: str | None = None) -> Tensor:
    """Without axes of size 1."""
    return ops.squeeze(input, tuple(axis) if isinstance(axis, list) else axis)


def concat(values: Any, axis: int, name: str | None = None) -> Tensor:
    """Tensors joined along an axis."""
    return ops.concatenate(values, int(axis))


def stack(values: Any, axis: int = 0, name: str | None = None) -> Tensor:
    """Tensors joined along a new axis."""
    return ops.stack(values, axis)


def unstack(value: Any, num: int | None = None, axis: int = 0, name: str | None = None) -> list[Tensor]:
    """The slices along an axis."""
    return ops.unstack(value, num, axis)


def split(
    value: Any, num_or_size_splits: Any, axis: int = 0, num: int | None = None, name: str | None = None
) -> list[Tensor]:
    """Equal parts of an axis, or parts of given sizes, one of which may be -1."""
    if isinstance(num_or_size_splits, int):
        return ops.split(value, num_or_size_splits, axis)
    sizes = [int(n) for n in num_or_size_splits]
    total = ops.shape(value)[axis]
    sizes = [total - sum(m for m in sizes if m >= 0) if n < 0 else n for n in sizes]
    ends = [sum(sizes[: i + 1]) for i in builtins.range(len(sizes) - 1)]
    return ops.split(value, ends, axis)


def tile(input: Any, multiples: Any, name: str | None = None) -> Tensor:
    """The input repeated as a whole along each axis."""
    return ops.tile(input, multiples)


def repeat(input: Any, repeats: Any, axis: int | None = None, name: str | None = None) -> Tensor:
    """Each element repeated."""
    return ops.repeat(input, repeats, axis)


def reverse(tensor: Any, axis: Any, name: str | None = None) -> Tensor:
    """The order of elements reversed along axes."""
    return ops.flip(tensor, tuple(axis) if isinstance(axis, list) else axis)


def roll(input: Any, shift: Any, axis: Any, name: str | None = None) -> Tensor:
    """Elements shifted along axes."""
    return ops.roll(input, shift, axis)


def broadcast_to(input: Any, shape: Any, name: str | None = None) -> Tensor:
    """The input repeated to a shape that it broadcasts to."""
    return ops.broadcast_to(input, shape)


def meshgrid(*args: Any, indexing: str = "xy", name: str | None = None) -> list[Tensor]:
    """The coordinates of every point of a grid."""
    return ops.meshgrid(*args, indexing=indexing)


def pad(
    tensor: Any, paddings: Any, mode: str = "CONSTANT", constant_values: Any = 0, name: str | None = None
) -> Tensor:
    """The tensor with margins; mode is 'CONSTANT', 'REFLECT' or 'SYMMETRIC'."""
    kind = mode.lower()
    return ops.pad(tensor, paddings, kind, constant_values if kind == "constant" else None)


def gather(
    params: Any,
    indices: Any,
    validate_indices: Any = None,
    axis: int | None = None,
    batch_dims: int = 0,
    name: str | None = None,
) -> Tensor:
    """The slices at positions along an axis, by default the first."""
    if batch_dims:
        raise NotImplementedError("tf.gather: pynn takes batch_dims=0; use keras.ops.take_along_axis")
    return ops.take(params, indices, 0 if axis is None else axis)


def gather_nd(params: Any, indices: Any, batch_dims: int = 0, name: str | None = None) -> Tensor:
    """The elements or slices at positions along the first axes, one position a row of indices."""
    if batch_dims:
        raise NotImplementedError("tf.gather_nd: pynn takes batch_dims=0; use keras.ops.take_along_axis")
    places = ops.convert_to_tensor(indices)
    return ops.get_item(params, tuple(places[..., i] for i in builtins.range(places.shape[-1])))


def boolean_mask(tensor: Any, mask: Any, axis: int | None = None, name: str = "boolean_mask") -> Tensor:
    """The elements or slices where the mask is true."""
    where = ops.cast(mask, "bool")
    if axis in (None, 0):
        return ops.get_item(tensor, where)
    return ops.take(tensor, ops.nonzero(where)[0], axis)


def scatter_nd(indices: Any, updates: Any, shape: Any, name: str | None = None) -> Tensor:
    """Zeros, with the updates added at positions."""
    return ops.scatter(indices, updates, shape)


def tensor_scatter_nd_update(tensor: Any, indices: Any, updates: Any, name: str | None = None) -> Tensor:
    """A copy with the updates at positions."""
    return ops.scatter_update(tensor, indices, updates)


def tensor_scatter_nd_add(tensor: Any, indices: Any, updates: Any, name: str | None = None) -> Tensor:
    """A copy with the updates added at positions."""
    return ops.scatter_update(tensor, indices, updates, "add")


def slice(input_: Any, begin: Any, size: Any, name: str | None = None) -> Tensor:
    """A box that begins at a position; a size of -1 goes to the end."""
    start = [int(n) for n in begin]
    full = [m - a if n == -1 else int(n) for n, a, m in zip(size, start, ops.shape(input_), strict=True)]
    return ops.slice(input_, start, full)


def where(condition: Any, x: Any = None, y: Any = None, name: str | None = None) -> Any:
    """x where the condition is true, else y; with the condition alone, the positions (n, axes) as int64."""
    if x is None and y is None:
        return ops.cast(ops.stack(list(ops.nonzero(condition)), axis=1), "int64")
    return ops.where(condition, x, y)


def one_hot(
    indices: Any,
    depth: Any,
    on_value: Any = None,
    off_value: Any = None,
    axis: int | None = None,
    dtype: Any = None,
    name: str | None = None,
) -> Tensor:
    """`on_value` (1) at the index, `off_value` (0) elsewhere, along a new axis."""
    hot = ops.one_hot(indices, int(depth), -1 if axis is None else axis, dtype or "float32")
    if on_value is None and off_value is None:
        return hot
    found: Tensor = ops.where(hot, 1 if on_value is None else on_value, 0 if off_value is None else off_value)
    return found


def sort(values: Any, axis: int = -1, direction: str = "ASCENDING", name: str | None = None) -> Tensor:
    """Sorted along an axis; direction is 'ASCENDING' or 'DESCENDING'."""
    x = ops.sort(values, axis)
    return ops.flip(x, axis) if _falls("sort", direction) else x


def argsort(
    values: Any,
    axis: int = -1,
    direction: str = "ASCENDING",
    stable: builtins.bool = False,
    name: str | None = None,
) -> Tensor:
    """The positions that sort along an axis, stably."""
    if not _falls("argsort", direction):
        return ops.argsort(values, axis)
    return _core.argsort(ops.convert_to_tensor(values), axis=axis, descending=True).astype("int32")


def stop_gradient(input: Any, name: str | None = None) -> Tensor:
    """The same values, through which no gradient flows."""
    return ops.stop_gradient(input)


def cond(pred: Any, true_fn: Any = None, false_fn: Any = None, name: str | None = None) -> Any:
    """true_fn() if pred, else false_fn()."""
    return ops.cond(pred, true_fn, false_fn)


def while_loop(
    cond: Any,
    body: Any,
    loop_vars: Any,
    shape_invariants: Any = None,
    parallel_iterations: int = 10,
    back_prop: builtins.bool = True,
    swap_memory: builtins.bool = False,
    maximum_iterations: int | None = None,
    name: str | None = None,
) -> Any:
    """Variables, replaced by body(*variables) while cond(*variables).

    How TensorFlow would compile it has no meaning here.
    """
    found = ops.while_loop(cond, body, loop_vars, maximum_iterations)
    return list(found) if isinstance(loop_vars, list) else found


def map_fn(fn: Any, elems: Any, *args: Any, **kwargs: Any) -> Any:
    """fn of each slice of elems, stacked. Further arguments say how TensorFlow would compile it: no meaning here."""
    return ops.map(fn, elems)


def vectorized_map(fn: Any, elems: Any, fallback_to_while_loop: builtins.bool = True) -> Any:
    """fn of each slice of elems, stacked."""
    return ops.map(fn, elems)


def _falls(name: str, direction: str) -> builtins.bool:
    if direction not in ("ASCENDING", "DESCENDING"):
        raise ValueError(f"tf.{name}: direction must be 'ASCENDING' or 'DESCENDING', got {direction!r}")
    return direction == "DESCENDING"
