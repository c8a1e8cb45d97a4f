"""Layers that bring each sample to a common scale: over some axes, over groups of channels, or to length 1."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from .. import _core, initializers, regularizers
from .._core import Tensor
from ..variable import Variable
from .layer import Layer
from .merging import unit
from .spec import Dims, InputSpec


class ScaledNormalization(Layer):
    """Base of layers that normalize, then multiply by `gamma` and add `beta`, both learned.

    Args:
        epsilon: added to the variance, so that a constant input does not divide by 0.
        center, scale: whether there is a `beta`, a `gamma`.
        beta_initializer, gamma_initializer: their first values.
        beta_regularizer, gamma_regularizer: their penalties.
    """

    cast_integers = True
    keras_only = Layer.keras_only | {"beta_constraint", "gamma_constraint"}

    def __init__(
        self,
        epsilon: float = 0.001,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.epsilon, self.center, self.scale = epsilon, bool(center), bool(scale)
        self.beta_initializer = initializers.get(beta_initializer)
        self.gamma_initializer = initializers.get(gamma_initializer)
        self.beta_regularizer = regularizers.get(beta_regularizer)
        self.gamma_regularizer = regularizers.get(gamma_regularizer)
        self.gamma: Variable | None = None
        self.beta: Variable | None = None

    def add_scale_and_center(self, shape: tuple[int, ...]) -> None:
        """Make `gamma` and `beta`, those of them that the layer has."""
        if self.scale:
            self.gamma = self.add_weight(
                shape, self.gamma_initializer, regularizer=self.gamma_regularizer, name="gamma"
            )
        if self.center:
            self.beta = self.add_weight(
                shape, self.beta_initializer, regularizer=self.beta_regularizer, name="beta"
            )

    def known_sizes(self, input_shape: Dims, axes: Sequence[int]) -> tuple[int, ...]:
        """Return the sizes along `axes`.

        Raises:
            ValueError: there is no such axis, or its size is not known.
        """
        for axis in axes:
            if not -len(input_shape) <= axis < len(input_shape):
                raise ValueError(f"{self._title()}: axis {axis} is out of range for the shape {input_shape}")
        sizes = [input_shape[axis] for axis in axes]
        if None in sizes:
            raise ValueError(f"{self._title()} needs the sizes of axes {tuple(axes)}, got {input_shape}")
        return tuple(size for size in sizes if size is not None)

    def compute_output_shape(self, input_shape: Dims) -> Dims:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "epsilon": self.epsilon,
            "center": self.center,
            "scale": self.scale,
            "beta_initializer": initializers.serialize(self.beta_initializer),
            "gamma_initializer": initializers.serialize(self.gamma_initializer),
            "beta_regularizer": regularizers.serialize(self.beta_regularizer),
            "gamma_regularizer": regularizers.serialize(self.gamma_regularizer),
        }


class LayerNormalization(ScaledNormalization):
    """Each sample less its mean, over its standard deviation, both taken over `axis` (Ba et al. 2016).

    Args:
        axis: one or several; `gamma` and `beta` have their sizes.
        epsilon, center, scale, beta_initializer, gamma_initializer, beta_regularizer, gamma_regularizer: as
            for `ScaledNormalization`.
    """

    keras_only = ScaledNormalization.keras_only | {"rms_scaling"}

    def __init__(self, axis: int | Sequence[int] = -1, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.axis = _axis_argument("LayerNormalization", axis)

    def build(self, input_shape: Dims) -> None:
        axes = _sorted_axes(self.axis)
        self.add_scale_and_center(self.known_sizes(input_shape, axes))

    def call(self, inputs: Tensor) -> Tensor:
        axes = _sorted_axes(self.axis)
        centered = inputs - _core.mean(inputs, axis=axes, keepdims=True)
        variance = _core.mean(_core.square(centered), axis=axes, keepdims=True)
        y = centered * _core.rsqrt(variance + self.epsilon)
        return scaled_and_shifted(y, _spread(self.gamma, y, axes), _spread(self.beta, y, axes))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "axis": self.axis}


class GroupNormalization(ScaledNormalization):
    """Like LayerNormalization over all axes but the batch, for each group of channels (Wu and He 2018).

    Args:
        groups: number of them; the channels must divide into them. -1 makes every channel a group.
        axis: of the channels; `gamma` and `beta` have its size.
        epsilon, center, scale, beta_initializer, gamma_initializer, beta_regularizer, gamma_regularizer: as
            for `ScaledNormalization`.

    Raises:
        ValueError: (when built) the channels do not divide into groups.
    """

    def __init__(self, groups: int = 32, axis: int = -1, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.groups, self.axis = groups, axis

    def build(self, input_shape: Dims) -> None:
        (channels,) = self.known_sizes(input_shape, [self.axis])
        groups = channels if self.groups == -1 else self.groups
        if groups < 1 or channels % groups:
            raise ValueError(f"{self._title()}: {channels} channels do not divide into {groups} groups")
        self.groups = groups
        self.input_spec = InputSpec(ndim=len(input_shape), axes={self.axis: channels})
        self.add_scale_and_center((channels,))

    def call(self, inputs: Tensor) -> Tensor:
        axis = self.axis % inputs.ndim
        before, channels, after = inputs.shape[:axis], inputs.shape[axis], inputs.shape[axis + 1 :]
        x = inputs.reshape(*before, self.groups, channels // self.groups, *after)
        reduced = tuple(i for i in range(1, x.ndim) if i != axis)
        centered = x - _core.mean(x, axis=reduced, keepdims=True)
        variance = _core.mean(_core.square(centered), axis=reduced, keepdims=True)
        y = (centered * _core.rsqrt(variance + self.epsilon)).reshape(inputs.shape)
        return scaled_and_shifted(y, _spread(self.gamma, y, (axis,)), _spread(self.beta, y, (axis,)))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "groups": self.groups, "axis": self.axis}


class RMSNormalization(Layer):
    """Each sample over the root of its mean square along `axis`, times the learned `scale`.

    Args:
        axis: one or several; `scale` has their sizes.
        epsilon: added to the mean square.
    """

    cast_integers = True

    def __init__(self, axis: int | Sequence[int] = -1, epsilon: float = 1e-6, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis, self.epsilon = _axis_argument("RMSNormalization", axis), epsilon

    def build(self, input_shape: Dims) -> None:
        sizes = tuple(input_shape[axis] or 0 for axis in _sorted_axes(self.axis))
        self.scale = self.add_weight(sizes, "ones", name="scale")

    def call(self, inputs: Tensor) -> Tensor:
        axes = _sorted_axes(self.axis)
        mean_square = _core.mean(_core.square(inputs), axis=axes, keepdims=True)
        return inputs * _core.rsqrt(mean_square + self.epsilon) * _spread(self.scale, inputs, axes)

    def compute_output_shape(self, input_shape: Dims) -> Dims:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "axis": self.axis, "epsilon": self.epsilon}
