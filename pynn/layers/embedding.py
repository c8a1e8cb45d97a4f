"""Embedding: a learned vector for each of a fixed number of integers, such as words."""

from __future__ import annotations

from typing import Any, ClassVar

from .. import _core, initializers, regularizers
from .._core import Tensor
from ..masks import Masks
from .core import positive
from .layer import Layer
from .spec import Dims


class Embedding(Layer):
    """Row i of the weight `embeddings` for each integer i of the input: (B, n) becomes (B, n, output_dim).

    Args:
        input_dim: number of rows; the input's integers lie in [0, input_dim).
        output_dim: size of a row.
        embeddings_initializer, embeddings_regularizer: of the weight, of shape (input_dim, output_dim).
        mask_zero: 0 stands for nothing: steps that hold it do not count in the layers after this one.
        weights: its first values, instead of an initializer.
        input_length: Keras 2's declaration of n, as `input_shape=(n,)`.

    Raises:
        IndexError: (when called) an integer lies outside [0, input_dim).
    """

    keras_only = Layer.keras_only | {"lora_rank", "lora_alpha"}
    keras_config: ClassVar[dict[str, Any]] = {"quantization_config": None}
    constrained = ("embeddings",)

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        embeddings_initializer: Any = "uniform",
        embeddings_regularizer: Any = None,
        *,
        mask_zero: bool = False,
        weights: Any = None,
        input_length: int | None = None,
        **kwargs: Any,
    ) -> None:
        if input_length is not None:
            kwargs.setdefault("input_shape", (input_length,))
        super().__init__(**kwargs)
        self.mask_zero = bool(mask_zero)
        Masks.ever |= self.mask_zero
        self.input_dim = positive("Embedding", "input_dim", input_dim)
        self.output_dim = positive("Embedding", "output_dim", output_dim)
        self.embeddings_initializer = initializers.get(embeddings_initializer)
        self.embeddings_regularizer = regularizers.get(embeddings_regularizer)
        if weights is not None:
            self.build()
            self.set_weights(weights if isinstance(weights, list) and len(weights) == 1 else [weights])

    def build(self, input_shape: Dims | None = None) -> None:
        self.embeddings = self.add_weight(
            (self.input_dim, self.output_dim),
            self.embeddings_initializer,
            regularizer=self.embeddings_regularizer,
            constraint=self.embeddings_constraint,
            name="embeddings",
        )

    def call(self, inputs: Tensor) -> Tensor:
        rows = inputs if "int" in str(inputs.dtype) else inputs.astype("int32")
        if rows.size and not 0 <= int(_core.min(rows)) <= int(_core.max(rows)) < self.input_dim:
            wrong = [int(i) for i in (_core.min(rows), _core.max(rows)) if not 0 <= int(i) < self.input_dim]
            raise IndexError(
                f"{self._title()} has rows 0..{self.input_dim - 1}, its input contains {wrong[-1]}"
            )
        return _core.take(self.embeddings, rows, axis=0)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Tensor | None:
        return inputs != 0 if self.mask_zero else None

    def compute_output_shape(self, input_shape: Dims) -> Dims:
        return (*input_shape, self.output_dim)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "input_dim": self.input_dim,
            "output_dim": self.output_dim,
            "embeddings_initializer": initializers.serialize(self.embeddings_initializer),
            "embeddings_regularizer": regularizers.serialize(self.embeddings_regularizer),
            "activity_regularizer": regularizers.serialize(self.activity_regularizer),
            "mask_zero": self.mask_zero,
        }
