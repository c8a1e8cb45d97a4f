"""Layers over spatial axes against Keras: outputs, gradients, shapes, configs, weights, data formats, errors."""

from __future__ import annotations

import inspect
import os
import warnings

import numpy as np
import pytest
from errors import raises

import pynn
from pynn import config, layers, naming, regularizers

# Keras's tensors and variables do not know NumPy 2's __array__ yet.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy")


@pytest.fixture(scope="module")
def keras():
    os.environ.setdefault("KERAS_BACKEND", "jax")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("keras")


@pytest.fixture(autouse=True)
def fresh_names():
    naming.reset_names()


def draw(shape, seed=0):
    return np.random.default_rng((seed, *shape)).standard_normal(shape).astype("float32")


SERIES, IMAGES, VOLUMES = (3, 9, 4), (2, 8, 7, 4), (2, 5, 4, 6, 4)

CASES = [
    ("Conv1D", (5, 3), {}, SERIES),
    ("Conv1D", (5, 3), {"padding": "same", "activation": "tanh"}, SERIES),
    ("Conv1D", (5, 3), {"padding": "causal", "dilation_rate": 2}, SERIES),
    ("Conv1D", (5, 4), {"padding": "causal", "strides": 2}, SERIES),
    ("Conv2D", (5, 3), {}, IMAGES),
    ("Conv2D", (5, (3, 2), (2, 3)), {"padding": "same"}, IMAGES),
    ("Conv2D", (6, 3), {"groups": 2, "activation": "relu", "padding": "same"}, IMAGES),
    ("Conv2D", (3, 2), {"dilation_rate": (2, 1), "use_bias": False}, IMAGES),
    ("Conv2D", (3, 1), {"activation": "softmax"}, IMAGES),
    ("Conv2D", (4, 3), {"groups": 4, "padding": "same", "strides": 2}, IMAGES),
    ("Conv3D", (3, 2), {"padding": "same", "strides": (1, 2, 1)}, VOLUMES),
    ("Conv1DTranspose", (5, 3), {}, SERIES),
    ("Conv1DTranspose", (5, 4, 2), {"padding": "same"}, SERIES),
    ("Conv2DTranspose", (5, 3), {"strides": 2, "padding": "same", "activation": "relu"}, IMAGES),
    ("Conv2DTranspose", (5, (2, 3), (3, 1)), {}, IMAGES),
    ("Conv2DTranspose", (5, 3), {"strides": 2, "output_padding": 1, "padding": "same"}, IMAGES),
    ("Conv2DTranspose", (5, 3), {"strides": 2, "output_padding": (1, 0)}, IMAGES),
    ("Conv2DTranspose", (2, 2), {"dilation_rate": 2, "use_bias": False}, IMAGES),
    ("Conv3DTranspose", (2, 2), {"strides": 2}, VOLUMES),
    ("DepthwiseConv1D", (3,), {"padding": "same"}, SERIES),
    ("DepthwiseConv2D", (3,), {"depth_multiplier": 2, "activation": "relu"}, IMAGES),
    ("DepthwiseConv2D", (3, 2), {"padding": "same"}, IMAGES),
    ("SeparableConv1D", (5, 3), {"padding": "same", "activation": "relu"}, SERIES),
    ("SeparableConv2D", (5, 3), {"depth_multiplier": 2, "strides": 2}, IMAGES),
    ("SeparableConv2D", (5, 3), {"dilation_rate": 2, "use_bias": False}, IMAGES),
    ("MaxPooling1D", (), {}, SERIES),
    ("MaxPooling1D", (3, 2, "same"), {}, SERIES),
    ("MaxPooling2D", (), {}, IMAGES),
    ("MaxPooling2D", ((3, 2),), {"strides": 1, "padding": "same"}, IMAGES),
    ("MaxPooling3D", (2,), {}, VOLUMES),
    ("AveragePooling1D", (2,), {}, SERIES),
    ("AveragePooling2D", (3,), {"strides": 2, "padding": "same"}, IMAGES),
    ("AveragePooling2D", ((2, 3),), {}, IMAGES),
    ("AveragePooling3D", (2,), {"padding": "same"}, VOLUMES),
    ("GlobalAveragePooling1D", (), {}, SERIES),
    ("GlobalAveragePooling2D", (), {"keepdims": True}, IMAGES),
    ("GlobalAveragePooling3D", (), {}, VOLUMES),
    ("GlobalMaxPooling1D", (), {"keepdims": True}, SERIES),
    ("GlobalMaxPooling2D", (), {}, IMAGES),
    ("GlobalMaxPooling3D", (), {}, VOLUMES),
    ("ZeroPadding1D", (), {}, SERIES),
    ("ZeroPadding1D", ((2, 0),), {}, SERIES),
    ("ZeroPadding2D", (), {}, IMAGES),
    ("ZeroPadding2D", ((2, 1),), {}, IMAGES),
    ("ZeroPadding2D", (((2, 1), (0, 3)),), {}, IMAGES),
    ("ZeroPadding3D", (2,), {}, VOLUMES),
    ("Cropping1D", (), {}, SERIES),
    ("Cropping1D", ((3, 0),), {}, SERIES),
    ("Cropping2D", (), {}, IMAGES),
    ("Cropping2D", (((2, 1), (0, 3)),), {}, IMAGES),
    ("Cropping3D", (1,), {}, VOLUMES),
    ("UpSampling1D", (), {}, SERIES),
    ("UpSampling2D", ((3, 2),), {}, IMAGES),
    ("UpSampling2D", ((3, 2),), {"interpolation": "bilinear"}, IMAGES),
    ("UpSampling2D", (2,), {"interpolation": "bilinear"}, (1, 1, 2, 3)),
    ("UpSampling3D", (), {}, VOLUMES),
]
IDS = [f"{name}-{i}" for i, (name, *_) in enumerate(CASES)]


