"""Gradients through x[...], where repeated positions add up, against NumPy, PyTorch and differences."""

import numpy as np
import pytest
from test_indexing import ADVANCED, BASIC, MASK, text

import pynn
from pynn.testing import check_grad

CASES = [(index, (4, 5, 6)) for index in BASIC] + [(index, (3, 2, 3)) for index in ADVANCED]


@pytest.mark.parametrize(("index", "shape"), CASES, ids=[text(index) for index, _ in CASES])
def test_gradients_add_up(index, shape):
    x = pynn.zeros(shape, dtype="float64")
    x.requires_grad = True
    y = x[index]
    g = 1 + np.arange(y.size, dtype=float).reshape(y.shape)
    (y * g).sum().backward()
    expected = np.zeros(shape)
    np.add.at(expected, index, g)
    assert np.array_equal(x.grad, expected)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_gradients_of_repeated_indices(isa, dtype):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    a = rng.standard_normal((50, 7, 33)).astype(dtype)
    rows, columns = rng.integers(-50, 50, (90, 1)), rng.integers(0, 33, 4)
    x, t = pynn.tensor(a, requires_grad=True), torch.tensor(a, requires_grad=True)
    for index in (rows[:, 0],), (rows, slice(None), columns), (slice(None), [0, 0, 3]), (..., columns):
        y, u = x[index], t[index]
        assert np.array_equal(y, u.detach())
        (y * y).sum().backward()
        (u * u).sum().backward()
    np.testing.assert_allclose(x.grad, t.grad, rtol=1e-5, atol=1e-4)


SECOND = [
    1, slice(None, None, -2), (..., None, 1), [0, 2, 2, 0], ([0, 1, 0], slice(None), [1, 1, 1]), (0, [1, 1]),
    MASK,
]  # fmt: skip


@pytest.mark.parametrize("index", SECOND, ids=text)
def test_second_order(isa, index):
    a = np.random.default_rng(1).standard_normal((3, 2, 3))
    check_grad(lambda x: x[index] ** 3, a, order=2)
    check_grad(lambda x: x.T[::-1].T[index] ** 3, a, order=2)


def test_views_of_views():
    a = np.random.default_rng(2).standard_normal((3, 4))
    check_grad(lambda x: (x[1:, ::-1][:, [0, 0, 1]].T[0] * x[0, 0]) ** 2, a, order=2)


def test_gradients_of_nothing():
    x = pynn.tensor([1.0, 2.0], requires_grad=True)
    (x[:0].sum() + x[[]].sum() + x[x > 5].sum()).backward()
    assert x.grad.tolist() == [0, 0]


def test_a_kept_tensor_that_is_assigned_to_is_an_error():
    x, w = pynn.tensor([1.0, 2.0], requires_grad=True), pynn.asarray([3.0, 4.0])
    y = (x * w).sum()
    w[[0]] = 5
    with pytest.raises(pynn.GradientError, match="changed in place"):
        y.backward()
