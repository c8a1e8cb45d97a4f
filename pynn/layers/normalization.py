"""Layers that bring each sample to a common scale: over some axes, over groups of channels, or to length 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from .. import _core, initializers, regularizers
from .._core import Tensor
from ..variable import Variable
from .layer import Layer
from .spec import Dims, InputSpec


class ScaledNormalization(Layer):
    """Base of layers that normalize, then multiply by `gamma` and add `beta`, both learned.

    Args:
        epsilon: added to the variance, so that a constant input does not divide by 0.
        center, scale: whether there is a `beta`, a `gamma`.
        beta_initializer, gamma_initializer: their first values.
        beta_regularizer, gamma_regularizer: their penalties.
    """

    supports_masking = True

    cast_integers = True
    constrained = ("beta", "gamma")

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
                shape,
                self.gamma_initializer,
                regularizer=self.gamma_regularizer,
                constraint=self.gamma_constraint,
                name="gamma",
            )
        if self.center:
            self.beta = self.add_weight(
                shape,
                self.beta_initializer,
                regularizer=self.beta_regularizer,
                constraint=self.beta_constraint,
                name="beta",
            )

    def scale_and_center(self, x: Tensor, axes: tuple[int, ...]) -> Tensor:
        """Return x times `gamma` plus `beta`, whose axes are `axes` of x."""
        if self.gamma is not None:
            x = x * along(self.gamma, x, axes)
        return x if self.beta is None else x + along(self.beta, x, axes)

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

    keras_config: ClassVar[dict[str, Any]] = {"rms_scaling": False}

    def __init__(
        self,
        axis: int | Sequence[int] = -1,
        epsilon: float = 0.001,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            epsilon,
            center,
            scale,
            beta_initializer,
            gamma_initializer,
            beta_regularizer,
            gamma_regularizer,
            **kwargs,
        )
        self.axis = checked_axis("LayerNormalization", axis)

    def build(self, input_shape: Dims) -> None:
        axes = axes_of(self.axis)
        self.add_scale_and_center(sizes_along(self, input_shape, axes))

    def call(self, inputs: Tensor) -> Tensor:
        axes = axes_of(self.axis)
        return self.scale_and_center(normalized(inputs, axes, self.epsilon), axes)

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

    def __init__(
        self,
        groups: int = 32,
        axis: int = -1,
        epsilon: float = 0.001,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            epsilon,
            center,
            scale,
            beta_initializer,
            gamma_initializer,
            beta_regularizer,
            gamma_regularizer,
            **kwargs,
        )
        self.groups, self.axis = groups, checked_single_axis("GroupNormalization", axis)

    def build(self, input_shape: Dims) -> None:
        (channels,) = sizes_along(self, input_shape, (self.axis,))
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
        y = normalized(x, reduced, self.epsilon).reshape(inputs.shape)
        return self.scale_and_center(y, (axis,))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "groups": self.groups, "axis": self.axis}


def checked_axis(layer: str, axis: Any) -> int | list[int]:
    """Return one axis, or several as a list.

    Raises:
        TypeError: `axis` is neither.
    """
    if isinstance(axis, int):
        return axis
    if isinstance(axis, (list, tuple)) and axis and all(isinstance(item, int) for item in axis):
        return list(axis)
    raise TypeError(f"{layer}: axis must be an integer or several, got {axis!r}")


def checked_single_axis(layer: str, axis: Any) -> int:
    """Return the axis; raise a TypeError if it is not an integer."""
    if not isinstance(axis, int):
        raise TypeError(f"{layer}: axis must be an integer, got {axis!r}")
    return axis


def axes_of(axis: int | Sequence[int]) -> tuple[int, ...]:
    """Return one or several axes in rising order, the order of a weight's own axes."""
    return (axis,) if isinstance(axis, int) else tuple(sorted(axis))


def sizes_along(layer: Layer, input_shape: Dims, axes: tuple[int, ...]) -> tuple[int, ...]:
    """Return the sizes of the input along `axes`.

    Raises:
        ValueError: there is no such axis, or its size is not known.
    """
    for axis in axes:
        if not -len(input_shape) <= axis < len(input_shape):
            raise ValueError(f"{layer._title()}: axis {axis} is out of range for the shape {input_shape}")
    sizes = tuple(size for axis in axes if (size := input_shape[axis]) is not None)
    if len(sizes) < len(axes):
        raise ValueError(
            f"{layer._title()} needs to know its input's sizes on axes {axes}, got {input_shape}"
        )
    return sizes


def along(weight: Tensor, x: Tensor, axes: tuple[int, ...]) -> Tensor:
    """Return `weight`, whose axes are `axes` of x, in a shape that broadcasts with x."""
    if axes == tuple(range(-len(axes), 0)):
        return weight
    kept = {axis % x.ndim for axis in axes}
    return weight.reshape(tuple(size if axis in kept else 1 for axis, size in enumerate(x.shape)))


def normalized(x: Tensor, axes: tuple[int, ...], epsilon: float) -> Tensor:
    """Return x less its mean over `axes`, divided by its standard deviation there."""
    centered = x - _core.mean(x, axis=axes, keepdims=True)
    variance = _core.mean(_core.square(centered), axis=axes, keepdims=True)
    return centered * _core.rsqrt(variance + epsilon)


def unit(x: Tensor, axis: int | tuple[int, ...]) -> Tensor:
    """Return x scaled to length 1 along `axis`; a vector shorter than 1e-12 is divided by that."""
    squares = _core.sum(_core.square(x), axis=axis, keepdims=True)
    return x * _core.rsqrt(_core.maximum(squares, 1e-24))
