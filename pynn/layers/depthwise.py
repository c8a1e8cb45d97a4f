"""Convolutions of each channel by itself: depthwise, and separable, which mixes the channels afterwards."""

from __future__ import annotations

from typing import Any

from .. import _core, initializers, regularizers
from .._core import Tensor
from ..variable import Variable
from .convolutional import ConvolutionLayer
from .spatial import numbers, windows
from .spec import Dims, InputSpec


class _Depthwise(ConvolutionLayer):
    constrained: tuple[str, ...] = ("depthwise", "bias")
    _weight_name = "kernel"

    def __init__(
        self,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        depth_multiplier: int = 1,
        data_format: str | None = None,
        dilation_rate: Any = 1,
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias,
            bias_initializer, bias_regularizer, **kwargs,
        )  # fmt: skip
        self.depth_multiplier = numbers(type(self).__name__, "depth_multiplier", depth_multiplier, 1)[0]
        self.depthwise_initializer = initializers.get(depthwise_initializer)
        self.depthwise_regularizer = regularizers.get(depthwise_regularizer)
        self.kernel: Variable = None  # type: ignore[assignment]  # made by build

    def build(self, input_shape: Dims) -> None:
        channels = self._build_depthwise(input_shape)
        self._add_bias(channels * self.depth_multiplier)

    def _build_depthwise(self, input_shape: Dims) -> int:
        """Make the kernel of each channel; return the number of channels."""
        channels = self._channels(input_shape)
        self.kernel = self.add_weight(
            (*self.kernel_size, channels, self.depth_multiplier),
            self.depthwise_initializer,
            regularizer=self.depthwise_regularizer,
            constraint=self.depthwise_constraint,
            name=self._weight_name,
        )
        self.input_spec = InputSpec(
            ndim=self.rank + 2, axes={self._channel_axis: channels}, fixed_by=("kernel", self.rank)
        )
        return channels

    def _depthwise(self, inputs: Tensor) -> Tensor:
        return _core.depthwise_conv(
            self._to_last(inputs), self.kernel,
            strides=self.strides, padding=self.padding, dilation_rate=self.dilation_rate,
        )  # fmt: skip

    def call(self, inputs: Tensor) -> Tensor:
        return self._finished(self._depthwise(inputs))

    def compute_output_shape(self, input_shape: Dims) -> Dims:
        counts = windows(self, input_shape, self.kernel_size, self.strides, self.padding, self.dilation_rate)
        return self._shape(input_shape[0], counts, self._filters(input_shape))

    def _filters(self, input_shape: Dims) -> int | None:
        channels = input_shape[self._channel_axis]
        return None if channels is None else channels * self.depth_multiplier

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "depth_multiplier": self.depth_multiplier,
            "depthwise_initializer": initializers.serialize(self.depthwise_initializer),
            "depthwise_regularizer": regularizers.serialize(self.depthwise_regularizer),
        }


class DepthwiseConv1D(_Depthwise):
    """Convolution of each channel of a series by itself.

    Input (B, steps, C), output (B, windows, C * depth_multiplier); kernel (size, C, depth_multiplier).

    Args:
        kernel_size, strides, padding, data_format, dilation_rate: as for `Conv1D`; without 'causal'.
        depth_multiplier: outputs of each channel.
        activation, use_bias, bias_initializer, bias_regularizer: as for `Conv1D`.
        depthwise_initializer, depthwise_regularizer: first values and penalty of the kernel.
    """

    rank = 1


class DepthwiseConv2D(_Depthwise):
    """Convolution of each channel of an image by itself; arguments as for `DepthwiseConv1D`.

    Input (B, height, width, C), output (B, rows, columns, C * depth_multiplier); kernel (height, width, C,
    depth_multiplier).
    """

    rank = 2


class _Separable(_Depthwise):
    constrained = ("depthwise", "pointwise", "bias")
    _weight_name = "depthwise_kernel"

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        depth_multiplier: int = 1,
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        pointwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        pointwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            kernel_size, strides, padding, depth_multiplier, data_format, dilation_rate, activation,
            use_bias, depthwise_initializer, bias_initializer, depthwise_regularizer, bias_regularizer,
            **kwargs,
        )  # fmt: skip
        self.filters = numbers(type(self).__name__, "filters", filters, 1)[0]
        self.pointwise_initializer = initializers.get(pointwise_initializer)
        self.pointwise_regularizer = regularizers.get(pointwise_regularizer)
        self.pointwise_kernel: Variable = None  # type: ignore[assignment]  # made by build

    @property
    def depthwise_kernel(self) -> Variable | None:
        """The kernel of each channel."""
        return self.kernel

    def build(self, input_shape: Dims) -> None:
        channels = self._build_depthwise(input_shape)
        self.pointwise_kernel = self.add_weight(
            (*(1,) * self.rank, channels * self.depth_multiplier, self.filters),
            self.pointwise_initializer,
            regularizer=self.pointwise_regularizer,
            constraint=self.pointwise_constraint,
            name="pointwise_kernel",
        )
        self._add_bias(self.filters)

    def call(self, inputs: Tensor) -> Tensor:
        fused = self._fused()
        y = _core.conv(self._depthwise(inputs), self.pointwise_kernel, self.bias, fused)
        return y if fused else self.activation(self._from_last(y))

    def _filters(self, input_shape: Dims) -> int | None:
        return self.filters

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "filters": self.filters,
            "pointwise_initializer": initializers.serialize(self.pointwise_initializer),
            "pointwise_regularizer": regularizers.serialize(self.pointwise_regularizer),
        }


class SeparableConv1D(_Separable):
    """A depthwise convolution of a series, then one of single positions that mixes the channels.

    Kernels (size, C, depth_multiplier) and (1, C * depth_multiplier, filters), bias (filters,).

    Args:
        filters: number of outputs of each window.
        kernel_size, strides, padding, data_format, dilation_rate, depth_multiplier: of the first, as for
            `DepthwiseConv1D`.
        activation, use_bias, bias_initializer, bias_regularizer: of the result, as for `Conv1D`.
        depthwise_initializer, pointwise_initializer, depthwise_regularizer, pointwise_regularizer: first
            values and penalties of the two kernels.
    """

    rank = 1


class SeparableConv2D(_Separable):
    """A depthwise convolution of an image, then one of single pixels; arguments as for `SeparableConv1D`.

    Kernels (height, width, C, depth_multiplier) and (1, 1, C * depth_multiplier, filters), bias (filters,).
    """

    rank = 2
