"""New tensors from numbers: values and dtypes against NumPy; wrong and huge sizes are errors, not crashes."""

import numpy as np
import pytest
from errors import raises
from hypothesis import example, given, settings
from hypothesis import strategies as st

import pynn

INTEGERS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
DTYPES = ["bool", *INTEGERS, "float16", "float32", "float64"]


def same(x, expected):
    assert x.dtype == expected.dtype
    assert x.shape == expected.shape
    assert np.array_equal(x, expected, equal_nan=expected.dtype.kind == "f")


# Ways to write a dtype.
SPELLINGS = [
    lambda d: d,
    np.dtype,
    lambda d: np.dtype(d).type,
    lambda d: getattr(pynn, d),
    lambda d: np.zeros(1, d).dtype,
]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    "shape", [(), 0, 3, np.int64(3), (2, 3), [2, 3], (np.int8(2), 0), (1,) * 12], ids=str
)
def test_zeros_ones_full_empty(shape, dtype):
    for spelling in SPELLINGS:
        same(pynn.zeros(shape, dtype=spelling(dtype)), np.zeros(shape, dtype))
    same(pynn.ones(shape, dtype=dtype), np.ones(shape, dtype))
    same(pynn.full(shape, 1, dtype=dtype), np.full(shape, 1, dtype))
    x = pynn.empty(shape, dtype=dtype)
    assert (x.dtype, x.shape) == (dtype, np.zeros(shape).shape)
    x[...] = 1
    same(x, np.ones(shape, dtype))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("to", [None, "float32", np.int8])
def test_like(dtype, to):
    a = np.ones((4, 6), dtype)[::2, ::-3]
    for x in pynn.asarray(a), a:
        same(pynn.zeros_like(x, dtype=to), np.zeros((2, 2), to or dtype))
        same(pynn.ones_like(x, dtype=to), np.ones((2, 2), to or dtype))
        same(pynn.full_like(x, 1, dtype=to), np.ones((2, 2), to or dtype))
        assert (pynn.empty_like(x, dtype=to).dtype, pynn.empty_like(x).shape) == (
            np.dtype(to or dtype),
            (2, 2),
        )
    assert pynn.zeros_like(pynn.asarray(a)).strides == np.zeros((2, 2), dtype).strides


def test_default_dtypes():
    for make in (pynn.zeros, pynn.ones, pynn.empty, pynn.eye):
        assert make(2).dtype == make(2, dtype=None).dtype == "float32"
    assert pynn.linspace(0, 1, 3).dtype == pynn.linspace(0, 1, 3, dtype=None).dtype == "float32"
    assert pynn.full(2, 1.5).dtype == "float32"
    assert pynn.full(2, 1).dtype == "int64"
    assert pynn.full(2, True).dtype == "bool"
    assert pynn.full(2, np.float64(1)).dtype == "float32"
    assert pynn.full(2, np.array(1.0)).dtype == "float64"
    assert pynn.arange(3).dtype == "int64"
    assert pynn.arange(3.0).dtype == pynn.arange(0, 1, 0.5).dtype == "float32"
    assert pynn.zeros(2, dtype=float).dtype == "float32"
    assert pynn.zeros(2, dtype=int).dtype == "int64"
    assert pynn.zeros(2, dtype=bool).dtype == "bool"


def test_full():
    same(pynn.full((2, 2), [1, 2]), np.array([[1, 2], [1, 2]]))
    same(pynn.full(2, 0.1, dtype="float64"), np.full(2, 0.1))
    same(pynn.full(2, 16_777_217.0, dtype="int64"), np.full(2, 16_777_217))
    same(pynn.full_like(np.zeros(2), 0.1), np.full(2, 0.1))
    same(pynn.full(1, 2**63 - 1), np.full(1, 2**63 - 1))
    x = pynn.full((2, 3), 5.0)
    x[0, 0] = 1  # memory of its own
    assert x.tolist() == [[1, 5, 5], [5, 5, 5]]
    with raises(ValueError, "full: 256 does not fit uint8"):
        pynn.full(2, 256, dtype="uint8")
    with raises(pynn.ShapeError, "full: (3,) does not broadcast to (2,)"):
        pynn.full(2, [1, 2, 3])


# ---- asarray, array, tensor --------------------------------------------------------------------------------


