"""Changing in place what a derivative needs: the gradient is right as if nothing had changed, or there is an error."""

from __future__ import annotations

import numpy as np
import pytest

import pynn
from pynn._core import gradients

UNARY = [r["name"] for r in pynn._core._unary_rows if r["differentiable"] and r["floats"]]
BINARY = [r["name"] for r in pynn._core._binary_rows if r["differentiable"] and r["floats"]]
MASK = np.array([[True, False, True], [False, True, False]])
HOT = np.eye(3)[[0, 2]]


def condition():
    return pynn.asarray(MASK.copy())


# Each takes tensors of shape (2, 3) and gives a tensor. Inputs without floats are made by a function of their own.
OPS = {
    **{name: (getattr(pynn, name), 1) for name in UNARY},
    **{name: (getattr(pynn, name), 2) for name in BINARY},
    "gelu_approximate": (lambda x: pynn.gelu(x, True), 1),
    "clip": (pynn.clip, 3),
    "where": (lambda a, b: pynn.where(condition(), a, b), 2),
    "astype": (lambda x: x.astype("float32").astype("float64"), 1),
    "sum": (lambda x: pynn.sum(x, axis=0), 1),
    "mean": (lambda x: pynn.mean(x, axis=1), 1),
    "prod": (lambda x: pynn.prod(x, axis=1), 1),
    "max": (lambda x: pynn.max(x, axis=1), 1),
    "min": (lambda x: pynn.min(x, axis=0), 1),
    "var": (lambda x: pynn.var(x, axis=1), 1),
    "std": (lambda x: pynn.std(x, axis=1), 1),
    "logsumexp": (lambda x: pynn.logsumexp(x, axis=1), 1),
    "norm": (lambda x: pynn.norm(x, axis=1), 1),
    "norm_3": (lambda x: pynn.norm(x, ord=3, axis=1), 1),
    "norm_inf": (lambda x: pynn.norm(x, ord=np.inf, axis=1), 1),
    "cumulative_sum": (lambda x: pynn.cumulative_sum(x, axis=1), 1),
    "softmax": (pynn.softmax, 1),
    "softmax_rows": (lambda x: pynn.softmax(x, axis=0), 1),
    "log_softmax": (pynn.log_softmax, 1),
    "sort": (pynn.sort, 1),
    "matmul": (lambda a, b: pynn.matmul(a, b.T), 2),
    "matmul_vector": (lambda a, b: pynn.matmul(a, b[0]), 2),
    "dot": (lambda a, b: pynn.dot(a[0], b[1]), 2),
    "outer": (pynn.outer, 2),
    "tensordot": (lambda a, b: pynn.tensordot(a, b, axes=([0], [0])), 2),
    "einsum": (lambda a, b: pynn.einsum("ij,kj->ik", a, b), 2),
    "einsum_diagonal": (lambda x: pynn.einsum("ii->i", x[:, :2]), 1),
    "linear": (lambda x, k, b: pynn.linear(x, k.T, b[0, :2]), 3),
    "linear_relu": (lambda x, k, b: pynn.linear(x, k.T, b[0, :2], "relu"), 3),
    "linear_softmax": (lambda x, k: pynn.linear(x, k.T, None, "softmax"), 2),
    "cross_entropy_sparse": (lambda x: pynn.softmax_cross_entropy(x, [0, 2], reduction="none"), 1),
    "cross_entropy_dense": (lambda x, t: pynn.softmax_cross_entropy(x, t, reduction="none"), 2),
    "cross_entropy_probabilities": (lambda x: pynn.softmax_cross_entropy(x / 3, [0, 2], from_logits=False), 1),
    "mean_squared_error": (pynn.mean_squared_error, 2),
    "mean_absolute_error": (pynn.mean_absolute_error, 2),
    "reshape": (lambda x: pynn.reshape(x, (3, 2)), 1),
    "permute_dims": (lambda x: pynn.permute_dims(x, (1, 0)), 1),
    "broadcast_to": (lambda x: pynn.broadcast_to(x, (2, 2, 3)), 1),
    "flip": (lambda x: pynn.flip(x, axis=0), 1),
    "slice": (lambda x: x[:, ::2], 1),
    "concat": (lambda a, b: pynn.concat([a, b]), 2),
    "stack": (lambda a, b: pynn.stack([a, b]), 2),
    "tile": (lambda x: pynn.tile(x, (2, 1)), 1),
    "repeat": (lambda x: pynn.repeat(x, 2, axis=0), 1),
    "roll": (lambda x: pynn.roll(x, 1, axis=1), 1),
    "tril": (pynn.tril, 1),
    "triu": (pynn.triu, 1),
    "take": (lambda x: pynn.take(x, [0, 0, 1], axis=0), 1),
    "take_along_axis": (lambda x: pynn.take_along_axis(x, np.array([[0, 2], [1, 1]])), 1),
    "index_array": (lambda x: x[[0, 1, 0], [2, 0, 2]], 1),
    "index_mask": (lambda x: x[condition()], 1),
    "copy": (lambda x: x.copy(), 1),
    "dropout": (lambda x: pynn.dropout(x, 0.5, pynn.random.Generator(0)), 1),
}  # fmt: skip

VALUES = [np.array([[0.3, 0.7, 0.5], [0.9, 0.2, 0.6]]), np.array([[0.4, 0.8, 0.1], [0.35, 0.75, 0.55]]),
          np.array([[1.5, 0.95, 1.2], [1.1, 1.4, 1.3]])]  # fmt: skip


