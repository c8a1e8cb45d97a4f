"""Metrics against NumPy and, update by update, against Keras run on JAX where it is installed."""

from __future__ import annotations

import re

import numpy as np
import pytest

import pynn
from pynn import losses, metrics

RNG = np.random.default_rng(11)
SCORES = RNG.uniform(0.05, 1, (3, 8, 6)).astype("float32")  # three batches of eight, six classes
LABELS = RNG.integers(0, 6, (3, 8)).astype("uint8")
ONE_HOT = np.eye(6, dtype="float32")[LABELS]
PROBABILITY = RNG.uniform(0, 1, (3, 8, 1)).astype("float32")
BIT = RNG.integers(0, 2, (3, 8, 1))
RANKED = np.argsort(-SCORES, axis=-1)
OTHERS = RNG.integers(0, 6, (3, 8))
WEIGHTS = RNG.uniform(0, 2, (3, 8)).astype("float32")


# One row a metric: class, options, three batches of targets, three batches of predictions.
CASES = [
    ("Accuracy", {}, LABELS, SCORES.argmax(-1)),
    ("BinaryAccuracy", {}, BIT, PROBABILITY),
    ("BinaryAccuracy", {"threshold": 0.2}, BIT, PROBABILITY),
    ("CategoricalAccuracy", {}, ONE_HOT, SCORES),
    ("SparseCategoricalAccuracy", {}, LABELS, SCORES),
    ("TopKCategoricalAccuracy", {"k": 3}, ONE_HOT, SCORES),
    ("TopKCategoricalAccuracy", {}, ONE_HOT, SCORES),
    ("SparseTopKCategoricalAccuracy", {"k": 2}, LABELS, SCORES),
    ("MeanSquaredError", {}, ONE_HOT, SCORES),
    ("RootMeanSquaredError", {}, ONE_HOT, SCORES),
    ("MeanAbsoluteError", {}, ONE_HOT, SCORES),
    ("MeanAbsolutePercentageError", {}, ONE_HOT + 1, SCORES),
    ("MeanSquaredLogarithmicError", {}, ONE_HOT, SCORES),
    ("CosineSimilarity", {}, ONE_HOT, SCORES),
    ("BinaryCrossentropy", {}, BIT, PROBABILITY),
    ("BinaryCrossentropy", {"from_logits": True, "label_smoothing": 0.1}, BIT, PROBABILITY),
    ("CategoricalCrossentropy", {}, ONE_HOT, SCORES),
    ("CategoricalCrossentropy", {"from_logits": True}, ONE_HOT, SCORES),
    ("SparseCategoricalCrossentropy", {}, LABELS, SCORES),
    ("SparseCategoricalCrossentropy", {"from_logits": True}, LABELS, SCORES),
    ("KLDivergence", {}, SCORES[::-1], SCORES),
    ("Poisson", {}, ONE_HOT, SCORES),
    ("Precision", {}, BIT, PROBABILITY),
    ("Precision", {"thresholds": [0.1, 0.5, 0.9]}, BIT, PROBABILITY),
    ("Recall", {}, BIT, PROBABILITY),
    ("Recall", {"thresholds": [0.1, 0.9]}, BIT, PROBABILITY),
    ("Recall", {"class_id": 2}, ONE_HOT, SCORES),
    ("AUC", {}, BIT, PROBABILITY),
    ("AUC", {"num_thresholds": 5}, BIT, PROBABILITY),
    ("LogCoshError", {}, ONE_HOT, SCORES),
    ("Hinge", {}, ONE_HOT, SCORES),
    ("SquaredHinge", {}, ONE_HOT, SCORES),
    ("CategoricalHinge", {}, ONE_HOT, SCORES),
    ("PearsonCorrelation", {}, ONE_HOT, SCORES),
    ("ConcordanceCorrelation", {}, ONE_HOT, SCORES),
    ("SparseTopKCategoricalAccuracy", {"k": 2, "from_sorted_ids": True}, LABELS, RANKED),
    ("Precision", {"top_k": 2}, ONE_HOT, SCORES),
    ("Precision", {"top_k": 3, "class_id": 1, "thresholds": [0.2, 0.6]}, ONE_HOT, SCORES),
    ("Recall", {"top_k": 3}, ONE_HOT, SCORES),
    *(
        (kind, options, ONE_HOT, SCORES)
        for kind in ("TruePositives", "FalsePositives", "TrueNegatives", "FalseNegatives")
        for options in ({}, {"thresholds": [0.2, 0.8]})
    ),
    ("AUC", {"thresholds": [0.9, 0.2, 0.25]}, BIT, PROBABILITY),
    ("AUC", {"from_logits": True}, BIT, 8 * PROBABILITY - 4),
    ("AUC", {"label_weights": [0.5, 1, 2, 0, 3, 1]}, ONE_HOT, SCORES),
    *(
        ("AUC", {"curve": curve, "summation_method": method, "multi_label": apart}, ONE_HOT, SCORES)
        for curve, method, apart in (
            ("ROC", "minoring", False),
            ("ROC", "interpolation", True),
            ("PR", "interpolation", False),
            ("PR", "interpolation", True),
            ("PR", "majoring", False),
            ("PRGAIN", "interpolation", False),
            ("PRGAIN", "minoring", True),
        )
    ),
    ("AUC", {"multi_label": True, "num_labels": 6, "label_weights": [0.5, 1, 2, 0, 3, 1]}, ONE_HOT, SCORES),
    *(
        (kind, {argument: limit, **options}, ONE_HOT, SCORES)
        for kind, argument in (
            ("SensitivityAtSpecificity", "specificity"),
            ("SpecificityAtSensitivity", "sensitivity"),
            ("PrecisionAtRecall", "recall"),
            ("RecallAtPrecision", "precision"),
        )
        for limit, options in ((0.3, {}), (0.6, {"num_thresholds": 1}), (0.9, {"class_id": 2}))
    ),
    *(
        ("FBetaScore", {"average": average, "beta": 2.0, "threshold": threshold}, ONE_HOT, SCORES)
        for average in (None, "micro", "macro", "weighted")
        for threshold in (None, 0.4)
    ),
    ("F1Score", {}, ONE_HOT, SCORES),
    *(
        ("R2Score", {"class_aggregation": aggregation, "num_regressors": regressors}, ONE_HOT, SCORES)
        for aggregation in (None, "uniform_average", "variance_weighted_average")
        for regressors in (0, 5)
    ),
    ("IoU", {"num_classes": 6, "target_class_ids": [0, 3], "dtype": "float32"}, LABELS, OTHERS),
    (
        "IoU",
        {"num_classes": 6, "target_class_ids": [0], "ignore_class": 2, "dtype": "float32"},
        LABELS,
        OTHERS,
    ),
    ("MeanIoU", {"num_classes": 7, "dtype": "float32"}, LABELS, OTHERS),
    ("MeanIoU", {"num_classes": 4, "dtype": "float32"}, LABELS, OTHERS),
    ("MeanIoU", {"num_classes": 6, "sparse_y_pred": False, "dtype": "float32"}, LABELS, SCORES),
    ("OneHotIoU", {"num_classes": 6, "target_class_ids": (1, 2), "dtype": "float32"}, ONE_HOT, SCORES),
    ("OneHotMeanIoU", {"num_classes": 6, "dtype": "float32"}, ONE_HOT, SCORES),
    ("BinaryIoU", {"dtype": "float32"}, BIT[..., 0], PROBABILITY[..., 0]),
    (
        "BinaryIoU",
        {"target_class_ids": [1], "threshold": 0.3, "dtype": "float32"},
        BIT[..., 0],
        PROBABILITY[..., 0],
    ),
]
IDS = ["-".join([case[0], *map(str, case[1].values())]) for case in CASES]


