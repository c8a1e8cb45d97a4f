"""x[...] read and assigned, against NumPy. Its gradients: test_indexing_gradients.py."""

import re

import numpy as np
import pytest
from errors import raises
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import pynn

BASE = np.arange(120.0).reshape(4, 5, 6)
COLUMN = np.array([[0], [2], [1]])
MASK = np.arange(18).reshape(3, 2, 3) % 3 == 0
ROW_MASK = np.array([[True, False], [False, False], [True, True]])

# For shape (4, 5, 6).
BASIC = [
    0, -1, np.int64(1), (), ..., None, (0, 1), (..., 0), (0, ..., -1), (1, 1, 1), (1, 1, 1, ...), slice(None),
    slice(1, 3), slice(None, None, -1), slice(-1, 0, -2), slice(10, 20), slice(3, 1), slice(-100, 100),
    slice(None, None, 100), slice(2**70, None, -(2**70)), (slice(0), 1), (slice(1, None), None, 2),
    (None, ..., None), (None, None, 0, None), (slice(None, None, 2), slice(None, None, -2), slice(1, -1)),
]  # fmt: skip
# For shape (3, 2, 3).
ADVANCED = [
    [0, 2, 2], [], [[0, 1], [1, 0]], np.array([[-1], [-2]]), np.array([2, 0], np.uint8),
    np.zeros((0, 3), int), np.array(1), (0, [1, 0]), ([0, 1], 0), ([0, 1], [1, 0]), (COLUMN, [0, 1]),
    (0, 1, [0, 1]), ([0], 1, 0), (np.array([2]), np.array([1]), np.array([0])), (np.array(1), [0, 1]),
    (np.array([], int), slice(None)), (slice(None), [1, 0]), (slice(None), [1, 0], [0, 2]),
    (slice(None), COLUMN % 2, [0, 2]), ([0, 1], slice(None), [1, 0]), (0, slice(None), [1, 0]),
    ([1, 0], slice(None), 0), (COLUMN, ..., [0, 2]), (..., [1, 0]), ([1, 0], ...), ([0, 1], ..., [1, 0]),
    ([0, 1], ..., [1, 0], 0), ([0, 1], None, [1, 0]), (None, [0, 1], [1, 0]), (slice(None), None, [0, 1]),
    (slice(1, None), [1, 1], slice(None, None, -1)), [True, False, True], (slice(None), [True, False]),
    ([True, False, True], [0, 1]), (slice(None), np.zeros(2, bool)), MASK, ROW_MASK, (ROW_MASK, 0),
    (ROW_MASK, [0, 1, 2]), (ROW_MASK, slice(None, None, -1)), np.zeros((3, 2), bool), True, False,
    np.bool_(True), (True, 0), (slice(None), True), (0, True, [0, 1]), (True, ..., [0, 1]),
]  # fmt: skip


def text(index) -> str:
    return re.sub(r"\s+", "", str(index))


def check_read(a, index):
    expected = a[index]
    y = pynn.asarray(a)[index]
    assert y.shape == expected.shape
    assert np.array_equal(y, expected)


def check_assignment(a, index, value):
    """In place, so that the layout stays; then a is as it was."""
    before, x = a.copy(), pynn.asarray(a)
    expected = a.copy()
    expected[index] = value
    x[index] = value
    assert np.array_equal(a, expected)
    a[...] = before


def layouts(shape):
    """The same numbers in four layouts."""
    a = np.arange(np.prod(shape, dtype=float)).reshape(shape)
    room = np.zeros([2 * n for n in shape])
    sliced = room[tuple(slice(None, None, 2) for _ in shape)]
    sliced[...] = a
    return [a, np.asfortranarray(a), a[::-1, :, ::-1].copy()[::-1, :, ::-1], sliced]


@pytest.mark.parametrize("index", BASIC, ids=text)
def test_basic_indices_make_views(index):
    for a in layouts((4, 5, 6)):
        check_read(a, index)
        y, expected = pynn.asarray(a)[index], np.asarray(a[index])
        if y.size > 0:
            assert np.shares_memory(y.numpy(), a)
            assert all(s == t for s, t, n in zip(y.strides, expected.strides, y.shape, strict=True) if n > 1)


@pytest.mark.parametrize("index", ADVANCED, ids=text)
def test_advanced_indices_copy(index):
    for a in layouts((3, 2, 3)):
        check_read(a, index)
        assert (isinstance(index, np.ndarray) and index.ndim == 0) or not np.shares_memory(
            pynn.asarray(a)[index].numpy(), a
        )


@pytest.mark.parametrize("index", ADVANCED, ids=text)
def test_advanced_assignment(index):
    for a in layouts((3, 2, 3)):
        check_assignment(a, index, -1)
        check_assignment(a, index, 100 + np.arange(a[index].size).reshape(a[index].shape))


