"""Unary functions are called past pybind11 where their argument is a tensor; all else must be as pybind11 has it."""

import copy
import inspect
import pickle
import re

import numpy as np
import pytest
from errors import raises
from rows import UNARY

import pynn

every_row = pytest.mark.parametrize("row", UNARY, ids=lambda row: row.name)


@every_row
def test_a_tensor_and_an_array_give_the_same(row):
    x = np.array([0.25, 0.5, 0.75]).astype(row.dtypes[0])
    of_array, of_tensor = row.function(x), row.function(pynn.tensor(x))
    assert type(of_tensor) is pynn.Tensor
    assert of_tensor.dtype == of_array.dtype
    np.testing.assert_array_equal(of_tensor.numpy(), of_array.numpy())


@every_row
def test_what_a_function_says_of_itself(row):
    function = row.function
    assert function.__name__ == row.name
    assert inspect.isbuiltin(function)
    assert str(inspect.signature(function)).startswith("(x, /")
    assert function.__doc__
    assert pickle.loads(pickle.dumps(function)) is function is copy.deepcopy(function)


def test_wrong_calls_are_refused():
    x = pynn.ones(3)
    for arguments, keywords, message in (
        ((), {}, "exp: needs 'x'"),
        ((x, x), {}, "exp: takes 1 argument by position, got 2"),
        ((), {"x": x}, "exp: 'x' is given by position, without its name"),
        ((x,), {"axis": 0}, "exp: there is no argument 'axis'"),
    ):
        with raises(TypeError, message):
            pynn.exp(*arguments, **keywords)


def test_errors_of_a_tensor_are_the_same():
    with pytest.raises(pynn.DtypeError) as of_array:
        pynn.negative(np.ones(3, bool))
    with pytest.raises(pynn.DtypeError, match=f"^{re.escape(str(of_array.value))}$"):
        pynn.negative(pynn.ones(3, dtype="bool"))


def test_the_tape_sees_quick_calls():
    x = pynn.tensor([0.5, 1.0], requires_grad=True)
    pynn.exp(x).sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), np.exp([0.5, 1.0]), rtol=1e-6)


class Own(pynn.Tensor):
    """A subclass goes the usual way."""


def test_subclasses_and_numbers():
    assert pynn.exp(Own(pynn.zeros(2))).tolist() == [1, 1]
    assert pynn.exp(0.0).item() == 1
    assert pynn.exp([0.0, 0.0]).tolist() == [1, 1]


# ---- Reductions of all elements ----------------------------------------------------------------------------

REDUCTIONS = ("sum", "prod", "mean", "max", "min", "all", "any")


@pytest.mark.parametrize("name", REDUCTIONS)
def test_reductions_are_the_same_in_every_form(name):
    values = np.array([[3.0, 0.0, 2.0], [1.0, 5.0, 4.0]], "float32")
    x, function = pynn.asarray(values), getattr(pynn, name)
    whole, rows = getattr(np, name)(values), getattr(np, name)(values, axis=1, keepdims=True)
    method = getattr(x, name)
    for y in (function(x), method(), function(values), method(axis=None), method(None, False)):
        assert type(y) is pynn.Tensor
        assert y.item() == whole
    for y in (function(x, 1, True), function(x, axis=1, keepdims=True), method(1, keepdims=True)):
        np.testing.assert_allclose(y.numpy(), rows, rtol=1e-6)
    assert getattr(Own(x), name)().item() == whole
    assert getattr(pynn.Tensor, name)(x).item() == whole
    assert str(inspect.signature(function)).startswith("(x, /, axis=None")
    assert str(inspect.signature(getattr(pynn.Tensor, name))).startswith("(self, /, axis=None")
    assert str(inspect.signature(method)).startswith("(axis=None")
    assert function.__doc__ == method.__doc__ != ""
    for wrong in (
        lambda: method(dim=1),
        lambda: method(0, True, 1),
        lambda: function(),
        lambda: function(x, x=x),
    ):
        with pytest.raises(TypeError, match=rf"^{name}: "):
            wrong()


def test_errors_of_reductions_are_the_same():
    for call in (lambda: pynn.max(pynn.ones((0,))), lambda: pynn.ones((0,)).max()):
        with pytest.raises(pynn.ShapeError, match=r"^max: no element to choose from in shape \(0,\)$"):
            call()


def test_the_tape_sees_reductions():
    x = pynn.tensor([0.5, 1.0], requires_grad=True)
    (x.sum() + pynn.max(x)).backward()
    assert x.grad.tolist() == [1, 2]
