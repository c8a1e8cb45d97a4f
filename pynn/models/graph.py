"""Graph: the nodes between the inputs and the outputs of a functional model, in the order of their depth."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..layers.core import Input, InputLayer
from ..layers.layer import Layer
from ..symbolic import Node, SymbolicTensor, flatten, is_symbolic, map_structure, pack, record


class Graph:
    """What is computed between symbolic inputs and outputs.

    Args:
        inputs, outputs: symbolic tensors, or lists, tuples and dicts of them.

    Attributes:
        inputs, outputs: as given, but for inputs that another layer had made: each is a new Input, and what
            follows it is recorded again.
        flat_inputs, flat_outputs: the tensors in them; dicts by sorted key.
        nodes: in an order in which they can be computed, those of the inputs first.
        operations: layers and functions, each once, by falling distance from the outputs.

    Raises:
        TypeError: something is no symbolic tensor.
        ValueError: an output does not come from the inputs, or two layers have one name.
    """

    def __init__(self, inputs: Any, outputs: Any) -> None:
        _check("inputs", inputs)
        _check("outputs", outputs)
        if not all(_is_declared(x) for x in flatten(inputs)):
            inputs, outputs = _recorded_again(inputs, outputs)
        self.inputs, self.outputs = inputs, outputs
        self.flat_inputs: list[SymbolicTensor] = flatten(inputs)
        self.flat_outputs: list[SymbolicTensor] = flatten(outputs)
        found, positions = _walk(self.flat_inputs, self.flat_outputs)
        self.nodes, self.operations = _by_depth(self.flat_inputs, found, positions)
        _check_connected(self.flat_inputs, self.flat_outputs, self.nodes)
        _check_names(self.operations)

    @property
    def layers(self) -> list[Layer]:
        """The operations that are layers."""
        return [operation for operation in self.operations if isinstance(operation, Layer)]

    def compute_output_spec(self, inputs: list[SymbolicTensor]) -> list[SymbolicTensor]:
        """Return shapes and dtypes of the outputs for inputs of other shapes than the declared ones."""
        if [x.shape for x in inputs] == [x.shape for x in self.flat_inputs]:
            return [SymbolicTensor(x.shape, x.dtype) for x in self.flat_outputs]
        known = dict(zip(map(id, self.flat_inputs), inputs, strict=True))

        def filled(value: Any) -> Any:
            return known[id(value)] if is_symbolic(value) else value

        for node in self.nodes:
            if node.inputs:
                outputs = node.operation.compute_output_spec(
                    *map_structure(filled, node.args), **map_structure(filled, node.kwargs)
                )
                known.update(zip(map(id, node.flat_outputs), flatten(outputs), strict=True))
        return [known[id(x)] for x in self.flat_outputs]


def node_of(x: SymbolicTensor) -> Node:
    """Return the node whose output a symbolic tensor is."""
    assert x.history is not None
    return x.history.node


def _check(name: str, tensors: Any) -> None:
    leaves = flatten(tensors)
    if not leaves:
        raise ValueError(f"Model: {name} must hold at least one symbolic tensor, got {tensors!r}")
    for x in leaves:
        if not is_symbolic(x):
            raise TypeError(
                f"Model: {name} must be symbolic tensors, which begin with keras.Input(shape), got {x!r}"
            )
        if x.history is None:
            raise ValueError(
                f"Model: {name} has {x!r}, which no Input or layer returned; use keras.Input(shape)"
            )


def _is_declared(x: SymbolicTensor) -> bool:
    return not node_of(x).inputs


def _walk(inputs: list[SymbolicTensor], outputs: list[SymbolicTensor]) -> tuple[list[Node], dict[int, int]]:
    """Return the nodes that the outputs need, inputs of each before it, and the order of meeting operations.

    Depth first, without recursion: a graph may be deeper than Python's stack.
    """
    given = {id(x) for x in inputs}
    finished: dict[int, Node] = {}
    positions: dict[int, int] = {}
    for output in outputs:
        pending: list[tuple[Node, Iterator[SymbolicTensor]]] = []
        _enter(output, given, finished, positions, pending)
        while pending:
            node, rest = pending[-1]
            x = next(rest, None)
            if x is not None:
                _enter(x, given, finished, positions, pending)
            else:
                pending.pop()
                finished[id(node)] = node
    return list(finished.values()), positions


def _enter(
    x: SymbolicTensor,
    given: set[int],
    finished: dict[int, Node],
    positions: dict[int, int],
    pending: list[tuple[Node, Iterator[SymbolicTensor]]],
) -> None:
    """Begin with the node of a tensor, unless it is known or lies before the inputs."""
    node = node_of(x)
    if id(node) in finished or (id(x) in given and node.inputs):
        return
    positions.setdefault(id(node.operation), len(positions))
    pending.append((node, iter(node.inputs)))


def _by_depth(
    inputs: list[SymbolicTensor], nodes: list[Node], positions: dict[int, int]
) -> tuple[list[Node], list[Any]]:
    """Return nodes and operations by falling distance from the outputs, Keras's order of layers.

    A shared layer has the greatest distance of its uses. At one distance the order is that of the walk.
    """
    inside = {id(node) for node in nodes}
    depths: dict[int, int] = {}
    operations: dict[int, tuple[int, Any]] = {}
    for node in reversed(nodes):
        key = id(node.operation)
        depth = max(depths.get(id(node), 0), operations.get(key, (0, None))[0])
        operations[key] = depth, node.operation
        depths[id(node)] = depth
        for x in node.inputs:
            before = node_of(x)
            if id(before) in inside:
                depths[id(before)] = max(depth + 1, depths.get(id(before), 0))
    unused = [node_of(x) for x in inputs if id(node_of(x)) not in inside]
    for node in unused:
        depths[id(node)], positions[id(node.operation)] = 0, -1
        operations[id(node.operation)] = 0, node.operation
    order = sorted(operations.items(), key=lambda item: (-item[1][0], positions[item[0]]))
    # Each node after what it needs; the walk found them so, and the depths of a shared layer's uses do not.
    return [*unused, *nodes], [operation for _, (_, operation) in order]


def _check_connected(inputs: list[SymbolicTensor], outputs: list[SymbolicTensor], nodes: list[Node]) -> None:
    known = {id(x) for x in inputs}
    for node in nodes:
        if not node.inputs and not any(id(x) in known for x in node.flat_outputs):
            names = ", ".join(repr(x.name) for x in inputs)
            raise ValueError(
                f"Model: the outputs need {node.operation.name!r} too, an Input that is not among the inputs "
                f"({names}); add it to inputs="
            )


def _check_names(operations: list[Any]) -> None:
    names = [operation.name for operation in operations]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(
                f"Model: the name {name!r} is used {names.count(name)} times; the names of a model's layers "
                "must differ, since files and get_layer find layers by name"
            )


def _recorded_again(inputs: Any, outputs: Any) -> tuple[Any, Any]:
    """Return new Inputs for tensors in the middle of a graph, and the outputs recorded from them on."""
    flat_inputs, flat_outputs = flatten(inputs), flatten(outputs)
    fresh = [x if _is_declared(x) else Input(batch_shape=x.shape, dtype=x.dtype) for x in flat_inputs]
    known = dict(zip(map(id, flat_inputs), fresh, strict=True))

    def filled(value: Any) -> Any:
        return known.get(id(value), value) if is_symbolic(value) else value

    nodes, _ = _walk(flat_inputs, flat_outputs)
    for node in nodes:
        if node.inputs:
            spec = map_structure(lambda x: SymbolicTensor(x.shape, x.dtype), node.outputs)
            again = record(
                node.operation, map_structure(filled, node.args), map_structure(filled, node.kwargs), spec
            )
            known.update(zip(map(id, node.flat_outputs), flatten(again), strict=True))
    return pack(inputs, fresh), pack(outputs, [known.get(id(x), x) for x in flat_outputs])


def is_input_layer(operation: Any) -> bool:
    """Return whether an operation is an Input of a graph."""
    return isinstance(operation, InputLayer)
