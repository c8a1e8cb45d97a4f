"""What a classifier makes of the plane: the regions of its classes, with the points it learned from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..models import Model
from .figure import new_axes
from .labels import check_lengths, class_numbers

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MARGIN = 0.1  # around the points, as a share of their spread


def decision_boundary(
    model: Model | Callable[[Any], Any],
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    *,
    names: Sequence[str] | None = None,
    steps: int = 200,
    ax: Axes | None = None,
) -> Axes:
    """Draws which class a model gives to each point of the plane; paler where it is less sure.

    Args:
        model: a model, or a function of points (n, 2). It gives one probability a point, (n,) or (n, 1), of
            class 1 (the boundary is at 0.5), or one column a class, (n, classes).
        x: points, shape (n, 2).
        y: their labels, shape (n,), or one-hot rows.
        names: what to call the classes; None writes their numbers.
        steps: how many points of the plane to ask about, along each axis.
        ax: where to draw; None makes a figure.

    Returns:
        The axes; `ax.figure` is the figure.

    Raises:
        TypeError: model cannot be called.
        ValueError: shapes or lengths do not fit, there are too few names, or steps is below 2.
    """
    points = np.asarray(x, np.float32)
    if points.ndim != 2 or points.shape[1] != 2 or not len(points):
        raise ValueError(f"viz.decision_boundary: x must have the shape (n, 2), got {points.shape}")
    labels = class_numbers("viz.decision_boundary", "y", y)
    check_lengths("viz.decision_boundary", x=points, y=labels)
    if steps < 2:
        raise ValueError(f"viz.decision_boundary: steps must be at least 2, got {steps}")
    low, high = points.min(axis=0), points.max(axis=0)
    margin = _MARGIN * np.maximum(high - low, 1e-6)
    axes = [np.linspace(low[i] - margin[i], high[i] + margin[i], steps, dtype=np.float32) for i in (0, 1)]
    grid = np.stack(np.meshgrid(*axes), axis=-1).reshape(-1, 2)
    scores = _scores(model, grid)
    classes = max(scores.shape[1], 1 + int(labels.max()))
    if names is not None and len(names) < classes:
        raise ValueError(f"viz.decision_boundary: there are {classes} classes but {len(names)} names")
    if ax is None:
        ax = new_axes(5.5, 4.8)
    _regions(ax, axes, scores.reshape(steps, steps, -1))
    _points(ax, points, labels, list(names or map(str, range(classes))))
    ax.set(xlim=axes[0][[0, -1]], ylim=axes[1][[0, -1]], xlabel="$x_1$", ylabel="$x_2$")
    return ax


def _scores(model: Any, points: npt.NDArray[np.float32]) -> npt.NDArray[Any]:
    """One column a class, shape (n, classes)."""
    if isinstance(model, Model):
        scores = np.asarray(model.predict(points, batch_size=4096, verbose=0))
    elif callable(model):
        scores = np.asarray(model(points))
    else:
        raise TypeError(
            f"viz.decision_boundary: expected a model or a function of points, got {type(model).__name__}"
        )
    if scores.shape not in {(len(points),), (len(points), 1)} and (
        scores.ndim != 2 or len(scores) != len(points)
    ):
        raise ValueError(
            f"viz.decision_boundary: for {len(points)} points the model gives the shape {scores.shape}; "
            "expected (n,), (n, 1) or (n, classes)"
        )
    if scores.ndim == 1 or scores.shape[1] == 1:
        one = scores.reshape(-1).astype(float)
        return np.stack([1 - one, one], axis=1)
    return scores


def _colors(classes: int) -> npt.NDArray[Any]:
    from matplotlib import colormaps

    palette = [colormaps["tab10"](i % 10)[:3] for i in range(classes)]
    return np.array(palette)


def _regions(ax: Axes, axes: list[npt.NDArray[Any]], scores: npt.NDArray[Any]) -> None:
    """Colours each cell as its class, and draws where the class changes."""
    classes = scores.shape[2]
    winner = scores.argmax(axis=2)
    # How far the best is ahead of the second best says how sure the model is; probabilities give 0 to 1.
    best = np.sort(scores, axis=2)
    lead = np.clip(best[:, :, -1] - best[:, :, -2], 0, 1)[:, :, np.newaxis]
    shade = 0.12 + 0.33 * lead
    image = 1 - shade * (1 - _colors(classes)[winner])
    extent = (axes[0][0], axes[0][-1], axes[1][0], axes[1][-1])
    ax.imshow(image, origin="lower", extent=extent, aspect="auto", interpolation="bilinear")
    for i in range(1 if classes == 2 else 0, classes):
        others = np.delete(scores, i, axis=2).max(axis=2)
        ahead = scores[:, :, i] - others
        if ahead.min() < 0 < ahead.max():
            ax.contour(axes[0], axes[1], ahead, levels=[0], colors="black", linewidths=1)


def _points(ax: Axes, points: npt.NDArray[Any], labels: npt.NDArray[Any], names: list[str]) -> None:
    colors = _colors(len(names))
    for label in np.unique(labels):
        mine = points[labels == label]
        ax.scatter(
            mine[:, 0],
            mine[:, 1],
            s=16,
            color=colors[label],
            edgecolors="white",
            linewidths=0.4,
            label=names[label],
        )
    ax.legend(title="class", loc="best", fontsize=8, title_fontsize=8)
