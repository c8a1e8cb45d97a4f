"""Losses whose samples are not rows by themselves: masks, embeddings, sequences, ignored labels, other axes."""

from __future__ import annotations

import itertools
import os

import numpy as np
import pytest

import pynn
from pynn import losses

# Keras's variables still lack the copy argument that NumPy 2 asks for.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

RNG = np.random.default_rng(3)
LOGITS = RNG.normal(size=(6, 4)).astype("float32")
EMBEDDINGS = LOGITS / np.linalg.norm(LOGITS, axis=1, keepdims=True)


@pytest.fixture(scope="module")
def keras():
    os.environ.setdefault("KERAS_BACKEND", "jax")
    return pytest.importorskip("keras")


def value_and_gradient(loss, pred):
    x = pynn.tensor(pred, requires_grad=True)
    value = loss(x)
    value.sum().backward()
    return value.numpy(), x.grad.numpy()


def assert_as_keras(ours, theirs, pred):
    jax = pytest.importorskip("jax")
    value, gradient = value_and_gradient(ours, pred)
    np.testing.assert_allclose(value, np.asarray(theirs(pred)), rtol=1e-5, atol=1e-6)
    expected = jax.grad(lambda p: theirs(p).sum())(pred)
    np.testing.assert_allclose(gradient, np.asarray(expected), rtol=1e-4, atol=3e-6)


@pytest.mark.parametrize("axis", [None, 0, (1, 2)])
def test_overlap_of_masks(keras, axis):
    true = RNG.integers(0, 2, (2, 3, 4))
    pred = RNG.uniform(0, 1, (2, 3, 4)).astype("float32")
    for kind in ("Dice", "Tversky"):
        ours, theirs = getattr(losses, kind)(axis=axis), getattr(keras.losses, kind)(axis=axis)
        assert_as_keras(lambda p, f=ours: f(true, p), lambda p, f=theirs: f(true, p), pred)
    assert float(losses.dice(true, true)) == pytest.approx(0, abs=1e-6)
    assert float(losses.dice(true, 1 - true)) == 1


@pytest.mark.parametrize("remove_diagonal", [True, False])
@pytest.mark.parametrize("labels", [[0, 0, 1, 1, 2, 2], [0, 1, 1, 2, 3, 4], [5] * 6], ids=str)
def test_circle(keras, labels, remove_diagonal):
    options = {"gamma": 3.0, "margin": 0.3, "remove_diagonal": remove_diagonal}
    ours, theirs = losses.Circle(**options), keras.losses.Circle(**options)
    labels = np.array(labels)
    assert_as_keras(lambda p: ours(labels, p), lambda p: theirs(labels, p), EMBEDDINGS)
    weights = np.arange(6, dtype="float32")
    assert float(ours(labels, EMBEDDINGS, weights)) == pytest.approx(
        float(theirs(labels, EMBEDDINGS, weights)), rel=1e-5
    )


def test_circle_against_references(keras):
    given = ([0, 1, 2], EMBEDDINGS[:3], [0, 1, 1, 2], EMBEDDINGS[2:])
    expected = keras.losses.circle(*(np.asarray(x) for x in given), remove_diagonal=False)
    np.testing.assert_allclose(losses.circle(*given, remove_diagonal=False).numpy(), expected, rtol=1e-5)


LABELS = np.array([[1, 2, 2, 0], [3, 0, 0, 0], [0, 0, 0, 0], [1, 2, 3, 4]])
SCORES = RNG.normal(size=(4, 7, 5)).astype("float32")


def test_ctc(keras):
    assert_as_keras(lambda p: losses.ctc(LABELS, p), lambda p: keras.losses.ctc(LABELS, p), SCORES)
    assert float(losses.CTC()(LABELS, SCORES)) == pytest.approx(
        float(keras.losses.CTC()(LABELS, SCORES)), rel=1e-5
    )


def test_ctc_is_the_sum_over_all_paths():
    labels, logits = np.array([[1, 1]]), RNG.normal(size=(1, 4, 3))
    p = np.exp(logits[0]) / np.exp(logits[0]).sum(-1, keepdims=True)
    total = 0.0
    for path in itertools.product(range(3), repeat=4):
        spelt = [c for c, _ in itertools.groupby(path) if c]
        total += np.prod(p[range(4), path]) if spelt == [1, 1] else 0.0
    assert float(losses.ctc(labels, logits)[0]) == pytest.approx(-np.log(total))


@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "mean_with_sample_weight", "sum", "none"])
@pytest.mark.parametrize("ignored", [255, -1])
def test_ignored_class(keras, reduction, ignored):
    options = {"ignore_class": ignored, "from_logits": True, "reduction": reduction}
    ours = losses.SparseCategoricalCrossentropy(**options)
    theirs = keras.losses.SparseCategoricalCrossentropy(**options)
    labels = np.array([0, ignored, 2, ignored, 1, 3])
    assert_as_keras(lambda p: ours(labels, p), lambda p: theirs(labels, p), LOGITS)
    weights = np.arange(6, dtype="float32")
    np.testing.assert_allclose(
        ours(labels, LOGITS, weights).numpy(), np.asarray(theirs(labels, LOGITS, weights)), rtol=1e-5
    )
    assert float(ours(np.full(6, ignored), LOGITS).sum()) == 0


def test_a_model_trains_with_an_ignored_class():
    model = pynn.Sequential([pynn.Input((4,)), pynn.layers.Dense(3)])
    loss = losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=-1)
    model.compile("sgd", loss)
    labels = np.array([0, -1, 2, 1, -1, 0])
    expected = float(loss(labels, model.predict(LOGITS, verbose=0)))
    assert model.evaluate(LOGITS, labels, verbose=0) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("axis", [0, 1, -2])
def test_classes_on_another_axis_are_classes_moved_to_the_last(axis):
    pred = RNG.uniform(0.1, 1, (2, 3, 5)).astype("float32")
    last = np.moveaxis(pred, axis, -1)
    labels = RNG.integers(0, last.shape[-1], last.shape[:-1])
    one_hot = np.eye(last.shape[-1], dtype="float32")[labels]
    for name in ("categorical_crossentropy", "categorical_focal_crossentropy"):
        function = getattr(losses, name)
        moved = function(np.moveaxis(one_hot, -1, axis), pred, axis=axis, label_smoothing=0.1)
        np.testing.assert_array_equal(moved.numpy(), function(one_hot, last, label_smoothing=0.1).numpy())
    expected = losses.sparse_categorical_crossentropy(labels, last).numpy()
    for shaped in (labels, np.expand_dims(labels, axis)):
        values = losses.sparse_categorical_crossentropy(shaped, pred, axis=axis)
        np.testing.assert_array_equal(values.numpy(), expected)
    for kind, true in (("SparseCategoricalCrossentropy", labels), ("CategoricalCrossentropy", one_hot)):
        true = true if kind.startswith("Sparse") else np.moveaxis(true, -1, axis)
        assert float(getattr(losses, kind)(axis=axis)(true, pred)) == pytest.approx(expected.mean(), rel=1e-5)
