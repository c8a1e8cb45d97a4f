"""Conv1D, Conv2D and Conv3D; transposed, depthwise and separable ones have files of their own."""

from __future__ import annotations

from typing import Any

from .. import _core, activations, initializers, regularizers
from .._core import Tensor
from ..variable import Variable
from .spatial import PADDINGS, SpatialLayer, choice, numbers, windows
from .spec import Dims, InputSpec


class ConvolutionLayer(SpatialLayer):
    """What every convolution has: windows, an activation and a bias. `bias` has `filters` elements."""

    constrained: tuple[str, ...] = ("bias",)
    paddings: tuple[str, ...] = PADDINGS

    def __init__(
        self,
        kernel_size: Any,
        strides: Any,
        padding: str,
        data_format: str | None,
        dilation_rate: Any,
        activation: Any,
        use_bias: bool,
        bias_initializer: Any,
        bias_regularizer: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format, **kwargs)
        kind = type(self).__name__
        self.kernel_size = numbers(kind, "kernel_size", kernel_size, self.rank)
        self.strides = numbers(kind, "strides", strides, self.rank)
        self.padding = choice(kind, "padding", padding, self.paddings)
        self.dilation_rate = numbers(kind, "dilation_rate", dilation_rate, self.rank)
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise ValueError(
                f"{kind}: strides and dilation_rate cannot both be above 1, got {self.strides} and "
                f"{self.dilation_rate}"
            )
        self.activation = activations.get(activation)
        self.use_bias = bool(use_bias)
        self.bias_initializer = initializers.get(bias_initializer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.bias: Variable | None = None

    def _add_bias(self, filters: int) -> None:
        if self.use_bias:
            self.bias = self.add_weight(
                (filters,),
                self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
                name="bias",
            )

    def _fused(self) -> str | None:
        """Return the activation's name if the operation can apply it: along the channels, which are last."""
        return None if self._channels_first else activations.FUSED.get(self.activation)

    def _finished(self, y: Tensor) -> Tensor:
        """Return what is still to be done: bias, data format, activation."""
        if self.bias is not None:
            y = y + self.bias
        return self.activation(self._from_last(y))

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "padding": self.padding,
            "dilation_rate": self.dilation_rate,
            "activation": activations.serialize(self.activation),
            "use_bias": self.use_bias,
            "bias_initializer": initializers.serialize(self.bias_initializer),
            "bias_regularizer": regularizers.serialize(self.bias_regularizer),
            "activity_regularizer": regularizers.serialize(self.activity_regularizer),
        }


class _Conv(ConvolutionLayer):
    constrained = ("kernel", "bias")

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        groups: int = 1,
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
        self.filters, self.groups = (
            numbers(kind, "filters", filters, 1)[0],
            numbers(kind, "groups", groups, 1)[0],
        )
        if self.filters % self.groups:
            raise ValueError(f"{kind}: {self.filters} filters do not divide into {self.groups} groups")
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.kernel: Variable = None  # type: ignore[assignment]  # made by build

    def build(self, input_shape: Dims) -> None:
        channels = self._channels(input_shape)
        if channels % self.groups:
            raise ValueError(f"{self._title()}: {channels} channels do not divide into {self.groups} groups")
        self.kernel = self.add_weight(
            (*self.kernel_size, channels // self.groups, self.filters),
            self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
            name="kernel",
        )
        self._add_bias(self.filters)
        fixed_by = ("kernel", self.rank) if self.groups == 1 else None
        self.input_spec = InputSpec(
            ndim=self.rank + 2, axes={self._channel_axis: channels}, fixed_by=fixed_by
        )

    def call(self, inputs: Tensor) -> Tensor:
        fused = self._fused()
        y = _core.conv(
            self._to_last(inputs), self.kernel, self.bias, fused,
            strides=self.strides, padding=self._padding(), dilation_rate=self.dilation_rate,
        )  # fmt: skip
        return y if fused else self.activation(self._from_last(y))

    def compute_output_shape(self, input_shape: Dims) -> Dims:
        counts = windows(self, input_shape, self.kernel_size, self.strides, self.padding, self.dilation_rate)
        return self._shape(input_shape[0], counts, self.filters)

    def _padding(self) -> Any:
        """Return the padding in the operation's terms."""
        if self.padding != "causal":
            return self.padding
        return [
            ((size - 1) * step, 0) for size, step in zip(self.kernel_size, self.dilation_rate, strict=True)
        ]

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "filters": self.filters,
            "groups": self.groups,
            "kernel_initializer": initializers.serialize(self.kernel_initializer),
            "kernel_regularizer": regularizers.serialize(self.kernel_regularizer),
        }


class Conv1D(_Conv):
    """`activation(convolution + bias)` of series.

    Input (B, steps, C), output (B, windows, filters); kernel (size, C / groups, filters), bias (filters,).

    Args:
        filters: number of outputs of each window.
        kernel_size: positions of a window.
        strides: distance between windows.
        padding: 'valid'; 'same', zeros around the input so that each of its positions has a window where
            strides are 1; 'causal', zeros before it so that a window sees nothing that comes later.
        data_format: 'channels_last', 'channels_first' for (B, C, steps), None for the default.
        dilation_rate: distance between the positions of a window.
        groups: parts of the channels and the filters that have nothing to do with each other.
        activation: name, callable or None for none.
        use_bias: whether to add the bias.
        kernel_initializer, bias_initializer: first values of the weights.
        kernel_regularizer, bias_regularizer: penalties of the weights, added to the loss.

    Raises:
        ValueError: a number is out of range, a name is unknown, or groups do not come out even.
        ShapeError: (when called) a window is larger than the input.
    """

    rank = 1
    paddings = ("valid", "same", "causal")


class Conv2D(_Conv):
    """`activation(convolution + bias)` of images.

    Input (B, height, width, C), output (B, rows, columns, filters) of windows; kernel (height, width,
    C / groups, filters), bias (filters,).

    Args:
        filters: number of outputs of each window.
        kernel_size: height and width of a window, or one number for both.
        strides: distance between windows, down and across.
        padding: 'valid', or 'same': zeros around the image so that each pixel has a window where strides
            are 1.
        data_format: 'channels_last', 'channels_first' for (B, C, height, width), None for the default.
        dilation_rate: distance between the positions of a window.
        groups, activation, use_bias, kernel_initializer, bias_initializer, kernel_regularizer,
            bias_regularizer: as for `Conv1D`.

    Raises:
        ValueError: a number is out of range, a name is unknown, or groups do not come out even.
        ShapeError: (when called) a window is larger than the image.
    """

    rank = 2


class Conv3D(_Conv):
    """`activation(convolution + bias)` of volumes (B, depth, height, width, C); arguments as for `Conv2D`."""

    rank = 3
