"""`tf.Variable`, whose elements and slices can be assigned: v[0, 0].assign(3.0)."""

from __future__ import annotations

from typing import Any

from ... import variable
from ..._core import Tensor


class Variable(variable.Variable):
    """A tensor whose values are assigned in place; recorded by every open tape if trainable.

    Args:
        initial_value: values, or a function that returns them.
        trainable: None means True.
        shape: refused unless it is that of the values.
        validate_shape, caching_device, variable_def, import_scope, constraint, synchronization, aggregation,
            experimental_enable_variable_lifting: pynn takes their defaults only.
    """

    def __init__(
        self,
        initial_value: Any = None,
        trainable: bool | None = None,
        validate_shape: bool = True,
        caching_device: Any = None,
        name: str | None = None,
        variable_def: Any = None,
        dtype: Any = None,
        import_scope: Any = None,
        constraint: Any = None,
        synchronization: Any = None,
        aggregation: Any = None,
        shape: Any = None,
        experimental_enable_variable_lifting: bool = True,
    ) -> None:
        given = {
            "caching_device": caching_device, "variable_def": variable_def, "import_scope": import_scope,
            "constraint": constraint, "synchronization": synchronization, "aggregation": aggregation,
        }  # fmt: skip
        refused = [key for key, value in given.items() if value is not None]
        if refused or not validate_shape or not experimental_enable_variable_lifting:
            raise NotImplementedError(f"tf.Variable: pynn does not support {refused or 'other options'}")
        if initial_value is None:
            raise ValueError("tf.Variable: give initial_value")
        value = initial_value() if callable(initial_value) else initial_value
        kind = "int32" if dtype is None and _is_python_integer(value) else dtype
        super().__init__(value, shape, kind, trainable is not False, name)

    def __getitem__(self, key: Any) -> Tensor:
        found = super().__getitem__(key)
        part = Slice(0)
        part._adopt(found)
        return part

    def read_value(self) -> Tensor:
        """Return the values as a tensor."""
        return self * 1

    def __reduce__(self) -> tuple[Any, ...]:
        return Variable, (self.numpy(), self.trainable, True, None, self.name)


class Slice(Tensor):
    """A part of a variable, a view of its memory: what is assigned to it is assigned to the variable."""

    def assign(self, value: Any) -> Slice:
        """Set the values of this part of the variable."""
        self._assign(value)
        return self

    def assign_add(self, value: Any) -> Slice:
        """Add to this part of the variable."""
        self._assign(self.detach() + value)
        return self

    def assign_sub(self, value: Any) -> Slice:
        """Subtract from this part of the variable."""
        self._assign(self.detach() - value)
        return self


def _is_python_integer(value: Any) -> bool:
    while isinstance(value, (list, tuple)) and value:
        value = value[0]
    return isinstance(value, int) and not isinstance(value, bool)
