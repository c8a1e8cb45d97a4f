"""pynn.utils: Keras's conveniences do what Keras's do, and say what is wrong where Keras stays silent."""

import random

import numpy as np
import pytest

import pynn
from pynn.utils import normalize, set_random_seed, to_categorical


def test_to_categorical_is_one_hot_in_float64():
    got = to_categorical(np.array([2, 0], np.uint8))
    np.testing.assert_array_equal(got, np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]), strict=True)


def test_to_categorical_takes_lists_columns_floats_and_more_axes():
    np.testing.assert_array_equal(to_categorical([1, 0]), [[0, 1], [1, 0]])
    np.testing.assert_array_equal(to_categorical([[1.0], [0.0]]), [[0, 1], [1, 0]])
    assert to_categorical(np.zeros((2, 3), int), num_classes=5).shape == (2, 3, 5)
    assert to_categorical(np.zeros((2, 3, 1), int), num_classes=5).shape == (2, 3, 5)
    assert to_categorical([], num_classes=4).shape == (0, 4)
    np.testing.assert_array_equal(to_categorical(1, num_classes=3), [0, 1, 0])


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (([0, 3], 3), ValueError, "to_categorical: x contains 3 but there are 3 classes (valid 0..2)"),
        (([0, -1],), ValueError, "to_categorical: x contains -1 but there are 1 classes (valid 0..0)"),
        (([0.5, 1],), ValueError, "to_categorical: x must hold whole numbers, got 0.5"),
        (([0, np.nan],), ValueError, "to_categorical: x must hold whole numbers, got nan"),
        (([0, np.inf],), ValueError, "to_categorical: x must hold whole numbers, got inf"),
        ((["cat"],), TypeError, "to_categorical: x must hold whole numbers, got <U3"),
        (
            ([],),
            ValueError,
            "to_categorical: x is empty, so the number of classes is unknown; give num_classes",
        ),
        (([0], 0), ValueError, "to_categorical: num_classes must be at least 1, got 0"),
        (([0], 2.0), TypeError, "to_categorical: num_classes must be an integer or None, got 2.0"),
    ],
)
def test_to_categorical_says_what_is_wrong(arguments, error, message):
    with pytest.raises(error) as caught:
        to_categorical(*arguments)
    assert str(caught.value) == message


@pytest.mark.parametrize(("order", "length"), [(1, 7), (2, 5), (np.inf, 4)])
def test_normalize_divides_by_the_norm(order, length):
    got = normalize(np.array([[3.0, -4.0], [0.0, 0.0]], np.float32), order=order)
    np.testing.assert_array_equal(
        got, np.array([[3, -4], [0, 0]], np.float32) / np.float32(length), strict=True
    )


def test_normalize_runs_along_the_axis_asked_for():
    np.testing.assert_allclose(normalize([[3, 0], [4, 2]], axis=0), [[0.6, 0], [0.8, 1]])


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((5,), ValueError, "normalize: x of shape () has no axis -1"),
        (([1, 2], 1), ValueError, "normalize: x of shape (2,) has no axis 1"),
        ((["a"],), TypeError, "normalize: x must be numeric, got <U1"),
    ],
)
def test_normalize_says_what_is_wrong(arguments, error, message):
    with pytest.raises(error) as caught:
        normalize(*arguments)
    assert str(caught.value) == message


def test_set_random_seed_seeds_all_three_generators():
    def draw():
        return random.random(), np.random.rand(), pynn.random.uniform((3,)).tolist()

    set_random_seed(7)
    first = draw()
    assert draw() != first
    set_random_seed(7)
    assert draw() == first
    set_random_seed(8)
    assert draw() != first


@pytest.mark.parametrize(
    ("seed", "error", "message"),
    [
        (1.5, TypeError, "set_random_seed: seed must be an integer, got 1.5"),
        (True, TypeError, "set_random_seed: seed must be an integer, got True"),
        (-1, ValueError, "set_random_seed: seed must lie in 0..4294967295, got -1"),
        (2**32, ValueError, "set_random_seed: seed must lie in 0..4294967295, got 4294967296"),
    ],
)
def test_set_random_seed_says_what_is_wrong(seed, error, message):
    with pytest.raises(error) as caught:
        set_random_seed(seed)
    assert str(caught.value) == message
