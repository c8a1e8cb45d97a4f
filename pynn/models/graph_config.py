"""A graph as plain values in Keras's form, and back: layers, and for each the calls that connect it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..layers.layer import Layer, to_shapes
from ..serialization import deserialize_keras_object, serialize_keras_object
from ..symbolic import FunctionCall, Node, SymbolicTensor, flatten, has_symbolic, is_symbolic, map_structure
from . import operation_config
from .graph import Graph

_TENSOR = "__keras_tensor__"


def graph_config(graph: Graph) -> dict[str, Any]:
    """Return the entries "layers", "input_layers" and "output_layers" of a model's config.

    Keras counts the calls of functional models from 1 where it says which tensors the inputs and outputs are.
    """
    kept = {id(node) for node in graph.nodes}
    numbers = {
        id(node): number
        for operation in graph.operations
        for number, node in enumerate(node for node in operation._inbound_nodes if id(node) in kept)
    }

    def tensor(x: Any) -> Any:
        if not is_symbolic(x):
            return x
        operation, _, position = x.history
        place = [operation.name, numbers[id(x.history.node)], position]
        return {
            "class_name": _TENSOR,
            "config": {"shape": list(x.shape), "dtype": x.dtype, "keras_history": place},
        }

    def place(x: SymbolicTensor) -> list[Any]:
        assert x.history is not None
        operation, _, position = x.history
        return [operation.name, numbers[id(x.history.node)] + _is_functional(operation), position]

    layers = []
    for operation in graph.operations:
        nodes = [node for node in operation._inbound_nodes if id(node) in kept and node.inputs]
        if isinstance(operation, FunctionCall):
            layers.append(_function_entry(operation, nodes[0], tensor))
        else:
            entry = serialize_keras_object(operation)
            calls = [_call_entry(node.args, node.kwargs, tensor) for node in nodes]
            layers.append({**entry, "name": operation.name, "inbound_nodes": calls})
    return {
        "layers": layers,
        "input_layers": map_structure(place, graph.inputs),
        "output_layers": map_structure(place, graph.outputs),
    }


def graph_from_config(config: dict[str, Any], custom_objects: dict[str, Any] | None) -> tuple[Any, Any]:
    """Return the symbolic inputs and outputs of a graph made anew, with new layers.

    Args:
        config: what `graph_config`, here or in Keras, returned.
        custom_objects: the user's own classes by name.

    Raises:
        ValueError: a class is not known, or the calls cannot be put in an order.
    """
    rebuilt = _Rebuilt()
    for entry in config["layers"]:
        rebuilt.add(entry, custom_objects)
    rebuilt.connect()
    return rebuilt.tensors(config["input_layers"]), rebuilt.tensors(config["output_layers"])


def _function_entry(operation: FunctionCall, node: Node, tensor: Callable[[Any], Any]) -> dict[str, Any]:
    options, args, kwargs = operation_config.split_arguments(operation, node.args, node.kwargs)
    if has_symbolic(options.values()):
        raise NotImplementedError(
            f"{operation.public_name}: a file cannot hold a symbolic tensor for {', '.join(options)}; put the call "
            "into a Layer"
        )
    name = operation_config.class_name(operation)
    return {
        "module": operation_config.module_name(operation),
        "class_name": name,
        "config": {"name": operation.name, **serialize_keras_object(options)},
        "registered_name": name,
        "name": operation.name,
        "inbound_nodes": [_call_entry(args, kwargs, tensor)],
    }


def _call_entry(
    args: tuple[Any, ...], kwargs: dict[str, Any], tensor: Callable[[Any], Any]
) -> dict[str, Any]:
    return {
        "args": serialize_keras_object(map_structure(tensor, tuple(args))),
        "kwargs": serialize_keras_object(map_structure(tensor, kwargs)),
    }


class _UnmadeError(Exception):
    """A tensor that a call needs is not there yet."""


class _Rebuilt:
    """Operations by the names that a config has for them, and the calls to make.

    Calls are counted as in the config: a layer that was called before (an Input) has a first one.
    """

    def __init__(self) -> None:
        self._operations: dict[str, Any] = {}
        self._options: dict[str, dict[str, Any]] = {}
        self._outputs: dict[str, list[list[SymbolicTensor]]] = {}
        self._waiting: list[tuple[str, Any]] = []

    def add(self, entry: dict[str, Any], custom_objects: dict[str, Any] | None) -> None:
        """Make the layer or function of an entry; its calls wait."""
        name, module = entry.get("name") or entry["config"]["name"], entry.get("module") or ""
        if module.startswith(operation_config.MODULE):
            made = operation_config.function_call(entry["class_name"], module, entry["config"])
            options = _plain(deserialize_keras_object(made[1]))
            self._operations[name], self._options[name] = made[0], options
        else:
            self._operations[name] = deserialize_keras_object(entry, custom_objects)
            if not isinstance(self._operations[name], Layer):
                raise ValueError(f"{entry['class_name']!r} in the config is no layer")
        calls = entry["inbound_nodes"]
        operation = self._operations[name]
        first = [] if calls else [node.flat_outputs for node in operation._inbound_nodes]
        self._outputs[name] = first
        self._waiting += [(name, call) for call in calls]

    def connect(self) -> None:
        """Make all calls, each when the tensors that it needs are there."""
        while self._waiting:
            held: set[str] = set()
            later = []
            for name, call in self._waiting:
                # The calls of one layer keep their order: they are known by number.
                if name in held or not self._called(name, call):
                    held.add(name)
                    later.append((name, call))
            if len(later) == len(self._waiting):
                raise ValueError(
                    f"the config's layers {', '.join(sorted(held))} need one another's outputs, or tensors that "
                    "are not in it"
                )
            self._waiting = later

    def tensors(self, places: Any) -> Any:
        """Return tensors for places [layer, call, position], in the same list or dict."""
        if isinstance(places, dict):
            return {key: self.tensors(place) for key, place in places.items()}
        if len(places) == 3 and isinstance(places[0], str):
            name, number, position = places
            return self._tensor(name, number - _is_functional(self._operations.get(name)), position)
        return [self.tensors(place) for place in places]

    def _called(self, name: str, call: Any) -> bool:
        try:
            args, kwargs = self._arguments(call)
        except _UnmadeError:
            return False
        operation = self._operations[name]
        if isinstance(operation, FunctionCall) and operation.public_name == "get_item":
            args = [args[0], tuple(args[1]) if isinstance(args[1], list) else args[1]]
        outputs = operation(*args, **{**self._options.get(name, {}), **kwargs})
        self._outputs[name].append(flatten(outputs))
        return True

    def _arguments(self, call: Any) -> tuple[Any, dict[str, Any]]:
        if isinstance(call, dict):
            return self._read(call["args"]), self._read(call["kwargs"])
        # Keras 2's form: a list of [layer, call, position, kwargs].
        inputs = [self._tensor(*place[:3]) for place in call]
        return [inputs[0] if len(inputs) == 1 else inputs], call[0][3] if len(call[0]) > 3 else {}

    def _read(self, value: Any) -> Any:
        if isinstance(value, dict) and value.get("class_name") == _TENSOR:
            return self._tensor(*value["config"]["keras_history"])
        if isinstance(value, dict) and "class_name" not in value:
            return {key: self._read(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self._read(item) for item in value]
        return deserialize_keras_object(value)

    def _tensor(self, name: str, number: int, position: int) -> SymbolicTensor:
        calls = self._outputs.get(name)
        if calls is None:
            raise ValueError(f"the config has no layer {name!r}, whose output it uses")
        if number >= len(calls):
            raise _UnmadeError
        return calls[number][position]


def _plain(options: dict[str, Any]) -> dict[str, Any]:
    """Return a function's arguments with tuples in place of the lists that JSON has for shapes."""
    return {key: to_shapes(value) if isinstance(value, list) else value for key, value in options.items()}


def _is_functional(operation: Any) -> bool:
    return getattr(operation, "_graph", None) is not None
