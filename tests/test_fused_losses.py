"""softmax_cross_entropy and the other losses in C++ against PyTorch and NumPy in float64."""

from __future__ import annotations

import numpy as np
import pytest

import pynn
from pynn.testing import check_grad

REDUCTIONS = ["mean", "sum", "none"]
SHAPES = [(5, 3), (1, 1), (4, 10), (3, 1), (2, 3, 7), (7,), (2, 1, 2, 33), (6, 1000)]


def draw(shape, dtype="float64", seed=0, scale=3):
    return (np.random.default_rng((seed, *shape)).standard_normal(shape) * scale).astype(dtype)


def classes(shape, seed=1):
    return np.random.default_rng((seed, *shape)).integers(0, shape[-1], shape[:-1])


def distribution(shape, seed=2):
    p = np.random.default_rng((seed, *shape)).random(shape) + 0.01
    return p / p.sum(axis=-1, keepdims=True)


def log_softmax(x):
    shifted = x - x.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def one_hot(labels, n):
    return np.eye(n)[labels]


def reduce(loss, reduction):
    return loss if reduction == "none" else getattr(np, reduction)(loss)


def expected(x, targets, from_logits, reduction):
    """Keras's definition, in float64: probabilities are scaled to sum to 1 and clipped to [1e-7, 1 - 1e-7]."""
    x = x.astype(np.float64)
    p = x / x.sum(axis=-1, keepdims=True)
    log_p = log_softmax(x) if from_logits else np.log(np.clip(p, 1e-7, 1 - 1e-7))
    return reduce(-(targets * log_p).sum(axis=-1), reduction)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("shape", SHAPES)
