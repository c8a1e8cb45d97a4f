"""The keyword arguments that all optimizers share, and the errors for those that are wrong."""

from __future__ import annotations

from typing import Any, TypedDict

from ..registry import did_you_mean


class Options(TypedDict, total=False):
    """Keyword arguments that every optimizer takes; `Optimizer` says what they mean."""

    weight_decay: float | None
    clipnorm: float | None
    clipvalue: float | None
    global_clipnorm: float | None
    use_ema: bool
    ema_momentum: float
    ema_overwrite_frequency: int | None
    loss_scale_factor: None
    gradient_accumulation_steps: int | None
    name: str | None


# What Keras 2 called differently.
_HINTS = {
    "lr": "write learning_rate=",
    "decay": "pass a schedule as learning_rate=, for instance pynn.optimizers.schedules.InverseTimeDecay",
}


def refuse_unknown(optimizer: str, unknown: dict[str, Any], known: list[str]) -> None:
    """Raise a TypeError for the first argument that no optimizer, or not this one, takes."""
    for name in unknown:
        hint = f"; {_HINTS[name]}" if name in _HINTS else did_you_mean(name, known)
        raise TypeError(f"{optimizer} has no argument {name!r}{hint}")


def check(optimizer: str, holds: bool, rule: str, value: Any) -> None:
    """Raise a ValueError that states `rule` unless it holds for `value`."""
    if not holds:
        raise ValueError(f"{optimizer}: {rule}, got {value!r}")


def check_clipping(optimizer: str, **clips: float | None) -> None:
    """Raise a ValueError unless at most one way to clip is given, by a positive number."""
    given = {name: value for name, value in clips.items() if value is not None}
    if len(given) > 1:
        raise ValueError(f"{optimizer}: only one of {', '.join(clips)} can be set, got {' and '.join(given)}")
    for name, value in given.items():
        check(optimizer, value > 0, f"{name} must be positive", value)


def check_average(optimizer: str, momentum: float, every: int | None) -> None:
    """Raise a ValueError for options of the moving average that are out of range."""
    check(optimizer, 0 <= momentum <= 1, "ema_momentum must lie in [0, 1]", momentum)
    valid = every is None or (isinstance(every, int) and every >= 1)
    check(optimizer, valid, "ema_overwrite_frequency must be None or a whole number from 1", every)


def check_accumulation(optimizer: str, steps: int | None) -> None:
    """Raise a ValueError unless gradients are used at once, or summed over a number of steps."""
    valid = steps is None or (isinstance(steps, int) and steps >= 2)
    rule = "gradient_accumulation_steps must be None or a whole number from 2"
    check(optimizer, valid, rule, steps)
