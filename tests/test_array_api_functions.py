"""Functions of the array API standard that came for its sake: values against NumPy, dtypes, shapes, derivatives."""

import re
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from rows import FLOATS, SIGNED, UNSIGNED

import pynn
from pynn.testing import check_grad

INTEGERS = (*SIGNED, *UNSIGNED)
quick = settings(max_examples=40, deadline=None)
shapes = npst.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=4)


def arrays(dtypes=("bool", *INTEGERS, *FLOATS), shape=shapes, **elements):
    return st.sampled_from(dtypes).flatmap(lambda dtype: npst.arrays(dtype, shape, **elements))


def small(dtypes):
    """Numbers of which some are equal."""

    def of(dtype):
        most = 1 if dtype == "bool" else 3
        return npst.arrays(dtype, shapes, elements=st.integers(0, most).map(np.dtype(dtype).type))

    return st.sampled_from(dtypes).flatmap(of)


def same(found, expected):
    assert found.dtype == str(expected.dtype)
    assert found.shape == expected.shape
    np.testing.assert_array_equal(found.numpy(), expected)


# ---- Sets --------------------------------------------------------------------------------------------------


@quick
@given(arrays())
def test_unique_values_are_numpys_with_every_nan_apart(x):
    found = pynn.unique_all(x)
    values, indices, inverse, counts = np.unique(
        x, return_index=True, return_inverse=True, return_counts=True, equal_nan=False
    )
    same(found.values, values)
    same(found.counts, counts.astype("int64"))
    assert found.indices.dtype == found.inverse_indices.dtype == "int64"
    np.testing.assert_array_equal(found.indices.numpy(), indices)
    np.testing.assert_array_equal(found.inverse_indices.numpy(), inverse.reshape(x.shape))
    np.testing.assert_array_equal(found.values.numpy()[found.inverse_indices.numpy()], x)
    same(pynn.unique_values(x), values)
    assert [part.tolist() for part in pynn.unique_counts(x)][1] == counts.tolist()
    assert pynn.unique_inverse(x).inverse_indices.tolist() == found.inverse_indices.tolist()


def test_sets_have_the_names_of_the_standard():
    x = pynn.asarray([2, 1, 2])
    assert pynn.unique_all(x)._fields == ("values", "indices", "inverse_indices", "counts")
    assert pynn.unique_counts(x)._fields == ("values", "counts")
    assert pynn.unique_inverse(x)._fields == ("values", "inverse_indices")


# ---- Searching ---------------------------------------------------------------------------------------------


@quick
@given(st.data(), st.sampled_from(["left", "right"]))
def test_searchsorted_is_numpys(data, side):
    dtype = data.draw(st.sampled_from((*INTEGERS, *FLOATS)))
    x = np.sort(data.draw(npst.arrays(dtype, st.integers(0, 20))))
    v = data.draw(npst.arrays(dtype, shapes, elements=npst.from_dtype(np.dtype(dtype)) | st.sampled_from(x) if x.size
                              else npst.from_dtype(np.dtype(dtype))))  # fmt: skip
    found = pynn.searchsorted(x, v, side=side)
    assert found.dtype == "int64"
    np.testing.assert_array_equal(found.numpy(), np.searchsorted(x, v, side=side))


def test_searchsorted_takes_an_order():
    x, order = pynn.asarray([3, 1, 2]), pynn.asarray([1, 2, 0])
    assert pynn.searchsorted(x, [0, 1, 2, 3, 4], sorter=order).tolist() == [0, 0, 1, 2, 3]
    assert pynn.searchsorted(pynn.arange(3), 1.5).item() == 2  # a number takes the type of what it meets
    with pytest.raises(pynn.ShapeError, match=r"^searchsorted: x1 must be 1-d, got shape \(2, 1\)$"):
        pynn.searchsorted([[1], [2]], 1)
    with pytest.raises(ValueError, match=r"^searchsorted: side is 'left' or 'right', got 'middle'$"):
        pynn.searchsorted(x, 1, side="middle")


