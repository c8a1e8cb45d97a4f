"""clone_model: the same layers anew, connected in the same way, with weights of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..layers.core import Input, InputLayer
from ..layers.layer import Layer
from ..symbolic import FunctionCall, flatten, is_symbolic, map_structure, pack
from .functional import Functional
from .model import Model
from .sequential import Sequential


def clone_model(
    model: Model,
    input_tensors: Any = None,
    clone_function: Callable[[Layer], Layer] | None = None,
    call_function: Callable[..., Any] | None = None,
    recursive: bool = False,
    **kwargs: Any,
) -> Any:
    """Return a model of the same layers, made anew from their configs, with new weights.

    Args:
        model: a Sequential or functional model.
        input_tensors: symbolic tensors for the inputs of the new model; None makes new Inputs.
        clone_function: makes the new layer for each one; None goes by its config.
        call_function: called with (layer, *args, **kwargs) instead of each new layer of a functional model.
        recursive: also go into models that are layers.

    Raises:
        ValueError: a model that subclasses Model: only its own code knows how it is connected.
    """
    if kwargs:
        raise TypeError(f"clone_model: unknown arguments {', '.join(kwargs)}")

    def cloned(layer: Layer) -> Any:
        if recursive and isinstance(layer, (Sequential, Functional)):
            return clone_model(layer, None, clone_function, call_function, True)
        return _from_config(layer) if clone_function is None else clone_function(layer)

    if isinstance(model, Sequential):
        if call_function is not None:
            raise ValueError("clone_model: call_function is for functional models, this one is Sequential")
        return _sequential(model, input_tensors, cloned)
    if not isinstance(model, Model) or model._graph is None:
        raise ValueError(
            f"clone_model: {model!r} is no Sequential or functional model; make another one by calling its class"
        )
    return _functional(model, input_tensors, cloned, call_function)


def _from_config(layer: Layer) -> Layer:
    return type(layer).from_config(layer.get_config())


def _sequential(model: Sequential, input_tensors: Any, cloned: Callable[[Layer], Any]) -> Sequential:
    new = Sequential(name=model.name, trainable=model.trainable)
    given = flatten(input_tensors)[0]
    if given is not None:
        new.add(given)
    elif model._input is not None:
        new.add(Input(batch_shape=model._input.shape, dtype=model._input.dtype, name=model._input.name))
    for layer in model.layers:
        new.add(cloned(layer))
    return new


def _functional(
    model: Model,
    input_tensors: Any,
    cloned: Callable[[Layer], Any],
    call_function: Callable[..., Any] | None,
) -> Any:
    graph = model._graph
    assert graph is not None
    old = graph.flat_inputs
    if input_tensors is None:
        fresh = [Input(batch_shape=x.shape, dtype=x.dtype, name=x.name) for x in old]
    else:
        fresh = flatten(input_tensors)
        if len(fresh) != len(old):
            raise ValueError(f"clone_model: the model has {len(old)} inputs, input_tensors are {len(fresh)}")
    known = dict(zip(map(id, old), fresh, strict=True))
    new: dict[int, Any] = {}

    def filled(value: Any) -> Any:
        return known[id(value)] if is_symbolic(value) else value

    for node in graph.nodes:
        if isinstance(node.operation, InputLayer):
            continue
        operation = new.get(id(node.operation))
        if operation is None:
            operation = new[id(node.operation)] = _operation(node.operation, cloned)
        args, options = map_structure(filled, node.args), map_structure(filled, node.kwargs)
        if call_function is None or isinstance(operation, FunctionCall):
            outputs = operation(*args, **options)
        else:
            outputs = call_function(operation, *args, **options)
        known.update(zip(map(id, node.flat_outputs), flatten(outputs), strict=True))
    outputs = pack(graph.outputs, [known[id(x)] for x in graph.flat_outputs])
    return type(model)(inputs=pack(graph.inputs, fresh), outputs=outputs, name=model.name)


def _operation(operation: Any, cloned: Callable[[Layer], Any]) -> Any:
    return operation.again() if isinstance(operation, FunctionCall) else cloned(operation)
