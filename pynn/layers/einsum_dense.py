"""EinsumDense: a Dense layer whose product is any Einstein sum of the input and one kernel."""

from __future__ import annotations

import math
import re
from typing import Any, ClassVar

from .. import _core, activations, initializers, regularizers
from .._core import Tensor
from ..variable import Variable
from .layer import Layer
from .spec import Dims, InputSpec

_EQUATION = re.compile(r"(\.\.\.)?([a-zA-Z]+)(\.\.\.)?,([a-zA-Z]+)->(\.\.\.)?([a-zA-Z]+)(\.\.\.)?")


class EinsumDense(Layer):
    """`activation(einsum(equation, inputs, kernel) + bias)`.

    EinsumDense("...x,xy->...y", 64, bias_axes="y") is Dense(64).

    Args:
        equation: "ab,bc->ac", with "..." before or after the letters of input and output if wanted.
        output_shape: sizes of the output without the batch and what "..." stands for; None for a size that
            is the input's.
        activation: name, callable or None.
        bias_axes: letters of the output that the bias has; None for no bias.
        kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer: as for Dense.

    Raises:
        ValueError: the equation is not of this form, or a letter's size cannot be found.
    """

    cast_integers = True
    keras_only = Layer.keras_only | {
        "lora_rank",
        "lora_alpha",
        "gptq_unpacked_column_size",
    }
    keras_config: ClassVar[dict[str, Any]] = {"quantization_config": None}
    constrained = ("kernel", "bias")

    def __init__(
        self,
        equation: str,
        output_shape: int | tuple[int | None, ...],
        activation: Any = None,
        bias_axes: str | None = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.equation = equation
        self.partial_output_shape = (output_shape,) if isinstance(output_shape, int) else tuple(output_shape)
        self.activation = activations.get(activation)
        self.bias_axes = bias_axes
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel: Variable = None  # type: ignore[assignment]  # made by build
        self.bias: Variable | None = None
        match = _EQUATION.fullmatch(equation.replace(" ", ""))
        if match is None or match[1] != match[5] or match[3] != match[7] or (match[1] and match[3]):
            raise ValueError(
                f"EinsumDense: equation must be like 'ab,bc->ac', '...ab,bc->...ac' or 'ab...,bc->ac...', "
                f"got {equation!r}"
            )
        self._elided_left = bool(match[1])
        self._input, self._kernel, self._output = match[2], match[4], match[6]

    def build(self, input_shape: Dims) -> None:
        sizes = self._sizes(input_shape)
        self.input_spec = InputSpec(ndim=len(input_shape))
        self.kernel = self.add_weight(
            tuple(self._known(sizes, letter) for letter in self._kernel),
            self._fan_aware_initializer(sizes),
            regularizer=self.kernel_regularizer,
            name="kernel",
        )
        if self.bias_axes:
            self.bias = self.add_weight(
                self._bias_shape(sizes, len(input_shape)),
                self.bias_initializer,
                regularizer=self.bias_regularizer,
                name="bias",
            )

    def call(self, inputs: Tensor) -> Tensor:
        y = _core.einsum(self.equation, inputs, self.kernel)
        return self.activation(y if self.bias is None else y + self.bias)

    def compute_output_shape(self, input_shape: Dims) -> Dims:
        sizes = self._sizes(input_shape)
        named = tuple(sizes[letter] for letter in self._output)
        elided = len(input_shape) - len(self._input)
        if self._elided_left:
            return (*input_shape[:elided], *named)
        return (*named, *input_shape[len(self._input) :])

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "equation": self.equation,
            "output_shape": self.partial_output_shape,
            "activation": activations.serialize(self.activation),
            "bias_axes": self.bias_axes,
            "kernel_initializer": initializers.serialize(self.kernel_initializer),
            "bias_initializer": initializers.serialize(self.bias_initializer),
            "kernel_regularizer": regularizers.serialize(self.kernel_regularizer),
            "bias_regularizer": regularizers.serialize(self.bias_regularizer),
            "activity_regularizer": regularizers.serialize(self.activity_regularizer),
        }

    def _sizes(self, input_shape: Dims) -> dict[str, int | None]:
        """Return the size of every letter of input and output, None for one that stays unknown."""
        named = input_shape[-len(self._input) :] if self._elided_left else input_shape[: len(self._input)]
        letters = self._output if self._elided_left else self._output[1:]
        if len(named) != len(self._input) or len(letters) != len(self.partial_output_shape):
            raise self._wrong(
                f"does not fit input {input_shape} and output_shape {self.partial_output_shape}"
            )
        sizes = dict(zip(self._input, named, strict=True))
        sizes.setdefault(self._output[0], None)
        for letter, size in zip(letters, self.partial_output_shape, strict=True):
            own = sizes.get(letter)
            if None not in (own, size) and own != size:
                raise self._wrong(f"letter {letter!r} is {own} in the input and {size} in output_shape")
            sizes[letter] = size if own is None else own
        return sizes

    def _known(self, sizes: dict[str, int | None], letter: str) -> int:
        size = sizes.get(letter)
        if size is None:
            raise self._wrong(f"the size of letter {letter!r} is not known from the input or output_shape")
        return size

    def _bias_shape(self, sizes: dict[str, int | None], ndim: int) -> tuple[int, ...]:
        """Return the bias's shape: from its first letter to the end of the output, 1 for letters not its own."""
        axes = self.bias_axes or ""
        if not set(axes) <= set(self._output):
            raise self._wrong(f"bias_axes {axes!r} has letters that the output lacks")
        first = min(self._output.index(letter) for letter in axes)
        shape = tuple(self._known(sizes, letter) if letter in axes else 1 for letter in self._output[first:])
        return shape if self._elided_left else (*shape, *(1,) * (ndim - len(self._input)))

    def _fan_aware_initializer(self, sizes: dict[str, int | None]) -> Any:
        """Return the kernel's initializer, which sees a matrix (inputs, outputs) if it scales by their numbers."""
        if not isinstance(self.kernel_initializer, initializers.VarianceScaling):
            return self.kernel_initializer
        order = sorted(self._kernel, key=lambda letter: letter in self._output)
        outputs = [letter for letter in order if letter in self._output]
        fan_out = math.prod(self._known(sizes, letter) for letter in outputs)

        def initialize(shape: tuple[int, ...], dtype: Any = None) -> Tensor:
            matrix = self.kernel_initializer((math.prod(shape) // max(1, fan_out), fan_out), dtype=dtype)
            ordered = matrix.reshape(tuple(self._known(sizes, letter) for letter in order))
            return _core.permute_dims(ordered, [order.index(letter) for letter in self._kernel])

        return initialize

    def _wrong(self, reason: str) -> ValueError:
        return ValueError(f"{self._title()}: equation {self.equation!r}: {reason}")
