"""InputSpec: what shape of input a layer takes, checked before it computes anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from .._core import ShapeError, Tensor
from ..symbolic import SymbolicTensor
from .fault import Fault

if TYPE_CHECKING:
    from .weights import WeightOwner

Dims = tuple[int | None, ...]


class InputSpec:
    """Requirements on the shape of one input.

    Args:
        ndim: exact number of dimensions, batch included.
        min_ndim: least number of dimensions.
        axes: the sizes that some axes must have, for example {-1: 64}.
        shape: the whole shape, None for any size; sets `ndim` and `axes`.
        fixed_by: name of the layer's weight, and its axis, that fixed the size in `axes`.
    """

    def __init__(
        self,
        ndim: int | None = None,
        min_ndim: int | None = None,
        axes: dict[int, int] | None = None,
        shape: Dims | None = None,
        fixed_by: tuple[str, int] | None = None,
    ) -> None:
        self.shape = shape
        self.ndim = ndim if shape is None else len(shape)
        self.axes = dict(axes or {})
        if shape is not None:
            self.axes = {axis: size for axis, size in enumerate(shape) if size is not None}
        deepest = max((axis + 1 if axis >= 0 else -axis for axis in self.axes), default=0)
        self.min_ndim = max(min_ndim or 0, deepest)
        self.fixed_by = fixed_by

    def check(self, layer: WeightOwner, x: Tensor | SymbolicTensor) -> None:
        """Raise the layer's ShapeError unless x fits; a size None of x fits anything."""
        if not self.fits(x.shape):
            self.refuse(layer, x)

    def refuse(self, layer: WeightOwner, x: Tensor | SymbolicTensor) -> NoReturn:
        """Raise the layer's ShapeError for an input that does not fit."""
        shape = x.shape
        ndim = len(shape)
        if self.ndim is not None and ndim != self.ndim:
            raise self._wrong_ndim(layer, shape, x.dtype, f"{self.ndim}")
        if ndim < self.min_ndim:
            raise self._wrong_ndim(layer, shape, x.dtype, f"at least {self.min_ndim}")
        wrong = (a for a, size in self.axes.items() if shape[a] != size and shape[a] is not None)
        raise self._wrong_size(layer, shape, x.dtype, next(wrong))

    def fits(self, shape: Dims) -> bool:
        """Return whether an input may have this shape; None in it fits anything."""
        ndim = len(shape)
        if ndim < self.min_ndim or (self.ndim is not None and ndim != self.ndim):
            return False
        for axis, size in self.axes.items():  # noqa: SIM110 - half the time of all()
            if shape[axis] != size and shape[axis] is not None:
                return False
        return True

    def _wrong_ndim(self, layer: WeightOwner, shape: Dims, dtype: Any, count: str) -> ShapeError:
        wanted = f"{count} dimensions" if self.shape is None else f"the shape {self.shape}"
        got = f"{len(shape)}" if self.shape is None else f"{shape}"
        hint = ""
        if self.shape is None and len(shape) == 1:
            hint = "x[None, :] is a batch of one sample, x[:, None] a batch of samples of one feature"
        elif self.shape is not None and shape == self.shape[1:]:
            hint = "x[None] is a batch of one sample"
        elif self.shape is None and self.ndim is not None and len(shape) == self.ndim - 1:
            hint = "add what is missing: x[..., None] is one channel, x[None] is a batch of one sample"
        text = f" expected an input of {wanted}, got {got}"
        return ShapeError(Fault(layer, text, [("input", f"{dtype} {shape}", "")], hint))

    def _wrong_size(self, layer: WeightOwner, shape: Dims, dtype: Any, axis: int) -> ShapeError:
        size, got = self.axes[axis], shape[axis]
        if self.shape is not None:
            text = f" expected an input of the shape {self.shape}, got {shape}"
        elif axis == -1:
            text = f" expected {size} input features, got {got}"
        else:
            text = f" expected {size} on axis {axis} of its input, got {got}"
        details = [("input", f"{dtype} {shape}", f"axis {axis:2} = {got}")]
        hint = f"give it {size}, or make a new layer for {got}"
        if self.fixed_by is not None:
            name, weight_axis = self.fixed_by
            weight = getattr(layer, name)
            details.append((name, f"{weight.dtype} {weight.shape}", f"axis {weight_axis:2} = {size}"))
        return ShapeError(Fault(layer, text, details, hint))
