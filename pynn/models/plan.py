"""Plan: the nodes of a graph as a list of calls, ready to run on tensors."""

from __future__ import annotations

from collections.abc import Callable
from operator import itemgetter
from typing import Any

from .._core import DtypeError, ShapeError
from ..layers.fault import fault_of
from ..layers.layer import Layer
from ..symbolic import FunctionCall, SymbolicTensor, flatten, is_symbolic, map_structure
from .graph import Graph

Fill = Callable[[list[Any]], Any]


class Plan:
    """Computes a graph's outputs. Values stand in slots, one for each symbolic tensor; a step reads some and
    writes one, and clears those that no later step reads.

    Args:
        graph: it is not needed afterwards but for messages.
    """

    def __init__(self, graph: Graph) -> None:
        self._slots: dict[int, int] = {}
        self._steps: list[tuple[Any, Any, Any, Any, tuple[int, ...]]]
        self._input_slots = [self._slot(x) for x in graph.flat_inputs]
        self._layers = graph.layers
        nodes = [node for node in graph.nodes if node.inputs]
        last_use = {id(x): index for index, node in enumerate(nodes) for x in node.inputs}
        kept = {id(x) for x in graph.flat_outputs}
        self._steps = [
            (
                _callable(node.operation),
                *self._arguments(node.args, node.kwargs),
                self._target(node.outputs, node.flat_outputs),
                tuple(
                    {
                        self._slots[id(x)]
                        for x in node.inputs
                        if last_use[id(x)] == index and id(x) not in kept
                    }
                ),
            )
            for index, node in enumerate(nodes)
        ]
        self._operations = [node.operation for node in nodes]
        self._output_slots = [self._slot(x) for x in graph.flat_outputs]

    def run(self, inputs: list[Any], model_name: str) -> list[Any]:
        """Return the graph's outputs, flat, for its flat inputs."""
        values: list[Any] = [None] * len(self._slots)
        for slot, x in zip(self._input_slots, inputs, strict=True):
            values[slot] = x
        step = 0
        try:
            for call, argument, rest, target, done in self._steps:
                step += 1
                if rest is None:
                    y = call(values[argument] if type(argument) is int else argument(values))
                else:
                    args, kwargs = rest(values)
                    y = call(*args, **kwargs)
                if type(target) is int:
                    values[target] = y
                else:
                    target(values, y)
                for slot in done:
                    values[slot] = None
        except (ShapeError, DtypeError) as error:
            self._place(error, self._operations[step - 1], model_name)
            raise
        return [values[slot] for slot in self._output_slots]

    def _slot(self, x: SymbolicTensor) -> int:
        return self._slots.setdefault(id(x), len(self._slots))

    def _arguments(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, Any]:
        """Return the slot of the only argument, or what makes it, and None; or None and what makes all."""
        if kwargs or len(args) != 1:
            return None, self._filler((args, kwargs))
        first = args[0]
        if is_symbolic(first):
            return self._slot(first), None
        if isinstance(first, list) and len(first) > 1 and all(map(is_symbolic, first)):
            get = itemgetter(*(self._slot(x) for x in first))
            return lambda values: list(get(values)), None
        return self._filler(first), None

    def _filler(self, structure: Any) -> Fill:
        """Return what puts values into the places of symbolic tensors."""
        slots = map_structure(lambda x: _Slot(self._slot(x)) if is_symbolic(x) else x, structure)
        return lambda values: map_structure(
            lambda value: values[value.index] if type(value) is _Slot else value, slots
        )

    def _target(self, outputs: Any, flat: list[SymbolicTensor]) -> int | Callable[[list[Any], Any], None]:
        """Return the slot of the one output, or what puts several into theirs."""
        if is_symbolic(outputs):
            return self._slot(outputs)
        slots = [self._slot(x) for x in flat]

        def scatter(values: list[Any], outputs: Any) -> None:
            for slot, value in zip(slots, flatten(outputs), strict=True):
                values[slot] = value

        return scatter

    def _place(self, error: ShapeError | DtypeError, operation: Any, model_name: str) -> None:
        """Add to a layer's report where in the model it stands."""
        fault = fault_of(error, operation) if isinstance(operation, Layer) else None
        if fault is not None:
            index = self._layers.index(operation)
            fault.place = f"layer {index + 1} of {len(self._layers)} in {model_name!r}"


class _Slot:
    """A place in a structure that a value goes to."""

    def __init__(self, index: int) -> None:
        self.index = index


def _callable(operation: Any) -> Callable[..., Any]:
    function: Callable[..., Any] = operation.function if isinstance(operation, FunctionCall) else operation
    return function
