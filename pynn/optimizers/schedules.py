"""Learning rates that follow the step count. Formulas, names and defaults are those of Keras 3.

A schedule is called with a step (int, float or 0-d tensor) and returns a float. Pass one as
`learning_rate=` of any optimizer.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, SupportsFloat

from ..registry import Registry
from ..serialization import provide, serialize_keras_object

registry = Registry("learning rate schedule")


class LearningRateSchedule:
    """Base class: define `__call__(step)`, and `get_config()` if the optimizer is to be saved."""

    def __call__(self, step: SupportsFloat) -> float:
        """Return the learning rate of `step`, counted from 0."""
        raise NotImplementedError(f"{type(self).__name__} must define __call__(self, step)")

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return dict(vars(self))

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> LearningRateSchedule:
        """Make a schedule from what `get_config` returned."""
        return cls(**config)

    def __repr__(self) -> str:
        arguments = ", ".join(f"{key}={value!r}" for key, value in self.get_config().items())
        return f"{type(self).__name__}({arguments})"

    def _check_positive(self, **arguments: float) -> None:
        for name, value in arguments.items():
            if not value > 0:
                raise ValueError(f"{type(self).__name__}: {name} must be positive, got {value!r}")


class _PeriodicDecay(LearningRateSchedule):
    """What decays by `decay_rate` in each period of `decay_steps` share; staircase counts whole periods."""

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        decay_rate: float,
        staircase: bool = False,
        name: str | None = None,
    ) -> None:
        self._check_positive(decay_steps=decay_steps)
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps, self.decay_rate = decay_steps, decay_rate
        self.staircase, self.name = staircase, name or type(self).__name__

    def _periods(self, step: SupportsFloat) -> float:
        periods = float(step) / self.decay_steps
        return math.floor(periods) if self.staircase else periods


@registry.register()
class ExponentialDecay(_PeriodicDecay):
    """initial_learning_rate * decay_rate ** (step / decay_steps); with staircase the exponent is whole.

    Raises:
        ValueError: decay_steps is not positive.
    """

    def __call__(self, step: SupportsFloat) -> float:
        return float(self.initial_learning_rate * self.decay_rate ** self._periods(step))


@registry.register()
class InverseTimeDecay(_PeriodicDecay):
    """initial_learning_rate / (1 + decay_rate * step / decay_steps); with staircase the quotient is whole.

    Raises:
        ValueError: decay_steps is not positive.
    """

    def __call__(self, step: SupportsFloat) -> float:
        return self.initial_learning_rate / (1.0 + self.decay_rate * self._periods(step))


@registry.register()
class PiecewiseConstantDecay(LearningRateSchedule):
    """values[i] for steps up to and with boundaries[i]; the last value after the last boundary.

    Raises:
        ValueError: there is not one value more than boundaries, or boundaries do not rise.
    """

    def __init__(
        self, boundaries: Sequence[float], values: Sequence[float], name: str = "PiecewiseConstant"
    ) -> None:
        if len(boundaries) != len(values) - 1:
            raise ValueError(
                "PiecewiseConstantDecay: expected one value more than boundaries, "
                f"got {len(boundaries)} boundaries and {len(values)} values"
            )
        if any(b <= a for a, b in pairwise(boundaries)):
            raise ValueError(f"PiecewiseConstantDecay: boundaries must rise, got {list(boundaries)}")
        self.boundaries, self.values, self.name = list(boundaries), list(values), name

    def __call__(self, step: SupportsFloat) -> float:
        return float(self.values[bisect_left(self.boundaries, float(step))])


@registry.register()
class PolynomialDecay(LearningRateSchedule):
    """From the initial to the end_learning_rate in decay_steps, along (1 - step / decay_steps) ** power.

    With cycle, decay_steps is stretched to its first multiple that is not before the step, so that the
    rate rises again after each end.

    Raises:
        ValueError: decay_steps is not positive.
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        end_learning_rate: float = 0.0001,
        power: float = 1.0,
        cycle: bool = False,
        name: str = "PolynomialDecay",
    ) -> None:
        self._check_positive(decay_steps=decay_steps)
        self.initial_learning_rate, self.end_learning_rate = initial_learning_rate, end_learning_rate
        self.decay_steps, self.power = decay_steps, power
        self.cycle, self.name = cycle, name

    def __call__(self, step: SupportsFloat) -> float:
        step, span = float(step), self.decay_steps
        if self.cycle:
            span *= max(1, math.ceil(step / span))
        left = 1.0 - min(step, span) / span
        drop = self.initial_learning_rate - self.end_learning_rate
        return float(drop * left**self.power + self.end_learning_rate)


