"""Layers that turn numbers into categories and categories into vectors of 0 and 1. They learn no weights."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any

import numpy as np

from .. import _core
from .._core import ShapeError, Tensor
from ..registry import did_you_mean
from .core import positive
from .layer import Layer
from .spec import Dims
from .standardization import batches_of

_MODES = ("one_hot", "multi_hot", "count")


class CategoryEncoding(Layer):
    """Integers in [0, num_tokens) as vectors of that size.

    Args:
        num_tokens: number of categories.
        output_mode: "one_hot" gives each integer a vector; "multi_hot" each sample one vector, 1 where the
            category occurs in it; "count" the number of times that it occurs.

    Raises:
        ValueError: an unknown mode, or (when called) an integer outside [0, num_tokens).
    """

    def __init__(
        self,
        num_tokens: int | None = None,
        output_mode: str = "multi_hot",
        sparse: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        _refuse_sparse("CategoryEncoding", sparse)
        self.num_tokens = positive("CategoryEncoding", "num_tokens", num_tokens)
        self.output_mode = _checked_mode("CategoryEncoding", output_mode, _MODES)

    def call(self, inputs: Tensor, count_weights: Any = None) -> Tensor:
        if count_weights is not None and self.output_mode != "count":
            raise ValueError(
                f"{self._title()}: count_weights is for output_mode='count', not {self.output_mode!r}"
            )
        outside = _core.logical_or(inputs < 0, inputs >= self.num_tokens)
        if bool(_core.any(outside)):
            raise ValueError(
                f"{self._title()} takes integers in 0..{self.num_tokens - 1}, the input has others"
            )
        return _encode(inputs, self.num_tokens, self.output_mode, self.dtype, count_weights)

    def compute_output_shape(self, input_shape: Dims) -> Dims:
        return _encoded_shape(input_shape, self.num_tokens, self.output_mode)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "num_tokens": self.num_tokens, "output_mode": self.output_mode}


class Discretization(Layer):
    """The number of the interval in which each value lies: below the first boundary 0, then 1, ...

    Args:
        bin_boundaries: rising numbers; a value at a boundary belongs to the interval above it.
        num_bins: instead of boundaries: `adapt` finds those that cut the data into as many equal parts.
        epsilon: accepted as in Keras, where the quantiles are approximate; here they are exact.
        output_mode: "int" for the number itself, or a mode of CategoryEncoding.

    Raises:
        ValueError: neither or both of `bin_boundaries` and `num_bins`, an unknown mode, or (when called)
            `adapt` has not been called.
    """

    cast_integers = True

    def __init__(
        self,
        bin_boundaries: Sequence[float] | None = None,
        num_bins: int | None = None,
        epsilon: float = 0.01,
        output_mode: str = "int",
        sparse: bool = False,
        dtype: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(dtype=dtype, name=name, **kwargs)
        _refuse_sparse("Discretization", sparse)
        if (bin_boundaries is None) == (num_bins is None):
            raise ValueError("Discretization: give either bin_boundaries or num_bins")
        self.bin_boundaries = None if bin_boundaries is None else [float(edge) for edge in bin_boundaries]
        self.num_bins = None if num_bins is None else positive("Discretization", "num_bins", num_bins)
        self.epsilon = epsilon
        self.output_mode = _checked_mode("Discretization", output_mode, ("int", *_MODES))
        if sorted(self.bin_boundaries or ()) != (self.bin_boundaries or []):
            raise ValueError(f"Discretization: bin_boundaries must rise, got {self.bin_boundaries}")

    def adapt(self, data: Any, steps: int | None = None) -> None:
        """Choose the boundaries so that each bin gets an equal part of the data.

        Args:
            data: an array, or an iterable of batches, of which (x, y) counts as x.
            steps: how many batches to take; None takes all.
        """
        if self.num_bins is None:
            raise ValueError(f"{self._title()} has its bin_boundaries; only with num_bins can it adapt")
        values = np.concatenate([np.ravel(batch) for batch in islice(batches_of(data), steps)])
        parts = np.arange(1, self.num_bins) / self.num_bins
        self.bin_boundaries = np.quantile(values.astype("float64"), parts).tolist()

    def call(self, inputs: Tensor) -> Tensor:
        edges = _core.asarray(self._edges(), dtype=inputs.dtype)
        numbers = _core.sum((inputs[..., None] >= edges).astype("int32"), axis=-1).astype("int32")
        if self.output_mode == "int":
            return numbers
        return _encode(numbers, edges.size + 1, self.output_mode, self.dtype)

    def compute_output_shape(self, input_shape: Dims) -> Dims:
        if self.output_mode == "int":
            return input_shape
        return _encoded_shape(input_shape, self.num_bins or len(self._edges()) + 1, self.output_mode)

    def get_config(self) -> dict[str, Any]:
        return {
            "bin_boundaries": self.bin_boundaries,
            "num_bins": self.num_bins,
            "epsilon": self.epsilon,
            "output_mode": self.output_mode,
            "sparse": False,
            "name": self.name,
            "dtype": self.dtype,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Layer:
        """Make a layer, with the boundaries that `adapt` found."""
        adapted = config.get("num_bins") is not None
        layer = cls(**{**config, "bin_boundaries": None if adapted else config["bin_boundaries"]})
        layer.bin_boundaries = config["bin_boundaries"]
        return layer

    def _edges(self) -> list[float]:
        if self.bin_boundaries is None:
            raise ValueError(f"{self._title()} has no boundaries yet; call adapt(data) first")
        return self.bin_boundaries


def _encode(x: Tensor, depth: int, mode: str, dtype: str, weights: Any = None) -> Tensor:
    """Return vectors of `depth` for categories x, as `output_mode` of CategoryEncoding says."""
    if mode == "one_hot":
        return _core.one_hot(x[..., 0] if x.ndim > 1 and x.shape[-1] == 1 else x, depth, dtype=dtype)
    if x.ndim > 2:
        raise ShapeError(f"output_mode={mode!r} takes samples (B, n) of n categories each, got {x.shape}")
    vectors = _core.one_hot(x if x.ndim else x[None], depth, dtype=dtype)
    if weights is not None:
        vectors = vectors * _core.asarray(weights, dtype=dtype)[..., None]
    counts = _core.sum(vectors, axis=-2)
    return _core.minimum(counts, 1.0) if mode == "multi_hot" else counts


def _encoded_shape(input_shape: Dims, depth: int, mode: str) -> Dims:
    if mode == "one_hot" and not (len(input_shape) > 1 and input_shape[-1] == 1):
        return (*input_shape, depth)
    return (*input_shape[:-1], depth)


def _checked_mode(layer: str, mode: str, modes: tuple[str, ...]) -> str:
    mode = "multi_hot" if mode == "binary" else mode  # Keras 2's name
    if mode not in modes:
        hint = did_you_mean(str(mode), modes)
        raise ValueError(f"{layer}: output_mode must be one of {modes}, got {mode!r}{hint}")
    return mode


def _refuse_sparse(layer: str, sparse: bool) -> None:
    if sparse:
        raise ValueError(f"{layer}: pynn has no sparse tensors, so sparse must be False")
