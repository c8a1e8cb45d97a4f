"""Losses against NumPy formulas written here, and against Keras run on JAX where it is installed."""

from __future__ import annotations

import re

import numpy as np
import pytest

import pynn
from pynn import losses

RNG = np.random.default_rng(7)
TARGETS = RNG.uniform(0.1, 2.0, (6, 4)).astype("float32")
OUTPUTS = RNG.uniform(0.1, 2.0, (6, 4)).astype("float32")
SIGNED = RNG.normal(0, 2, (6, 4)).astype("float32")
PROBABILITIES = np.exp(SIGNED) / np.exp(SIGNED).sum(-1, keepdims=True)
BITS = RNG.integers(0, 2, (6, 4))
LABELS = RNG.integers(0, 4, 6).astype("uint8")
ONE_HOT = np.eye(4, dtype="float32")[LABELS]


def clip(p):
    return np.clip(p.astype("float64"), 1e-7, 1 - 1e-7)


def softplus(x):
    return np.logaddexp(0.0, x.astype("float64"))


def huber(e, delta):
    e = np.abs(e.astype("float64"))
    return np.where(e <= delta, e * e / 2, delta * (e - delta / 2))


def cosine(a, b):
    return (a * b).sum(-1) / np.sqrt((a * a).sum(-1) * (b * b).sum(-1))


def log_softmax(x):
    x = x.astype("float64")
    return x - np.log(np.exp(x).sum(-1, keepdims=True))


def sigmoid(x):
    return 1 / (1 + np.exp(-x.astype("float64")))


def binary_entropy(t, p):
    return -(t * np.log(clip(p)) + (1 - t) * np.log(1 - clip(p)))


def given(t, p):
    return t * p + (1 - t) * (1 - p)


