"""Reductions against NumPy: every axis argument, layout, dtype and level; and their errors."""

from __future__ import annotations

import re

import numpy as np
import pytest

import pynn

INTEGERS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
AXES = [None, 0, 1, -1, (0, 2), (-1, 0), (1,), (0, 1, 2), ()]

# Each takes a (6, 5, 8) array to a view of it or of a part of it.
LAYOUTS = {
    "row_major": lambda a: a,
    "column_major": lambda a: np.asfortranarray(a),
    "middle_axis_last": lambda a: np.ascontiguousarray(a.transpose(0, 2, 1)).transpose(0, 2, 1),
    "reversed": lambda a: a[::-1, :, ::-1],
    "stepped": lambda a: a[1::2, ::-2, ::3],
    "repeated_first": lambda a: np.broadcast_to(a[:1], a.shape),
    "repeated_middle": lambda a: np.broadcast_to(a[:, 2:3], a.shape),
    "repeated_last": lambda a: np.broadcast_to(a[..., :1], a.shape),
    "one_row": lambda a: a[:1, :1],
}


def numbers(dtype, shape=(6, 5, 8), seed=0):
    rng = np.random.default_rng(seed)
    if dtype == "bool":
        return rng.random(shape) < 0.8
    if dtype.startswith("float"):
        return rng.standard_normal(shape).astype(dtype)
    low = 0 if dtype.startswith("u") else -9
    return rng.integers(low, 10, shape).astype(dtype)


def logsumexp(x, axis=None, keepdims=False):
    return np.log(np.sum(np.exp(x.astype(np.float64)), axis=axis, keepdims=keepdims))


ORACLES = {
    "sum": np.sum,
    "mean": np.mean,
    "prod": np.prod,
    "max": np.max,
    "min": np.min,
    "var": np.var,
    "std": np.std,
    "all": np.all,
    "any": np.any,
    "logsumexp": logsumexp,
}


def wide(x):
    return x.astype(np.float64) if x.dtype.kind == "f" else x


def assert_equal(got, expected, dtype, what=""):
    got = got.numpy()
    assert got.shape == expected.shape, what
    rtol = {"float64": 1e-12, "float32": 2e-5}.get(str(dtype), 0 if got.dtype.kind in "biu" else 2e-5)
    np.testing.assert_allclose(got, expected, rtol=rtol, atol=rtol, err_msg=what)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("op", ORACLES)
def test_equals_numpy_over_every_axis_and_layout(op, layout, isa):
    for dtype in ("float32", "float64", "int32"):
        x = LAYOUTS[layout](numbers(dtype))
        for axis in AXES:
            for keepdims in (False, True):
                got = getattr(pynn, op)(x, axis=axis, keepdims=keepdims)
                expected = ORACLES[op](wide(x), axis=axis, keepdims=keepdims)
                assert_equal(got, np.asarray(expected), dtype, f"{dtype} axis={axis} keepdims={keepdims}")


@pytest.mark.parametrize("dtype", ["bool", *INTEGERS])
@pytest.mark.parametrize("op", ["sum", "prod", "max", "min", "all", "any"])
def test_integers_are_exact_and_widen_as_the_array_api_says(op, dtype, isa):
    x = numbers(dtype, (3, 40))
    for axis in (None, 0, 1):
        got, expected = getattr(pynn, op)(x, axis=axis), getattr(np, op)(x, axis=axis)
        np.testing.assert_array_equal(got.numpy(), expected)
        assert got.dtype == str(expected.dtype)


@pytest.mark.parametrize("dtype", ["bool", *INTEGERS])
@pytest.mark.parametrize("op", ["mean", "var", "std", "logsumexp"])
def test_means_of_integers_are_float32(op, dtype):
    x = numbers(dtype, (3, 40))
    got = getattr(pynn, op)(x, axis=1)
    assert got.dtype == "float32"
    assert_equal(got, ORACLES[op](x.astype(np.float64), axis=1), "float32")


def test_integers_wrap_as_numpy_does():
    x = np.full(3, 2**62, np.int64)
    assert pynn.sum(x).item() == int(np.sum(x)) == 3 * 2**62 - 2**64
    assert pynn.prod(np.full(2, 2**33, np.int64)).item() == 0


@pytest.mark.parametrize("op", ["var", "std"])
@pytest.mark.parametrize("correction", [0, 1, 0.5, 8, 9])
def test_correction_shrinks_the_divisor(op, correction):
    x = numbers("float64", (5, 8))
    with np.errstate(divide="ignore"):
        squares = ((x - x.mean(1, keepdims=True)) ** 2).sum(1) / np.maximum(8 - correction, 0)
    expected = np.sqrt(squares) if op == "std" else squares
    assert_equal(getattr(pynn, op)(x, axis=1, correction=correction), expected, "float64")


