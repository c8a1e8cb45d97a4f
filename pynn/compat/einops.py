"""The backend by which einops works on tensors. einops is imported by whoever uses it; see pynn/peers.py."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from .. import _core
from .._core import Tensor

_Backend: Any = import_module("einops._backends").AbstractBackend


class PynnBackend(_Backend):  # type: ignore[misc]
    """einops's operations by pynn's, each with its derivative."""

    framework_name = "pynn"

    def is_appropriate_type(self, tensor: Any) -> bool:
        """Whether it is a tensor of ours."""
        return isinstance(tensor, Tensor)

    def from_numpy(self, x: Any) -> Tensor:
        """Return a tensor that shares the array's memory."""
        return _core.asarray(x)

    def to_numpy(self, x: Tensor) -> Any:
        """Return an array that shares the tensor's memory."""
        return Tensor.numpy(x)

    def arange(self, start: int, stop: int) -> Tensor:
        """Return the integers from start up to stop."""
        return _core.arange(start, stop)

    def reduce(self, x: Tensor, operation: str, axes: tuple[int, ...]) -> Tensor:
        """Return x without `axes`, by the function of this name: min, max, sum, mean, prod, any or all."""
        function: Callable[..., Tensor] = getattr(_core, operation)
        return function(x, axis=axes)

    def stack_on_zeroth_dimension(self, tensors: list[Tensor]) -> Tensor:
        """Return the tensors of a list as one, along a new first axis."""
        return _core.stack(tensors)

    def add_axis(self, x: Tensor, new_position: int) -> Tensor:
        """Return x with a new axis of size 1."""
        return _core.expand_dims(x, axis=new_position)

    def add_axes(self, x: Tensor, n_axes: int, pos2len: dict[int, int]) -> Tensor:
        """Return x with new axes of these sizes, as a view."""
        for position in sorted(pos2len):
            x = self.add_axis(x, position)
        return _core.broadcast_to(x, tuple(pos2len.get(axis, x.shape[axis]) for axis in range(n_axes)))

    def tile(self, x: Tensor, repeats: tuple[int, ...]) -> Tensor:
        """Return x repeated along each axis."""
        return _core.tile(x, repeats)

    def concat(self, tensors: list[Tensor], axis: int) -> Tensor:
        """Return the tensors, joined along an axis."""
        return _core.concat(tensors, axis=axis)

    def is_float_type(self, x: Tensor) -> bool:
        """Whether the elements are floats."""
        return "float" in str(x.dtype)

    def einsum(self, pattern: str, *x: Tensor) -> Tensor:
        """Return the sum of products that the pattern says."""
        return _core.einsum(pattern, *x)
