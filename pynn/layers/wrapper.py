"""Layers around something else: Lambda around a function, Wrapper around a layer."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from importlib import import_module
from typing import Any

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
        """Return the arguments; the function is there itself, as it has no form in plain values."""
        return {
            **super().get_config(),
            "function": self.function,
            "output_shape": self._declared_output,
            "arguments": self.arguments,
        }


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
        inner = {"class_name": type(self.layer).__name__, "config": self.layer.get_config()}
        return {**super().get_config(), "layer": inner}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Layer:
        """Make a layer from what `get_config` returned.

        Raises:
            ValueError: the class of the layer inside is not one of pynn's.
        """
        inner = config["layer"]
        if not isinstance(inner, Layer):
            name = inner["class_name"]
            kind = getattr(import_module(__package__), name, None)
            if kind is None:
                raise ValueError(
                    f"{cls.__name__}: unknown layer class {name!r}; give from_config the layer itself"
                )
            inner = kind.from_config(inner["config"])
        return cls(**{**config, "layer": inner})


def _parameters(function: Callable[..., Any]) -> frozenset[str]:
    """Return the names of the parameters; built-in functions may not tell."""
    try:
        return frozenset(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return frozenset()
