"""What a layer says when its input does not fit: which layer, where, the shapes, and what to do.

The layer starts the report; the model around it adds the position and a better hint while the error passes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .._core import Tensor

if TYPE_CHECKING:
    from .weights import WeightOwner


@dataclass
class Fault:
    """The only argument of the error that carries it; `str` of the error is `str` of this.

    Args:
        layer: the layer that refused its input.
        text: what was wrong, following the layer's name.
        details: rows of label, dtype and shape, note.
        hint: what to do; the model may replace it.
    """

    layer: WeightOwner
    text: str
    details: list[tuple[str, str, str]] = field(default_factory=list)
    hint: str = ""
    place: str = ""

    def __str__(self) -> str:
        place = f" ({self.place})" if self.place else ""
        lines = [f"{self.layer._title()}{place}{self.text}"]
        label_width = max((len(label) for label, _, _ in self.details), default=0)
        shape_width = max((len(shape) for _, shape, _ in self.details), default=0)
        for label, shape, note in self.details:
            lines.append(f"  {label:{label_width}} {shape:{shape_width}}   {note}".rstrip())
        if self.hint:
            lines.append(f"  hint: {self.hint}")
        return "\n".join(lines)

    __repr__ = __str__


def fault_of(error: BaseException, layer: WeightOwner) -> Fault | None:
    """Return the report in `error` if it is `layer`'s own and no model has placed it yet."""
    fault = error.args[0] if error.args else None
    if isinstance(fault, Fault) and fault.layer is layer and not fault.place:
        return fault
    return None


def name_layer(error: BaseException, layer: WeightOwner, inputs: Any) -> None:
    """Put the layer's name and its input before the message of an operation that failed in its `call`."""
    if error.args and isinstance(error.args[0], Fault):
        return  # an inner layer has spoken; it is nearer to the mistake
    details = [("input", f"{inputs.dtype} {inputs.shape}", "")] if isinstance(inputs, Tensor) else []
    error.args = (Fault(layer, f": {error}", details),)
