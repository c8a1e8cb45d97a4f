"""Sequential and Model: building, structure, summary, errors' texts; training is in test_training.py."""

from __future__ import annotations

import numpy as np
import pytest

import pynn
from pynn import Model, Sequential, layers
from pynn.layers import Dense, Flatten, Input, InputLayer

pytestmark = pytest.mark.usefixtures("fresh_names")

X = np.random.default_rng(0).normal(size=(6, 5)).astype("float32")


def small():
    return Sequential([Dense(4, "relu"), layers.Dropout(0.5), Dense(3, "softmax")])


class Two(Model):
    """A subclassed model with two inputs by name and a layer that only trains."""

    def __init__(self):
        super().__init__()
        self.left, self.right = Dense(3), Dense(3)
        self.drop = layers.Dropout(0.5)
        self.head = Dense(1)

    def call(self, inputs, training=False):
        return self.head(self.drop(self.left(inputs["a"]) + self.right(inputs["b"])))


# Sequential: when weights are made -----------------------------------------------------------------------


def test_weights_come_with_the_first_data():
    model = small()
    assert model.weights == []
    assert not model.built
    y = model(X)
    assert y.shape == (6, 3)
    assert model.built
    assert [weight.shape for weight in model.weights] == [(5, 4), (4,), (4, 3), (3,)]
    assert model.input_shape == (None, 5)
    assert model.output_shape == (None, 3)


@pytest.mark.parametrize(
    "first",
    [
        lambda: [Input((5,))],
        lambda: [Input(batch_shape=(None, 5))],
        lambda: [Input((5,), batch_size=3)],
        lambda: [InputLayer((5,))],
        lambda: [InputLayer(batch_shape=(None, 5))],
        lambda: [InputLayer(input_shape=(5,))],
        lambda: [Dense(5, input_shape=(5,))],
        lambda: [Dense(5, input_dim=5)],
        lambda: [Dense(5, batch_input_shape=(None, 5))],
        lambda: [Sequential([Input((5,)), Dense(5)])],
    ],
)
def test_weights_are_made_at_once_when_the_shape_is_declared(first):
    model = Sequential([*first(), Dense(2)])
    assert model.built
    assert model.weights[-2].shape == (5, 2)
    assert model.output_shape[1:] == (2,)
    assert model(X).shape == (6, 2)


def test_build_by_hand():
    model = Sequential([Flatten(), Dense(4), Dense(3)])
    model.build(input_shape=(None, 28, 28, 1))
    assert model.count_params() == 784 * 4 + 4 + 15
    assert model.output_shape == (None, 3)


def test_adding_to_a_built_model_builds():
    model = Sequential([Input((5,))])
    model.add(Dense(4))
    first = model.layers[0].get_weights()
    model.add(Dense(3))
    np.testing.assert_array_equal(model.layers[0].get_weights()[0], first[0])
    assert model.output_shape == (None, 3)
    assert model.pop().name == "dense_1"
    assert model.output_shape == (None, 4)
    assert model(X).shape == (6, 4)


def test_the_model_is_the_chain_of_its_layers():
    model = Sequential([Dense(4, "relu"), Dense(3)])
    w1, b1, w2, b2 = (model(X), model.get_weights())[1]
    np.testing.assert_allclose(model(X).numpy(), np.maximum(X @ w1 + b1, 0) @ w2 + b2, rtol=1e-5, atol=1e-6)


def test_models_are_layers():
    inner = Sequential([Dense(4), Dense(3)], name="inner")
    model = Sequential([inner, Dense(2)])
    assert model(X).shape == (6, 2)
    assert len(model.weights) == 6
    assert model.layers[0] is inner
    inner.trainable = False
    assert len(model.trainable_weights) == 2


def test_a_custom_layer_without_output_shape():
    class Double(layers.Layer):
        def call(self, inputs):
            return pynn.concat([inputs, inputs], axis=-1)

    model = Sequential([Input((5,)), Double(), Dense(2)])
    assert model.weights[0].shape == (10, 2)


def test_a_last_axis_of_one_may_be_missing_or_extra():
    model = Sequential([Input((1,)), Dense(2)])
    assert model(np.ones(7)).shape == (7, 2)
    model = Sequential([Input((5,)), Dense(2)])
    assert model(X[:, :, None]).shape == (6, 2)


def test_training_reaches_layers():
    model = Sequential([layers.Dropout(0.5, seed=1)])
    assert (model(X).numpy() == X).all()
    assert (model(X, training=True).numpy() == 0).any()


