"""Conversion, dtypes and shapes, and control flow: branches, loops and functions over the slices of tensors."""

from __future__ import annotations

import builtins
import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _core
from .._core import Tensor
from ..symbolic import flatten, is_symbolic, map_structure, pack
from .convert import axis_of, from_numpy, is_float
from .convert import cast as to_dtype
from .convert import tensor as to_tensor


def convert_to_tensor(
    x: Any, dtype: Any = None, sparse: bool | None = None, ragged: bool | None = None
) -> Tensor:
    """x as a tensor: Python integers become int32, floats `pynn.config.floatx()`; arrays keep their dtype."""
    if sparse or ragged:
        raise NotImplementedError("convert_to_tensor: pynn has no sparse or ragged tensors")
    return to_tensor(x, dtype)


def convert_to_numpy(x: Any) -> npt.NDArray[Any]:
    """x as a NumPy array."""
    return to_tensor(x).to("cpu").numpy()


def is_tensor(x: Any) -> builtins.bool:
    """Whether x is a tensor; variables and symbolic tensors are."""
    return isinstance(x, Tensor) or is_symbolic(x)


def cast(x: Any, dtype: Any) -> Tensor:
    """x in another dtype."""
    return to_dtype(to_tensor(x), dtype)


def saturate_cast(x: Any, dtype: Any) -> Tensor:
    """x in another dtype, numbers outside of its range moved to its ends."""
    x, kind = to_tensor(x), _core.dtype(dtype)
    if kind.kind.endswith("integer"):
        low, high = _range(kind)
        own_low, own_high = (low, high) if is_float(x) else _range(x.dtype)
        x = _core.clip(x, max(low, own_low), min(high, own_high))
    return to_dtype(x, dtype)


def dtype(x: Any) -> str:
    """The name of x's dtype."""
    return str(x.dtype) if is_symbolic(x) else str(to_tensor(x).dtype)


def shape(x: Any) -> tuple[int, ...]:
    """The sizes of x's axes; of a symbolic tensor None where they are not known."""
    found: tuple[int, ...] = tuple(x.shape) if is_symbolic(x) else to_tensor(x).shape
    return found


def ndim(x: Any) -> int:
    """The number of x's axes."""
    return len(shape(x))


def size(x: Any) -> int:
    """The number of x's elements."""
    return to_tensor(x).size


def copy(x: Any) -> Tensor:
    """A copy of x."""
    return _core.asarray(to_tensor(x), copy=True)


def view(x: Any, dtype: Any = None) -> Tensor:
    """The bytes of x read as another dtype. By NumPy; no derivative."""
    if dtype is None:
        return to_tensor(x)
    values = _core.stop_gradient(to_tensor(x)).to("cpu").numpy()
    return from_numpy(np.ascontiguousarray(values).view(str(_core.dtype(dtype))))


def stop_gradient(variable: Any) -> Tensor:
    """The same values, through which no gradient flows."""
    return _core.stop_gradient(to_tensor(variable))


# Branches ------------------------------------------------------------------------------------------------


def cond(pred: Any, true_fn: Callable[[], Any], false_fn: Callable[[], Any]) -> Any:
    """true_fn() if pred, else false_fn()."""
    return true_fn() if builtins.bool(pred) else false_fn()


def switch(index: Any, branches: Any, *operands: Any) -> Any:
    """The result of the branch at an index, which is moved into range, called with the operands."""
    return branches[min(max(int(index), 0), len(branches) - 1)](*operands)


# Loops ---------------------------------------------------------------------------------------------------


def while_loop(
    cond: Callable[..., Any], body: Callable[..., Any], loop_vars: Any, maximum_iterations: int | None = None
) -> Any:
    """Variables, again and again replaced by body(*variables) while cond(*variables) is true.

    Args:
        loop_vars: a list or tuple, or one value.
        maximum_iterations: stop after so many.
    """
    alone = not isinstance(loop_vars, (tuple, list))
    values = (loop_vars,) if alone else tuple(loop_vars)
    count = 0
    while (maximum_iterations is None or count < maximum_iterations) and builtins.bool(cond(*values)):
        found = body(*values)
        values = tuple(found) if isinstance(found, (tuple, list)) else (found,)
        count += 1
    return values[0] if alone else values


def fori_loop(lower: Any, upper: Any, body_fun: Callable[[Any, Any], Any], init_val: Any) -> Any:
    """A value, replaced by body_fun(i, value) for i from `lower` up to, without, `upper`."""
    value = init_val
    for i in range(int(lower), int(upper)):
        value = body_fun(i, value)
    return value


def scan(
    f: Callable[[Any, Any], Any],
    init: Any,
    xs: Any = None,
    length: int | None = None,
    reverse: builtins.bool = False,
    unroll: int | builtins.bool = 1,
) -> tuple[Any, Any]:
    """A value carried through the slices of xs: carry, y = f(carry, x) for each.

    Args:
        xs: tensors in any structure, gone through along their first axes; None for x = None.
        length: how many slices, if xs does not say it.
        reverse: go from the last to the first.
        unroll: of no use here: nothing is compiled.

    Returns:
        The last carry, and the ys stacked in the order of xs.
    """
    parts = [to_tensor(x) for x in flatten(xs)] if xs is not None else []
    count = parts[0].shape[0] if length is None and parts else length
    if count is None:
        raise ValueError("scan: give xs or length")
    if any(x.shape[0] != count for x in parts):
        raise ValueError(f"scan: all xs need {count} slices, got shapes {[x.shape for x in parts]}")
    carry, found = init, []
    for i in reversed(range(count)) if reverse else range(count):
        carry, y = f(carry, pack(xs, [x[i] for x in parts]) if parts else None)
        found.append(y)
    return carry, _stacked(found[::-1] if reverse else found)