# One row a loss: function, class, options, targets, predictions, NumPy formula for the losses of the samples.
CASES = [
    ("mean_squared_error", "MeanSquaredError", {}, TARGETS, OUTPUTS, lambda t, p: ((t - p) ** 2).mean(-1)),
    ("mean_absolute_error", "MeanAbsoluteError", {}, TARGETS, OUTPUTS, lambda t, p: abs(t - p).mean(-1)),
    (
        "mean_absolute_percentage_error",
        "MeanAbsolutePercentageError",
        {},
        TARGETS,
        OUTPUTS,
        lambda t, p: 100 * (abs(t - p) / abs(t)).mean(-1),
    ),
    (
        "mean_squared_logarithmic_error",
        "MeanSquaredLogarithmicError",
        {},
        TARGETS,
        OUTPUTS,
        lambda t, p: ((np.log(t + 1) - np.log(p + 1)) ** 2).mean(-1),
    ),
    ("cosine_similarity", "CosineSimilarity", {}, TARGETS, SIGNED, lambda t, p: -cosine(t, p)),
    ("huber", "Huber", {}, TARGETS, SIGNED, lambda t, p: huber(t - p, 1.0).mean(-1)),
    ("huber", "Huber", {"delta": 0.3}, TARGETS, SIGNED, lambda t, p: huber(t - p, 0.3).mean(-1)),
    ("log_cosh", "LogCosh", {}, TARGETS, SIGNED, lambda t, p: np.log(np.cosh(p - t)).mean(-1)),
    ("hinge", "Hinge", {}, BITS, SIGNED, lambda t, p: np.maximum(1 - (2 * t - 1) * p, 0).mean(-1)),
    ("hinge", "Hinge", {}, 2 * BITS - 1, SIGNED, lambda t, p: np.maximum(1 - t * p, 0).mean(-1)),
    (
        "squared_hinge",
        "SquaredHinge",
        {},
        BITS,
        SIGNED,
        lambda t, p: (np.maximum(1 - (2 * t - 1) * p, 0) ** 2).mean(-1),
    ),
    (
        "categorical_hinge",
        "CategoricalHinge",
        {},
        ONE_HOT,
        SIGNED,
        lambda t, p: np.maximum(((1 - t) * p).max(-1) - (t * p).sum(-1) + 1, 0),
    ),
    (
        "binary_crossentropy",
        "BinaryCrossentropy",
        {},
        BITS,
        PROBABILITIES,
        lambda t, p: -(t * np.log(clip(p)) + (1 - t) * np.log(1 - clip(p))).mean(-1),
    ),
    (
        "binary_crossentropy",
        "BinaryCrossentropy",
        {"from_logits": True},
        BITS,
        SIGNED,
        lambda t, p: (softplus(p) - t * p).mean(-1),
    ),
    (
        "binary_crossentropy",
        "BinaryCrossentropy",
        {"from_logits": True, "label_smoothing": 0.2},
        BITS,
        SIGNED,
        lambda t, p: (softplus(p) - (0.8 * t + 0.1) * p).mean(-1),
    ),
    (
        "categorical_crossentropy",
        "CategoricalCrossentropy",
        {},
        ONE_HOT,
        OUTPUTS,  # not scaled to sum to 1: the loss does that
        lambda t, p: -(t * np.log(clip(p / p.sum(-1, keepdims=True)))).sum(-1),
    ),
    (
        "categorical_crossentropy",
        "CategoricalCrossentropy",
        {"from_logits": True},
        ONE_HOT,
        SIGNED,
        lambda t, p: -(t * log_softmax(p)).sum(-1),
    ),
    (
        "categorical_crossentropy",
        "CategoricalCrossentropy",
        {"from_logits": True, "label_smoothing": 0.1},
        ONE_HOT,
        SIGNED,
        lambda t, p: -((0.9 * t + 0.025) * log_softmax(p)).sum(-1),
    ),
    (
        "sparse_categorical_crossentropy",
        "SparseCategoricalCrossentropy",
        {},
        LABELS,
        OUTPUTS,
        lambda t, p: -np.log(clip(p / p.sum(-1, keepdims=True)))[np.arange(len(t)), t],
    ),
    (
        "sparse_categorical_crossentropy",
        "SparseCategoricalCrossentropy",
        {"from_logits": True},
        LABELS,
        SIGNED,
        lambda t, p: -log_softmax(p)[np.arange(len(t)), t],
    ),
    (
        "kl_divergence",
        "KLDivergence",
        {},
        TARGETS / 2,
        PROBABILITIES,
        lambda t, p: (t * np.log(t / p)).sum(-1),
    ),
    ("poisson", "Poisson", {}, TARGETS, OUTPUTS, lambda t, p: (p - t * np.log(p)).mean(-1)),
    (
        "binary_focal_crossentropy",
        "BinaryFocalCrossentropy",
        {},
        BITS,
        PROBABILITIES,
        lambda t, p: (binary_entropy(t, p) * (1 - given(t, p)) ** 2).mean(-1),
    ),
    (
        "binary_focal_crossentropy",
        "BinaryFocalCrossentropy",
        {"apply_class_balancing": True, "alpha": 0.3, "gamma": 1.5, "from_logits": True},
        BITS,
        SIGNED,
        lambda t, x: (
            np.where(t, 0.3, 0.7) * binary_entropy(t, sigmoid(x)) * (1 - given(t, sigmoid(x))) ** 1.5
        ).mean(-1),
    ),
    (
        "binary_focal_crossentropy",
        "BinaryFocalCrossentropy",
        {"gamma": 0, "label_smoothing": 0.2},
        BITS,
        PROBABILITIES,
        lambda t, p: binary_entropy(0.8 * t + 0.1, p).mean(-1),
    ),
    (
        "categorical_focal_crossentropy",
        "CategoricalFocalCrossentropy",
        {},
        ONE_HOT,
        PROBABILITIES,
        lambda t, p: -(0.25 * (1 - p) ** 2 * t * np.log(clip(p))).sum(-1),
    ),
    (
        "categorical_focal_crossentropy",
        "CategoricalFocalCrossentropy",
        {"alpha": [0.1, 0.2, 0.3, 0.4], "gamma": 1.0, "from_logits": True, "label_smoothing": 0.1},
        ONE_HOT,
        SIGNED,
        lambda t, x: (
            -(
                np.array([0.1, 0.2, 0.3, 0.4])
                * (1 - np.exp(log_softmax(x)))
                * (0.9 * t + 0.025)
                * log_softmax(x)
            ).sum(-1)
        ),
    ),
    (
        "categorical_generalized_cross_entropy",
        "CategoricalGeneralizedCrossEntropy",
        {"q": 0.7},
        LABELS,
        PROBABILITIES,
        lambda t, p: (1 - p[np.arange(len(t)), t] ** 0.7) / 0.7,
    ),
    (
        "dice",
        "Dice",
        {"axis": -1},
        BITS,
        PROBABILITIES,
        lambda t, p: 1 - 2 * (t * p).sum(-1) / (t.sum(-1) + p.sum(-1) + 1e-7),
    ),
    (
        "tversky",
        "Tversky",
        {"alpha": 0.3, "beta": 0.6, "axis": -1},
        BITS,
        PROBABILITIES,
        lambda t, p: 1 - (t * p).sum(-1) / ((t * p + 0.3 * t * (1 - p) + 0.6 * (1 - t) * p).sum(-1) + 1e-7),
    ),
]
IDS = ["-".join([case[0], *case[2]]) for case in CASES]
WEIGHTS = np.array([0.0, 1.0, 2.0, 0.5, 1.0, 3.0], "float32")