# Keras's metrics that do not say which way is better, though they could or must not.
_DIRECTIONS = dict.fromkeys(("TruePositives", "FalsePositives", "TrueNegatives", "FalseNegatives"))


@pytest.mark.filterwarnings(
    "ignore:More independent predictors", "ignore:.*too few samples", "ignore:Explicitly requested dtype"
)
@pytest.mark.parametrize(("kind", "options", "true", "pred"), CASES, ids=IDS)
@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
def test_agrees_with_keras_after_each_batch(keras, kind, options, true, pred, weighted):
    ours, theirs = getattr(metrics, kind)(**options), getattr(keras.metrics, kind)(**options)
    assert type(ours).direction == getattr(theirs, "_direction", _DIRECTIONS.get(kind, "down"))
    for i in range(3):
        weight = WEIGHTS[i] if weighted else None
        ours.update_state(true[i], pred[i], sample_weight=weight)
        theirs.update_state(true[i], pred[i], sample_weight=weight)
        np.testing.assert_allclose(
            np.asarray(ours.result()), np.asarray(theirs.result()), rtol=2e-5, atol=1e-6
        )
    ours.reset_state()
    theirs.reset_state()
    np.testing.assert_allclose(np.asarray(ours.result()), np.asarray(theirs.result()), atol=1e-6)


