"""model.summary() beside Keras's own, line by line."""

import re

import pytest

import pynn
from pynn import layers


def text_of(model, **options):
    lines = []
    model.summary(print_fn=lines.append, **options)
    return "\n".join(lines).rstrip().splitlines()


def chain(keras):
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu", name="first_convolution_of_the_network"),
            layers.BatchNormalization(name="norm"),
            layers.Flatten(name="flat"),
            layers.Dense(10, activation="softmax", name="probabilities"),
        ],
        name="net",
    )


def unbuilt(keras):
    return keras.Sequential(
        [keras.layers.Dense(3, name="a"), keras.layers.Dense(2, name="b")], name="unbuilt_net"
    )


def branched(keras):
    layers = keras.layers
    title, tags = keras.Input((20,), name="title"), keras.Input((7,), name="tags")
    both = layers.Concatenate(name="features_of_title_and_tags")([title, tags])
    shared = layers.Dense(27, activation="relu", name="shared")
    x = shared(shared(both)) + both
    frozen = layers.Dense(4, name="frozen")
    frozen.trainable = False
    return keras.Model([title, tags], [frozen(x), layers.Dense(1, name="priority")(x)], name="branched")


def straight(keras):
    inputs = keras.Input((5,), name="in")
    return keras.Model(inputs, keras.layers.Dense(3, name="out")(inputs), name="straight")


def nested(keras):
    inputs = keras.Input((28, 28, 1), name="in")
    inner = keras.Input((10,), name="inner_in")
    head = keras.Model(inner, keras.layers.Dense(3, name="inner_out")(inner), name="head")
    return keras.Model(inputs, head(chain(keras)(inputs)), name="nested")


MODELS = [chain, unbuilt, branched, straight, nested]


@pytest.mark.parametrize("build", MODELS)
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"line_length": 100},
        {"line_length": 61, "show_trainable": True},
        {"expand_nested": True},
    ],
    ids=str,
)
def test_as_keras_draws_it(keras, build, options, fresh_names, monkeypatch):
    monkeypatch.setenv("COLUMNS", "104")
    keras.utils.clear_session()
    assert text_of(build(pynn), **options) == text_of(build(keras), **options)


def test_positions_and_a_range_of_layers(keras):
    options = {"positions": [0.3, 0.5, 0.8], "layer_range": ["norm", "fl.*"]}
    assert text_of(chain(pynn), **options) == text_of(chain(keras), **options)


def test_the_optimizer_counts_after_training(keras):
    found = []
    for package in (pynn, keras):
        model = straight(package)
        model.compile(package.optimizers.Adam(), "mse")
        model.optimizer.build(model.trainable_variables)
        # Without sizes in bytes: the optimizer counts its steps in int64 here, in int32 there.
        found.append([line.partition(" (")[0] if "params" in line else line for line in text_of(model)])
    assert found[0] == found[1]
    assert found[0][-1].startswith(" Optimizer params: ")


def test_a_subclassed_model_before_and_after_it_is_called(fresh_names):
    class Net(pynn.Model):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(4)

        def call(self, x):
            return self.dense(x)

    model = Net()
    assert any("dense (Dense)" in line and "?" in line and "0 (unbuilt)" in line for line in text_of(model))
    model(pynn.zeros((2, 3)))
    assert any("dense (Dense)" in line and "(None, 4)" in line and "16" in line for line in text_of(model))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"line_length": 12},
            "summary: a line_length of 12 leaves 3 characters for the column 'Param #', at least 4 are needed",
        ),
        ({"layer_range": ["x", "y"]}, "summary: layer_range ('x', 'y') matches no layers; they are in, out"),
        ({"layer_range": "in"}, "summary: layer_range must be two names or patterns, got 'in'"),
    ],
)
def test_errors(options, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        straight(pynn).summary(**options)