@pytest.mark.parametrize("op", ["sum", "prod", "all", "any"])
def test_an_empty_axis_gives_the_neutral_element(op):
    for shape, axis in [((0,), None), ((3, 0), 1), ((0, 3), 1), ((2, 0, 3), (0, 1)), ((2, 0, 3), ())]:
        x = np.zeros(shape, np.float32)
        expected = getattr(np, op)(x, axis=axis)
        got = getattr(pynn, op)(x, axis=axis)
        np.testing.assert_array_equal(got.numpy(), expected)
        assert got.shape == expected.shape


@pytest.mark.parametrize("op", ["mean", "var", "std"])
def test_the_mean_of_nothing_is_nan(op):
    assert np.isnan(getattr(pynn, op)(np.zeros((3, 0), np.float32), axis=1).numpy()).all()
    assert getattr(pynn, op)(np.zeros((0, 3), np.float32), axis=1).shape == (0,)


@pytest.mark.parametrize("keepdims", [False, True])
def test_logsumexp_of_nothing_is_minus_infinity(keepdims):
    y = pynn.logsumexp(np.zeros((3, 0), np.float32), axis=1, keepdims=keepdims).numpy()
    assert y.shape == ((3, 1) if keepdims else (3,))
    assert (y == -np.inf).all()


@pytest.mark.parametrize("op", ["max", "min", "argmax", "argmin"])
def test_no_element_to_choose_is_an_error_only_where_one_is_needed(op):
    f = getattr(pynn, op)
    assert f(np.zeros((0, 3)), axis=1).shape == (0,)
    with pytest.raises(pynn.ShapeError) as e:
        f(np.zeros((0, 3)), axis=0)
    assert str(e.value) == f"{op}: no element to choose from in shape (0, 3)"


@pytest.mark.parametrize("op", ["sum", "mean", "prod", "max", "min", "var", "std"])
@pytest.mark.parametrize("n", [1, 3, 8, 33, 1000])
def test_nan_wins_wherever_it_stands(op, n, isa):
    for dtype in ("float32", "float64"):
        for at in {0, n // 2, n - 1}:
            x = np.arange(1, n + 1, dtype=dtype) / n
            x[at] = np.nan
            assert np.isnan(getattr(pynn, op)(x).item()), (n, at)
            columns = np.broadcast_to(x[:, None], (n, 3)).copy()
            columns[:, 1] = 1
            got = getattr(pynn, op)(columns, axis=0).numpy()
            assert np.isnan(got[[0, 2]]).all(), (n, at)
            assert not np.isnan(got[1])


def test_infinities():
    inf = np.inf
    assert pynn.sum(np.array([inf, 1.0])).item() == inf
    assert np.isnan(pynn.sum(np.array([inf, -inf])).item())
    assert pynn.max(np.array([-inf, -inf])).item() == -inf
    assert pynn.min(np.array([inf, inf], np.float32)).item() == inf
    assert pynn.logsumexp(np.array([-inf, -inf])).item() == -inf
    assert pynn.logsumexp(np.array([inf, 1.0])).item() == inf
    assert pynn.logsumexp(np.array([-inf, 1.0])).item() == 1.0
    assert np.isnan(pynn.logsumexp(np.array([np.nan, 1.0])).item())
    assert pynn.logsumexp(np.array([1000.0, 1000.0], np.float32)).item() == pytest.approx(1000 + np.log(2))
    assert pynn.logsumexp(np.array([-1000.0, -1000.0], np.float32)).item() == pytest.approx(-1000 + np.log(2))
    assert pynn.any(np.array([0.0, np.nan])).item() is True
    assert pynn.all(np.array([1.0, np.nan])).item() is True


@pytest.mark.parametrize("shape", [(1_000_000,), (1000, 1000), (1_000_000, 1), (3, 333_333)])
def test_long_float32_sums_stay_accurate(shape, isa):
    x = (np.random.default_rng(1).random(shape) + 1).astype(np.float32)
    exact = x.astype(np.float64)
    for axis in (None, 0, -1):
        np.testing.assert_allclose(pynn.sum(x, axis=axis).numpy(), exact.sum(axis=axis), rtol=1e-6)
        np.testing.assert_allclose(pynn.mean(x, axis=axis).numpy(), exact.mean(axis=axis), rtol=1e-6)
    np.testing.assert_allclose(pynn.var(x).item(), exact.var(), rtol=1e-5)


# Rows of 16 blocks (4 KiB each) and more are read in two places by turns; here is one element less, as many, and more.
@pytest.mark.parametrize("dtype", ["float32", "float64", "int32", "uint8"])
@pytest.mark.parametrize("blocks", [(16, -1), (16, 0), (16, 1), (17, 0), (31, 5), (33, 100), (250, 3)])
def test_long_rows(blocks, dtype, isa):
    n = blocks[0] * 4096 // np.dtype(dtype).itemsize + blocks[1]
    rng = np.random.default_rng(n)
    x = (rng.integers(0, 100, n) if dtype in ("int32", "uint8") else rng.standard_normal(n)).astype(dtype)
    assert pynn.max(x).item() == x.max()
    assert pynn.min(x).item() == x.min()
    np.testing.assert_allclose(pynn.sum(x).item(), x.sum(dtype="float64"), rtol=1e-6, atol=1e-3)
    rows = np.stack([x, x[::-1]])
    np.testing.assert_allclose(
        pynn.sum(rows, axis=1).numpy(), rows.sum(1, dtype="float64"), rtol=1e-6, atol=1e-3
    )
    # The first of equals, wherever the two stand.
    for places in rng.choice(n, (8, 2), replace=False):
        x[places] = 120
        assert pynn.argmax(x).item() == places.min()
        x[places] = 0
    if dtype.startswith("float"):
        for places in rng.choice(n, (8, 2), replace=False):
            special = x.copy()
            special[places] = np.nan
            assert pynn.argmax(special).item() == pynn.argmin(special).item() == places.min()
            assert np.isnan([pynn.max(special).item(), pynn.sum(special).item()]).all()


def test_variance_does_not_cancel():
    x = np.random.default_rng(2).standard_normal(10_000) + 1e6
    assert pynn.var(x).item() == pytest.approx(np.var(x), rel=1e-9)


def test_results_do_not_depend_on_the_number_of_threads(isa):
    x = np.random.default_rng(3).standard_normal((37, 20_011)).astype(np.float32)
    before = pynn.get_num_threads()
    try:
        results = []
        for threads in (1, 2, 3):
            pynn.set_num_threads(threads)
            parts = [
                getattr(pynn, op)(x, axis=axis) for op in ("sum", "prod", "max") for axis in (None, 0, 1)
            ]
            results.append([p.numpy().tobytes() for p in parts])
    finally:
        pynn.set_num_threads(before)
    assert results[0] == results[1] == results[2]


# ---- Methods and wrong arguments -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "op", ["sum", "mean", "prod", "max", "min", "var", "std", "all", "any", "argmax", "argmin"]
)
def test_methods_are_the_functions(op):
    x = pynn.asarray(numbers("float64", (3, 4)))
    for kwargs in ({}, {"axis": 1}, {"axis": 0, "keepdims": True}):
        got, expected = getattr(x, op)(**kwargs), getattr(pynn, op)(x, **kwargs)
        np.testing.assert_array_equal(got.numpy(), expected.numpy())


