"""Layers: outputs against NumPy and Keras, weights and their owners, names, configs, errors' texts."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import pynn
from pynn import activations, layers, naming, regularizers
from pynn.layers import Dense, Layer

# Keras's tensors and variables do not know NumPy 2's __array__ yet.
pytestmark = [
    pytest.mark.usefixtures("fresh_names"),
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy"),
]

RNG = np.random.default_rng(0)
X = RNG.normal(size=(6, 5)).astype("float32")


def message_of(error, call):
    with pytest.raises(error) as caught:
        call()
    return str(caught.value)


# Outputs -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("activation", [None, "relu", "sigmoid", "tanh", "softmax", "gelu", "elu"])
@pytest.mark.parametrize("shape", [(6, 5), (2, 3, 5), (0, 5)])
def test_dense_is_that_of_keras(keras, activation, shape):
    x = RNG.normal(size=shape).astype("float32")
    ours, theirs = Dense(4, activation, bias_initializer="random_normal"), keras.layers.Dense(4, activation)
    y = ours(x)
    theirs.build(shape)
    theirs.set_weights(ours.get_weights())
    assert y.shape == (*shape[:-1], 4)
    np.testing.assert_allclose(y.numpy(), keras.ops.convert_to_numpy(theirs(x)), rtol=2e-5, atol=2e-6)


@pytest.mark.parametrize("name", sorted({*activations.registry.names()} - {"threshold", "glu"}))
def test_fusing_an_activation_changes_nothing(name):
    layer = Dense(4, name)
    y = layer(X)
    plain = Dense(4)
    plain.build((None, 5))
    plain.set_weights(layer.get_weights())
    np.testing.assert_allclose(y.numpy(), activations.get(name)(plain(X)).numpy(), rtol=1e-6, atol=1e-7)


def test_dense_without_bias_has_one_weight():
    layer = Dense(3, use_bias=0)
    np.testing.assert_allclose(layer(X).numpy(), X @ layer.get_weights()[0], rtol=1e-5, atol=1e-6)
    assert [weight.path for weight in layer.weights] == ["dense/kernel"]


# Keras's sparsemax on JAX adds up sums: its rows do not sum to 1 (tests/test_activations.py has the truth).
@pytest.mark.parametrize("name", sorted({*activations.registry.names()} - {"threshold", "glu", "sparsemax"}))
def test_activation_is_that_of_keras(keras, name):
    x = np.linspace(-6, 6, 60, dtype="float32").reshape(6, 10)
    expected = keras.ops.convert_to_numpy(getattr(keras.activations, name)(x))
    np.testing.assert_allclose(activations.get(name)(pynn.asarray(x)).numpy(), expected, rtol=3e-5, atol=3e-6)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("relu", {"negative_slope": 0.1}),
        ("relu", {"max_value": 2.0}),
        ("relu", {"threshold": 1.0, "negative_slope": 0.5, "max_value": 3.0}),
        ("leaky_relu", {"negative_slope": 0.4}),
        ("elu", {"alpha": 2.0}),
        ("celu", {"alpha": 2.0}),
        ("gelu", {"approximate": True}),
        ("glu", {"axis": 1}),
        ("softmax", {"axis": 0}),
        ("threshold", {"threshold": 1.0, "default_value": -1.0}),
        ("hard_shrink", {"threshold": 1.0}),
        ("soft_shrink", {"threshold": 1.0}),
        ("squareplus", {"b": 2.0}),
    ],
)
def test_activation_arguments_are_those_of_keras(keras, name, arguments):
    x = np.linspace(-6, 6, 60, dtype="float32").reshape(6, 10)
    expected = keras.ops.convert_to_numpy(getattr(keras.activations, name)(x, **arguments))
    ours = getattr(activations, name)(pynn.asarray(x), **arguments)
    np.testing.assert_allclose(ours.numpy(), expected, rtol=3e-5, atol=3e-6)


@pytest.mark.parametrize(
    ("name", "arguments", "shape"),
    [
        ("ReLU", {}, (4, 5)),
        ("ReLU", {"max_value": 1.0, "negative_slope": 0.2, "threshold": 0.5}, (4, 5)),
        ("LeakyReLU", {}, (4, 5)),
        ("ELU", {"alpha": 0.5}, (4, 5)),
        ("PReLU", {"alpha_initializer": "ones"}, (4, 5)),
        ("Softmax", {}, (4, 5)),
        ("Softmax", {"axis": 1}, (4, 5, 6)),
        ("Activation", {"activation": "softsign"}, (4, 5)),
        ("Flatten", {}, (4, 5, 6)),
        ("Flatten", {}, (4,)),
        ("Reshape", {"target_shape": (6, -1)}, (4, 3, 8)),
        ("Reshape", {"target_shape": (24,)}, (4, 3, 8)),
        ("Permute", {"dims": (3, 1, 2)}, (4, 3, 8, 2)),
        ("Identity", {}, (4, 3)),
        ("Dropout", {"rate": 0.5}, (4, 3)),
        ("GaussianNoise", {"stddev": 0.5}, (4, 3)),
        ("GaussianDropout", {"rate": 0.5}, (4, 3)),
    ],
)
def test_layer_is_that_of_keras_and_of_its_config(keras, name, arguments, shape):
    x = RNG.normal(size=shape).astype("float32")
    layer = getattr(layers, name)(**arguments)
    again = type(layer).from_config(layer.get_config())
    expected = keras.ops.convert_to_numpy(getattr(keras.layers, name)(**arguments)(x))
    np.testing.assert_allclose(layer(x).numpy(), expected, rtol=2e-5, atol=2e-6)
    np.testing.assert_allclose(again(x).numpy(), expected, rtol=2e-5, atol=2e-6)
    assert layer.compute_output_shape((None, *shape[1:])) == (None, *expected.shape[1:])
    assert again.get_config() == layer.get_config()


def test_dense_config_round_trip():
    layer = Dense(
        3, "relu", kernel_regularizer=regularizers.L2(0.1), kernel_initializer="he_normal", name="a"
    )
    again = Dense.from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    assert again.kernel_regularizer.l2 == 0.1
    assert again.activation is activations.relu


def test_shapes_stay_unknown_where_they_are():
    assert layers.Flatten().compute_output_shape((None, None, 3)) == (None, None)
    assert layers.Reshape((-1, 3)).compute_output_shape((None, None, 6)) == (None, None, 3)
    assert Dense(4).compute_output_shape((None, None, 3)) == (None, None, 4)


def test_prelu_shares_axes():
    layer = layers.PReLU(shared_axes=[1])
    x = RNG.normal(size=(2, 3, 4)).astype("float32")
    layer(x)
    layer.set_weights([np.arange(4, dtype="float32").reshape(1, 4)])
    np.testing.assert_allclose(layer(x).numpy(), np.where(x > 0, x, x * np.arange(4)), rtol=1e-6)


# Layers that disturb -----------------------------------------------------------------------------------


def test_dropout_keeps_the_mean_and_only_while_training():
    layer = layers.Dropout(0.3, seed=1)
    x = np.ones((400, 500), "float32")
    assert (layer(x).numpy() == 1).all()
    y = layer(x, training=True).numpy()
    assert set(np.unique(y)) == {np.float32(0), np.float32(1 / np.float32(0.7))}
    assert y.mean() == pytest.approx(1, abs=0.01)
    assert (layer(x, training=True).numpy() != y).any()
    assert (layers.Dropout(0.3, seed=1)(x, training=True).numpy() == y).all()


def test_dropout_noise_shape_drops_whole_rows():
    y = layers.Dropout(0.5, noise_shape=(None, 1), seed=2)(
        np.ones((200, 7), "float32"), training=True
    ).numpy()
    assert set(y.sum(axis=1).tolist()) == {0.0, 14.0}


def test_dropout_of_everything():
    x = np.ones((3, 4), "float32")
    assert (layers.Dropout(1.0)(x, training=True).numpy() == 0).all()
    assert (layers.Dropout(1.0, noise_shape=(None, 1))(x, training=True).numpy() == 0).all()


@pytest.mark.parametrize(
    ("layer", "stddev"),
    [(layers.GaussianNoise(0.5, seed=1), 0.5), (layers.GaussianDropout(0.2, seed=1), 0.5)],
)
def test_gaussian_layers(layer, stddev):
    x = np.ones((300, 300), "float32")
    y = layer(x, training=True).numpy()
    assert y.mean() == pytest.approx(1, abs=0.01)
    assert y.std() == pytest.approx(stddev, rel=0.02)
    assert (layer(x).numpy() == x).all()


# Inputs ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float64", "float16", "int64", "uint8", "bool"])
def test_dense_takes_any_numbers(dtype):
    x = (RNG.random((3, 5)) * 3).astype(dtype)
    layer = Dense(2)
    y = layer(x)
    assert str(y.dtype) == "float32"
    np.testing.assert_allclose(y.numpy(), x.astype("float32") @ layer.get_weights()[0], rtol=1e-5, atol=1e-6)


def test_dtype_of_a_layer():
    layer = Dense(2, dtype="float64")
    assert str(layer(X).dtype) == "float64"
    assert str(layer.kernel.dtype) == "float64"


def test_inputs_keep_their_structure_and_integers():
    class Seen(Layer):
        def call(self, inputs):
            self.seen = inputs
            return inputs["a"]

    layer = Seen()
    layer({"a": X.astype("float64"), "b": [np.arange(3), (X, X)]})
    assert str(layer.seen["a"].dtype) == "float32"
    assert str(layer.seen["b"][0].dtype) == "int64"
    assert isinstance(layer.seen["b"][1], tuple)


def test_a_list_of_numbers_is_an_array():
    assert Dense(2)([[1, 2, 3], [4, 5, 6]]).shape == (2, 2)


def test_training_reaches_layers_inside_but_not_the_next_call():
    class Inner(Layer):
        def call(self, inputs, training=False):
            self.training = training
            return inputs

    class Outer(Layer):
        def __init__(self):
            super().__init__()
            self.inner = Inner()

        def call(self, inputs):
            return self.inner(inputs)

    outer = Outer()
    outer(X, training=True)
    assert outer.inner.training is True
    outer(X)
    assert outer.inner.training is False


def test_mask_is_passed_where_it_is_taken():
    class Masked(Layer):
        def call(self, inputs, mask=None):
            self.mask = mask
            return inputs

    layer = Masked()
    layer(X, mask=X > 0)
    assert layer.mask is not None
    assert Dense(2)(X, mask=None).shape == (6, 2)
    with pytest.raises(TypeError, match="mask"):
        Dense(2)(X, mask=X > 0)


# Weights -----------------------------------------------------------------------------------------------


class Block(Layer):
    """Layers in a list, a dict and a tuple, a variable of its own, a statistic."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.stack = [Dense(3)]
        self.named = {"a": Dense(2), "b": (Dense(1), "text")}
        self.stack.append(Dense(4))

    def build(self, input_shape):
        self.mean = self.add_weight((1,), "zeros", trainable=False, name="mean")
        self.scale = self.add_weight((input_shape[-1],), "ones", name="scale")

    def call(self, inputs):
        x = inputs * self.scale + self.mean
        for layer in (*self.stack, self.named["a"], self.named["b"][0]):
            x = layer(x)
        return x


