"""Layers on pictures: against Keras where nothing is left to chance, and at fixed seeds where it is."""

from __future__ import annotations

import numpy as np
import pytest

import pynn
from pynn import layers, utils
from pynn.layers import sampling

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy")

IMAGES = np.random.default_rng(0).uniform(0, 255, (2, 6, 5, 3)).astype("float32")
MANY = np.random.default_rng(1).uniform(0, 255, (200, 4, 5, 2)).astype("float32")


# A factor of two equal numbers leaves nothing to chance.
SURE = [
    *(("RandomRotation", {"factor": (0.13, 0.13), "fill_mode": mode, "interpolation": interpolation, "fill_value": 3})
      for mode, interpolation in [*((mode, "bilinear") for mode in sampling.FILL_MODES), ("wrap", "nearest")]),
    ("RandomRotation", {"factor": (0.5, 0.5)}),
    ("RandomZoom", {"height_factor": (0.3, 0.3)}),
    ("RandomZoom", {"height_factor": (-0.3, -0.3), "width_factor": (0.2, 0.2), "fill_mode": "constant"}),
    ("RandomTranslation", {"height_factor": (0.3, 0.3), "width_factor": (-1, -1), "fill_mode": "wrap"}),
    ("RandomTranslation", {"height_factor": (0.9, 0.9), "width_factor": (0.4, 0.4)}),
    ("RandomBrightness", {"factor": (0.2, 0.2)}),
    ("RandomBrightness", {"factor": (-0.2, -0.2), "value_range": (10, 90)}),
    ("RandomContrast", {"factor": (0.0, 0.0), "value_range": (0, 200)}),
    *(("Resizing", {"height": height, "width": width, "interpolation": interpolation, **ratio})
      for height, width, interpolation, ratio in [
          (3, 4, "bilinear", {}), (12, 7, "bilinear", {}), (8, 3, "nearest", {}), (1, 1, "bilinear", {}),
          (12, 7, "bilinear", {"crop_to_aspect_ratio": True}), (3, 4, "nearest", {"crop_to_aspect_ratio": True}),
          (8, 3, "bilinear", {"pad_to_aspect_ratio": True, "fill_value": 2.0}),
          (7, 12, "nearest", {"pad_to_aspect_ratio": True}),
      ]),
    ("CenterCrop", {"height": 3, "width": 2}),
    ("CenterCrop", {"height": 8, "width": 3}),
    ("RandomCrop", {"height": 6, "width": 5}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "arguments"), SURE)
def test_without_chance_it_is_that_of_keras(quick_keras, name, arguments):
    ours, theirs = getattr(layers, name)(**arguments), getattr(quick_keras.layers, name)(**arguments)
    y = ours(IMAGES).numpy()
    np.testing.assert_allclose(y, np.asarray(theirs(IMAGES)), rtol=1e-5, atol=1e-3)
    np.testing.assert_allclose(ours(IMAGES[0]).numpy(), y[0], rtol=1e-6)
    assert ours.compute_output_shape((None, 6, 5, 3)) == (None, *y.shape[1:])
    again = type(ours).from_config(ours.get_config())
    assert again.get_config() == ours.get_config()
    np.testing.assert_array_equal(again(IMAGES).numpy(), y)


FORMATTED = ["RandomRotation", "RandomZoom", "RandomTranslation", "Resizing", "CenterCrop"]


@pytest.mark.parametrize(("name", "arguments"), [row for row in SURE if row[0] in FORMATTED])
def test_channels_first_is_the_same_moved(name, arguments):
    last = getattr(layers, name)(**arguments)(IMAGES).numpy()
    layer = getattr(layers, name)(**arguments, data_format="channels_first")
    first = layer(IMAGES.transpose(0, 3, 1, 2)).numpy()
    np.testing.assert_array_equal(first.transpose(0, 2, 3, 1), last)
    assert layer.compute_output_shape((None, 3, 6, 5)) == (None, *first.shape[1:])


CHANCE = [
    ("RandomFlip", {}),
    ("RandomRotation", {"factor": 0.2}),
    ("RandomZoom", {"height_factor": 0.5}),
    ("RandomTranslation", {"height_factor": 0.3, "width_factor": 0.3}),
    ("RandomBrightness", {"factor": 0.5}),
    ("RandomContrast", {"factor": 0.5}),
    ("RandomCrop", {"height": 2, "width": 2}),
]


@pytest.mark.parametrize(("name", "arguments"), CHANCE)
def test_seeds_decide(name, arguments):
    make = getattr(layers, name)
    seeded, plain = make(**arguments, seed=3), make(**arguments)
    y = [seeded(MANY, training=True).numpy() for _ in range(8)]
    assert any((other != y[0]).any() for other in y[1:])
    np.testing.assert_array_equal(make(**arguments, seed=3)(MANY, training=True).numpy(), y[0])
    utils.set_random_seed(5)
    first = plain(MANY, training=True).numpy()
    utils.set_random_seed(5)
    np.testing.assert_array_equal(plain(MANY, training=True).numpy(), first)


@pytest.mark.parametrize(("name", "arguments"), CHANCE)
def test_values_stay_in_range_and_on_average_change(name, arguments):
    y = getattr(layers, name)(**arguments, seed=1)(MANY, training=True).numpy()
    assert y.min() >= 0
    assert y.max() <= 255
    assert y.dtype == np.float32
    assert y.std() > 10