AXIS_OPS = ["sum", "mean", "prod", "max", "min", "var", "std", "all", "any", "logsumexp", "norm"]
ONE_AXIS_OPS = ["argmax", "argmin", "cumulative_sum", "softmax", "log_softmax", "sort", "argsort"]


@pytest.mark.parametrize("op", AXIS_OPS + ONE_AXIS_OPS)
def test_an_axis_out_of_range_names_the_operation(op):
    for axis in (2, -3):
        with pytest.raises(pynn.ShapeError) as e:
            getattr(pynn, op)(np.ones((2, 3)), axis=axis)
        assert str(e.value) == f"{op}: axis {axis} is out of range for a tensor with 2 dimensions"


@pytest.mark.parametrize("op", AXIS_OPS)
def test_an_axis_given_twice_is_an_error(op):
    for axis in [(0, 0), (1, -1)]:
        with pytest.raises(pynn.ShapeError) as e:
            getattr(pynn, op)(np.ones((2, 3)), axis=axis)
        assert str(e.value) == f"{op}: axis {axis[0]} is given twice"


def test_an_axis_that_is_no_integer_is_an_error():
    with pytest.raises(
        TypeError, match=rf"^{re.escape('sum: axis must be an integer or a tuple of integers, got 1.5')}$"
    ):
        pynn.sum(np.ones(3), axis=1.5)
    with pytest.raises(TypeError, match=r"^sum: expected a tensor, an array or a number, got str$"):
        pynn.sum("abc")


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize(
    "op", ["sum", "mean", "prod", "max", "var", "std", "argmin", "logsumexp", "softmax", "sort"]
)
def test_half_types_are_refused_with_the_cure(op, dtype):
    with pytest.raises(pynn.DtypeError) as e:
        getattr(pynn, op)(pynn.ones(3, dtype=dtype))
    assert str(e.value) == f"{op} is not defined for {dtype}; compute in float32: x.astype('float32')"


def test_0d_tensors_reduce_to_themselves():
    for op in ("sum", "mean", "prod", "max", "min", "logsumexp"):
        assert getattr(pynn, op)(np.float32(2.5)).item() == 2.5
        assert getattr(pynn, op)(np.float32(2.5), axis=()).shape == ()
    assert pynn.var(np.float32(2.5)).item() == 0
    assert pynn.argmax(np.float32(2.5)).item() == 0
