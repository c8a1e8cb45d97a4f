"""Operators with tensors, Python numbers, NumPy scalars and arrays; in place: overlap, read-only, dtypes."""

import operator

import numpy as np
import pytest
from errors import raises

import pynn

ARITHMETIC = [
    operator.add,
    operator.sub,
    operator.mul,
    operator.truediv,
    operator.floordiv,
    operator.mod,
    operator.pow,
]
BITWISE = [operator.and_, operator.or_, operator.xor, operator.lshift, operator.rshift]
COMPARISONS = [operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge]
IN_PLACE = [
    operator.iadd,
    operator.isub,
    operator.imul,
    operator.itruediv,
    operator.ifloordiv,
    operator.imod,
    operator.ipow,
]


def same(x, expected, dtype):
    assert type(x) is pynn.Tensor
    assert x.dtype == dtype
    assert x.shape == np.shape(expected)
    np.testing.assert_allclose(x.numpy(), expected, rtol=1e-6)


FLOATS = np.array([[1.5, -2.25, 3.0], [0.5, 4.0, -1.0]], np.float32)
INTS = np.array([[1, -2, 3], [7, 4, -1]], np.int32)


@pytest.mark.parametrize(
    "other", [2, 2.5, True, np.float32(2.5), np.float64(2.5), np.int8(2), np.bool_(True)]
)
@pytest.mark.parametrize("op", ARITHMETIC + COMPARISONS)
def test_floats_with_numbers_on_either_side(op, other):
    dtype = "bool" if op in COMPARISONS else "float32"
    a = np.abs(FLOATS) if op is operator.pow else FLOATS
    number = other.item() if isinstance(other, np.generic) else other
    same(op(pynn.asarray(a), other), op(a, np.float32(number)), dtype)
    same(op(other, pynn.asarray(a)), op(np.float32(number), a), dtype)


@pytest.mark.parametrize("other", [2, np.int8(2), np.int64(2), np.uint64(2)])
@pytest.mark.parametrize("op", [o for o in ARITHMETIC if o is not operator.truediv] + COMPARISONS + BITWISE)
def test_integers_with_numbers_on_either_side(op, other):
    dtype = "bool" if op in COMPARISONS else "int32"
    a = np.abs(INTS) if op in (operator.pow, operator.lshift, operator.rshift) else INTS
    same(op(pynn.asarray(a), other), op(a, np.int32(2)), dtype)
    same(op(other, pynn.asarray(a)), op(np.int32(2), a), dtype)


@pytest.mark.parametrize("dtype", ["float32", "float64", "int32"])
@pytest.mark.parametrize("op", ARITHMETIC + COMPARISONS)
def test_numpy_arrays_on_either_side(op, dtype):
    a, b = np.array([[4, 1, 3]], dtype), np.array([[2], [5]], dtype)
    out = "bool" if op in COMPARISONS else "float32" if op is operator.truediv and dtype == "int32" else dtype
    same(op(pynn.asarray(a), b), op(a, b), out)
    same(op(a, pynn.asarray(b)), op(a, b), out)
    same(op(pynn.asarray(a), pynn.asarray(b)), op(a, b), out)
    same(op(np.asarray(a[0, 0]), pynn.asarray(b)), op(a[0, 0], b), out)


@pytest.mark.parametrize("op", BITWISE)
def test_bitwise_with_numpy_arrays(op):
    a, b = np.array([12, 10, 7]), np.array([1, 2, 3])
    same(op(pynn.asarray(a), b), op(a, b), "int64")
    same(op(a, pynn.asarray(b)), op(a, b), "int64")


def test_lists_on_either_side():
    x = pynn.asarray([1.0, 2.0])
    same(x - [1, 2], [0, 0], "float32")
    same([1, 2] - x, [0, 0], "float32")
    same(x * [0.1, 0.2], [0.1, 0.4], "float32")


def test_lists_of_python_floats_keep_the_precision_of_float64():
    x = pynn.ones(2, dtype="float64")
    assert (x * [0.1, 0.2]).tolist() == [0.1, 0.2]
    x += [0.1, 0.2]
    assert x.tolist() == [1.1, 1.2]
    assert (pynn.asarray([1, 2]) * [0.5, 0.5]).dtype == "float32"


def test_unary_operators():
    x = pynn.asarray(FLOATS)
    same(-x, -FLOATS, "float32")
    same(+x, FLOATS, "float32")
    same(abs(x), np.abs(FLOATS), "float32")
    same(~pynn.asarray(INTS), ~INTS, "int32")
    same(~pynn.asarray([True, False]), [False, True], "bool")


