"""Layers around something else: Lambda around a function, Wrapper around a layer."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from types import FunctionType
from typing import Any

from ..custom_objects import CustomObjectScope, scope_objects
from ..serialization import deserialize_keras_object, serialize_keras_object
from .layer import Layer


class Lambda(Layer):
    """A function as a layer: `Lambda(lambda x: x ** 2)`. It has no weights; subclass Layer for those.

    Args:
        function: of the inputs, and of `mask` and `training` if it has such parameters.
        output_shape: of a sample, or a function from the input's shape to the output's; None finds it by
            trying.
        arguments: more keyword arguments of the function.

    Raises:
        TypeError: `function` cannot be called.
    """

    keras_only = Layer.keras_only | {"mask"}

    def __init__(
        self,
        function: Callable[..., Any],
        output_shape: Any = None,
        *,
        arguments: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if not callable(function):
            raise TypeError(f"Lambda: function must be callable, got {function!r}")
        self.function = function
        self.arguments = dict(arguments or {})
        self._declared_output = output_shape
        parameters = _parameters(function)
        self._passed_on = [name for name in ("mask", "training") if name in parameters]

    def call(self, inputs: Any, mask: Any = None, training: bool | None = None) -> Any:
        given = {"mask": mask, "training": training}
        return self.function(inputs, **self.arguments, **{name: given[name] for name in self._passed_on})

    def compute_output_shape(self, input_shape: Any) -> Any:
        declared = self._declared_output
        if declared is None:
            return super().compute_output_shape(input_shape)
        return declared(input_shape) if callable(declared) else (input_shape[0], *declared)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments. A Python lambda is written as code, which is only read with `safe_mode=False`."""
        config = {**super().get_config(), "function": _function_config(self.function)}
        if self._declared_output is not None:
            config["output_shape"] = _function_config(self._declared_output)
        return {**config, "arguments": serialize_keras_object(self.arguments)}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Layer:
        """Make a layer from what `get_config` returned.

        Raises:
            ValueError: the function is a lambda and nobody said safe_mode=False, or it is not known by name.
        """
        made = {"function": config["function"], "arguments": config.get("arguments")}
        if config.get("output_shape") is not None:
            made["output_shape"] = config["output_shape"]
        with CustomObjectScope({**(custom_objects or {}), **scope_objects()}):
            made = {name: deserialize_keras_object(value) for name, value in made.items()}
        if isinstance(made.get("output_shape"), list):
            made["output_shape"] = tuple(made["output_shape"])
        return cls(**{**config, **made})


def _function_config(function: Any) -> Any:
    """Return Keras's form of a function: a lambda by its parts, anything else as everywhere."""
    if isinstance(function, FunctionType) and function.__name__ == "<lambda>":
        from ..code import dump  # here: only lambdas need it

        code, defaults, closure = dump(function)
        parts = {"code": code, "defaults": defaults, "closure": closure}
        return {"class_name": "__lambda__", "config": parts}
    return serialize_keras_object(function)


class Wrapper(Layer):
    """Base of layers around one other, `layer`; a subclass defines `call`.

    Raises:
        TypeError: `layer` is not a Layer.
    """

    def __init__(self, layer: Layer, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not isinstance(layer, Layer):
            raise TypeError(f"{type(self).__name__}: layer must be a Layer, got {layer!r}")
        self.layer = layer

    def build(self, input_shape: Any) -> None:
        if not self.layer.built:
            self.layer.build(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "layer": serialize_keras_object(self.layer)}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Layer:
        """Make a layer from what `get_config` returned.

        Raises:
            ValueError: the class of the layer inside is not known.
        """
        inner = config["layer"]
        if not isinstance(inner, Layer):
            inner = deserialize_keras_object(inner, custom_objects)
        return cls(**{**config, "layer": inner})


def _parameters(function: Callable[..., Any]) -> frozenset[str]:
    """Return the names of the parameters; built-in functions may not tell."""
    try:
        return frozenset(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return frozenset()