@quick
@given(st.data())
def test_count_nonzero_is_numpys(data):
    x = data.draw(small(("bool", *INTEGERS, *FLOATS)))
    axis = data.draw(st.none() | st.integers(-x.ndim, x.ndim - 1))
    keepdims = data.draw(st.booleans())
    found = pynn.count_nonzero(x, axis=axis, keepdims=keepdims)
    same(found, np.asarray(np.count_nonzero(x, axis=axis, keepdims=keepdims), "int64"))


# ---- Running and neighbouring ------------------------------------------------------------------------------


@quick
@given(st.data())
@pytest.mark.parametrize("name", ["cumulative_sum", "cumulative_prod"])
def test_running_totals_are_numpys(name, data):
    x = data.draw(small((*INTEGERS, *FLOATS)))
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    start = data.draw(st.booleans())
    dtype = data.draw(st.sampled_from([None, "int32", "float32", "float64"]))
    wide = dtype or ("uint64" if x.dtype.kind == "u" else "int64" if x.dtype.kind == "i" else str(x.dtype))
    numpys = np.cumsum if name == "cumulative_sum" else np.cumprod
    expected = numpys(x, axis=axis, dtype=wide)
    if start:
        first = np.full([1 if d == axis % x.ndim else n for d, n in enumerate(x.shape)],
                        0 if name == "cumulative_sum" else 1, wide)  # fmt: skip
        expected = np.concatenate([first, expected], axis=axis)
    same(getattr(pynn, name)(x, axis=axis, dtype=dtype, include_initial=start), expected)


@pytest.mark.parametrize("name", ["cumulative_sum", "cumulative_prod"])
def test_running_totals_in_every_layout(name, layout, isa, rng):
    x = layout.draw(rng, "float64", 0.9, 1.1)
    for axis in range(x.ndim):
        expected = (np.cumsum if name == "cumulative_sum" else np.cumprod)(x, axis=axis)
        np.testing.assert_allclose(getattr(pynn, name)(x, axis=axis).numpy(), expected, rtol=1e-9)


def test_running_totals_need_an_axis():
    for name in ("cumulative_sum", "cumulative_prod"):
        with pytest.raises(pynn.ShapeError, match=rf"^{name}: name an axis for a tensor of shape \(2, 2\)$"):
            getattr(pynn, name)(np.ones((2, 2)))
        with pytest.raises(pynn.ShapeError, match=rf"^{name}: needs at least 1 dimension, got a 0-d tensor$"):
            getattr(pynn, name)(1.0)


@quick
@given(st.data())
def test_differences_are_numpys(data):
    x = data.draw(arrays((*INTEGERS, "float64")))
    axis, n = data.draw(st.integers(-x.ndim, x.ndim - 1)), data.draw(st.integers(0, 3))
    with np.errstate(all="ignore"):
        same(pynn.diff(x, axis=axis, n=n), np.diff(x, n=n, axis=axis))


def test_differences_with_ends():
    x = pynn.asarray([1, 4, 9])
    assert pynn.diff(x, prepend=[0], append=[16, 25]).tolist() == [1, 3, 5, 7, 9]
    with pytest.raises(ValueError, match=r"^diff: n must be at least 0, got -1$"):
        pynn.diff(x, n=-1)
    with pytest.raises(pynn.ShapeError, match=r"^diff: needs at least 1 dimension, got a 0-d tensor$"):
        pynn.diff(pynn.asarray(1.0))


# ---- Totals in another type --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["sum", "prod"])
@pytest.mark.parametrize("dtype", [*INTEGERS, *FLOATS])
def test_totals_in_a_type(name, dtype, rng):
    x = rng.integers(0, 4, (3, 5)).astype("int16")
    same(getattr(pynn, name)(x, axis=1, dtype=dtype), getattr(np, name)(x, axis=1, dtype=dtype))
    assert getattr(pynn, name)(x).dtype == "int64"
    assert getattr(pynn, name)(x.astype("uint8")).dtype == "uint64"


# ---- Shapes ------------------------------------------------------------------------------------------------


@quick
@given(st.data())
def test_moved_axes_are_numpys(data):
    x = data.draw(arrays(("int8",)))
    places = st.integers(-x.ndim, x.ndim - 1)
    count = data.draw(st.integers(0, x.ndim))
    unique = partial(st.lists, places, min_size=count, max_size=count, unique_by=lambda a: a % x.ndim)
    source, destination = tuple(data.draw(unique())), tuple(data.draw(unique()))
    same(pynn.moveaxis(x, source, destination), np.moveaxis(x, source, destination))