def test_values(shape, reduction, isa):
    labels, p = classes(shape), distribution(shape)
    hot = one_hot(labels, shape[-1])
    for dtype, rtol in (("float64", 1e-12), ("float32", 1e-5)):
        x, q = draw(shape, dtype), distribution(shape, 3).astype(dtype)
        for view in (x, np.asfortranarray(x), x[..., ::-1]):
            got = pynn.softmax_cross_entropy(view, labels, reduction=reduction)
            assert got.dtype == dtype
            assert got.shape == (shape[:-1] if reduction == "none" else ())
            np.testing.assert_allclose(
                got.numpy(), expected(view, hot, True, reduction), rtol=rtol, atol=rtol
            )
            got = pynn.softmax_cross_entropy(view, p.astype(dtype), reduction=reduction)
            np.testing.assert_allclose(got.numpy(), expected(view, p, True, reduction), rtol=rtol, atol=rtol)
        got = pynn.softmax_cross_entropy(q * 2, labels, from_logits=False, reduction=reduction)
        np.testing.assert_allclose(got.numpy(), expected(q, hot, False, reduction), rtol=rtol, atol=rtol)
        got = pynn.softmax_cross_entropy(q * 2, p.astype(dtype), from_logits=False, reduction=reduction)
        np.testing.assert_allclose(got.numpy(), expected(q, p, False, reduction), rtol=rtol, atol=rtol)


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_values_and_gradients_equal_pytorch(reduction, isa):
    torch = pytest.importorskip("torch")
    x, labels, p = draw((6, 5)), classes((6, 5)), distribution((6, 5))
    for target in (labels, p):
        theirs = torch.tensor(x, requires_grad=True)
        loss = torch.nn.functional.cross_entropy(theirs, torch.tensor(target), reduction=reduction)
        loss.sum().backward()
        ours = pynn.tensor(x, requires_grad=True)
        got = pynn.softmax_cross_entropy(ours, target, reduction=reduction)
        np.testing.assert_allclose(got.detach().numpy(), loss.detach().numpy(), rtol=1e-12)
        got.sum().backward()
        np.testing.assert_allclose(ours.grad.numpy(), theirs.grad.numpy(), rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("size", [1e3, 1e30])
def test_huge_logits_give_finite_losses_and_gradients(dtype, size, isa):
    x = pynn.tensor(np.array([[size, 0, 0], [-size, -size, -size], [0, size, 0]], dtype), requires_grad=True)
    loss = pynn.softmax_cross_entropy(x, [0, 1, 0], reduction="none")
    np.testing.assert_allclose(loss.detach().numpy(), [0, np.log(3), size], rtol=1e-6)
    loss.sum().backward()
    third = 1 / 3
    np.testing.assert_allclose(
        x.grad.numpy(), [[0, 0, 0], [third, third - 1, third], [-1, 1, 0]], rtol=1e-6, atol=1e-7
    )
    hot = np.array([[1, 0, 0], [0, 1, 0], [1, 0, 0]], dtype)
    loss = pynn.softmax_cross_entropy(x.detach(), hot, reduction="none")
    np.testing.assert_allclose(loss.numpy(), [0, np.log(3), size], rtol=1e-6)


@pytest.mark.parametrize("dtype", ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"])
def test_labels_of_every_integer_type_and_layout(dtype):
    x = draw((3, 4, 5))
    labels = classes(x.shape).astype(dtype)
    expected_loss = expected(x, one_hot(labels, 5), True, "none")
    for view in (labels, np.asfortranarray(labels)):
        got = pynn.softmax_cross_entropy(x, view, reduction="none")
        np.testing.assert_allclose(got.numpy(), expected_loss, rtol=1e-12)
    got = pynn.softmax_cross_entropy(x[:, ::-1], labels[:, ::-1], reduction="none")
    np.testing.assert_allclose(got.numpy(), expected_loss[:, ::-1], rtol=1e-12)
    got = pynn.softmax_cross_entropy(x[:1], np.broadcast_to(labels[:1, :1], (1, 4)), reduction="none")
    np.testing.assert_allclose(
        got.numpy(), expected(x[:1], one_hot(np.tile(labels[0, 0], (1, 4)), 5), True, "none")
    )


def test_an_empty_batch():
    for labels in (np.zeros(0, int), np.zeros((0, 3))):
        assert pynn.softmax_cross_entropy(np.zeros((0, 3)), labels, reduction="none").shape == (0,)
        assert pynn.softmax_cross_entropy(np.zeros((0, 3)), labels, reduction="sum").item() == 0
        assert np.isnan(pynn.softmax_cross_entropy(np.zeros((0, 3)), labels).item())


def test_nan_stays_in_its_row(isa):
    x = draw((3, 9))
    x[1, 4] = np.nan
    loss = pynn.softmax_cross_entropy(x, [0, 1, 2], reduction="none").numpy()
    assert np.isnan(loss).tolist() == [False, True, False]


def test_a_class_that_is_impossible():
    x = np.array([[0.0, -np.inf]])
    assert pynn.softmax_cross_entropy(x, [0]).item() == 0
    assert pynn.softmax_cross_entropy(x, [1]).item() == np.inf


# ---- Gradients -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("shape", [(4, 3), (3,), (2, 3, 4)])
def test_gradients_to_second_order(shape, reduction, isa):
    x, labels, p = draw(shape, scale=1), classes(shape), distribution(shape)
    loss = pynn.softmax_cross_entropy
    check_grad(lambda t: loss(t, labels, reduction=reduction), x, order=2)
    check_grad(lambda t: loss(t[..., ::-1], labels, reduction=reduction), x, order=2)
    check_grad(lambda t, q: loss(t, q, reduction=reduction), x, p * 3, order=2)
    q = distribution(shape, 5)
    check_grad(lambda t: loss(t, labels, from_logits=False, reduction=reduction), q, order=2, rtol=1e-4)
    check_grad(lambda t, u: loss(t, u, from_logits=False, reduction=reduction), q, p, order=2, rtol=1e-4)


def composed_loss(x, targets, from_logits):
    log_p = (
        pynn.log_softmax(x)
        if from_logits
        else pynn.log(pynn.clip(x / x.sum(-1, keepdims=True), 1e-7, 1 - 1e-7))
    )
    return -(log_p * targets).sum() / len(x)


@pytest.mark.parametrize("from_logits", [True, False])
@pytest.mark.parametrize("kind", ["sparse", "dense"])
def test_the_fused_gradient_is_the_composed_one(kind, from_logits, isa):
    for dtype, tolerance in (("float64", 1e-14), ("float32", 1e-6)):
        for n in (1, 2, 10, 33, 1000):
            values = draw((5, n), dtype) if from_logits else distribution((5, n), 3).astype(dtype)
            if not from_logits and n > 1:
                values[0, 0] = 0  # clipped
            x = pynn.tensor(values, requires_grad=True)
            target = classes((5, n)) if kind == "sparse" else distribution((5, n)).astype(dtype)
            loss = pynn.softmax_cross_entropy(x, target, from_logits=from_logits)
            fused = pynn._core.gradients(loss, [x])[0]
            traced = pynn._core.gradients(loss, [x], None, True)[0]
            hot = one_hot(target, n) if kind == "sparse" else target
            composed = pynn._core.gradients(composed_loss(x, hot.astype(dtype), from_logits), [x])[0]
            scale = max(1, np.abs(composed.numpy()).max())
            for other in (traced, composed):
                np.testing.assert_allclose(
                    fused.numpy(), other.detach().numpy(), rtol=10 * tolerance, atol=scale * tolerance
                )


def test_labels_that_change_after_the_call_do_not_change_the_gradient():
    x, labels = pynn.tensor(draw((3, 4)), requires_grad=True), classes((3, 4))
    loss = pynn.softmax_cross_entropy(x, labels)
    before = pynn._core.gradients(loss, [x], None, True)[0].numpy().copy()
    labels[:] = (labels + 1) % 4
    np.testing.assert_array_equal(pynn._core.gradients(loss, [x], None, True)[0].numpy(), before)


def test_clipped_probabilities_have_no_gradient():
    p = pynn.tensor(np.array([[0.0, 1.0]]), requires_grad=True)
    loss = pynn.softmax_cross_entropy(p, [0], from_logits=False)
    assert loss.item() == pytest.approx(-np.log(1e-7))
    loss.backward()
    assert p.grad.tolist() == [[0.0, 0.0]]


# ---- Errors ----------------------------------------------------------------------------------------------------------

ERRORS = [
    ((2, 3), [0, 3], {}, ValueError,
     "softmax_cross_entropy: labels contain 3 but there are 3 classes (valid 0..2)"),
    ((2, 3), [-1, 0], {}, ValueError,
     "softmax_cross_entropy: labels contain -1 but there are 3 classes (valid 0..2)"),
    ((2, 3), [0, 7], {"from_logits": False}, ValueError,
     "softmax_cross_entropy: labels contain 7 but there are 3 classes (valid 0..2)"),
    ((2, 3), [0, 1, 2], {}, pynn.ShapeError,
     "softmax_cross_entropy: integer labels of shape (3,) do not fit x of shape (2, 3); they need shape (2,)"),
    ((2, 3), [[0], [1]], {}, pynn.ShapeError,
     "softmax_cross_entropy: integer labels of shape (2, 1) do not fit x of shape (2, 3); they need shape (2,)"),
    ((2, 3), np.ones((2, 3), int), {}, pynn.ShapeError,
     "softmax_cross_entropy: integer labels of shape (2, 3) do not fit x of shape (2, 3); they need shape (2,)"),
    ((2, 3), [0.0, 1.0], {}, pynn.ShapeError,
     "softmax_cross_entropy: float labels of shape (2,) do not fit x of shape (2, 3); they need the same shape (or "
     "integers, one class a row)"),
    ((2, 3), np.ones((3, 2)), {}, pynn.ShapeError,
     "softmax_cross_entropy: float labels of shape (3, 2) do not fit x of shape (2, 3); they need the same shape (or "
     "integers, one class a row)"),
    ((), [0], {}, pynn.ShapeError, "softmax_cross_entropy: x needs an axis of classes, got a 0-d tensor"),
    ((2, 0), [0, 0], {}, pynn.ShapeError, "softmax_cross_entropy: x of shape (2, 0) has no classes"),
    ((2, 3), [0, 1], {"reduction": "avg"}, ValueError,
     "softmax_cross_entropy: reduction is 'mean', 'sum' or 'none', got 'avg'"),
]  # fmt: skip


@pytest.mark.parametrize(("shape", "labels", "options", "error", "text"), ERRORS, ids=range(len(ERRORS)))
def test_wrong_arguments(shape, labels, options, error, text):
    with pytest.raises(error) as e:
        pynn.softmax_cross_entropy(np.ones(shape), labels, **options)
    assert str(e.value) == text


def test_wrong_types():
    for dtype, text in (
        ("int64", "softmax_cross_entropy: x must be floating, got int64"),
        (
            "float16",
            "softmax_cross_entropy is not defined for float16; compute in float32: x.astype('float32')",
        ),
    ):
        with pytest.raises(pynn.DtypeError) as e:
            pynn.softmax_cross_entropy(np.ones((2, 3), dtype), [0, 1])
        assert str(e.value) == text
