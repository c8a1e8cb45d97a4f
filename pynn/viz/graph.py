"""The computation behind a tensor as a drawing: each operation with its value and its gradient. SVG, nothing needed."""

from __future__ import annotations

import os
import tempfile
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .._core import Tensor
from .layered import Box, Layout, place
from .tape import Step, steps

_MOST_STEPS = 300  # more make a drawing nobody reads
_SYMBOLS = {"add": "+", "subtract": "−", "multiply": "×", "divide": "÷", "matmul": "@", "negative": "−"}
_FILL = {"leaf": "#e3eefb", "constant": "#eeeeee"}
_STROKE = {"leaf": "#1f4e79", "constant": "#999999"}
_MOST_ELEMENTS = 16  # of what is shown in full
_LETTER, _LINE, _PADDING, _MARGIN, _PORT = 7.3, 16.0, 9.0, 12.0, 13.0  # pixels


class Drawing:
    """An SVG picture. A notebook shows it; `save` writes it to a file; `svg` is its text."""

    def __init__(self, svg: str) -> None:
        self.svg = svg

    def _repr_svg_(self) -> str:
        return self.svg

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the drawing to an `.svg` file, whole or not at all.

        Raises:
            ValueError: the name does not end in .svg.
            OSError: the file cannot be written.
        """
        target = Path(path)
        if target.suffix.lower() != ".svg":
            raise ValueError(f"Drawing.save: '{target}' must end in .svg")
        handle, beside = tempfile.mkstemp(suffix=".svg", prefix=f".{target.stem}.", dir=target.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(self.svg)
            umask = os.umask(0)
            os.umask(umask)
            os.chmod(beside, 0o666 & ~umask)  # as a file that was simply opened
            os.replace(beside, target)
        except BaseException:
            os.unlink(beside)
            raise


def graph(tensor: Tensor, /, **names: Tensor) -> Drawing:
    """Draws how a tensor was computed: inputs, constants and operations, each with its value and its gradient.

    The gradients are those of the tensor (of its sum, if it has several elements) with respect to each box: the chain
    rule at work, from right to left. They are computed for the drawing; `grad` of the inputs is left as it is.

    Args:
        tensor: what was computed from tensors with `requires_grad`, or inside a `GradientTape` from variables.
        names: what to call its parts: `graph(y, x=x, w=w)`.

    Returns:
        A `Drawing`. The tape remembers values of at most 64 bytes, and none that were never stored (what a layer
        hands to its activation); where a value is not known its shape is shown, and of a large gradient its
        Euclidean norm. A large constant is not shown.

    Raises:
        TypeError: the tensor or a named part is not a pynn tensor.
        GradientError: the tensor was not recorded, or what a gradient needs was changed in place since.
        ValueError: there are more than 300 boxes to draw.
    """
    for name, value in {"tensor": tensor, **names}.items():
        if not isinstance(value, Tensor):
            raise TypeError(f"viz.graph: {name} must be a pynn tensor, got {type(value).__name__}")
    found = steps(tensor, names)
    if len(found) > _MOST_STEPS:
        raise ValueError(
            f"viz.graph: {len(found):,} boxes are too many to draw (at most {_MOST_STEPS}); draw a smaller part"
        )
    boxes = [_box(step) for step in found]
    return Drawing(_svg(found, boxes, place(boxes)))


# --- Text ------------------------------------------------------------------------------------------------------------


def _title(step: Step) -> str:
    if step.operation in ("leaf", "constant"):
        return step.name or {"leaf": "input", "constant": "constant"}[step.operation]
    sign = _SYMBOLS.get(step.operation, step.operation)
    return f"{step.name} = {sign}" if step.name else sign


def _lines(step: Step) -> list[tuple[str, str]]:
    """Kind ('title', 'value', 'grad') and text of each line in a box."""
    lines = [("title", _title(step))]
    if step.value is not None and _is_small(step.value):
        lines += [("value", text) for text in _rows(step.value, "")]
    elif step.gradient is not None:
        lines.append(("value", f"shape {step.gradient.shape}"))
    if step.gradient is None:
        return lines
    if _is_small(step.gradient):
        return lines + [("grad", text) for text in _rows(step.gradient, "grad ")]
    return [*lines, ("grad", f"grad norm {_number(np.linalg.norm(step.gradient))}")]


def _is_small(values: npt.NDArray[Any]) -> bool:
    return values.ndim <= 2 and values.size <= _MOST_ELEMENTS


def _rows(values: npt.NDArray[Any], label: str) -> list[str]:
    """The elements with four digits: one line, or a matrix with one a row, columns under each other."""
    if values.ndim == 0:
        return [label + _number(values.item())]
    table = [[_number(x) for x in row] for row in np.atleast_2d(values).tolist()]
    width = max(len(cell) for row in table for cell in row)
    rows = ["[" + " ".join(cell.rjust(width) for cell in row) + "]" for row in table]
    return [(label if i == 0 else " " * len(label)) + row for i, row in enumerate(rows)]


def _number(x: Any) -> str:
    return str(x) if isinstance(x, (bool, int)) else f"{x + 0.0:.4g}"  # no -0


def _box(step: Step) -> Box:
    lines = _lines(step)
    longest = max(len(text) for _, text in lines)
    return Box(max(longest * _LETTER + 2 * _PADDING, 44), len(lines) * _LINE + 2 * _PADDING - 4, step.sources)


# --- Drawing ---------------------------------------------------------------------------------------------------------

_STYLE = (
    "text{font:12px ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace;white-space:pre}"
    ".title{font-weight:bold;text-anchor:middle}.value{fill:#222222}.grad{fill:#b3293e}"
    ".edge{fill:none;stroke:#777777;stroke-width:1.3;marker-end:url(#tip)}"
)
_TIP = (
    '<marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
    '<path d="M0 0L8 4L0 8z" fill="#777777"/></marker>'
)


def _svg(found: list[Step], boxes: list[Box], layout: Layout) -> str:
    width, height = layout.width + 2 * _MARGIN, layout.height + 2 * _MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.1f} {height:.1f}">',
        f"<style>{_STYLE}</style><defs>{_TIP}</defs>",
        '<rect width="100%" height="100%" fill="white"/>',
        f'<g transform="translate({_MARGIN:.0f} {_MARGIN:.0f})">',
    ]
    for i, box in enumerate(boxes):
        for j, source in enumerate(box.sources):
            port = box.y + (j - (len(box.sources) - 1) / 2) * _PORT
            parts.append(_arrow(boxes[source], box, port, layout.routes[i][j]))
    parts += [_drawn(step, box, last=step is found[-1]) for step, box in zip(found, boxes, strict=True)]
    return "\n".join([*parts, "</g>", "</svg>", ""])


def _arrow(start: Box, end: Box, port: float, passages: list[tuple[float, float, float]]) -> str:
    """A curve that leaves and enters level, and passes the columns between in straight lines."""
    x, y = start.x + start.width, start.y
    path = f"M{x:.1f} {y:.1f}"
    for left, right, height in [*passages, (end.x, end.x, port)]:
        middle = (x + left) / 2
        path += f"C{middle:.1f} {y:.1f} {middle:.1f} {height:.1f} {left:.1f} {height:.1f}"
        if right > left:
            path += f"H{right:.1f}"
        x, y = right, height
    return f'<path class="edge" d="{path}"/>'


def _drawn(step: Step, box: Box, *, last: bool) -> str:
    fill, stroke = _FILL.get(step.operation, "#ffffff"), _STROKE.get(step.operation, "#444444")
    radius = 14 if step.operation == "constant" else 5
    top = box.y - box.height / 2
    parts = [
        f"<g><title>{escape(step.operation)}</title>",
        f'<rect x="{box.x:.1f}" y="{top:.1f}" width="{box.width:.1f}" height="{box.height:.1f}" rx="{radius:.1f}" '
        f'fill="{fill}" stroke="{stroke}" stroke-width="{2.2 if last else 1.2}"/>',
    ]
    for number, (kind, text) in enumerate(_lines(step)):
        x = box.x + (box.width / 2 if kind == "title" else _PADDING)
        y = top + _PADDING + number * _LINE + 9
        parts.append(
            f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" xml:space="preserve">{escape(text)}</text>'
        )
    return "".join([*parts, "</g>"])
