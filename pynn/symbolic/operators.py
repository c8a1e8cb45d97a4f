"""What Python's operators do with symbolic tensors: each makes a node under its name in `pynn.ops`."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .. import _core
from .._core import Tensor
from . import function
from .indexing import item_spec


class Operators:
    """The operators and methods that give new symbolic tensors."""

    if TYPE_CHECKING:
        shape: tuple[int | None, ...]

    # Shapes --------------------------------------------------------------------------------------------

    def reshape(self, *newshape: Any) -> Any:
        """Return it in another shape."""
        sizes = newshape[0] if len(newshape) == 1 and isinstance(newshape[0], (tuple, list)) else newshape
        return function.apply(_core.reshape, "reshape", (self, tuple(sizes)))

    def squeeze(self, axis: Any = None) -> Any:
        """Return it without axes of size 1: `axis`, or all."""
        if axis is None:
            axis = tuple(axis for axis, size in enumerate(self.shape) if size == 1)
        return function.apply(_core.squeeze, "squeeze", (self, axis))

    def astype(self, dtype: Any) -> Any:
        """Return it in another dtype."""
        return function.apply(_cast, "cast", (self, str(dtype)))

    def __getitem__(self, key: Any) -> Any:
        return function.apply(operator.getitem, "get_item", (self, key), spec=item_spec)

    def __neg__(self) -> Any:
        return function.apply(operator.neg, "negative", (self,), elementwise=True)

    def __abs__(self) -> Any:
        return function.apply(operator.abs, "absolute", (self,), elementwise=True)

    def __invert__(self) -> Any:
        return function.apply(operator.invert, "logical_not", (self,), elementwise=True)

    def __matmul__(self, other: Any) -> Any:
        return function.apply(operator.matmul, "matmul", (self, other), spec=_matmul_spec)

    def __rmatmul__(self, other: Any) -> Any:
        return function.apply(operator.matmul, "matmul", (other, self), spec=_matmul_spec)


_BINARY = {
    "add": ("add", operator.add),
    "sub": ("subtract", operator.sub),
    "mul": ("multiply", operator.mul),
    "truediv": ("divide", operator.truediv),
    "floordiv": ("floor_divide", operator.floordiv),
    "mod": ("mod", operator.mod),
    "pow": ("power", operator.pow),
    "and": ("logical_and", operator.and_),
    "or": ("logical_or", operator.or_),
    "xor": ("logical_xor", operator.xor),
    "lt": ("less", operator.lt),
    "le": ("less_equal", operator.le),
    "gt": ("greater", operator.gt),
    "ge": ("greater_equal", operator.ge),
    "eq": ("equal", operator.eq),
    "ne": ("not_equal", operator.ne),
}
"""Python's name of each operator of two operands: Keras's name, and the function."""


def _add_operators() -> None:
    def add(python_name: str, name: str, compute: Callable[[Any, Any], Any]) -> None:
        def forward(self: Operators, other: Any) -> Any:
            return function.apply(compute, name, (self, other), elementwise=True)

        def reflected(self: Operators, other: Any) -> Any:
            return function.apply(compute, name, (other, self), elementwise=True)

        setattr(Operators, f"__{python_name}__", forward)
        if python_name not in ("lt", "le", "gt", "ge", "eq", "ne"):
            setattr(Operators, f"__r{python_name}__", reflected)

    for python_name, (name, compute) in _BINARY.items():
        add(python_name, name, compute)


_add_operators()


def _matmul_spec(x1: Any, x2: Any) -> Any:
    return function.matmul_spec(x1, x2)


def _cast(x: Tensor, dtype: str) -> Tensor:
    return x.astype(dtype)


OPERATORS: dict[str, tuple[Callable[..., Any], bool, Any]] = {
    **{name: (compute, True, None) for name, compute in _BINARY.values()},
    "negative": (operator.neg, True, None),
    "absolute": (operator.abs, True, None),
    "logical_not": (operator.invert, True, None),
    "matmul": (operator.matmul, False, _matmul_spec),
    "get_item": (operator.getitem, False, item_spec),
}
"""Every operator by its name in `pynn.ops`: the function, and how its outputs are found."""
