"""Sets that are made in code: the shapes of scikit-learn's, and MNIST made small."""

import numpy as np
import pytest
from errors import raises

import pynn
from pynn.datasets import blobs, circles, digits, mnist, moons, spirals


def in_order(x, y):
    rows = np.column_stack([y, x.round(4) + 0.0])
    return rows[np.lexsort(rows.T)]


@pytest.mark.parametrize("n", [7, 100])
@pytest.mark.parametrize("name", ["moons", "circles"])
def test_without_noise_the_points_are_those_of_scikit_learn(name, n):
    peer = getattr(pytest.importorskip("sklearn.datasets"), f"make_{name}")
    x, y = getattr(pynn.datasets, name)(n, noise=0, seed=1)
    expected = peer(n, shuffle=False)
    np.testing.assert_allclose(in_order(x, y), in_order(*expected), atol=2e-4)


@pytest.mark.parametrize("make", [moons, circles, spirals, blobs])
def test_points_are_float32_in_random_order_and_repeat_with_their_seed(make):
    x, y = make(101, seed=3)
    assert (x.dtype, x.shape, y.dtype, y.shape) == (np.float32, (101, 2), np.int64, (101,))
    assert len(set(y[:20].tolist())) > 1
    assert set(np.bincount(y)) <= {33, 34, 50, 51}
    again = make(101, seed=3)
    np.testing.assert_array_equal(again[0], x)
    assert not np.array_equal(make(101, seed=4)[0], x)
    assert not np.array_equal(make(101)[0], make(101)[0])


def test_noise_is_a_standard_deviation():
    clean, noisy = moons(20_000, noise=0, seed=1)[0], moons(20_000, noise=0.3, seed=1)[0]
    assert abs((noisy - clean).std() - 0.3) < 0.01
    x, y = blobs(30_000, noise=2.0, seed=1)
    assert [abs(x[y == k].std(0) - 2.0).max() < 0.1 for k in range(3)] == [True] * 3


def test_spirals_do_not_touch():
    x, y = spirals(600, noise=0, seed=1, classes=3)
    far = np.linalg.norm(x, axis=1) > 0.3
    apart = np.linalg.norm(x[:, None] - x[None], axis=2)
    assert apart[(y[:, None] != y) & (far[:, None] & far)].min() > 0.05
    assert np.linalg.norm(x, axis=1).max() <= 1


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: moons(0), ValueError, "moons: n must be at least 1, got 0"),
        (lambda: moons(2.5), TypeError, "moons: n must be an integer, got 2.5"),
        (lambda: circles(5, noise=-1), ValueError, "circles: noise must not be negative, got -1"),
        (lambda: blobs(5, classes=0), ValueError, "blobs: classes must be at least 1, got 0"),
    ],
)
def test_wrong_arguments_are_named(call, error, message):
    with raises(error, message):
        call()


def test_digits_are_mnist_of_8_by_8():
    (x_train, y_train), (x_test, y_test) = digits.load_data()
    (full, labels), _ = mnist.load_data()
    assert (x_train.shape, x_train.dtype, x_test.shape) == ((60000, 8, 8), np.uint8, (10000, 8, 8))
    np.testing.assert_array_equal(y_train, labels)
    assert y_test.shape == (10000,)
    block = full[12, 2 + 3 * 4 : 2 + 3 * 5, 2 + 3 * 3 : 2 + 3 * 4].astype(float)
    assert x_train[12, 4, 3] == np.floor(block.mean() + 0.5)
