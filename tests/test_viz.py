"""Pictures: they show the numbers given, need no display, and say what does not fit."""

import subprocess
import sys

import numpy as np
import pytest

from pynn import viz

pytest.importorskip("matplotlib")

IMAGES = np.arange(3 * 4 * 5).reshape(3, 4, 5)
LABELS = np.array([0, 2, 1])
PROBABILITIES = np.array([[0.9, 0.1, 0.0], [0.6, 0.3, 0.1], [0.1, 0.2, 0.7]])  # says 0, 0, 2


def texts(ax):
    return [text.get_text() for text in ax.texts]


def test_history_draws_one_plot_a_metric_with_its_validation():
    curves = {"loss": [3, 2, 1], "accuracy": [0.5, 0.7, 0.9], "val_loss": [3, 2, 2], "lr": [1, 1, 1]}
    figure = viz.history(curves)
    assert [ax.get_title() for ax in figure.axes] == ["loss", "accuracy", "lr"]
    assert [len(ax.lines) for ax in figure.axes] == [2, 1, 1]
    training, validation = figure.axes[0].lines
    np.testing.assert_array_equal(training.get_xydata(), [[1, 3], [2, 2], [3, 1]])
    np.testing.assert_array_equal(validation.get_ydata(), [3, 2, 2])


def test_history_takes_what_fit_returns():
    class History:
        history = {"loss": [1.0]}  # noqa: RUF012

    assert [ax.get_title() for ax in viz.history(History()).axes] == ["loss"]


def test_confusion_counts_every_pair():
    figure = viz.confusion(LABELS, PROBABILITIES)
    (ax,) = figure.axes
    cells = {(text.get_position()[::-1]): int(text.get_text()) for text in ax.texts}  # (row, column)
    assert cells == {(0, 0): 1, (2, 0): 1, (1, 2): 1}
    assert ax.get_title() == "33.33% of 3 right"


def test_confusion_draws_into_axes_and_takes_names():
    figure = viz.history({"loss": [1]})
    assert viz.confusion([0, 1], [[0], [1]], names=["cat", "dog"], ax=figure.axes[0]) is figure
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == ["cat", "dog"]


def test_weights_draws_a_unit_as_an_image():
    kernel = np.arange(12.0).reshape(6, 2)
    (ax,) = viz.weights(kernel, image_shape=(2, 3)).axes
    expected = [[0, 2, 4, np.nan, 1, 3, 5], [6, 8, 10, np.nan, 7, 9, 11]]
    np.testing.assert_array_equal(ax.images[0].get_array().filled(np.nan), expected)
    assert ax.images[0].get_clim() == (-11, 11)
    assert ax.get_title() == "2 of 2 units, from -11 (red) to 11 (blue)"


def test_weights_takes_a_layer_and_draws_the_first_units():
    class Layer:
        kernel = np.ones((9, 100))

    (ax,) = viz.weights(Layer(), count=20).axes
    tiles = ax.images[0].get_array().filled(np.nan)
    assert tiles.shape == (3 + 1 + 3, 16 * 4 - 1)  # 16 units above, 4 below
    assert np.count_nonzero(tiles == 1) == 20 * 9


def test_samples_shows_the_surest_mistake_first():
    figure = viz.samples(IMAGES, LABELS, PROBABILITIES)
    assert [ax.get_title() for ax in figure.axes] == ["1, says 2", "2, says 0"]
    np.testing.assert_array_equal(figure.axes[0].images[0].get_array(), IMAGES[2])


def test_samples_can_show_all_and_none():
    assert len(viz.samples(IMAGES, LABELS, [0, 0, 2], only_wrong=False, count=2).axes) == 2
    assert viz.samples(IMAGES, LABELS, LABELS).axes == []


def test_every_picture_saves_without_a_display(tmp_path, monkeypatch):
    monkeypatch.delitem(sys.modules, "matplotlib.pyplot", raising=False)
    figures = [
        viz.history({"loss": [2, 1]}),
        viz.confusion(LABELS, PROBABILITIES),
        viz.weights(np.zeros((9, 4))),
        viz.samples(IMAGES, LABELS, LABELS),
    ]
    for number, figure in enumerate(figures):
        figure.savefig(tmp_path / f"{number}.png")
        assert (tmp_path / f"{number}.png").read_bytes().startswith(b"\x89PNG")
    assert "matplotlib.pyplot" not in sys.modules


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: viz.history([1, 2]), TypeError, "viz.history: expected what fit returned, got list"),
        (lambda: viz.history({}), ValueError, "viz.history: nothing was recorded; did fit run an epoch?"),
        (
            lambda: viz.confusion([0, 1], [0]),
            ValueError,
            "viz.confusion: all must be equally long, got y_true 2, y_pred 1",
        ),
        (lambda: viz.confusion([], []), ValueError, "viz.confusion: y_true and y_pred are empty"),
        (
            lambda: viz.confusion([0.5], [0]),
            ValueError,
            "viz.confusion: y_true must hold class numbers 0, 1, 2 …",
        ),
        (
            lambda: viz.confusion(np.zeros((2, 2, 2)), [0]),
            ValueError,
            "viz.confusion: y_true must have the shape (n,) or (n, classes), got (2, 2, 2)",
        ),
        (
            lambda: viz.confusion([0, 2], [0, 2], names=["cat", "dog"]),
            ValueError,
            "viz.confusion: there are 3 classes but 2 names",
        ),
        (
            lambda: viz.weights(np.zeros(5)),
            ValueError,
            "viz.weights: expected a kernel of shape (inputs, units), got (5,)",
        ),
        (
            lambda: viz.weights(np.zeros((5, 2))),
            ValueError,
            "viz.weights: 5 inputs do not make an image of 2 x 2; give image_shape=(height, width)",
        ),
        (
            lambda: viz.weights(np.zeros((6, 2)), image_shape=(3, 3)),
            ValueError,
            "viz.weights: 6 inputs do not make an image of 3 x 3; image_shape is (3, 3)",
        ),
        (
            lambda: viz.weights(np.zeros((4, 2)), count=0),
            ValueError,
            "viz.weights: count must be at least 1, got 0",
        ),
        (
            lambda: viz.samples(np.zeros((3, 784)), LABELS, LABELS),
            ValueError,
            "viz.samples: images must have the shape (n, height, width), got (3, 784)",
        ),
        (
            lambda: viz.samples(IMAGES, LABELS[:2], LABELS),
            ValueError,
            "viz.samples: all must be equally long, got images 3, y_true 2, y_pred 3",
        ),
    ],
)
def test_viz_says_what_does_not_fit(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value) == message


def test_without_matplotlib_the_error_names_the_extra():
    code = """
import sys
sys.modules["matplotlib.figure"] = None
from pynn import viz
try:
    viz.history({"loss": [1]})
except ImportError as error:
    print(error)
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout == "pynn.viz needs matplotlib: pip install 'pynn-core[plot]'\n"
