"""DLPack: memory that goes to other libraries and comes from them, without a copy, for as long as anyone uses it."""

import gc
import os
import threading

import numpy as np
import pytest
from capsules import CPU, CUDA, PINNED, Producer, read
from errors import raises

import pynn

DTYPES = [
    "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
    "float16", "float32", "float64",
]  # fmt: skip
VIEWS = {
    "flat": lambda x: x.reshape(-1),
    "transposed": lambda x: x.T,
    "sliced": lambda x: x[1:, ::2, 1],
    "reversed": lambda x: x[::-1, :, ::-2],
    "0-d": lambda x: x[1, 2, 3, ...],
    "empty": lambda x: x[:, :0],
    "new axes": lambda x: x[None, :, None],
}
every_view = pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
every_dtype = pytest.mark.parametrize("dtype", DTYPES)
HOLDS = "; it holds bool, int8..int64, uint8..uint64, float16..float64 and bfloat16"


def cube(dtype="float32"):
    return np.arange(60).reshape(3, 4, 5).astype(dtype)


def address(x):
    return pynn._core.address(x)


# ---- NumPy -------------------------------------------------------------------------------------------------


@every_dtype
@every_view
def test_numpy_shares_every_layout_both_ways(view, dtype):
    a = cube(dtype)
    x = view(pynn.asarray(a.copy()))
    b = np.from_dlpack(x)
    assert (b.dtype, b.shape) == (np.dtype(dtype), x.shape)
    assert np.array_equal(b, view(a))
    assert b.size == 0 or b.ctypes.data == address(x)
    y = pynn.from_dlpack(view(a))
    assert (y.dtype, y.shape) == (dtype, view(a).shape)
    assert np.array_equal(y.numpy(), view(a))
    assert y.size == 0 or address(y) == np.asarray(view(a)).ctypes.data


def test_writes_are_seen_on_the_other_side():
    x = pynn.zeros((2, 3))
    a = np.from_dlpack(x)
    a[0, 1] = 5
    assert x[0, 1].item() == 5
    x[1, 2] = 7
    assert a[1, 2] == 7
    y = pynn.from_dlpack(a)
    y *= 2
    assert x.tolist() == [[0, 10, 0], [0, 0, 14]]


def test_read_only_stays_read_only_both_ways():
    a = np.zeros(3)
    a.flags.writeable = False
    x = pynn.from_dlpack(a)
    with pytest.raises(ValueError, match="^assignment in place on a read-only tensor"):
        x[0] = 1
    assert not np.from_dlpack(x).flags.writeable
    assert not np.from_dlpack(pynn.broadcast_to(pynn.zeros(1), (3,))).flags.writeable
    assert np.from_dlpack(pynn.zeros(3)).flags.writeable


def test_numpy_hands_over_no_other_byte_order():
    with pytest.raises(BufferError):
        pynn.from_dlpack(np.zeros(2, ">f4"))


def test_copies_where_asked():
    a = np.zeros(3)
    x = pynn.from_dlpack(a, copy=True)
    x += 1
    assert (a.tolist(), x.tolist()) == ([0] * 3, [1] * 3)
    y = pynn.from_dlpack(a, copy=False, device="cpu")
    y += 1
    assert a.tolist() == [1] * 3
    b = np.from_dlpack(y, copy=True)
    b += 1
    assert a.tolist() == [1] * 3
    assert np.from_dlpack(y, copy=False, device="cpu").ctypes.data == a.ctypes.data


# ---- Ourselves ---------------------------------------------------------------------------------------------


def test_a_tensor_of_ours():
    x = pynn.arange(6.0).reshape(2, 3)[:, ::-1]
    y = pynn.from_dlpack(x)
    y += 1
    assert x.tolist() == [[3, 2, 1], [6, 5, 4]]
    z = pynn.from_dlpack(x, copy=True)
    z += 1
    assert x.tolist() == [[3, 2, 1], [6, 5, 4]]


