"""The buffer protocol, `__array__` and NumPy's functions and operators: tensors where arrays are expected."""

import array
import ctypes
import gc
import hashlib
import io

import numpy as np
import pytest
from errors import raises

import pynn

FORMATS = {
    "bool": "?", "int8": "b", "int16": "h", "int32": "i", "int64": "l", "uint8": "B", "uint16": "H", "uint32": "I",
    "uint64": "L", "float16": "e", "float32": "f", "float64": "d",
}  # fmt: skip


def ramp(dtype="float32"):
    return pynn.arange(24).reshape(2, 3, 4).astype(dtype)


# ---- memoryview --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", FORMATS)
def test_a_view_says_what_the_tensor_is(dtype):
    x = ramp(dtype).T
    v = memoryview(x)
    assert (v.shape, v.strides, v.ndim) == (x.shape, x.strides, 3)
    assert (v.format, v.itemsize, v.nbytes) == (FORMATS[dtype], np.dtype(dtype).itemsize, x.numpy().nbytes)
    assert (v.readonly, v.obj is x) == (False, True)
    assert v.f_contiguous
    assert not v.c_contiguous
    if dtype != "float16":  # which Python 3.11 does not unpack
        assert v.tolist() == x.tolist()
    assert v.tobytes() == x.numpy().tobytes()


def test_views_of_odd_shapes():
    assert memoryview(pynn.asarray(3.0)).tolist() == 3
    assert memoryview(pynn.zeros((2, 0))).tolist() == [[], []]
    assert memoryview(ramp("int32")[:, ::-1, ::2]).tolist() == ramp("int32")[:, ::-1, ::2].tolist()
    assert memoryview(pynn.broadcast_to(pynn.asarray([1, 2]), (2, 2))).tolist() == [[1, 2], [1, 2]]


def test_writes_are_seen_both_ways():
    x = pynn.zeros(3)
    v = memoryview(x)
    v[1] = 2.5
    x[2] = 4
    assert x.tolist() == v.tolist() == [0, 2.5, 4]
    assert array.array("f", x).tolist() == [0, 2.5, 4]


def test_reading_and_writing_files():
    x = pynn.zeros(3)
    assert io.BytesIO(np.array([1, 2, 3], "f4").tobytes()).readinto(x) == 12
    assert x.tolist() == [1, 2, 3]
    stream = io.BytesIO()
    stream.write(x)
    assert stream.getvalue() == bytes(x) == bytearray(x) == x.numpy().tobytes()
    assert hashlib.md5(x).digest() == hashlib.md5(x.numpy()).digest()


def test_a_view_keeps_its_memory():
    x = pynn.arange(100_000.0)
    v = memoryview(x)
    x._rebind(pynn.zeros(100_000))  # as when a layer's weights move into a model's memory
    gc.collect()
    pynn.full(100_000, -1.0)
    assert v[5] == 5
    y = pynn.arange(100_000.0)
    w = memoryview(y)
    del y
    gc.collect()
    assert w[7] == 7


def test_read_only_tensors_give_read_only_views():
    a = np.zeros(3)
    a.flags.writeable = False
    assert memoryview(pynn.asarray(a)).readonly
    assert memoryview(pynn.broadcast_to(pynn.zeros(1), (3,))).readonly
    with raises(TypeError, "readinto() argument must be read-write bytes-like object, not pynn.Tensor"):
        io.BytesIO(b"").readinto(pynn.asarray(a))


def opened(x, flags):
    """Asks for a buffer as a C program does; 80 bytes hold the structure."""
    view = ctypes.create_string_buffer(80)
    ctypes.pythonapi.PyObject_GetBuffer(ctypes.py_object(x), view, flags)
    ctypes.pythonapi.PyBuffer_Release(view)


SIMPLE, WRITABLE, SHAPE, STRIDES, C, F, ANY = 0, 1, 8, 0x18, 0x38, 0x58, 0x98


def test_each_caller_gets_what_it_can_read():
    x = ramp()
    for view, fine in (
        (x, (SIMPLE, WRITABLE, SHAPE, STRIDES, C, ANY)),
        (x.T, (STRIDES, F, ANY)),
        (x[::2, ::2], (STRIDES,)),
        (x[0, 0], (SIMPLE, SHAPE, STRIDES, C, F, ANY)),
        (x[:, :0], (SIMPLE, SHAPE, STRIDES, C, F, ANY)),
    ):
        for flags in (SIMPLE, SHAPE, STRIDES, C, F, ANY):
            if flags in fine:
                opened(view, flags)
            else:
                with raises(
                    BufferError, "the elements do not lie side by side, as the caller needs; use x.copy()"
                ):
                    opened(view, flags)


