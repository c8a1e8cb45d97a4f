"""take, take_along_axis, nonzero and one_hot against NumPy, with gradients and errors."""

import numpy as np
import pytest
from errors import raises

import pynn
from pynn.testing import check_grad

DTYPES = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint64", "float16", "float32", "float64"]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("axis", [0, 1, 2, -1])
@pytest.mark.parametrize(
    "indices", [[0, 2, 1, 1], [-1, -3], [[0], [2]], 1, [], np.array([2], "uint8")], ids=str
)
def test_take(isa, indices, axis, dtype):
    a = np.arange(45).reshape(3, 5, 3).astype(dtype)
    for b in a, a.T, a[::-1, :, ::-1]:
        i = np.asarray(indices, int)
        y = pynn.take(pynn.asarray(b), indices if np.size(indices) else pynn.asarray(i), axis=axis)
        assert y.dtype == dtype
        assert np.array_equal(y, np.take(b, i, axis))


@pytest.mark.parametrize("size", [511, 512, 513, 575, 576, 577, 3136])
def test_take_of_large_rows(isa, size):
    a = (np.arange(9 * size) * 7 % 251).astype("uint8").reshape(9, size)
    for indices in [[0], [8, 8, 0, 3, 3], list(range(9)) * 30]:
        assert np.array_equal(pynn.take(a, indices, axis=0), a[indices])
        assert np.array_equal(pynn.take(a[None, :, 1:], indices, axis=1), a[None, indices, 1:])


def test_take_of_one_dimension_needs_no_axis():
    assert pynn.take([5.0, 6.0, 7.0], [2, 0]).tolist() == [7, 5]
    with raises(pynn.ShapeError, "take: name an axis for a tensor of shape (2, 3)"):
        pynn.take(pynn.zeros((2, 3)), [0])


def test_errors_of_take():
    x = pynn.zeros((3, 4))
    for i in (3, -4, [0, 3]):
        with raises(IndexError, f"take: index {np.ravel(i)[-1]} is out of range for axis 0 with size 3"):
            pynn.take(x, i, axis=0)
    with raises(pynn.ShapeError, "take: axis 2 is out of range for a tensor with 2 dimensions"):
        pynn.take(x, 0, axis=2)
    for i, dtype in ([0.5], "float32"), (True, "bool"):
        with raises(pynn.DtypeError, f"take: indices must be integers, got {dtype}"):
            pynn.take(x, i, axis=0)
    with raises(IndexError, "take: index 0 is out of range for axis 0 with size 0"):
        pynn.take(pynn.zeros((0, 2)), [0], axis=0)
    assert pynn.take(pynn.zeros((0, 2)), [1, 0], axis=1).shape == (0, 2)


def test_gradients_of_take(isa):
    a = np.random.default_rng(0).standard_normal((4, 3, 5))
    for axis in range(3):
        check_grad(lambda x, axis=axis: pynn.take(x, [[0, 2], [2, 2]], axis=axis) ** 3, a, order=2)
        check_grad(lambda x, axis=axis: pynn.take(x.T, [1, 0, 1], axis=axis) ** 3, a, order=2)
    x = pynn.tensor(a, requires_grad=True)
    pynn.take(x, pynn.asarray([], dtype="int64"), axis=0).sum().backward()
    assert not x.grad.numpy().any()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_gradients_of_an_embedding(isa, dtype):
    """Many repeated rows, in narrow and in wide tables."""
    rng = np.random.default_rng(0)
    for width in 1, 3, 64, 1000:
        table = pynn.zeros((10, width), dtype=dtype)
        table.requires_grad = True
        i = rng.integers(0, 10, 500)
        g = rng.integers(-3, 4, (500, width)).astype(dtype)  # sums of small integers are exact in any order
        (pynn.take(table, i, axis=0) * g).sum().backward()
        expected = np.zeros((10, width), dtype)
        np.add.at(expected, i, g)
        assert np.array_equal(table.grad, expected)