def test_moved_axes_fit():
    x = pynn.ones((2, 3))
    with pytest.raises(pynn.ShapeError, match=r"^moveaxis: moves 2 axes to 1 places$"):
        pynn.moveaxis(x, (0, 1), 0)
    with pytest.raises(pynn.ShapeError, match=r"^moveaxis: axis 1 is given twice$"):
        pynn.moveaxis(x, (0, 1), (1, -1))


def test_unstacked_slices_are_views():
    x = pynn.reshape(pynn.arange(6), (2, 3))
    parts = pynn.unstack(x, axis=1)
    assert [part.tolist() for part in parts] == [[0, 3], [1, 4], [2, 5]]
    assert all(np.shares_memory(part.numpy(), x.numpy()) for part in parts)
    assert pynn.unstack(pynn.ones((0, 3))) == ()
    check_grad(lambda x: pynn.unstack(x, axis=-1)[1], np.ones((2, 3)), order=2)


def test_reshape_copies_when_told_to():
    x = pynn.reshape(pynn.arange(6), (2, 3))
    for copy, shared in ((None, True), (False, True), (True, False)):
        assert np.shares_memory(pynn.reshape(x, (3, 2), copy=copy).numpy(), x.numpy()) is shared
    assert not np.shares_memory(pynn.reshape(x, x.shape, copy=True).numpy(), x.numpy())
    whole = "reshape: copy=False, but the strides of x allow no view of this shape"
    with pytest.raises(ValueError, match=f"^{re.escape(whole)}$"):
        pynn.reshape(x.T, (6,), copy=False)


def test_astype_copies_unless_told_not_to():
    x = pynn.ones((2,))
    assert not np.shares_memory(pynn.astype(x, "float32").numpy(), x.numpy())
    assert np.shares_memory(pynn.astype(x, "float32", copy=False).numpy(), x.numpy())


@quick
@given(st.data())
def test_diagonals_are_numpys(data):
    shape = data.draw(npst.array_shapes(min_dims=2, max_dims=4, min_side=0, max_side=4))
    x, offset = np.arange(np.prod(shape)).reshape(shape), data.draw(st.integers(-6, 6))
    same(pynn.linalg.diagonal(x, offset=offset), np.diagonal(x, offset, -2, -1))
    same(pynn.linalg.trace(x, offset=offset), np.asarray(np.trace(x, offset, -2, -1)))
    assert np.shares_memory(pynn.linalg.diagonal(pynn.asarray(x), offset=offset).numpy(), x) or x.size == 0 or (
        np.diagonal(x, offset, -2, -1).size == 0
    )  # fmt: skip


def test_an_axis_that_is_not_there_is_also_an_index_error():
    for error in (IndexError, ValueError, pynn.ShapeError, pynn.AxisError):
        with pytest.raises(
            error, match=r"^expand_dims: axis 4 is out of range for a tensor with 3 dimensions$"
        ):
            pynn.expand_dims(pynn.ones((2, 2)), axis=4)


def test_a_mask_without_elements_chooses_nothing():
    x = pynn.ones((3, 2))
    assert x[pynn.zeros((0,), dtype="bool")].shape == (0, 2)
    assert x[pynn.zeros((3, 0), dtype="bool")].shape == (0,)
    with pytest.raises(
        IndexError,
        match=r"^a boolean mask of shape \(2,\) does not fit axis 0 of shape \(3, 2\): it needs 3 values there, not 2$",
    ):
        x[pynn.zeros((2,), dtype="bool")]


# ---- Special values ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", FLOATS)
def test_the_next_number_is_exact(dtype, isa):
    info = np.finfo(dtype)
    values = np.array(
        [0, -0.0, 1, -1, info.max, -info.max, info.tiny, info.smallest_subnormal, np.inf, -np.inf, np.nan],
        dtype,
    )
    a, b = (v.copy() for v in np.meshgrid(values, values))
    with np.errstate(over="ignore"):
        found, expected = pynn.nextafter(a, b).numpy(), np.nextafter(a, b)
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(np.signbit(found), np.signbit(expected))


