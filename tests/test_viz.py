"""Pictures: they show the numbers given, need no display, and say what does not fit."""

import subprocess
import sys

import numpy as np
import pytest

import pynn
from pynn import layers, viz

pyplot = pytest.importorskip("matplotlib.pyplot")

IMAGES = np.arange(3 * 4 * 5).reshape(3, 4, 5)
LABELS = np.array([0, 2, 1])
PROBABILITIES = np.array([[0.9, 0.1, 0.0], [0.6, 0.3, 0.1], [0.1, 0.2, 0.7]])  # says 0, 0, 2


@pytest.fixture(autouse=True)
def no_windows():
    pyplot.switch_backend("agg")
    yield
    pyplot.close("all")


def test_history_draws_one_plot_a_metric_with_its_validation():
    curves = {"loss": [3, 2, 1], "accuracy": [0.5, 0.7, 0.9], "val_loss": [3, 2, 2], "lr": [1, 1, 1]}
    axes = viz.history(curves)
    assert axes.shape == (3,)
    assert list(axes) == axes[0].figure.axes == pyplot.gcf().axes
    assert [ax.get_title() for ax in axes] == ["loss", "accuracy", "lr"]
    assert [len(ax.lines) for ax in axes] == [2, 1, 1]
    training, validation = axes[0].lines
    np.testing.assert_array_equal(training.get_xydata(), [[1, 3], [2, 2], [3, 1]])
    np.testing.assert_array_equal(validation.get_ydata(), [3, 2, 2])


def test_history_takes_what_fit_returns():
    class History:
        history = {"loss": [1.0]}  # noqa: RUF012

    assert [ax.get_title() for ax in viz.history(History())] == ["loss"]


def test_confusion_counts_every_pair():
    ax = viz.confusion(LABELS, PROBABILITIES)
    assert ax.figure.axes == [ax]
    cells = {(text.get_position()[::-1]): int(text.get_text()) for text in ax.texts}  # (row, column)
    assert cells == {(0, 0): 1, (2, 0): 1, (1, 2): 1}
    assert ax.get_title() == "33.33% of 3 right"


def test_confusion_draws_into_axes_and_takes_names():
    _, ax = pyplot.subplots()
    assert viz.confusion([0, 1], [[0], [1]], names=["cat", "dog"], ax=ax) is ax
    assert [label.get_text() for label in ax.get_xticklabels()] == ["cat", "dog"]


def test_weights_draws_a_unit_as_an_image():
    kernel = np.arange(12.0).reshape(6, 2)
    ax = viz.weights(kernel, image_shape=(2, 3))
    expected = [[0, 2, 4, np.nan, 1, 3, 5], [6, 8, 10, np.nan, 7, 9, 11]]
    np.testing.assert_array_equal(ax.images[0].get_array().filled(np.nan), expected)
    assert ax.images[0].get_clim() == (-11, 11)
    assert ax.get_title() == "2 of 2 units, from -11 (red) to 11 (blue)"


def test_weights_takes_a_layer_and_draws_the_first_units():
    class Layer:
        kernel = np.ones((9, 100))

    ax = viz.weights(Layer(), count=20)
    tiles = ax.images[0].get_array().filled(np.nan)
    assert tiles.shape == (3 + 1 + 3, 16 * 4 - 1)  # 16 units above, 4 below
    assert np.count_nonzero(tiles == 1) == 20 * 9


def test_samples_shows_the_surest_mistake_first():
    axes = viz.samples(IMAGES, LABELS, PROBABILITIES)
    assert [ax.get_title() for ax in axes] == ["1, says 2", "2, says 0"]
    np.testing.assert_array_equal(axes[0].images[0].get_array(), IMAGES[2])


def test_samples_can_show_all_and_none():
    assert viz.samples(IMAGES, LABELS, [0, 0, 2], only_wrong=False, count=2).shape == (2,)
    assert viz.samples(IMAGES, LABELS, LABELS).shape == (0,)


def test_samples_without_predictions_shows_what_they_are():
    axes = viz.samples(IMAGES, LABELS, names=["cat", "dog", "hen"])
    assert [ax.get_title() for ax in axes] == ["cat", "hen", "dog"]


# --- Convolution -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def network():
    return pynn.Sequential(
        [
            layers.Input((8, 9, 1)),
            layers.Conv2D(3, 3, activation="relu", name="conv"),
            layers.MaxPooling2D(2, name="pool"),
            layers.Flatten(),
            layers.Dense(2),
        ]
    )


def test_filters_draws_one_channel_of_each_filter():
    kernel = np.arange(2.0 * 2 * 3 * 2).reshape(2, 2, 3, 2)
    ax = viz.filters(kernel, channel=1)
    expected = [[2, 8, np.nan, 3, 9], [14, 20, np.nan, 15, 21]]
    np.testing.assert_array_equal(ax.images[0].get_array().filled(np.nan), expected)
    assert ax.get_title() == "2 of 2 filters, channel 1 of 3, from -21 (red) to 21 (blue)"


def test_filters_takes_a_layer_and_axes(network):
    _, ax = pyplot.subplots()
    assert viz.filters(network.layers[0], count=2, ax=ax) is ax
    kernel = network.layers[0].kernel.numpy()
    np.testing.assert_array_equal(ax.images[0].get_array()[:, :3], kernel[:, :, 0, 0])


