"""Masking: leaves out the steps of a sequence that hold nothing but a certain value."""

from __future__ import annotations

from typing import Any

from .. import _core
from .._core import Tensor
from ..masks import Masks
from .layer import Layer
from .spec import Dims


class Masking(Layer):
    """A step (B, steps, features) all of whose features are `mask_value` becomes 0 and does not count further on.

    Args:
        mask_value: what is left out.
    """

    supports_masking = True

    def __init__(self, mask_value: float = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.mask_value = mask_value
        Masks.ever = True

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Tensor:
        return _core.any(inputs != self.mask_value, axis=-1)

    def call(self, inputs: Tensor) -> Tensor:
        kept = _core.any(inputs != self.mask_value, axis=-1, keepdims=True)
        return inputs * kept.astype(inputs.dtype)

    def compute_output_shape(self, input_shape: Dims) -> Dims:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "mask_value": self.mask_value}
