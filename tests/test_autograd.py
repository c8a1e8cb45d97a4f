"""The tape: backward and leaves, grad of functions, graphs of awkward shapes, memory, threads."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
import weakref

import numpy as np
import pytest

import pynn
from pynn._core import gradients


def leaf(value, dtype="float64"):
    return pynn.tensor(np.asarray(value, dtype), requires_grad=True)


# ---- Leaves and backward ---------------------------------------------------------------------------------------------


def test_backward_leaves_the_gradient_at_the_leaf():
    x = leaf([1.0, 2.0, 3.0])
    assert x.grad is None
    (x * x).sum().backward()
    assert x.grad.tolist() == [2.0, 4.0, 6.0]
    assert x.grad.dtype == "float64"
    assert not x.grad.requires_grad


def test_gradients_add_up_until_set_to_none():
    x = leaf([1.0, 2.0])
    y = (3.0 * x).sum()
    y.backward()
    y.backward()  # the graph stays
    assert x.grad.tolist() == [6.0, 6.0]
    first = x.grad
    x.grad = None
    assert x.grad is None
    y.backward()
    assert x.grad.tolist() == [3.0, 3.0]
    assert first.tolist() == [6.0, 6.0]


def test_a_gradient_taken_out_is_not_changed_by_the_next_backward():
    x = leaf([1.0, 2.0])
    (x * 2.0).sum().backward()
    taken = x.grad
    (x * 2.0).sum().backward()
    assert taken.tolist() == [2.0, 2.0]
    assert x.grad.tolist() == [4.0, 4.0]


def test_a_seed_weighs_the_elements_and_may_have_another_dtype():
    x = leaf([1.0, 2.0, 3.0])
    y = x * x
    for seed in (
        pynn.asarray(np.array([1.0, 0.0, 10.0])),
        pynn.asarray(np.array([1, 0, 10], np.float32)),
        pynn.asarray(np.array([1, 0, 10], np.int64)),
        pynn.asarray(np.array([10.0, 0.0, 1.0]))[::-1],
    ):
        x.grad = None
        y.backward(seed)
        assert x.grad.tolist() == [2.0, 0.0, 60.0]
        assert gradients(y, [x], seed)[0].tolist() == [2.0, 0.0, 60.0]


def test_backward_of_a_leaf_itself():
    x = leaf(3.0)
    x.backward()
    assert x.grad.item() == 1.0
    assert gradients(x, [x])[0].item() == 1.0


def test_requires_grad():
    x = pynn.asarray(np.ones(2))
    assert not x.requires_grad
    assert not (x * x).requires_grad
    x.requires_grad = True
    assert x.requires_grad
    y = x * x
    assert y.requires_grad
    x.requires_grad = False
    assert not (x * x).requires_grad
    assert not (x > 0).requires_grad
    assert not pynn.argmax(y).requires_grad
    assert not y.astype("int32").requires_grad
    assert y.astype("float32").requires_grad


def test_setting_requires_grad_again_keeps_the_gradient():
    x = leaf(2.0)
    (x * x).backward()
    x.requires_grad = True
    assert x.grad.item() == 4.0


def test_only_floats_have_gradients():
    for dtype in ("int64", "bool", "uint8"):
        with pytest.raises(pynn.DtypeError) as e:
            pynn.tensor([0, 1], dtype, requires_grad=True)
        assert str(e.value) == f"only floating tensors have gradients, this one is {dtype}"


def test_detach_and_stop_gradient_share_memory_but_not_the_tape():
    x = leaf([1.0, 2.0])
    for cut in (x.detach(), pynn.stop_gradient(x)):
        assert not cut.requires_grad
        assert np.shares_memory(cut.numpy(), x.numpy())
        g = gradients((x * cut).sum(), [x])[0]
        assert g.tolist() == [1.0, 2.0]


def test_no_grad_as_context_and_as_decorator():
    x = leaf(2.0)
    with pynn.no_grad():
        assert not (x * x).requires_grad
        with pynn.no_grad():
            pass
        assert not (x * x).requires_grad
    assert (x * x).requires_grad

    @pynn.no_grad()
    def square(t, *, add=0.0):
        return t * t + add

    assert not square(x, add=1.0).requires_grad
    assert square(x, add=1.0).item() == 5.0
    with pytest.raises(ZeroDivisionError), pynn.no_grad():
        raise ZeroDivisionError
    assert (x * x).requires_grad


# ---- Gradients with respect to anything ------------------------------------------------------------------------------


def test_with_respect_to_tensors_in_between():
    x = leaf([1.0, 2.0])
    y = x * 3.0
    z = (y * y).sum()
    assert [g.tolist() for g in gradients(z, [y, x, z])] == [[6.0, 12.0], [18.0, 36.0], 1.0]


def test_unconnected_sources_are_none():
    x, other = leaf(1.0), leaf(2.0)
    assert gradients(x * x, [other, x, pynn.ones(())])[::2] == [None, None]
    assert gradients(pynn.ones(()), [x]) == [None]


def test_diamonds_and_a_tensor_used_many_times():
    x = leaf(0.7)
    a, b = pynn.sin(x), pynn.exp(x)
    c = a * b + a / b + a
    s, e, d = np.sin(0.7), np.exp(0.7), np.cos(0.7)
    assert gradients(c, [x])[0].item() == pytest.approx(d * e + s * e + d / e - s / e + d)
    total = x * 0.0
    for _ in range(1000):
        total = total + x * x
    assert gradients(total, [x])[0].item() == pytest.approx(1000 * 2 * 0.7)
    y = x
    for _ in range(60):  # 2**60 paths
        y = y + y
    assert gradients(y, [x])[0].item() == 2.0**60


def test_gradients_never_share_memory():
    x, y = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    seed = pynn.asarray(np.array([1.0, 1.0]))
    middle = x + y
    found = [*gradients(middle, [x, y, x, middle], seed), seed]
    (x + y).backward(seed)
    found += [x.grad, y.grad]
    for i, g in enumerate(found):
        before = [other.tolist() for other in found]
        g += 100.0
        after = [other.tolist() for other in found]
        assert [k for k in range(len(found)) if before[k] != after[k]] == [i]


def test_broadcast_gradients_are_in_memory_of_their_own():
    x = leaf([1.0, 2.0])
    g = gradients(x.sum(), [x])[0]
    g[0] = 5.0
    assert g.tolist() == [5.0, 1.0]


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_create_graph_to_any_order(order):
    x = leaf(1.3)
    y = pynn.sin(x) * x
    for _ in range(order):
        y = gradients(y, [x], None, True)[0]
    s, c = np.sin(1.3), np.cos(1.3)
    expected = [s + 1.3 * c, 2 * c - 1.3 * s, -3 * s - 1.3 * c, -4 * c + 1.3 * s][order - 1]
    assert y.item() == pytest.approx(expected)


def test_backward_with_create_graph():
    x = leaf(2.0)
    (x**3).backward(create_graph=True)
    g = x.grad
    x.grad = None
    assert g.requires_grad
    g.backward()
    assert x.grad.item() == 12.0


# ---- grad and value_and_grad -----------------------------------------------------------------------------------------


def test_grad_and_value_and_grad():
    f = lambda a, b, scale=1.0: (a * b * scale).sum()  # noqa: E731
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
    f = lambda x: pynn.exp(2.0 * x) * x  # noqa: E731
    x = np.float64(0.3)
    derivatives = [f, pynn.grad(f), pynn.grad(pynn.grad(f)), pynn.grad(pynn.grad(pynn.grad(f)))]
    e = np.exp(0.6)
    expected = [0.3 * e, (1 + 0.6) * e, (4 + 4 * 0.3) * e, (12 + 8 * 0.3) * e]
    for d, value in zip(derivatives, expected, strict=True):
        assert d(pynn.asarray(np.array(x))).item() == pytest.approx(value, rel=1e-12)


def test_an_inner_grad_sees_only_its_own_argument():
    # d/dx of x * d/dy(x * y) is 2 x: the x of the closure is a constant of the inner derivative.
    f = lambda x: x * pynn.grad(lambda y: x * y)(x)  # noqa: E731
    assert pynn.grad(f)(3.0).item() == 6.0
    x = leaf(3.0)
    _, (da, db) = pynn.value_and_grad(lambda a, b: a * a * b, (0, 1))(x, x)
    assert (da.item(), db.item()) == (18.0, 9.0)


def test_grad_works_whatever_is_recorded_around_it():
    f = lambda x: (x * x).sum()  # noqa: E731
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
    with pytest.raises(pynn.DtypeError, match="^only floating tensors have gradients, this one is int64$"):
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


# ---- Errors ----------------------------------------------------------------------------------------------------------


def test_errors_of_backward():
    x = leaf([1.0, 2.0, 3.0])
    with pytest.raises(pynn.GradientError) as e:
        (x * x).backward()
    assert str(e.value) == (
        "backward() starts from one number, this tensor has shape (3,); reduce it first (loss.mean().backward()) "
        "or pass a seed of its shape"
    )
    with pytest.raises(pynn.ShapeError, match=r"^backward: the seed has shape \(2,\), the tensor \(3,\)$"):
        (x * x).backward(pynn.ones(2))
    with pytest.raises(pynn.ShapeError, match=r"^gradients: the seed has shape \(2,\), the target \(3,\)$"):
        gradients(x * x, [x], pynn.ones(2))
    with pytest.raises(pynn.GradientError) as e:
        pynn.ones(()).backward()
    assert str(e.value) == (
        "this tensor was not recorded: compute it inside `with pynn.GradientTape()`, or from a tensor made with "
        "requires_grad=True"
    )


# ---- Depth, memory, threads ------------------------------------------------------------------------------------------

DEEP = """
import resource
resource.setrlimit(resource.RLIMIT_STACK, (1 << 19, 1 << 19))
import threading
threading.stack_size(1 << 18)
import pynn
def run():
    x = pynn.tensor(1.0, requires_grad=True)
    y = x
    for _ in range(1_000_000):
        y = y + 1.0
    y.backward()
    assert x.grad.item() == 1.0
    del y
    many = [x * 1.0 for _ in range(2000)]
    total = pynn.stack(many).sum()
    del many
    print("freed")