@pytest.mark.parametrize("name", ["Mean", "Sum"])
@pytest.mark.parametrize(
    ("values", "weight"),
    [
        (3.0, None),
        (3.0, 4.0),
        ([1.0, 2.0, 6.0], None),
        ([1.0, 2.0, 6.0], [1.0, 0.0, 0.5]),
        ([1.0, 2.0, 6.0], 0.5),
        ([[1.0, 2.0], [3.0, 6.0]], None),
        ([[1.0, 2.0], [3.0, 6.0]], [1.0, 0.5]),
        ([[1.0, 2.0], [3.0, 6.0]], [[1.0, 0.5], [0.0, 2.0]]),
    ],
)
def test_mean_and_sum_agree_with_keras(keras, name, values, weight):
    ours, theirs = getattr(metrics, name)(), getattr(keras.metrics, name)()
    for metric in (ours, theirs):
        metric.update_state(10.0)
        metric.update_state(np.float32(values), weight)
    assert float(ours.result()) == pytest.approx(float(theirs.result()))


@pytest.mark.parametrize(("kind", "options", "true", "pred"), CASES, ids=IDS)
def test_config_makes_a_metric_with_the_same_result(kind, options, true, pred):
    metric = getattr(metrics, kind)(**options)
    again = metrics.deserialize(metrics.serialize(metric))
    assert type(again) is type(metric)
    assert again.get_config() == metric.get_config()
    if metric.name != "r2_score":  # which warns of too few samples
        np.testing.assert_array_equal(metric(true[0], pred[0]).numpy(), again(true[0], pred[0]).numpy())


def test_intersection_over_union_counts_whole_samples_by_default():
    metric = metrics.MeanIoU(2)
    assert str(metric.total_cm.dtype) == "int64"
    assert float(metric([0, 0, 1, 1, 5], [0, 1, 0, 1, 1])) == pytest.approx((1 / 3 + 1 / 3) / 2)
    with pytest.warns(UserWarning, match=r"sample_weight loses its fractions, as dtype is int64"):
        metric.update_state([0], [0], np.array([1.7]))
    assert metric.total_cm.numpy().tolist() == [[2, 1], [1, 1]]


def test_results_before_the_first_batch():
    for metric in (metrics.AUC(multi_label=True), metrics.F1Score(), metrics.R2Score()):
        assert float(metric.result()) == 0
        metric.reset_state()


def test_metrics_by_name_in_a_model():
    model = pynn.Sequential([pynn.Input((3,)), pynn.layers.Dense(1, "sigmoid")])
    names = ["auc", "true_positives", "f1_score", "r2_score", "hinge", "log_cosh_error"]
    model.compile("sgd", "bce", metrics=[*names, metrics.BinaryIoU(name="iou")])
    logs = model.evaluate(SCORES[0, :, :3], BIT[0], verbose=0, return_dict=True)
    assert set(logs) == {"loss", *names, "iou"}


def test_mean_counts_samples():
    mean = metrics.Mean(name="loss")
    assert float(mean.result()) == 0
    mean.update_state(2.0, 3)
    mean.update_state(np.float32(6.0), np.int64(1))
    assert float(mean.result()) == 3
    assert float(mean([[1.0, 3.0], [4.0, 8.0]])) == pytest.approx((8 + 12) / 6)
    mean.update_state(np.zeros(0, "float32"))
    mean.update_state(np.zeros((0, 3), "float32"), np.zeros(0))
    assert float(mean.result()) == pytest.approx(20 / 6)
    mean.update_state(float("nan"))
    assert np.isnan(float(mean.result()))
    mean.reset_state()
    assert float(mean.result()) == 0
    assert [v.name for v in mean.variables] == ["total", "count"]


def test_result_does_not_change_with_later_updates():
    total = metrics.Sum()
    first = total(2.0)
    total.update_state(5.0)
    assert float(first) == 2


def test_accuracy_of_one_million_is_exact():
    right = np.ones(1_000_000, "uint8")
    metric = metrics.Accuracy()
    metric.update_state(right, right)
    assert float(metric.total) == 1_000_000
    assert float(metric.result()) == 1


