"""pynn.linear, activation(x @ kernel + bias): every activation, fused and on the tape; odd sizes; gradients; errors."""

from __future__ import annotations

import numpy as np
import pytest

import pynn
from pynn.testing import check_grad

NUMBERS = [row["name"] for row in pynn._core._unary_rows if row["differentiable"] and row["floats"]]
ACTIVATIONS = [None, "softmax", *NUMBERS]
TRUTHS = [row["name"] for row in pynn._core._unary_rows if not row["differentiable"]]


def draw(shape, dtype="float64", seed=0):
    return np.random.default_rng((seed, *shape)).standard_normal(shape).astype(dtype)


def applied(activation, y):
    """The activation by its own function, itself tested elsewhere."""
    return (y if activation is None else getattr(pynn, activation)(y)).numpy()


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_fused_and_on_the_tape(activation, isa):
    for dtype, rtol in (("float32", 1e-5), ("float64", 1e-13)):
        for m, k, n in [(1, 1, 1), (5, 3, 7), (17, 20, 33), (1, 9, 40), (40, 9, 1)]:
            x, kernel = np.abs(draw((m, k), dtype)) / k, np.abs(draw((k, n), dtype))
            for bias in (None, np.abs(draw((n,), dtype))):
                y = x.astype(np.float64) @ kernel + (0 if bias is None else bias)
                y = pynn.asarray(y.astype(dtype))
                with np.errstate(all="ignore"):
                    expected = applied(activation, y)
                for first in (x, pynn.tensor(x, requires_grad=True)):
                    got = pynn.linear(first, kernel, bias, activation).detach().numpy()
                    if activation in (
                        "floor",
                        "ceil",
                        "round",
                        "trunc",
                        "sign",
                    ):  # steps: rounding moves between them
                        assert (np.abs(got - expected) <= 1).all()
                        continue
                    # Some are steep or have poles here, so what is compared is bounded below by 1e-4.
                    np.testing.assert_allclose(
                        got, expected, rtol=max(100 * rtol, 1e-11), atol=1e-4 * (dtype == "float32")
                    )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("m", [1, 2, 5, 6, 7, 12, 13, 31])
def test_bias_and_activation_reach_every_edge_of_a_tile(m, dtype, isa):
    for n in (1, 3, 7, 8, 9, 15, 16, 17, 24, 25, 33, 64, 67):
        for k in (1, 5, 300):
            x, kernel, bias = draw((m, k), dtype), draw((k, n), dtype), draw((n,), dtype)
            exact = x.astype(np.float64) @ kernel + bias
            for layout in (np.ascontiguousarray, np.asfortranarray):
                got = pynn.linear(layout(x), layout(kernel), bias, "relu").numpy()
                np.testing.assert_allclose(
                    got, np.maximum(exact, 0), atol={"float32": 1e-4, "float64": 1e-12}[dtype]
                )


def test_bias_and_activation_come_once_where_k_is_cut_into_parts(isa):
    x, kernel, bias = draw((7, 20_011)), draw((20_011, 13)), 100 * draw((13,))
    got = pynn.linear(x, kernel, bias, "relu").numpy()
    np.testing.assert_allclose(got, np.maximum(x @ kernel + bias, 0), atol=1e-10)


@pytest.mark.parametrize("shape", [(4,), (2, 4), (2, 3, 4), (0, 4), (2, 0, 4), (1, 1, 1, 4)])
def test_any_number_of_leading_axes(shape):
    x, kernel, bias = draw(shape), draw((4, 3)), draw((3,))
    for view in (x, x[..., ::-1], np.broadcast_to(x[..., :1], x.shape)):
        got = pynn.linear(view, kernel, bias)
        assert got.shape == (*shape[:-1], 3)
        np.testing.assert_allclose(got.numpy(), view @ kernel + bias, rtol=1e-12)


def test_sizes_of_zero():
    assert pynn.linear(np.ones((5, 0)), np.ones((0, 3)), np.arange(3.0)).tolist() == [[0, 1, 2]] * 5
    assert pynn.linear(np.ones((2, 5, 0)), np.ones((0, 3))).tolist() == np.zeros((2, 5, 3)).tolist()
    assert pynn.linear(np.ones((2, 3)), np.ones((3, 0)), np.ones(0)).shape == (2, 0)
    assert pynn.linear(np.ones((0, 3)), np.ones((3, 2)), np.ones(2), "softmax").shape == (0, 2)


def test_a_strided_bias():
    bias = np.arange(6.0)[::-2]
    np.testing.assert_array_equal(pynn.linear(np.zeros((2, 4)), np.zeros((4, 3)), bias).numpy(), [bias, bias])


def test_types():
    assert pynn.linear([[1, 2]], [[3], [4]], [5]).tolist() == [[16]]
    assert pynn.linear([[1, 2]], [[3], [4]], [-50], "relu").tolist() == [[0]]
    assert pynn.linear([[1, 2]], [[3], [4]], [0.5]).dtype == "float32"
    for dtype in ("float16", "bfloat16"):
        x, kernel = pynn.ones((2, 3), dtype=dtype), pynn.ones((3, 4), dtype=dtype)
        y = pynn.linear(x, kernel, pynn.ones(4, dtype=dtype), "tanh")
        assert y.dtype == dtype
        np.testing.assert_allclose(y.astype("float32").numpy(), np.tanh(4), rtol=4e-3)


