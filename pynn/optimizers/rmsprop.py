"""RMSprop: steps divided by the size that gradients had lately."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import _core
from .._core import Tensor
from .optimizer import LearningRate, Optimizer, registry
from .prepared import steady

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .options import Options


@registry.register("rmsprop")
@steady
class RMSprop(Optimizer):
    """v = rho v + (1 - rho) g²; w -= learning_rate * g / sqrt(v + epsilon) (Hinton 2012).

    Centered, the square of the gradient's own average is taken off v; with momentum, a moving sum of
    the steps is what changes w. Epsilon stands inside the root, as in Keras 3.

    Args:
        learning_rate: see `Optimizer`.
        rho: share of the old average in the new one.
        momentum: share of the last change of w in the next one.
        epsilon: keeps the quotient finite.
        centered: see above.
        **options: see `Optimizer`.
    """

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-7,
        centered: bool = False,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(learning_rate, **options)
        self.rho, self.momentum, self.epsilon, self.centered = rho, momentum, epsilon, centered

    _apart = frozenset({"velocity", "momentum", "average_gradient"})

    def _initial_state(self) -> dict[str, float]:
        kept = {"velocity": True, "momentum": self.momentum > 0, "average_gradient": self.centered}
        return {name: 0.0 for name, needed in kept.items() if needed}

    def _update(self, w: Tensor, g: Tensor, state: dict[str, Tensor], step: int, **shared: Any) -> Any:
        return _core.rmsprop(
            w,
            g,
            state["velocity"],
            state.get("momentum"),
            state.get("average_gradient"),
            rho=self.rho,
            epsilon=self.epsilon,
            momentum=self.momentum,
            **shared,
        )

    def get_config(self) -> dict[str, Any]:
        own = {"rho": self.rho, "momentum": self.momentum, "epsilon": self.epsilon, "centered": self.centered}
        return {**super().get_config(), **own}