def associative_scan(
    f: Callable[[Any, Any], Any], elems: Any, reverse: builtins.bool = False, axis: int = 0
) -> Any:
    """Running results of an associative function of two: elems[0], f(elems[0], elems[1]), ...

    f takes slices of any length along `axis`; it is called about log2(length) times.
    """
    parts = [to_tensor(x) for x in flatten(elems)]
    places = [axis_of("associative_scan", axis, x.ndim) for x in parts]
    if reverse:
        parts = [_core.flip(x, axis=place) for x, place in zip(parts, places, strict=True)]
    count, step = parts[0].shape[places[0]], 1
    while step < count:
        first = [_part(x, place, None, -step) for x, place in zip(parts, places, strict=True)]
        second = [_part(x, place, step, None) for x, place in zip(parts, places, strict=True)]
        joined = flatten(f(pack(elems, first), pack(elems, second)))
        parts = [
            _core.concat([_part(x, place, None, step), to_tensor(y)], axis=place)
            for x, y, place in zip(parts, joined, places, strict=True)
        ]
        step *= 2
    if reverse:
        parts = [_core.flip(x, axis=place) for x, place in zip(parts, places, strict=True)]
    return pack(elems, parts)


def map(f: Callable[[Any], Any], xs: Any) -> Any:
    """f of each slice of xs along the first axes, stacked."""
    parts = [to_tensor(x) for x in flatten(xs)]
    return _stacked([f(pack(xs, [x[i] for x in parts])) for i in range(parts[0].shape[0])])


def vectorized_map(function: Callable[[Any], Any], elements: Any) -> Any:
    """As `map`: function of each slice, stacked. It is called once for each slice."""
    return map(function, elements)


def vectorize(
    pyfunc: Callable[..., Any], *, excluded: Any = None, signature: str | None = None
) -> Callable[..., Any]:
    """A function that calls pyfunc for each element of its arguments, which are broadcast, and stacks the results.

    Args:
        excluded: positions of arguments that are passed on as they are.
        signature: as NumPy's; pynn takes None only.
    """
    if signature is not None:
        raise NotImplementedError("vectorize: pynn takes no signature; write a loop, or use vectorized_map")
    left_out = set(excluded or ())

    def vectorized(*args: Any) -> Any:
        own = [i for i in range(len(args)) if i not in left_out]
        parts = _core.broadcast_arrays(*(to_tensor(args[i]) for i in own))
        full = parts[0].shape
        flat = [_core.reshape(x, (-1,)) for x in parts]
        results = []
        for k in range(flat[0].shape[0]):
            call = list(args)
            for i, x in zip(own, flat, strict=True):
                call[i] = x[k]
            results.append(pyfunc(*call))
        return map_structure(lambda y: _core.reshape(y, (*full, *y.shape[1:])), _stacked(results))

    return vectorized


def jvp(fun: Callable[..., Any], primals: Any, tangents: Any, has_aux: builtins.bool = False) -> Any:
    """fun(*primals) and its derivative along the tangents.

    The derivative is that of the backward pass with respect to what comes in, which is linear in it.

    Args:
        primals, tangents: lists of tensors of equal shapes.
        has_aux: fun returns (result, more); more is returned as a third value.
    """
    before = _core.set_recording(True)
    try:
        leaves = [_core.tensor(to_tensor(x), requires_grad=True) for x in primals]
        result = fun(*leaves)
        y, more = result if has_aux else (result, None)
        seed = _core.tensor(_core.zeros_like(y), requires_grad=True)
        found = _core.gradients(y, leaves, seed, True)
        total = sum(
            ((g * to_tensor(t)).sum() for g, t in zip(found, tangents, strict=True) if g is not None),
            start=(seed * 0).sum(),
        )
        (derivative,) = _core.gradients(total, [seed])
    finally:
        _core.set_recording(before)
    out = (y.detach(), _core.zeros_like(y) if derivative is None else derivative)
    return (*out, more) if has_aux else out


def custom_gradient(f: Callable[..., Any]) -> Callable[..., Any]:
    """A function with a gradient of its own.

    Args:
        f: returns (value, gradient): a tensor, and a function that takes the gradient of the value, also as
            `upstream`, and returns that of the argument, or a list of one for each.
    """

    @functools.wraps(f)
    def call(*args: Any) -> Tensor:
        inputs = [to_tensor(x) for x in args]
        before = _core.set_recording(False)
        try:
            value, gradient = f(*inputs)
        finally:
            _core.set_recording(before)
        return _core.with_gradient(to_tensor(value), inputs, gradient)

    return call


def _stacked(results: list[Any]) -> Any:
    """Return results of one structure as that structure of stacked tensors; None stays None."""
    leaves = [flatten(result) for result in results]
    columns = [
        None if column[0] is None else _core.stack([to_tensor(x) for x in column])
        for column in zip(*leaves, strict=True)
    ]
    return pack(results[0], columns)


def _part(x: Tensor, axis: int, first: int | None, last: int | None) -> Tensor:
    return x[(*(slice(None),) * axis, slice(first, last))]


def _range(kind: Any) -> tuple[int, int]:
    info = np.iinfo(str(kind))
    return int(info.min), int(info.max)
