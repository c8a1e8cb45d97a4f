"""Layers that make and walk sequences (B, steps, ...): RepeatVector, TimeDistributed."""

from __future__ import annotations

from typing import Any

from .. import _core
from .._core import ShapeError, Tensor
from .core import positive
from .fault import Fault
from .layer import Layer
from .spec import Dims, InputSpec
from .wrapper import Wrapper


class TimeDistributed(Wrapper):
    """The same layer at every step: (B, steps, ...) is to `layer` a batch of B * steps.

    Args:
        layer: takes one step.

    Raises:
        ShapeError: (when called) the input has fewer than 3 axes, or the mask does not fit it.
    """

    supports_masking = True

    input_spec = InputSpec(min_ndim=3)

    def build(self, input_shape: Dims) -> None:
        super().build((None, *input_shape[2:]))

    def call(self, inputs: Tensor, training: bool | None = None, mask: Tensor | None = None) -> Tensor:
        batch, steps, *rest = inputs.shape
        options: dict[str, Any] = {"training": training}
        if mask is not None and self.layer._takes_mask:
            mask = _core.asarray(mask)
            if mask.shape[:2] != (batch, steps):
                rows = [("input", f"{inputs.shape}", ""), ("mask", f"{mask.shape}", "")]
                raise ShapeError(Fault(self, f" expected a mask of the shape {(batch, steps)}", rows))
            options["mask"] = mask.reshape(batch * steps, *mask.shape[2:])
        y = self.layer(inputs.reshape(batch * steps, *rest), **options)
        return _core.reshape(y, (batch, steps, *y.shape[1:]))

    def compute_output_shape(self, input_shape: Dims) -> Dims:
        batch, *rest = self.layer.compute_output_shape((input_shape[0], *input_shape[2:]))
        return (batch, input_shape[1], *rest)


class RepeatVector(Layer):
    """Each sample n times: (B, size) becomes (B, n, size)."""

    input_spec = InputSpec(ndim=2)

    def __init__(self, n: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.n = positive("RepeatVector", "n", n)

    def call(self, inputs: Tensor) -> Tensor:
        return _core.repeat(inputs[:, None], self.n, axis=1)

    def compute_output_shape(self, input_shape: Dims) -> Dims:
        return (input_shape[0], self.n, *input_shape[1:])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "n": self.n}
