"""An optimizer's steps as calls of C++, made once and called again and again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from .._core import Tensor
from ..variable import Variable

if TYPE_CHECKING:
    from .optimizer import Optimizer

Kind = TypeVar("Kind", bound="type[Optimizer]")

_STEADY: set[type] = set()


def steady(kind: Kind) -> Kind:
    """Say of a class that its `_update` is one call of C++ that is always the same.

    All arguments but the learning rate and the step's number depend on options alone. It is not said of classes
    derived from it, which may update otherwise.
    """
    _STEADY.add(kind)
    return kind


class Prepared(NamedTuple):
    """An optimizer's steps to come, as long as no structure changes.

    Attributes:
        places: memory for the gradient of each variable.
        updates: what one step calls, with a learning rate and the step's number.
        rate: the learning rate, or what computes it before each step.
    """

    places: list[Tensor]
    updates: list[Any]
    rate: Variable | Callable[[], float]


def prepared(optimizer: Optimizer, variables: Sequence[Variable]) -> Prepared | None:
    """Return the steps to come of an optimizer.

    None where a step has more to it than one pass over all of `variables`, in order: norms, sums of gradients,
    averages, constraints, or a formula whose arguments change from step to step.
    """
    extras = (
        optimizer.clipnorm
        or optimizer.global_clipnorm
        or optimizer.use_ema
        or optimizer.gradient_accumulation_steps
    )
    own = vars(optimizer).keys() & {"apply", "_update"}
    if extras or own or type(optimizer) not in _STEADY or not optimizer.built or optimizer._constrained:
        return None
    arena = optimizer._arena
    if list(map(id, variables)) != optimizer._ids or arena.device != "cpu":
        return None
    decays = [optimizer._decays(variable) for variable in arena.variables]
    segments = arena.segments(optimizer._all, decays, decays, optimizer._state, placed=True)
    updates = [optimizer._update_segment(each, each.gradient, 1, None, 1.0) for each in segments]
    rate = optimizer._learning_rate
    return Prepared(arena.places(), updates, rate if isinstance(rate, Variable) else optimizer._rate)
