"""pynn.grad and value_and_grad: functions that differentiate functions, to any order, whatever is around them."""

from __future__ import annotations

import numpy as np
import pytest

import pynn


def leaf(value, dtype="float64"):
    return pynn.tensor(np.asarray(value, dtype), requires_grad=True)


def test_grad_and_value_and_grad():
    def f(a, b, scale=1.0):
        return (a * b * scale).sum()

    a, b = np.array([1.0, 2.0]), np.array([3.0, 5.0])
    assert pynn.grad(f)(a, b).tolist() == [3.0, 5.0]
    assert pynn.grad(f, 1)(a, b, scale=2.0).tolist() == [2.0, 4.0]
    assert pynn.grad(f, -1)(a, b).tolist() == [1.0, 2.0]
    value, (da, db) = pynn.value_and_grad(f, argnums=(0, 1))(a, b)
    assert (value.item(), da.tolist(), db.tolist()) == (13.0, [3.0, 5.0], [1.0, 2.0])
    assert not value.requires_grad
    assert pynn.grad(lambda x: x * x)(3.0).item() == 6.0
    assert pynn.grad(lambda x: pynn.ones(()))(np.ones(3)).tolist() == [0.0] * 3


def test_nested_grad_to_third_order():
    def f(x):
        return pynn.exp(2.0 * x) * x

    x = np.float64(0.3)
    derivatives = [f, pynn.grad(f), pynn.grad(pynn.grad(f)), pynn.grad(pynn.grad(pynn.grad(f)))]
    e = np.exp(0.6)
    expected = [0.3 * e, (1 + 0.6) * e, (4 + 4 * 0.3) * e, (12 + 8 * 0.3) * e]
    for d, value in zip(derivatives, expected, strict=True):
        assert d(pynn.asarray(np.array(x))).item() == pytest.approx(value, rel=1e-12)


def test_an_inner_grad_sees_only_its_own_argument():
    # d/dx of x * d/dy(x * y) is 2 x: the x of the closure is a constant of the inner derivative.
    def f(x):
        return x * pynn.grad(lambda y: x * y)(x)

    assert pynn.grad(f)(3.0).item() == 6.0
    x = leaf(3.0)
    _, (da, db) = pynn.value_and_grad(lambda a, b: a * a * b, (0, 1))(x, x)
    assert (da.item(), db.item()) == (18.0, 9.0)


def test_grad_works_whatever_is_recorded_around_it():
    def f(x):
        return (x * x).sum()

    v = pynn.Variable([1.0, 2.0])
    assert pynn.grad(f)(v).tolist() == [2.0, 4.0]
    with pynn.no_grad():
        assert pynn.grad(f)(v).tolist() == [2.0, 4.0]
        assert pynn.grad(f)(leaf([1.0, 2.0])).tolist() == [2.0, 4.0]
        assert not (leaf(1.0) * 2.0).requires_grad
    with pynn.GradientTape() as tape:
        g = pynn.grad(f)(v)
    assert tape.gradient(g, v).tolist() == [2.0, 2.0]
    x = leaf([1.0, 2.0])
    pynn.grad(f)(x).sum().backward()
    assert x.grad.tolist() == [2.0, 2.0]


def test_grad_of_what_is_no_number():
    for result, shown in (
        (lambda x: x, "shape (3,)"),
        (lambda x: 1.0, "float"),
        (lambda x: None, "NoneType"),
    ):
        with pytest.raises(pynn.GradientError) as e:
            pynn.grad(result)(np.ones(3))
        assert str(e.value) == (
            f"grad differentiates functions that return one number, this one returned {shown}; reduce it first"
        )
    with pytest.raises(pynn.DtypeError, match=r"^only floating tensors have gradients, this one is int64$"):
        pynn.grad(lambda x: x)(3)


def network(w1, b1, w2, x, y):
    return ((pynn.tanh(x @ w1 + b1) @ w2 - y) ** 2).mean()


def test_the_hessian_of_a_network_equals_differences():
    rng = np.random.default_rng(0)
    shapes = [(3, 4), (4,), (4, 2)]
    sizes = [int(np.prod(s)) for s in shapes]
    theta = rng.standard_normal(sum(sizes))
    x, y = rng.standard_normal((5, 3)), rng.standard_normal((5, 2))

    def f(flat):
        parts = pynn.split(flat, list(np.cumsum(sizes)[:-1]))
        return network(*(p.reshape(*s) for p, s in zip(parts, shapes, strict=True)), x, y)

    g = pynn.grad(f)
    hessian = np.stack([pynn.grad(lambda t, i=i: g(t)[i])(theta).numpy() for i in range(theta.size)])
    eps = 1e-5
    steps = eps * np.eye(theta.size)
    differences = np.stack([(g(theta + s).numpy() - g(theta - s).numpy()) / (2 * eps) for s in steps])
    np.testing.assert_allclose(hessian, differences, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(hessian, hessian.T, rtol=1e-12, atol=1e-14)


def test_gradients_of_a_network_equal_pytorch():
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(1)
    values = [rng.standard_normal(s) for s in [(3, 4), (4,), (4, 2)]]
    x, y = rng.standard_normal((5, 3)), rng.standard_normal((5, 2))
    theirs = [torch.tensor(v, requires_grad=True) for v in values]
    loss = ((torch.tanh(torch.tensor(x) @ theirs[0] + theirs[1]) @ theirs[2] - torch.tensor(y)) ** 2).mean()
    loss.backward()
    value, got = pynn.value_and_grad(network, (0, 1, 2))(*values, x, y)
    assert value.item() == pytest.approx(loss.item(), rel=1e-12)
    for g, t in zip(got, theirs, strict=True):
        np.testing.assert_allclose(g.numpy(), t.grad.numpy(), rtol=1e-10)
