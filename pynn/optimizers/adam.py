"""Adam and AdamW: averages of the gradient and of its square, corrected for their start at 0."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import _core
from .._core import Tensor
from .optimizer import LearningRate, Optimizer, registry
from .prepared import steady

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .options import Options


@registry.register("adam")
@steady
class Adam(Optimizer):
    """m += (1 - beta_1)(g - m); v += (1 - beta_2)(g² - v); w -= alpha m / (sqrt(v) + epsilon).

    alpha = learning_rate * sqrt(1 - beta_2^t) / (1 - beta_1^t) at step t (Kingma and Ba 2014, the form at
    the end of their section 2, as in Keras 3). With amsgrad the largest v so far is used.

    Args:
        learning_rate: see `Optimizer`.
        beta_1, beta_2: shares of the old averages in the new ones.
        epsilon: keeps the quotient finite; outside the root.
        amsgrad: see above.
        **options: see `Optimizer`.
    """

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(learning_rate, **options)
        self.beta_1, self.beta_2, self.epsilon, self.amsgrad = beta_1, beta_2, epsilon, amsgrad

    def _initial_state(self) -> dict[str, float]:
        names = ("momentum", "velocity", "velocity_hat") if self.amsgrad else ("momentum", "velocity")
        return dict.fromkeys(names, 0.0)

    def _update(self, w: Tensor, g: Tensor, state: dict[str, Tensor], step: int, **shared: Any) -> Any:
        return _core.adam(
            w,
            g,
            state["momentum"],
            state["velocity"],
            state.get("velocity_hat"),
            beta_1=self.beta_1,
            beta_2=self.beta_2,
            epsilon=self.epsilon,
            step=step,
            **shared,
        )

    def get_config(self) -> dict[str, Any]:
        own = {"beta_1": self.beta_1, "beta_2": self.beta_2, "epsilon": self.epsilon, "amsgrad": self.amsgrad}
        return {**super().get_config(), **own}


@registry.register("adamw")
@steady
class AdamW(Adam):
    """Adam whose weights also decay: w -= w * weight_decay * learning_rate before each step.

    (Loshchilov and Hutter 2019.) Arguments as for `Adam`; weight_decay is 0.004 by default.

    Raises:
        ValueError: weight_decay is None.
    """

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        weight_decay: float | None = 0.004,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        **options: Any,
    ) -> None:
        if weight_decay is None:
            raise ValueError("AdamW: weight_decay must be a number, got None; Adam has none")
        options["weight_decay"] = weight_decay
        super().__init__(learning_rate, beta_1, beta_2, epsilon, amsgrad, **options)