def test_views_that_cannot_be():
    with raises(BufferError, "bfloat16 has no format in Python; convert first: x.astype('float32')"):
        memoryview(pynn.zeros(2, dtype="bfloat16"))
    with raises(BufferError, "the tensor is read-only or a broadcast view; use x.copy()"):
        opened(pynn.broadcast_to(pynn.zeros(1), (3,)), WRITABLE | STRIDES)
    with raises(BufferError, "the elements do not lie side by side, as the caller needs; use x.copy()"):
        hashlib.md5(pynn.zeros(4)[::2])
    assert bytes(pynn.arange(4)[::2]) == np.arange(4)[::2].tobytes()


def test_a_subclass_that_was_never_made():
    class Hollow(pynn.Tensor):
        pass

    with raises(BufferError, "the tensor holds nothing: its class never called Tensor.__init__"):
        memoryview(Hollow.__new__(Hollow))
    assert memoryview(pynn.Variable([1.0, 2.0])).tolist() == [1, 2]


# ---- __array__ ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", FORMATS)
def test_asarray_is_the_same_memory(dtype):
    for x in (ramp(dtype), ramp(dtype).T[::-1], ramp(dtype)[1, 2, 3], ramp(dtype)[:, :0]):
        for a in (np.asarray(x), x.__array__(), np.array(x, copy=None), np.array(x, copy=False)):
            assert (a.dtype.type, a.shape) == (np.dtype(dtype).type, x.shape)
            assert np.array_equal(a, x.numpy())
            assert a.size == 0 or a.ctypes.data == pynn._core.address(x)


def test_copies_as_numpy_2_says():
    x = pynn.asarray([1.0, 2.0])
    for a in (np.array(x), np.array(x, copy=True), x.__array__(copy=True), x.__array__("float32", copy=True)):
        a[0] = 9
        assert x.tolist() == [1, 2]
    a = x.__array__(None, copy=False)
    a[0] = 3
    assert x.tolist() == [3, 2]
    assert x.__array__("float64").dtype == x.__array__(np.float64, copy=True).dtype == "float64"
    assert x.__array__(pynn.int8).tolist() == [3, 2]
    with raises(ValueError, "a conversion of dtype cannot be had without a copy"):
        x.__array__("float64", copy=False)
    with pytest.raises(ValueError, match="copy"):
        np.array(x, "float64", copy=False)


def test_bfloat16_as_another_dtype():
    x = pynn.asarray([1.0, 2.5], dtype="bfloat16")
    assert np.asarray(x, "float32").tolist() == np.array(x, "float64").tolist() == [1, 2.5]
    with raises(ValueError, "a conversion of dtype cannot be had without a copy"):
        x.__array__("float32", copy=False)


def test_arrays_of_bfloat16():
    bfloat16 = pytest.importorskip("ml_dtypes").bfloat16
    a = np.array([1, 2.5, -3], bfloat16)
    x = pynn.asarray(a)
    assert (x.dtype, x.tolist()) == ("bfloat16", [1, 2.5, -3])
    x[0] = 7
    assert a[0] == 7
    with pytest.raises(pynn.DtypeError, match="float8"):
        pynn.asarray(np.zeros(2, pytest.importorskip("ml_dtypes").float8_e5m2))


def test_the_tape_hears_of_changes_through_arrays_and_back():
    for there in (np.asarray, pynn.Tensor.numpy, lambda x: x.numpy()[::1][:]):
        x = pynn.tensor([1.0, 2.0], requires_grad=True)
        y = (x * x.detach()).sum()
        back = pynn.asarray(there(x))
        back += 1
        with pytest.raises(pynn.GradientError, match="multiply"):
            y.backward()


def test_views_through_numpy_are_where_they_should_be():
    x = pynn.arange(24.0).reshape(4, 6)
    for through in (x.numpy, lambda: np.asarray(x)):
        y = pynn.asarray(through()[1:, ::-2])
        assert y.tolist() == x[1:, ::-2].tolist()
        y[0, 0] += 100
        assert x[1, 5].item() == y[0, 0].item()
        x[1, 5] -= 100
    bits = pynn.asarray(x.numpy().view("int32")[0, 1:3])
    assert bits.tolist() == np.array([1.0, 2.0], "float32").view("int32").tolist()


