"""`compile(loss="crossentropy")`: the cross-entropy that suits the shapes of targets and outputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .._core import Tensor
from .loss import Loss, to_tensor
from .probabilistic import BinaryCrossentropy, CategoricalCrossentropy, SparseCategoricalCrossentropy

CROSSENTROPY_NAMES = ("crossentropy", "ce")


class ShapedCrossentropy(Loss):
    """A cross-entropy of probabilities that is chosen by the first targets and outputs, by Keras 3's rules.

    Binary for one output; sparse for targets that lack the class axis or have size 1 there; categorical otherwise.

    Args:
        name: what the user called it.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._chosen: Loss | None = None

    def for_shapes(self, y_shape: Sequence[int | None], output_shape: Sequence[int | None]) -> Loss:
        """Return the loss for targets and outputs of these shapes, both with the batch axis."""
        if self._chosen is not None:
            return self._chosen
        if output_shape[-1] == 1:
            return BinaryCrossentropy(name=self.name)
        if len(y_shape) < len(output_shape) or y_shape[-1] == 1:
            return SparseCategoricalCrossentropy(name=self.name)
        return CategoricalCrossentropy(name=self.name)

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Tensor:
        """Choose, if this is the first call, and return the reduced loss, as `Loss` does."""
        if self._chosen is None:
            y_true, y_pred = to_tensor(y_true), to_tensor(y_pred)
            self._chosen = self.for_shapes(y_true.shape, y_pred.shape)
        return self._chosen(y_true, y_pred, sample_weight)