def pair(keras, name, arguments, options, shape):
    """Our layer and Keras's, with equal weights."""
    ours = getattr(layers, name)(*arguments, **options, name="a")
    theirs = getattr(keras.layers, name)(*arguments, **options, name="a")
    for attribute in [a for a in vars(theirs) if a.endswith("_initializer")]:
        setattr(theirs, attribute, keras.initializers.Zeros())  # JAX would compile each random draw
    ours.build(shape)
    theirs.build(shape)
    weights = [draw(w.shape, seed=i) for i, w in enumerate(theirs.get_weights())]
    ours.set_weights(weights)
    theirs.set_weights(weights)
    return ours, theirs


@pytest.mark.parametrize(("name", "arguments", "options", "shape"), CASES, ids=IDS)
def test_outputs_shapes_and_weights_are_those_of_keras(keras, name, arguments, options, shape):
    ours, theirs = pair(keras, name, arguments, options, shape)
    assert [w.path for w in ours.weights] == [w.path for w in theirs.weights]
    x = draw(shape)
    whole = pytest.importorskip("jax").jit(lambda w, v: theirs.stateless_call(w, [], v)[0])
    expected = np.asarray(whole([v.value for v in theirs.trainable_variables], x))
    np.testing.assert_allclose(ours(x).numpy(), expected, rtol=1e-5, atol=2e-5)
    assert ours.compute_output_shape((None, *shape[1:])) == (None, *expected.shape[1:])
    assert ours.compute_output_shape(shape) == tuple(theirs.compute_output_shape(shape)) == expected.shape
    unknown = (None, *(None,) * (len(shape) - 2), shape[-1])
    assert ours.compute_output_shape(unknown) == tuple(theirs.compute_output_shape(unknown))


@pytest.mark.parametrize(("name", "arguments", "options", "shape"), CASES, ids=IDS)
def test_configs_are_those_of_keras(keras, name, arguments, options, shape):
    ours = getattr(layers, name)(*arguments, **options, name="a")
    again = type(ours).from_config(ours.get_config())
    assert again.get_config() == ours.get_config()
    assert ours.get_config() == getattr(keras.layers, name)(*arguments, **options, name="a").get_config()


