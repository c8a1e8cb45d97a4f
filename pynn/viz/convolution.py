"""What a convolutional network looks for, and what it sees: its filters and its feature maps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..autograd import no_grad
from ..layers import InputLayer
from ..models import Model, Sequential
from .figure import import_pyplot, new_figure
from .mosaic import COLUMNS, draw_signed, mosaic

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def filters(layer: Any, *, channel: int = 0, count: int = 64, ax: Axes | None = None) -> Axes:
    """Draws the filters of a Conv2D layer, what each looks for in one channel of its input.

    Args:
        layer: a built Conv2D layer, or its kernel, shape (height, width, channels, filters).
        channel: which channel of the input.
        count: the most filters to draw; the first ones are taken.
        ax: where to draw; None makes a figure.

    Returns:
        The axes; `ax.figure` is the figure.

    Raises:
        ValueError: the kernel is not of such a shape, it has no such channel, or count is below 1.
    """
    kernel = np.asarray(getattr(layer, "kernel", layer))
    if kernel.ndim != 4 or not kernel.size:
        raise ValueError(
            f"viz.filters: expected a kernel of shape (height, width, channels, filters), got {kernel.shape}"
        )
    channels, total = kernel.shape[2:]
    if not 0 <= channel < channels:
        raise ValueError(f"viz.filters: channel must be 0..{channels - 1}, got {channel}")
    if count < 1:
        raise ValueError(f"viz.filters: count must be at least 1, got {count}")
    images = kernel[:, :, channel, :count].transpose(2, 0, 1)
    return draw_signed(
        images, f"{len(images)} of {total} filters, channel {channel} of {channels}", ax, inches=0.6
    )


def feature_maps(model: Model, image: npt.ArrayLike, *, count: int = 16) -> npt.NDArray[Any]:
    """Draws what each layer of a convolutional network makes of one image, dark for large values.

    Args:
        model: a built Sequential or functional model whose input is images.
        image: one image, as the model's data: shape (height, width, channels), or (height, width) for one channel.
        count: the most feature maps of a layer to draw; the first ones are taken.

    Returns:
        The axes, an array of shape (layers that give images,), in the layers' order.

    Raises:
        TypeError: the model is neither of the two.
        ValueError: image is not one image, no layer gives images, or count is below 1.
        ShapeError: the image is not what the model takes.
    """
    if count < 1:
        raise ValueError(f"viz.feature_maps: count must be at least 1, got {count}")
    picture = np.asarray(image, np.float32)
    if picture.ndim == 2:
        picture = picture[:, :, np.newaxis]
    if picture.ndim != 3:
        raise ValueError(
            f"viz.feature_maps: expected one image, (height, width, channels), got {picture.shape}"
        )
    seen = list(_outputs(model, picture[np.newaxis], count))
    if not seen:
        raise ValueError(
            "viz.feature_maps: no layer of this model gives images (batch, height, width, channels)"
        )
    return _draw(seen)


def _outputs(
    model: Model, images: npt.NDArray[np.float32], count: int
) -> Iterator[tuple[str, npt.NDArray[Any]]]:
    """Title and maps (height, width, channels), `count` at most, of each layer that gives images."""
    for layer, y in _activations(model, images):
        if y.ndim == 4 and y.shape[1] * y.shape[2] > 1:
            maps = np.asarray(y)[0, :, :, :count]
            yield f"{layer.name}: {maps.shape[2]} of {y.shape[3]} maps, {y.shape[1]} x {y.shape[2]}", maps


def _activations(model: Model, images: npt.NDArray[np.float32]) -> Iterator[tuple[Any, Any]]:
    if isinstance(model, Sequential):
        x: Any = images
        with no_grad():
            for layer in model.layers:
                x = layer(x)
                yield layer, x
        return
    layers = [layer for layer in model.layers if not isinstance(layer, InputLayer)]
    try:
        inside = Model(model.inputs, [layer.output for layer in layers])
    except (AttributeError, NotImplementedError) as error:
        raise TypeError(
            f"viz.feature_maps: needs a Sequential or functional model, got {type(model).__name__}"
        ) from error
    with no_grad():
        found = inside(images)
    yield from zip(layers, found if isinstance(found, (list, tuple)) else [found], strict=True)


def _draw(seen: list[tuple[str, npt.NDArray[Any]]]) -> npt.NDArray[Any]:
    """One strip of maps below the other, each as bright as its layer's largest value."""
    tiles = [mosaic(maps.transpose(2, 0, 1)) for _, maps in seen]
    width = 0.7 * min(COLUMNS, max(maps.shape[2] for _, maps in seen))
    heights = [max(width * tile.shape[0] / tile.shape[1], 0.4) + 0.3 for tile in tiles]
    figure = new_figure(max(width, 4.0), sum(heights))
    grey = import_pyplot().get_cmap("Greys").with_extremes(bad="#c6d7ea")  # the gaps; a map may be all white
    axes = np.array(figure.subplots(len(seen), 1, squeeze=False, height_ratios=heights)[:, 0], object)
    for ax, tile, (title, _) in zip(axes, tiles, seen, strict=True):
        ax.imshow(tile, cmap=grey, interpolation="nearest")
        ax.set_axis_off()
        ax.set_title(title, fontsize=9)
    return axes
