"""SymbolicTensor: shape, dtype and name of a tensor that does not exist yet, and where it comes from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from .._core import Tensor
from ..naming import auto_name
from .operators import Operators

if TYPE_CHECKING:
    from .graph import Node

Dims = tuple[int | None, ...]


class History(NamedTuple):
    """Where a symbolic tensor comes from: output `tensor_index` of node `node_index` of `operation`."""

    operation: Any
    node_index: int
    tensor_index: int

    @property
    def node(self) -> Node:
        """The node itself."""
        found: Node = self.operation._inbound_nodes[self.node_index]
        return found


class Made:
    """Whether this process has any symbolic tensor; while it has none, nobody needs to look for them."""

    any = False


class SymbolicTensor(Operators):
    """A tensor to come; `keras.KerasTensor`.

    Operators and functions of `pynn.ops` on it make more of them, for `keras.Model(inputs, outputs)`.

    Args:
        shape: None where any size fits; the first axis is the batch.
        dtype: its name.
        name: None gives 'keras_tensor', 'keras_tensor_1', ...
    """

    # NumPy leaves `array + symbolic` to the operators below.
    __array_ufunc__ = None

    def __init__(self, shape: Dims, dtype: str = "float32", name: str | None = None) -> None:
        Made.any = True
        self.shape: Dims = tuple(shape)
        self.dtype = str(dtype)
        self.name = auto_name("keras_tensor") if name is None else name
        self.history: History | None = None

    @property
    def ndim(self) -> int:
        """Number of axes, the batch included."""
        return len(self.shape)

    def __repr__(self) -> str:
        return f"<KerasTensor shape={self.shape}, dtype={self.dtype}, name={self.name}>"

    def __hash__(self) -> int:
        return id(self)

    # What needs values ---------------------------------------------------------------------------------

    def _refuse(self, what: str, cure: str) -> NoReturn:
        raise TypeError(
            f"{self!r} stands for data that a model will get later, so it has no {what} yet; {cure}"
        )

    def __bool__(self) -> bool:
        self._refuse("truth value", "write ops.where(condition, a, b) for `if`, ops.logical_and for `and`")

    def __float__(self) -> float:
        self._refuse("number in it", "compute with it by operators, pynn.ops or layers")

    def __int__(self) -> int:
        self._refuse("number in it", "compute with it by operators, pynn.ops or layers")

    def __index__(self) -> int:
        self._refuse("number in it", "compute with it by operators, pynn.ops or layers")

    def __len__(self) -> int:
        if not self.shape or self.shape[0] is None:
            self._refuse("length", "its shape is in .shape, with None for what is not known")
        return self.shape[0]

    def __iter__(self) -> Any:
        self._refuse("elements to go through", "take parts by index, as in x[:, 0]")

    def __contains__(self, item: Any) -> bool:
        self._refuse("elements to look through", "compare with operators, as in x == item")

    def numpy(self) -> NoReturn:
        """Raise a TypeError: there are no values yet."""
        self._refuse("values", "make a model of it, keras.Model(inputs, outputs), and call that on data")

    @property
    def __array_interface__(self) -> NoReturn:
        # Not by `__array__`: the operators of Tensor take what has one for an array, and would not let
        # SymbolicTensor's own have their turn.
        self._refuse(
            "values that NumPy could have",
            "use pynn.ops on it, or wrap the NumPy code in a Layer with its own compute_output_shape",
        )


def is_symbolic(value: Any) -> bool:
    """Return whether a value is a symbolic tensor."""
    return type(value) is SymbolicTensor


def has_symbolic(values: Iterable[Any]) -> bool:
    """Return whether a symbolic tensor is among some values, or in lists, tuples or dicts there."""
    for value in values:
        kind = type(value)
        if kind is SymbolicTensor:
            return True
        if kind is Tensor:
            continue
        if isinstance(value, (list, tuple)):
            if has_symbolic(value):
                return True
        elif kind is dict and has_symbolic(value.values()):
            return True
    return False