@pytest.mark.parametrize(("name", "arguments"), CHANCE[:-1])
def test_nothing_happens_in_inference(name, arguments):
    layer = getattr(layers, name)(**arguments)
    np.testing.assert_array_equal(layer(MANY, training=False).numpy(), MANY)


def test_a_call_by_hand_augments():
    assert (layers.RandomFlip("horizontal", seed=1)(MANY).numpy() != MANY).any()


@pytest.mark.parametrize(
    ("mode", "flips"),
    [
        ("horizontal", [lambda x: x, lambda x: x[:, ::-1]]),
        ("vertical", [lambda x: x, lambda x: x[::-1]]),
        ("horizontal_and_vertical",
         [lambda x: x, lambda x: x[:, ::-1], lambda x: x[::-1], lambda x: x[::-1, ::-1]]),
    ],
)  # fmt: skip
def test_flips_are_exact_and_equally_likely(mode, flips):
    y = layers.RandomFlip(mode, seed=2)(MANY, training=True).numpy()
    counts = [sum((flip(x) == out).all() for x, out in zip(MANY, y, strict=True)) for flip in flips]
    assert sum(counts) == len(MANY)
    assert min(counts) > len(MANY) / len(flips) / 2


def test_a_random_crop_is_a_window_of_the_picture():
    layer = layers.RandomCrop(2, 3, seed=1)
    seen = set()
    for _ in range(40):
        y = layer(MANY, training=True).numpy()
        places = [(i, j) for i in range(3) for j in range(3) if (MANY[:, i : i + 2, j : j + 3] == y).all()]
        assert len(places) == 1
        seen |= set(places)
    assert len(seen) == 9


def test_random_crop_in_inference_is_the_largest_window_of_its_ratio():
    y = layers.RandomCrop(2, 2)(MANY, training=False).numpy()
    expected = layers.Resizing(2, 2, crop_to_aspect_ratio=True)(MANY).numpy()
    np.testing.assert_array_equal(y, expected)


def test_contrast_keeps_the_mean_and_scales_the_rest():
    images = MANY * 0.2 + 100
    y = layers.RandomContrast((0.5, 0.0), seed=1)(images, training=True).numpy()
    mean = images.mean((1, 2), keepdims=True)
    np.testing.assert_allclose(y.mean((1, 2), keepdims=True), mean, rtol=1e-4)
    factors = ((y - mean) / (images - mean)).reshape(len(y), -1)
    assert np.ptp(factors, axis=1).max() < 0.05
    assert factors.min() > 0.95  # the smaller number is the lower one
    assert factors.max() < 1.55
    assert np.ptp(np.median(factors, axis=1)) > 0.3


def test_resizing_integers_and_gradients():
    images = MANY[:3].astype("uint8")
    np.testing.assert_allclose(
        layers.Resizing(3, 3)(images).numpy(), layers.Resizing(3, 3)(images.astype("float32")).numpy()
    )
    x = pynn.Variable(MANY[:2], dtype="float64")
    layer = layers.RandomRotation((0.1, 0.1), dtype="float64")
    pynn.testing.check_grad(lambda x: (layer(x, training=True) ** 2).sum() * 1e-4, x.detach())


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: layers.RandomFlip("sideways"), ValueError,
         "RandomFlip: mode must be one of ('horizontal', 'vertical', 'horizontal_and_vertical'), got 'sideways'"),
        (lambda: layers.RandomRotation(2), ValueError,
         "RandomRotation: factor must be one or two numbers in [-1, 1], got 2"),
        (lambda: layers.RandomZoom((0.1, 0.2, 0.3)), ValueError,
         "RandomZoom: height_factor must be one or two numbers in [-1, 1], got (0.1, 0.2, 0.3)"),
        (lambda: layers.RandomContrast(-0.1), ValueError,
         "RandomContrast: factor must be one or two numbers in [0, 1], got (0.0, -0.1)"),
        (lambda: layers.RandomBrightness(0.1, (1, 0)), ValueError,
         "RandomBrightness: value_range must be two rising numbers, got (1, 0)"),
        (lambda: layers.RandomTranslation(0.1, 0.1, "reflekt"), ValueError,
         "RandomTranslation: fill_mode must be one of ('reflect', 'wrap', 'constant', 'nearest'), got 'reflekt'; "
         "did you mean 'reflect'?"),
        (lambda: layers.Resizing(3, 3, "bicubic"), ValueError,
         "Resizing: interpolation must be one of ('bilinear', 'nearest'), got 'bicubic'"),
        (lambda: layers.Resizing(3, 3, antialias=True), ValueError, "Resizing: pynn does not support antialias=True"),
        (lambda: layers.Resizing(3, 3, crop_to_aspect_ratio=True, pad_to_aspect_ratio=True), ValueError,
         "Resizing: give only one of crop_to_aspect_ratio and pad_to_aspect_ratio"),
        (lambda: layers.CenterCrop(0, 3), ValueError, "CenterCrop: height must be positive, got 0"),
        (lambda: layers.CenterCrop(3, 3, data_format="channel_last"), ValueError,
         "CenterCrop: data_format must be 'channels_last' or 'channels_first', got 'channel_last'"),
        (lambda: layers.RandomFlip(name="flip")(np.zeros((3, 4))), pynn.ShapeError,
         "RandomFlip 'flip' expected one picture (3 axes) or a batch (4 axes), got 2 axes"),
        (lambda: layers.RandomFlip(bounding_box_format="xyxy"), TypeError,
         "RandomFlip: pynn does not support the argument 'bounding_box_format' of Keras"),
    ],
)  # fmt: skip
def test_errors(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value).split("\n")[0] == message
