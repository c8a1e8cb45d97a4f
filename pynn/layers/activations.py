"""Activations as layers, for those that have parameters."""

from __future__ import annotations

from typing import Any

from .. import _core, activations, initializers, regularizers
from .._core import Tensor
from .layer import Layer
from .spec import Dims, InputSpec


class _Elementwise(Layer):
    """A layer whose output has the shape of its input and which computes on floats."""

    cast_integers = True

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape


class ReLU(_Elementwise):
    """`activations.relu` with its parameters.

    Args:
        max_value: largest output, or None.
        negative_slope: slope below the threshold.
        threshold: where the straight part begins.

    Raises:
        ValueError: a parameter is negative.
    """

    def __init__(
        self,
        max_value: float | None = None,
        negative_slope: float = 0.0,
        threshold: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        for name, value in (("max_value", max_value or 0.0), ("negative_slope", negative_slope)):
            _check_not_negative("ReLU", name, value)
        _check_not_negative("ReLU", "threshold", threshold)
        self.max_value, self.negative_slope, self.threshold = max_value, negative_slope, threshold

    def call(self, inputs: Tensor) -> Tensor:
        return activations.relu(inputs, self.negative_slope, self.max_value, self.threshold)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "max_value": self.max_value,
            "negative_slope": self.negative_slope,
            "threshold": self.threshold,
        }


class LeakyReLU(_Elementwise):
    """x above 0, `negative_slope * x` below."""

    def __init__(self, negative_slope: float = 0.3, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        _check_not_negative("LeakyReLU", "negative_slope", negative_slope)
        self.negative_slope = negative_slope

    def call(self, inputs: Tensor) -> Tensor:
        return _core.leaky_relu(inputs, self.negative_slope)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "negative_slope": self.negative_slope}


class ELU(_Elementwise):
    """x above 0, `alpha * (exp(x) - 1)` below."""

    def __init__(self, alpha: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.alpha = alpha

    def call(self, inputs: Tensor) -> Tensor:
        return _core.elu(inputs, self.alpha)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "alpha": self.alpha}


class PReLU(_Elementwise):
    """x above 0, `alpha * x` below, alpha learned for every position of a sample.

    Args:
        alpha_initializer, alpha_regularizer: of the weight `alpha`, of the shape of one sample.
        shared_axes: axes (the batch is 0) along which one alpha serves all, for example [1, 2] of images.
    """

    keras_only = Layer.keras_only | {"alpha_constraint"}

    def __init__(
        self,
        alpha_initializer: Any = "Zeros",
        alpha_regularizer: Any = None,
        shared_axes: list[int] | int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.alpha_initializer = initializers.get(alpha_initializer)
        self.alpha_regularizer = regularizers.get(alpha_regularizer)
        self.shared_axes = [shared_axes] if isinstance(shared_axes, int) else list(shared_axes or ())

    def build(self, input_shape: Dims) -> None:
        sizes = {axis: size for axis, size in enumerate(input_shape) if axis and axis not in self.shared_axes}
        if None in sizes.values():
            raise ValueError(f"{self._title()} needs all sizes of a sample to make alpha, got {input_shape}")
        shape = tuple(sizes.get(axis) or 1 for axis in range(1, len(input_shape)))
        self.alpha = self.add_weight(
            shape, self.alpha_initializer, regularizer=self.alpha_regularizer, name="alpha"
        )
        self.input_spec = InputSpec(
            ndim=len(input_shape), axes={axis: size for axis, size in sizes.items() if size is not None}
        )

    def call(self, inputs: Tensor) -> Tensor:
        return _core.relu(inputs) - self.alpha * _core.relu(-inputs)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "alpha_initializer": initializers.serialize(self.alpha_initializer),
            "alpha_regularizer": regularizers.serialize(self.alpha_regularizer),
            "shared_axes": self.shared_axes or None,
        }


class Softmax(_Elementwise):
    """Probabilities that sum to 1 along `axis`."""

    def __init__(self, axis: int = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis

    def call(self, inputs: Tensor) -> Tensor:
        return _core.softmax(inputs, axis=self.axis)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "axis": self.axis}


def _check_not_negative(layer: str, argument: str, value: float) -> None:
    if value is None or not value >= 0:
        raise ValueError(f"{layer}: {argument} must be a number >= 0, got {value}")
