"""Adadelta: steps whose size follows from the sizes of gradients and of earlier steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import _core
from .._core import Tensor
from .optimizer import LearningRate, Optimizer, registry
from .prepared import steady

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .options import Options


@registry.register("adadelta")
@steady
class Adadelta(Optimizer):
    """v = rho v + (1 - rho) g²; s = g sqrt(d + epsilon) / sqrt(v + epsilon); d = rho d + (1 - rho) s².

    Then w -= learning_rate * s (Zeiler 2012, where learning_rate is 1). Formula as in Keras 3.

    Args:
        learning_rate: see `Optimizer`.
        rho: share of the old averages in the new ones.
        epsilon: keeps the quotient finite, and the first steps from being 0.
        **options: see `Optimizer`.
    """

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        rho: float = 0.95,
        epsilon: float = 1e-7,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(learning_rate, **options)
        self.rho, self.epsilon = rho, epsilon

    def _initial_state(self) -> dict[str, float]:
        return {"accumulated_grad": 0.0, "accumulated_delta_var": 0.0}

    def _update(self, w: Tensor, g: Tensor, state: dict[str, Tensor], step: int, **shared: Any) -> Any:
        squares, steps = state["accumulated_grad"], state["accumulated_delta_var"]
        return _core.adadelta(w, g, squares, steps, rho=self.rho, epsilon=self.epsilon, **shared)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rho": self.rho, "epsilon": self.epsilon}
