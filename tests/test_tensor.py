"""What a tensor tells of itself, how it prints, and how it becomes other things."""

import copy
import gc
import pickle
import weakref

import numpy as np
import pytest
from errors import raises

import pynn

INTEGERS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
NUMPY_DTYPES = ["bool", *INTEGERS, "float16", "float32", "float64"]
DTYPES = [*NUMPY_DTYPES, "bfloat16"]


def test_attributes():
    x = pynn.zeros((2, 3, 4), dtype="int16")
    assert x.shape == (2, 3, 4)
    assert type(x.shape) is tuple
    assert x.strides == (24, 8, 2)
    assert (x.size, x.ndim, x.device) == (24, 3, "cpu")
    assert x.dtype is pynn.int16
    assert not x.requires_grad
    assert x.grad is None


@pytest.mark.parametrize("attribute", ["shape", "strides", "size", "ndim", "dtype", "T", "mT", "device"])
def test_attributes_are_read_only(attribute):
    with pytest.raises(AttributeError):
        setattr(pynn.zeros((2, 2)), attribute, None)


@pytest.mark.parametrize("shape", [(), (0,), (1,), (3,), (2, 3), (2, 0, 3), (2, 1, 3, 4)])
def test_transposes_are_numpys(shape):
    a = np.arange(np.prod(shape, dtype=int)).reshape(shape)
    assert np.array_equal(pynn.asarray(a).T, a.T)
    if len(shape) > 1:
        assert np.array_equal(pynn.asarray(a).mT, np.swapaxes(a, -1, -2))
    else:
        with raises(pynn.ShapeError, f"matrix_transpose: needs at least 2 dimensions, got shape {shape}"):
            _ = pynn.asarray(a).mT


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 3), (0, 3), (40, 50)])
def test_str_is_numpys(shape, dtype):
    a = (np.arange(np.prod(shape, dtype=int)).reshape(shape) % 7).astype(
        "float32" if dtype == "bfloat16" else dtype
    )
    x = pynn.asarray(a).astype(dtype)
    assert str(x) == str(a)
    assert f"{x}" == str(a)
    head, tail = repr(x).rsplit("shape=", 1)
    assert tail == f"{shape}, dtype={dtype})"
    head = head.rstrip()[:-1]
    assert head == "Tensor(" + np.array2string(a, separator=", ", prefix="Tensor(", suffix=",")


def test_repr():
    assert repr(pynn.asarray([1.5, -2])) == "Tensor([ 1.5, -2. ], shape=(2,), dtype=float32)"
    assert repr(pynn.asarray([[True], [False]])) == (
        "Tensor([[ True],\n        [False]], shape=(2, 1), dtype=bool)"
    )
    assert repr(pynn.asarray(float("nan"))) == "Tensor(nan, shape=(), dtype=float32)"
    x = pynn.tensor([1.0], requires_grad=True)
    assert repr(x) == "Tensor([1.], shape=(1,), dtype=float32, requires_grad=True)"
    assert repr(x * 2) == "Tensor([2.], shape=(1,), dtype=float32, made_by='multiply')"
    assert repr(x.detach()) == "Tensor([1.], shape=(1,), dtype=float32)"


def test_repr_names_a_subclass():
    class Weight(pynn.Tensor):
        pass

    assert repr(Weight([1, 2])) == "Weight([1, 2], shape=(2,), dtype=int64)"


def test_format():
    assert f"{pynn.asarray(1.23456):.2f}" == "1.23"
    assert f"{pynn.asarray(7):04d}" == "0007"
    with raises(ValueError, "Unknown format code 's' for object of type 'int'"):
        f"{pynn.asarray(7):s}"


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (1,), (1, 1)])
def test_item_is_a_python_number(shape, dtype):
    x = pynn.ones(shape, dtype=dtype)
    expected = True if dtype == "bool" else 1 if "int" in dtype else 1.0
    assert x.item() == expected
    assert type(x.item()) is type(expected)
    assert float(x) == 1.0
    assert int(x) == 1
    assert type(int(x)) is int
    assert bool(x) is True


def test_item_holds_the_extremes():
    for value in (2**63 - 1, -(2**63)):
        assert pynn.asarray(value).item() == value
    assert pynn.asarray(np.uint64(2**64 - 1)).item() == 2**64 - 1
    assert pynn.asarray(0.1, dtype="float64").item() == 0.1
    assert np.isnan(pynn.asarray(float("nan")).item())