def test_functions_return_one_value_for_each_sample():
    best = SCORES[0].argmax(-1) == LABELS[0]
    order = (SCORES[0] > SCORES[0][np.arange(8), LABELS[0]][:, None]).sum(-1)
    cases = [
        (metrics.accuracy(LABELS[0], SCORES[0].argmax(-1)), best),
        (metrics.binary_accuracy(BIT[0], PROBABILITY[0]), (PROBABILITY[0] > 0.5) == BIT[0]),
        (metrics.categorical_accuracy(ONE_HOT[0], SCORES[0]), best),
        (metrics.sparse_categorical_accuracy(LABELS[0], SCORES[0]), best),
        (metrics.sparse_categorical_accuracy(LABELS[0][:, None], SCORES[0]), best),
        (metrics.top_k_categorical_accuracy(ONE_HOT[0], SCORES[0], k=2), order < 2),
        (metrics.sparse_top_k_categorical_accuracy(LABELS[0], SCORES[0], k=4), order < 4),
    ]
    for value, expected in cases:
        assert value.dtype == "float32"
        np.testing.assert_array_equal(value.numpy(), expected)
    assert metrics.sparse_categorical_accuracy(LABELS, SCORES).shape == (3, 8)
    assert metrics.mean_squared_error is losses.mean_squared_error


def test_labels_outside_the_classes_are_wrong_not_an_error():
    assert metrics.sparse_categorical_accuracy([9, -1], SCORES[0][:2]).numpy().tolist() == [0, 0]


def test_nan_scores_are_never_in_the_top():
    scores = np.array([[np.nan, 0.2, 0.1]], "float32")
    assert float(metrics.sparse_top_k_categorical_accuracy([0], scores, k=2)[0]) == 0
    assert float(metrics.sparse_top_k_categorical_accuracy([1], scores, k=1)[0]) == 1


def test_precision_and_recall_without_positives_are_zero():
    for metric in (metrics.Precision(), metrics.Recall(), metrics.AUC()):
        assert float(metric([0, 0], [0.1, 0.2])) == 0


def test_perfect_and_reversed_auc():
    assert float(metrics.AUC()([0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9])) == pytest.approx(1)
    assert float(metrics.AUC()([1, 1, 0, 0], [0.0, 0.2, 0.8, 1.0])) == pytest.approx(0)


ACCURACIES = [
    ((None, 1), (None, 1), metrics.BinaryAccuracy),
    ((None,), (None, 1), metrics.BinaryAccuracy),
    ((None,), (None,), metrics.BinaryAccuracy),
    ((None,), (None, 10), metrics.SparseCategoricalAccuracy),
    ((None, 1), (None, 10), metrics.SparseCategoricalAccuracy),
    ((None, 10), (None, 10), metrics.CategoricalAccuracy),
    ((None, 5), (None, 5, 10), metrics.SparseCategoricalAccuracy),
    ((None, 5, 10), (None, 5, 10), metrics.CategoricalAccuracy),
]


@pytest.mark.parametrize(("y_shape", "output_shape", "kind"), ACCURACIES)
def test_accuracy_resolves_by_shape(y_shape, output_shape, kind):
    for name in ("accuracy", "acc"):
        metric = metrics.resolve(name, y_shape, output_shape)
        assert type(metric) is kind
        assert metric.name == name


def test_accuracy_resolves_by_loss_when_targets_are_unknown():
    for loss, kind in [
        (losses.SparseCategoricalCrossentropy(), metrics.SparseCategoricalAccuracy),
        (losses.CategoricalCrossentropy(), metrics.CategoricalAccuracy),
        (losses.BinaryCrossentropy(), metrics.BinaryAccuracy),
        (None, metrics.CategoricalAccuracy),
    ]:
        assert type(metrics.resolve_accuracy(None, (None, 10), loss)) is kind
    assert type(metrics.resolve_accuracy(None, (None, 1), None)) is metrics.BinaryAccuracy


