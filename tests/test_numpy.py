"""NumPy arrays as tensors and back: shared memory, lifetimes, odd layouts, and what no tensor can hold."""

import array
import collections
import gc

import numpy as np
import pytest
from errors import raises

import pynn

DTYPES = [
    "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
    "float16", "float32", "float64",
]  # fmt: skip
HOLDS = "asarray: a tensor holds bool, int8..int64, uint8..uint64 and float16..float64, not "


def address(a) -> int:
    return a.__array_interface__["data"][0]


LAYOUTS = {
    "row-major": lambda a: a,
    "Fortran": np.asfortranarray,
    "transposed": lambda a: a.transpose(2, 0, 1),
    "sliced": lambda a: a[1:, ::2, 1],
    "reversed": lambda a: a[::-1, :, ::-2],
    "broadcast": lambda a: np.broadcast_to(a[:, :1], (2, 3, 4, 5)),
    "0-d": lambda a: a[1, 1, 1:2].reshape(()),
    "empty": lambda a: a[:, :0],
    "new axes": lambda a: a[None, :, None],
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_is_shared_both_ways(layout, dtype):
    a = LAYOUTS[layout](np.arange(60).reshape(3, 4, 5).astype(dtype))
    x = pynn.asarray(a)
    assert (x.shape, x.dtype) == (a.shape, dtype)
    assert all(s == t for s, t, n in zip(x.strides, a.strides, a.shape, strict=True) if n > 1)
    b = x.numpy()
    assert (b.shape, b.dtype) == (a.shape, a.dtype)
    assert address(a) == address(b)
    assert np.array_equal(a, b)
    assert np.shares_memory(a, b) or a.size == 0


def test_writes_are_seen_on_the_other_side():
    a = np.zeros((2, 3))
    x = pynn.asarray(a)
    a[0, 1] = 5
    assert x[0, 1].item() == 5
    x[1, 2] = 7
    assert a[1, 2] == 7
    x *= 2
    assert a.tolist() == [[0, 10, 0], [0, 0, 14]]
    b = x.T.numpy()
    b[0, 0] = 1
    assert (a[0, 0], x[0, 0].item()) == (1, 1)


def test_a_tensor_keeps_its_array_alive():
    x = pynn.asarray(np.arange(100_000.0))
    view = x[5:].reshape(-1, 5)
    del x
    gc.collect()
    np.full(100_000, -1.0)  # would take the place of freed memory
    assert view[0].tolist() == [5, 6, 7, 8, 9]


def test_an_array_keeps_its_tensor_alive():
    x = pynn.arange(100_000.0)
    a = x[::2].numpy()
    del x
    gc.collect()
    pynn.full(100_000, -1.0)
    assert a[:3].tolist() == [0, 2, 4]
    assert a[-1] == 99_998


def test_chains_of_views_let_go_of_the_array():
    class Owner(np.ndarray):
        freed = 0

        def __del__(self):
            Owner.freed += 1

    x = pynn.asarray(np.zeros(3).view(Owner))
    for _ in range(5):
        x = pynn.asarray(x.numpy())
    gc.collect()
    before = Owner.freed
    del x
    gc.collect()
    assert Owner.freed > before


def test_read_only_stays_read_only():
    a = np.zeros(3)
    a.flags.writeable = False
    assert not pynn.asarray(a).numpy().flags.writeable
    assert not pynn.asarray(a)[1:].numpy().flags.writeable
    assert pynn.asarray(a).copy().numpy().flags.writeable
    assert pynn.array(a).numpy().flags.writeable
    assert not pynn.asarray(memoryview(b"ab")).numpy().flags.writeable


@pytest.mark.parametrize("dtype", [">i2", ">f4", ">f8", ">u8", ">f2"])
def test_other_byte_orders_are_converted(dtype):
    a = np.array([[1, 2, 3], [4, 5, 6]], dtype)
    x = pynn.asarray(a[:, ::-1])
    assert x.dtype == a.dtype.newbyteorder("=").name
    assert x.tolist() == a[:, ::-1].tolist()
    x[...] = 0
    assert a[0, 0] == 1


def test_unaligned_arrays_are_converted():
    packed = np.zeros(4, np.dtype([("flag", "u1"), ("value", "f4")]))
    packed["value"] = [1, 2, 3, 4]
    x = pynn.asarray(packed["value"])  # 5 bytes apart
    assert x.tolist() == [1, 2, 3, 4]
    raw = np.frombuffer(bytearray(17), np.uint8)[1:].view("f8")
    raw[:] = [5, 6]
    assert pynn.asarray(raw).tolist() == [5, 6]
    aligned = np.zeros(3, np.dtype([("a", "f4"), ("b", "f4")]))
    y = pynn.asarray(aligned["b"])  # 8 bytes apart: shared
    y += 1
    assert aligned["b"].tolist() == [1, 1, 1]


def test_float16_keeps_its_bits():
    a = np.arange(2**16, dtype=np.uint16).view(np.float16)
    assert np.array_equal(pynn.asarray(a).numpy().view(np.uint16), a.view(np.uint16))
    finite = a[np.isfinite(a)]
    assert np.array_equal(pynn.asarray(finite).astype("float32"), finite.astype("float32"))


def test_bfloat16_has_no_array():
    x = pynn.asarray([1.0, 2.5], dtype="bfloat16")
    with raises(pynn.DtypeError, "NumPy has no bfloat16; convert first: x.astype('float32').numpy()"):
        x.numpy()
    with raises(pynn.DtypeError, "NumPy has no bfloat16; convert first: x.astype('float32').numpy()"):
        np.asarray(x)
    assert np.asarray(x.astype("float32")).tolist() == [1, 2.5]


PARTS = "take a.real, a.imag or abs(a)"
TEXT = "number the names, numpy.unique(a, return_inverse=True)[1], or read numbers, a.astype('float32')"
UNITS = "count its units, a.astype('int64')"


@pytest.mark.parametrize(
    ("a", "dtype", "cure"),
    [
        (np.zeros(2, complex), "complex128", PARTS),
        (np.zeros(2, "F"), "complex64", PARTS),
        (np.array(["2020-01-01"], "M8[D]"), "datetime64[D]", UNITS),
        (np.array([1], "m8[s]"), "timedelta64[s]", UNITS),
        (np.array(["a", "bc"]), "<U2", TEXT),
        (np.array([b"a"]), "|S1", TEXT),
        (
            np.array([None, 1]),
            "object",
            "give it a type of numbers, a.astype('float32'); are its rows of different lengths?",
        ),
        (np.zeros(2, [("a", "f4")]), "[('a', '<f4')]", "take one of its fields, a['name']"),
        (np.zeros(2, np.longdouble), np.dtype(np.longdouble).name, "convert it, a.astype('float64')"),
    ],
)
def test_arrays_that_no_tensor_holds(a, dtype, cure):
    with raises(pynn.DtypeError, f"{HOLDS}a NumPy array of dtype {dtype}; {cure}"):
        pynn.asarray(a)


@pytest.mark.parametrize(
    ("lists", "message"),
    [
        ([1, None], "a tensor holds real numbers and booleans, but [1] is None"),
        ([[1, 2], [3, 1j]], "a tensor holds real numbers and booleans, but [1][1] is 1j"),
        ([b"a"], "a tensor holds real numbers and booleans, but [0] is b'a'"),
        (
            ([1, "a"], [2, 3]),
            "a tensor holds real numbers and booleans, but [0][1] is 'a'; number the names: "
            "numpy.unique(names, return_inverse=True)[1]",
        ),
        ([{"a" * 60: 1}], f"a tensor holds real numbers and booleans, but [0] is {{'{'a' * 38}..."),
    ],
)
def test_lists_that_no_tensor_holds(lists, message):
    with raises(pynn.DtypeError, f"asarray: {message}"):
        pynn.asarray(lists)


def test_integers_in_lists_that_no_type_holds():
    for integer in (2**70, -(2**63) - 1):
        with raises(
            ValueError, f"asarray: no integer type holds {integer}, which is at [1]; write it as a float"
        ):
            pynn.asarray([1, integer])
    for integer, dtype in ((300, "uint8"), (-1, "uint16"), (128, "int8"), (2**31, "int32")):
        with raises(ValueError, f"asarray: {integer} does not fit {dtype}"):
            pynn.asarray([[0], [integer]], dtype=dtype)
    assert pynn.asarray([[-128, 127]], dtype="int8").tolist() == [[-128, 127]]


@pytest.mark.parametrize(
    ("lists", "where"),
    [
        ([[1, 2], [3]], "[0] has 2 elements, [1] has 1 element"),
        ([1, [2]], "[0] is a number, [1] has 1 element"),
        ([[[1]], [2]], "[0] has shape (1, 1), [1] has 1 element"),
        ([1.0, ()], "[0] is a number, [1] has 0 elements"),
        ([[[1], [2]], [[3], [4, 5]]], "[1][0] has 1 element, [1][1] has 2 elements"),
        ([np.zeros((2, 3)), np.zeros((3, 2))], "[0] has shape (2, 3), [1] has shape (3, 2)"),
    ],
)
def test_ragged_lists(lists, where):
    message = f"asarray: the nested lists are ragged: {where}; every list of one depth needs the same length"
    with raises(pynn.ShapeError, message):
        pynn.asarray(lists)


def test_lists_without_end():
    endless: list = []
    endless.append(endless)
    deep: list = [1.0]
    for _ in range(100_000):
        deep = [deep]
    for lists in (endless, deep):
        with raises(pynn.ShapeError, "asarray: a tensor has at most 32 dimensions, these lists are deeper"):
            pynn.asarray(lists)
        with pytest.raises(pynn.ShapeError):
            pynn.zeros(2) + lists
    while deep and isinstance(deep[0], list):  # taken apart here: freeing 100,000 levels would recurse
        deep = deep[0]


@pytest.mark.parametrize("thing", [{1}, {}, object(), "text", None, (i for i in [])])
def test_things_that_are_no_arrays(thing):
    expected = (
        "asarray: expected a tensor, an array, a number or nested lists of numbers, got "
        + type(thing).__name__
    )
    with raises(TypeError, expected):
        pynn.asarray(thing)


def test_complex_numbers_are_no_array():
    with raises(pynn.DtypeError, f"{HOLDS}complex numbers; {PARTS}"):
        pynn.asarray(1j)


def test_bytes_are_no_array():
    with raises(pynn.DtypeError, f"{HOLDS}text; {TEXT}"):
        pynn.asarray(b"abc")


def test_any_sequence():
    """What Python calls a sequence is a list to pynn; sets, dicts and iterators have no order or no length."""
    for sequence, list_ in (
        (range(3), [0, 1, 2]),
        (range(0), []),
        ([range(2), range(2)], [[0, 1], [0, 1]]),
        (collections.deque([1.5, 2.5]), [1.5, 2.5]),
        (collections.UserList([[1, 2], [3, 4]]), [[1, 2], [3, 4]]),
    ):
        x, y = pynn.asarray(sequence), pynn.asarray(list_)
        assert (x.dtype, x.tolist()) == (y.dtype, list_)
    assert pynn.asarray(range(3), dtype="float32").dtype == pynn.float32
    assert (pynn.zeros(3, dtype="int8") + range(3)).tolist() == [0, 1, 2]
    assert pynn.asarray([7, 8, 9])[range(1, 3)].tolist() == [8, 9]
    with raises(ValueError, "asarray: 300 does not fit uint8"):
        pynn.asarray(range(300, 301), dtype="uint8")
    with raises(ValueError, "asarray: copy=False, but range needs a copy to become a tensor of int64"):
        pynn.asarray(range(3), copy=False)
    for other in ({1, 2}, {1: 2}, iter([1])):
        kind = type(other).__name__
        with raises(
            TypeError,
            f"asarray: expected a tensor, an array, a number or nested lists of numbers, got {kind}",
        ):
            pynn.asarray(other)


def test_too_many_dimensions():
    assert pynn.asarray(np.zeros((1,) * 32)).ndim == 32
    with raises(pynn.ShapeError, "asarray: a tensor has at most 32 dimensions"):
        pynn.asarray(np.zeros((1,) * 33))


def test_lists_of_tensors_are_stacked():
    x = pynn.tensor([1.0, 2.0], requires_grad=True)
    y = pynn.asarray([x, x * 2, np.array([5.0, 6.0], np.float32), [7, 8]])
    assert (y.shape, y.dtype) == ((4, 2), pynn.float32)
    assert y.tolist() == [[1, 2], [2, 4], [5, 6], [7, 8]]
    y.sum().backward()
    assert x.grad.tolist() == [3, 3]
    assert pynn.asarray([[pynn.asarray(1), 2], [3, pynn.asarray(4)]]).tolist() == [[1, 2], [3, 4]]
    with raises(pynn.ShapeError, "asarray: shapes (2,) and (3,) differ"):
        pynn.asarray([pynn.zeros(2), pynn.zeros(3)])


@pytest.mark.parametrize(
    ("lists", "dtype"),
    [
        ([1, 2], "int64"),
        ([1, 2.5], "float32"),
        ([[True], [False]], "bool"),
        ([True, 2], "int64"),
        ([2**63], "uint64"),
        ([], "float32"),
        ([[], []], "float32"),
        ((1, (2)), "int64"),
        ([np.float64(1)], "float64"),
        ([np.int8(1), np.int8(2)], "int8"),
        ([np.zeros(2, "int16"), np.ones(2, "int16")], "int16"),
    ],
)
def test_dtypes_of_lists(lists, dtype):
    x = pynn.asarray(lists)
    assert x.dtype == dtype
    assert np.array_equal(x, np.array(lists))


def test_dtypes_of_scalars():
    for value, dtype in [
        (np.float32(1.5), "float32"), (np.int8(3), "int8"), (np.bool_(True), "bool"),
        (np.float16(1), "float16"),
        (np.uint64(2**63), "uint64"), (np.array(0.1), "float64"),
    ]:  # fmt: skip
        x = pynn.asarray(value)
        assert (x.dtype, x.shape, x.item()) == (dtype, (), value.item())
    assert pynn.asarray(np.float64(0.1)).dtype == "float32"  # it is a Python float


def test_buffers_are_arrays():
    a = array.array("d", [1, 2, 3])
    x = pynn.asarray(a)
    x += 1
    assert a.tolist() == [2, 3, 4]
    assert pynn.asarray(bytearray(b"ab")).tolist() == [97, 98]
    assert pynn.asarray(memoryview(a)[::2]).tolist() == [2, 4]


def test_objects_that_offer_an_array():
    class Offers:
        def __array__(self, dtype=None, copy=None):
            return np.array([1, 2], dtype)

    assert pynn.asarray(Offers()).tolist() == [1, 2]
    assert (pynn.ones(2) + Offers()).tolist() == [2, 3]


# ---- NumPy's side ------------------------------------------------------------------------------------------


def test_asarray_shares_and_converts():
    x = pynn.zeros((2, 3))
    a = np.asarray(x)
    a[0, 0] = 4
    assert x[0, 0].item() == 4
    assert type(a) is np.ndarray
    b = np.asarray(x, dtype="float64")
    assert b.dtype == "float64"
    assert b[0, 0] == 4
    c = np.array(x)
    c[0, 0] = 5
    assert x[0, 0].item() == 4
    assert np.array(x, dtype="int8", order="F").flags.f_contiguous
    if np.lib.NumpyVersion(np.__version__) >= "2.0.0":
        assert np.shares_memory(np.array(x, copy=False), a)
        with pytest.raises(ValueError, match="copy"):  # NumPy's own words
            np.array(x, dtype="int8", copy=False)


def test_functions_of_numpy_take_tensors():
    x = pynn.asarray([[1.0, 2.0], [3.0, 4.0]])
    assert np.exp(x).dtype == "float32"
    assert np.add(x, 1).tolist() == [[2, 3], [4, 5]]
    assert np.add.reduce(x).tolist() == [4, 6]
    assert np.concatenate([x, x]).shape == (4, 2)
    assert np.stack([x, x]).shape == (2, 2, 2)
    assert np.allclose(x, [[1, 2], [3, 4]])
    assert np.linalg.norm(x) == pytest.approx(30**0.5)
    assert np.percentile(x, 50) == 2.5
    assert np.isfinite(x).all()
    assert np.sum(np.asarray(x)) == 10
    assert np.zeros(5)[pynn.asarray([1, 2])].shape == (2,)


def test_arrays_take_values_of_tensors():
    a = np.zeros((2, 2))
    a[0] = pynn.asarray([1.0, 2.0])
    a[1, 1] = pynn.asarray(3)
    assert a.tolist() == [[1, 2], [0, 3]]


def test_asarray_of_a_tracked_tensor():
    x = pynn.tensor([1.0], requires_grad=True)
    assert np.asarray(x * 2).tolist() == [2]
