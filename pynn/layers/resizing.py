"""Layers that change the sizes of spatial axes without weights: padding, cropping, repeating."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import _core
from .._core import ShapeError, Tensor
from .fault import Fault
from .spatial import SpatialLayer, choice, numbers, pairs
from .spec import Dims


class _ZeroPadding(SpatialLayer):
    def __init__(self, padding: Any = 1, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(data_format, **kwargs)
        self._pairs = pairs(type(self).__name__, "padding", padding, self.rank)
        self.padding: Any = self._pairs[0] if self.rank == 1 else self._pairs

    def call(self, inputs: Tensor) -> Tensor:
        y = inputs
        for axis, (before, after) in zip(self._axes(), self._pairs, strict=True):
            ends = [_core.zeros(_resized(y.shape, axis, n), dtype=y.dtype) for n in (before, after)]
            y = _core.concat([ends[0], y, ends[1]], axis=axis)
        return y

    def compute_output_shape(self, input_shape: Dims) -> Dims:
        shape = input_shape
        for axis, pair in zip(self._axes(), self._pairs, strict=True):
            size = shape[axis]
            shape = _resized(shape, axis, None if size is None else size + sum(pair))
        return shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "padding": self.padding}


class ZeroPadding1D(_ZeroPadding):
    """Zeros before and after a series (B, steps, C).

    Args:
        padding: their number at both ends, or (before, after).
        data_format: 'channels_last', 'channels_first', or None for the default.
    """

    rank = 1


class ZeroPadding2D(_ZeroPadding):
    """Zeros around an image (B, height, width, C).

    Args:
        padding: one number for all sides, (vertical, horizontal), or ((top, bottom), (left, right)).
        data_format: 'channels_last', 'channels_first', or None for the default.
    """

    rank = 2


class ZeroPadding3D(_ZeroPadding):
    """Zeros around a volume; `padding` as for `ZeroPadding2D`, with a third axis."""

    rank = 3


class _Cropping(SpatialLayer):
    def __init__(self, cropping: Any, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(data_format, **kwargs)
        self._pairs = pairs(type(self).__name__, "cropping", cropping, self.rank)
        self.cropping: Any = self._pairs[0] if self.rank == 1 else self._pairs

    def call(self, inputs: Tensor) -> Tensor:
        shape = self.compute_output_shape(inputs.shape)
        index: list[Any] = [slice(None)] * len(shape)
        for axis, (before, _) in zip(self._axes(), self._pairs, strict=True):
            index[axis] = slice(before, before + (shape[axis] or 0))
        return inputs[tuple(index)]

    def compute_output_shape(self, input_shape: Dims) -> Dims:
        shape = input_shape
        for axis, pair in zip(self._axes(), self._pairs, strict=True):
            size = shape[axis]
            if size is not None and size <= sum(pair):
                details = [("input", f"{self.dtype} {input_shape}", f"axis {axis:2} = {size}")]
                raise ShapeError(Fault(self, f": cropping {pair} leaves nothing of axis {axis}", details))
            shape = _resized(shape, axis, None if size is None else size - sum(pair))
        return shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "cropping": self.cropping}


class Cropping1D(_Cropping):
    """A series (B, steps, C) without its ends.

    Args:
        cropping: steps to leave out at both ends, or (before, after).
    """

    rank = 1

    def __init__(self, cropping: Any = (1, 1), **kwargs: Any) -> None:
        super().__init__(cropping, "channels_last", **kwargs)

    def get_config(self) -> dict[str, Any]:
        return {key: value for key, value in super().get_config().items() if key != "data_format"}


class Cropping2D(_Cropping):
    """An image (B, height, width, C) without its borders.

    Args:
        cropping: one number for all sides, (vertical, horizontal), or ((top, bottom), (left, right)).
        data_format: 'channels_last', 'channels_first', or None for the default.

    Raises:
        ShapeError: (when called) nothing is left.
    """

    rank = 2

    def __init__(
        self, cropping: Any = ((0, 0), (0, 0)), data_format: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(cropping, data_format, **kwargs)


class Cropping3D(_Cropping):
    """A volume without its borders; `cropping` as for `Cropping2D`, with a third axis."""

    rank = 3

    def __init__(
        self, cropping: Any = ((1, 1), (1, 1), (1, 1)), data_format: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(cropping, data_format, **kwargs)


class _UpSampling(SpatialLayer):
    def __init__(self, size: Any = 2, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(data_format, **kwargs)
        self._factors = numbers(type(self).__name__, "size", size, self.rank)
        self.size: Any = self._factors

    def call(self, inputs: Tensor) -> Tensor:
        y = inputs
        for axis, factor in zip(self._axes(), self._factors, strict=True):
            y = self._stretched(y, factor, axis)
        return y

    def _stretched(self, x: Tensor, factor: int, axis: int) -> Tensor:
        return _core.repeat(x, factor, axis=axis)

    def compute_output_shape(self, input_shape: Dims) -> Dims:
        shape = input_shape
        for axis, factor in zip(self._axes(), self._factors, strict=True):
            size = shape[axis]
            shape = _resized(shape, axis, None if size is None else size * factor)
        return shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "size": self.size}


class UpSampling1D(_UpSampling):
    """Each step of a series (B, steps, C) `size` times.

    Args:
        size: how often.
    """

    rank = 1

    def __init__(self, size: int = 2, **kwargs: Any) -> None:
        super().__init__(size, "channels_last", **kwargs)
        self.size = self._factors[0]

    def get_config(self) -> dict[str, Any]:
        return {key: value for key, value in super().get_config().items() if key != "data_format"}


class UpSampling2D(_UpSampling):
    """An image (B, height, width, C) made larger.

    Args:
        size: how many times, one number or (vertical, horizontal).
        data_format: 'channels_last', 'channels_first', or None for the default.
        interpolation: 'nearest' repeats pixels, 'bilinear' blends the nearest ones.

    Raises:
        ValueError: another interpolation.
    """

    rank = 2

    def __init__(
        self,
        size: Any = (2, 2),
        data_format: str | None = None,
        interpolation: str = "nearest",
        **kwargs: Any,
    ) -> None:
        super().__init__(size, data_format, **kwargs)
        self.interpolation = choice("UpSampling2D", "interpolation", interpolation, ("nearest", "bilinear"))

    def _stretched(self, x: Tensor, factor: int, axis: int) -> Tensor:
        if self.interpolation == "nearest":
            return super()._stretched(x, factor, axis)
        return _blended(x, factor, axis)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "interpolation": self.interpolation}


class UpSampling3D(_UpSampling):
    """Each value of a volume repeated; `size` one number or one for each axis."""

    rank = 3


def _resized(shape: Any, axis: int, size: int | None) -> Any:
    return (*shape[:axis], size, *shape[axis + 1 :])


def _blended(x: Tensor, factor: int, axis: int) -> Tensor:
    """Return x stretched along an axis, each value between the two whose centres are next to its own."""
    n = x.shape[axis]
    centre = np.clip((np.arange(n * factor) + 0.5) / factor - 0.5, 0, n - 1)
    below = np.minimum(centre.astype(np.int64), max(n - 2, 0))
    share = (centre - below).reshape(-1, *(1,) * (x.ndim - 1 - axis))
    weight = _core.asarray(share).astype(x.dtype)
    above = np.minimum(below + 1, n - 1)
    return _core.take(x, below, axis=axis) * (1 - weight) + _core.take(x, above, axis=axis) * weight