@pytest.mark.parametrize("axis", [0, 1, 2, -1])
def test_take_along_axis(axis):
    rng = np.random.default_rng(0)
    a = rng.standard_normal((3, 4, 5))
    for b in a, a.transpose(0, 2, 1)[..., ::-1].transpose(0, 2, 1):
        order = np.argsort(b, axis)
        assert np.array_equal(pynn.take_along_axis(b, order, axis=axis), np.sort(b, axis))
        few = order.take([0, 0, 1], axis) - b.shape[axis]
        assert np.array_equal(pynn.take_along_axis(b, few, axis=axis), np.take_along_axis(b, few, axis))


def test_take_along_axis_broadcasts():
    a = np.arange(12.0).reshape(3, 4)
    i = np.array([[3, 0]])
    assert np.array_equal(pynn.take_along_axis(a, i, axis=1), np.take_along_axis(a, i, 1))
    assert np.array_equal(pynn.take_along_axis(a[:1], i.repeat(2, 0), axis=1), [[3, 0], [3, 0]])
    assert pynn.take_along_axis(pynn.zeros((0, 3)), pynn.zeros((0, 2), dtype="int64")).shape == (0, 2)
    check_grad(lambda x: pynn.take_along_axis(x, i, axis=1) ** 3, a, order=2)
    check_grad(lambda x: pynn.take_along_axis(x[:1], np.zeros((5, 2), int), axis=1) ** 3, a, order=2)


def test_errors_of_take_along_axis():
    x = pynn.zeros((2, 3))
    with raises(pynn.ShapeError, "take_along_axis: indices of shape (1,) need as many dimensions as (2, 3)"):
        pynn.take_along_axis(x, [0])
    with raises(IndexError, "take_along_axis: index 3 is out of range for axis 1 with size 3"):
        pynn.take_along_axis(x, [[3]])
    with raises(
        pynn.ShapeError,
        "take_along_axis: shapes (2, 1) and (3, 1) do not broadcast: axis -2 is 2 and 3; "
        "with one of them transposed (x.T) they would",
    ):
        pynn.take_along_axis(x, [[0], [0], [0]])
    with raises(pynn.DtypeError, "take_along_axis: indices must be integers, got float32"):
        pynn.take_along_axis(x, [[0.0]])
    with raises(pynn.ShapeError, "take_along_axis: axis 2 is out of range for a tensor with 2 dimensions"):
        pynn.take_along_axis(x, [[0]], axis=2)


@pytest.mark.parametrize("dtype", [*DTYPES, "bfloat16"])
@pytest.mark.parametrize("shape", [(7,), (3, 4), (2, 3, 4), (0,), (3, 0)])
def test_nonzero(shape, dtype):
    a = np.arange(np.prod(shape, dtype=int)).reshape(shape) % 3
    for b in a, a[::-1], a.T:
        found = pynn.nonzero(pynn.asarray(b).astype(dtype))
        assert type(found) is tuple
        assert len(found) == b.ndim
        for i, expected in zip(found, np.nonzero(b), strict=True):
            assert i.dtype == "int64"
            assert np.array_equal(i, expected)


def test_nonzero_counts_nan_and_not_minus_zero():
    assert pynn.nonzero([float("nan"), -0.0, 0.0, 1e-45])[0].tolist() == [0, 3]
    with raises(pynn.ShapeError, "nonzero: needs at least 1 dimension, got a 0-d tensor"):
        pynn.nonzero(1.0)


@pytest.mark.parametrize(
    "labels", [[2, 0], 1, [[0], [1]], np.array([1], "uint8"), np.zeros((0, 2), "int8")], ids=str
)
@pytest.mark.parametrize("dtype", ["float32", "float64", "int8", "bool"])
def test_one_hot(labels, dtype):
    y = pynn.one_hot(labels, 3, dtype)
    assert y.dtype == dtype
    assert np.array_equal(y, np.eye(3, dtype=dtype)[np.asarray(labels)])


def test_one_hot_of_labels_without_a_class():
    assert pynn.one_hot([-1, 3, 1], 3).tolist() == [[0, 0, 0], [0, 0, 0], [0, 1, 0]]
    assert pynn.one_hot([0], 0).shape == (1, 0)
    with raises(pynn.DtypeError, "one_hot: labels must be integers, got float32"):
        pynn.one_hot([1.0], 3)
    with raises(ValueError, "one_hot: the number of classes must be at least 0, got -1"):
        pynn.one_hot([1], -1)
