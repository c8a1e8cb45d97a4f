"""Nadam: Adam that looks ahead along its momentum, as Nesterov does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import _core
from .._core import Tensor
from ..variable import Variable
from .optimizer import LearningRate, Optimizer, registry

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .options import Options


@registry.register("nadam")
class Nadam(Optimizer):
    """m += (1 - beta_1)(g - m); v += (1 - beta_2)(g² - v); the step is taken from where m leads to.

    With momenta u_t = beta_1 (1 - 0.96^t / 2) and P_t = u_1 ... u_t, at step t

        n = u_(t+1) m / (1 - P_(t+1)) + (1 - u_t) g / (1 - P_t)
        w -= learning_rate * n / (sqrt(v / (1 - beta_2^t)) + epsilon)

    (Dozat 2016). Formula as in Keras 3.

    Args:
        learning_rate: see `Optimizer`.
        beta_1, beta_2: shares of the old averages in the new ones.
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
        self._product = (0, 1.0)  # a step t and its P_t

    def _initial_state(self) -> dict[str, float]:
        return {"momentum": 0.0, "velocity": 0.0}

    def _momentum(self, step: int) -> float:
        return self.beta_1 * (1.0 - 0.5 * float(0.96**step))

    def _product_to(self, step: int) -> float:
        """Return P_step, from that of the step before; from the start when the step count was set."""
        last, product = self._product if self._product[0] <= step else (0, 1.0)
        while last < step and product:
            last += 1
            product *= self._momentum(last)
        self._product = (step, product)
        return product

    def _update(self, w: Tensor, g: Tensor, state: dict[str, Tensor], step: int, **shared: Any) -> None:
        _core.nadam(
            w,
            g,
            state["momentum"],
            state["velocity"],
            beta_1=self.beta_1,
            beta_2=self.beta_2,
            epsilon=self.epsilon,
            momentum=self._momentum(step),
            next_momentum=self._momentum(step + 1),
            product=self._product_to(step),
            step=step,
            **shared,
        )

    def _without_counters(self) -> list[Variable]:
        """Return the state with the product of the momenta, which Keras keeps and which follows from the steps."""
        product = Variable(self._product_to(int(self.iterations)), trainable=False, name="product")
        return [*super()._without_counters(), product]

    def get_config(self) -> dict[str, Any]:
        own = {"beta_1": self.beta_1, "beta_2": self.beta_2, "epsilon": self.epsilon}
        return {**super().get_config(), **own}
