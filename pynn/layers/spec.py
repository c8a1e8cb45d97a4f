"""InputSpec: what shape of input a layer takes, checked before it computes anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._core import ShapeError
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
        self.min_ndim = min_ndim
        self.axes = dict(axes or {})
        if shape is not None:
            self.axes = {axis: size for axis, size in enumerate(shape) if size is not None}
        self.fixed_by = fixed_by

    def check(self, layer: WeightOwner, shape: Dims, dtype: Any) -> None:
        """Raise the layer's ShapeError unless an input of this shape fits; None sizes fit anything."""
        ndim = len(shape)
        if self.min_ndim is not None and ndim < self.min_ndim:
            raise self._wrong_ndim(layer, shape, dtype, f"at least {self.min_ndim}")
        if self.ndim is not None and ndim != self.ndim:
            raise self._wrong_ndim(layer, shape, dtype, str(self.ndim))
        for axis, size in self.axes.items():
            if shape[axis] != size and shape[axis] is not None:
                raise self._wrong_size(layer, shape, dtype, axis)

    def _wrong_ndim(self, layer: WeightOwner, shape: Dims, dtype: Any, wanted: str) -> ShapeError:
        wanted = f"{wanted} dimensions" if self.shape is None else f"the shape {self.shape}"
        got = f"{len(shape)}" if self.shape is None else f"{shape}"
        hint = ""
        if self.shape is None and len(shape) == 1:
            hint = "x[None, :] is a batch of one sample, x[:, None] a batch of samples of one feature"
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