@pytest.mark.parametrize(("name", "kind", "options", "true", "pred", "formula"), CASES, ids=IDS)
def test_function_is_the_formula(name, kind, options, true, pred, formula):
    value = getattr(losses, name)(true, pred, **options)
    assert value.shape == (6,)
    np.testing.assert_allclose(value.numpy(), formula(true, pred), rtol=2e-5, atol=1e-6)


@pytest.mark.parametrize(("name", "kind", "options", "true", "pred", "formula"), CASES, ids=IDS)
@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["plain", "weighted"])
def test_class_reduces_the_formula(name, kind, options, true, pred, formula, weights):
    each = formula(true, pred) * (1 if weights is None else weights)
    divisor = {"sum_over_batch_size": 6, "mean": 6, "sum": 1, "mean_with_sample_weight": 6}
    if weights is not None:
        divisor["mean_with_sample_weight"] = weights.sum()
    for reduction, by in divisor.items():
        value = getattr(losses, kind)(**options, reduction=reduction)(true, pred, weights)
        assert value.shape == ()
        assert value.dtype == "float32"
        np.testing.assert_allclose(float(value), each.sum() / by, rtol=2e-5)
    for reduction in ("none", None):
        value = getattr(losses, kind)(**options, reduction=reduction)(true, pred, weights)
        np.testing.assert_allclose(value.numpy(), each, rtol=2e-5, atol=1e-6)


@pytest.mark.parametrize(("name", "kind", "options", "true", "pred", "formula"), CASES, ids=IDS)
@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["plain", "weighted"])
def test_agrees_with_keras(keras, name, kind, options, true, pred, formula, weights):
    ours = getattr(losses, kind)(**options)
    theirs = getattr(keras.losses, kind)(**options)
    np.testing.assert_allclose(
        float(ours(true, pred, weights)), float(theirs(true, pred, weights)), rtol=2e-5, atol=1e-6
    )
    assert ours.reduction == theirs.reduction
    assert ours.name == theirs.name


@pytest.mark.parametrize(("name", "kind", "options", "true", "pred", "formula"), CASES, ids=IDS)
def test_gradient_is_that_of_keras(keras, name, kind, options, true, pred, formula):
    jax = pytest.importorskip("jax")
    theirs = jax.grad(lambda p: getattr(keras.losses, kind)(**options)(true, p))(pred)
    x = pynn.tensor(pred, requires_grad=True)
    getattr(losses, kind)(**options)(true, x).backward()
    np.testing.assert_allclose(x.grad.numpy(), np.asarray(theirs), rtol=1e-4, atol=1e-6)
    x.grad = None
    getattr(losses, name)(true, x, **options).mean().backward()
    np.testing.assert_allclose(x.grad.numpy(), np.asarray(theirs), rtol=1e-4, atol=1e-6)