def test_matmul_operator():
    a, b = np.arange(6.0).reshape(2, 3), np.arange(12.0).reshape(3, 4)
    for product in (
        pynn.asarray(a) @ pynn.asarray(b),
        pynn.asarray(a) @ b,
        a @ pynn.asarray(b),
        a.tolist() @ pynn.asarray(b),
    ):
        same(product, a @ b, "float64")


def test_squares():
    same(pynn.asarray(FLOATS) ** 2, FLOATS**2, "float32")
    same(pynn.asarray(INTS) ** 2, INTS**2, "int32")
    same(pynn.asarray([True, False]) ** 2, [1, 0], "int64")
    assert (pynn.asarray(FLOATS) ** 2.0).tolist() == (FLOATS**2).tolist()


@pytest.mark.parametrize("other", [None, "text", object(), {}, 1j, b"x", np.str_("x")])
def test_what_is_no_number_is_unequal(other):
    x = pynn.asarray([1, 2])
    assert (x == other) is False
    assert (x != other) is True
    assert (other == x) is False
    for op in (operator.lt, operator.add, operator.matmul, operator.and_, operator.iadd):
        with pytest.raises(TypeError):
            op(x, other)


def test_operators_name_both_types_in_errors():
    with raises(TypeError, "unsupported operand type(s) for +: 'pynn._core.Tensor' and 'str'"):
        pynn.zeros(2) + "a"
    with raises(TypeError, "'<' not supported between instances of 'pynn._core.Tensor' and 'NoneType'"):
        _ = pynn.zeros(2) < None
    with raises(pynn.ShapeError, "add: shapes (2, 3) and (4,) do not broadcast: axis -1 is 3 and 4"):
        pynn.zeros((2, 3)) + pynn.zeros(4)


def test_python_integers_must_fit():
    for x in (pynn.zeros(2, dtype="int8") + 127, 127 + pynn.zeros(2, dtype="int8")):
        same(x, [127, 127], "int8")
    with raises(ValueError, "add: 128 does not fit int8"):
        pynn.zeros(2, dtype="int8") + 128
    with raises(ValueError, "subtract: -1 does not fit uint64"):
        pynn.zeros(2, dtype="uint64") - -1
    with raises(ValueError, f"multiply: {2**63} does not fit int64"):
        pynn.zeros(2, dtype="int64") * 2**63
    same(pynn.zeros(2) + 2**80, [2.0**80] * 2, "float32")
    same(pynn.zeros(2, dtype="uint64") + 2**63, np.full(2, 2**63, "uint64"), "uint64")


# ---- In place ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("op", IN_PLACE)
@pytest.mark.parametrize("other", [2, np.float64(2), np.array([[2.0], [3.0]]), [3.0, 4.0, 5.0]])
def test_in_place(op, other):
    a = np.array([[4.0, 1, 3], [2, 5, 6]])
    x = pynn.array(a)
    before = x
    y = op(x, other)
    assert y is before
    np.testing.assert_allclose(x.numpy(), op(a, np.asarray(other)))


@pytest.mark.parametrize(
    "op", [operator.iand, operator.ior, operator.ixor, operator.ilshift, operator.irshift]
)
def test_in_place_bitwise(op):
    a = np.array([12, 10, 7])
    x = pynn.array(a)
    op(x, pynn.asarray([1, 2, 3]))
    assert np.array_equal(x, op(a, np.array([1, 2, 3])))


VIEWS = {
    "slice": lambda x: x[1:],
    "steps": lambda x: x[::2, ::-3],
    "transposed": lambda x: x.T,
    "row": lambda x: x[2],
    "reversed": lambda x: x[::-1, ::-1],
    "new axis": lambda x: x[:, None],
    "empty": lambda x: x[2:2],
}


@pytest.mark.parametrize("name", VIEWS)
def test_in_place_through_views(name):
    a = np.arange(20.0).reshape(4, 5)
    x = pynn.array(a)
    u, v = VIEWS[name](a), VIEWS[name](x)
    u += 10
    u *= u
    v += 10
    v *= v
    assert np.array_equal(x, a)


def test_in_place_through_one_element():
    x = pynn.zeros((2, 2))
    one = x[1, 0]
    one += 5
    assert x.tolist() == [[0, 0], [5, 0]]


OVERLAPS = {
    "forward": lambda x: (x[1:], x[:-1]),
    "backward": lambda x: (x[:-1], x[1:]),
    "reversed": lambda x: (x, x[::-1]),
    "far": lambda x: (x[60:], x[:-60]),
    "itself": lambda x: (x, x),
    "apart": lambda x: (x[:50], x[50:100]),
    "interleaved": lambda x: (x[::2], x[1::2]),
    "broadcast": lambda x: (x, x[:1]),
}