def test_asarray_keeps_precision():
    """Literals reach a wide dtype without passing through float32 or float64."""
    same(pynn.asarray(0.1, dtype="float64"), np.array(0.1))
    same(pynn.asarray([0.1, [0.2][0]], dtype="float64"), np.array([0.1, 0.2]))
    same(pynn.array([[0.1]], dtype="float64"), np.array([[0.1]]))
    same(pynn.tensor([0.1], dtype=np.float64), np.array([0.1]))
    same(pynn.Tensor([0.1], dtype="float64"), np.array([0.1]))
    same(pynn.asarray([2**62 + 1]), np.array([2**62 + 1]))
    same(pynn.asarray(1e300), np.array(np.inf, np.float32))
    same(pynn.asarray([1e300], dtype="float64"), np.array([1e300]))


def test_asarray_shares_and_array_copies():
    a = np.zeros(3)
    for make, shared in (pynn.asarray, True), (pynn.Tensor, True), (pynn.array, False), (pynn.tensor, False):
        assert np.shares_memory(make(a).numpy(), a) == shared
        x = pynn.asarray(a)
        assert np.shares_memory(make(x).numpy(), a) == shared
    assert not np.shares_memory(pynn.asarray(a, copy=True).numpy(), a)
    assert np.shares_memory(pynn.asarray(a, copy=False).numpy(), a)
    assert np.shares_memory(pynn.asarray(pynn.asarray(a), copy=False).numpy(), a)
    assert np.shares_memory(pynn.asarray(memoryview(a), copy=False).numpy(), a)


@pytest.mark.parametrize(
    ("thing", "dtype", "name", "to"),
    [
        ([1, 2], None, "list", "int64"),
        (1.5, None, "float", "float32"),
        (np.float32(1), None, "float32", "float32"),
        (np.zeros(2), "float32", "ndarray", "float32"),
        (np.zeros(2, ">f4"), None, "ndarray", "float32"),
        (pynn.zeros(2), "float64", "Tensor", "float64"),
    ],
)
def test_copy_false_never_copies(thing, dtype, name, to):
    with raises(ValueError, f"asarray: copy=False, but {name} needs a copy to become a tensor of {to}"):
        pynn.asarray(thing, dtype=dtype, copy=False)


def test_integers_must_fit_the_dtype():
    for name in INTEGERS:
        info = np.iinfo(name)
        for value in info.min, info.max:
            assert pynn.asarray(value, dtype=name).item() == value
        for value in info.min - 1, info.max + 1:
            with raises(ValueError, f"asarray: {value} does not fit {name}"):
                pynn.asarray(value, dtype=name)
    with raises(ValueError, f"asarray: the integer {2**63} does not fit int64"):
        pynn.asarray(2**63)
    same(pynn.asarray(5, dtype="bool"), np.array(True))
    same(pynn.asarray(True, dtype="uint8"), np.array(1, np.uint8))
    same(pynn.asarray(-1.7, dtype="int8"), np.array(-1, np.int8))


def test_asarray_of_a_tracked_tensor_stays_tracked():
    x = pynn.tensor([1.0, 2.0], requires_grad=True)
    assert pynn.asarray(x).requires_grad
    (pynn.asarray(x, dtype="float64") * 2).sum().backward()
    (pynn.array(x) * 2).sum().backward()
    assert (x.grad.dtype, x.grad.tolist()) == (pynn.float32, [4, 4])
    assert not pynn.tensor(x).requires_grad
    assert not pynn.Tensor(x).requires_grad


def test_tensors_that_require_gradients():
    x = pynn.tensor([1, 2], dtype="float32", requires_grad=True)
    assert x.requires_grad
    with raises(pynn.DtypeError, "tensor: only floating tensors have gradients, this one is int64"):
        pynn.tensor([1, 2], requires_grad=True)


# ---- arange, linspace, eye ---------------------------------------------------------------------------------

small = st.integers(-40, 40)
steps = st.integers(-9, 9).filter(bool)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(small, small, steps)
def test_arange_of_integers(start, stop, step):
    same(pynn.arange(start, stop, step), np.arange(start, stop, step, dtype="int64"))
    same(pynn.arange(stop), np.arange(stop, dtype="int64"))