def test_resolve_keeps_the_name_that_was_given():
    shapes = ((None, 3), (None, 3))
    for name in ("mse", "mae", "MSE", "mean_absolute_error", "sparse_categorical_crossentropy"):
        assert metrics.resolve(name, *shapes).name == name
    instance = metrics.TopKCategoricalAccuracy(k=3, name="top_3")
    assert metrics.resolve(instance, *shapes) is instance
    assert metrics.resolve(metrics.Recall, *shapes).name.startswith("recall")

    def largest_error(y_true, y_pred):
        return pynn.asarray(abs(y_true - np.asarray(y_pred)).max(-1))

    metric = metrics.resolve(largest_error, *shapes)
    assert metric.name == "largest_error"
    assert float(metric(np.zeros((2, 3)), np.array([[1.0, 2, 3], [4, 5, 7]]))) == 5
    assert metrics.resolve(losses.MeanSquaredError(), *shapes).name == "mean_squared_error"


class RootError(metrics.Metric):
    """As courses write one."""

    def __init__(self, name="rmse", **kwargs):
        super().__init__(name=name, **kwargs)
        self.squares = self.add_weight(name="squares", initializer="zeros")
        self.samples = self.add_weight(name="samples", initializer="zeros", dtype="int32")

    def update_state(self, y_true, y_pred, sample_weight=None):
        squares = (pynn.asarray(y_true) - pynn.asarray(y_pred)) ** 2.0
        self.squares.assign_add(squares.sum())
        self.samples.assign_add(len(y_true))

    def result(self):
        return (self.squares / float(self.samples)) ** 0.5

    def reset_state(self):
        self.squares.assign(0.0)
        self.samples.assign(0)


def test_custom_metric():
    metric = RootError()
    assert float(metric(np.zeros(4), np.full(4, 3.0))) == 3
    assert [str(v.dtype) for v in metric.variables] == ["float32", "int32"]
    metric.reset_state()
    assert float(metric(np.zeros(1), np.ones(1))) == 1
    assert repr(metric) == "<RootError name=rmse>"


def test_metric_within_a_metric():
    class Both(metrics.Metric):
        def __init__(self):
            super().__init__(name="both")
            self.inner = metrics.Mean()

        def update_state(self, values):
            self.inner.update_state(values)

        def result(self):
            return self.inner.result()

    both = Both()
    assert float(both(4.0)) == 4
    assert len(both.variables) == 2
    both.reset_state()
    assert float(both.result()) == 0


@pytest.mark.parametrize(("kind", "options", "true", "pred"), CASES, ids=IDS)
def test_config_makes_an_equal_metric(kind, options, true, pred):
    metric = getattr(metrics, kind)(**options)
    again = type(metric).from_config(metric.get_config())
    assert again.get_config() == metric.get_config()
    assert again.name == metric.name
    np.testing.assert_array_equal(np.asarray(again(true[0], pred[0])), np.asarray(metric(true[0], pred[0])))


def no_super():
    class Careless(metrics.Metric):
        def __init__(self):
            self.total = self.add_weight(name="total")

    Careless()


