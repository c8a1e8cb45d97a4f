"""Layers around something else: around a function (Lambda), around a layer (Wrapper, TimeDistributed)."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from importlib import import_module
from typing import Any

from .. import _core
from .._core import ShapeError, Tensor
from .core import positive
from .fault import Fault
from .layer import Layer
from .spec import Dims, InputSpec


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


class TimeDistributed(Wrapper):
    """The same layer at every step: (B, steps, ...) is to `layer` a batch of B * steps.

    Args:
        layer: takes one step.

    Raises:
        ShapeError: (when called) the input has fewer than 3 axes, or the mask does not fit it.
    """

    input_spec = InputSpec(min_ndim=3)

    def build(self, input_shape: Dims) -> None:
        super().build((None, *input_shape[2:]))

    def call(self, inputs: Tensor, training: bool | None = None, mask: Tensor | None = None) -> Tensor:
        batch, steps, *rest = inputs.shape
        options: dict[str, Any] = {"training": training}
        if mask is not None and self.layer._takes_mask:
            mask = _core.asarray(mask)
            if mask.shape[:2] != (batch, steps):
                rows = [("input", f"{inputs.shape}", ""), ("mask", f"{mask.shape}", "")]
                raise ShapeError(Fault(self, f" expected a mask of the shape {(batch, steps)}", rows))
            options["mask"] = mask.reshape(batch * steps, *mask.shape[2:])
        y = self.layer(inputs.reshape(batch * steps, *rest), **options)
        return _core.reshape(y, (batch, steps, *y.shape[1:]))

    def compute_output_shape(self, input_shape: Dims) -> Dims:
        batch, *rest = self.layer.compute_output_shape((input_shape[0], *input_shape[2:]))
        return (batch, input_shape[1], *rest)


class RepeatVector(Layer):
    """Each sample n times: (B, size) becomes (B, n, size)."""

    input_spec = InputSpec(ndim=2)

    def __init__(self, n: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.n = positive("RepeatVector", "n", n)

    def call(self, inputs: Tensor) -> Tensor:
        return _core.repeat(inputs[:, None], self.n, axis=1)

    def compute_output_shape(self, input_shape: Dims) -> Dims:
        return (input_shape[0], self.n, *input_shape[1:])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "n": self.n}


def _parameters(function: Callable[..., Any]) -> frozenset[str]:
    """Return the names of the parameters; built-in functions may not tell."""
    try:
        return frozenset(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return frozenset()