@pytest.mark.parametrize("i", [5, 6, 14, 23, 29, 32])
def test_gradients_are_those_of_keras(keras, i):
    jax = pytest.importorskip("jax")
    *made, shape = CASES[i]
    ours, theirs = pair(keras, *made, shape)
    x = draw(shape)
    g = draw(ours(x).shape, seed=9)

    @jax.jit
    def gradients(weights, x):
        total = lambda w, v: (theirs.stateless_call(w, [], v)[0] * g).sum()  # noqa: E731
        return jax.grad(total, argnums=(0, 1))(weights, x)

    d_weights, d_x = gradients([v.value for v in theirs.trainable_variables], x)
    tensor = pynn.asarray(x)
    with pynn.GradientTape() as tape:
        tape.watch(tensor)
        total = (ours(tensor) * g).sum()
    got = tape.gradient(total, [tensor, *ours.trainable_weights])
    for ours_d, theirs_d in zip(got, [d_x, *d_weights], strict=True):
        np.testing.assert_allclose(ours_d.numpy(), np.asarray(theirs_d), rtol=1e-5, atol=5e-5)


@pytest.mark.parametrize(
    ("name", "arguments", "options", "shape"),
    [case for case in CASES if "data_format" in inspect.signature(getattr(layers, case[0])).parameters],
    ids=[name for name, case in zip(IDS, CASES, strict=True)
         if "data_format" in inspect.signature(getattr(layers, case[0])).parameters],
)  # fmt: skip
def test_channels_first_is_channels_last_transposed(name, arguments, options, shape):
    x = draw(shape)
    last = getattr(layers, name)(*arguments, **options)
    first = getattr(layers, name)(*arguments, **options, data_format="channels_first")
    if options.get("activation") == "softmax":
        pytest.skip("softmax works along the last axis, which is another one")
    expected = last(x).numpy()
    turned = np.moveaxis(x, -1, 1)
    first.build(turned.shape)
    first.set_weights(last.get_weights())
    y = first(turned)
    assert y.shape == first.compute_output_shape(turned.shape)
    kept = expected if expected.ndim == 2 else np.moveaxis(expected, -1, 1)
    np.testing.assert_allclose(y.numpy(), kept, rtol=1e-5, atol=1e-5)


def test_softmax_of_channels_first_runs_along_the_last_axis(keras):
    layer = layers.Conv2D(3, 2, activation="softmax", data_format="channels_first")
    np.testing.assert_allclose(layer(draw((2, 4, 5, 6))).numpy().sum(axis=-1), 1, rtol=1e-5)


def test_the_default_data_format_can_be_set():
    assert config.image_data_format() == "channels_last"
    try:
        config.set_image_data_format("channels_first")
        assert layers.Conv2D(2, 3).data_format == "channels_first"
        assert layers.Conv2D(2, 3, data_format="channels_last").data_format == "channels_last"
    finally:
        config.set_image_data_format("channels_last")
    with raises(
        ValueError,
        "set_image_data_format: data_format must be 'channels_last' or 'channels_first', got 'NHWC'",
    ):
        config.set_image_data_format("NHWC")


NAMES = sorted({name for name, *_ in CASES})


@pytest.mark.parametrize("name", NAMES)
def test_arguments_are_those_of_keras(keras, name):
    def signature(layer):
        found = {}
        for base in layer.__mro__:  # *args leads on to the base's
            if "__init__" in vars(base):
                parameters = list(inspect.signature(base.__init__).parameters.values())[1:]
                found = {p.name: p.default for p in parameters if p.kind == p.POSITIONAL_OR_KEYWORD} | found
        return found

    ours, theirs = (
        signature(getattr(layers, name)),
        inspect.signature(getattr(keras.layers, name).__init__).parameters,
    )
    for argument, parameter in theirs.items():
        if (
            argument in ("self", "kwargs", "name")
            or argument.endswith("constraint")
            or argument == "activity_regularizer"
        ):
            continue
        ours_default = ours[argument]
        if isinstance(parameter.default, tuple):  # ours may be one number for all axes
            assert np.all(np.asarray(parameter.default) == np.asarray(ours_default))
        else:
            assert parameter.default == ours_default


