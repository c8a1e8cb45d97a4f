"""Adagrad: steps divided by the size of all gradients so far."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import _core
from .._core import Tensor
from .optimizer import LearningRate, Optimizer, registry
from .prepared import steady

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .options import Options


@registry.register("adagrad")
@steady
class Adagrad(Optimizer):
    """v += g²; w -= learning_rate * g / sqrt(v + epsilon) (Duchi et al. 2011). Formula as in Keras 3.

    Args:
        learning_rate: see `Optimizer`.
        initial_accumulator_value: v before the first step.
        epsilon: keeps the quotient finite.
        **options: see `Optimizer`.
    """

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        initial_accumulator_value: float = 0.1,
        epsilon: float = 1e-7,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(learning_rate, **options)
        self.initial_accumulator_value, self.epsilon = initial_accumulator_value, epsilon

    def _initial_state(self) -> dict[str, float]:
        return {"accumulator": self.initial_accumulator_value}

    def _update(self, w: Tensor, g: Tensor, state: dict[str, Tensor], step: int, **shared: Any) -> Any:
        return _core.adagrad(w, g, state["accumulator"], epsilon=self.epsilon, **shared)

    def get_config(self) -> dict[str, Any]:
        own = {"initial_accumulator_value": self.initial_accumulator_value, "epsilon": self.epsilon}
        return {**super().get_config(), **own}
