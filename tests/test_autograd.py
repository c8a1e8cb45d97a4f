"""The tape: backward and leaves, gradients with respect to anything, errors."""

from __future__ import annotations

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
        assert str(e.value) == f"tensor: only floating tensors have gradients, this one is {dtype}"


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
    assert square.__name__ == "square"
    with pytest.raises(ZeroDivisionError), pynn.no_grad():
        raise ZeroDivisionError
    assert (x * x).requires_grad
    context = pynn.no_grad()
    with context, context:
        assert not (x * x).requires_grad
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
