"""Optimizers that Keras 3 has and pynn has not: making one is an error that says what to use."""

from __future__ import annotations

from typing import Any, ClassVar


class Unsupported:
    """An optimizer that cannot be made.

    Raises:
        NotImplementedError: always, with `instead` as advice.
    """

    instead: ClassVar[str]

    def __init__(self, *arguments: Any, **options: Any) -> None:
        raise NotImplementedError(f"pynn has no optimizer {type(self).__name__}: {self.instead}")


class LossScaleOptimizer(Unsupported):
    """Scales losses so that small float16 gradients do not vanish."""

    instead = "it trains in float32, where small gradients do not vanish; use the inner optimizer alone"


class Adafactor(Unsupported):
    """Adam whose averages of squares are kept as rows and columns."""

    instead = "use Adam, which keeps the averages of squares whole"


class Muon(Unsupported):
    """Momentum made orthogonal, for matrices."""

    instead = "use AdamW"


class ScheduleFreeAdamW(Unsupported):
    """AdamW that averages its weights instead of lowering its learning rate."""

    instead = "use AdamW with use_ema=True or with a schedule as learning_rate"


class MultiOptimizer(Unsupported):
    """Different optimizers for different variables."""

    instead = "write train_step and apply one optimizer to each list of variables"


class OptimizerMap(Unsupported):
    """Which variables a MultiOptimizer gives to which optimizer."""

    instead = MultiOptimizer.instead