def test_one_number_is_needed():
    for x, shape in (pynn.zeros(3), "(3,)"), (pynn.zeros((0, 2)), "(0, 2)"):
        for convert in (float, int, pynn.Tensor.item):
            caller = "item: " if convert is pynn.Tensor.item else ""
            with raises(
                ValueError, f"{caller}a tensor of shape {shape} is not one number; use tolist() or numpy()"
            ):
                convert(x)
        with raises(
            ValueError,
            f"the truth value of a tensor of shape {shape} is ambiguous; use pynn.any(x) or "
            "pynn.all(x), & | ~ for and or not, "
            "pynn.where(x, a, b) for if",
        ):
            bool(x)


def test_int_of_what_is_no_integer():
    assert int(pynn.asarray(-1.9)) == -1
    with raises(ValueError, "cannot convert float NaN to integer"):
        int(pynn.asarray(float("nan")))
    with raises(OverflowError, "cannot convert float infinity to integer"):
        int(pynn.asarray(float("inf")))


def test_truth():
    assert bool(pynn.asarray(float("nan")))
    assert not pynn.asarray(-0.0)
    assert pynn.asarray([[1e-40]])


@pytest.mark.parametrize("dtype", INTEGERS)
def test_zero_dimensional_integers_are_indices(dtype):
    i = pynn.asarray(2, dtype=dtype)
    assert [10, 20, 30][i] == 30
    assert list(range(i)) == [0, 1]


@pytest.mark.parametrize(
    ("x", "what"),
    [
        (pynn.asarray(1.0), "float32 of shape ()"),
        (pynn.asarray([1]), "int64 of shape (1,)"),
        (pynn.asarray(True), "bool of shape ()"),
    ],
)
def test_nothing_else_is_an_index(x, what):
    with raises(TypeError, f"only a 0-d integer tensor can be an index, this one is {what}"):
        [10, 20][x]


def test_len_and_iteration():
    a = np.arange(24.0).reshape(4, 3, 2)[::-2]
    x = pynn.asarray(a)
    assert len(x) == 2
    assert [row.shape for row in x] == [(3, 2)] * 2
    assert np.array_equal(np.stack(list(x)), a)
    assert list(pynn.zeros((0, 3))) == []
    first, second = pynn.asarray([5, 6])
    assert (first.item(), second.item()) == (5, 6)
    with raises(TypeError, "a 0-d tensor has no length"):
        len(pynn.asarray(1))
    with raises(TypeError, "a 0-d tensor cannot be iterated over"):
        iter(pynn.asarray(1))


def test_rows_of_an_iteration_are_views_and_pass_gradients():
    x = pynn.zeros((2, 2))
    for row in x:
        row += 1
    assert x.tolist() == [[1, 1], [1, 1]]
    x = pynn.tensor([1.0, 2.0, 3.0], requires_grad=True)
    a, _, c = x
    (a * c).backward()
    assert x.grad.tolist() == [3, 0, 1]


def test_hash_is_by_identity():
    x, y = pynn.asarray([1]), pynn.asarray([1])
    assert hash(x) == hash(x)
    assert {x: "x", y: "y"}[y] == "y"
    assert len({x, y, x}) == 2


def test_contains():
    assert 2 in pynn.asarray([1, 2])
    assert 3 not in pynn.asarray([1, 2])


