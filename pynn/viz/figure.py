"""Where matplotlib comes in: lazily, and without pyplot, which keeps global state and wants a display."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, ACCENT = "#1f4e79", "#d1495b"


def new_figure(width: float, height: float) -> Figure:
    """An empty figure of the given size in inches.

    Raises:
        ImportError: matplotlib is missing; the message names the extra that brings it.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError("pynn.viz needs matplotlib: pip install 'pynn-core[plot]'") from error
    return Figure(figsize=(width, height), layout="constrained")


def grid_of_axes(count: int, columns: int, width: float, height: float) -> tuple[Figure, list[Axes]]:
    """A figure of `count` axes, `columns` to a row, each of the given size in inches."""
    columns = max(min(count, columns), 1)
    rows = max(-(-count // columns), 1)
    figure = new_figure(width * columns, height * rows + 0.5)  # half an inch for the title
    axes = [figure.add_subplot(rows, columns, place + 1) for place in range(count)]
    return figure, axes


def figure_of(ax: Axes) -> Figure:
    """The figure that holds the axes."""
    return cast("Figure", ax.get_figure())
