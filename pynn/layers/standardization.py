"""Normalization: the layer that measures mean and variance of the data once, before training."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from .. import _core
from .._core import ShapeError, Tensor
from .layer import Layer
from .normalization import sizes_along
from .spec import Dims, InputSpec

_LEAST_DEVIATION = 1e-7


class Normalization(Layer):
    """`(inputs - mean) / sqrt(variance)`, where `adapt` has measured both, or where they are given.

    Args:
        axis: keeps statistics of its own for every position along it (or along each of several); None
            has one mean and one variance for everything.
        mean, variance: both or neither; numbers, or one for each position of `axis`.
        invert: undo it instead: `inputs * sqrt(variance) + mean`.

    Raises:
        ValueError: only one of `mean` and `variance`, or (when built) their shape does not fit.
    """

    supports_masking = True

    cast_integers = True

    def __init__(
        self,
        axis: int | Sequence[int] | None = -1,
        mean: Any = None,
        variance: Any = None,
        invert: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if (mean is None) != (variance is None):
            raise ValueError("Normalization: give both mean and variance, or neither and call adapt")
        if mean is not None and np.shape(mean) != np.shape(variance):
            raise ValueError(
                f"Normalization: mean has shape {np.shape(mean)}, variance {np.shape(variance)}; they must agree"
            )
        self.axis = () if axis is None else (axis,) if isinstance(axis, int) else tuple(axis)
        self.input_mean, self.input_variance = mean, variance
        self.invert = bool(invert)
        self.adapt_mean: Any = None
        self.adapt_variance: Any = None

    def build(self, input_shape: Dims) -> None:
        ndim = len(input_shape)
        found = zip(self.axis, sizes_along(self, input_shape, self.axis), strict=True)
        by_axis = dict(sorted((axis % ndim, size) for axis, size in found))
        self.input_spec = InputSpec(ndim=ndim, axes=by_axis)
        self._reduced = tuple(axis for axis in range(ndim) if axis not in by_axis)
        self._broadcast = tuple(by_axis.get(axis, 1) for axis in range(ndim))
        sizes = tuple(by_axis.values())
        if self.input_mean is None:
            self.adapt_mean = self.add_weight(sizes, "zeros", trainable=False, name="mean")
            self.adapt_variance = self.add_weight(sizes, "ones", trainable=False, name="variance")
            self.count = self.add_weight((), "zeros", dtype="int32", trainable=False, name="count")
        else:
            self.adapt_mean = self._given("mean", self.input_mean, sizes)
            self.adapt_variance = self._given("variance", self.input_variance, sizes)

    def _given(self, name: str, value: Any, sizes: tuple[int, ...]) -> Tensor:
        given = _core.asarray(value, dtype=self.dtype)
        try:
            return _core.broadcast_to(given, sizes)
        except ShapeError:
            raise ValueError(
                f"{self._title()}: {name} has shape {given.shape}, its axes have {sizes}"
            ) from None

    @property
    def mean(self) -> Tensor:
        """Mean, in a shape that broadcasts with the input."""
        return _core.reshape(self.adapt_mean, self._broadcast)

    @property
    def variance(self) -> Tensor:
        """Variance, in a shape that broadcasts with the input."""
        return _core.reshape(self.adapt_variance, self._broadcast)

    def adapt(self, data: Any) -> None:
        """Measure mean and variance anew.

        Args:
            data: an array, or an iterable of batches, of which (x, y) counts as x.

        Raises:
            ValueError: mean and variance were given, or there is no data.
            ShapeError: a batch does not fit those before.
        """
        if self.input_mean is not None:
            raise ValueError(f"{self._title()} was given its mean and variance, so it cannot adapt")
        count, mean, squares = 0, _core.zeros(()), _core.zeros(())
        for batch in batches_of(data):
            x = _core.asarray(batch, dtype="float64")
            if not self.built:
                self.build((None, *x.shape[1:]))
            if self.input_spec is not None:
                self.input_spec.check(self, x)
            more = math.prod(x.shape[axis] for axis in self._reduced)
            # Chan, Golub, LeVeque (1979): sums of squares about two means become one about the common mean.
            apart = _core.mean(x, axis=self._reduced) - mean
            squares = (
                squares + _core.var(x, axis=self._reduced) * more + apart**2 * (count * more / (count + more))
            )
            mean = mean + apart * (more / (count + more))
            count += more
        self.adapt_mean.assign(mean)
        self.adapt_variance.assign(squares / count)
        self.count.assign(count)

    def call(self, inputs: Tensor) -> Tensor:
        deviation = _core.maximum(_core.sqrt(self.variance), _LEAST_DEVIATION)
        return self.mean + inputs * deviation if self.invert else (inputs - self.mean) / deviation

    def compute_output_shape(self, input_shape: Dims) -> Dims:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "axis": self.axis,
            "mean": None if self.input_mean is None else np.asarray(self.input_mean).tolist(),
            "variance": None if self.input_variance is None else np.asarray(self.input_variance).tolist(),
            "invert": self.invert,
        }


def batches_of(data: Any) -> Iterator[Any]:
    """Yield an array as the only batch, or what an iterable has; of a tuple (x, y), x.

    Raises:
        ValueError: there is no data.
    """
    empty = True
    for item in [data] if hasattr(data, "shape") else data:
        batch = np.asarray(item[0] if isinstance(item, tuple) else item)
        empty = empty and not batch.size
        yield batch
    if empty:
        raise ValueError("adapt: there is no data")
