"""Layers that make one tensor of several, and their forms as functions: `add([a, b])` is `Add()([a, b])`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from string import ascii_lowercase, ascii_uppercase
from typing import Any

from .. import _core
from .._core import ShapeError, Tensor
from .fault import Fault
from .layer import Layer
from .normalization import checked_single_axis, unit
from .spec import Dims


class _Merge(Layer):
    """Takes a list of inputs with the same batch; what they have besides is for the subclass to say."""

    least, most = 1, float("inf")
    supports_masking = True

    def build(self, input_shape: Any) -> None:
        self.compute_output_shape(self._shapes(input_shape))

    def _shapes(self, input_shape: Any) -> list[Dims]:
        """Return the shapes of a list of inputs as tuples.

        Raises:
            ValueError: it is one shape, or too few or too many.
        """
        kind = type(self).__name__
        if not input_shape or not isinstance(input_shape[0], (tuple, list)):
            raise ValueError(
                f"{self._title()} combines a list of inputs, got one input; write {kind}()([a, b])"
            )
        if not self.least <= len(input_shape) <= self.most:
            raise ValueError(f"{self._title()} combines {self.least} inputs, got {len(input_shape)}")
        return [tuple(shape) for shape in input_shape]

    def _misfit(self, shapes: Sequence[Dims], reason: str) -> ShapeError:
        details = [(f"input {position}", f"{shape}", "") for position, shape in enumerate(shapes)]
        return ShapeError(Fault(self, f" cannot combine its inputs: {reason}", details))


class _Elementwise(_Merge):
    """Combines position by position; inputs broadcast, and one with fewer axes is the same along axis 1."""

    combine: Callable[[Tensor, Tensor], Tensor]

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Tensor | None:
        """Return where any input counts; without a mask of one, all of it does."""
        masks = previous_mask or [None]
        return None if any(mask is None for mask in masks) else reduce(_core.logical_or, masks)

    def call(self, inputs: Sequence[Tensor]) -> Tensor:
        self.compute_output_shape(_shapes_of(inputs))
        most = max(x.ndim for x in inputs)
        return reduce(type(self).combine, (_with_axes(x, most) for x in inputs))

    def compute_output_shape(self, input_shape: Any) -> Dims:
        shapes = self._shapes(input_shape)
        most = max(map(len, shapes))
        aligned = [(*shape[:1], *(1,) * (most - len(shape)), *shape[1:]) for shape in shapes]
        return tuple(
            self._merged_size(axis, sizes, shapes) for axis, sizes in enumerate(zip(*aligned, strict=True))
        )

    def _merged_size(self, axis: int, sizes: tuple[int | None, ...], shapes: list[Dims]) -> int | None:
        """Return the size along one axis: 1 gives way to any other, unknown meets everything."""
        known = {size for size in sizes if size not in (1, None)}
        if axis == 0:
            known |= {size for size in sizes if size is not None}
        if len(known) > 1:
            what = "the batch" if axis == 0 else f"axis {axis}"
            raise self._misfit(shapes, f"{what} is {' and '.join(map(str, sorted(known, key=int)))}")
        if None in sizes and not (known and axis == 0):
            return None
        return known.pop() if known else 1


class Add(_Elementwise):
    """The sum of all inputs."""

    combine = staticmethod(_core.add)


class Subtract(_Elementwise):
    """The first of two inputs minus the second."""

    least = most = 2
    combine = staticmethod(_core.subtract)


class Multiply(_Elementwise):
    """The product of all inputs, position by position."""

    combine = staticmethod(_core.multiply)


class Average(_Elementwise):
    """The mean of all inputs, position by position."""

    combine = staticmethod(_core.add)

    def call(self, inputs: Sequence[Tensor]) -> Tensor:
        return super().call(inputs) / len(inputs)


class Maximum(_Elementwise):
    """The largest of all inputs, position by position."""

    combine = staticmethod(_core.maximum)


class Minimum(_Elementwise):
    """The smallest of all inputs, position by position."""

    combine = staticmethod(_core.minimum)


class Concatenate(_Merge):
    """The inputs one after another along `axis`; elsewhere their shapes are the same."""

    def __init__(self, axis: int = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = checked_single_axis("Concatenate", axis)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Tensor | None:
        """Return where any value of the joined inputs counts; without a mask all of an input do."""
        masks = previous_mask or [None] * len(inputs)
        if all(mask is None for mask in masks):
            return None
        wide = [
            _core.ones(x.shape, dtype="bool")
            if mask is None
            else _core.broadcast_to(mask.reshape(*mask.shape, *(1,) * (x.ndim - mask.ndim)), x.shape)
            for x, mask in zip(inputs, masks, strict=True)
        ]
        return _core.any(_core.concat(wide, axis=self.axis), axis=-1)

    def call(self, inputs: Sequence[Tensor]) -> Tensor:
        self.compute_output_shape(_shapes_of(inputs))
        return _core.concat(inputs, axis=self.axis)

    def compute_output_shape(self, input_shape: Any) -> Dims:
        shapes = self._shapes(input_shape)
        first = shapes[0]
        if not -len(first) <= self.axis < len(first):
            raise self._misfit(shapes, f"they have no axis {self.axis}")
        joined = self.axis % len(first)
        if any(not _same_but(joined, first, shape) for shape in shapes):
            raise self._misfit(shapes, f"their sizes differ elsewhere than along axis {self.axis}")
        parts = [shape[joined] for shape in shapes]
        total = None if None in parts else sum(part for part in parts if part is not None)
        return (*first[:joined], total, *first[joined + 1 :])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "axis": self.axis}


class Dot(_Merge):
    """Products of two inputs, sample by sample, summed along one axis of each.

    (B, n) and (B, n) with axes=1 give (B, 1); (B, i, n) and (B, n, j) with axes=(2, 1) give (B, i, j).

    Args:
        axes: summed over; one for both inputs or a pair. Not 0, the batch.
        normalize: scale both to length 1 along their axis first: the sum is then the cosine.

    Raises:
        TypeError: `axes` is not an integer or a pair of them.
    """

    least = most = 2

    def __init__(self, axes: int | tuple[int, int], normalize: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        pair = (
            (axes, axes) if isinstance(axes, int) else tuple(axes) if isinstance(axes, (list, tuple)) else ()
        )
        if len(pair) != 2 or not all(isinstance(axis, int) for axis in pair):
            raise TypeError(f"Dot: axes must be an integer or two integers, got {axes!r}")
        self.axes, self.normalize, self._pair = axes, bool(normalize), pair

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> None:
        return None

    def call(self, inputs: Sequence[Tensor]) -> Tensor:
        i, j = self._summed_axes(self._shapes(_shapes_of(inputs)))
        a, b = inputs
        if self.normalize:
            a, b = unit(a, i), unit(b, j)
        first, second = list(ascii_lowercase[: a.ndim]), list(ascii_uppercase[: b.ndim])
        second[0], second[j] = first[0], first[i]
        kept = [letter for letter in first + second[1:] if letter != first[i]]
        y = _core.einsum(f"{''.join(first)},{''.join(second)}->{''.join(kept)}", a, b)
        return y if y.ndim > 1 else y[:, None]

    def compute_output_shape(self, input_shape: Any) -> Dims:
        shapes = self._shapes(input_shape)
        i, j = self._summed_axes(shapes)
        first, second = shapes
        rest = (*first[1:i], *first[i + 1 :], *second[1:j], *second[j + 1 :])
        return (first[0], *(rest or (1,)))

    def _summed_axes(self, shapes: list[Dims]) -> tuple[int, int]:
        for axis, shape in zip(self._pair, shapes, strict=True):
            if not -len(shape) <= axis < len(shape) or axis % len(shape) == 0:
                raise self._misfit(shapes, f"axis {axis} is not one that can be summed")
        i, j = (axis % len(shape) for axis, shape in zip(self._pair, shapes, strict=True))
        if None not in (shapes[0][i], shapes[1][j]) and shapes[0][i] != shapes[1][j]:
            raise self._misfit(
                shapes, f"axis {i} of the first is {shapes[0][i]}, axis {j} of the second {shapes[1][j]}"
            )
        return i, j

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "axes": self.axes, "normalize": self.normalize}


def add(inputs: Any, **kwargs: Any) -> Any:
    """Return `Add(**kwargs)(inputs)`."""
    return Add(**kwargs)(inputs)


def subtract(inputs: Any, **kwargs: Any) -> Any:
    """Return `Subtract(**kwargs)(inputs)`."""
    return Subtract(**kwargs)(inputs)


def multiply(inputs: Any, **kwargs: Any) -> Any:
    """Return `Multiply(**kwargs)(inputs)`."""
    return Multiply(**kwargs)(inputs)


def average(inputs: Any, **kwargs: Any) -> Any:
    """Return `Average(**kwargs)(inputs)`."""
    return Average(**kwargs)(inputs)


def maximum(inputs: Any, **kwargs: Any) -> Any:
    """Return `Maximum(**kwargs)(inputs)`."""
    return Maximum(**kwargs)(inputs)


def minimum(inputs: Any, **kwargs: Any) -> Any:
    """Return `Minimum(**kwargs)(inputs)`."""
    return Minimum(**kwargs)(inputs)


def concatenate(inputs: Any, axis: int = -1, **kwargs: Any) -> Any:
    """Return `Concatenate(axis, **kwargs)(inputs)`."""
    return Concatenate(axis, **kwargs)(inputs)


def dot(inputs: Any, axes: int | tuple[int, int] = -1, **kwargs: Any) -> Any:
    """Return `Dot(axes, **kwargs)(inputs)`."""
    return Dot(axes, **kwargs)(inputs)


def _shapes_of(inputs: Any) -> Any:
    """Return the shapes of a list of tensors, or the one shape of a tensor that should have been a list."""
    return [x.shape for x in inputs] if isinstance(inputs, (list, tuple)) else inputs.shape


def _with_axes(x: Tensor, count: int) -> Tensor:
    """Return x with axes of size 1 put in after the batch, `count` axes in all."""
    return x if x.ndim == count else x.reshape(*x.shape[:1], *(1,) * (count - x.ndim), *x.shape[1:])


def _same_but(axis: int, a: Dims, b: Dims) -> bool:
    """Whether two shapes agree outside of `axis`, where both are known."""
    return len(a) == len(b) and all(
        i == axis or x is None or y is None or x == y for i, (x, y) in enumerate(zip(a, b, strict=True))
    )
