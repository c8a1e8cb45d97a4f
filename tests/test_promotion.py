"""The type and the shape of a result: promotion, weak numbers, broadcasting."""

import itertools
import re

import numpy as np
import pytest
from rows import BINARY, DTYPES, FLOATS, HALVES, SIGNED, UNSIGNED

import pynn

INTEGERS = (*SIGNED, *UNSIGNED)


def kind(dtype):
    return "float" if dtype in (*HALVES, *FLOATS) else "bool" if dtype == "bool" else "integer"


def promoted(a, b):
    """The array API's table, but an integer that meets a float takes its type. None where there is none."""
    kinds = {kind(a), kind(b)}
    if a == b:
        return a
    if "float" in kinds and len(kinds) == 2:
        return a if kind(a) == "float" else b
    if "bfloat16" in (a, b):
        return "float32" if "float16" in (a, b) else (a if b == "bfloat16" else b)
    if "uint64" in (a, b) and (a in SIGNED or b in SIGNED):
        return None
    return str(np.result_type(a, b))


@pytest.mark.parametrize(("a", "b"), list(itertools.product(DTYPES, DTYPES)))
def test_promotion_of_two_types(a, b):
    x, y = pynn.ones((2,), dtype=a), pynn.ones((2,), dtype=b)
    expected = promoted(a, b)
    if expected is None:
        signed = a if a in SIGNED else b
        for op in ("add", "where", "result_type", "equal"):
            whole = f"{op}: no integer type holds both {signed} and uint64; convert one with astype()"
            arguments = {"where": (True, x, y), "result_type": (a, b)}.get(op, (x, y))
            with pytest.raises(pynn.DtypeError, match=f"^{re.escape(whole)}$"):
                getattr(pynn, op)(*arguments)
        return
    assert pynn.result_type(a, b) == expected
    assert pynn.where(True, x, y).dtype == expected
    if expected not in (*HALVES, "bool"):
        z = pynn.add(x, y)
        assert z.dtype == expected
        assert z.tolist() == [2, 2]
        assert pynn.equal(x, y).tolist() == [True, True]


@pytest.mark.parametrize("number", [2, np.int8(2), np.int64(2), np.uint64(2)], ids=lambda n: type(n).__name__)
@pytest.mark.parametrize("dtype", [*INTEGERS, *FLOATS])
def test_integers_of_python_and_numpy_take_the_tensors_type(number, dtype):
    x = pynn.asarray([7], dtype=dtype)
    for y, value in ((x - number, 5), (pynn.subtract(x, number), 5), (pynn.maximum(number, x), 7)):
        assert y.dtype == dtype
        assert y.tolist() == [value]


@pytest.mark.parametrize(
    "number", [0.5, np.float16(0.5), np.float32(0.5), np.float64(0.5)], ids=lambda n: type(n).__name__
)
@pytest.mark.parametrize("dtype", ["bool", *INTEGERS, *FLOATS])
def test_floats_of_python_and_numpy_never_widen(number, dtype):
    x = pynn.asarray([1], dtype=dtype)
    for y in (x + number, number + x, pynn.add(number, x)):
        assert y.dtype == ("float64" if dtype == "float64" else "float32")
        assert y.tolist() == [1.5]


@pytest.mark.parametrize("dtype", ["bool", *INTEGERS, *FLOATS])
def test_booleans_take_any_type(dtype):
    x = pynn.asarray([1], dtype=dtype)
    for true in (True, np.True_):
        assert pynn.equal(x, true).tolist() == [True]
        assert pynn.where(True, true, x).dtype == dtype


def test_numbers_among_themselves():
    assert pynn.add(1, 2).dtype == "int64"
    assert pynn.add(1, 2.5).dtype == "float32"
    assert pynn.add(np.float64(1), np.float64(2)).dtype == "float32"
    assert pynn.equal(True, False).dtype == "bool"
    assert (pynn.asarray([True]) + 1).dtype == "int64"
    assert (pynn.asarray([True]) & True).dtype == "bool"


@pytest.mark.parametrize("dtype", INTEGERS)
def test_numbers_that_do_not_fit_are_refused(dtype):
    x, info = pynn.zeros((2,), dtype=dtype), np.iinfo(dtype)
    for fits in (int(info.min), int(info.max)):
        assert pynn.add(x, fits).tolist() == [fits, fits]
        assert pynn.add(fits, x).dtype == dtype
    for number in (info.min - 1, info.max + 1, 10**30, -(10**30)):
        whole = f"add: {number} does not fit {dtype}"
        for operands in ((x, number), (number, x)):
            with pytest.raises(ValueError, match=f"^{re.escape(whole)}$"):
                pynn.add(*operands)
    if dtype != "int64":
        wide = np.int64(info.min - 1) if info.min else np.int64(-1)
        with pytest.raises(ValueError, match=f"^subtract: {wide} does not fit {dtype}$"):
            x - wide


