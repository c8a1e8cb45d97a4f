"""SpatialLayer: what layers over images, series and volumes share: data format, sizes for each axis, window counts."""

from __future__ import annotations

import operator
from typing import Any

from .. import _core, config
from .._core import ShapeError, Tensor
from ..registry import did_you_mean
from .fault import Fault
from .layer import Layer
from .spec import Dims, InputSpec

PADDINGS = ("valid", "same")


class SpatialLayer(Layer):
    """A layer over `rank` spatial axes: (B, axes ..., C), or (B, C, axes ...) where channels come first.

    Args:
        data_format: 'channels_last' or 'channels_first'; None means `pynn.config.image_data_format()`.

    Raises:
        ValueError: another data format.
    """

    cast_integers = True
    rank = 2

    def __init__(self, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format = config.checked_data_format(type(self).__name__, data_format)
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "data_format": self.data_format}

    @property
    def _channels_first(self) -> bool:
        return self.data_format == "channels_first"

    @property
    def _channel_axis(self) -> int:
        return 1 if self._channels_first else -1

    def _axes(self) -> range:
        """Return the spatial axes of the input."""
        first = 2 if self._channels_first else 1
        return range(first, first + self.rank)

    def _to_last(self, x: Tensor) -> Tensor:
        """Return x with its channels last, as operations want them."""
        return _core.moveaxis(x, 1, -1) if self._channels_first else x

    def _from_last(self, y: Tensor) -> Tensor:
        return _core.moveaxis(y, -1, 1) if self._channels_first else y

    def _sizes(self, shape: Dims) -> Dims:
        """Return the sizes of the spatial axes."""
        return tuple(shape[axis] for axis in self._axes())

    def _shape(self, batch: int | None, sizes: Dims, channels: int | None) -> Dims:
        return (batch, channels, *sizes) if self._channels_first else (batch, *sizes, channels)

    def _channels(self, input_shape: Dims) -> int:
        """Return the number of channels, which weights need."""
        channels = input_shape[self._channel_axis]
        if channels is None:
            raise ValueError(
                f"{self._title()} needs the number of channels, axis {self._channel_axis} of its input, to "
                f"make its kernel, got {input_shape}"
            )
        return channels


def numbers(layer: str, argument: str, value: Any, rank: int, least: int = 1) -> tuple[int, ...]:
    """Return an integer for each of `rank` axes from one integer or as many.

    Raises:
        ValueError: another number of them, or one below `least`.
        TypeError: not integers.
    """
    try:
        values = tuple(value) if isinstance(value, (tuple, list)) else (value,) * rank
        found = tuple(operator.index(item) for item in values)
    except TypeError:
        raise TypeError(f"{layer}: {argument} must be an integer or {rank} of them, got {value!r}") from None
    if len(found) != rank or min(found) < least:
        raise ValueError(
            f"{layer}: {argument} must be an integer of at least {least} or {rank} of them, got {value!r}"
        )
    return found


def pairs(layer: str, argument: str, value: Any, rank: int) -> tuple[tuple[int, int], ...]:
    """Return (before, after) for each axis from one integer, one an axis, or a pair an axis."""
    if rank == 1 and isinstance(value, (tuple, list)) and len(value) == 2:
        value = (value,)
    values = tuple(value) if isinstance(value, (tuple, list)) else (value,) * rank
    if len(values) != rank:
        raise ValueError(
            f"{layer}: {argument} must be an integer, or one or a pair for each of {rank} axes, got {value!r}"
        )
    found = [numbers(layer, argument, item, 2, least=0) for item in values]
    return tuple((before, after) for before, after in found)


def choice(layer: str, argument: str, value: Any, allowed: tuple[str, ...]) -> str:
    """Return `value` in lower case if it is one of the names in `allowed`."""
    name = value.lower() if isinstance(value, str) else value
    if name not in allowed:
        known, hint = ", ".join(map(repr, allowed)), did_you_mean(str(value), allowed)
        raise ValueError(f"{layer}: {argument} must be one of {known}, got {value!r}{hint}")
    return str(name)


def windows(
    layer: SpatialLayer,
    input_shape: Dims,
    window: tuple[int, ...],
    strides: tuple[int, ...],
    padding: str,
    dilation: tuple[int, ...],
) -> Dims:
    """Return how many windows fit along each spatial axis; None where its size is not known.

    Raises:
        ShapeError: not one fits.
    """
    found: list[int | None] = []
    for axis, size, stride, step in zip(layer._axes(), window, strides, dilation, strict=True):
        n, reach = input_shape[axis], (size - 1) * step + 1
        if n is not None and padding == "valid" and n < reach:
            details = [("input", f"{layer.dtype} {input_shape}", f"axis {axis:2} = {n}")]
            text = f": a window over {reach} positions does not fit on axis {axis} of its input"
            raise ShapeError(Fault(layer, text, details, "padding='same', or a smaller window, would fit"))
        found.append(None if n is None else (n - reach if padding == "valid" else n - 1) // stride + 1)
    return tuple(found)