def test_weights_of_layers_anywhere_inside():
    block = Block()
    assert block.weights == []
    block(X)
    paths = [weight.path for weight in block.weights]
    assert paths[:2] == ["block/scale", "block/mean"]
    assert [weight.shape for weight in block.weights[2:]] == [
        (5, 3),
        (3,),
        (3, 4),
        (4,),
        (4, 2),
        (2,),
        (2, 1),
        (1,),
    ]
    assert len(block.trainable_weights) == 9
    assert [weight.path for weight in block.non_trainable_weights] == ["block/mean"]
    assert block.variables == block.weights
    assert block.count_params() == 5 + 1 + 18 + 16 + 10 + 3


def test_freezing_and_unfreezing():
    block = Block()
    block.trainable = False
    block(X)
    assert block.trainable_weights == []
    assert len(block.non_trainable_variables) == 10
    block.trainable = True
    assert len(block.trainable_variables) == 9
    assert not block.mean.trainable
    block.stack[0].trainable = False
    assert len(block.trainable_variables) == 7


def test_get_and_set_weights():
    block = Block()
    block(X)
    copies = block.get_weights()
    before = block(X).numpy().copy()
    block.set_weights([array * 0 for array in copies])
    assert (block(X).numpy() == 0).all()
    assert copies[0].any()
    block.set_weights(copies)
    np.testing.assert_array_equal(block(X).numpy(), before)


