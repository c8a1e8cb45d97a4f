"""Stochastic gradient descent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import _core
from .._core import Tensor
from .optimizer import LearningRate, Optimizer, registry
from .options import check
from .prepared import steady

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .options import Options


@registry.register("sgd")
@steady
class SGD(Optimizer):
    """w -= learning_rate * g; with momentum, a velocity v = momentum * v - learning_rate * g moves w.

    With nesterov, w += momentum * v - learning_rate * g: the gradient is taken as if w had moved already
    (Sutskever et al. 2013). Formulas as in Keras 3.

    Args:
        learning_rate: see `Optimizer`.
        momentum: in [0, 1].
        nesterov: see above; needs momentum.
        **options: see `Optimizer`.

    Raises:
        ValueError: momentum is out of range.
    """

    def __init__(
        self,
        learning_rate: LearningRate = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(learning_rate, **options)
        check("SGD", 0 <= momentum <= 1, "momentum must lie in [0, 1]", momentum)
        self.momentum, self.nesterov = momentum, nesterov

    def _initial_state(self) -> dict[str, float]:
        return {"momentum": 0.0} if self.momentum else {}

    def _update(self, w: Tensor, g: Tensor, state: dict[str, Tensor], step: int, **shared: Any) -> Any:
        return _core.sgd(
            w, g, state.get("momentum"), momentum=self.momentum, nesterov=self.nesterov, **shared
        )

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "momentum": self.momentum, "nesterov": self.nesterov}
