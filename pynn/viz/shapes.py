"""Rectangles, texts and arrows of a drawing, written as SVG text or drawn by matplotlib."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

FONT = "ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace"
LETTER = 0.61
"""Width of a letter of that font over its size."""

_EDGE = "#777777"
_TIP = 7.0  # length of an arrow's tip, pixels
_PIXELS = 96.0  # in an inch
_MOST_PIXELS = 30_000  # along one side of a bitmap


@dataclass
class Rect:
    """A rectangle with round corners, by its upper left corner."""

    x: float
    y: float
    width: float
    height: float
    fill: str
    stroke: str
    dashed: bool = False


@dataclass
class Text:
    """A line of text; x is its middle if `centred`, else its left end, and y its baseline."""

    x: float
    y: float
    text: str
    size: float = 12.0
    bold: bool = False
    color: str = "#222222"
    centred: bool = False


@dataclass
class Arrow:
    """A curve with a tip: a start, then for each part the two control points and the end of a cubic."""

    start: tuple[float, float]
    curves: Sequence[tuple[tuple[float, float], tuple[float, float], tuple[float, float]]]


Shape = Rect | Text | Arrow


def svg_of(shapes: Sequence[Shape], width: float, height: float) -> str:
    """Return an SVG picture of a size in pixels."""
    tip = (
        f'<marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="{_TIP:g}" markerHeight="{_TIP:g}" '
        f'orient="auto"><path d="M0 0L8 4L0 8z" fill="{_EDGE}"/></marker>'
    )
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
            f'viewBox="0 0 {width:.1f} {height:.1f}" font-family="{FONT}">',
            f"<defs>{tip}</defs>",
            '<rect width="100%" height="100%" fill="white"/>',
            *map(_svg, shapes),
            "</svg>\n",
        ]
    )


def _svg(shape: Shape) -> str:
    if isinstance(shape, Rect):
        dashes = ' stroke-dasharray="5 3"' if shape.dashed else ""
        return (
            f'<rect x="{shape.x:.1f}" y="{shape.y:.1f}" width="{shape.width:.1f}" height="{shape.height:.1f}" rx="5" '
            f'fill="{shape.fill}" stroke="{shape.stroke}" stroke-width="1.2"{dashes}/>'
        )
    if isinstance(shape, Text):
        weight = ' font-weight="bold"' if shape.bold else ""
        anchor = ' text-anchor="middle"' if shape.centred else ""
        return (
            f'<text x="{shape.x:.1f}" y="{shape.y:.1f}" font-size="{shape.size:g}" fill="{shape.color}" '
            f'xml:space="preserve"{weight}{anchor}>{escape(shape.text)}</text>'
        )
    path = "".join(
        f"C{a[0]:.1f} {a[1]:.1f} {b[0]:.1f} {b[1]:.1f} {c[0]:.1f} {c[1]:.1f}" for a, b, c in shape.curves
    )
    start = f"M{shape.start[0]:.1f} {shape.start[1]:.1f}"
    return f'<path d="{start}{path}" fill="none" stroke="{_EDGE}" stroke-width="1.3" marker-end="url(#tip)"/>'


def bitmap_of(shapes: Sequence[Shape], width: float, height: float, dpi: float, format: str) -> bytes:
    """Return the picture as a file of another format, drawn by matplotlib.

    Args:
        dpi: dots in an inch of 96 pixels; fewer where a side would have more than 30,000.
        format: "png", "pdf", "jpg" or what else matplotlib writes.

    Raises:
        ImportError: matplotlib is missing; the message names the extra that brings it.
        ValueError: matplotlib does not write this format.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError(
            "plot_model: only SVG files need no matplotlib; for others: pip install 'pynn-core[plot]'"
        ) from error
    figure = Figure(figsize=(width / _PIXELS, height / _PIXELS))
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_xlim(0, width)
    axes.set_ylim(height, 0)
    axes.axis("off")
    for shape in shapes:
        _draw(axes, shape)
    content = io.BytesIO()
    figure.savefig(
        content, format=format, dpi=min(dpi, _MOST_PIXELS * _PIXELS / max(width, height)), facecolor="white"
    )
    return content.getvalue()


def _draw(axes: Any, shape: Shape) -> None:
    from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
    from matplotlib.path import Path

    points = 72 / _PIXELS  # matplotlib's unit of lines and letters
    if isinstance(shape, Text):
        axes.text(
            shape.x,
            shape.y,
            shape.text,
            size=shape.size * points,
            weight="bold" if shape.bold else "normal",
            color=shape.color,
            ha="center" if shape.centred else "left",
            family="monospace",
            parse_math=False,
        )
        return
    patch: Any
    if isinstance(shape, Rect):
        patch = FancyBboxPatch(
            (shape.x, shape.y),
            shape.width,
            shape.height,
            boxstyle="round,pad=0,rounding_size=5",
            facecolor=shape.fill,
            edgecolor=shape.stroke,
            linewidth=1.2 * points,
            linestyle="--" if shape.dashed else "-",
        )
    else:
        vertices = [shape.start, *(point for curve in shape.curves for point in curve)]
        codes = [Path.MOVETO, *[Path.CURVE4] * (len(vertices) - 1)]
        patch = FancyArrowPatch(
            path=Path(vertices, codes),
            arrowstyle=f"-|>,head_length={_TIP * points * 0.7:g},head_width={_TIP * points * 0.35:g}",
            color=_EDGE,
            linewidth=1.3 * points,
            shrinkA=0,
            shrinkB=0,
            mutation_scale=1,
        )
    axes.add_patch(patch)