def test_shared_layers_count_once():
    class Twice(Layer):
        def __init__(self):
            super().__init__()
            self.first = self.second = Dense(5)
            self.parent = self

        def call(self, inputs):
            return self.second(self.first(inputs))

    layer = Twice()
    layer(X)
    assert len(layer.weights) == 2


def test_losses_of_regularizers_and_add_loss():
    class Adding(Layer):
        def __init__(self):
            super().__init__()
            self.dense = Dense(2, kernel_regularizer=regularizers.L1L2(l1=0.1, l2=0.2), bias_regularizer="l2")

        def call(self, inputs):
            self.add_loss(pynn.asarray(3.0))
            return self.dense(inputs)

    layer = Adding()
    layer(X)
    layer(X)
    kernel, _ = layer.get_weights()
    penalties = sorted(float(loss) for loss in layer.losses)
    expected = sorted([0.1 * abs(kernel).sum() + 0.2 * (kernel**2).sum(), 0.0, 3.0])
    np.testing.assert_allclose(penalties, expected, rtol=1e-5)


@pytest.mark.parametrize(
    ("name", "expected"), [("l1", 0.01 * 6), ("l2", 0.01 * 14), ("L1", 0.06), ("L2", 0.14), ("l1_l2", 0.0)]
)
def test_regularizer_names(name, expected):
    found = regularizers.get(name)
    assert float(found(pynn.asarray([1.0, -2.0, 3.0]))) == pytest.approx(expected)
    assert regularizers.get(regularizers.serialize(found)).get_config() == found.get_config()