def _cosine(fraction: float) -> float:
    """Falls from 1 to 0 as `fraction` goes from 0 to 1."""
    return 0.5 * (1.0 + math.cos(math.pi * fraction))


@registry.register()
class CosineDecay(LearningRateSchedule):
    """Half a cosine from initial_learning_rate down to alpha times it, after an optional linear warm-up.

    Args:
        initial_learning_rate: the rate at step 0.
        decay_steps: length of the decay, after the warm-up.
        alpha: share of the rate that is left at the end.
        warmup_target: the warm-up rises to this rate, and the decay starts from it; None for no warm-up.
        warmup_steps: length of the warm-up.

    Raises:
        ValueError: decay_steps is not positive.
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        alpha: float = 0.0,
        name: str = "CosineDecay",
        warmup_target: float | None = None,
        warmup_steps: int = 0,
    ) -> None:
        self._check_positive(decay_steps=decay_steps)
        self.initial_learning_rate, self.decay_steps, self.alpha = initial_learning_rate, decay_steps, alpha
        self.name, self.warmup_target, self.warmup_steps = name, warmup_target, warmup_steps

    def __call__(self, step: SupportsFloat) -> float:
        step, start = float(step), self.initial_learning_rate
        if self.warmup_target is not None:
            if step < self.warmup_steps:
                return start + (self.warmup_target - start) * step / self.warmup_steps
            step, start = step - self.warmup_steps, self.warmup_target
        fraction = min(step, self.decay_steps) / self.decay_steps
        return start * ((1.0 - self.alpha) * _cosine(fraction) + self.alpha)


@registry.register()
class CosineDecayRestarts(LearningRateSchedule):
    """Cosine decays one after the other (SGDR, Loshchilov and Hutter 2016).

    Args:
        initial_learning_rate: the rate at step 0.
        first_decay_steps: length of the first decay.
        t_mul: each decay is this much longer than the one before.
        m_mul: each decay starts from this much of the rate before.
        alpha: share of initial_learning_rate that is left at the end of a decay.

    Raises:
        ValueError: first_decay_steps is not positive, or t_mul below 1.
    """

    def __init__(
        self,
        initial_learning_rate: float,
        first_decay_steps: float,
        t_mul: float = 2.0,
        m_mul: float = 1.0,
        alpha: float = 0.0,
        name: str = "SGDRDecay",
    ) -> None:
        self._check_positive(first_decay_steps=first_decay_steps)
        if t_mul < 1:
            raise ValueError(f"CosineDecayRestarts: t_mul must be at least 1, got {t_mul!r}")
        self.initial_learning_rate, self.first_decay_steps = initial_learning_rate, first_decay_steps
        self.t_mul, self.m_mul, self.alpha, self.name = t_mul, m_mul, alpha, name

    def __call__(self, step: SupportsFloat) -> float:
        fraction = float(step) / self.first_decay_steps
        restarts = 0.0
        if self.t_mul == 1:
            restarts, fraction = divmod(fraction, 1.0)
        while fraction >= 1:
            restarts, fraction = restarts + 1, (fraction - 1.0) / self.t_mul
        share = float(self.m_mul**restarts) * _cosine(fraction)
        return self.initial_learning_rate * ((1.0 - self.alpha) * share + self.alpha)


def serialize(schedule: LearningRateSchedule) -> dict[str, Any]:
    """Return a config that `deserialize` turns back into an equal schedule."""
    config: dict[str, Any] = serialize_keras_object(schedule)
    return config


def deserialize(config: dict[str, Any]) -> LearningRateSchedule:
    """Make a schedule from what `serialize` returned.

    Raises:
        ValueError: no schedule of that name.
    """
    schedule: LearningRateSchedule = registry.get(config)
    return schedule


provide("keras.optimizers.schedules", globals(), __name__)