def test_the_tape_hears_of_changes_through_another_tensor():
    x = pynn.tensor([1.0, 2.0], requires_grad=True)
    y = (x * x.detach()).sum()
    twin = pynn.from_dlpack(x.detach())
    twin += 1
    with pytest.raises(pynn.GradientError, match="multiply"):
        y.backward()


def test_bfloat16_goes_through():
    x = pynn.asarray([1.0, 2.5, -3.0], dtype="bfloat16")
    y = pynn.from_dlpack(x)
    assert (y.dtype, y.tolist()) == ("bfloat16", [1, 2.5, -3])
    capsule = x.__dlpack__(max_version=(1, 0))
    tensor, _ = read(capsule)
    assert (tensor.dtype.code, tensor.dtype.bits, tensor.dtype.lanes) == (4, 16, 1)


def test_variables():
    v = pynn.Variable([1.0, 2.0], trainable=True)
    a = np.from_dlpack(v)
    a[0] = 9
    assert v.numpy().tolist() == [9, 2]
    with pynn.GradientTape(), pytest.raises(BufferError):
        v.__dlpack__()


# ---- What is handed over -----------------------------------------------------------------------------------


@pytest.mark.parametrize("max_version", [None, (0, 8)])
def test_the_old_capsule(max_version):
    x = pynn.arange(6).reshape(2, 3).T
    capsule = x.__dlpack__(max_version=max_version)
    tensor, _ = read(capsule)
    assert (tensor.data, tensor.byte_offset, tensor.ndim) == (address(x), 0, 2)
    assert (tensor.shape[:2], tensor.strides[:2]) == ([3, 2], [1, 3])
    assert (tensor.device.type, tensor.device.index) == x.__dlpack_device__() == (CPU, 0)


@pytest.mark.parametrize("max_version", [(1, 0), (1, 5), (2, 0)])
def test_the_new_capsule_and_its_flags(max_version):
    x = pynn.zeros(3)
    assert read(x.__dlpack__(max_version=max_version))[1] == 0
    assert read(x.__dlpack__(max_version=max_version, copy=False))[1] == 0
    assert read(x.__dlpack__(max_version=max_version, copy=True))[1] == 2
    fixed = pynn.broadcast_to(x, (2, 3))
    assert read(fixed.__dlpack__(max_version=max_version))[1] == 1
    assert read(fixed.__dlpack__(max_version=max_version, copy=True))[1] == 2


REFUSED = [
    (
        lambda: pynn.tensor([1.0], requires_grad=True).__dlpack__(),
        "this tensor is tracked for its gradient, which another library would lose; hand over x.detach()",
    ),
    (
        lambda: (pynn.tensor([1.0], requires_grad=True) * 2).__dlpack__(max_version=(1, 0)),
        "this tensor is tracked for its gradient, which another library would lose; hand over x.detach()",
    ),
    (
        lambda: pynn.broadcast_to(pynn.zeros(1), (3,)).__dlpack__(),
        "the tensor is read-only or a broadcast view, which DLPack before 1.0 cannot say; hand over x.copy()",
    ),
    (
        lambda: pynn.zeros(1).__dlpack__(stream=1),
        "the CPU has no streams, so stream must be None, got 1",
    ),
    (
        lambda: pynn.zeros(1).__dlpack__(dl_device=(CUDA, 1)),
        "the tensor is on the cpu, and was asked for on cuda:1",
    ),
    (
        lambda: pynn.zeros(1).__dlpack__(dl_device=(7, 0)),
        "the tensor is on the cpu, and was asked for on device type 7:0",
    ),
]


@pytest.mark.parametrize(("call", "message"), REFUSED)
def test_what_cannot_be_handed_over(call, message):
    with raises(BufferError, f"__dlpack__: {message}"):
        call()


def test_a_tracked_tensor_goes_detached_or_unrecorded():
    x = pynn.tensor([1.0, 2.0], requires_grad=True)
    assert np.from_dlpack(x.detach()).tolist() == [1, 2]
    with pynn.no_grad():
        assert np.from_dlpack(x).tolist() == [1, 2]


