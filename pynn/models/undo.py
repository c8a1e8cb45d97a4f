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
    """Keeps what a step changes, on the host, while one runs that may need new memory.

    That is the first one of each shape of batch: later ones find the memory that it left. Of those, only the
    positions of random numbers are kept, which costs nothing; their weights stay whole all the same, as an
    optimizer changes them when all gradients are there.
    """

    def __init__(self) -> None:
        self._seen: set[Any] = set()

    @contextmanager
    def step(self, model: Any, batch: Any) -> Iterator[None]:
        """Run a step of a model in this context; where it ends in a MemoryError, things are as before it."""
        shapes = tuple(leaf.shape for leaf in leaves(batch))
        new = shapes not in self._seen
        state = _State(model, values=new)
        try:
            yield
        except MemoryError:
            state.restore()
            raise
        self._seen.add(shapes)


class _State:
    """What a step changes, as it is now.

    Args:
        model: a compiled model.
        values: whether values of variables are kept; otherwise the positions of random numbers alone.
    """

    def __init__(self, model: Any, values: bool) -> None:
        self._model = model
        self._optimizer: Optimizer = model.optimizer
        self._built = self._optimizer.built
        self._weights = len(model.weights)
        self._kept: list[tuple[Variable, np.ndarray[Any, Any]]] = []
        if values:
            self._kept = [(variable, variable.numpy()) for variable in variables(model)]
        self._positions = [(source, source.state) for source in generators(model)]

    def restore(self) -> None:
        """Put all of it back. It needs no memory of a device: values go where the old ones were."""
        for source, position in self._positions:
            # Weights that this step was the first to make have drawn their numbers.
            if source is not random.default_generator or len(self._model.weights) == self._weights:
                source.state = position
        for variable, values in self._kept:
            put(variable, values)
        if self._kept:
            self._begin_anew()

    def _begin_anew(self) -> None:
        """What this step was the first to use begins once more."""
        if not self._built:
            self._optimizer.built = False
        known = {id(variable) for variable, _ in self._kept}
        metrics: list[Metric] = self._model.metrics
        for variable in (variable for metric in metrics for variable in metric.variables):
            if id(variable) not in known:
                put(variable, np.zeros(variable.shape, variable.dtype))


def variables(model: Any) -> list[Variable]:
    """Return the variables that a step of a compiled model may change."""
    of_metrics = [variable for metric in model.metrics for variable in metric.variables]
    return [*model.weights, *model.optimizer.variables, *of_metrics]


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