@pytest.mark.parametrize("shared", ["tensors", "numpy"])
@pytest.mark.parametrize("name", OVERLAPS)
def test_overlapping_memory(name, shared):
    a = np.arange(200.0)
    b = a.copy()
    to, by = OVERLAPS[name](a)
    to += by
    x, other = pynn.asarray(b), pynn.asarray(b) if shared == "tensors" else b
    v, w = OVERLAPS[name](x)[0], OVERLAPS[name](other)[1]
    v += w
    assert np.array_equal(x, a)
    # The same for assignment.
    to, by = OVERLAPS[name](a)
    to[...] = by
    v[...] = OVERLAPS[name](other)[1]
    assert np.array_equal(x, a)


def test_one_axis_overlapping_the_transposed():
    a = np.arange(2500.0).reshape(50, 50)
    x = pynn.array(a)
    x += x.T
    assert np.array_equal(x, a + a.T)
    x[...] = x.T[::-1]
    assert np.array_equal(x, (a + a.T).T[::-1])


def test_read_only_memory_is_not_written():
    a = np.zeros(3)
    a.flags.writeable = False
    x = pynn.asarray(a)
    for change in (lambda: x.__iadd__(1), lambda: x[1:].__iadd__(1)):
        with raises(
            ValueError,
            "add in place on a read-only tensor (it shares memory that nobody may write); use x.copy()",
        ):
            change()
    for index in (0, slice(None), ..., [0, 1], np.array([True, False, False])):
        with raises(
            ValueError,
            "assignment in place on a read-only tensor (it shares memory that nobody may write); use x.copy()",
        ):
            x[index] = 1
    assert a.tolist() == [0, 0, 0]
    y = x.copy()
    y += 1
    assert y.tolist() == [1, 1, 1]


def test_broadcast_views_are_not_written():
    base = pynn.zeros(3)
    x = pynn.broadcast_to(base, (2, 3))
    with raises(ValueError, "add in place on a broadcast view, whose elements share memory; use x.copy()"):
        x += 1
    for index in (0, [0], (0, [1]), ..., np.ones((2, 3), bool)):
        with raises(
            ValueError, "assignment in place on a broadcast view, whose elements share memory; use x.copy()"
        ):
            x[index] = 1
    assert base.tolist() == [0, 0, 0]
    assert not x.numpy().flags.writeable
    y = pynn.broadcast_to(base, (1, 3))  # nothing is repeated
    y += 1
    assert base.tolist() == [1, 1, 1]


def test_in_place_results_must_fit():
    x = pynn.zeros(3, dtype="int32")
    for other, kind in (1.5, "float32"), (pynn.zeros(3, dtype="float64"), "float64"):
        with raises(
            pynn.DtypeError, f"add in place: the result is {kind} and does not fit a tensor of int32"
        ):
            x += other
    with raises(pynn.DtypeError, "divide in place: the result is float32 and does not fit a tensor of int32"):
        x /= 2
    with raises(
        pynn.ShapeError, "add: (2, 3) does not broadcast to (3,), the shape of the tensor changed in place"
    ):
        x += pynn.zeros((2, 3), dtype="int32")
    with raises(pynn.ShapeError, "add: shapes (3,) and (2,) do not broadcast: axis -1 is 3 and 2"):
        x += pynn.zeros(2, dtype="int32")
    assert x.tolist() == [0, 0, 0]
    x += pynn.asarray([1, 2, 3])  # int64 into int32 is the same kind
    assert (x.dtype, x.tolist()) == (pynn.int32, [1, 2, 3])


def test_tracked_tensors_are_not_changed_in_place():
    x = pynn.tensor([1.0, 2.0], requires_grad=True)
    message = (
        " in place on a tensor that the tape tracks; make a new tensor instead (x = x + y), "
        "or work inside `with pynn.no_grad()`"
    )
    y = x * 2
    for t in (x, y, y[1:]):
        with raises(pynn.GradientError, "add" + message):
            t += 1
        for index in (0, [0], ...):
            with raises(pynn.GradientError, "assignment" + message):
                t[index] = 0
    with pynn.no_grad():
        x += 1
    assert x.tolist() == [2, 3]


def test_gradients_are_not_lost_in_place():
    x, y = pynn.zeros(2), pynn.tensor([1.0, 2.0], requires_grad=True)
    message = (
        " in place with a value that the tape tracks would lose its gradient; make a new tensor instead "
        "(x = x + y), or use y.detach()"
    )
    with raises(pynn.GradientError, "add" + message):
        x += y
    for index in (..., [0, 1]):
        with raises(pynn.GradientError, "assignment" + message):
            x[index] = y
    x += y.detach()
    x[0] = y[0].detach()
    assert x.tolist() == [1, 2]


def test_numpy_arrays_give_way_in_place():
    a = np.ones(2)
    a += pynn.ones(2)  # NumPy leaves the work to the tensor, as for a + x
    assert type(a) is pynn.Tensor
