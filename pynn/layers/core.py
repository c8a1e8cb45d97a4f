"""The layers of every network: Input, Dense, Activation, and those that only rearrange."""

from __future__ import annotations

import math
import operator
from typing import Any, ClassVar

from .. import _core, activations, constraints, initializers, regularizers
from .._core import ShapeError, Tensor
from ..config import checked_data_format
from ..naming import auto_name
from ..symbolic import SymbolicTensor, record
from ..variable import Variable
from .fault import Fault
from .layer import Layer
from .spec import Dims, InputSpec


def Input(
    shape: Dims | None = None,
    batch_size: int | None = None,
    dtype: str | None = None,
    sparse: bool | None = None,
    ragged: bool | None = None,
    batch_shape: Dims | None = None,
    name: str | None = None,
    tensor: Any = None,
    optional: bool = False,
) -> SymbolicTensor:
    """Declare a model's input: the first element of a Sequential model, or what layers are called on.

    Args:
        shape: of one sample, without the batch; None for sizes that vary.
        batch_size: None for any.
        dtype: None means float32.
        name: None gives 'input_layer', 'input_layer_1', ...
        batch_shape: shape with the batch, instead of `shape` and `batch_size`.
        sparse, ragged, optional, tensor: must be left as they are: inputs are dense tensors, and given.

    Raises:
        TypeError: the shape is not a tuple, or an argument is given that pynn does not support.
        ValueError: neither or both of `shape` and `batch_shape` are given.
    """
    _batch_shape("Input", shape, batch_size, batch_shape)
    refused = {"sparse": sparse, "ragged": ragged, "optional": optional, "tensor": tensor}
    for argument, value in refused.items():
        if value is not None and value is not False:
            raise TypeError(f"Input: pynn does not support the argument {argument!r} of Keras, got {value!r}")
    layer = InputLayer(shape, batch_size, dtype, batch_shape, name or auto_name("input_layer"))
    declared: SymbolicTensor = layer.output
    return declared


class InputLayer(Layer):
    """`Input` in the form of a layer: passes its input on.

    Args:
        shape, batch_size, dtype, name, batch_shape: as for `Input`.
    """

    keras_config: ClassVar[dict[str, Any]] = {"sparse": False, "ragged": False, "optional": False}

    def __init__(
        self,
        shape: Dims | None = None,
        batch_size: int | None = None,
        dtype: str | None = None,
        batch_shape: Dims | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, dtype=dtype, **kwargs)
        if shape is None and batch_shape is None:
            batch_shape, self.batch_input_shape = self.batch_input_shape, None
        self.batch_input_shape = _batch_shape("InputLayer", shape, batch_size, batch_shape)
        self.input_spec = InputSpec(shape=self.batch_input_shape)
        self.built = True
        self._output_shape = self.batch_input_shape
        record(self, (), {}, SymbolicTensor(self.batch_input_shape, self.dtype, self.name))

    def call(self, inputs: Tensor) -> Tensor:
        return inputs

    def compute_output_shape(self, input_shape: Dims) -> Dims:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        shape = {"batch_shape": self.batch_input_shape, "dtype": self.dtype, "name": self.name}
        return {**shape, **self.keras_config}


def _batch_shape(caller: str, shape: Dims | None, batch_size: int | None, batch_shape: Dims | None) -> Dims:
    """Return the shape with the batch, from whichever way it was given."""
    if (shape is None) == (batch_shape is None):
        raise ValueError(f"{caller}: give either shape=(sizes of one sample) or batch_shape=(batch, sizes)")
    sizes = shape if batch_shape is None else batch_shape
    if not isinstance(sizes, (tuple, list)):
        raise TypeError(f"{caller}: the shape must be a tuple, got {sizes!r}; write shape=({sizes},)")
    for size in sizes:
        if size is not None and (isinstance(size, bool) or not hasattr(size, "__index__")):
            raise TypeError(
                f"{caller}: a shape holds integers, or None for sizes that vary, got {tuple(sizes)}"
            )
        if size is not None and size < 0:
            raise ValueError(
                f"{caller}: a size must be at least 0, or None where it varies, got {tuple(sizes)}"
            )
    return (batch_size, *sizes) if batch_shape is None else tuple(sizes)


