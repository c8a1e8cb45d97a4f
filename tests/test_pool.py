"""Pooling against NumPy: every geometry, ties, NaN, gradients, levels, errors."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from errors import raises
from hypothesis import given, settings
from hypothesis import strategies as st

import pynn
from pynn.testing import check_grad


def draw(shape, dtype="float64", seed=0):
    return np.random.default_rng((seed, *shape)).standard_normal(shape).astype(dtype)


def windows_of(shape, size, strides, padding):
    """For each axis, for each window, the positions of it that are inside."""
    axes = []
    for n, k, s in zip(shape[1:-1], size, strides, strict=True):
        if padding == "same":
            count = math.ceil(n / s)
            low = max((count - 1) * s + k - n, 0) // 2
        else:
            count, low = (n - k) // s + 1, 0
        axes.append([[p for p in range(i * s - low, i * s - low + k) if 0 <= p < n] for i in range(count)])
    return axes


def naive(x, size, strides, padding, reduce):
    axes = windows_of(x.shape, size, strides, padding)
    y = np.empty((x.shape[0], *map(len, axes), x.shape[-1]), x.dtype)
    for at in itertools.product(*map(range, map(len, axes))):
        seen = x[
            np.ix_(range(x.shape[0]), *(a[i] for a, i in zip(axes, at, strict=True)), range(x.shape[-1]))
        ]
        y[(slice(None), *at)] = reduce(seen, axis=tuple(range(1, x.ndim - 1)))
    return y


@st.composite
def cases(draw_from):
    rank = draw_from(st.integers(1, 3))
    each = lambda low, high: tuple(draw_from(st.integers(low, high)) for _ in range(rank))  # noqa: E731
    size, strides, padding = each(1, 4), each(1, 5), draw_from(st.sampled_from(["valid", "same"]))
    least = size if padding == "valid" else (1,) * rank
    sizes = tuple(n + draw_from(st.integers(0, 5)) for n in least)
    shape = (draw_from(st.integers(0, 3)), *sizes, draw_from(st.sampled_from([1, 3, 8, 70])))
    return shape, size, strides, padding


@settings(max_examples=60, deadline=None)
@given(cases())
def test_any_geometry(case):
    shape, size, strides, padding = case
    x = draw(shape)
    for pool, reduce in ((pynn.max_pool, np.max), (pynn.average_pool, np.mean)):
        expected = naive(x, size, strides, padding, reduce)
        tensor = pynn.tensor(x, requires_grad=True)
        y = pool(tensor, size, strides, padding)
        np.testing.assert_allclose(y.detach().numpy(), expected, rtol=1e-12, atol=1e-14)
        # Both are linear where the order of elements stays: the derivative along x itself is the value.
        g = draw(y.shape, seed=1)
        y.backward(pynn.asarray(g))
        np.testing.assert_allclose(
            (tensor.grad.numpy() * x).sum(), (g * expected).sum(), rtol=1e-9, atol=1e-9
        )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("channels", [1, 7, 32, 65])
def test_every_level_and_type(channels, dtype, isa):
    x = draw((4, 13, 12, channels), dtype)
    for size, strides, padding in [((2, 2), (2, 2), "valid"), ((3, 2), (1, 2), "same")]:
        for pool, reduce in ((pynn.max_pool, np.max), (pynn.average_pool, np.mean)):
            got = pool(x, size, strides, padding)
            assert got.dtype == dtype
            np.testing.assert_allclose(
                got.numpy(), naive(x, size, strides, padding, reduce), rtol=1e-5, atol=1e-6
            )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("channels", [1, 7, 16, 33, 70])
def test_the_gradient_of_max_element_by_element(channels, dtype, isa):
    for size, strides, padding in [
        ((2, 2), (2, 2), "valid"),  # a row and a column are left over
        ((2, 3), (2, 3), "same"),
        ((1, 2), (3, 4), "valid"),  # with gaps
        ((7, 3), (7, 3), "valid"),  # each position in a window
        ((3, 2), (1, 2), "same"),  # overlapping
    ]:
        x = draw((3, 7, 9, channels), dtype)
        tensor = pynn.tensor(x, requires_grad=True)
        y = pynn.max_pool(tensor, size, strides, padding)
        g = draw(y.shape, dtype, 1)
        y.backward(pynn.asarray(g))
        expected = np.zeros_like(x)
        rows, columns = windows_of(x.shape, size, strides, padding)
        for (i, row), (j, column) in itertools.product(enumerate(rows), enumerate(columns)):
            seen = x[:, row[0] : row[-1] + 1, column[0] : column[-1] + 1]
            first = seen.reshape(3, -1, channels).argmax(1)  # no equals here
            for n, c in np.ndindex(3, channels):
                at = np.unravel_index(first[n, c], seen.shape[1:3])
                expected[n, row[0] + at[0], column[0] + at[1], c] += g[n, i, j, c]
        np.testing.assert_allclose(tensor.grad.numpy(), expected, rtol=1e-5, atol=1e-6)


def test_the_gradient_goes_to_the_first_of_equals():
    x = pynn.tensor(np.zeros((1, 4, 4, 1)), requires_grad=True)
    pynn.max_pool(x, 2).sum().backward()
    expected = np.zeros((4, 4))
    expected[::2, ::2] = 1
    np.testing.assert_array_equal(x.grad.numpy()[0, :, :, 0], expected)


def test_overlapping_windows_add_their_gradients():
    x = pynn.tensor(np.arange(5.0).reshape(1, 5, 1), requires_grad=True)
    pynn.max_pool(x, 3, 1).backward(pynn.asarray(np.array([1.0, 10, 100]).reshape(1, 3, 1)))
    assert x.grad.numpy().ravel().tolist() == [0, 0, 1, 10, 100]
    y = pynn.tensor(np.array([0, 9.0, 0]).reshape(1, 3, 1), requires_grad=True)
    pynn.max_pool(y, 2, 1).backward(pynn.asarray(np.array([1.0, 10]).reshape(1, 2, 1)))
    assert y.grad.numpy().ravel().tolist() == [0, 11, 0]


def test_special_values():
    x = np.array([1, np.nan, 3, -np.inf, -np.inf, np.inf, 2, 7], np.float32).reshape(1, 8, 1)
    assert str(pynn.max_pool(x, 2).numpy().ravel().tolist()) == "[nan, 3.0, inf, 7.0]"
    # Padding is never the largest, however small the rest.
    assert (
        pynn.max_pool(np.full((1, 3, 1), -np.inf), 2, padding="same").numpy().ravel().tolist()
        == [-np.inf] * 2
    )


def test_windows_of_more_positions_than_a_byte_counts():
    x = draw((2, 20, 18, 3))
    tensor = pynn.tensor(x, requires_grad=True)
    y = pynn.max_pool(tensor, (20, 18))
    np.testing.assert_array_equal(y.detach().numpy(), x.max((1, 2), keepdims=True))
    y.sum().backward()
    np.testing.assert_array_equal(tensor.grad.numpy(), x == x.max((1, 2), keepdims=True))


def test_padding_in_numbers():
    x = draw((1, 4, 5, 2))
    got = pynn.average_pool(x, 2, 1, [(1, 0), (0, 1)]).numpy()
    np.testing.assert_allclose(
        got[:, 0], pynn.average_pool(x[:, :1], (1, 2), 1, [(0, 0), (0, 1)]).numpy()[:, 0]
    )
    np.testing.assert_allclose(got[0, -1, -1], x[0, 2:4, 4].mean(axis=0))


@pytest.mark.parametrize("pool", [pynn.max_pool, pynn.average_pool])
def test_gradients_to_second_order(pool):
    for shape, size, strides in [((2, 5, 2), 2, 2), ((1, 4, 5, 3), (3, 2), 1), ((1, 3, 3, 2, 2), 2, 2)]:
        for padding in ("valid", "same"):
            check_grad(
                lambda x, a=(size, strides, padding): pool(x, *a) ** 3, draw(shape), order=2, rtol=1e-4
            )


ERRORS = [
    (((2, 3), 2), {}, pynn.ShapeError, "max_pool: x (2, 3) does not fit: needs (batch, 1 to 3 spatial axes, channels)"),
    (((2, 3, 1), 4), {}, pynn.ShapeError,
     "max_pool: a window over 4 positions does not fit on axis 1 of x (2, 3, 1), which has 3"),
    (((2, 3, 1), 0), {}, ValueError,
     "max_pool: pool_size must be a number of at least 1, or one for each of the 1 spatial axes of x, got (0,)"),
    (((2, 3, 1), (2, 2)), {}, ValueError,
     "max_pool: pool_size must be a number of at least 1, or one for each of the 1 spatial axes of x, got (2, 2)"),
    (((2, 3, 1), 2), {"strides": -1}, ValueError, "max_pool: strides must be at least 1 and at most 2**30, got (-1,)"),
    (((2, 3, 1), 2), {"padding": [(2, 0)]}, ValueError,
     "max_pool: padding of 2 holds a whole window of pool_size (2,), which would have no element"),
    (((2, 3, 1), 2), {"padding": "causal"}, ValueError,
     "max_pool: padding must be 'valid', 'same' or a pair of sizes for each spatial axis, got 'causal'"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "options", "error", "text"), ERRORS, ids=range(len(ERRORS)))
def test_wrong_arguments(arguments, options, error, text):
    shape, size = arguments
    with raises(error, text):
        pynn.max_pool(np.ones(shape, np.float32), size, **options)
