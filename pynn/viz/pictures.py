"""Arrays as pictures: what the units of a layer look for, and which samples a model got wrong."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from .figure import ACCENT, INK, figure_of, grid_of_axes, new_figure
from .labels import check_lengths, class_numbers

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_COLUMNS = 16  # of a mosaic of weights


def weights(layer: Any, *, image_shape: tuple[int, int] | None = None, count: int = 64) -> Figure:
    """Draws what the units of a Dense layer look for: the weights of each as an image, blue for ink.

    Args:
        layer: a built Dense layer, or its kernel, shape (inputs, units).
        image_shape: height and width of the images the layer sees; None takes a square.
        count: the most units to draw; the first ones are taken.

    Raises:
        ValueError: the kernel is not a matrix, its inputs make no such image, or count is below 1.
    """
    kernel = np.asarray(getattr(layer, "kernel", layer))
    if kernel.ndim != 2 or not kernel.size:
        raise ValueError(f"viz.weights: expected a kernel of shape (inputs, units), got {kernel.shape}")
    if count < 1:
        raise ValueError(f"viz.weights: count must be at least 1, got {count}")
    height, width = _image_shape(kernel.shape[0], image_shape)
    units = kernel.T[:count].reshape(-1, height, width)
    limit = float(np.abs(units).max()) or 1.0
    mosaic = _mosaic(units)
    ax = new_figure(mosaic.shape[1] / 48 + 0.5, mosaic.shape[0] / 48 + 0.5).add_subplot()
    ax.imshow(mosaic, cmap="RdBu", vmin=-limit, vmax=limit)
    ax.set_axis_off()
    ax.set_title(f"{len(units)} of {kernel.shape[1]} units, from {-limit:.2g} (red) to {limit:.2g} (blue)")
    return figure_of(ax)


def _mosaic(images: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """All images in one, in rows of at most 16, a pixel apart; NaN between them is drawn white."""
    count, height, width = images.shape
    columns = min(count, _COLUMNS)
    rows = -(-count // columns)
    tiles: npt.NDArray[np.float64] = np.full((rows * columns, height + 1, width + 1), np.nan)
    tiles[:count, :-1, :-1] = images
    grid = tiles.reshape(rows, columns, height + 1, width + 1).swapaxes(1, 2)
    return grid.reshape(rows * (height + 1), columns * (width + 1))[:-1, :-1]


def _image_shape(inputs: int, asked: tuple[int, int] | None) -> tuple[int, int]:
    side = math.isqrt(inputs)
    height, width = asked or (side, side)
    if height * width != inputs:
        hint = "give image_shape=(height, width)" if asked is None else f"image_shape is {asked}"
        raise ValueError(f"viz.weights: {inputs} inputs do not make an image of {height} x {width}; {hint}")
    return height, width


def samples(
    images: npt.ArrayLike,
    y_true: npt.ArrayLike,
    y_pred: npt.ArrayLike,
    *,
    only_wrong: bool = True,
    count: int = 40,
) -> Figure:
    """Draws images with what they are and what the model says.

    Args:
        images: shape (n, height, width) or (n, height, width, 3).
        y_true: labels, shape (n,), or one-hot rows.
        y_pred: labels likewise, or rows of probabilities; with these the surest mistakes come first.
        only_wrong: leave out what the model got right.
        count: the most images to draw.

    Raises:
        ValueError: shapes or lengths do not fit, or count is below 1.
    """
    pictures = np.asarray(images)
    if pictures.ndim != 3 and not (pictures.ndim == 4 and pictures.shape[-1] in (1, 3)):
        raise ValueError(f"viz.samples: images must have the shape (n, height, width), got {pictures.shape}")
    if count < 1:
        raise ValueError(f"viz.samples: count must be at least 1, got {count}")
    true = class_numbers("viz.samples", "y_true", y_true)
    predicted = class_numbers("viz.samples", "y_pred", y_pred)
    check_lengths("viz.samples", images=pictures, y_true=true, y_pred=predicted)
    chosen = np.flatnonzero(true != predicted) if only_wrong else np.arange(len(true))
    found = len(chosen)
    chosen = _surest_first(chosen, np.asarray(y_pred))[:count]
    figure, axes = grid_of_axes(len(chosen), columns=10, width=0.9, height=1.1)
    for ax, index in zip(axes, chosen, strict=True):
        ax.imshow(pictures[index], cmap="gray_r")
        ax.set_axis_off()
        color = INK if true[index] == predicted[index] else ACCENT
        ax.set_title(f"{true[index]}, says {predicted[index]}", fontsize=8, color=color)
    kind = "wrong predictions" if only_wrong else "samples"
    figure.suptitle(f"{len(chosen)} of {found} {kind} of {len(true):,} images")
    return figure


def _surest_first(chosen: npt.NDArray[np.intp], y_pred: npt.NDArray[Any]) -> npt.NDArray[np.intp]:
    if y_pred.ndim < 2 or y_pred.shape[1] == 1:
        return chosen
    return chosen[np.argsort(-y_pred[chosen].max(axis=1), kind="stable")]
