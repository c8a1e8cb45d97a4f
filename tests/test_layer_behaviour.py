"""What single layers do beyond one call: statistics that move, data that is measured, chance, and errors."""

from __future__ import annotations

import numpy as np
import pytest

import pynn
from pynn import layers, models, utils
from pynn.layers import Layer

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy")

# BatchNormalization ------------------------------------------------------------------------------------


def test_moving_averages_over_several_batches(quick_keras, rng):
    ours, theirs = (
        layers.BatchNormalization(momentum=0.8),
        quick_keras.layers.BatchNormalization(momentum=0.8),
    )
    for _ in range(4):
        x = rng.normal(3, 2, (16, 5)).astype("float32")
        ours(x, training=True)
        theirs(x, training=True)
    for mine, its in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(mine, its, rtol=1e-5)
    np.testing.assert_allclose(ours(x).numpy(), np.asarray(theirs(x)), rtol=1e-5, atol=1e-5)


def test_batch_normalization_learns_its_statistics_in_fit(rng):
    x = rng.normal(5, 3, (256, 4)).astype("float32")
    model = models.Sequential([layers.BatchNormalization(momentum=0.5), layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(x, x.sum(1, keepdims=True) * 0, epochs=3, batch_size=64, verbose=0)
    moving_mean, moving_variance = model.layers[0].get_weights()[2:]
    np.testing.assert_allclose(moving_mean, x.mean(0), atol=0.7)
    np.testing.assert_allclose(moving_variance, x.var(0), rtol=0.4)
    before = model.layers[0].get_weights()[2:]
    model.predict(x, verbose=0)
    np.testing.assert_array_equal(model.layers[0].get_weights()[2:], before)


def test_frozen_batch_normalization_runs_in_inference(rng):
    layer = layers.BatchNormalization()
    x = rng.normal(5, 3, (64, 4)).astype("float32")
    layer(x, training=True)
    inference, weights = layer(x).numpy(), layer.get_weights()
    layer.trainable = False
    np.testing.assert_array_equal(layer(x, training=True).numpy(), inference)
    np.testing.assert_array_equal(layer.get_weights(), weights)
    assert layer.trainable_weights == []
    layer.trainable = True
    assert [weight.path.split("/")[1] for weight in layer.trainable_weights] == ["gamma", "beta"]


def test_statistics_of_numbers_far_from_zero(rng):
    x = (rng.normal(0, 1, (4096, 3)) + 10_000).astype("float32")
    for layer in (layers.BatchNormalization(), layers.LayerNormalization(axis=0)):
        layer.build((4096, 3))
        y = layer(x, training=True).numpy()
        np.testing.assert_allclose(y.mean(0), 0, atol=2e-3)
        np.testing.assert_allclose(y.std(0), 1, atol=2e-3)


def test_second_derivatives_of_normalizations(rng):
    x = rng.normal(size=(5, 4))
    for layer in (layers.LayerNormalization(dtype="float64"), layers.BatchNormalization(dtype="float64")):
        pynn.testing.check_grad(lambda x, layer=layer: layer(x, training=True) ** 3, x, order=2, rtol=1e-4)


def test_rms_normalization_along_an_axis_that_is_not_the_last(rng):
    x = rng.normal(size=(4, 5, 3)).astype("float32")
    expected = x / np.sqrt((x**2).mean(1, keepdims=True) + 1e-6)
    np.testing.assert_allclose(layers.RMSNormalization(axis=1)(x).numpy(), expected, rtol=1e-5)


def test_unit_normalization_of_zeros_is_finite():
    x = pynn.Variable(np.zeros((2, 3), "float32"))
    with pynn.GradientTape() as tape:
        y = layers.UnitNormalization()(x)
    assert (y.numpy() == 0).all()
    assert np.isfinite(tape.gradient(y, x).numpy()).all()


# Normalization and Discretization measure data ----------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float32", "float64", "uint8", "int64"])
@pytest.mark.parametrize(
    ("axis", "shape"),
    [
        (-1, (50, 4)),
        (None, (50, 4)),
        (1, (50, 3, 2)),
        ((1, 2), (50, 3, 2)),
        ([-1, 1], (20, 3, 4, 2)),
        (-1, (50,)),
    ],
)
def test_adapt_measures(axis, shape, dtype, rng):
    data = rng.integers(0, 200, shape).astype(dtype)
    layer = layers.Normalization(axis)
    if shape == (50,):
        data = data[:, None]
    layer.adapt(data)
    kept = [] if axis is None else [a % data.ndim for a in np.atleast_1d(axis)]
    reduced = tuple(a for a in range(data.ndim) if a not in kept)
    exact = data.astype("float64")
    mean, deviation = exact.mean(reduced, keepdims=True), exact.std(reduced, keepdims=True)
    np.testing.assert_allclose(layer(data).numpy(), (exact - mean) / deviation, rtol=1e-4, atol=1e-5)
    assert layer.mean.shape == mean.shape
    back = layers.Normalization(axis, invert=True)
    back.adapt(data)
    np.testing.assert_allclose(back(layer(data)).numpy(), exact, rtol=1e-4, atol=1e-3)


def test_adapt_on_batches_is_adapt_on_all(rng):
    data = rng.normal(1000, 1, (90, 3)).astype("float32")
    whole, parts = layers.Normalization(), layers.Normalization()
    whole.adapt(data)
    parts.adapt([(batch, None) for batch in np.split(data, [7, 50, 51])])
    parts.adapt(iter(np.split(data, [7, 50, 51])))  # anew, not on top of what was
    for one, other in zip(whole.get_weights(), parts.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6)
    assert whole.trainable_weights == []
    np.testing.assert_allclose(whole.get_weights()[1], data.astype("float64").var(0), rtol=1e-5)


def test_a_constant_feature_becomes_zero():
    layer = layers.Normalization()
    layer.adapt(np.full((10, 2), 7.0))
    assert (layer(np.full((3, 2), 7.0)).numpy() == 0).all()


def test_weights_of_an_adapted_layer_can_be_moved(rng):
    data = rng.normal(3, 2, (30, 4)).astype("float32")
    first, second = layers.Normalization(), layers.Normalization()
    first.adapt(data)
    second.build((None, 4))
    second.set_weights(first.get_weights())
    np.testing.assert_array_equal(first(data).numpy(), second(data).numpy())


def test_discretization_adapts_to_equal_parts(rng):
    data = rng.normal(size=(1000, 1))
    layer = layers.Discretization(num_bins=4)
    layer.adapt(data)
    assert np.bincount(layer(data).numpy().ravel()).tolist() == [250, 250, 250, 250]
    again = layers.Discretization.from_config(layer.get_config())
    np.testing.assert_array_equal(again(data).numpy(), layer(data).numpy())
    layer.adapt((batch for batch in [data, data + 100]), steps=1)
    assert layer.bin_boundaries == again.bin_boundaries


def test_a_value_on_a_boundary_belongs_above():
    assert layers.Discretization([0.0, 1.0])(np.array([-1, 0, 0.5, 1, 2])).numpy().tolist() == [0, 1, 1, 2, 2]


def test_counts_can_be_weighted():
    y = layers.CategoryEncoding(3, "count")(np.array([[0, 1, 1]]), count_weights=np.array([[0.5, 1.0, 2.0]]))
    assert y.numpy().tolist() == [[0.5, 3.0, 0.0]]


# Chance ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("layer", "shape", "axes"),
    [
        (layers.SpatialDropout1D(0.3, seed=1), (50, 7, 60), (1,)),
        (layers.SpatialDropout2D(0.3, seed=1), (50, 3, 4, 60), (1, 2)),
        (layers.SpatialDropout2D(0.3, "channels_first", seed=1), (50, 60, 3, 4), (2, 3)),
        (layers.SpatialDropout3D(0.3, seed=1), (50, 2, 3, 2, 60), (1, 2, 3)),
    ],
)
def test_spatial_dropout_drops_whole_channels(layer, shape, axes):
    y = layer(np.ones(shape, "float32"), training=True).numpy()
    assert (y.min(axes) == y.max(axes)).all()
    assert set(np.unique(y)) == {np.float32(0), np.float32(1 / np.float32(0.7))}
    assert y.mean() == pytest.approx(1, abs=0.05)


def test_alpha_dropout_keeps_mean_and_variance(rng):
    x = rng.normal(size=(500, 400)).astype("float32")
    y = layers.AlphaDropout(0.3, seed=1)(x, training=True).numpy()
    assert y.mean() == pytest.approx(0, abs=0.01)
    assert y.std() == pytest.approx(1, abs=0.01)
    values, counts = np.unique(y, return_counts=True)
    assert counts.max() / y.size == pytest.approx(0.3, abs=0.01)
    assert values[counts.argmax()] < 0
    rows = layers.AlphaDropout(0.5, noise_shape=(None, 1), seed=1)(np.ones((300, 3)), training=True).numpy()
    assert (rows == rows[:, :1]).all()


@pytest.mark.parametrize(
    "make",
    [
        lambda: layers.Dropout(0.5),
        lambda: layers.Dropout(0.5, noise_shape=(None, 1)),
        lambda: layers.SpatialDropout1D(0.5),
        lambda: layers.AlphaDropout(0.5),
        lambda: layers.GaussianNoise(1.0),
        lambda: layers.GaussianDropout(0.5),
    ],
)
def test_set_random_seed_decides(make):
    x = np.ones((20, 5, 6), "float32")[:, :, :6]
    x = x if isinstance(make(), layers.SpatialDropout1D) else x[:, 0]
    layer = make()
    utils.set_random_seed(7)
    first = layer(x, training=True).numpy()
    second = layer(x, training=True).numpy()
    utils.set_random_seed(7)
    np.testing.assert_array_equal(layer(x, training=True).numpy(), first)
    assert (first != second).any()


# Wrappers and the rest ---------------------------------------------------------------------------------


def test_lambda_passes_what_the_function_takes():
    def scaled(x, factor, training=None):
        return x * factor if training else x

    layer = layers.Lambda(scaled, arguments={"factor": 3.0})
    x = np.ones((2, 3), "float32")
    assert layer(x, training=True).numpy().tolist() == [[3.0] * 3] * 2
    assert layer(x).numpy().tolist() == x.tolist()
    again = layers.Lambda.from_config(layer.get_config(), custom_objects={"scaled": scaled})
    assert again(x, training=True).numpy().tolist() == [[3.0] * 3] * 2
    assert layers.Lambda(lambda x: x[:, :2]).compute_output_shape((None, 5)) == (None, 2)
    assert layers.Lambda(abs, output_shape=(7,)).compute_output_shape((None, 5)) == (None, 7)
    assert layers.Lambda(abs, output_shape=lambda shape: shape[:1]).compute_output_shape((None, 5)) == (None,)
    assert layers.Lambda(pynn.exp)(x).numpy()[0, 0] == pytest.approx(np.e)


def test_time_distributed_shares_one_layer(rng):
    x = rng.normal(size=(4, 3, 5)).astype("float32")
    layer = layers.TimeDistributed(layers.Dense(2))
    y = layer(x).numpy()
    for step in range(3):
        np.testing.assert_allclose(y[:, step], layer.layer(x[:, step]).numpy(), rtol=1e-5, atol=1e-6)
    assert [weight.shape for weight in layer.weights] == [(5, 2), (2,)]
    noisy = layers.TimeDistributed(layers.Dropout(0.5))
    assert (noisy(x, training=True).numpy() == 0).any()
    assert (noisy(x).numpy() == x).all()


def test_a_wrapper_of_ones_own(rng):
    class Twice(layers.Wrapper):
        def call(self, inputs):
            return self.layer(self.layer(inputs))

    x = rng.normal(size=(2, 3)).astype("float32")
    layer = Twice(layers.Dense(3, use_bias=False))
    kernel = (y := layer(x)) is not None and layer.get_weights()[0]
    np.testing.assert_allclose(y.numpy(), x @ kernel @ kernel, rtol=1e-4, atol=1e-5)
    assert Twice.from_config(layer.get_config()).layer.units == 3


def test_activity_regularization_is_part_of_the_loss():
    layer = layers.ActivityRegularization(l1=0.1, l2=0.01)
    layer(np.array([[1.0, -2.0]], "float32"))
    assert float(layer.losses[0]) == pytest.approx(0.1 * 3 + 0.01 * 5)
    model = models.Sequential([layers.Dense(2, kernel_initializer="ones"), layer])
    model.compile("sgd", "mse")
    x = np.ones((4, 3), "float32")
    loss = model.evaluate(x, np.full((4, 2), 3.0), verbose=0)
    assert loss == pytest.approx(0.1 * 3 * 8 + 0.01 * 9 * 8, rel=1e-5)


def test_functions_are_the_layers(rng):
    a, b = rng.normal(size=(2, 4, 3)).astype("float32")
    for name, expected in {
        "add": a + b, "subtract": a - b, "multiply": a * b, "average": (a + b) / 2,
        "maximum": np.maximum(a, b), "minimum": np.minimum(a, b), "concatenate": np.concatenate([a, b], -1),
        "dot": (a * b).sum(-1, keepdims=True),
    }.items():  # fmt: skip
        np.testing.assert_allclose(getattr(layers, name)([a, b]).numpy(), expected, rtol=1e-5, atol=1e-6)
    assert layers.concatenate([a, b], axis=0, name="c").shape == (8, 3)
    assert layers.dot([a, b], axes=1, normalize=True).numpy().max() <= 1.0001


def test_merged_shapes_stay_unknown_where_they_are():
    assert layers.Add().compute_output_shape([(None, None, 3), (None, 5, 3)]) == (None, None, 3)
    assert layers.Concatenate(1).compute_output_shape([(None, None, 3), (None, 5, 3)]) == (None, None, 3)
    assert layers.Dot(1).compute_output_shape([(8, None), (8, 4)]) == (8, 1)


def test_embedding_starts_from_given_weights_and_gathers_gradients():
    matrix = np.arange(6, dtype="float32").reshape(3, 2)
    layer = layers.Embedding(3, 2, weights=[matrix])
    with pynn.GradientTape() as tape:
        y = layer(np.array([[2, 0, 2]]))
    assert y.numpy().tolist() == [[[4, 5], [0, 1], [4, 5]]]
    gradient = tape.gradient(y.sum(), layer.embeddings)
    assert gradient.numpy().tolist() == [[1, 1], [0, 0], [2, 2]]
    assert layers.Embedding(3, 2)(np.zeros((0, 4), "int64")).shape == (0, 4, 2)
    model = models.Sequential([layers.Embedding(10, 4, input_length=6), layers.Flatten(), layers.Dense(1)])
    assert model.output_shape == (None, 1)


def test_einsum_dense_scales_its_kernel_by_the_numbers_of_inputs_and_outputs():
    layer = layers.EinsumDense("abc,cde->abde", (None, 20, 30), kernel_initializer="lecun_normal")
    layer.build((None, 2, 50))
    assert layer.kernel.numpy().std() == pytest.approx(50**-0.5, rel=0.02)


def test_keras_2_names_that_the_book_uses():
    assert layers.LeakyReLU(alpha=0.2).negative_slope == 0.2
    assert layers.CategoryEncoding(4, "binary").output_mode == "multi_hot"


def test_softmax_of_a_row_that_is_masked_whole():
    y = layers.Softmax()(np.ones((2, 3), "float32"), mask=np.array([[True, True, False], [False] * 3]))
    assert y.numpy().tolist() == [[0.5, 0.5, 0.0], [0.0, 0.0, 0.0]]


# Errors ------------------------------------------------------------------------------------------------

ONES = np.ones((2, 3), "float32")


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: layers.Add(name="a")(ONES), ValueError,
         "Add 'a' combines a list of inputs, got one input; write Add()([a, b])"),
        (lambda: layers.Add(name="a")([ONES, ONES[:1]]), pynn.ShapeError,
         "Add 'a' cannot combine its inputs: the batch is 1 and 2\n  input 0 (2, 3)\n  input 1 (1, 3)"),
        (lambda: layers.Multiply(name="a").compute_output_shape([(None, 3), (None, 4)]), pynn.ShapeError,
         "Multiply 'a' cannot combine its inputs: axis 1 is 3 and 4\n  input 0 (None, 3)\n  input 1 (None, 4)"),
        (lambda: layers.Subtract(name="a")([ONES] * 3), ValueError, "Subtract 'a' combines 2 inputs, got 3"),
        (lambda: layers.Concatenate(0, name="a").compute_output_shape([(2, 3), (2, 4)]), pynn.ShapeError,
         "Concatenate 'a' cannot combine its inputs: their sizes differ elsewhere than along axis 0\n"
         "  input 0 (2, 3)\n  input 1 (2, 4)"),
        (lambda: layers.Dot("1"), TypeError, "Dot: axes must be an integer or two integers, got '1'"),
        (lambda: layers.Dot(1, name="a").compute_output_shape([(2, 3), (2, 4)]), pynn.ShapeError,
         "Dot 'a' cannot combine its inputs: axis 1 of the first is 3, axis 1 of the second 4\n"
         "  input 0 (2, 3)\n  input 1 (2, 4)"),
        (lambda: layers.BatchNormalization(axis=2, name="b").build((None, 3)), ValueError,
         "BatchNormalization 'b': axis 2 is out of range for the shape (None, 3)"),
        (lambda: layers.BatchNormalization(name="b").build((None, None)), ValueError,
         "BatchNormalization 'b' needs to know its input's sizes on axes (-1,), got (None, None)"),
        (lambda: layers.BatchNormalization(renorm=True), TypeError,
         "BatchNormalization: pynn supports only renorm=False, got True"),
        (lambda: layers.BatchNormalization(synchronized=True), TypeError,
         "BatchNormalization: pynn supports only synchronized=False, got True"),
        (lambda: layers.BatchNormalization(axis=[1, 2]), TypeError,
         "BatchNormalization: axis must be an integer, got [1, 2]"),
        (lambda: layers.Concatenate("last"), TypeError, "Concatenate: axis must be an integer, got 'last'"),
        (lambda: layers.SpatialDropout1D(None), ValueError,
         "SpatialDropout1D: rate must be between 0 and 1, got None"),
        (lambda: layers.RandomRotation("0.1"), ValueError,
         "RandomRotation: factor must be one or two numbers in [-1, 1], got '0.1'"),
        (lambda: layers.LayerNormalization("last"), TypeError,
         "LayerNormalization: axis must be an integer or several, got 'last'"),
        (lambda: layers.LayerNormalization(gamma_constraint="non_negative"), ValueError,
         "unknown constraint 'non_negative'; did you mean 'non_neg'?"),
        (lambda: layers.GroupNormalization(3, name="g").build((None, 4)), ValueError,
         "GroupNormalization 'g': 4 channels do not divide into 3 groups"),
        (lambda: layers.Normalization(mean=1.0), ValueError,
         "Normalization: give both mean and variance, or neither and call adapt"),
        (lambda: layers.Normalization(mean=1.0, variance=1.0, name="n").adapt(ONES), ValueError,
         "Normalization 'n' was given its mean and variance, so it cannot adapt"),
        (lambda: layers.Normalization(mean=[1.0, 2.0], variance=[1.0, 2.0], name="n")(ONES), ValueError,
         "Normalization 'n': mean has shape (2,), its axes have (3,)"),
        (lambda: layers.Normalization().adapt([]), ValueError, "adapt: there is no data"),
        (lambda: layers.Embedding(3, 2, name="e")(np.array([[0, 3]])), IndexError,
         "Embedding 'e' has rows 0..2, its input contains 3"),
        (lambda: layers.Embedding(3, 2, name="e")(np.array([[-1, 2]])), IndexError,
         "Embedding 'e' has rows 0..2, its input contains -1"),
        (lambda: layers.Embedding(3, 0), ValueError, "Embedding: output_dim must be positive, got 0"),
        (lambda: layers.CategoryEncoding(3, name="c")(np.array([[3]])), ValueError,
         "CategoryEncoding 'c' takes integers in 0..2, the input has others"),
        (lambda: layers.CategoryEncoding(3, "onehot"), ValueError,
         "CategoryEncoding: output_mode must be one of ('one_hot', 'multi_hot', 'count'), got 'onehot'; "
         "did you mean 'one_hot'?"),
        (lambda: layers.CategoryEncoding(3, sparse=True), ValueError,
         "CategoryEncoding: pynn has no sparse tensors, so sparse must be False"),
        (lambda: layers.CategoryEncoding(3, name="c")(np.array([[1]]), count_weights=[[1.0]]), ValueError,
         "CategoryEncoding 'c': count_weights is for output_mode='count', not 'multi_hot'"),
        (lambda: layers.Discretization(), ValueError, "Discretization: give either bin_boundaries or num_bins"),
        (lambda: layers.Discretization([2.0, 1.0]), ValueError,
         "Discretization: bin_boundaries must rise, got [2.0, 1.0]"),
        (lambda: layers.Discretization(num_bins=3, name="d")(ONES), ValueError,
         "Discretization 'd' has no boundaries yet; call adapt(data) first"),
        (lambda: layers.EinsumDense("ab,bc", 3), ValueError,
         "EinsumDense: equation must be like 'ab,bc->ac', '...ab,bc->...ac' or 'ab...,bc->ac...', got 'ab,bc'"),
        (lambda: layers.EinsumDense("ab,bc->ac", (2, 3), name="e").build((None, 4)), ValueError,
         "EinsumDense 'e': equation 'ab,bc->ac': does not fit input (None, 4) and output_shape (2, 3)"),
        (lambda: layers.TimeDistributed("dense"), TypeError, "TimeDistributed: layer must be a Layer, got 'dense'"),
        (lambda: layers.TimeDistributed(layers.Dense(2), name="t")(ONES), pynn.ShapeError,
         "TimeDistributed 't' expected an input of at least 3 dimensions, got 2\n  input float32 (2, 3)"),
        (lambda: layers.Lambda(3), TypeError, "Lambda: function must be callable, got 3"),
        (lambda: layers.RepeatVector(0), ValueError, "RepeatVector: n must be positive, got 0"),
        (lambda: layers.SpatialDropout2D(0.5, name="s")(ONES), pynn.ShapeError,
         "SpatialDropout2D 's' expected an input of 4 dimensions, got 2\n  input float32 (2, 3)"),
        (lambda: layers.AlphaDropout(1.0), ValueError,
         "AlphaDropout: rate must be below 1, where nothing would be left to scale"),
        (lambda: layers.Dropout(0.5, (1, 2, 3), name="d")(ONES, training=True), pynn.ShapeError,
         "Dropout 'd': noise_shape (1, 2, 3) has 3 axes, the input 2\n  input float32 (2, 3)"),
    ],
)  # fmt: skip
def test_errors(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value) == message


def test_every_layer_has_a_name_in_keras(quick_keras):
    ours = {name for name in layers.__all__ if isinstance(getattr(layers, name), type)}
    assert sorted(name for name in ours if not hasattr(quick_keras.layers, name)) == []
    assert all(issubclass(getattr(layers, name), Layer) for name in ours - {"InputSpec"})