def test_floats_take_integers_of_any_size():
    assert (pynn.ones((1,)) * 10**30).tolist() == [np.float32(1e30)]
    assert (pynn.ones((1,), dtype="float64") + 2**64).tolist() == [2.0**64 + 1]
    assert (pynn.ones((1,)) < -(10**400)).tolist() == [False]
    assert pynn.asarray(2**64 - 1, dtype="uint64").item() == 2**64 - 1
    assert pynn.asarray(10**30, dtype="float64").item() == 1e30
    for whole, dtype in (("asarray: the integer 9223372036854775808 does not fit int64", None),):
        with pytest.raises(ValueError, match=f"^{whole}$"):
            pynn.asarray(2**63, dtype=dtype)


# ---- Broadcasting ------------------------------------------------------------------------------------------

SHAPES = [
    ((), (3,)),
    ((1,), ()),
    ((2, 3), (3,)),
    ((2, 1), (1, 3)),
    ((4, 1, 3), (5, 1)),
    ((0,), (1,)),
    ((3, 1), (1, 0)),
    ((1, 1, 1), (2,)),
    ((2, 0, 3), ()),
]


@pytest.mark.parametrize(("m", "n"), SHAPES)
def test_broadcasting(m, n, isa, rng):
    a, b = rng.uniform(1, 2, m), rng.uniform(1, 2, n)
    for x, y in ((a, b), (b, a)):
        z = pynn.subtract(x, y)
        assert z.shape == np.broadcast_shapes(m, n)
        np.testing.assert_array_equal(z.numpy(), x - y)
        np.testing.assert_array_equal(pynn.where(x > y, x, y).numpy(), np.maximum(x, y))
        np.testing.assert_array_equal(pynn.clip(x, y, 1.9).numpy(), np.minimum(np.maximum(x, y), 1.9))


@pytest.mark.parametrize("row", BINARY, ids=lambda row: row.name)
def test_shapes_that_do_not_broadcast(row):
    dtype = row.dtypes[-1]
    for m, n, axis in (
        ((2, 3), (4,), -1),
        ((4, 3), (2, 3), -2),
        ((0,), (2,), -1),
        ((5, 1, 2), (3, 4, 2), -3),
    ):
        size = (m[axis], n[axis])
        whole = f"{row.name}: shapes {m} and {n} do not broadcast: axis {axis} is {size[0]} and {size[1]}"
        with pytest.raises(pynn.ShapeError, match=f"^{re.escape(whole)}$"):
            row.function(pynn.ones(m, dtype=dtype), pynn.ones(n, dtype=dtype))


def test_shapes_of_three_operands_that_do_not_broadcast():
    x, y, z = pynn.ones((2, 3)), pynn.ones((3,)), pynn.ones((2,))
    for op, arguments in (("clip", (x, y, z)), ("where", (x > 0, y, z))):
        first = "(2, 3)" if op == "clip" else "(3,)"
        whole = f"{op}: shapes {first} and (2,) do not broadcast: axis -1 is 3 and 2"
        whole += "; (2, 1) would: reduce with keepdims=True, or reshape" if op == "clip" else ""
        with pytest.raises(pynn.ShapeError, match=f"^{re.escape(whole)}$"):
            getattr(pynn, op)(*arguments)


# ---- In place ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [*INTEGERS, *FLOATS])
def test_in_place_keeps_memory_and_type(dtype, isa):
    base = np.arange(12, dtype=dtype).reshape(3, 4)
    x = pynn.asarray(base)[::-1, 1::2]
    x += 1
    x *= pynn.asarray([1, 2], dtype="uint8" if dtype in UNSIGNED else "int8")
    expected = np.arange(12, dtype=dtype).reshape(3, 4)
    expected[:, 1] += 1
    expected[:, 3] = (expected[:, 3] + 1) * 2
    assert x.dtype == dtype
    np.testing.assert_array_equal(base, expected)


def test_in_place_on_itself_reads_before_it_writes():
    x = pynn.asarray(np.arange(5.0))
    x += x[::-1]
    assert x.tolist() == [4.0] * 5


def test_in_place_refuses_what_does_not_fit():
    x = pynn.ones((2, 3), dtype="int32")
    for change, error, whole in (
        (
            lambda: x.__itruediv__(2),
            pynn.DtypeError,
            "divide in place: the result is float32 and does not fit a tensor of int32; "
            "convert first: x = x.astype('float32')",
        ),
        (
            lambda: x.__iadd__(pynn.ones((4, 2, 3), dtype="int32")),
            pynn.ShapeError,
            "add: (4, 2, 3) does not broadcast to (2, 3), the shape of the tensor changed in place",
        ),
        (
            lambda: pynn.broadcast_to(x, (2, 2, 3)).__imul__(2),
            ValueError,
            "multiply in place on a broadcast view, whose elements share memory; use x.copy()",
        ),
    ):
        with pytest.raises(error, match=f"^{re.escape(whole)}$"):
            change()
    assert x.tolist() == [[1] * 3] * 2