@pytest.mark.skipif("asan" in os.environ.get("LD_PRELOAD", ""), reason="the sanitizer reuses no memory")
@pytest.mark.parametrize("version", [None, (1, 0)])
def test_a_capsule_that_nobody_uses_frees_its_memory(version):
    pynn._core.release_cache()
    x = pynn.zeros(2**18)
    place, capsule = address(x), x.__dlpack__(max_version=version)
    del x
    gc.collect()
    other = pynn.empty(2**18)
    assert address(other) != place
    del capsule
    assert address(pynn.empty(2**18)) == place  # what is free is used again


def test_the_memory_lives_as_long_as_the_other_library_uses_it():
    x = pynn.arange(100_000.0)
    a = np.from_dlpack(x[10:])
    del x
    gc.collect()
    pynn.full(100_000, -1.0)  # would take the place of freed memory
    assert a[:3].tolist() == [10, 11, 12]
    assert a[-1] == 99_999


# ---- What is taken -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("versioned", [False, True])
def test_the_deleter_is_called_once_and_last(versioned):
    producer = Producer(cube(), versioned)
    x = pynn.from_dlpack(producer)
    view = x[1:, ::2]
    assert address(x) == producer.array.ctypes.data
    assert producer.asked == [{"max_version": (1, 0)}]
    del x
    gc.collect()
    assert producer.freed == 0
    assert view[0, 0, 0].item() == 20
    del view
    gc.collect()
    assert producer.freed == 1


def test_the_deleter_may_be_called_in_another_thread():
    producer = Producer(cube())
    held = [pynn.from_dlpack(producer)]
    thread = threading.Thread(target=held.clear)
    thread.start()
    thread.join()
    assert producer.freed == 1


@pytest.mark.parametrize("versioned", [False, True])
def test_a_capsule_is_good_for_one_tensor(versioned):
    producer = Producer(cube(), versioned)
    capsule = producer.__dlpack__()
    x = pynn.from_dlpack(capsule)
    with raises(
        ValueError,
        "from_dlpack: this capsule was used before; each is good for one array, so ask for a new one",
    ):
        pynn.from_dlpack(capsule)
    assert producer.freed == 0
    del x
    assert producer.freed == 1


@pytest.mark.parametrize("versioned", [False, True])
def test_offsets_and_missing_strides(versioned):
    a = cube("int16")
    x = pynn.from_dlpack(Producer(a, versioned, offset=64, strides=None))
    assert (x.tolist(), address(x)) == (a.tolist(), a.ctypes.data)
    assert pynn.from_dlpack(Producer(a[:0], versioned, strides=None)).shape == (0, 4, 5)
    assert pynn.from_dlpack(Producer(a[0, 0, 1, ...], versioned, strides=None)).item() == 1


def test_before_version_1_nothing_says_that_memory_may_be_written():
    with pytest.raises(ValueError, match="read-only"):
        pynn.from_dlpack(Producer(cube(), False))[0] = 1
    with pytest.raises(ValueError, match="read-only"):
        pynn.from_dlpack(Producer(cube(), flags=1))[0] = 1
    pynn.from_dlpack(Producer(cube(), flags=2))[0] = 1
    pynn.from_dlpack(Producer(cube(), False), copy=True)[0] = 1


def test_producers_from_before_version_1_know_no_arguments():
    class Old:
        def __dlpack__(self, stream=None):
            return Producer.__dlpack__(producer)

        def __dlpack_device__(self):
            return CPU, 0

    producer = Producer(cube(), False)
    x = pynn.from_dlpack(Old())
    assert x.tolist() == cube().tolist()


@pytest.mark.parametrize("dtype", ["int16", "float32", "float64", "uint64"])
def test_elements_that_are_not_aligned_are_copied(dtype):
    raw = np.arange(200, dtype=np.uint8)
    a = raw[1:97].view(dtype).reshape(2, -1)[:, ::-1]
    producer = Producer(a)
    x = pynn.from_dlpack(producer)
    assert producer.freed == 1
    assert np.array_equal(x.numpy().view(np.uint8), np.ascontiguousarray(a).view(np.uint8))
    with raises(
        BufferError, "from_dlpack: copy=False, but the elements are not aligned in memory and need a copy"
    ):
        pynn.from_dlpack(Producer(a), copy=False)