def test_build_by_hand_marks_the_layer_as_built():
    block = Block()
    block.build((None, 5))
    block(X)
    assert len(block.weights) == 10


def test_default_output_shape_is_found_by_trying():
    class Halves(Layer):
        def call(self, inputs):
            return inputs[:, :, :2], inputs.sum(axis=1)

    assert Halves().compute_output_shape((None, None, 8)) == [(None, None, 2), (None, 8)]


# Names -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["Dense", "ReLU", "LeakyReLU", "PReLU", "ELU", "GaussianNoise", "InputLayer", "L1L2", "Conv2DTranspose"],
)
def test_automatic_names_are_those_of_keras(keras, name):
    from keras.src.utils.naming import to_snake_case

    assert naming.snake_case(name) == to_snake_case(name)


def test_names_count_up():
    assert [Dense(1).name, Dense(1).name, Dense(1, name="x").name, Dense(1).name] == [
        "dense",
        "dense_1",
        "x",
        "dense_2",
    ]
    assert repr(Dense(1)) == "<Dense name=dense_3, built=False>"


# Variables ---------------------------------------------------------------------------------------------


def test_variable_starts_from_values_or_an_initializer():
    assert pynn.Variable(3.0).numpy() == 3
    assert str(pynn.Variable(np.ones(2)).dtype) == "float32"
    assert str(pynn.Variable(np.ones(2), dtype="float64").dtype) == "float64"
    assert str(pynn.Variable([1, 2]).dtype) == "int64"
    assert pynn.Variable(shape=(2, 3), initializer="ones").numpy().tolist() == [[1, 1, 1], [1, 1, 1]]
    assert pynn.Variable(lambda shape, dtype: np.full(shape, 4, dtype), shape=(2,)).numpy().tolist() == [4, 4]
    array = np.ones(3, "float32")
    variable = pynn.Variable(array)
    variable.assign([1, 2, 3])
    assert array.tolist() == [1, 1, 1]


def test_variable_assignment_and_repr():
    variable = pynn.Variable([1.0, 2.0], name="w")
    copy = variable.numpy()
    assert variable.assign_add([1, 1]) is variable
    assert variable.assign_sub([0.5, 0.5]).numpy().tolist() == [1.5, 2.5]
    assert copy.tolist() == [1, 2]
    assert variable.value is variable
    assert repr(variable) == "<Variable path=w, shape=(2,), dtype=float32, value=[1.5 2.5]>"
    assert pynn.Variable(1.0).name == "variable"
    assert pynn.Variable(1.0).name == "variable_1"