def test_an_array_of_a_tensor_that_moved():
    x = pynn.arange(4.0)
    a = np.asarray(x)
    x._rebind(pynn.zeros(4))
    y = pynn.asarray(a)
    y += 1
    assert (x.tolist(), a.tolist()) == ([0] * 4, [1, 2, 3, 4])


def test_read_only_arrays_of_tensors_stay_so():
    x = pynn.arange(4.0)
    a = x.numpy()
    a.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        pynn.asarray(a)[0] = 1


# ---- NumPy's functions and operators -----------------------------------------------------------------------


def test_functions_give_arrays():
    x = pynn.asarray([[1.0, 2.0], [3.0, 4.0]])
    a = x.numpy()
    for f in (
        np.sum, np.mean, np.exp, np.sqrt, np.argsort, np.linalg.inv, np.transpose, np.ravel, np.cumsum, np.isnan,
        np.fft.fft, np.unique, lambda y: np.add(y, 1), lambda y: np.stack([y, y]), lambda y: np.hstack([y, y]),
        lambda y: np.where(y > 2, y, 0), lambda y: np.add.outer(y, y), lambda y: np.einsum("ij,ij->i", y, y),
        lambda y: np.clip(y, 2, 3), lambda y: np.histogram(y, 3)[0], lambda y: np.maximum(y, 2.5),
        lambda y: np.sum(y, axis=0, keepdims=True), lambda y: np.dot(y, y), lambda y: np.polyfit(y[0], y[1], 1),
    ):  # fmt: skip
        given = f(x)
        assert isinstance(given, (np.ndarray, np.generic))
        assert given.dtype == f(a).dtype
        np.testing.assert_array_equal(given, f(a))


@pytest.mark.parametrize(
    "operate",
    [
        lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a * b, lambda a, b: a / b, lambda a, b: a // b,
        lambda a, b: a % b, lambda a, b: a**b, lambda a, b: a @ b, lambda a, b: a == b, lambda a, b: a != b,
        lambda a, b: a < b, lambda a, b: a <= b, lambda a, b: a > b, lambda a, b: a >= b,
    ],
)  # fmt: skip
def test_operators_give_tensors_on_either_side(operate):
    a = np.array([[1.0, 2.0], [3.0, 4.0]])
    b = np.array([[4.0, 3.0], [2.0, 1.0]])
    expected = operate(a, b)
    for left, right in ((a, pynn.asarray(b)), (pynn.asarray(a), b)):
        y = operate(left, right)
        assert type(y) is pynn.Tensor
        assert (y.dtype, y.tolist()) == (expected.dtype, expected.tolist())


def test_numpy_scalars_beside_tensors():
    x = pynn.asarray([1.0, 2.0])
    for y in (np.float32(2) * x, x * np.float32(2), np.int64(2) * x, np.float64(2) * x, x * np.array(2)):
        assert type(y) is pynn.Tensor
        assert y.tolist() == [2, 4]


def test_in_place_on_an_array():
    a = np.zeros((2, 2))
    np.add(a, pynn.ones(2), out=a)
    a[0] *= pynn.asarray([2.0, 3.0])
    assert a.tolist() == [[2, 3], [1, 1]]
    b = a
    b += pynn.ones(2)  # NumPy hands its operators over, this one too, as beside PyTorch's tensors
    assert type(b) is pynn.Tensor
    assert (b.tolist(), a.tolist()) == ([[3, 4], [2, 2]], [[2, 3], [1, 1]])
    with pytest.raises(TypeError):
        np.add(a, 1, out=pynn.zeros((2, 2)))


def test_gradients_flow_through_operators_beside_arrays():
    x = pynn.tensor([1.0, 2.0], requires_grad=True)
    a = np.array([3.0, 4.0], "float32")
    (a * x + np.float32(1) - a @ x).sum().backward()
    assert x.grad.tolist() == [3 - 2 * 3, 4 - 2 * 4]


def test_tensors_as_indices_and_sizes():
    a = np.arange(6)
    assert a[pynn.asarray([0, 2])].tolist() == [0, 2]
    assert a[pynn.asarray(a) > 3].tolist() == [4, 5]
    assert a[pynn.asarray(3)] == 3
    assert np.zeros(pynn.asarray(2)).shape == (2,)
    assert [10, 20][pynn.asarray(1)] == 20


@pytest.mark.skipif(not hasattr(memoryview, "__buffer__"), reason="Python 3.12 has the method")
def test_the_method_of_python_3_12():
    assert pynn.zeros(2).__buffer__(0).nbytes == 8