@settings(max_examples=200, deadline=None, derandomize=True)
@given(small, small, steps, st.sampled_from([0.1, 0.25, 0.3, 1.0]))
@example(0, 1, 1, 0.1)
@example(1, 0, -1, 0.1)
def test_arange_of_floats(start, stop, step, scale):
    x = pynn.arange(start * scale, stop * scale, step * scale, dtype="float64")
    expected = np.arange(start * scale, stop * scale, step * scale)
    assert x.shape == expected.shape
    np.testing.assert_allclose(x.numpy(), expected, atol=1e-13)


def test_arange():
    assert pynn.arange(0, 1, 0.1).shape == (10,)
    same(pynn.arange(5, 0, -2), np.array([5, 3, 1]))
    same(pynn.arange(3, 3), np.zeros(0, int))
    same(pynn.arange(-3), np.zeros(0, int))
    same(pynn.arange(0, 5, -1), np.zeros(0, int))
    same(pynn.arange(1, 10, 4, dtype="uint8"), np.array([1, 5, 9], np.uint8))
    same(pynn.arange(3, dtype="float64"), np.array([0.0, 1, 2]))
    same(pynn.arange(3, step=2), np.array([0, 2]))
    same(pynn.arange(np.int8(2), np.array(5)), np.array([2, 3, 4]))
    same(pynn.arange(pynn.asarray([4])), np.array([0, 1, 2, 3]))


def test_arange_counts_exactly():
    top, bottom = 2**63 - 1, -(2**63)
    same(pynn.arange(2**53, 2**53 + 3), np.array([2**53, 2**53 + 1, 2**53 + 2]))
    same(pynn.arange(top - 2, top), np.array([top - 2, top - 1]))
    same(pynn.arange(bottom, top, 2**62), np.array([bottom, bottom + 2**62, 0, 2**62]))
    same(pynn.arange(top, bottom, bottom), np.array([top, -1]))
    same(pynn.arange(bottom, bottom + 1, top), np.array([bottom]))


@pytest.mark.parametrize("endpoint", [True, False])
@pytest.mark.parametrize("num", [0, 1, 2, 3, 50, 1001])
def test_linspace(num, endpoint):
    for start, stop in (0, 1), (-3.5, 2), (5, -5), (2, 2), (0.1, 1e10):
        x = pynn.linspace(start, stop, num, dtype="float64", endpoint=endpoint)
        np.testing.assert_allclose(
            x.numpy(), np.linspace(start, stop, num, endpoint=endpoint), rtol=1e-14, atol=1e-14
        )
        if num > 1 and endpoint:
            assert x[-1].item() == stop
    same(pynn.linspace(0, 10, 5, dtype="int64"), np.array([0, 2, 5, 7, 10]))


@pytest.mark.parametrize("k", [0, 1, -1, 2, -3, 7, -7, 2**63 - 1, -(2**63)])
@pytest.mark.parametrize("shape", [(3,), (2, 4), (4, 2), (0,), (3, 0), (0, 3)], ids=str)
def test_eye(shape, k):
    for dtype in "float32", "bool", "int16":
        same(pynn.eye(*shape, k=k, dtype=dtype), np.eye(*shape, k=max(min(k, 9), -9), dtype=dtype))


# ---- Sizes -------------------------------------------------------------------------------------------------

HUGE = 2**40
MAKERS = {
    "zeros": pynn.zeros,
    "ones": pynn.ones,
    "empty": pynn.empty,
    "full": lambda shape: pynn.full(shape, 1.0),
}


@pytest.mark.parametrize(("name", "make"), MAKERS.items(), ids=MAKERS)
def test_bad_sizes(name, make):
    for shape, message in [
        (-1, "negative size in shape (-1,)"),
        ((2, -3, 0), "negative size in shape (2, -3, 0)"),
        ((HUGE, HUGE), f"shape ({HUGE}, {HUGE}) has too many elements"),
        ((HUGE, 0, HUGE), f"shape ({HUGE}, 0, {HUGE}) has too many elements"),
        (2**63 - 1, f"shape ({2**63 - 1},) has too many elements"),
        (2**63, "shape has a size beyond 64 bits"),
        ((1,) * 33, "a tensor has at most 32 dimensions"),
    ]:
        with raises(pynn.ShapeError, f"{name}: {message}"):
            make(shape)
    for shape in 1.5, "3", None, (2, 1.0), {2}, np.array([2, 3]):
        with raises(TypeError, f"{name}: shape must be an integer or a tuple of integers, got {shape!r}"):
            make(shape)


