"""Numbers as plots: the curves of a training run, and which class was taken for which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from .figure import ACCENT, INK, grid_of_axes, new_axes
from .labels import check_lengths, class_numbers

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def history(history: Any) -> npt.NDArray[Any]:
    """Draws the curves of a training run, one plot a metric, training and validation in one plot.

    Args:
        history: what `fit` returned, or its `history` dictionary.

    Returns:
        The axes, an array of shape (metrics,).

    Raises:
        TypeError: history is neither.
        ValueError: nothing was recorded.
    """
    curves = getattr(history, "history", history)
    if not isinstance(curves, Mapping):
        raise TypeError(f"viz.history: expected what fit returned, got {type(history).__name__}")
    metrics = [name for name in curves if not (name.startswith("val_") and name[4:] in curves)]
    if not metrics:
        raise ValueError("viz.history: nothing was recorded; did fit run an epoch?")
    _, axes = grid_of_axes(len(metrics), columns=3, width=4.5, height=3.2)
    for ax, metric in zip(axes, metrics, strict=True):
        _curve(ax, metric, curves[metric], curves.get(f"val_{metric}"))
    return axes


def _curve(ax: Axes, metric: str, training: Sequence[float], validation: Sequence[float] | None) -> None:
    epochs = np.arange(1, len(training) + 1)
    ax.plot(epochs, training, "o-", color=INK, markersize=3, label="training")
    if validation is not None:
        ax.plot(
            np.arange(1, len(validation) + 1),
            validation,
            "s--",
            color=ACCENT,
            markersize=3,
            label="validation",
        )
        ax.legend(frameon=False)
    ax.set(title=metric, xlabel="epoch")
    ax.locator_params(axis="x", integer=True)
    ax.spines[["top", "right"]].set_visible(False)


def confusion(
    y_true: npt.ArrayLike,
    y_pred: npt.ArrayLike,
    *,
    names: Sequence[str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draws how often each class was taken for each other; the diagonal is what was right.

    Args:
        y_true: labels, shape (n,), or one-hot rows.
        y_pred: labels likewise, or rows of probabilities as `predict` returns them.
        names: what to call the classes; None writes their numbers.
        ax: where to draw; None makes a figure.

    Returns:
        The axes; `ax.figure` is the figure.

    Raises:
        ValueError: the lengths differ, the labels are no class numbers, there are none, or too few names.
    """
    true = class_numbers("viz.confusion", "y_true", y_true)
    predicted = class_numbers("viz.confusion", "y_pred", y_pred)
    check_lengths("viz.confusion", y_true=true, y_pred=predicted)
    if not len(true):
        raise ValueError("viz.confusion: y_true and y_pred are empty")
    classes = 1 + int(max(true.max(), predicted.max()))
    if names is not None and len(names) < classes:
        raise ValueError(f"viz.confusion: there are {classes} classes but {len(names)} names")
    counts = np.zeros((classes, classes), np.int64)
    np.add.at(counts, (true, predicted), 1)
    if ax is None:
        side = max(4.0, 0.45 * classes + 1.5)
        ax = new_axes(side, side)
    _matrix(ax, counts, list(names or map(str, range(classes))))
    return ax


def _matrix(ax: Axes, counts: npt.NDArray[np.int64], names: list[str]) -> None:
    shares = counts / np.maximum(
        counts.sum(axis=1, keepdims=True), 1
    )  # of each true class, so rare ones show too
    ax.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(counts):
        if count:
            color = "white" if shares[row, column] > 0.5 else "black"
            ax.text(column, row, str(count), ha="center", va="center", fontsize=8, color=color)
    ticks = range(len(names))
    ax.set_xticks(ticks, names[: len(counts)])
    ax.set_yticks(ticks, names[: len(counts)])
    right = counts.trace() / counts.sum()
    ax.set(xlabel="predicted", ylabel="true", title=f"{right:.2%} of {counts.sum():,} right")