@pytest.mark.parametrize("index", BASIC, ids=text)
def test_basic_assignment(index):
    for a in layouts((4, 5, 6)):
        check_assignment(a, index, -1)
        check_assignment(a, index, 1000 + np.arange(a[index].size).reshape(a[index].shape))


shapes = hnp.array_shapes(min_dims=1, max_dims=5, min_side=0, max_side=4)
full_shapes = hnp.array_shapes(min_dims=1, max_dims=4, min_side=1, max_side=4)


def filled(shape):
    return np.arange(np.prod(shape, dtype=int), dtype=np.float32).reshape(shape)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.data())
def test_any_basic_index(data):
    a = filled(data.draw(shapes))
    index = data.draw(hnp.basic_indices(a.shape, allow_newaxis=True, max_dims=8))
    check_read(a, index)
    check_assignment(a, index, -1)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.data())
def test_any_integer_arrays(data):
    a = filled(data.draw(full_shapes))
    index = data.draw(
        hnp.integer_array_indices(a.shape, result_shape=hnp.array_shapes(min_dims=0, max_dims=3, min_side=0))
    )
    check_read(a, index)
    check_assignment(a, index, -1)


@st.composite
def mixed_indices(draw, shape):
    """Integers, slices, None, an ellipsis, arrays that broadcast, masks of several axes, in any order."""
    items, axis, count = [], 0, draw(st.integers(1, 3))
    kinds = ["integer", "slice", "array", "array", "mask", "new", "ellipsis", "end"]
    while axis < len(shape):
        kind, n = draw(st.sampled_from(kinds)), shape[axis]
        if kind == "integer":
            items.append(draw(st.integers(-n, n - 1)))
            axis += 1
        elif kind == "slice":
            items.append(draw(st.slices(n)))
            axis += 1
        elif kind == "array":
            size = draw(st.sampled_from([(), (1,), (count,), (2, 1), (2, count)]))
            items.append(draw(hnp.arrays(np.int64, size, elements=st.integers(-n, n - 1))))
            axis += 1
        elif kind == "mask":  # as many true elements as the arrays have, so that they broadcast
            dims = draw(st.integers(0, len(shape) - axis))
            size = int(np.prod(shape[axis : axis + dims], dtype=int))
            mask = np.zeros(size, bool)
            mask[draw(st.permutations(range(size)))[: count if count <= size else 1]] = True
            items.append(mask.reshape(shape[axis : axis + dims]))
            axis += dims
        elif kind == "new":
            items.append(None)
        elif kind == "ellipsis":  # what follows must reach the last axis
            items.append(...)
            axis += draw(st.integers(0, len(shape) - axis))
            kinds = ["integer", "slice", "array", "mask", "new"]
        else:
            break
    return tuple(items)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.data())
def test_any_mixed_index(data):
    a = filled(data.draw(full_shapes))
    index = data.draw(mixed_indices(a.shape))
    check_read(a, index)
    check_read(a.T[..., ::-1], data.draw(mixed_indices(a.T.shape)))
    check_assignment(a, index, -1)
    if len(set(filled(a.shape)[index].ravel())) == a[index].size:  # repeated targets have no one right value
        check_assignment(a, index, 100 + np.arange(a[index].size).reshape(a[index].shape))


def test_indices_may_be_tensors():
    a = np.arange(12.0).reshape(4, 3)
    x = pynn.asarray(a)
    assert np.array_equal(x[pynn.asarray([1, 0])], a[[1, 0]])
    assert np.array_equal(x[pynn.asarray(2)], a[2])
    assert np.array_equal(x[x > 5], a[a > 5])
    assert np.array_equal(x[:, pynn.asarray([True] * 3)], a)


def test_assigned_values_are_broadcast_and_converted():
    x = pynn.zeros((2, 3))
    x[:, 1] = pynn.asarray([[1], [2]])[:, 0]
    x[[0, 1], 0] = 7
    x[:, [2]] = np.array([[8.0], [9.0]])
    assert x.tolist() == [[7, 1, 8], [7, 2, 9]]
    y = pynn.zeros(2, dtype="float64")
    y[...] = [0.1, 0.2]
    assert y.tolist() == [0.1, 0.2]
    z = pynn.zeros(3, dtype="bool")
    z[1:] = 2
    assert z.tolist() == [False, True, True]


def test_assignment_of_overlapping_memory():
    a = np.arange(12.0)
    x, expected = pynn.array(a), a.copy()
    x[[0, 1, 2]] = x[1:4]
    expected[[0, 1, 2]] = expected[1:4].copy()
    x[::-1] = x
    assert np.array_equal(x, expected[::-1])


