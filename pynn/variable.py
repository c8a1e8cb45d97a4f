"""Variable: a tensor that keeps its place in memory while its values change; what layers learn."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _core, config, initializers, structure
from ._core import ShapeError, Tensor
from .naming import auto_name

if TYPE_CHECKING:
    from .constraints import Constraint
    from .regularizers import Regularizer


class Variable(Tensor):
    """A tensor whose values are assigned in place.

    Args:
        initializer: the first values: an initializer's name, config or object, any callable
            `f(shape, dtype)`, or values (array, tensor, list, number), which are copied.
        shape: required with a callable or a name; with values it must be theirs.
        dtype: None keeps the dtype of integer and bool values and makes everything else `pynn.config.floatx()`.
        trainable: a trainable float variable is watched by every open `GradientTape`.
        name: None gives 'variable', 'variable_1', ...

    Raises:
        ValueError: the initializer needs a shape and none was given, or its name is unknown.
        ShapeError: `shape` is not that of the values.
    """

    def __init__(
        self,
        initializer: Any,
        shape: tuple[int, ...] | None = None,
        dtype: Any = None,
        trainable: bool = True,
        name: str | None = None,
    ) -> None:
        super().__init__(_first_values(initializer, shape, dtype))
        self.name = auto_name("variable") if name is None else name
        self.path = self.name
        self._regularizer: Regularizer | None = None
        self.constraint: Constraint | None = None
        # A layer that is unfrozen must not make its moving statistics trainable too.
        self._may_train = bool(trainable)
        self._trainable = False
        self.trainable = trainable

    @property
    def trainable(self) -> bool:
        """Whether gradient tapes record this variable and optimizers change it. Settable."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        value = bool(value)
        if value == self._trainable:
            return
        if _is_float(self):
            (self._watch if value else self._unwatch)()
        self._trainable = value
        structure.changed()

    @property
    def regularizer(self) -> Regularizer | None:
        """What makes a penalty of it for the loss. Settable."""
        return self._regularizer

    @regularizer.setter
    def regularizer(self, value: Regularizer | None) -> None:
        self._regularizer = value
        structure.changed()

    @property
    def value(self) -> Variable:
        """The variable itself: reading it follows later assignments and is recorded by tapes."""
        return self

    def numpy(self) -> np.ndarray[Any, Any]:
        """Return a copy of the current values: later assignments do not change it."""
        values: np.ndarray[Any, Any] = self.detach().to("cpu").numpy()
        return values.copy() if self.device == "cpu" else values

    def _move(self, device: str) -> None:
        """Put the values into memory of their own on another device."""
        if self.device != device:
            self._rebind(self.detach().to(device))
            vars(self).pop("_place", None)

    def assign(self, value: Any) -> Variable:
        """Set all values in place.

        Args:
            value: array-like of exactly this shape; cast to this dtype.

        Returns:
            This variable.

        Raises:
            ShapeError: the shapes differ.
        """
        value = _core.asarray(value)
        if value.shape != self.shape:
            raise ShapeError(
                f"cannot assign a value of shape {value.shape} to variable {self.path!r} "
                f"of shape {self.shape}"
            )
        self._assign(value)
        return self

    def assign_add(self, value: Any) -> Variable:
        """Add `value`, of this shape, in place; return this variable."""
        return self.assign(_plain(self) + _core.asarray(value))

    def assign_sub(self, value: Any) -> Variable:
        """Subtract `value`, of this shape, in place; return this variable."""
        return self.assign(_plain(self) - _core.asarray(value))

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (_plain(self), self._attributes())

    def __deepcopy__(self, memo: dict[int, Any]) -> Variable:
        memo[id(self)] = twin = _restored(_plain(self), self._attributes())
        twin._move(self.device)
        return twin

    def __copy__(self) -> Variable:
        return self.__deepcopy__({})

    def _attributes(self) -> dict[str, Any]:
        # Not where it lies: the twin has memory of its own.
        return {name: value for name, value in vars(self).items() if name != "_place"}

    def __repr__(self) -> str:
        return (
            f"<Variable path={self.path}, shape={self.shape}, dtype={self.dtype}, value={super().__str__()}>"
        )