thread = threading.Thread(target=run)
thread.start()
thread.join()
"""


def test_a_chain_of_a_million_nodes_is_walked_and_freed_on_a_small_stack():
    done = subprocess.run([sys.executable, "-c", DEEP], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout) == (0, "freed\n"), done.stderr


class Kept(np.ndarray):
    """An array that can be watched going away."""


def watched_array(n=4):
    array = np.ones(n).view(Kept)
    return pynn.asarray(array), weakref.ref(array)


def test_a_graph_frees_what_it_kept():
    x = leaf(np.ones(4))
    other, alive = watched_array()
    y = x * other
    del other
    gc.collect()
    assert alive() is not None  # multiply keeps it for the gradient
    (y * y).sum().backward()
    del y
    gc.collect()
    assert alive() is None


def test_an_untracked_input_is_not_kept():
    x = leaf(np.ones(4))
    other, alive = watched_array()
    y = x + other
    del other
    gc.collect()
    assert alive() is None
    assert y.requires_grad


def test_a_thousand_steps_leak_nothing():
    resource = pytest.importorskip("resource")

    def steps(n):
        w = leaf(np.ones((64, 64)), "float32")
        for _ in range(n):
            loss = (pynn.tanh(w @ w) ** 2).mean()
            loss.backward()
            w.grad = None
            pynn.grad(lambda t: pynn.exp(t * t).sum())(w.detach())

    steps(50)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    steps(1000)  # would be 1000 steps of some 100 KiB
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert after - before < 20 * 1024


def test_threads_differentiate_through_shared_leaves():
    w = leaf(np.random.default_rng(0).standard_normal((40, 40)))
    x = pynn.asarray(np.random.default_rng(1).standard_normal((40, 40)))
    shared = pynn.tanh(x @ w)
    expected = gradients((shared * shared).sum(), [w])[0].numpy()
    wrong, barrier = [], threading.Barrier(4)

    def work():
        barrier.wait()
        for _ in range(30):
            with pynn.GradientTape() as tape:
                loss = (shared * shared).sum()
            if not np.array_equal(tape.gradient(loss, w).numpy(), expected):
                wrong.append("gradient")
            with pynn.no_grad():
                if (w * 2.0).requires_grad:
                    wrong.append("recorded")
            (w * 1.0).sum().backward()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert wrong == []
    assert (w.grad.numpy() == 120).all()