@pytest.mark.parametrize(
    ("alias", "name"),
    [("MaxPool2D", "MaxPooling2D"), ("AvgPool1D", "AveragePooling1D"), ("Convolution2D", "Conv2D"),
     ("GlobalAvgPool2D", "GlobalAveragePooling2D"), ("GlobalMaxPool1D", "GlobalMaxPooling1D"),
     ("SeparableConvolution2D", "SeparableConv2D"), ("Convolution2DTranspose", "Conv2DTranspose")],
)  # fmt: skip
def test_aliases(alias, name):
    assert getattr(layers, alias) is getattr(layers, name)


def test_regularizers_of_kernel_and_bias():
    layer = layers.Conv2D(
        3, 2, kernel_regularizer=regularizers.L2(0.5), bias_regularizer="l1", bias_initializer="ones"
    )
    layer(draw(IMAGES))
    kernel, bias = layer.get_weights()
    np.testing.assert_allclose(layer.losses[0].item(), 0.5 * (kernel**2).sum(), rtol=1e-5)
    np.testing.assert_allclose(layer.losses[1].item(), 0.01 * np.abs(bias).sum(), rtol=1e-5)
    separable = layers.SeparableConv2D(3, 2, depthwise_regularizer="l2", pointwise_regularizer="l1")
    separable(draw(IMAGES))
    assert len(separable.losses) == 2


def test_a_mean_over_the_steps_that_a_mask_keeps():
    x = draw((2, 4, 3))
    mask = np.array([[True, True, False, False], [False, True, True, True]])
    layer = layers.GlobalAveragePooling1D()
    expected = [x[0, :2].mean(0), x[1, 1:].mean(0)]
    np.testing.assert_allclose(layer(x, mask=mask).numpy(), expected, rtol=1e-5)
    assert layers.GlobalAveragePooling1D(keepdims=True)(x, mask=mask).shape == (2, 1, 3)


def test_integer_images_are_cast():
    images = np.arange(2 * 6 * 6, dtype="uint8").reshape(2, 6, 6, 1)
    assert layers.Conv2D(3, 3)(images).dtype == "float32"
    assert layers.MaxPooling2D()(images).dtype == "float32"


def test_empty_batches():
    assert layers.Conv2D(3, 2, activation="relu")(np.ones((0, 5, 5, 1), "float32")).shape == (0, 4, 4, 3)
    assert layers.MaxPooling2D()(np.ones((0, 5, 5, 1), "float32")).shape == (0, 2, 2, 1)