def test_pinned_memory_is_memory():
    assert pynn.from_dlpack(Producer(cube(), device=(PINNED, 1))).tolist() == cube().tolist()


WRONG = [
    ({"lanes": 4}, pynn.DtypeError, f"a tensor cannot hold float32 in lanes of 4{HOLDS}"),
    ({"code": 5, "bits": 64}, pynn.DtypeError, f"a tensor cannot hold complex64{HOLDS}"),
    ({"code": 0, "bits": 4}, pynn.DtypeError, f"a tensor cannot hold int4{HOLDS}"),
    ({"code": 6, "bits": 32}, pynn.DtypeError, f"a tensor cannot hold bool32{HOLDS}"),
    ({"code": 3, "bits": 64}, pynn.DtypeError, f"a tensor cannot hold opaque64{HOLDS}"),
    ({"code": 10, "bits": 8}, pynn.DtypeError, f"a tensor cannot hold elements of type code 10 and 8 bits{HOLDS}"),
    (
        {"shape": (1,) * 33, "strides": None},
        pynn.ShapeError,
        "a tensor has at most 32 dimensions, this array has 33",
    ),
    ({"ndim": -1}, pynn.ShapeError, "a tensor has at most 32 dimensions, this array has -1"),
    ({"shape": (3, -4, 5)}, ValueError, "the array has a negative size, -4"),
    ({"version": (2, 0)}, BufferError, "the array comes by DLPack 2.0, pynn knows 1 and before"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "error", "message"), WRONG)
def test_what_no_tensor_can_be_made_of(changes, error, message):
    producer = Producer(cube(), **changes)
    with raises(error, f"from_dlpack: {message}"):
        pynn.from_dlpack(producer)
    assert producer.freed == 1


def test_other_devices():
    elsewhere = (
        "from_dlpack: the array is on cuda:1; pass device='cpu' for a copy, "
        "or move it to the CPU in its own library"
    )
    producer = Producer(cube(), device=(CUDA, 1))
    for arguments in ({}, {"device": "cpu", "copy": False}):
        with raises(BufferError, elsewhere):
            pynn.from_dlpack(producer, **arguments)
    assert producer.asked == []
    with raises(BufferError, elsewhere):  # its library does not copy, though asked
        pynn.from_dlpack(producer, device="cpu")
    assert producer.asked == [{"max_version": (1, 0), "dl_device": (CPU, 0)}]


@pytest.mark.parametrize("thing", [[1.0], 1.0, None, "text", np.ndarray])
def test_things_without_dlpack(thing):
    expected = (
        f"from_dlpack: expected an array with __dlpack__, got {type(thing).__name__}; "
        "pynn.asarray takes lists, numbers and other arrays"
    )
    with raises(TypeError, expected):
        pynn.from_dlpack(thing)


def test_no_capsule():
    class Empty:
        def __dlpack__(self, **arguments):
            return 5

    with raises(TypeError, "from_dlpack: __dlpack__ returned no DLPack capsule but 5"):
        pynn.from_dlpack(Empty())


def test_a_device_that_does_not_exist():
    with pytest.raises(ValueError, match="device"):
        pynn.from_dlpack(np.zeros(2), device="moon")


def test_asarray_takes_what_offers_dlpack():
    x = pynn.asarray(Producer(cube()))
    assert x.tolist() == cube().tolist()
    assert pynn.asarray(Producer(cube()), dtype="float64").dtype == "float64"
    assert (pynn.ones((3, 4, 5)) + Producer(cube())).tolist() == (cube() + 1).tolist()


# ---- PyTorch -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def torch():
    return pytest.importorskip("torch")


