"""Activations whose truth is stated here: sparsemax; and the lower-case names of initializers and regularizers."""

from __future__ import annotations

import numpy as np
import pytest

import pynn
from pynn import activations, initializers, regularizers

X = np.random.default_rng(0).normal(0, 1.5, (4, 5, 3))


def projected(x):
    """The nearest point to a vector on the simplex: of all supports, the one whose point is nearest and valid."""
    best, distance = None, np.inf
    for size in range(1, len(x) + 1):
        support = np.argsort(-x)[:size]
        point = np.zeros_like(x)
        point[support] = x[support] - (x[support].sum() - 1) / size
        if (point >= 0).all() and np.linalg.norm(point - x) < distance:
            best, distance = point, np.linalg.norm(point - x)
    return best


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_sparsemax_is_the_projection_on_the_simplex(axis):
    y = activations.sparsemax(pynn.asarray(X), axis).numpy()
    np.testing.assert_allclose(y, np.apply_along_axis(projected, axis, X), atol=1e-12)
    assert (y == 0).any()
    pynn.testing.check_grad(lambda x: activations.sparsemax(x, axis), X)


def test_sparsemax_of_ties_and_of_nothing():
    assert activations.sparsemax(pynn.asarray([1.0, 1.0, -3.0])).tolist() == [0.5, 0.5, 0.0]
    assert activations.sparsemax(pynn.zeros((2, 0))).shape == (2, 0)


def test_sparse_plus_and_its_derivative():
    x = np.array([-2.0, -1.0, -0.5, 0.5, 1.0, 3.0])
    expected = [0, 0, 0.0625, 0.5625, 1, 3]
    assert activations.sparse_plus(pynn.asarray(x)).tolist() == expected
    tensor = pynn.tensor(x, requires_grad=True)
    activations.sparse_plus(tensor).sum().backward()
    assert tensor.grad.tolist() == activations.sparse_sigmoid(pynn.asarray(x)).tolist()


@pytest.mark.parametrize("name", initializers.registry.names())
def test_initializers_go_by_three_names(name):
    kind = getattr(initializers, name)
    assert isinstance(initializers.get(name), kind)
    assert isinstance(initializers.get(kind.__name__), kind)
    assert initializers.deserialize(initializers.serialize(kind())).get_config() == kind().get_config()


def test_a_constant_may_be_an_array():
    matrix = np.arange(6.0).reshape(2, 3)
    layer = pynn.layers.Dense(3, kernel_initializer=initializers.Constant(matrix))
    layer.build((None, 2))
    np.testing.assert_array_equal(layer.kernel.numpy(), matrix)
    matrix[:] = 7
    assert layer.kernel.numpy()[0, 1] == 1
    assert initializers.constant([1, 2])((3, 2)).tolist() == [[1, 2]] * 3


def test_fans_by_axes():
    assert initializers.compute_fans((2, 3, 5), input_axes=[0, 1], output_axes=[2]) == (6, 5)
    values = initializers.HeUniform(1, input_axes=[1], output_axes=[0])((50, 200)).numpy()
    assert abs(values).max() == pytest.approx(np.sqrt(6 / 200), rel=0.01)
    assert initializers.VarianceScaling(distribution="normal").distribution == "truncated_normal"


def test_regularizers_take_none_for_their_default():
    assert regularizers.L1(None).l1 == regularizers.L2(None).l2 == 0.01
    assert regularizers.L1L2(None, None).get_config() == {"l1": 0.0, "l2": 0.0}
    assert isinstance(regularizers.get("l1l2"), regularizers.L1L2)