ALIASES = {
    "mse": "mean_squared_error",
    "MSE": "mean_squared_error",
    "mae": "mean_absolute_error",
    "MAE": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error",
    "msle": "mean_squared_logarithmic_error",
    "bce": "binary_crossentropy",
    "kld": "kl_divergence",
}


@pytest.mark.parametrize(("alias", "name"), ALIASES.items())
def test_alias_is_the_function(alias, name):
    assert losses.get(alias) is losses.get(name) is getattr(losses, name)


def test_resolve_makes_a_loss_of_everything_compile_accepts():
    for given in ("mse", "mean_squared_error", losses.mean_squared_error, "MeanSquaredError"):
        assert isinstance(losses.resolve(given), losses.MeanSquaredError)
    instance = losses.Huber(0.5)
    assert losses.resolve(instance) is instance
    assert losses.resolve(losses.Huber).name == "huber_loss"

    def my_loss(y_true, y_pred):
        return (y_pred - y_true) ** 2

    wrapped = losses.resolve(my_loss)
    assert wrapped.name == "my_loss"
    assert float(wrapped(np.zeros((2, 1)), np.array([[1.0], [3.0]]))) == 5.0


def test_custom_loss_class_only_defines_call():
    class Cubic(losses.Loss):
        def call(self, y_true, y_pred):
            return pynn.asarray(y_pred) ** 3

    assert Cubic().name == "cubic"
    assert float(Cubic()(np.zeros(2), np.array([1.0, 2.0]))) == 4.5
    assert float(Cubic(reduction="sum")(np.zeros(2), np.array([1.0, 2.0]), [1.0, 0.5])) == 5.0


@pytest.mark.parametrize("kind", ["MeanSquaredError", "MeanAbsoluteError", "Huber", "BinaryCrossentropy"])
def test_missing_last_axis_is_lined_up_and_never_broadcast(kind):
    loss = getattr(losses, kind)(reduction="none")
    column, flat = TARGETS[:, :1] / 2, OUTPUTS[:, 0] / 2
    expected = loss(column, flat[:, None]).numpy()
    assert expected.shape == (6,)
    np.testing.assert_array_equal(loss(column, flat).numpy(), expected)
    np.testing.assert_array_equal(loss(column[:, 0], flat[:, None]).numpy(), expected)


def test_missing_last_axis_of_a_sequence():
    true, pred = np.zeros((2, 3)), np.ones((2, 3, 1))
    assert losses.mean_squared_error(true, pred).shape == (2,)
    assert losses.mean_squared_error(pred, true).shape == (2,)


@pytest.mark.parametrize("dtype", ["uint8", "int8", "int32", "int64", "uint64", "float32", "float64", "bool"])
def test_target_dtypes(dtype):
    labels = (LABELS % 2).astype(dtype)
    expected = float(losses.SparseCategoricalCrossentropy()((LABELS % 2).astype("int64"), PROBABILITIES))
    for shaped in (labels, labels[:, None]):
        assert float(losses.SparseCategoricalCrossentropy()(shaped, PROBABILITIES)) == expected
    value = losses.mean_squared_error(labels[:, None], PROBABILITIES[:, :1])
    assert value.dtype == "float32"


def test_dtype_is_that_of_the_predictions():
    assert losses.mean_squared_error(TARGETS, OUTPUTS.astype("float64")).dtype == "float64"
    assert losses.mean_squared_error([[1.0]], [[2]]).dtype == "float32"
    assert losses.MeanSquaredError(dtype="float32")(TARGETS, OUTPUTS.astype("float64")).dtype == "float32"


def test_labels_of_sequences():
    pred = RNG.uniform(0.1, 1, (2, 3, 5)).astype("float32")
    labels = RNG.integers(0, 5, (2, 3))
    each = losses.sparse_categorical_crossentropy(labels, pred)
    assert each.shape == (2, 3)
    np.testing.assert_array_equal(
        each.numpy(), losses.sparse_categorical_crossentropy(labels[..., None], pred).numpy()
    )
    dense = losses.categorical_crossentropy(np.eye(5)[labels], pred)
    np.testing.assert_allclose(dense.numpy(), each.numpy(), rtol=1e-6)