# Errors ------------------------------------------------------------------------------------------------


def built(layer, shape):
    layer.build(shape)
    return layer


class NoInit(Layer):
    def __init__(self):
        self.units = 3

    def call(self, inputs):
        return inputs


class Wrong(Layer):
    def call(self, inputs):
        raise pynn.ShapeError("matmul: (6, 5) and (4, 2) do not multiply")


class Deep(Layer):
    def __init__(self):
        super().__init__(name="deep")
        self.input_spec = layers.InputSpec(axes={2: 7, -1: 7})

    def call(self, inputs):
        return inputs


class Strict(Layer):
    def __init__(self):
        super().__init__(name="strict")
        self.input_spec = layers.InputSpec(ndim=3, axes={1: 7})

    def call(self, inputs):
        return inputs


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: built(Dense(10, name="fc2"), (None, 64))(np.zeros((32, 50), "float32")),
            pynn.ShapeError,
            "Dense 'fc2' expected 64 input features, got 50\n"
            "  input  float32 (32, 50)   axis -1 = 50\n"
            "  kernel float32 (64, 10)   axis  0 = 64\n"
            "  hint: give it 64, or make a new layer for 50",
        ),
        (
            lambda: Dense(3)(np.zeros(5, "float32")),
            pynn.ShapeError,
            "Dense 'dense' expected an input of at least 2 dimensions, got 1\n"
            "  input float32 (5,)\n"
            "  hint: x[None, :] is a batch of one sample, x[:, None] a batch of samples of one feature",
        ),
        (
            lambda: Strict()(X),
            pynn.ShapeError,
            "Strict 'strict' expected an input of 3 dimensions, got 2\n  input float32 (6, 5)"
            "\n  hint: add what is missing: x[..., None] is one channel, x[None] is a batch of one sample",
        ),
        (
            lambda: Deep()(X),
            pynn.ShapeError,
            "Deep 'deep' expected an input of at least 3 dimensions, got 2\n  input float32 (6, 5)",
        ),
        (
            lambda: Strict()(np.zeros((2, 6, 1), "float32")),
            pynn.ShapeError,
            "Strict 'strict' expected 7 on axis 1 of its input, got 6\n"
            "  input float32 (2, 6, 1)   axis  1 = 6\n"
            "  hint: give it 7, or make a new layer for 6",
        ),
        (
            lambda: Wrong()(X),
            pynn.ShapeError,
            "Wrong 'wrong': matmul: (6, 5) and (4, 2) do not multiply\n  input float32 (6, 5)",
        ),
        (lambda: Dense(0), ValueError, "Dense: units must be positive, got 0"),
        (lambda: Dense(2.5), TypeError, "Dense: units must be an integer, got 2.5"),
        (
            lambda: Dense(2, activaton="relu"),
            TypeError,
            "Dense: unknown argument 'activaton'; did you mean 'activation'?",
        ),
        (lambda: Dense(2, nmae="a"), TypeError, "Dense: unknown argument 'nmae'; did you mean 'name'?"),
        (
            lambda: Dense(2, lora_rank=4),
            TypeError,
            "Dense: pynn does not support the argument 'lora_rank' of Keras",
        ),
        (
            lambda: Dense(2, "rellu"),
            ValueError,
            "unknown activation 'rellu'; did you mean 'relu'?",
        ),
        (
            lambda: Dense(2, dtype="flaot32"),
            ValueError,
            "Dense: unknown dtype 'flaot32'; did you mean 'float32'?",
        ),
        (
            lambda: Dense(2).build((None, None)),
            ValueError,
            "Dense 'dense' needs the size of the last axis to make its kernel, got (None, None)",
        ),
        (
            lambda: Dense(2).count_params(),
            ValueError,
            "Dense 'dense' is not built, so it has no weights to count; call build first",
        ),
        (
            lambda: Dense(2).set_weights([X]),
            ValueError,
            "Dense 'dense' has 0 weights, set_weights got 1 arrays; it has none before it is built",
        ),
        (
            lambda: built(Dense(2), (None, 3)).set_weights([np.zeros((2, 2)), np.zeros(2)]),
            pynn.ShapeError,
            "Dense 'dense': weight 'dense/kernel' has shape (3, 2), set_weights got (2, 2)",
        ),
        (
            lambda: NoInit()(X),
            RuntimeError,
            "NoInit: __init__ must call super().__init__() before the layer is used",
        ),
        (lambda: Layer()(X), NotImplementedError, "Layer 'layer' must define call(self, inputs)"),
        (lambda: layers.Dropout(1.5), ValueError, "Dropout: rate must be between 0 and 1, got 1.5"),
        (lambda: layers.GaussianNoise(-1), ValueError, "GaussianNoise: stddev must be a number >= 0, got -1"),
        (
            lambda: layers.GaussianDropout(1),
            ValueError,
            "GaussianDropout: rate must be below 1, where the noise becomes infinite",
        ),
        (
            lambda: layers.LeakyReLU(-0.1),
            ValueError,
            "LeakyReLU: negative_slope must be a number >= 0, got -0.1",
        ),
        (lambda: layers.ReLU(max_value=-1), ValueError, "ReLU: max_value must be a number >= 0, got -1"),
        (
            lambda: layers.PReLU().build((None, None, 3)),
            ValueError,
            "PReLU 'p_re_lu' needs all sizes of a sample to make alpha, got (None, None, 3)",
        ),
        (
            lambda: layers.Permute((1, 3)),
            ValueError,
            "Permute: dims must be a permutation of 1 to 2, got (1, 3)",
        ),
        (lambda: layers.Reshape((-1, -1)), ValueError, "Reshape: only one size may be -1, got (-1, -1)"),
        (
            lambda: layers.Reshape((2, 4))(X),
            pynn.ShapeError,
            "Reshape 'reshape' cannot make (2, 4) of (5,)\n  input float32 (6, 5)   5 values a sample",
        ),
        (
            lambda: layers.Input(784),
            TypeError,
            "Input: the shape must be a tuple, got 784; write shape=(784,)",
        ),
        (
            lambda: layers.Input(),
            ValueError,
            "Input: give either shape=(sizes of one sample) or batch_shape=(batch, sizes)",
        ),
        (
            lambda: regularizers.L2(-1),
            ValueError,
            "regularizer strength l2 must be a finite number >= 0, got -1",
        ),
        (
            lambda: pynn.Variable("zeros"),
            ValueError,
            "Variable: an initializer needs a shape, for example shape=(784, 10)",
        ),
        (
            lambda: pynn.Variable(np.ones(3), shape=(2,)),
            pynn.ShapeError,
            "Variable: shape=(2,) but the values have shape (3,)",
        ),
        (
            lambda: pynn.Variable(np.ones(3), name="w").assign(np.ones((3, 1))),
            pynn.ShapeError,
            "cannot assign a value of shape (3, 1) to variable 'w' of shape (3,)",
        ),
    ],
)
def test_errors(call, error, message):
    assert message_of(error, call) == message


def test_text_is_no_input():
    with pytest.raises(TypeError, match=r"^Dense 'dense': inputs cannot become a tensor: "):
        Dense(2)(np.array([["a"]]))


@pytest.mark.parametrize("twin_of", [copy.deepcopy, lambda layer: pickle.loads(pickle.dumps(layer))])
def test_a_copy_of_a_layer_has_weights_of_its_own(twin_of):
    layer = Dense(3, kernel_regularizer=regularizers.L2(0.5))
    layer.build((None, 5))
    layer.bias.trainable = False
    twin = twin_of(layer)
    before = layer.get_weights()[0]
    np.testing.assert_array_equal(twin.get_weights()[0], before)
    assert [weight.path for weight in twin.weights] == [weight.path for weight in layer.weights]
    assert [weight.trainable for weight in twin.weights] == [True, False]
    assert float(twin.losses[0]) == float(layer.losses[0])
    twin.kernel.assign(np.zeros((5, 3)))
    np.testing.assert_array_equal(layer.get_weights()[0], before)
    assert isinstance(copy.copy(layer.kernel), pynn.Variable)