def test_config_round_trip():
    class Mine(layers.Layer):
        def call(self, inputs):
            return inputs

    model = Sequential([Input((5,)), Dense(4, "relu"), Mine(), Sequential([Dense(2)])], name="m")
    again = Sequential.from_config(model.get_config(), custom_objects={"Mine": Mine})
    assert again.get_config() == model.get_config()
    assert [weight.shape for weight in again.weights] == [weight.shape for weight in model.weights]


# Model -------------------------------------------------------------------------------------------------


def test_subclassed_model():
    model = Two()
    inputs = {"a": X, "b": X.astype("float64")}
    assert model(inputs).shape == (6, 1)
    assert [layer.name for layer in model.layers] == ["dense", "dense_1", "dropout", "dense_2"]
    assert len(model.weights) == 6


def test_build_of_a_subclassed_model():
    model = Two()
    model.build({"a": (None, 5), "b": (None, 7)})
    assert model.count_params() == 18 + 24 + 4


def test_weights_in_a_file(tmp_path):
    pytest.importorskip("safetensors")
    model, other = small(), small()
    model(X)
    other(X)
    model.save_weights(tmp_path / "w.safetensors")
    other.load_weights(tmp_path / "w.safetensors")
    np.testing.assert_array_equal(model(X).numpy(), other(X).numpy())


def test_get_layer():
    model = small()
    assert model.get_layer("dropout") is model.layers[1]
    assert model.get_layer(index=-1) is model.layers[2]


# Summary -----------------------------------------------------------------------------------------------

SUMMARY = """Model: "sequential"
┏━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━┓
┃ Layer (type)                    ┃ Output Shape           ┃       Param # ┃
┡━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━┩
│ dense (Dense)                   │ (None, 512)            │       401,920 │
├─────────────────────────────────┼────────────────────────┼───────────────┤
│ dense_1 (Dense)                 │ (None, 10)             │         5,130 │
└─────────────────────────────────┴────────────────────────┴───────────────┘
 Total params: 407,050 (1.55 MB)
 Trainable params: 407,050 (1.55 MB)
 Non-trainable params: 0 (0.00 B)"""


def mnist_model():
    return Sequential([Dense(512, "relu"), Dense(10, "softmax")])


def test_summary(capsys):
    model = mnist_model()
    model.build((None, 784))
    model.summary()
    assert capsys.readouterr().out == SUMMARY + "\n"


def test_summary_of_an_unbuilt_model():
    lines = []
    mnist_model().summary(print_fn=lines.append)
    expected = SUMMARY.replace("(None, 512)", "?          ").replace("(None, 10)", "?         ")
    expected = expected.replace("      401,920", "  0 (unbuilt)").replace("        5,130", "  0 (unbuilt)")
    expected = expected.replace("407,050 (1.55 MB)", "0 (0.00 B)")
    assert lines == [expected]


def test_summary_is_that_of_keras_at_80_columns():
    lines = []
    model = mnist_model()
    model.build((None, 784))
    model.layers[0].trainable = False
    model.summary(line_length=80, print_fn=lines.append)
    first, head = lines[0].splitlines()[1:3]
    assert first == "┏" + "━" * 35 + "┳" + "━" * 26 + "┳" + "━" * 15 + "┓"
    assert len(head) == 80
    assert lines[0].endswith(" Trainable params: 5,130 (20.04 KB)\n Non-trainable params: 401,920 (1.53 MB)")


def test_summary_cuts_long_names():
    lines = []
    Sequential([Dense(1, name="a" * 40)]).summary(print_fn=lines.append)
    row = lines[0].splitlines()[4:6]
    assert row[0].startswith("│ " + "a" * 30 + "… │ ?")
    assert row[1].startswith("│ (Dense)" + " " * 24 + " │  ")


# Errors ------------------------------------------------------------------------------------------------


def wrong_chain():
    ready = Dense(10, name="fc2")
    ready.build((None, 64))
    model = Sequential([Flatten(), Dense(50, name="fc1"), ready, Dense(2)], name="mlp")
    return model(np.zeros((32, 6), "float32"))


def wrong_after_flatten():
    ready = Dense(10, name="fc")
    ready.build((None, 64))
    return Sequential([Flatten(), ready], name="mlp")(np.zeros((32, 6), "float32"))


def wrong_data():
    model = Sequential([Dense(4, name="fc1"), Dense(2)], name="mlp")
    model.build((None, 64))
    return model(np.zeros((32, 50), "float32"))


