"""Lion: every weight moves by the learning rate, in the direction of a moving average."""

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


@registry.register("lion")
@steady
class Lion(Optimizer):
    """w -= learning_rate * sign(beta_1 m + (1 - beta_1) g); then m = beta_2 m + (1 - beta_2) g.

    (Chen et al. 2023.) Steps are larger than Adam's: a learning rate 3 to 10 times smaller suits.

    Args:
        learning_rate: see `Optimizer`.
        beta_1: share of the average in the direction.
        beta_2: share of the old average in the new one.
        **options: see `Optimizer`.

    Raises:
        ValueError: beta_1 is not in (0, 1].
    """

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.99,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(learning_rate, **options)
        check("Lion", 0 < beta_1 <= 1, "beta_1 must lie in (0, 1]", beta_1)
        self.beta_1, self.beta_2 = beta_1, beta_2

    def _initial_state(self) -> dict[str, float]:
        return {"momentum": 0.0}

    def _update(self, w: Tensor, g: Tensor, state: dict[str, Tensor], step: int, **shared: Any) -> Any:
        return _core.lion(w, g, state["momentum"], beta_1=self.beta_1, beta_2=self.beta_2, **shared)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "beta_1": self.beta_1, "beta_2": self.beta_2}
