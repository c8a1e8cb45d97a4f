"""Losses of two tensors: means of differences, Huber's, and the binary cross entropies, against NumPy and PyTorch."""

from __future__ import annotations

import numpy as np
import pytest

import pynn
from pynn.testing import check_grad

SHAPES = [(), (1,), (7,), (3, 5), (2, 3, 4), (1000,)]


def draw(shape, seed=0):
    return np.random.default_rng((seed, *shape)).standard_normal(shape)


MEANS = {
    "mean_squared_error": lambda x, t: np.mean((x - t) ** 2),
    "mean_absolute_error": lambda x, t: np.mean(np.abs(x - t)),
}


@pytest.mark.parametrize("name", MEANS)
@pytest.mark.parametrize("shape", SHAPES)
def test_means_of_differences(name, shape, isa):
    x, t = draw(shape, 1), draw(shape, 2)
    for dtype, rtol in (("float64", 1e-13), ("float32", 1e-5)):
        got = getattr(pynn, name)(x.astype(dtype).T, t.astype(dtype).T)
        assert got.shape == ()
        assert got.dtype == dtype
        np.testing.assert_allclose(got.numpy(), MEANS[name](x, t), rtol=rtol)
    check_grad(getattr(pynn, name), x, t, order=2)


@pytest.mark.parametrize("name", MEANS)
def test_unequal_shapes_are_refused_even_where_they_broadcast(name):
    for first, second in [((2, 1), (2,)), ((3,), ()), ((2, 3), (3,)), ((2,), (3,))]:
        with pytest.raises(pynn.ShapeError) as e:
            getattr(pynn, name)(np.ones(first), np.ones(second))
        text = f"{name}: shapes {first} and {second} must be equal"
        assert str(e.value) == text


@pytest.mark.parametrize("name", MEANS)
def test_means_of_awkward_input(name):
    f = getattr(pynn, name)
    assert np.isnan(f(np.zeros(0), np.zeros(0)).item())
    assert np.isnan(f(np.array([np.nan, 0]), np.zeros(2)).item())
    assert f(np.array([np.inf, 0]), np.zeros(2)).item() == np.inf
    assert f([1, 2], [3, 5]).item() == pytest.approx(MEANS[name](np.array([1, 2]), np.array([3, 5])))


def test_equal_elements_have_no_absolute_gradient():
    x = pynn.tensor(np.array([1.0, 2.0, 3.0]), requires_grad=True)
    pynn.mean_absolute_error(x, np.array([1.0, 5.0, 0.0])).backward()
    np.testing.assert_allclose(x.grad.numpy(), [0, -1 / 3, 1 / 3])


@pytest.mark.parametrize("delta", [0.5, 1.0, 2.0])
def test_huber(delta, isa):
    x = np.array([-5, -2, -1, -0.5, -0.25, 0, 0.25, 0.5, 1, 2, 5, np.inf, -np.inf, np.nan])
    with np.errstate(invalid="ignore"):
        quadratic, linear = 0.5 * x**2, delta * (np.abs(x) - 0.5 * delta)
    expected = np.where(np.abs(x) <= delta, quadratic, linear)
    np.testing.assert_allclose(pynn.huber(x, delta).numpy(), expected, rtol=1e-15)
    np.testing.assert_allclose(pynn.huber(x.astype(np.float32), delta=delta).numpy(), expected, rtol=1e-6)
    leaf = pynn.tensor(x[:-1], requires_grad=True)
    pynn.huber(leaf, delta).sum().backward()
    np.testing.assert_array_equal(leaf.grad.numpy(), np.clip(x[:-1], -delta, delta))
    smooth = np.array([-5.0, -0.3, 0.1, 0.4, 3.0])
    check_grad(pynn.huber, smooth, np.full(5, delta), order=2)