def test_feature_maps_draws_what_each_layer_gives(network):
    image = np.random.default_rng(0).random((8, 9)).astype("float32")
    axes = viz.feature_maps(network, image, count=2)
    assert [ax.get_title() for ax in axes] == ["conv: 2 of 3 maps, 6 x 7", "pool: 2 of 3 maps, 3 x 3"]
    convolved = network.layers[0](image.reshape(1, 8, 9, 1))
    pooled = network.layers[1](convolved)
    for ax, maps in zip(axes, (convolved, pooled), strict=True):
        height, width = maps.shape[1:3]
        drawn = ax.images[0].get_array().filled(np.nan)
        assert drawn.shape == (height, 2 * width + 1)
        np.testing.assert_array_equal(drawn[:, :width], maps[0, :, :, 0])
        np.testing.assert_array_equal(drawn[:, width + 1 :], maps[0, :, :, 1])


# --- Decision boundaries -----------------------------------------------------------------------------

POINTS = np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 1.0], [2.0, 1.0]])


@pytest.mark.parametrize("columns", [0, 1, 2])
def test_decision_boundary_draws_where_the_class_changes(columns):
    def right_of(points):
        one = (points[:, 0] > 1.2).astype(float)
        return [one, one[:, None], np.stack([1 - one, one], axis=1)][columns]

    ax = viz.decision_boundary(right_of, POINTS, [0, 1, 0, 1], names=["left", "right"], steps=101)
    (boundary,) = ax.collections[0].get_paths()
    np.testing.assert_allclose(boundary.vertices[:, 0], 1.2, atol=0.03)
    assert ax.get_xlim() == pytest.approx((-0.2, 2.2))
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["left", "right"]
    shown = [points.get_offsets().data.tolist() for points in ax.collections[1:]]
    assert shown == [[[0, 0], [0, 1]], [[2, 0], [2, 1]]]


def test_decision_boundary_takes_a_model_of_three_classes():
    model = pynn.Sequential([layers.Input((2,)), layers.Dense(3, activation="softmax")])
    model.set_weights([np.array([[4.0, 0.0, -4.0], [0.0, 4.0, 0.0]]), np.zeros(3)])
    _, ax = pyplot.subplots()
    assert viz.decision_boundary(model, POINTS - 1, [0, 1, 2, 1], steps=20, ax=ax) is ax
    colors = ax.images[0].get_array()
    assert len(np.unique(colors.argmin(axis=2))) > 1


# --- All of them -------------------------------------------------------------------------------------


def test_every_picture_saves(tmp_path, network):
    pictures = [
        viz.history({"loss": [2, 1]})[0],
        viz.confusion(LABELS, PROBABILITIES),
        viz.weights(np.zeros((9, 4))),
        viz.samples(IMAGES, LABELS)[0],
        viz.filters(network.layers[0]),
        viz.feature_maps(network, np.zeros((8, 9)))[0],
        viz.decision_boundary(lambda points: points[:, 0], POINTS, [0, 1, 0, 1], steps=10),
    ]
    for number, ax in enumerate(pictures):
        ax.figure.savefig(tmp_path / f"{number}.png")
        assert (tmp_path / f"{number}.png").read_bytes().startswith(b"\x89PNG")


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
        (
            lambda: viz.samples(IMAGES, LABELS, names=["cat"]),
            ValueError,
            "viz.samples: there are 3 classes but 1 names",
        ),
        (
            lambda: viz.filters(np.zeros((3, 3))),
            ValueError,
            "viz.filters: expected a kernel of shape (height, width, channels, filters), got (3, 3)",
        ),
        (
            lambda: viz.filters(np.zeros((3, 3, 2, 4)), channel=2),
            ValueError,
            "viz.filters: channel must be 0..1, got 2",
        ),
        (
            lambda: viz.filters(np.zeros((3, 3, 2, 4)), count=0),
            ValueError,
            "viz.filters: count must be at least 1, got 0",
        ),
        (
            lambda: viz.feature_maps(pynn.Sequential(), np.zeros((2, 8, 8, 1))),
            ValueError,
            "viz.feature_maps: expected one image, (height, width, channels), got (2, 8, 8, 1)",
        ),
        (
            lambda: viz.feature_maps(pynn.Sequential([layers.Flatten()]), np.zeros((8, 8))),
            ValueError,
            "viz.feature_maps: no layer of this model gives images (batch, height, width, channels)",
        ),
        (
            lambda: viz.decision_boundary(len, np.zeros((4, 3)), [0, 1, 0, 1]),
            ValueError,
            "viz.decision_boundary: x must have the shape (n, 2), got (4, 3)",
        ),
        (
            lambda: viz.decision_boundary(lambda x: np.zeros((2, 2)), POINTS, [0, 1, 0, 1], steps=3),
            ValueError,
            "viz.decision_boundary: for 9 points the model gives the shape (2, 2); "
            "expected (n,), (n, 1) or (n, classes)",
        ),
        (
            lambda: viz.decision_boundary("model", POINTS, [0, 1, 0, 1]),
            TypeError,
            "viz.decision_boundary: expected a model or a function of points, got str",
        ),
        (
            lambda: viz.decision_boundary(len, POINTS, [0, 1, 0, 1], steps=1),
            ValueError,
            "viz.decision_boundary: steps must be at least 2, got 1",
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
sys.modules["matplotlib"] = None
from pynn import viz
try:
    viz.history({"loss": [1]})
except ImportError as error:
    print(error)
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout == "pynn.viz needs matplotlib: pip install 'pynn-core[plot]'\n"