@pytest.mark.parametrize("to", DTYPES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_astype_is_numpys(dtype, to):
    values = np.array([[0, 1, 2], [3, 100, 0]])
    x = pynn.asarray(values).astype(dtype)[::-1]
    y = x.astype(to)
    assert y.dtype == to
    expected = (
        values[::-1]
        .astype("float32" if dtype == "bfloat16" else dtype)
        .astype("float32" if to == "bfloat16" else to)
    )
    assert np.array_equal(y.astype("float64"), expected.astype("float64"))


def test_astype_copies_unless_told():
    x = pynn.zeros(2)
    y = x.astype("float32")
    y += 1
    assert x.tolist() == [0, 0]
    z = x.astype(pynn.float32, copy=False)
    z += 1
    assert x.tolist() == [1, 1]


@pytest.mark.parametrize(("dtype", "text"), [("f", "f"), (None, "None")])
def test_astype_needs_a_dtype(dtype, text):
    message = (
        f"astype: unknown dtype '{text}'; there are bool, int8, int16, int32, int64, uint8, uint16, uint32, uint64, "
        "float16, bfloat16, float32 and float64"
    )
    with raises(pynn.DtypeError, message):
        pynn.zeros(2).astype(dtype)


def test_copy_is_row_major_and_apart():
    x = pynn.asarray(np.arange(6.0).reshape(2, 3)).T
    for y in (x.copy(), copy.copy(x), copy.deepcopy(x)):
        assert y.strides == (16, 8)
        assert y.tolist() == x.tolist()
        y[0, 0] = 9
        assert x[0, 0].item() == 0


def test_copies_and_the_tape():
    x = pynn.tensor([1.0, 2.0], requires_grad=True)
    (x.copy() * 3).sum().backward()
    assert x.grad.tolist() == [3, 3]
    y = copy.deepcopy(x)
    assert y.requires_grad
    assert y.grad is None
    (y * 2).sum().backward()
    assert (x.grad.tolist(), y.grad.tolist()) == ([3, 3], [2, 2])
    assert not copy.deepcopy(x * 2).requires_grad


def test_deepcopy_keeps_sharing():
    x = pynn.zeros(2)
    a, b = copy.deepcopy([x, x])
    assert a is b


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("protocol", [2, pickle.HIGHEST_PROTOCOL])
def test_pickle(dtype, protocol):
    for x in (
        pynn.ones((), dtype=dtype),
        pynn.zeros((0, 2), dtype=dtype),
        pynn.ones((2, 3), dtype=dtype)[::-1, ::2],
    ):
        y = pickle.loads(pickle.dumps(x, protocol))
        assert (y.dtype, y.shape) == (x.dtype, x.shape)
        assert y.tolist() == x.tolist()
        y[...] = 0  # its memory can be written
        assert not y.requires_grad


@pytest.mark.parametrize("dtype", DTYPES)
def test_tolist(dtype):
    x = pynn.asarray([[0, 1], [1, 0]]).astype(dtype)
    assert x.T.tolist() == [[0, 1], [1, 0]]
    kind = bool if dtype == "bool" else int if "int" in dtype else float
    assert type(x.tolist()[0][0]) is kind
    assert pynn.asarray(1, dtype=dtype).tolist() == 1
    assert pynn.zeros((2, 0), dtype=dtype).tolist() == [[], []]


def test_tensors_are_freed():
    class Marked(pynn.Tensor):
        pass

    x = Marked([1.0])
    gone = weakref.ref(x) if hasattr(x, "__weakref__") else None
    del x
    gc.collect()
    assert gone is None or gone() is None


def test_methods_take_shapes_as_numpy_does():
    x = pynn.arange(6)
    assert x.reshape(2, 3).shape == x.reshape((2, 3)).shape == x.reshape([2, -1]).shape == (2, 3)
    y = x.reshape(1, 2, 3)
    assert y.transpose().shape == (3, 2, 1)
    assert y.transpose(0, 2, 1).shape == y.transpose((0, 2, -2)).shape == (1, 3, 2)
    assert y.squeeze().shape == y.squeeze(0).shape == (2, 3)
    assert y.flatten().shape == (6,)


def test_grad_can_be_set():
    x = pynn.tensor([1.0, 2.0], requires_grad=True)
    x.grad = pynn.asarray([5.0, 5.0])
    (x * 2).sum().backward()
    assert x.grad.tolist() == [7, 7]
    x.grad = None
    assert x.grad is None
    with raises(TypeError, "grad must be a tensor or None, got int"):
        x.grad = 1
    with raises(pynn.ShapeError, "grad has shape (5,), its tensor (2,)"):
        x.grad = pynn.zeros(5)
    with raises(pynn.DtypeError, "grad has dtype float64, its tensor float32"):
        x.grad = pynn.zeros(2, dtype="float64")
    with raises(pynn.GradientError, "only a tensor made with requires_grad=True has a grad to set"):
        pynn.zeros(2).grad = pynn.zeros(2)


def test_only_floats_require_gradients():
    x = pynn.arange(3)
    with raises(pynn.DtypeError, "only floating tensors have gradients, this one is int64"):
        x.requires_grad = True