def test_sample_weight_shapes():
    true, pred = np.zeros((2, 3, 1)), np.arange(6.0).reshape(2, 3, 1)  # losses (2, 3)
    total = losses.MeanSquaredError(reduction="sum")
    assert float(total(true, pred, 2.0)) == 110
    assert float(total(true, pred, [1.0, 0.0])) == 5
    assert float(total(true, pred, [[1.0], [0.0]])) == 5
    assert float(total(true, pred, [[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])) == 26
    assert float(total(true, pred, np.array([1, 0], "int64"))) == 5
    mean = losses.MeanSquaredError(reduction="mean_with_sample_weight")
    assert float(mean(true, pred, [1.0, 0.0])) == pytest.approx(5 / 3)
    assert float(mean(true, pred, [0.0, 0.0])) == 0


def test_empty_and_single_batches():
    for loss in (losses.MeanSquaredError(), losses.BinaryCrossentropy()):
        assert float(loss(np.zeros((0, 1)), np.zeros((0, 1), "float32"))) == 0
        assert float(loss(np.ones((1, 1)), np.ones((1, 1), "float32"))) == pytest.approx(0, abs=1e-6)
    sparse = losses.SparseCategoricalCrossentropy()
    assert float(sparse(np.zeros(0, "int64"), np.zeros((0, 3), "float32"))) == 0
    assert float(sparse([0], [[1.0, 0.0, 0.0]])) == pytest.approx(0, abs=1e-6)


def test_certain_probabilities_stay_finite_and_nan_stays_nan():
    assert float(losses.binary_crossentropy([[1.0]], [[0.0]])[0]) == pytest.approx(-np.log(1e-7), rel=1e-3)
    assert np.isfinite(float(losses.sparse_categorical_crossentropy([1], [[1.0, 0.0]])[0]))
    for loss in ("mse", "mae", "huber", "binary_crossentropy", "log_cosh", "poisson", "hinge"):
        assert np.isnan(float(losses.resolve(loss)([[1.0]], [[np.nan]]))), loss
    assert np.isnan(float(losses.SparseCategoricalCrossentropy()([1], [[np.nan, 0.5]])))
    assert float(losses.BinaryCrossentropy(from_logits=True)([[0.0]], [[1000.0]])) == 1000


def test_config_makes_an_equal_loss():
    loss = losses.BinaryCrossentropy(from_logits=True, label_smoothing=0.1, reduction="sum", name="bits")
    again = losses.BinaryCrossentropy.from_config(loss.get_config())
    assert again.get_config() == loss.get_config()
    assert repr(losses.MeanSquaredError()) == (
        "MeanSquaredError(name='mean_squared_error', reduction='sum_over_batch_size')"
    )
    for kind in (losses.Dice(axis=[1, 2]), losses.SparseCategoricalCrossentropy(ignore_class=-1)):
        assert losses.deserialize(losses.serialize(kind)).get_config() == kind.get_config()
    assert losses.deserialize(losses.serialize(losses.tversky)) is losses.tversky
    resolved = losses.get({"class_name": "Huber", "config": {"delta": 2.0}})
    assert resolved.get_config()["delta"] == 2.0


N, T = np.zeros((4, 3), "float32"), np.zeros((4, 2), "float32")
ERRORS = [
    (
        lambda: losses.mean_squared_error(N, T),
        pynn.ShapeError,
        "mean_squared_error: shapes of y_true (4, 3) and y_pred (4, 2) do not match",
    ),
    (
        lambda: losses.MeanSquaredError()(np.zeros(4), np.zeros((4, 3))),
        pynn.ShapeError,
        "mean_squared_error: shapes of y_true (4,) and y_pred (4, 3) do not match",
    ),
    (
        lambda: losses.Huber(name="mine")(np.zeros((5, 1)), np.zeros(4)),
        pynn.ShapeError,
        "huber: shapes of y_true (5, 1) and y_pred (4,) do not match",
    ),
    (
        lambda: losses.hinge(1.0, 1.0),
        pynn.ShapeError,
        "hinge: y_true and y_pred need at least one axis, got shape ()",
    ),
    (
        lambda: losses.binary_crossentropy(np.zeros(4), T),
        pynn.ShapeError,
        "binary_crossentropy: shapes of y_true (4,) and y_pred (4, 2) do not match",
    ),
    (
        lambda: losses.categorical_crossentropy(np.zeros(4, "int64"), N),
        pynn.ShapeError,
        "categorical_crossentropy: y_true has shape (4,) but y_pred has shape (4, 3); "
        "expected one-hot labels of the "
        "same shape; for integer labels use sparse_categorical_crossentropy",
    ),
    (
        lambda: losses.CategoricalCrossentropy()(T, N),
        pynn.ShapeError,
        "categorical_crossentropy: y_true has shape (4, 2) but y_pred has shape (4, 3); "
        "expected one-hot labels of "
        "the same shape",
    ),
    (
        lambda: losses.SparseCategoricalCrossentropy()(N, N),
        pynn.ShapeError,
        "sparse_categorical_crossentropy: y_true has shape (4, 3) but y_pred has shape "
        "(4, 3); expected labels of "
        "shape (4,); for one-hot labels use categorical_crossentropy",
    ),
    (
        lambda: losses.sparse_categorical_crossentropy(np.zeros(5, "int64"), N),
        pynn.ShapeError,
        "sparse_categorical_crossentropy: y_true has shape (5,) but y_pred has shape (4, "
        "3); expected labels of "
        "shape (4,)",
    ),
    (
        lambda: losses.sparse_categorical_crossentropy([0, 1, 3, 0], N),
        ValueError,
        "softmax_cross_entropy: labels contain 3 but there are 3 classes (valid 0..2)",
    ),
    (
        lambda: losses.sparse_categorical_crossentropy([0, 1, -1, 0], N),
        ValueError,
        "softmax_cross_entropy: labels contain -1 but there are 3 classes (valid 0..2)",
    ),
    (
        lambda: losses.sparse_categorical_crossentropy([0.0, 0.5, 1.0, 0.0], N),
        ValueError,
        "sparse_categorical_crossentropy: labels must be whole numbers, got float32 with fractions or NaN",
    ),
    (
        lambda: losses.sparse_categorical_crossentropy([0.0, np.nan, 1.0, 0.0], N),
        ValueError,
        "sparse_categorical_crossentropy: labels must be whole numbers, got float32 with fractions or NaN",
    ),
    (
        lambda: losses.categorical_crossentropy(N, N, axis=2),
        ValueError,
        "categorical_crossentropy: axis 2 is out of range for y_pred of shape (4, 3)",
    ),
    (
        lambda: losses.sparse_categorical_crossentropy([0, 7, 1, 0], N, ignore_class=0),
        ValueError,
        "softmax_cross_entropy: labels contain 7 but there are 3 classes (valid 0..2)",
    ),
    (
        lambda: losses.CategoricalGeneralizedCrossEntropy(q=0),
        ValueError,
        "CategoricalGeneralizedCrossEntropy: q must lie in (0, 1], got 0",
    ),
    (
        lambda: losses.circle([1, 2, 3], N),
        pynn.ShapeError,
        "circle: labels of shape (3,) do not fit embeddings of shape (4, 3); expected (n,) and (n, D)",
    ),
    (
        lambda: losses.ctc([1, 2, 3, 4], N),
        pynn.ShapeError,
        "ctc: expected labels (B, L) and logits (B, T, C), got (4,) and (4, 3)",
    ),
    (
        lambda: losses.dice(N, T),
        pynn.ShapeError,
        "dice: shapes of y_true (4, 3) and y_pred (4, 2) do not match",
    ),
    (
        lambda: losses.MeanSquaredError()(N, N, np.ones(3)),
        pynn.ShapeError,
        "mean_squared_error: sample_weight has shape (3,) but the values to weigh have shape (4,)",
    ),
    (
        lambda: losses.MeanSquaredError()(np.zeros(4), np.zeros(4), np.ones(4)),
        pynn.ShapeError,
        "mean_squared_error: sample_weight has shape (4,) but the values to weigh have shape ()",
    ),
    (
        lambda: losses.MeanSquaredError(reduction="average"),
        ValueError,
        "unknown reduction 'average'; expected one of 'sum_over_batch_size', 'mean', "
        "'mean_with_sample_weight', "
        "'sum', 'none', None",
    ),
    (lambda: losses.Huber(delta=0), ValueError, "Huber: delta must be positive, got 0"),
    (
        lambda: losses.get("mean_square_error"),
        ValueError,
        "unknown loss 'mean_square_error'; did you mean 'mean_squared_error'?",
    ),
    (lambda: losses.resolve(None), TypeError, "loss must be a name, a function or a Loss, got None"),
    (
        lambda: losses.Loss()(N, N),
        NotImplementedError,
        "Loss must define call(self, y_true, y_pred)",
    ),
]


@pytest.mark.parametrize(("call", "error", "message"), ERRORS, ids=[m[:50] for _, _, m in ERRORS])
def test_error(call, error, message):
    with pytest.raises(error, match="^" + re.escape(message) + "$"):
        call()


def test_one_class_is_a_warning():
    column = np.ones((4, 1), "float32")
    message = (
        "categorical_crossentropy: y_pred has one class, which makes the loss 0; "
        "use binary_crossentropy for two classes"
    )
    with pytest.warns(UserWarning, match="^" + re.escape(message) + "$"):
        losses.categorical_crossentropy(column, column)


@pytest.mark.parametrize(
    ("name", "units", "labels", "like"),
    [
        ("crossentropy", 1, np.array([[1], [0], [1], [1]], "float32"), "binary_crossentropy"),
        ("ce", 3, np.array([2, 0, 1, 1]), "sparse_categorical_crossentropy"),
        ("CE", 3, np.array([[2], [0], [1], [1]]), "sparse_categorical_crossentropy"),
        ("crossentropy", 3, np.eye(3, dtype="float32")[[2, 0, 1, 1]], "categorical_crossentropy"),
    ],
)
def test_crossentropy_suits_the_shapes(quick_keras, rng, name, units, labels, like):
    x = rng.normal(size=(4, 5)).astype("float32")
    activation = "sigmoid" if units == 1 else "softmax"
    ours, theirs, plain = (
        package.Sequential([package.Input((5,)), package.layers.Dense(units, activation)])
        for package in (pynn, quick_keras, pynn)
    )
    initial, results = ours.get_weights(), []
    for model, loss in ((ours, name), (theirs, name), (plain, like)):
        model.set_weights(initial)
        model.compile("sgd", loss)
        results.append([float(model.train_on_batch(x, labels)), float(model.evaluate(x, labels, verbose=0))])
    assert results[0] == pytest.approx(results[1], rel=1e-5)
    assert results[0] == results[2]


def test_crossentropy_chooses_once_and_checks_labels_first():
    loss = pynn.losses.resolve("crossentropy")
    assert float(loss([1], [[0.5, 0.5]])) == pytest.approx(np.log(2))
    with pytest.raises(pynn.ShapeError, match="sparse_categorical_crossentropy|crossentropy"):
        loss([[0.0, 1.0]], [[0.5, 0.5]])
    model = pynn.Sequential([pynn.Input((2,)), pynn.layers.Dense(3, "softmax")])
    model.compile("sgd", "crossentropy")
    with pytest.raises(ValueError, match=r"^y contains 3 but the model has 3 classes \(valid 0\.\.2\)$"):
        model.fit(np.zeros((2, 2), "float32"), np.array([0, 3]), verbose=0)
    with pytest.raises(ValueError, match="unknown loss 'crossentropy'"):
        pynn.losses.get("crossentropy")