def inputs(name, count):
    shift = 1.0 if name in ("acosh",) else 0.0
    return [pynn.tensor(v + shift, requires_grad=True) for v in VALUES[:count]]


def differentiate(y, xs, create_graph):
    with np.errstate(all="ignore"):
        found = gradients(y, xs, None, create_graph)
    return [None if g is None else g.detach().numpy().copy() for g in found]


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize("name", OPS)
def test_inputs_and_output(name, create_graph):
    """Each input, then the output, is overwritten after the operation."""
    op, count = OPS[name]
    xs = inputs(name, count)
    expected = differentiate(op(*xs), xs, create_graph)
    for changed in range(count + 1):
        xs = inputs(name, count)
        y = op(*xs)
        victim = (*xs, y)[changed]
        with pynn.no_grad():
            try:
                victim *= 3.7
            except ValueError:  # a broadcast view cannot be written at all
                assert 0 in victim.strides
                continue
        try:
            got = differentiate(y, xs, create_graph)
        except pynn.GradientError as e:
            text = str(e)
            assert text.startswith("the gradient of ")
            assert text.endswith(
                ": a tensor that it needs was changed in place after it was used; change a copy, or make a new tensor "
                "instead"
            )
            continue
        for g, e in zip(got, expected, strict=True):
            assert (g is None) == (e is None)
            if g is not None:
                np.testing.assert_array_equal(g, e, f"operand {changed} was changed unnoticed")


def changed_names(name, victim, create_graph=False):
    """The operation that the error names after victim, one of the inputs or -1 for the output, changed."""
    op, count = OPS[name]
    xs = inputs(name, count)
    y = op(*xs)
    with pynn.no_grad():
        target = (*xs, y)[victim]
        target += 1.0
    with pytest.raises(pynn.GradientError) as e:
        gradients(y, xs, None, create_graph)
    return str(e.value).removeprefix("the gradient of ").split(":")[0]


def test_the_error_names_the_operation():
    for name in (
        "multiply",
        "divide",
        "power",
        "sin",
        "log",
        "matmul",
        "linear",
        "max",
        "norm",
        "huber",
        "clip",
    ):
        assert changed_names(name, 0) == name
    for name in ("exp", "tanh", "sigmoid", "sqrt", "relu", "softmax", "log_softmax"):
        assert changed_names(name, -1) == name
    for name in ("cross_entropy_sparse", "cross_entropy_dense"):
        assert changed_names(name, 0, create_graph=True) == "softmax_cross_entropy"


def test_masks_and_conditions_are_kept_too():
    for use in (lambda x, c: pynn.where(c, x, 2.0 * x), lambda x, c: x[c]):
        x, c = inputs("where", 1)[0], condition()
        expected = differentiate(use(x, c), [x], False)[0]
        y = use(x, c)
        with pynn.no_grad():
            c[:] = False
        try:
            got = differentiate(y, [x], False)[0]
        except pynn.GradientError:
            continue
        np.testing.assert_array_equal(got, expected)


def test_index_arrays_may_change():
    for use in (
        lambda x, i: pynn.take(x, i, axis=1),
        lambda x, i: x[:, i],
        lambda x, i: pynn.take_along_axis(x, i[None]),
    ):
        x, i = inputs("take", 1)[0], pynn.asarray(np.array([2, 0]))
        y = use(x, i)
        expected = differentiate(y, [x], True)[0]
        i += 1 - i
        np.testing.assert_array_equal(differentiate(y, [x], True)[0], expected)


def test_a_change_through_another_view_is_noticed():
    x = inputs("sin", 1)[0]
    y = pynn.sin(x)
    other = x.detach().reshape(3, 2)[1:]
    other += 1.0
    with pytest.raises(
        pynn.GradientError, match=r"^the gradient of sin: a tensor that it needs was changed in place"
    ):
        gradients(y, [x])


def test_an_optimizer_step_before_backward_is_noticed():
    v = pynn.Variable(np.array([1.0, 2.0]))
    with pynn.GradientTape() as tape:
        y = (v * v).sum()
    pynn._core.sgd(v, pynn.ones(2, dtype=v.dtype), None, learning_rate=0.1)
    with pytest.raises(pynn.GradientError, match=r"^the gradient of multiply: "):
        tape.gradient(y, v)


IN_PLACE = {
    "add": lambda t: t.__iadd__(1.0),
    "multiply": lambda t: t.__imul__(2.0),
    "divide": lambda t: t.__itruediv__(2.0),
    "assignment": lambda t: t.__setitem__(0, 1.0),
}
CURE = (
    " in place on a tensor that the tape tracks; make a new tensor instead (x = x + y), or work inside `with "
    "pynn.no_grad()`"
)


@pytest.mark.parametrize("name", IN_PLACE)
def test_tracked_tensors_are_not_changed_in_place(name):
    x = inputs("add", 1)[0]
    v = pynn.Variable([[1.0, 2.0]])
    with pynn.GradientTape():
        for tracked in (x, x * 2.0, x[0], x.T, v, v[0]):
            before = tracked.tolist()
            with pytest.raises(pynn.GradientError) as e:
                IN_PLACE[name](tracked)
            assert str(e.value) == name + CURE
            assert tracked.tolist() == before
    with pynn.no_grad():
        IN_PLACE[name](x)
    IN_PLACE[name](x.detach())
    IN_PLACE[name](v)
