"""Undoing a step that memory did not suffice for: what forward passes change besides the weights that learn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from .. import random
from .._core import Tensor
from ..metrics import Metric
from ..variable import Variable
from .arrays import leaves


class Undo:
    """Keeps moving statistics, metrics and positions of random numbers while a step runs that may need new memory.

    That is the first one of each shape of batch: later ones find the memory that it left. The weights that learn
    need no keeping, as an optimizer changes them when all gradients are there.
    """

    def __init__(self) -> None:
        self._seen: set[Any] = set()

    @contextmanager
    def step(self, batch: Any, variables: Iterable[Variable], metrics: Iterable[Metric]) -> Iterator[None]:
        """Run a step in this context; where it ends in a MemoryError, things are as before it."""
        shapes = tuple(leaf.shape for leaf in leaves(batch))
        if shapes in self._seen:
            yield
            return
        state = [*variables, *(variable for metric in metrics for variable in metric.variables)]
        kept = [(variable, variable.numpy()) for variable in state]
        position = random.default_generator.state
        try:
            yield
        except MemoryError:
            for variable, values in kept:
                Tensor._assign(variable, values)
            random.default_generator.state = position
            raise
        self._seen.add(shapes)
