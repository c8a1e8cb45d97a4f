"""Copies, deep copies, pickles and what travels between processes: the same values, apart in memory."""

import copy
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from errors import raises

import pynn

DTYPES = [
    "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
    "float16", "bfloat16", "float32", "float64",
]  # fmt: skip
PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)


class Marked(pynn.Tensor):
    """A tensor of a user's own, with attributes."""

    def __init__(self, value, mark):
        super().__init__(value)
        self.mark = mark


def pickled(x, protocol=pickle.HIGHEST_PROTOCOL):
    return pickle.loads(pickle.dumps(x, protocol))


WAYS = {"copy": copy.copy, "deepcopy": copy.deepcopy, "pickle": pickled}
every_way = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_pickles_of_every_layout(dtype, protocol):
    x = pynn.arange(24).reshape(2, 3, 4).astype(dtype)
    for view in (x, x.T, x[::-1, 1:, ::2], x[0, 0, 1], x[:, :0], pynn.broadcast_to(x[:, :1], (2, 3, 4))):
        y = pickled(view, protocol)
        assert (y.dtype, y.shape, y.tolist()) == (view.dtype, view.shape, view.tolist())
        y[...] = 0
        assert x[1, 1, 1].item() != 0


def test_special_values_keep_their_bits():
    x = pynn.from_dlpack(np.array([np.nan, -0.0, np.inf, 1e-45], "float32"))
    assert bytes(pickled(x)) == bytes(x)
    half = x.astype("bfloat16")
    assert bytes(pynn._core._bits(pickled(half))) == bytes(pynn._core._bits(half))


def test_protocol_5_out_of_band_copies_nothing():
    x = pynn.arange(1000.0)
    buffers = []
    data = pickle.dumps(x, 5, buffer_callback=buffers.append)
    assert len(data) < 500
    y = pickle.loads(data, buffers=buffers)
    y[0] = 7  # the very memory of x
    assert x[0].item() == 7
    z = pickle.loads(data, buffers=[bytes(buffers[0].raw())])
    assert z.tolist() == x.tolist()
    with pytest.raises(ValueError, match="read-only"):
        z[0] = 1


@every_way
def test_leaves_stay_leaves(way):
    x = pynn.tensor([1.0, 2.0], requires_grad=True)
    y = way(x)
    assert y.requires_grad
    (y * 3).sum().backward()
    if way is copy.copy:  # an operation on the tape, as x.copy()
        assert x.grad.tolist() == [3, 3]
    else:
        assert (x.grad, y.grad.tolist()) == (None, [3, 3])
        assert not way(x * 2).requires_grad


@every_way
def test_subclasses_keep_class_and_attributes(way):
    x = Marked([1.0, 2.0], ["mark"])
    x.itself = x
    y = way(x)
    assert (type(y), y.tolist(), y.mark) == (Marked, [1, 2], ["mark"])
    assert (y.mark is x.mark) is (way is copy.copy)
    assert y.itself is (x if way is copy.copy else y)
    y[0] = 5
    assert x[0].item() == 1


@every_way
def test_references_are_shared_as_before(way):
    if way is copy.copy:
        return
    x = pynn.zeros(2)
    a = way({"one": x, "two": [x, x]})
    assert a["one"] is a["two"][0] is a["two"][1]
    v = pynn.Variable([1.0])
    b = way([v, v])
    assert b[0] is b[1]


@every_way
def test_variables(way):
    v = pynn.Variable([1.0, 2.0], name="w", trainable=False)
    w = way(v)
    assert (type(w), w.name, w.trainable, w.numpy().tolist()) == (pynn.Variable, "w", False, [1, 2])
    w.assign([3.0, 4.0])
    assert v.numpy().tolist() == [1, 2]
    half = way(pynn.Variable([1.0, 2.5], dtype="bfloat16"))
    assert (half.dtype, half.tolist()) == ("bfloat16", [1, 2.5])
    double = way(pynn.Variable([0.1], dtype="float64"))
    assert (double.dtype, double.tolist()) == ("float64", [0.1])


def test_a_pickle_that_does_not_fit():
    with raises(pynn.DtypeError, "the pickle of a tensor of int8 holds numbers of float32"):
        pynn._core._from_bits(pynn.Tensor, np.zeros(2, "float32"), "int8")


def test_a_pickle_names_only_what_it_needs():
    x = pynn.zeros(2, dtype="bfloat16")
    code = (
        "import pickle, sys; x = pickle.load(sys.stdin.buffer); print(type(x).__name__, x.dtype, x.tolist())"
    )
    run = subprocess.run([sys.executable, "-c", code], input=pickle.dumps(x), capture_output=True, check=True)
    assert run.stdout.decode() == "Tensor bfloat16 [0.0, 0.0]\n"


# ---- Between processes -------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["spawn", "fork"])
def test_tensors_travel_between_processes(method):
    script = Path(__file__).with_name("between_processes.py")
    run = subprocess.run([sys.executable, str(script), method], capture_output=True, text=True)
    assert (run.returncode, run.stdout) == (0, "all came back\n"), run.stderr
