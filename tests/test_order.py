"""Positions, orders and running sums: argmax, argmin, sort, argsort, cumulative_sum against NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pynn
from pynn.testing import check_grad

DTYPES = [
    "bool",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "float32",
    "float64",
]
VIEWS = {
    "row_major": lambda a: a,
    "column_major": np.asfortranarray,
    "reversed": lambda a: a[::-1, :, ::-1],
    "stepped": lambda a: a[:, ::-2, 1::3],
    "repeated": lambda a: np.broadcast_to(a[:, :, :1], a.shape),
    "repeated_first": lambda a: np.broadcast_to(a[:1], a.shape),
    "one": lambda a: a[:1, :1, :1],
}


def few_values(dtype, shape, seed=0):
    """With many ties."""
    return np.random.default_rng(seed).integers(0, 4, shape).astype(dtype)


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("op", ["argmax", "argmin"])
def test_the_first_of_several_extremes_is_found(op, view, isa):
    for dtype in DTYPES:
        x = VIEWS[view](few_values(dtype, (4, 7, 19)))
        for axis in (None, 0, 1, 2, -1):
            for keepdims in (False, True):
                got = getattr(pynn, op)(x, axis=axis, keepdims=keepdims)
                expected = getattr(np, op)(x, axis=axis, keepdims=keepdims)
                assert got.dtype == "int64"
                np.testing.assert_array_equal(got.numpy(), expected, f"{dtype} {axis}")


@pytest.mark.parametrize("n", [1, 2, 7, 8, 16, 17, 63, 1000, 4097])
@pytest.mark.parametrize("op", ["argmax", "argmin"])
def test_positions_at_every_place_of_a_row(op, n, isa):
    for dtype in ("float32", "float64", "int32", "uint8"):
        for at in {0, 1 % n, n // 2, n - 1}:
            x = np.full(n, 3, dtype)
            x[at] = 5 if op == "argmax" else 1
            assert getattr(pynn, op)(x).item() == at
            assert getattr(pynn, op)(np.stack([x, x], 1), axis=0).tolist() == [at, at]


@pytest.mark.parametrize("op", ["argmax", "argmin"])
def test_the_first_nan_is_the_extreme(op, isa):
    for dtype in ("float32", "float64"):
        for n in (3, 40, 5000):
            x = np.arange(n, dtype=dtype)
            x[[n // 2, n - 1]] = np.nan
            assert getattr(pynn, op)(x).item() == n // 2 == getattr(np, op)(x)
    x = np.array([-np.inf, np.inf, -np.inf, np.inf])
    assert getattr(pynn, op)(x).item() == getattr(np, op)(x)


def test_an_argument_of_arguments_takes_one_axis():
    with pytest.raises(TypeError, match="argmax"):
        pynn.argmax(np.ones((2, 3)), axis=(0, 1))


# ---- Sorting ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", VIEWS)
def test_argsort_is_stable_over_every_axis_and_dtype(view, isa):
    for dtype in DTYPES:
        x = VIEWS[view](few_values(dtype, (4, 7, 19)))
        for axis in (0, 1, -1):
            expected = np.argsort(x, axis=axis, kind="stable")
            np.testing.assert_array_equal(pynn.argsort(x, axis=axis).numpy(), expected, dtype)
            got = pynn.sort(x, axis=axis)
            assert got.dtype == dtype
            np.testing.assert_array_equal(got.numpy(), np.sort(x, axis=axis), dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n", [1, 2, 31, 33, 300, 5000])
def test_descending_keeps_the_order_of_equals(dtype, n, isa):
    x = few_values(dtype, n)
    rank = {v: i for i, v in enumerate(sorted(set(x.tolist()), reverse=True))}
    expected = sorted(range(n), key=lambda i: rank[x[i].item()])
    assert pynn.argsort(x, descending=True).tolist() == expected
    assert pynn.sort(x, descending=True).tolist() == sorted(x.tolist(), reverse=True)


def extremes(dtype):
    if dtype.startswith("float"):
        limits = np.finfo(dtype)
        return [limits.min, limits.max, limits.tiny, -limits.tiny, 0.0, -0.0, np.inf, -np.inf, 1.0]
    limits = np.iinfo(dtype)
    return [limits.min, limits.max, 0, 1, limits.max - 1, limits.min + 1]


@pytest.mark.parametrize("dtype", DTYPES[1:])
@pytest.mark.parametrize("n", [20, 400, 5000])
def test_the_extreme_values_of_a_type_sort_right(dtype, n, isa):
    rng = np.random.default_rng(n)
    x = rng.choice(np.array(extremes(dtype), dtype), n)
    np.testing.assert_array_equal(pynn.argsort(x).numpy(), np.argsort(x, kind="stable"))
    np.testing.assert_array_equal(pynn.sort(x, descending=True).numpy(), np.sort(x)[::-1])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("n", [5, 300, 5000])
def test_nan_comes_last_in_either_direction(dtype, n, isa):
    rng = np.random.default_rng(n)
    x = rng.standard_normal(n).astype(dtype)
    x[rng.permutation(n)[: n // 3]] = np.nan
    x[rng.permutation(n)[: n // 5]] = -np.array(np.nan, dtype)  # its sign bit must not matter
    holes = np.isnan(x)
    up, down = pynn.argsort(x).numpy(), pynn.argsort(x, descending=True).numpy()
    numbers = n - holes.sum()
    np.testing.assert_array_equal(up[numbers:], np.flatnonzero(holes))
    np.testing.assert_array_equal(down[numbers:], np.flatnonzero(holes))
    np.testing.assert_array_equal(x[up[:numbers]], np.sort(x[~holes]))
    np.testing.assert_array_equal(x[down[:numbers]], np.sort(x[~holes])[::-1])


def test_sorting_nothing():
    for shape in [(0,), (2, 0), (0, 2), (2, 0, 3)]:
        x = np.zeros(shape)
        assert pynn.sort(x).shape == shape
        assert pynn.argsort(x, axis=0).shape == shape
    with pytest.raises(
        pynn.ShapeError, match=r"^sort: axis -1 is out of range for a tensor with 0 dimensions$"
    ):
        pynn.sort(1.0)


def test_the_gradient_of_sort_goes_back_to_where_elements_stood():
    x = np.random.default_rng(0).permutation(24).reshape(2, 3, 4).astype(float)
    for axis in (0, 1, -1):
        for descending in (False, True):
            check_grad(
                lambda t, axis=axis, descending=descending: (
                    pynn.sort(t, axis=axis, descending=descending) ** 2
                ),
                x,
                order=2,
            )


def test_equal_elements_get_the_gradient_of_their_own_place():
    x = pynn.tensor(np.array([2.0, 1.0, 2.0]), requires_grad=True)
    (pynn.sort(x) * np.array([1.0, 10.0, 100.0])).sum().backward()
    assert x.grad.tolist() == [10.0, 1.0, 100.0]


# ---- Running sums ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", VIEWS)
def test_running_sums_equal_numpy(view, isa):
    for dtype in DTYPES:
        x = VIEWS[view](few_values(dtype, (4, 7, 19)))
        for axis in (0, 1, -1):
            got, expected = pynn.cumulative_sum(x, axis=axis), np.cumsum(x, axis=axis)
            assert got.dtype == str(expected.dtype)
            np.testing.assert_allclose(got.numpy(), expected, rtol=1e-6)


def test_running_sums_of_awkward_input():
    assert pynn.cumulative_sum(np.zeros((0, 2)), axis=0).shape == (0, 2)
    assert pynn.cumulative_sum(np.array([1.0, np.nan, 2.0])).tolist()[0] == 1.0
    assert np.isnan(pynn.cumulative_sum(np.array([1.0, np.nan, 2.0])).numpy()[1:]).all()
    with pytest.raises(pynn.ShapeError) as e:
        pynn.cumulative_sum(np.ones((2, 3)))
    assert str(e.value) == "cumulative_sum: name an axis for a tensor of shape (2, 3)"


def test_a_long_float32_running_sum_stays_accurate(isa):
    x = np.random.default_rng(1).random(200_000).astype(np.float32)
    np.testing.assert_allclose(pynn.cumulative_sum(x).numpy(), np.cumsum(x, dtype=np.float64), rtol=1e-4)


def test_the_gradient_of_a_running_sum():
    x = np.random.default_rng(0).standard_normal((3, 4, 2))
    for axis in (0, 1, -1):
        check_grad(lambda t, axis=axis: pynn.cumulative_sum(t, axis=axis) ** 3, x, order=2)


@settings(deadline=None, max_examples=60, derandomize=True)
@given(st.lists(st.floats(width=32, allow_nan=True), max_size=40), st.booleans())
def test_any_list_sorts_as_numpy_sorts_it(values, descending):
    x = np.array(values, np.float32)
    expected = np.sort(x[~np.isnan(x)])
    expected = np.concatenate([expected[::-1] if descending else expected, x[np.isnan(x)]])
    np.testing.assert_array_equal(pynn.sort(x, descending=descending).numpy(), expected)
