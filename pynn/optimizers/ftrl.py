"""FTRL: for sparse linear models, whose weights become exactly 0 under an L1 penalty."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import _core
from .._core import Tensor
from .optimizer import LearningRate, Optimizer, registry
from .options import check

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .options import Options

_OWN = (
    "learning_rate_power",
    "initial_accumulator_value",
    "l1_regularization_strength",
    "l2_regularization_strength",
    "l2_shrinkage_regularization_strength",
    "beta",
)


@registry.register("ftrl")
class Ftrl(Optimizer):
    """Follow the regularized leader (McMahan et al. 2013). Formula as in Keras 3.

    v is the sum of g², before and after this step, and a penalty p = -learning_rate_power:

        z += g + 2 l2_shrinkage w - (v_after^p - v_before^p) / learning_rate * w
        w = (clip(z, -l1, l1) - z) / (v_after^p / learning_rate + 2 l2 + beta / learning_rate)

    Args:
        learning_rate: see `Optimizer`.
        learning_rate_power: 0 for a fixed learning rate, -0.5 for Adagrad's.
        initial_accumulator_value: v before the first step.
        l1_regularization_strength, l2_regularization_strength: l1 and l2.
        l2_shrinkage_regularization_strength: a penalty that, unlike l2, is part of the gradient.
        beta: as in the paper.
        **options: see `Optimizer`.

    Raises:
        ValueError: learning_rate_power is positive, or another number negative.
    """

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        learning_rate_power: float = -0.5,
        initial_accumulator_value: float = 0.1,
        l1_regularization_strength: float = 0.0,
        l2_regularization_strength: float = 0.0,
        l2_shrinkage_regularization_strength: float = 0.0,
        beta: float = 0.0,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(learning_rate, **options)
        check(
            "Ftrl", learning_rate_power <= 0, "learning_rate_power must be 0 or negative", learning_rate_power
        )
        self.learning_rate_power = learning_rate_power
        self.initial_accumulator_value = initial_accumulator_value
        self.l1_regularization_strength = l1_regularization_strength
        self.l2_regularization_strength = l2_regularization_strength
        self.l2_shrinkage_regularization_strength = l2_shrinkage_regularization_strength
        self.beta = beta
        for name in _OWN[1:]:
            check("Ftrl", getattr(self, name) >= 0, f"{name} must not be negative", getattr(self, name))

    def _initial_state(self) -> dict[str, float]:
        return {"accumulator": self.initial_accumulator_value, "linear": 0.0}

    def _update(self, w: Tensor, g: Tensor, state: dict[str, Tensor], step: int, **shared: Any) -> None:
        _core.ftrl(
            w,
            g,
            state["accumulator"],
            state["linear"],
            power=self.learning_rate_power,
            l1=self.l1_regularization_strength,
            l2=self.l2_regularization_strength + self.beta / (2.0 * shared["learning_rate"]),
            l2_shrinkage=self.l2_shrinkage_regularization_strength,
            **shared,
        )

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), **{name: getattr(self, name) for name in _OWN}}
