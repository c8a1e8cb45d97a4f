"""Calls with wrong arguments: one line that names the function, the argument and what it must be."""

import pytest
from errors import raises

import pynn

X = pynn.zeros((2, 3))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: pynn.sum(), "sum: needs 'x'"),
        (lambda: pynn.sum(X, 0, axis=0), "sum: 'axis' is given twice"),
        (lambda: pynn.sum(x=X), "sum: 'x' is given by position, without its name"),
        (lambda: pynn.sum(X, axes=0), "sum: there is no argument 'axes'; write axis="),
        (lambda: pynn.sum(X, dim=0), "sum: there is no argument 'dim'; write axis="),
        (lambda: pynn.sum(X, out=X), "sum: there is no argument 'out'"),
        (lambda: pynn.sum(X, keepdims="yes"), "sum: keepdims must be True or False, got 'yes'"),
        (lambda: X.sum(0, True, 3), "sum: takes 2 arguments by position, got 3; name the others: dtype="),
        (lambda: X.sum(keepdims=X), "sum: keepdims must be True or False, got a tensor of shape (2, 3)"),
        (lambda: X.var(0, 1), "var: takes 1 argument by position, got 2; name the others: correction=, keepdims="),
        (lambda: X.var(correction="n"), "var: correction must be a number, got 'n'"),
        (lambda: X.astype(), "astype: needs 'dtype'"),
        (lambda: X.backward(1.0), "backward: seed must be a tensor, got 1.0"),
        (lambda: pynn.linspace("a", 1, 3), "linspace: start must be a number, got 'a'"),
        (lambda: pynn.eye([3] * 99), "eye: n_rows must be an integer, got a list"),
        (lambda: pynn.meshgrid(X, index="ij"), "meshgrid: there is no argument 'index'"),
        (lambda: pynn.stack(3), "stack: arrays must be a list, got 3"),
        (lambda: pynn.einsum(X), "einsum: subscripts must be a string, got a tensor of shape (2, 3)"),
        (lambda: pynn.dropout(X, 0.5, 7), "dropout: generator must be a Generator, got 7"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_call(call, message):
    with raises(TypeError, message):
        call()


def test_errors_of_the_users_own_code_are_left_alone():
    class Broken:
        def __array__(self, dtype=None, copy=None):
            raise ValueError("this is mine")

    for call in (pynn.asarray, pynn.exp, pynn.sum):
        with raises(ValueError, "this is mine"):
            call(Broken())


def test_an_error_that_names_its_function_is_not_named_twice():
    with raises(pynn.ShapeError, "sum: axis 5 is out of range for a tensor with 2 dimensions"):
        pynn.sum(X, axis=5)
    # "exp" is no word of "expected".
    with raises(TypeError, "exp: expected a tensor, an array or a number, got str"):
        pynn.exp("4")


def test_calls_in_order_leave_no_error_behind():
    for _ in range(3):
        with pytest.raises(TypeError):
            pynn.zeros(2, 3)
        assert pynn.zeros(2, dtype="int8").tolist() == [0, 0]
