"""Where matplotlib comes in: when the first picture is drawn, not before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, ACCENT = "#1f4e79", "#d1495b"


def import_pyplot() -> Any:
    """matplotlib.pyplot.

    Raises:
        ImportError: matplotlib is missing; the message names the extra that brings it.
    """
    try:
        from matplotlib import pyplot
    except ImportError as error:
        raise ImportError("pynn.viz needs matplotlib: pip install 'pynn-core[plot]'") from error
    return pyplot


def new_figure(width: float, height: float) -> Figure:
    """An empty figure of pyplot, of the given size in inches; `plt.show()` shows it, and so does a notebook."""
    figure: Figure = import_pyplot().figure(figsize=(width, height), layout="constrained")
    return figure


def new_axes(width: float, height: float) -> Axes:
    """The axes of a figure that holds nothing else."""
    return new_figure(width, height).add_subplot()


def grid_of_axes(count: int, columns: int, width: float, height: float) -> tuple[Figure, npt.NDArray[Any]]:
    """A figure and its axes, shape (count,), `columns` to a row, each of the given size in inches."""
    columns = max(min(count, columns), 1)
    rows = max(-(-count // columns), 1)
    figure = new_figure(width * columns, height * rows + 0.5)  # half an inch for the title
    axes = np.empty(count, object)
    for place in range(count):
        axes[place] = figure.add_subplot(rows, columns, place + 1)
    return figure, axes
