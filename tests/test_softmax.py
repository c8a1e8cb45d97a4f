"""softmax and log_softmax against a float64 NumPy formula: layouts, large logits, gradients."""

from __future__ import annotations

import numpy as np
import pytest

import pynn
from pynn.testing import check_grad

VIEWS = {
    "row_major": lambda a: a,
    "column_major": np.asfortranarray,
    "reversed": lambda a: a[::-1, :, ::-1],
    "stepped": lambda a: a[:, ::-2, 1::3],
    "repeated": lambda a: np.broadcast_to(a[:, :, :1], a.shape),
    "repeated_first": lambda a: np.broadcast_to(a[:1], a.shape),
    "one": lambda a: a[:1, :1, :1],
}


def softmax(x, axis=-1):
    e = np.exp(x.astype(np.float64) - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def log_softmax(x, axis=-1):
    shifted = x.astype(np.float64) - x.max(axis=axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


ORACLES = {"softmax": softmax, "log_softmax": log_softmax}


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("op", ORACLES)
def test_equals_the_formula_over_every_axis_and_layout(op, view, isa):
    for dtype, rtol in (("float32", 2e-6), ("float64", 1e-13)):
        x = VIEWS[view]((np.random.default_rng(0).standard_normal((4, 7, 19)) * 3).astype(dtype))
        for axis in (0, 1, 2, -1, -3):
            got = getattr(pynn, op)(x, axis=axis)
            assert got.dtype == dtype
            np.testing.assert_allclose(got.numpy(), ORACLES[op](x, axis), rtol=rtol, atol=rtol)


@pytest.mark.parametrize("n", [1, 2, 3, 7, 8, 9, 10, 16, 17, 31, 100, 1000, 4099])
@pytest.mark.parametrize("op", ORACLES)
def test_rows_of_every_length(op, n, isa):
    for dtype, rtol in (("float32", 4e-6), ("float64", 1e-12)):
        x = (np.random.default_rng(n).standard_normal((5, n)) * 4).astype(dtype)
        np.testing.assert_allclose(getattr(pynn, op)(x).numpy(), ORACLES[op](x), rtol=rtol, atol=rtol)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shift", [1e4, -1e4, 1e30, -1e30])
def test_large_logits_do_not_overflow(dtype, shift, isa):
    x = np.array([[shift, shift, shift]], dtype)
    np.testing.assert_allclose(pynn.softmax(x).numpy(), 1 / 3, rtol=1e-6)
    np.testing.assert_allclose(pynn.log_softmax(x).numpy(), -np.log(3), rtol=1e-6)
    far = np.array([[0.0, -abs(shift)]], dtype)
    assert pynn.softmax(far).tolist() == [[1.0, 0.0]]
    np.testing.assert_allclose(pynn.log_softmax(far).numpy(), far, rtol=1e-6)


def test_infinities_and_nan(isa):
    for dtype in ("float32", "float64"):
        x = np.array([[0, -np.inf, 0], [np.nan, 0, 0], [0, 0, np.nan]], dtype)
        assert pynn.softmax(x).numpy()[0].tolist() == [0.5, 0, 0.5]
        assert pynn.log_softmax(x).numpy()[0, 1] == -np.inf
        for op in (pynn.softmax, pynn.log_softmax):
            assert np.isnan(op(x).numpy()[1:]).all()


def test_empty_and_integer_input():
    for shape in [(2, 0), (0, 3), (0,)]:
        assert pynn.softmax(np.zeros(shape)).shape == shape
        assert pynn.log_softmax(np.zeros(shape), axis=0).shape == shape
    assert pynn.softmax([1, 1]).tolist() == [0.5, 0.5]
    assert pynn.softmax([1, 1]).dtype == "float32"
    with pytest.raises(
        pynn.ShapeError, match=r"^softmax: axis -1 is out of range for a tensor with 0 dimensions$"
    ):
        pynn.softmax(1.0)


@pytest.mark.parametrize("op", ORACLES)
@pytest.mark.parametrize("axis", [0, 1, -1])
def test_gradients(op, axis, isa):
    x = np.random.default_rng(1).standard_normal((3, 4, 5))
    f = getattr(pynn, op)
    check_grad(lambda t: f(t, axis=axis), x, order=2)
    check_grad(lambda t: f(pynn.flip(t.T), axis=axis), x, order=2)
    check_grad(lambda t: f(pynn.broadcast_to(t, (2, 3, 4, 5)), axis=axis), x)


@pytest.mark.parametrize("op", ORACLES)
def test_the_fused_gradient_is_the_composed_one(op, isa):
    x = np.random.default_rng(2).standard_normal((6, 33))
    w = np.random.default_rng(3).standard_normal((6, 33))
    leaf = pynn.tensor(x, requires_grad=True)
    target = (getattr(pynn, op)(leaf) * w).sum()
    fused = pynn._core.gradients(target, [leaf])[0].numpy()
    composed = pynn._core.gradients(target, [leaf], None, True)[0].numpy()
    np.testing.assert_allclose(fused, composed, rtol=1e-12, atol=1e-15)