ERRORS = [
    (
        lambda: metrics.SparseCategoricalAccuracy()(np.zeros(3), np.zeros((4, 2))),
        pynn.ShapeError,
        "sparse_categorical_accuracy: y_true has shape (3,) but y_pred has shape (4, 2); "
        "expected labels of shape (4,)",
    ),
    (
        lambda: metrics.CategoricalAccuracy()(np.zeros(4), np.zeros((4, 2))),
        pynn.ShapeError,
        "categorical_accuracy: y_true has shape (4,) but y_pred has shape (4, 2); "
        "expected one-hot labels and scores of the same shape",
    ),
    (
        lambda: metrics.BinaryAccuracy()(np.zeros((4, 1)), np.zeros(3)),
        pynn.ShapeError,
        "binary_accuracy: y_true has shape (4, 1) but y_pred has shape (3, 1)",
    ),
    (
        lambda: metrics.MeanSquaredError()(np.zeros((4, 2)), np.zeros((4, 3))),
        pynn.ShapeError,
        "mean_squared_error: shapes of y_true (4, 2) and y_pred (4, 3) do not match",
    ),
    (
        lambda: metrics.Mean()([1.0, 2.0], [1.0, 2.0, 3.0]),
        pynn.ShapeError,
        "mean: sample_weight has shape (3,) but the values to weigh have shape (2,)",
    ),
    (
        lambda: metrics.Precision(thresholds=[0.5, 1.5]),
        ValueError,
        "Precision: thresholds must lie in [0, 1], got [0.5, 1.5]",
    ),
    (lambda: metrics.AUC(num_thresholds=1), ValueError, "AUC: num_thresholds must be at least 2, got 1"),
    (
        lambda: metrics.AUC(curve="CAP"),
        ValueError,
        "AUC: curve must be one of 'ROC', 'PR', 'PRGAIN', got 'CAP'",
    ),
    (
        lambda: metrics.AUC(summation_method="left"),
        ValueError,
        "AUC: summation_method must be one of 'interpolation', 'minoring', 'majoring', got 'left'",
    ),
    (lambda: metrics.AUC(num_labels=2), ValueError, "AUC: num_labels needs multi_label=True"),
    (
        lambda: metrics.AUC(multi_label=True, name="auc")(BIT[0, :, 0], PROBABILITY[0, :, 0]),
        pynn.ShapeError,
        "auc: expected predictions (n, labels), got shape (8,)",
    ),
    (
        lambda: metrics.Precision(class_id=1, name="precision")(BIT[0, :, 0], PROBABILITY[0, :, 0]),
        pynn.ShapeError,
        "precision: class_id needs predictions (n, classes), got shape (8,)",
    ),
    (
        lambda: metrics.RecallAtPrecision(1.5),
        ValueError,
        "RecallAtPrecision: precision must lie in [0, 1], got 1.5",
    ),
    (
        lambda: metrics.SensitivityAtSpecificity(0.5, num_thresholds=0),
        ValueError,
        "SensitivityAtSpecificity: num_thresholds must be positive, got 0",
    ),
    (
        lambda: metrics.F1Score(average="mean"),
        ValueError,
        "F1Score: average must be None, 'micro', 'macro' or 'weighted', got 'mean'",
    ),
    (lambda: metrics.FBetaScore(beta=0), ValueError, "FBetaScore: beta must be positive, got 0"),
    (
        lambda: metrics.F1Score(threshold=0),
        ValueError,
        "F1Score: threshold must lie in (0, 1], got 0",
    ),
    (
        lambda: metrics.F1Score()(LABELS[0], LABELS[0]),
        pynn.ShapeError,
        "f1_score: expected scores (n, classes), got shape (8,)",
    ),
    (
        lambda: metrics.IoU(2, [0, 2]),
        ValueError,
        "IoU: target class 2 is out of range (valid 0..1)",
    ),
    (
        lambda: metrics.MeanIoU(2, name="iou")([0, 1], [0, 1, 1]),
        pynn.ShapeError,
        "iou: 2 targets for 3 predictions",
    ),
    (
        lambda: metrics.R2Score("mean"),
        ValueError,
        "R2Score: class_aggregation must be one of None, 'uniform_average', 'variance_weighted_average', got 'mean'",
    ),
    (
        lambda: metrics.R2Score(num_regressors=-1),
        ValueError,
        "R2Score: num_regressors must not be negative, got -1",
    ),
    (
        lambda: metrics.R2Score()(LABELS[0], LABELS[0]),
        pynn.ShapeError,
        "r2_score: expected predictions (n, outputs), got shape (8,)",
    ),
    (
        lambda: metrics.get("binary_acc"),
        ValueError,
        "unknown metric 'binary_acc'; did you mean 'binary_accuracy'?",
    ),
    (
        lambda: metrics.resolve(None, (1,), (1,)),
        TypeError,
        "metric must be a name, a function or a Metric, got None",
    ),
    (
        lambda: metrics.Metric(name="m").update_state(1),
        NotImplementedError,
        "Metric must define update_state",
    ),
    (lambda: metrics.Metric(name="m").result(), NotImplementedError, "Metric must define result()"),
    (
        no_super,
        RuntimeError,
        "Careless.__init__ must call super().__init__() before anything else",
    ),
]


@pytest.mark.parametrize(("call", "error", "message"), ERRORS, ids=[m[:50] for _, _, m in ERRORS])
def test_error(call, error, message):
    with pytest.raises(error, match="^" + re.escape(message) + "$"):
        call()


def test_a_tape_is_not_extended():
    x = pynn.tensor([[0.2], [0.7]], requires_grad=True)
    prediction = x * 2.0
    for metric in (metrics.MeanSquaredError(), metrics.BinaryAccuracy(), metrics.AUC(), metrics.Precision()):
        metric.update_state([[0.0], [1.0]], prediction)
        assert not any(variable.requires_grad for variable in metric.variables)
    prediction.sum().backward()
    assert x.grad.numpy().tolist() == [[2.0], [2.0]]