def test_huber_equals_pytorch():
    torch = pytest.importorskip("torch")
    x = draw((50,)) * 3
    for delta in (0.7, 1.0):
        theirs = torch.nn.functional.huber_loss(
            torch.tensor(x), torch.zeros(50), reduction="none", delta=delta
        )
        np.testing.assert_allclose(pynn.huber(x, delta).numpy(), theirs.numpy(), rtol=1e-13)


@pytest.mark.parametrize("shape", SHAPES)
def test_binary_cross_entropies(shape, isa):
    x, t = draw(shape, 1) * 4, np.random.default_rng(2).random(shape)
    p = 1 / (1 + np.exp(-x))
    expected = -t * np.log(p) - (1 - t) * np.log1p(-p)
    for dtype, rtol in (("float64", 1e-10), ("float32", 1e-4)):
        got = pynn.binary_cross_entropy_with_logits(x.astype(dtype), t.astype(dtype))
        np.testing.assert_allclose(got.numpy(), expected, rtol=rtol, atol=1e-6)
        got = pynn.binary_cross_entropy(p.astype(dtype), t.astype(dtype))
        np.testing.assert_allclose(got.numpy(), expected, rtol=10 * rtol, atol=1e-5)
    check_grad(pynn.binary_cross_entropy_with_logits, x, t, order=2, rtol=1e-4)
    check_grad(pynn.binary_cross_entropy, 0.1 + 0.8 * p, t, order=2, rtol=1e-4)


def test_binary_cross_entropy_of_certain_probabilities_is_clipped():
    p, t = np.array([0.0, 1.0, 0.0, 1.0]), np.array([0.0, 1.0, 1.0, 0.0])
    most = -np.log(1e-7)
    leaf = pynn.tensor(p, requires_grad=True)
    loss = pynn.binary_cross_entropy(leaf, t)
    np.testing.assert_allclose(loss.detach().numpy(), [1e-7, 1e-7, most, most], rtol=1e-6)
    loss.sum().backward()
    assert leaf.grad.tolist() == [0.0, 0.0, 0.0, 0.0]
    single = pynn.binary_cross_entropy(p.astype(np.float32), t.astype(np.float32)).numpy()
    assert np.isfinite(single).all()


def test_huge_logits_do_not_overflow(isa):
    for dtype in ("float32", "float64"):
        x = np.array([1e4, -1e4, 1e30, -1e30], dtype)
        t = np.array([0, 1, 1, 0], dtype)
        leaf = pynn.tensor(x, requires_grad=True)
        loss = pynn.binary_cross_entropy_with_logits(leaf, t)
        np.testing.assert_allclose(loss.detach().numpy(), [1e4, 1e4, 0, 0], rtol=1e-6)
        loss.sum().backward()
        np.testing.assert_allclose(leaf.grad.numpy(), [1, -1, 0, 0], atol=1e-7)


def test_binary_cross_entropy_equals_pytorch():
    torch = pytest.importorskip("torch")
    x, t = draw((40,)) * 5, np.random.default_rng(3).random(40)
    theirs = torch.tensor(x, requires_grad=True)
    loss = torch.nn.functional.binary_cross_entropy_with_logits(theirs, torch.tensor(t), reduction="none")
    loss.sum().backward()
    ours = pynn.tensor(x, requires_grad=True)
    got = pynn.binary_cross_entropy_with_logits(ours, t)
    got.sum().backward()
    np.testing.assert_allclose(got.detach().numpy(), loss.detach().numpy(), rtol=1e-12)
    np.testing.assert_allclose(ours.grad.numpy(), theirs.grad.numpy(), rtol=1e-9, atol=1e-15)


def test_an_error_of_shapes_names_the_loss():
    for name in ("binary_cross_entropy", "binary_cross_entropy_with_logits"):
        with pytest.raises(pynn.ShapeError) as e:
            getattr(pynn, name)(np.ones(2), np.ones(3))
        assert str(e.value) == f"{name}: shapes (2,) and (3,) do not broadcast: axis -1 is 2 and 3"