def test_the_last_of_repeated_targets_wins():
    x = pynn.zeros(3)
    x[[0, 1, 0, 0]] = [1, 2, 3, 4]
    assert x.tolist() == [4, 2, 0]


def test_in_place_through_an_index():
    x = pynn.asarray(np.zeros((2, 3)))
    x[0] += 1
    x[:, [0, 0]] += 1  # repeated: written, not added up, as NumPy's
    x[x > 1.5] *= 10
    assert x.tolist() == [[20, 1, 1], [1, 0, 0]]


CONVERT = "; convert: i.astype('int64'), or compare: i > 0"
ERRORS = [
    (3, IndexError, "index 3 is out of range for axis 0 with size 3"),
    (-4, IndexError, "index -4 is out of range for axis 0 with size 3"),
    ((0, 4), IndexError, "index 4 is out of range for axis 1 with size 4"),
    ((..., 9), IndexError, "index 9 is out of range for axis 1 with size 4"),
    ((slice(None), [0, 5]), IndexError, "index 5 is out of range for axis 1 with size 4"),
    ((None, [[-5]]), IndexError, "index -5 is out of range for axis 0 with size 3"),
    ((0, 0, 0), IndexError, "too many indices: 3 for a tensor with 2 dimensions, shape (3, 4)"),
    ((..., ...), IndexError, "an index can hold only one ellipsis (...)"),
    (
        [True, False],
        IndexError,
        "a boolean mask of shape (2,) does not fit axis 0 of shape (3, 4): it needs 3 values there, not 2",
    ),
    (
        np.zeros((3, 5), bool),
        IndexError,
        "a boolean mask of shape (3, 5) does not fit axis 1 of shape (3, 4): it needs 4 values there, not 5",
    ),
    (
        np.zeros((3, 4, 1), bool),
        IndexError,
        "too many indices: 3 for a tensor with 2 dimensions, shape (3, 4)",
    ),
    (1.0, IndexError, "a tensor is indexed by integers or booleans, not by float32; write int(...)"),
    ([0.5], IndexError, "a tensor is indexed by integers or booleans, not by float32" + CONVERT),
    (
        pynn.zeros(2, dtype="float64"),
        IndexError,
        "a tensor is indexed by integers or booleans, not by float64" + CONVERT,
    ),
    (slice(None, None, 0), ValueError, "slice step cannot be zero"),
    (
        ([0, 1], [0, 1, 2]),
        pynn.ShapeError,
        "index arrays: shapes (2,) and (3,) do not broadcast: axis -1 is 2 and 3",
    ),
    ((None,) * 31, pynn.ShapeError, "a tensor has at most 32 dimensions"),
    (
        "a",
        TypeError,
        "a tensor is indexed by integers, slices, None, ... and integer or boolean arrays, not by str",
    ),
    (slice(1.5), TypeError, "the bounds of a slice are integers or None, got 1.5; write int(...)"),
]


@pytest.mark.parametrize(("index", "error", "message"), ERRORS, ids=[e[2] for e in ERRORS])
def test_errors(index, error, message):
    x = pynn.zeros((3, 4))
    with raises(error, message):
        x[index]
    with raises(error, message):
        x[index] = 1
    assert not x.numpy().any()


def test_indices_into_nothing():
    for x in pynn.zeros((0, 2)), pynn.zeros((3, 4))[:0, ::2]:
        with raises(IndexError, "index 0 is out of range for axis 0 with size 0"):
            x[0]
        assert x[:, 0].shape == (0,)
        assert x[[]].shape == (0, 2)
        assert x[:, [1, 0, 0]].shape == (0, 3)
    with raises(IndexError, "too many indices: 1 for a tensor with 0 dimensions, shape ()"):
        pynn.asarray(1.0)[0]
    assert pynn.zeros((1, 3, 4))[:1, :0, ::2][0].shape == (0, 2)


def test_errors_of_assignment():
    x = pynn.zeros((3, 4))
    for index, shape in (0, "(4,)"), ([0, 1], "(2, 4)"), (slice(2), "(2, 4)"):
        with raises(pynn.ShapeError, f"assignment: a value of shape (3,) does not fit into shape {shape}"):
            x[index] = [1, 2, 3]
    with raises(pynn.ShapeError, "assignment: a value of shape (2,) does not fit into shape (1,)"):
        x[0, :1] = [1, 2]
    i = pynn.zeros(3, dtype="uint8")
    for value, kind in (1.5, "float32"), (np.zeros(3), "float64"):
        message = f"assignment: a value of type {kind} does not fit into a tensor of uint8; "
        message += "convert one with astype()"
        with raises(pynn.DtypeError, message):
            i[...] = value
        with raises(pynn.DtypeError, message):
            i[[0, 1, 2]] = value
    with raises(ValueError, "assignment: 300 does not fit uint8"):
        i[0] = 300
    assert not x.numpy().any()
