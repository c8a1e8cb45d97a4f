"""Derivatives of the reductions, and the vector norm."""

from __future__ import annotations

import numpy as np
import pytest

import pynn
from pynn.testing import check_grad

AXES = [None, 0, 1, -1, (0, 2), ()]
VIEWS = {
    "as_it_is": lambda t: t,
    "transposed": lambda t: t.T,
    "reversed": lambda t: t[::-1, ::-2, 1:],
    "repeated": lambda t: pynn.broadcast_to(t[:, :1], (3, 5, 4)),
}
X = np.random.default_rng(0).permutation(48).reshape(3, 4, 4) / 16 - 1.37  # no ties, nothing near 0


@pytest.mark.parametrize("view", ["as_it_is", "transposed", "reversed"])
@pytest.mark.parametrize("op", ["sum", "mean", "max", "min", "prod", "var", "std", "logsumexp"])
def test_first_and_second_order(op, view):
    for axis in AXES:
        if op == "std" and axis == ():
            continue  # the root of 0
        for keepdims in (False, True):

            def f(t, axis=axis, keepdims=keepdims):
                return getattr(pynn, op)(VIEWS[view](t), axis=axis, keepdims=keepdims) ** 2

            check_grad(f, X, order=2, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("op", ["sum", "mean", "prod", "var", "std", "logsumexp"])
def test_of_repeated_elements(op):
    for axis in (None, 0, (0, 1)):  # not 1 alone: the root of a variance of 0 has no derivative
        check_grad(
            lambda t, axis=axis: getattr(pynn, op)(VIEWS["repeated"](t), axis=axis), X, rtol=1e-4, atol=1e-6
        )


@pytest.mark.parametrize("op", ["var", "std"])
def test_with_correction(op):
    check_grad(lambda t: getattr(pynn, op)(t, axis=1, correction=1), X, order=2, rtol=1e-4, atol=1e-6)


def gradient(f, x):
    leaf = pynn.tensor(np.asarray(x, np.float64), requires_grad=True)
    f(leaf).sum().backward()
    return leaf.grad.tolist()


@pytest.mark.parametrize("op", ["max", "min"])
def test_ties_share_the_gradient(op):
    f = getattr(pynn, op)
    assert gradient(f, [2.0, 2.0]) == [0.5, 0.5]
    assert gradient(f, np.zeros((2, 2))) == [[0.25, 0.25], [0.25, 0.25]]
    x = np.array([[1.0, 1.0, 0.0], [0.0, 0.0, 0.0]]) * (1 if op == "max" else -1)
    assert gradient(lambda t: f(t, axis=1), x) == [[0.5, 0.5, 0.0], [1 / 3, 1 / 3, 1 / 3]]


@pytest.mark.parametrize("zeros", [0, 1, 2, 3, 5])
@pytest.mark.parametrize("axis", [None, 0, 1])
def test_a_product_with_zeros_has_the_right_derivative(zeros, axis):
    x = np.random.default_rng(zeros).random((3, 5)) + 0.5
    x.ravel()[[0, 6, 7, 3, 14][:zeros]] = 0
    # A difference over a cubic term cancels, so the tolerance is that of the differences.
    check_grad(lambda t: pynn.prod(t, axis=axis), x, order=2, rtol=1e-4, atol=1e-6)


def test_a_product_with_zeros_to_third_order():
    # d3(xyz) = 6 along (1, 1, 1), also at 0 where every lower derivative vanishes.
    third = pynn.grad(pynn.grad(pynn.grad(lambda s: pynn.prod(s * np.ones(3)))))
    assert third(pynn.asarray(np.float64(0))).item() == 6.0


def test_tracked_and_untracked_products_agree(isa):
    for n in (0, 1, 2, 3, 7, 100):
        x = np.random.default_rng(n).random((2, n)) + 0.5
        np.testing.assert_allclose(
            pynn.prod(pynn.tensor(x, requires_grad=True), axis=1).detach().numpy(), x.prod(axis=1), rtol=1e-12
        )


def test_empty_axes_have_empty_gradients():
    for op in ("sum", "mean", "prod", "var", "logsumexp"):
        leaf = pynn.tensor(np.zeros((3, 0)), requires_grad=True)
        y = getattr(pynn, op)(leaf, axis=1)
        got = pynn._core.gradients(y, [leaf])[0]
        assert got is None or got.shape == (3, 0), op


def test_logsumexp_with_minus_infinity():
    assert gradient(pynn.logsumexp, [0.0, -np.inf, 0.0]) == [0.5, 0.0, 0.5]


# ---- Norm ------------------------------------------------------------------------------------------------------------

ORDERS = [2, 1, 0, np.inf, -np.inf, 3, 0.5, 2.5, -1, -2]


@pytest.mark.parametrize("order", ORDERS)
def test_norms_equal_numpy(order, isa):
    for dtype, rtol in (("float64", 1e-12), ("float32", 1e-5)):
        x = np.random.default_rng(1).standard_normal((4, 9)).astype(dtype)
        x[0, 0] = 0
        for view in (x, x.T.copy().T, x[::-1, ::2], np.broadcast_to(x[:, :1], (4, 9))):
            for axis in (0, 1, -1):
                for keepdims in (False, True):
                    with np.errstate(divide="ignore"):
                        expected = np.linalg.norm(view.astype(float), order, axis=axis, keepdims=keepdims)
                    got = pynn.norm(view, ord=order, axis=axis, keepdims=keepdims)
                    assert got.dtype == dtype
                    np.testing.assert_allclose(got.numpy(), expected, rtol=rtol)
    with np.errstate(divide="ignore"):
        expected = np.linalg.norm(x.ravel().astype(float), order)
    assert pynn.norm(x, ord=order).item() == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("order", [2, 1, np.inf, -np.inf, 3, 0.5, 2.5, -1])
def test_gradients_of_norms(order):
    for axis in (None, 1, (0, 2)):
        for keepdims in (False, True):

            def f(t, axis=axis, keepdims=keepdims):
                return pynn.norm(t, ord=order, axis=axis, keepdims=keepdims)

            check_grad(f, X, order=2, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("order", [2, 1, 3, 2.5])
def test_the_gradient_of_the_norm_of_zeros_is_zero(order):
    assert gradient(lambda t: pynn.norm(t, ord=order), [0.0, 0.0]) == [0.0, 0.0]
    rows = gradient(lambda t: pynn.norm(t, ord=order, axis=1), [[0.0, 0.0], [0.0, 4.0]])
    assert rows == [[0.0, 0.0], [0.0, pytest.approx(1.0)]]
    second = pynn.grad(lambda t: (pynn.grad(lambda u: pynn.norm(u, ord=order))(t)).sum())
    assert second(np.zeros(2)).tolist() == [0.0, 0.0]


def test_norms_of_awkward_input():
    assert pynn.norm(np.zeros((2, 0)), axis=1).tolist() == [0.0, 0.0]
    assert pynn.norm(np.zeros((2, 0)), ord=3, axis=1).tolist() == [0.0, 0.0]
    assert pynn.norm([3, 4]).item() == 5.0
    assert pynn.norm([3, 4]).dtype == "float32"
    assert np.isnan(pynn.norm(np.array([np.nan, 1.0])).item())
    assert pynn.norm(np.array([-np.inf, 1.0])).item() == np.inf
    with pytest.raises(pynn.ShapeError, match=r"^norm: no element to choose from in shape \(2, 0\)$"):
        pynn.norm(np.zeros((2, 0)), ord=np.inf, axis=1)