@pytest.mark.parametrize(("name", "make"), MAKERS.items(), ids=MAKERS)
def test_no_memory(name, make):
    """2**46 floats are more than a processor addresses, so no setting of the system can promise them."""
    with raises(MemoryError, f"{name}: no memory for a tensor of {2**48} bytes"):
        make(2**46)
    assert make(3).shape == (3,)


def test_results_without_memory():
    x = pynn.broadcast_to(pynn.zeros(1), (2**46,))
    for call in (
        lambda: x + 1,
        lambda: x.copy(),
        lambda: pynn.concat([x, x]),
        lambda: x[::-1].astype("float64"),
    ):
        with pytest.raises(MemoryError):
            call()
    assert x[2**45].item() == 0


def test_bad_ranges():
    for call, error, message in [
        (lambda: pynn.arange(0, 5, 0), ValueError, "arange: step cannot be zero"),
        (lambda: pynn.arange(0.0, 5, 0.0), ValueError, "arange: step cannot be zero"),
        (lambda: pynn.arange(2**62), pynn.ShapeError, "arange: too many elements"),
        (lambda: pynn.arange(-(2**63), 2**63 - 1), pynn.ShapeError, "arange: too many elements"),
        (lambda: pynn.arange(0, 1e30), pynn.ShapeError, "arange: too many elements"),
        (lambda: pynn.arange(0, float("inf")), pynn.ShapeError, "arange: too many elements"),
        (lambda: pynn.arange(0, float("nan")), ValueError, "arange: start, stop and step must be finite"),
        (
            lambda: pynn.arange([1, 2]),
            pynn.ShapeError,
            "arange: expected a number, got a tensor of shape (2,)",
        ),
        (
            lambda: pynn.arange(0, []),
            pynn.ShapeError,
            "arange: expected a number, got a tensor of shape (0,)",
        ),
        (lambda: pynn.arange("3"), TypeError, "arange: expected a tensor, an array or a number, got str"),
        (
            lambda: pynn.linspace(0, 1, -1),
            ValueError,
            "linspace: the number of samples must be at least 0, got -1",
        ),
        (
            lambda: pynn.linspace(0, 1, 2**50),
            pynn.ShapeError,
            f"linspace: shape ({2**50},) has too many elements",
        ),
        (lambda: pynn.eye(-1), pynn.ShapeError, "eye: negative size in shape (-1, -1)"),
        (lambda: pynn.eye(2, -1), pynn.ShapeError, "eye: negative size in shape (2, -1)"),
        (lambda: pynn.eye(HUGE), pynn.ShapeError, f"eye: shape ({HUGE}, {HUGE}) has too many elements"),
        (
            lambda: pynn.one_hot([0], 2**50),
            pynn.ShapeError,
            f"one_hot: shape ({2**50},) has too many elements",
        ),
    ]:
        with raises(error, message):
            call()


TYPES = (
    "bool, int8, int16, int32, int64, uint8, uint16, uint32, uint64, float16, bfloat16, float32 and float64"
)


@pytest.mark.parametrize(
    ("dtype", "message"),
    [
        ("complex64", "pynn computes with real numbers, there is no dtype complex64"),
        ("datetime64[s]", f"unknown dtype 'datetime64[s]'; there are {TYPES}"),
        ("object", f"unknown dtype 'object'; there are {TYPES}"),
        ("nope", f"unknown dtype 'nope'; there are {TYPES}"),
        ("", f"unknown dtype ''; there are {TYPES}"),
        ("flaot32", f"unknown dtype 'flaot32'; did you mean 'float32'? There are {TYPES}"),
        ("int", f"unknown dtype 'int'; write 'int64'; there are {TYPES}"),
        (np.complex128, "pynn computes with real numbers, there is no dtype complex128"),
        (
            3,
            "dtype must be a name such as 'float32', a pynn.Dtype, a NumPy dtype, or bool, int or float, got 3",
        ),
    ],
)
def test_bad_dtypes(dtype, message):
    for name, call in (
        ("zeros", lambda: pynn.zeros(2, dtype=dtype)),
        ("full", lambda: pynn.full(2, 1, dtype=dtype)),
        ("asarray", lambda: pynn.asarray([1], dtype=dtype)),
        ("arange", lambda: pynn.arange(2, dtype=dtype)),
        ("ones_like", lambda: pynn.ones_like(pynn.zeros(2), dtype=dtype)),
    ):
        with raises(pynn.DtypeError, f"{name}: {message}"):
            call()
