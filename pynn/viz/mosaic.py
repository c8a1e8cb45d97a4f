"""Many small images as one, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from .figure import new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLUMNS = 16


def mosaic(images: npt.NDArray[Any], columns: int = COLUMNS) -> npt.NDArray[np.float64]:
    """The images (n, height, width) in rows of at most `columns`, a pixel apart; the gaps are NaN, drawn white."""
    count, height, width = images.shape
    columns = min(count, columns)
    rows = -(-count // columns)
    tiles: npt.NDArray[np.float64] = np.full((rows * columns, height + 1, width + 1), np.nan)
    tiles[:count, :-1, :-1] = images
    grid = tiles.reshape(rows, columns, height + 1, width + 1).swapaxes(1, 2)
    return grid.reshape(rows * (height + 1), columns * (width + 1))[:-1, :-1]


def draw_signed(images: npt.NDArray[Any], title: str, ax: Axes | None, *, inches: float) -> Axes:
    """Draws images of weights, white for 0: blue above it and red below.

    Args:
        images: shape (n, height, width).
        title: to which the limits of the colours are added.
        ax: where to draw; None makes a figure.
        inches: the width of one image in a figure that is made.
    """
    limit = float(np.abs(images).max()) or 1.0
    tiles = mosaic(images)
    if ax is None:
        scale = inches / images.shape[2]
        ax = new_axes(max(tiles.shape[1] * scale, 4.0) + 0.2, tiles.shape[0] * scale + 0.6)
    ax.imshow(tiles, cmap="RdBu", vmin=-limit, vmax=limit, interpolation="nearest")
    ax.set_axis_off()
    ax.set_title(f"{title}, from {-limit:.2g} (red) to {limit:.2g} (blue)", fontsize=10)
    return ax
