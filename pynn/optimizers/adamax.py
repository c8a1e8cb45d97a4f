"""Adamax: Adam with the largest recent gradient in place of the mean of squares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import _core
from .._core import Tensor
from .optimizer import LearningRate, Optimizer, registry
from .prepared import steady

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .options import Options


@registry.register("adamax")
@steady
class Adamax(Optimizer):
    """m += (1 - beta_1)(g - m); u = max(beta_2 u, |g|); w -= learning_rate / (1 - beta_1^t) m / (u + epsilon).

    At step t (Kingma and Ba 2014, section 7.1). Formula as in Keras 3.

    Args:
        learning_rate: see `Optimizer`.
        beta_1: share of the old average in the new one.
        beta_2: what is left of u after a step with a smaller gradient.
        epsilon: keeps the quotient finite.
        **options: see `Optimizer`.
    """

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(learning_rate, **options)
        self.beta_1, self.beta_2, self.epsilon = beta_1, beta_2, epsilon

    def _initial_state(self) -> dict[str, float]:
        return {"momentum": 0.0, "norm": 0.0}

    def _update(self, w: Tensor, g: Tensor, state: dict[str, Tensor], step: int, **shared: Any) -> Any:
        own = {"beta_1": self.beta_1, "beta_2": self.beta_2, "epsilon": self.epsilon}
        return _core.adamax(w, g, state["momentum"], state["norm"], step=step, **own, **shared)

    def get_config(self) -> dict[str, Any]:
        own = {"beta_1": self.beta_1, "beta_2": self.beta_2, "epsilon": self.epsilon}
        return {**super().get_config(), **own}
