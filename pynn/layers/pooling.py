"""Pooling: the largest or the mean of windows, or of all positions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import _core
from .._core import Tensor
from .spatial import PADDINGS, SpatialLayer, choice, numbers, windows
from .spec import Dims


class _Pooling(SpatialLayer):
    _pool: Callable[..., Tensor]

    def __init__(
        self,
        pool_size: Any,
        strides: Any = None,
        padding: str = "valid",
        data_format: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format, name=name, **kwargs)
        kind = type(self).__name__
        self.pool_size = numbers(kind, "pool_size", pool_size, self.rank)
        self.strides = self.pool_size if strides is None else numbers(kind, "strides", strides, self.rank)
        self.padding = choice(kind, "padding", padding, PADDINGS)

    def call(self, inputs: Tensor) -> Tensor:
        y = type(self)._pool(self._to_last(inputs), self.pool_size, self.strides, self.padding)
        return self._from_last(y)

    def compute_output_shape(self, input_shape: Dims) -> Dims:
        counts = windows(self, input_shape, self.pool_size, self.strides, self.padding, (1,) * self.rank)
        return self._shape(input_shape[0], counts, input_shape[self._channel_axis])

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "pool_size": self.pool_size,
            "strides": self.strides,
            "padding": self.padding,
        }


class MaxPooling1D(_Pooling):
    """The largest value of each window of a series (B, steps, C), each channel by itself.

    Args:
        pool_size: positions of a window.
        strides: distance between windows; None means `pool_size`, so that they touch.
        padding: 'valid', or 'same': windows reach over the ends where needed, and look at what is there.
        data_format: 'channels_last', 'channels_first', or None for the default.

    Raises:
        ValueError: a number is out of range, or a name is unknown.
        ShapeError: (when called) a window is larger than the input.
    """

    rank = 1
    _pool = staticmethod(_core.max_pool)

    def __init__(self, pool_size: Any = 2, *args: Any, **kwargs: Any) -> None:
        super().__init__(pool_size, *args, **kwargs)


class MaxPooling2D(MaxPooling1D):
    """The largest value of each window of an image (B, height, width, C); arguments as for `MaxPooling1D`."""

    rank = 2


class MaxPooling3D(MaxPooling1D):
    """The largest value of each window of a volume; arguments as for `MaxPooling1D`."""

    rank = 3


class AveragePooling1D(_Pooling):
    """The mean of each window of a series (B, steps, C), each channel by itself; padding does not count.

    Args:
        pool_size, strides, padding, data_format: as for `MaxPooling1D`.
    """

    rank = 1
    _pool = staticmethod(_core.average_pool)


class AveragePooling2D(AveragePooling1D):
    """The mean of each window of an image (B, height, width, C); arguments as for `MaxPooling1D`."""

    rank = 2


class AveragePooling3D(AveragePooling1D):
    """The mean of each window of a volume; arguments as for `MaxPooling1D`."""

    rank = 3


class _GlobalPooling(SpatialLayer):
    _reduce: Callable[..., Tensor]

    def __init__(self, data_format: str | None = None, keepdims: bool = False, **kwargs: Any) -> None:
        super().__init__(data_format, **kwargs)
        self.keepdims = bool(keepdims)

    def call(self, inputs: Tensor) -> Tensor:
        return type(self)._reduce(inputs, axis=tuple(self._axes()), keepdims=self.keepdims)

    def compute_output_shape(self, input_shape: Dims) -> Dims:
        sizes = (1,) * self.rank if self.keepdims else ()
        return self._shape(input_shape[0], sizes, input_shape[self._channel_axis])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "keepdims": self.keepdims}


class GlobalMaxPooling1D(_GlobalPooling):
    """The largest value of each channel: (B, steps, C) becomes (B, C).

    Args:
        data_format: 'channels_last', 'channels_first', or None for the default.
        keepdims: keep the spatial axes, with size 1.
    """

    rank = 1
    _reduce = staticmethod(_core.max)


class GlobalMaxPooling2D(GlobalMaxPooling1D):
    """The largest value of each channel of an image; arguments as for `GlobalMaxPooling1D`."""

    rank = 2


class GlobalMaxPooling3D(GlobalMaxPooling1D):
    """The largest value of each channel of a volume; arguments as for `GlobalMaxPooling1D`."""

    rank = 3


class GlobalAveragePooling2D(_GlobalPooling):
    """The mean of each channel of an image; arguments as for `GlobalMaxPooling1D`."""

    rank = 2
    _reduce = staticmethod(_core.mean)


class GlobalAveragePooling3D(GlobalAveragePooling2D):
    """The mean of each channel of a volume; arguments as for `GlobalMaxPooling1D`."""

    rank = 3


class GlobalAveragePooling1D(GlobalAveragePooling2D):
    """The mean of each channel: (B, steps, C) becomes (B, C). Steps that a mask leaves out do not count.

    Args:
        data_format, keepdims: as for `GlobalMaxPooling1D`.
    """

    rank = 1
    supports_masking = True

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> None:
        return None

    def call(self, inputs: Tensor, mask: Any = None) -> Tensor:
        if mask is None:
            return super().call(inputs)
        axis = self._axes()[0]
        kept = _core.expand_dims(_core.asarray(mask).astype(inputs.dtype), axis=self._channel_axis)
        total = _core.sum(inputs * kept, axis=axis, keepdims=self.keepdims)
        return total / _core.sum(kept, axis=axis, keepdims=self.keepdims)