class Dense(Layer):
    """`activation(x @ kernel + bias)` on the last axis.

    Input (..., K), output (..., units); kernel (K, units), bias (units,).

    Args:
        units: number of outputs.
        activation: name, callable or None for none.
        use_bias: whether to add the bias.
        kernel_initializer, bias_initializer: first values of the weights.
        kernel_regularizer, bias_regularizer: penalties of the weights, added to the loss.
        kernel_constraint, bias_constraint: what the weights become after each step of an optimizer.

    Raises:
        ValueError: `units` is not positive, or a name is unknown.
        TypeError: `units` is not an integer.
    """

    supports_masking = True

    cast_integers = True
    input_spec = InputSpec(min_ndim=2)
    keras_only = Layer.keras_only | {"lora_rank", "lora_alpha"}
    keras_config: ClassVar[dict[str, Any]] = {"quantization_config": None}

    def __init__(
        self,
        units: int,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self.units = positive("Dense", "units", units)
        self.activation = activations.get(activation)
        self.use_bias = bool(use_bias)
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self.kernel: Variable = None  # type: ignore[assignment]  # made by build
        self.bias: Variable | None = None

    def build(self, input_shape: Dims) -> None:
        features = input_shape[-1]
        if features is None:
            raise ValueError(
                f"{self._title()} needs the size of the last axis to make its kernel, got {input_shape}"
            )
        self.kernel = self.add_weight(
            (features, self.units),
            self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
            name="kernel",
        )
        if self.use_bias:
            self.bias = self.add_weight(
                (self.units,),
                self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
                name="bias",
            )
        self.input_spec = InputSpec(min_ndim=2, axes={-1: features}, fixed_by=("kernel", 0))

    def call(self, inputs: Tensor) -> Tensor:
        fused = activations.FUSED.get(self.activation)
        y = _core.linear(inputs, self.kernel, self.bias, fused)
        return y if fused else self.activation(y)

    def compute_output_shape(self, input_shape: Dims) -> Dims:
        return (*input_shape[:-1], self.units)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "units": self.units,
            "activation": activations.serialize(self.activation),
            "use_bias": self.use_bias,
            "kernel_initializer": initializers.serialize(self.kernel_initializer),
            "bias_initializer": initializers.serialize(self.bias_initializer),
            "kernel_regularizer": regularizers.serialize(self.kernel_regularizer),
            "bias_regularizer": regularizers.serialize(self.bias_regularizer),
            "kernel_constraint": constraints.serialize(self.kernel_constraint),
            "bias_constraint": constraints.serialize(self.bias_constraint),
        }


class Activation(Layer):
    """An activation function as a layer.

    Args:
        activation: name or callable.
    """

    supports_masking = True

    cast_integers = True

    def __init__(self, activation: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.activation = activations.get(activation)

    def call(self, inputs: Tensor) -> Tensor:
        return self.activation(inputs)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "activation": activations.serialize(self.activation)}


class Flatten(Layer):
    """All axes but the batch in one, row-major: (B, h, w, c) becomes (B, h * w * c), (B,) becomes (B, 1).

    Args:
        data_format: "channels_first" moves the channels last before, so that Dense layers trained on either
            format agree.
    """

    def __init__(self, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format = checked_data_format("Flatten", data_format)

    def call(self, inputs: Tensor) -> Tensor:
        if inputs.ndim == 0:
            raise ShapeError("needs a batch, got a single number, shape ()")
        if self.data_format == "channels_first" and inputs.ndim > 2:
            inputs = _core.moveaxis(inputs, 1, -1)
        batch, *sizes = inputs.shape
        return _core.reshape(inputs, (batch, math.prod(sizes)))

    def compute_output_shape(self, input_shape: Dims) -> Dims:
        batch, *sizes = input_shape
        known = [size for size in sizes if size is not None]
        return (batch, math.prod(known) if len(known) == len(sizes) else None)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "data_format": self.data_format}


class Reshape(Layer):
    """Another shape for each sample.

    Args:
        target_shape: without the batch; one size may be -1, found from the others.

    Raises:
        ShapeError: (when called) the sizes do not multiply to those of the input.
    """

    def __init__(self, target_shape: tuple[int, ...], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.target_shape = tuple(operator.index(size) for size in target_shape)
        if self.target_shape.count(-1) > 1:
            raise ValueError(f"Reshape: only one size may be -1, got {self.target_shape}")

    def call(self, inputs: Tensor) -> Tensor:
        return _core.reshape(
            inputs, (inputs.shape[0], *(size or 0 for size in self._sizes(inputs.shape)[1:]))
        )

    def compute_output_shape(self, input_shape: Dims) -> Dims:
        return self._sizes(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "target_shape": self.target_shape}

    def _sizes(self, input_shape: Dims) -> Dims:
        """Return the output's shape, -1 replaced; unknown sizes of the input stay unknown."""
        batch, *sizes = input_shape
        known = [size for size in sizes if size is not None]
        if len(known) < len(sizes):
            return (batch, *(None if size == -1 else size for size in self.target_shape))
        total, fixed = math.prod(known), math.prod(size for size in self.target_shape if size != -1)
        if total % fixed if -1 in self.target_shape and fixed else total != fixed:
            details = [("input", f"{self.dtype} {input_shape}", f"{total} values a sample")]
            text = f" cannot make {self.target_shape} of {tuple(sizes)}"
            raise ShapeError(Fault(self, text, details))
        rest = total // fixed if fixed else 0
        return (batch, *(rest if size == -1 else size for size in self.target_shape))


class Permute(Layer):
    """The axes of each sample in another order.

    Args:
        dims: a permutation of 1, 2, ...; the batch, axis 0, stays first. (2, 1) swaps the two axes.
    """

    def __init__(self, dims: tuple[int, ...], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.dims = tuple(dims)
        if sorted(self.dims) != list(range(1, len(self.dims) + 1)):
            raise ValueError(f"Permute: dims must be a permutation of 1 to {len(self.dims)}, got {self.dims}")
        self.input_spec = InputSpec(ndim=len(self.dims) + 1)

    def call(self, inputs: Tensor) -> Tensor:
        return _core.permute_dims(inputs, (0, *self.dims))

    def compute_output_shape(self, input_shape: Dims) -> Dims:
        return (input_shape[0], *(input_shape[axis] for axis in self.dims))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "dims": self.dims}


class Identity(Layer):
    """Returns its input."""

    supports_masking = True

    def call(self, inputs: Any) -> Any:
        return inputs

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape


def positive(layer: str, argument: str, value: Any) -> int:
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{layer}: {argument} must be an integer, got {value!r}") from None
    if number <= 0:
        raise ValueError(f"{layer}: {argument} must be positive, got {number}")
    return number
