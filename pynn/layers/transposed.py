"""Conv1DTranspose, Conv2DTranspose and Conv3DTranspose: from few positions to many."""

from __future__ import annotations

from typing import Any

from .. import _core, initializers, regularizers
from .._core import ShapeError, Tensor
from ..variable import Variable
from .convolutional import ConvolutionLayer
from .fault import Fault
from .spatial import numbers
from .spec import Dims, InputSpec


class _ConvTranspose(ConvolutionLayer):
    constrained = ("kernel", "bias")

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        output_padding: Any = None,
        data_format: str | None = None,
        dilation_rate: Any = 1,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias,
            bias_initializer, bias_regularizer, **kwargs,
        )  # fmt: skip
        kind = type(self).__name__
        self.filters = numbers(kind, "filters", filters, 1)[0]
        self.output_padding = None
        if output_padding is not None:
            self.output_padding = numbers(kind, "output_padding", output_padding, self.rank, least=0)
            if any(a >= b for a, b in zip(self.output_padding, self.strides, strict=True)):
                raise ValueError(
                    f"{kind}: output_padding must be below strides, got {self.output_padding} and {self.strides}"
                )
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.kernel: Variable = None  # type: ignore[assignment]  # made by build

    def build(self, input_shape: Dims) -> None:
        channels = self._channels(input_shape)
        self.kernel = self.add_weight(
            (*self.kernel_size, self.filters, channels),
            self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
            name="kernel",
        )
        self._add_bias(self.filters)
        self.input_spec = InputSpec(
            ndim=self.rank + 2, axes={self._channel_axis: channels}, fixed_by=("kernel", self.rank + 1)
        )

    def call(self, inputs: Tensor) -> Tensor:
        y = _core.conv_transpose(
            self._to_last(inputs), self.kernel, strides=self.strides, padding=self.padding,
            output_padding=self.output_padding, dilation_rate=self.dilation_rate,
        )  # fmt: skip
        return self._finished(y)

    def compute_output_shape(self, input_shape: Dims) -> Dims:
        sizes = tuple(self._length(input_shape, i) for i in range(self.rank))
        return self._shape(input_shape[0], sizes, self.filters)

    def _length(self, input_shape: Dims, i: int) -> int | None:
        """Return the size of spatial axis i of the output."""
        n, stride = self._sizes(input_shape)[i], self.strides[i]
        if n is None:
            return None
        reach = (self.kernel_size[i] - 1) * self.dilation_rate[i] + 1
        if self.output_padding is None:
            return n * stride + max(reach - stride, 0) if self.padding == "valid" else n * stride
        cropped = 2 * (reach // 2) if self.padding == "same" else 0
        size = (n - 1) * stride + reach - cropped + self.output_padding[i]
        if size < 1:
            raise ShapeError(Fault(self, f": nothing is left of axis {i + 1} of an output for {input_shape}"))
        return size

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "filters": self.filters,
            "output_padding": self.output_padding,
            "kernel_initializer": initializers.serialize(self.kernel_initializer),
            "kernel_regularizer": regularizers.serialize(self.kernel_regularizer),
        }


class Conv1DTranspose(_ConvTranspose):
    """The way back of a Conv1D: each position of the input adds a window to the output.

    Input (B, steps, C), output (B, more steps, filters); kernel (size, filters, C), bias (filters,).

    Args:
        filters: number of channels of the output.
        kernel_size: positions of a window.
        strides: distance between the windows in the output.
        padding: 'valid', or 'same' for an output `strides` times as long as the input.
        output_padding: positions added at the end, below `strides`; None for what `padding` says.
        data_format: 'channels_last', 'channels_first', or None for the default.
        dilation_rate: distance between the positions of a window.
        activation, use_bias, kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer: as
            for `Conv1D`.

    Raises:
        ValueError: a number is out of range, or a name is unknown.
    """

    rank = 1


class Conv2DTranspose(_ConvTranspose):
    """The way back of a Conv2D, from small images to large ones; arguments as for `Conv1DTranspose`.

    Input (B, height, width, C), output (B, larger, larger, filters); kernel (height, width, filters, C).
    """

    rank = 2


class Conv3DTranspose(_ConvTranspose):
    """The way back of a Conv3D; arguments as for `Conv1DTranspose`."""

    rank = 3