@pytest.mark.parametrize(
    "activation", [None, "relu", "tanh", "sigmoid", "gelu", "softplus", "softmax", "silu", "exp"]
)
def test_gradients_to_second_order(activation):
    for shape in ((3,), (4, 3), (2, 2, 3)):
        x, kernel, bias = draw(shape), draw((3, 5)), draw((5,))
        check_grad(
            lambda *args: pynn.linear(*args, activation), x, kernel, bias, order=2, rtol=1e-4, atol=1e-6
        )
        check_grad(
            lambda *args: pynn.linear(*args, activation=activation), x, kernel, order=2, rtol=1e-4, atol=1e-6
        )


def test_first_and_second_order_equal_pytorch():
    torch = pytest.importorskip("torch")
    values = [draw((6, 4)), draw((4, 5)), draw((5,))]
    theirs = [torch.tensor(v, requires_grad=True) for v in values]
    x, kernel, bias = theirs
    first = torch.autograd.grad(torch.tanh(x @ kernel + bias).pow(2).sum(), theirs, create_graph=True)
    second = torch.autograd.grad(sum(g.pow(3).sum() for g in first), theirs)
    ours = [pynn.tensor(v, requires_grad=True) for v in values]
    got = pynn._core.gradients((pynn.linear(*ours, "tanh") ** 2).sum(), ours, None, True)
    total = (got[0] ** 3).sum() + (got[1] ** 3).sum() + (got[2] ** 3).sum()
    for g, expected in zip([*got, *pynn._core.gradients(total, ours)], [*first, *second], strict=True):
        np.testing.assert_allclose(g.detach().numpy(), expected.detach().numpy(), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("wanted", range(3))
def test_only_the_gradients_that_are_wanted(wanted):
    values = [draw((6, 4)), draw((4, 5)), draw((5,))]
    tensors = [pynn.asarray(v) for v in values]
    tensors[wanted].requires_grad = True
    pynn.linear(*tensors).sum().backward()
    x, kernel, _ = values
    expected = [np.tile(kernel.sum(1), (6, 1)), np.tile(x.sum(0)[:, None], (1, 5)), np.full(5, 6.0)][wanted]
    np.testing.assert_allclose(tensors[wanted].grad.numpy(), expected, rtol=1e-12)
    assert all(t.grad is None for i, t in enumerate(tensors) if i != wanted)


ERRORS = [
    (((2, 3), (2, 3), (3,), None), pynn.ShapeError,
     "linear: x (2, 3), kernel (2, 3), bias (3,) do not fit: needs x (..., K), kernel (K, N), bias (N,)"),
    (((2, 3), (3, 4), (3,), None), pynn.ShapeError,
     "linear: x (2, 3), kernel (3, 4), bias (3,) do not fit: needs x (..., K), kernel (K, N), bias (N,)"),
    (((2, 3), (3, 4), (1, 4), None), pynn.ShapeError,
     "linear: x (2, 3), kernel (3, 4), bias (1, 4) do not fit: needs x (..., K), kernel (K, N), bias (N,)"),
    (((2, 3), (3,), None, None), pynn.ShapeError,
     "linear: x (2, 3), kernel (3,) do not fit: needs x (..., K), kernel (K, N), bias (N,)"),
    (((), (3, 4), None, None), pynn.ShapeError,
     "linear: x (), kernel (3, 4) do not fit: needs x (..., K), kernel (K, N), bias (N,)"),
    (((2, 3), (3, 4), None, "rleu"), ValueError, "linear: unknown activation 'rleu'; did you mean 'relu'?"),
    (((2, 3), (3, 4), None, "leaky_relu"), ValueError, "linear: unknown activation 'leaky_relu'"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "error", "text"), ERRORS, ids=range(len(ERRORS)))
def test_wrong_arguments(arguments, error, text):
    *shapes, activation = arguments
    with pytest.raises(error) as e:
        pynn.linear(*(s if s is None else np.ones(s, np.float32) for s in shapes), activation)
    assert str(e.value) == text


@pytest.mark.parametrize("name", TRUTHS)
def test_functions_that_give_truth_values_are_no_activations(name):
    with pytest.raises(ValueError, match=rf"^linear: unknown activation '{name}'(; did you mean '\w+'\?)?$"):
        pynn.linear(np.ones((2, 3), np.float32), np.ones((3, 4), np.float32), None, name)


def test_wrong_types():
    with pytest.raises(pynn.DtypeError) as e:
        pynn.linear(np.ones((2, 2), bool), np.ones((2, 2), bool))
    assert str(e.value) == "linear is not defined for bool; convert first: x.astype('float32')"
    with pytest.raises(pynn.DtypeError) as e:
        pynn.linear([[1]], [[1]], activation="exp")
    assert str(e.value) == "linear is not defined for int64; convert first: x.astype('float32')"