def _restored(values: Tensor, attributes: dict[str, Any]) -> Variable:
    """Return a variable with these values and attributes: the other half of pickling."""
    variable = Variable(
        values, dtype=str(values.dtype), trainable=attributes["_trainable"], name=attributes["name"]
    )
    vars(variable).update(attributes)
    return variable


def _first_values(initializer: Any, shape: tuple[int, ...] | None, dtype: Any) -> Tensor:
    """Return fresh memory with the values that `initializer` stands for."""
    if isinstance(initializer, (str, dict)):
        initializer = initializers.get(initializer)
    if not callable(initializer):
        value = _core.asarray(initializer, dtype=dtype, copy=True)
        if dtype is None and str(value.dtype) in {"float32", "float64"} - {config.floatx()}:
            value = value.astype(config.floatx())
        if shape is not None and value.shape != tuple(shape):
            raise ShapeError(f"Variable: shape={tuple(shape)} but the values have shape {value.shape}")
        return value
    if shape is None:
        raise ValueError("Variable: an initializer needs a shape, for example shape=(784, 10)")
    _spend(shape, dtype)
    value = initializer(tuple(shape), dtype=dtype or config.floatx())
    return _core.asarray(value, dtype=dtype, copy=True)


def _is_float(tensor: Tensor) -> bool:
    return "float" in str(tensor.dtype)


def _plain(variable: Variable) -> Tensor:
    """Return the values outside of any tape: an assignment is not part of a computation."""
    return variable.detach()


# The values of several variables in a file --------------------------------------------------------------


class _Budget(threading.local):
    """Bytes of weights that may be made in this thread; None for any number."""

    left: int | None = None


_budget = _Budget()


@contextmanager
def weight_budget(size: int) -> Iterator[None]:
    """Within it, variables of more than `size` bytes in all are refused: a file may ask for any shape."""
    outer, _budget.left = _budget.left, size
    try:
        yield
    finally:
        _budget.left = outer


def _spend(shape: tuple[int, ...], dtype: Any) -> None:
    if _budget.left is None:
        return
    size = math.prod(shape) * _core.zeros((), dtype=dtype or "float32", device="cpu").numpy().itemsize
    if size > _budget.left:
        raise ValueError(f"a weight of shape {tuple(shape)} takes {size} bytes, more than the file can hold")
    _budget.left -= size


def write_values(variables: Sequence[Variable], store: Any) -> None:
    """Put the values into `store`, a dict or like one, under "0", "1", ..."""
    for position, variable in enumerate(variables):
        store[str(position)] = variable.numpy()


def read_values(title: str, variables: Sequence[Variable], store: Any) -> None:
    """Set variables from what `write_values` put into `store`; none is set if one does not fit.

    Args:
        title: of their owner, for messages.
        variables: what to set; numbers are cast to their dtypes, floats to floats and integers to integers.
        store: a dict of arrays, or like one.

    Raises:
        ValueError: another number of arrays, another shape, or numbers of another kind.
    """
    names = ", ".join(variable.name for variable in variables) or "none"
    if len(store.keys()) != len(variables):
        raise ValueError(f"{title} has {len(variables)} variables ({names}), the file {len(store.keys())}")
    arrays = []
    for position, variable in enumerate(variables):
        key = str(position)
        # A file's array is not read before its shape is known to fit.
        shape = tuple((store.dataset(key) if hasattr(store, "dataset") else np.asarray(store[key])).shape)
        if shape != variable.shape:
            raise ValueError(f"{title}: {variable.name} has shape {variable.shape}, in the file {shape}")
        array = np.asarray(store[key])
        kinds = "f" if _is_float(variable) else "iub"
        if array.dtype.kind not in kinds:
            raise ValueError(f"{title}: {variable.name} is {variable.dtype}, in the file {array.dtype}")
        arrays.append(array)
    for variable, array in zip(variables, arrays, strict=True):
        variable.assign(array)
