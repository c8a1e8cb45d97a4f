"""Arrays as pictures: what the units of a layer look for, and which samples a model got wrong."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from .figure import ACCENT, INK, grid_of_axes
from .labels import check_lengths, class_numbers
from .mosaic import draw_signed

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def weights(
    layer: Any, *, image_shape: tuple[int, int] | None = None, count: int = 64, ax: Axes | None = None
) -> Axes:
    """Draws what the units of a Dense layer look for: the weights of each as an image, blue for ink.

    Args:
        layer: a built Dense layer, or its kernel, shape (inputs, units).
        image_shape: height and width of the images the layer sees; None takes a square.
        count: the most units to draw; the first ones are taken.
        ax: where to draw; None makes a figure.

    Returns:
        The axes; `ax.figure` is the figure.

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
    return draw_signed(units, f"{len(units)} of {kernel.shape[1]} units", ax, inches=0.6)


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
    y_pred: npt.ArrayLike | None = None,
    *,
    only_wrong: bool = True,
    count: int = 40,
    names: Sequence[str] | None = None,
) -> npt.NDArray[Any]:
    """Draws images with what they are and, given predictions, what the model says.

    Args:
        images: shape (n, height, width), (n, height, width, 1) or (n, height, width, 3).
        y_true: labels, shape (n,), or one-hot rows.
        y_pred: labels likewise, or rows of probabilities; with these the surest mistakes come first.
        only_wrong: leave out what the model got right; without y_pred all are samples.
        count: the most images to draw.
        names: what to call the classes; None writes their numbers.

    Returns:
        The axes, an array of shape (images drawn,).

    Raises:
        ValueError: shapes or lengths do not fit, there are too few names, or count is below 1.
    """
    pictures = np.asarray(images)
    if pictures.ndim != 3 and not (pictures.ndim == 4 and pictures.shape[-1] in (1, 3)):
        raise ValueError(f"viz.samples: images must have the shape (n, height, width), got {pictures.shape}")
    if count < 1:
        raise ValueError(f"viz.samples: count must be at least 1, got {count}")
    true = class_numbers("viz.samples", "y_true", y_true)
    only_wrong = only_wrong and y_pred is not None
    predicted = true if y_pred is None else class_numbers("viz.samples", "y_pred", y_pred)
    check_lengths("viz.samples", images=pictures, y_true=true, y_pred=predicted)
    classes = 1 + int(max([0, *true, *predicted]))
    if names is not None and len(names) < classes:
        raise ValueError(f"viz.samples: there are {classes} classes but {len(names)} names")
    chosen = np.flatnonzero(true != predicted) if only_wrong else np.arange(len(true))
    found = len(chosen)
    if y_pred is not None:
        chosen = _surest_first(chosen, np.asarray(y_pred))
    chosen = chosen[:count]
    called = list(names or map(str, range(classes)))
    figure, axes = grid_of_axes(len(chosen), columns=10, width=0.9, height=1.1)
    for ax, index in zip(axes, chosen, strict=True):
        ax.imshow(pictures[index], cmap="gray_r")
        ax.set_axis_off()
        is_right = true[index] == predicted[index]
        says = "" if y_pred is None else f", says {called[predicted[index]]}"
        ax.set_title(f"{called[true[index]]}{says}", fontsize=8, color=INK if is_right else ACCENT)
    kind = "wrong predictions" if only_wrong else "samples"
    figure.suptitle(f"{len(chosen)} of {found} {kind} of {len(true):,} images", fontsize=10)
    return axes


def _surest_first(chosen: npt.NDArray[np.intp], y_pred: npt.NDArray[Any]) -> npt.NDArray[np.intp]:
    if y_pred.ndim < 2 or y_pred.shape[1] == 1:
        return chosen
    return chosen[np.argsort(-y_pred[chosen].max(axis=1), kind="stable")]
