"""Layers that only scale: by constants, or each sample by its own size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import _core
from .._core import Tensor
from .layer import Layer
from .normalization import along, axes_of, checked_axis, sizes_along, unit
from .spec import Dims


class _Scaling(Layer):
    """A layer whose output has the shape of its input and which computes on floats."""

    cast_integers = True

    def compute_output_shape(self, input_shape: Dims) -> Dims:
        return input_shape


class Rescaling(_Scaling):
    """`inputs * scale + offset`; Rescaling(1 / 255) brings pixels to [0, 1].

    Args:
        scale, offset: numbers, or one for each channel.
    """

    supports_masking = True

    def __init__(self, scale: Any, offset: Any = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.scale, self.offset = scale, offset
        self._factor = _core.asarray(scale, dtype=self.dtype)
        self._shift = _core.asarray(offset, dtype=self.dtype)

    def call(self, inputs: Tensor) -> Tensor:
        return inputs * self._factor + self._shift

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "scale": self.scale, "offset": self.offset}


class UnitNormalization(_Scaling):
    """Each vector along `axis` (one or several) scaled to length 1."""

    supports_masking = True

    def __init__(self, axis: int | Sequence[int] = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = checked_axis("UnitNormalization", axis)

    def call(self, inputs: Tensor) -> Tensor:
        return unit(inputs, axes_of(self.axis))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "axis": self.axis}


class RMSNormalization(_Scaling):
    """Each sample over the root of its mean square along `axis`, times the learned `scale`.

    Args:
        axis: one or several; `scale` has their sizes.
        epsilon: added to the mean square.
    """

    def __init__(self, axis: int | Sequence[int] = -1, epsilon: float = 1e-6, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis, self.epsilon = checked_axis("RMSNormalization", axis), epsilon

    def build(self, input_shape: Dims) -> None:
        sizes = sizes_along(self, input_shape, axes_of(self.axis))
        self.scale = self.add_weight(sizes, "ones", name="scale")

    def call(self, inputs: Tensor) -> Tensor:
        axes = axes_of(self.axis)
        mean_square = _core.mean(_core.square(inputs), axis=axes, keepdims=True)
        return inputs * _core.rsqrt(mean_square + self.epsilon) * along(self.scale, inputs, axes)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "axis": self.axis, "epsilon": self.epsilon}
