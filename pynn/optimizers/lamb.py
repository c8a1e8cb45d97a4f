"""Lamb: Adam's direction, each variable's step as large as the variable; for very large batches."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from .. import _core
from .._core import Tensor
from .norms import norm_of, times
from .optimizer import LearningRate, Optimizer, registry

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .options import Options


@registry.register("lamb")
class Lamb(Optimizer):
    """s is Adam's direction; w -= learning_rate * (norm(w) / norm(s)) * s, for each variable by itself.

    s = m / (1 - beta_1^t) / (sqrt(v / (1 - beta_2^t)) + epsilon) (You et al. 2019, without its clipping). The
    quotient of norms is 1 where either is 0. Formula as in Keras 3.

    Args:
        learning_rate: see `Optimizer`.
        beta_1, beta_2: shares of the old averages in the new ones.
        epsilon: keeps the quotient finite.
        **options: see `Optimizer`.
    """

    _variable_by_variable = True

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
        return {"momentum": 0.0, "velocity": 0.0}

    def _update(self, w: Tensor, g: Tensor, state: dict[str, Tensor], step: int, **shared: Any) -> None:
        rate, decay = shared.pop("learning_rate"), shared.pop("weight_decay")
        direction = self._direction(g, state, step, **shared)
        if decay:
            w._assign(w * (1.0 - decay * rate))
        trusted, trust = times(direction, _quotient(norm_of([w]), norm_of([direction])))
        _core.sgd(w, trusted, None, learning_rate=trust * rate)

    def _direction(self, g: Tensor, state: dict[str, Tensor], step: int, **clips: float) -> Tensor:
        """Return s: a step of Adam with a rate of -1 from 0, its epsilon moved behind the bias correction."""
        direction = _core.zeros_like(g)
        _core.adam(
            direction,
            g,
            state["momentum"],
            state["velocity"],
            None,
            learning_rate=-1.0,
            beta_1=self.beta_1,
            beta_2=self.beta_2,
            epsilon=self.epsilon * math.sqrt(1.0 - self.beta_2**step),
            step=step,
            **clips,
        )
        return direction

    def get_config(self) -> dict[str, Any]:
        own = {"beta_1": self.beta_1, "beta_2": self.beta_2, "epsilon": self.epsilon}
        return {**super().get_config(), **own}


def _quotient(length: float | Tensor, norm: float | Tensor) -> float | Tensor:
    if isinstance(length, Tensor):
        both = _core.logical_and(length > 0, norm > 0)
        return _core.where(both, length / norm, 1.0)
    return length / norm if length > 0 and norm > 0 else 1.0
