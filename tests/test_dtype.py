"""Dtype objects: what they equal, and what NumPy, Python and pickle make of them."""

import copy
import pickle

import numpy as np
import pytest
from errors import raises

import pynn

NUMPY_DTYPES = [
    "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
    "float16", "float32", "float64",
]  # fmt: skip
DTYPES = [*NUMPY_DTYPES, "bfloat16"]


@pytest.mark.parametrize("name", DTYPES)
def test_dtype_objects(name):
    d = getattr(pynn, name)
    assert d is pynn.dtype(name)
    assert (str(d), repr(d), d.name) == (name, f"pynn.{name}", name)
    assert d == name
    assert name == d
    assert hash(d) == hash(name)
    assert d in {name: 1}
    assert [o for o in DTYPES if getattr(pynn, o) == d] == [name]
    assert d is pickle.loads(pickle.dumps(d)) is copy.deepcopy(d) is copy.copy(d)
    for other in (None, 5, "", "nope", object(), [], 1.0, complex):
        assert d != other
        assert not d == other  # noqa: SIM201 - the operator itself


@pytest.mark.parametrize("name", NUMPY_DTYPES)
def test_dtype_objects_are_numpy_dtypes(name):
    d = getattr(pynn, name)
    assert np.dtype(d) == np.dtype(name)
    assert np.zeros(2, d).dtype == name
    assert np.dtype(name) == d
    assert d == np.dtype(name)
    assert d.itemsize == np.dtype(name).itemsize
    assert pynn.dtype(np.dtype(name)) is d
    assert pynn.dtype(np.dtype(name).type) is d
    assert pynn.dtype(np.dtype(name).newbyteorder()) is d


def test_python_types_are_dtypes():
    assert pynn.dtype(float) is pynn.float32
    assert pynn.dtype(int) is pynn.int64
    assert pynn.dtype(bool) is pynn.bool
    with raises(pynn.DtypeError, "NumPy has no bfloat16"):
        np.dtype(pynn.bfloat16)
