"""Undoing a step that memory did not suffice for: weights, optimizer, statistics, metrics and random numbers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from .. import _core, random
from .._core import Generator, Tensor
from ..devices import device
from ..metrics import Metric
from ..optimizers import Optimizer
from ..variable import Variable
from .arrays import leaves


class Undo:
    """Keeps what a step changes while one runs, and puts it back where the step ends in a MemoryError.

    Before the first step of each shape of batch, the one that needs new memory, all is copied to the host. In later
    ones, the rest of the memory being there, copies on the device will do, and none of what the step changes when it
    needs no more memory (`model._changed_last`): that is weights and what the optimizer keeps for them, as a rule.
    """

    def __init__(self) -> None:
        self._variables: list[Variable] = []
        self._shapes: set[Any] = set()
        """Of batches that steps of these variables came to an end with."""

        self._early: list[Variable] = []
        self._copies: list[Tensor] | None = None

    @contextmanager
    def step(self, model: Any, batch: Any) -> Iterator[None]:
        """Run a step of a model in this context; where it ends in a MemoryError, things are as before it."""
        self._look_at(model)
        shapes = tuple(leaf.shape for leaf in leaves(batch))
        positions = _Positions(model)
        everything = None if shapes in self._shapes else _Everything(model)
        if everything is None:
            self._copy(model)
        try:
            yield
        except MemoryError:
            positions.restore()
            if everything is not None:
                everything.restore()
            elif self._copies is not None:
                _core.assign_each(self._early, self._copies)
            raise
        if everything is not None:
            self._variables = variables(model)
            self._shapes.add(shapes)

    def _look_at(self, model: Any) -> None:
        """Begin anew with a model that has other variables than it had."""
        now = variables(model)
        if list(map(id, now)) != list(map(id, self._variables)):
            self._variables, self._early, self._copies = now, [], None
            self._shapes.clear()

    def _copy(self, model: Any) -> None:
        """Copy what changes before all memory is there, into the same memory at every step."""
        if self._copies is not None:
            _core.assign_each(self._copies, self._early)
            return
        last = set(map(id, model._changed_last()))
        early = [variable for variable in self._variables if id(variable) not in last]
        self._copies = [variable.detach().copy() for variable in early]
        self._early = early


class _Positions:
    """Where generators of random numbers are."""

    def __init__(self, model: Any) -> None:
        self._model, self._weights = model, len(model.weights)
        self._kept = [(source, source.state) for source in generators(model)]

    def restore(self) -> None:
        for source, position in self._kept:
            # Weights that this step was the first to make have drawn their numbers.
            if source is not random.default_generator or len(self._model.weights) == self._weights:
                source.state = position


class _Everything:
    """All values that a step changes, on the host."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._unbuilt = [optimizer for optimizer in optimizers(model) if not optimizer.built]
        self._kept = [(variable, variable.numpy()) for variable in variables(model)]

    def restore(self) -> None:
        """Put all of it back, which needs no memory of a device; what this step was the first to use begins anew."""
        for variable, values in self._kept:
            put(variable, values)
        for optimizer in self._unbuilt:
            optimizer.built = False
        known = {id(variable) for variable, _ in self._kept}
        metrics: list[Metric] = self._model.metrics
        for variable in (variable for metric in metrics for variable in metric.variables):
            if id(variable) not in known:
                put(variable, np.zeros(variable.shape, variable.dtype))


def variables(model: Any) -> list[Variable]:
    """Return the variables that a step of a compiled model may change."""
    of_optimizers = [variable for optimizer in optimizers(model) for variable in optimizer.variables]
    of_metrics = [variable for metric in model.metrics for variable in metric.variables]
    return [*model.weights, *of_optimizers, *of_metrics]


def optimizers(model: Any) -> list[Optimizer]:
    """Return the optimizer that a model is compiled with, and those that it has as attributes for steps of its own."""
    found = [model.optimizer, *(value for value in vars(model).values() if isinstance(value, Optimizer))]
    return list({id(optimizer): optimizer for optimizer in found}.values())


def put(variable: Variable, values: np.ndarray[Any, Any]) -> None:
    """Copy values of the host into a variable's memory, which takes no other memory of its device."""
    with device("cpu"):
        Tensor._assign(variable, _core.asarray(values))


def generators(model: Any) -> list[Any]:
    """Return the default generator and those that layers have of their own."""
    found: list[Any] = [random.default_generator]
    for layer in model._flatten():
        for value in vars(layer).values():
            inside = value if isinstance(value, (list, tuple)) else (value,)
            found += [each for each in inside if isinstance(each, (Generator, random.SeedGenerator))]
    return found