@pytest.mark.parametrize("dtype", [*DTYPES, "bfloat16"])
@every_view
def test_torch_shares_every_layout_both_ways(view, dtype, torch):
    a = cube()
    x = view(pynn.asarray(a.copy()).astype(dtype))
    if min(x.strides, default=1) < 0:  # torch has no negative strides
        x = x[::-1, :, ::-1]
    t = torch.from_dlpack(x)
    assert (str(t.dtype), tuple(t.shape)) == (f"torch.{dtype}", x.shape)
    assert t.tolist() == x.tolist()
    assert t.numel() == 0 or t.data_ptr() == address(x)
    y = pynn.from_dlpack(t)
    assert (y.dtype, y.shape, y.tolist()) == (x.dtype, x.shape, x.tolist())
    assert y.size == 0 or address(y) == address(x)


def test_writes_are_seen_in_torch_and_back(torch):
    x = pynn.zeros(3)
    t = torch.from_dlpack(x)
    t[0] = 5
    x[1] = 6
    assert (x.tolist(), t.tolist()) == ([5, 6, 0], [5, 6, 0])
    t = torch.zeros(3)
    x = pynn.from_dlpack(t)
    t[0] = 5
    x[1] = 6
    assert (x.tolist(), t.tolist()) == ([5, 6, 0], [5, 6, 0])


def test_memory_of_torch_lives_on(torch):
    x = pynn.from_dlpack(torch.arange(100_000.0)[5:])
    gc.collect()
    torch.full((100_000,), -1.0)
    assert x[:2].tolist() == [5, 6]


def test_capsules_of_torch(torch):
    t = torch.arange(3.0)
    assert pynn.from_dlpack(torch.utils.dlpack.to_dlpack(t)).tolist() == [0, 1, 2]
    assert torch.utils.dlpack.from_dlpack(pynn.arange(3.0).__dlpack__()).tolist() == [0, 1, 2]


def test_tracked_tensors_of_torch_say_what_to_do(torch):
    t = torch.ones(2, requires_grad=True)
    with pytest.raises(BufferError, match=r"tensor.detach\(\)"):
        pynn.from_dlpack(t)
    with pytest.raises(BufferError, match=r"x.detach\(\)"):
        torch.from_dlpack(pynn.tensor([1.0], requires_grad=True))


def test_complex_tensors_of_torch(torch):
    with raises(pynn.DtypeError, f"from_dlpack: a tensor cannot hold complex64{HOLDS}"):
        pynn.from_dlpack(torch.zeros(2, dtype=torch.complex64))
    with pytest.raises(pynn.DtypeError, match="complex64"):
        pynn.asarray(torch.zeros(2, dtype=torch.complex64))


def test_operators_and_asarray_take_tensors_of_torch(torch):
    t = torch.tensor([1.0, 2.5], dtype=torch.bfloat16)
    assert pynn.asarray(t).dtype == "bfloat16"
    assert (pynn.ones(2) + torch.ones(2)).tolist() == [2, 2]
    x = pynn.asarray(torch.zeros(2), copy=False)
    x += 1
    with raises(ValueError, "asarray: copy=False, but Tensor needs a copy to become a tensor of float64"):
        pynn.asarray(torch.zeros(2), copy=False, dtype="float64")


# ---- JAX ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def jnp():
    return pytest.importorskip("jax.numpy")


@pytest.mark.parametrize(
    "dtype", ["bool", "int8", "int32", "uint8", "uint32", "float16", "bfloat16", "float32"]
)
def test_jax_and_back(dtype, jnp):
    x = pynn.asarray([[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]).astype(dtype)
    j = jnp.from_dlpack(x)
    assert (j.dtype, j.shape, j.tolist()) == (dtype, x.shape, x.tolist())
    y = pynn.from_dlpack(j)
    assert (y.dtype, y.shape, y.tolist()) == (dtype, x.shape, x.tolist())
    assert address(y) == j.unsafe_buffer_pointer()
    with pytest.raises(ValueError, match="read-only"):
        y[0] = 1  # arrays of JAX never change
    assert pynn.asarray(j).dtype == dtype


def test_jax_shares_our_memory(jnp):
    x = pynn.zeros(1024)
    j = jnp.from_dlpack(x)
    assert j.unsafe_buffer_pointer() == address(x)
    x[3] = 7
    assert j[3] == 7
    del x
    gc.collect()
    pynn.full(1024, -1.0)
    assert j[3] == 7
