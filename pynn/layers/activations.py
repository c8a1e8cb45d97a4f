"""Activations as layers, for those that have parameters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import _core, activations, initializers, regularizers
from .._core import Tensor
from .layer import Layer
from .normalization import checked_axis
from .spec import Dims, InputSpec


class _Elementwise(Layer):
    """A layer whose output has the shape of its input and which computes on floats."""

    supports_masking = True

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
    """x above 0, `negative_slope * x` below; `alpha` is Keras 2's name of the slope."""

    def __init__(self, negative_slope: float = 0.3, **kwargs: Any) -> None:
        negative_slope = kwargs.pop("alpha", negative_slope)
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

    constrained = ("alpha",)

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
            shape,
            self.alpha_initializer,
            regularizer=self.alpha_regularizer,
            constraint=self.alpha_constraint,
            name="alpha",
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
    """Probabilities that sum to 1 along `axis` (or over several axes).

    `call` takes a mask that broadcasts with the input: where it is False, the probability is 0.
    """

    def __init__(self, axis: int | Sequence[int] = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = checked_axis("Softmax", axis)

    def call(self, inputs: Tensor, mask: Tensor | None = None) -> Tensor:
        if mask is None:
            return self._softmax(inputs)
        mask = _core.asarray(mask)
        kept = mask if str(mask.dtype) == "bool" else mask > 0.5
        # Half the lowest number: far from all others, and still finite after a maximum is subtracted.
        y = self._softmax(_core.where(kept, inputs, _LOWEST[str(inputs.dtype)] / 2))
        return _core.where(kept, y, 0.0)

    def _softmax(self, x: Tensor) -> Tensor:
        if isinstance(self.axis, int):
            return _core.softmax(x, axis=self.axis)
        return _core.exp(x - _core.logsumexp(x, axis=tuple(self.axis), keepdims=True))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "axis": self.axis}


_LOWEST = {"float16": -65504.0, "bfloat16": -3.3e38, "float32": -3.4e38, "float64": -1.7e308}


def _check_not_negative(layer: str, argument: str, value: float) -> None:
    if value is None or not value >= 0:
        raise ValueError(f"{layer}: {argument} must be a number >= 0, got {value}")