def test_a_network_of_convolutions_learns():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 64)
    x = rng.normal(scale=0.3, size=(64, 8, 8, 1)).astype("float32")
    x[y == 1, 2:6, 3:5] += 1  # a bar that stands ...
    x[y == 0, 3:5, 2:6] += 1  # ... or lies
    pynn.utils.set_random_seed(0)
    model = pynn.Sequential(
        [
            layers.Conv2D(4, 3, activation="relu", input_shape=(8, 8, 1)),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(2, "softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(x, y, epochs=40, batch_size=16, verbose=0)
    assert history.history["accuracy"][-1] > 0.95


# Errors ------------------------------------------------------------------------------------------------

ERRORS = [
    (lambda: layers.Conv2D(0, 3), ValueError,
     "Conv2D: filters must be an integer of at least 1 or 1 of them, got 0"),
    (lambda: layers.Conv2D(2, (3, 3, 3)), ValueError,
     "Conv2D: kernel_size must be an integer of at least 1 or 2 of them, got (3, 3, 3)"),
    (lambda: layers.Conv2D(2, 2.5), TypeError, "Conv2D: kernel_size must be an integer or 2 of them, got 2.5"),
    (lambda: layers.Conv2D(2, 3, padding="causal"), ValueError,
     "Conv2D: padding must be one of 'valid', 'same', got 'causal'"),
    (lambda: layers.Conv2D(2, 3, strides=2, dilation_rate=2), ValueError,
     "Conv2D: strides and dilation_rate cannot both be above 1, got (2, 2) and (2, 2)"),
    (lambda: layers.Conv2D(3, 3, groups=2), ValueError, "Conv2D: 3 filters do not divide into 2 groups"),
    (lambda: layers.Conv2D(4, 3, groups=2)(np.ones((1, 5, 5, 3))), ValueError,
     "Conv2D 'conv2d': 3 channels do not divide into 2 groups"),
    (lambda: layers.Conv2D(2, 3, data_format="nhwc"), ValueError,
     "Conv2D: data_format must be 'channels_last' or 'channels_first', got 'nhwc'"),
    (lambda: layers.Conv2D(2, 3, kernel_constraint="non_negative"), ValueError,
     "unknown constraint 'non_negative'; did you mean 'non_neg'?"),
    (lambda: layers.Conv2D(2, 3)(np.ones((4, 5, 3), "float32")), pynn.ShapeError,
     "Conv2D 'conv2d' expected an input of 4 dimensions, got 3\n  input float32 (4, 5, 3)\n"
     "  hint: add what is missing: x[..., None] is one channel, x[None] is a batch of one sample"),
    (lambda: layers.Conv2D(2, 3)(np.ones((4, 2, 9, 1), "float32")), pynn.ShapeError,
     "Conv2D 'conv2d': conv: a kernel over 3 positions does not fit on axis 1 of x (4, 2, 9, 1), which has 2\n"
     "  input float32 (4, 2, 9, 1)"),
    (lambda: layers.MaxPooling2D(3).compute_output_shape((None, 2, 9, 1)), pynn.ShapeError,
     "MaxPooling2D 'max_pooling2d': a window over 3 positions does not fit on axis 1 of its input\n"
     "  input float32 (None, 2, 9, 1)   axis  1 = 2\n"
     "  hint: padding='same', or a smaller window, would fit"),
    (lambda: layers.Conv2D(2, 3).build((None, 5, 5, None)), ValueError,
     "Conv2D 'conv2d' needs the number of channels, axis -1 of its input, to make its kernel, got (None, 5, 5, None)"),
    (lambda: layers.Conv2DTranspose(2, 3, strides=2, output_padding=2), ValueError,
     "Conv2DTranspose: output_padding must be below strides, got (2, 2) and (2, 2)"),
    (lambda: layers.ZeroPadding2D((1, 2, 3)), ValueError,
     "ZeroPadding2D: padding must be an integer, or one or a pair for each of 2 axes, got (1, 2, 3)"),
    (lambda: layers.ZeroPadding1D(-1), ValueError,
     "ZeroPadding1D: padding must be an integer of at least 0 or 2 of them, got -1"),
    (lambda: layers.Cropping1D(2)(np.ones((1, 4, 2), "float32")), pynn.ShapeError,
     "Cropping1D 'cropping1d': cropping (2, 2) leaves nothing of axis 1\n  input float32 (1, 4, 2)   axis  1 = 4"),
    (lambda: layers.UpSampling2D(interpolation="bicubic"), ValueError,
     "UpSampling2D: interpolation must be one of 'nearest', 'bilinear', got 'bicubic'"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "text"), ERRORS, ids=range(len(ERRORS)))
def test_wrong_arguments(call, error, text):
    with raises(error, text):
        call()


def test_a_later_input_of_other_channels_names_the_kernel():
    layer = layers.Conv2D(2, 3)
    layer(np.ones((1, 5, 5, 3), "float32"))
    with raises(
        pynn.ShapeError,
        "Conv2D 'conv2d' expected 3 input features, got 4\n"
        "  input  float32 (1, 5, 5, 4)   axis -1 = 4\n"
        "  kernel float32 (3, 3, 3, 2)   axis  2 = 3\n"
        "  hint: give it 3, or make a new layer for 4",
    ):
        layer(np.ones((1, 5, 5, 4), "float32"))