@pytest.mark.parametrize("dtype", FLOATS)
def test_signs_are_exact(dtype, isa):
    values = np.array([0, -0.0, 2, -2, np.inf, -np.inf, np.nan, -np.nan], dtype)
    a, b = (v.copy() for v in np.meshgrid(values, values))
    np.testing.assert_array_equal(pynn.signbit(values).numpy(), np.signbit(values))
    np.testing.assert_array_equal(np.signbit(pynn.copysign(a, b).numpy()), np.signbit(b))
    np.testing.assert_array_equal(np.abs(pynn.copysign(a, b).numpy()), np.abs(a))
    assert not np.signbit(pynn.sign(values).numpy()[1])  # the sign of -0 is 0


@pytest.mark.parametrize("dtype", FLOATS)
def test_a_quotient_of_infinities_is_rounded_down_as_it_is(dtype, isa):
    inf = np.inf
    cases = [
        (inf, 2, inf), (inf, -2, -inf), (-inf, 2, -inf), (-inf, -2, inf), (2, inf, 0), (2, -inf, -0.0),
        (-2, inf, -0.0), (-2, -inf, 0), (0, 3, 0), (-0.0, 3, -0.0), (-0.0, -3, 0), (1, 0, inf), (-1, 0, -inf),
        (inf, inf, np.nan), (0, 0, np.nan), (np.nan, 1, np.nan), (1, np.nan, np.nan), (-7, 2, -4), (7, -2, -4),
    ]  # fmt: skip
    a, b, expected = np.array(cases, dtype).T
    found = pynn.floor_divide(a, b).numpy()
    np.testing.assert_array_equal(found, expected)
    known = ~np.isnan(expected)
    np.testing.assert_array_equal(np.signbit(found)[known], np.signbit(expected)[known])


@pytest.mark.parametrize("dtype", UNSIGNED)
def test_unsigned_numbers_wrap_when_negated(dtype):
    x = np.array([0, 1, 5, np.iinfo(dtype).max], dtype)
    same(pynn.negative(x), np.negative(x))
    same(-pynn.asarray(x), np.negative(x))


def test_positive_copies():
    x = pynn.asarray([1.0, -2.0])
    y = pynn.positive(x)
    assert y.tolist() == x.tolist()
    assert not np.shares_memory(y.numpy(), x.numpy())
    with pytest.raises(pynn.DtypeError, match=r"^positive is not defined for bool$"):
        pynn.positive(True)


def test_pow_is_power(rng):
    a, b = rng.uniform(0.5, 2, (3, 4)), rng.uniform(-1, 1, (4,))
    np.testing.assert_array_equal(pynn.pow(a, b).numpy(), pynn.power(a, b).numpy())


# ---- Derivatives -------------------------------------------------------------------------------------------

DERIVATIVES = {
    "cumulative_prod": partial(pynn.cumulative_prod, axis=1),
    "cumulative_prod with a start": partial(pynn.cumulative_prod, axis=0, include_initial=True),
    "cumulative_sum with a start": partial(pynn.cumulative_sum, axis=1, include_initial=True),
    "diff": lambda x: pynn.diff(x, axis=0, n=2, prepend=x),
    "sum in float64": partial(pynn.sum, axis=0, dtype="float64"),
    "unique_values": pynn.unique_values,
    "moveaxis": lambda x: pynn.moveaxis(x, (0, 1), (1, 0)),
    "reshape": lambda x: pynn.reshape(x, (-1,), copy=True),
    "positive": pynn.positive,
    "fftshift": pynn.fft.fftshift,
}


@pytest.mark.parametrize("name", DERIVATIVES)
def test_derivatives(name, rng):
    check_grad(DERIVATIVES[name], rng.uniform(-2, 2, (3, 4)), order=2)


def test_a_running_product_through_zeros_has_its_derivative():
    x = np.array([[2.0, 0, 3, 0, 4], [0, 1, 1, 1, 1]])
    check_grad(partial(pynn.cumulative_prod, axis=1), x, order=2)