def wrong_operation():
    class Mine(layers.Layer):
        def call(self, inputs):
            raise pynn.ShapeError("matmul: no")

    return Sequential([Dense(4), Mine()], name="mlp")(X)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            wrong_chain,
            pynn.ShapeError,
            "Dense 'fc2' (layer 3 of 4 in 'mlp') expected 64 input features, got 50\n"
            "  input  float32 (None, 50)   axis -1 = 50\n"
            "  kernel float32 (64, 10)     axis  0 = 64\n"
            "  hint: change Dense(50) 'fc1' to 64 units, or rebuild 'fc2' for 50",
        ),
        (
            wrong_after_flatten,
            pynn.ShapeError,
            "Dense 'fc' (layer 2 of 2 in 'mlp') expected 64 input features, got 6\n"
            "  input  float32 (None, 6)   axis -1 = 6\n"
            "  kernel float32 (64, 10)    axis  0 = 64\n"
            "  hint: give it 64, or make a new layer for 6",
        ),
        (
            wrong_data,
            pynn.ShapeError,
            "Dense 'fc1' (layer 1 of 2 in 'mlp') expected 64 input features, got 50\n"
            "  input  float32 (32, 50)   axis -1 = 50\n"
            "  kernel float32 (64, 4)    axis  0 = 64\n"
            "  hint: give it 64, or make a new layer for 50",
        ),
        (
            wrong_operation,
            pynn.ShapeError,
            "Mine 'mine' (layer 2 of 2 in 'mlp'): matmul: no\n  input float32 (2, 4)",
        ),
        (
            lambda: Sequential([Input((28, 28)), Flatten()], name="mlp")(np.zeros((3, 784))),
            pynn.ShapeError,
            "Sequential 'mlp' expected an input of the shape (None, 28, 28), got (3, 784)\n"
            "  input float32 (3, 784)",
        ),
        (
            lambda: Sequential([Input((28, 28)), Flatten()], name="mlp")(np.zeros((3, 28, 27))),
            pynn.ShapeError,
            "Sequential 'mlp' expected an input of the shape (None, 28, 28), got (3, 28, 27)\n"
            "  input float32 (3, 28, 27)   axis  2 = 27\n"
            "  hint: give it 28, or make a new layer for 27",
        ),
        (
            lambda: Sequential([Dense], name="mlp"),
            TypeError,
            f"Sequential 'mlp': expected a layer, got {Dense!r}; write Dense(...)",
        ),
        (lambda: Sequential([3], name="mlp"), TypeError, "Sequential 'mlp': expected a layer, got 3"),
        (
            lambda: Sequential([Dense(1, name="a"), Dense(2, name="a")], name="mlp"),
            ValueError,
            "Sequential 'mlp': Dense 'a' has the name of layer 1; names must differ",
        ),
        (
            lambda: Sequential([Dense(1), Input((3,))], name="mlp"),
            ValueError,
            "Sequential 'mlp': Input must come first, and once",
        ),
        (lambda: Sequential(name="mlp").pop(), ValueError, "Sequential 'mlp' has no layer to remove"),
        (
            lambda: Sequential(name="mlp").build((None, 3)),
            ValueError,
            "Sequential 'mlp' has no layers to build",
        ),
        (
            lambda: small().output_shape,
            ValueError,
            "Sequential 'sequential' has no shapes before it is built or called on data",
        ),
        (
            lambda: small().get_layer("dropuot"),
            ValueError,
            "Sequential 'sequential' has no layer 'dropuot'; did you mean 'dropout'?",
        ),
        (
            lambda: small().get_layer("x"),
            ValueError,
            "Sequential 'sequential' has no layer 'x'; it has dense, dropout, dense_1",
        ),
        (
            lambda: small().get_layer(index=3),
            ValueError,
            "Sequential 'sequential' has 3 layers, so no layer 3",
        ),
        (lambda: small().get_layer(), ValueError, "get_layer: give either a name or an index"),
        (
            lambda: Model(Input((3,))),
            TypeError,
            "Model: inputs is given without outputs; write Model(inputs=..., outputs=...)",
        ),
        (
            lambda: small().summary(line_length=12),
            ValueError,
            "summary: a line_length of 12 leaves 3 characters for the column 'Param #', at least 4 are needed",
        ),
        (
            lambda: Sequential.from_config(
                {
                    "name": "m",
                    "trainable": True,
                    "batch_input_shape": None,
                    "layers": [{"class_name": "X", "config": {}}],
                }
            ),
            ValueError,
            "unknown class or function 'X': pass it in custom_objects={'X': ...}, or put "
            "@pynn.saving.register_keras_serializable() before its definition",
        ),
    ],
)
def test_errors(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value) == message
