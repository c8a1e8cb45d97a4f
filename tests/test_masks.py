"""Masks go from layer to layer as in Keras, to the layers and losses that heed them, and vanish with their tensors."""

import gc

import numpy as np
import pytest

import pynn
from pynn import layers
from pynn.masks import Masks, has_mask

IDS = np.array([[1, 2, 0, 0], [3, 0, 4, 0], [0, 0, 0, 5]])


def classifier(keras):
    layers = keras.layers
    ids = keras.Input((None,), dtype="int32", name="ids")
    x = layers.Embedding(6, 4, mask_zero=True, name="table")(ids)
    x = layers.Dropout(0.5, name="drop")(layers.Dense(3, activation="relu", name="dense")(x))
    x = layers.Add(name="add")([x, x])
    return keras.Model(ids, layers.GlobalAveragePooling1D(name="mean")(x))


def tagger(keras):
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((None, 2)),
            layers.Masking(mask_value=0.0, name="masking"),
            layers.LayerNormalization(name="norm"),
            layers.Dense(1, name="tag"),
        ]
    )


def test_steps_that_do_not_count_are_left_out_of_a_mean(keras):
    ours, theirs = classifier(pynn), classifier(keras)
    theirs.set_weights(ours.get_weights())
    np.testing.assert_allclose(ours(IDS).numpy(), np.asarray(theirs(IDS)), atol=1e-6)


def test_a_loss_leaves_them_out(quick_keras, rng):
    x = rng.normal(size=(4, 5, 2)).astype("float32")
    x[0, 3:] = x[2, :4] = 0
    y, weight = rng.normal(size=(4, 5, 1)).astype("float32"), rng.uniform(size=(4, 5)).astype("float32")
    ours, theirs = tagger(pynn), tagger(quick_keras)
    theirs.set_weights(ours.get_weights())
    for model in (ours, theirs):
        model.compile("sgd", "mse")
    assert ours.test_on_batch(x, y) == pytest.approx(float(theirs.test_on_batch(x, y)), abs=1e-6)
    assert ours.test_on_batch(x, y, weight) == pytest.approx(
        float(theirs.test_on_batch(x, y, weight)), abs=1e-6
    )


@pytest.mark.parametrize("weighted", [False, True])
def test_metrics_leave_them_out(quick_keras, rng, weighted):
    x = rng.normal(size=(4, 5, 2)).astype("float32")
    x[0, 3:] = x[2, :4] = 0
    y, weight = rng.normal(size=(4, 5, 1)).astype("float32"), rng.uniform(size=(4, 5)).astype("float32")
    ours, theirs = tagger(pynn), tagger(quick_keras)
    theirs.set_weights(ours.get_weights())
    results = []
    for model in (ours, theirs):
        model.compile("sgd", "mse", metrics=["mae", "accuracy"], weighted_metrics=["mse", "mape"])
        for _ in range(2):
            logs = model.test_on_batch(x, y, weight if weighted else None, return_dict=True)
        results.append({name: float(value) for name, value in logs.items()})
    assert results[0] == pytest.approx(results[1], rel=1e-5, abs=1e-5)
    unmasked = pynn.Sequential(ours.layers[1:])
    unmasked.compile("sgd", "mse", metrics=["mae"])
    assert abs(unmasked.test_on_batch(x, y, return_dict=True)["mae"] - results[0]["mae"]) > 1e-3


def test_a_mean_and_a_sum_leave_out_masked_values_that_are_weighted(quick_keras):
    x = np.array([[[1.0], [0.0], [3.0]], [[2.0], [5.0], [0.0]]], "float32")
    for name in ("Mean", "Sum"):
        for weight in (None, np.array([[1, 2, 3], [4, 5, 6]], "float32"), np.array([[0.5], [2]], "float32")):
            results = []
            for package in (pynn, quick_keras):
                metric = getattr(package.metrics, name)()
                metric.update_state(package.layers.Masking()(x), sample_weight=weight)
                results.append(float(metric.result()))
            assert results[0] == pytest.approx(results[1]), (name, weight)


def test_which_layers_pass_a_mask_on():
    x = layers.Masking()(np.ones((2, 3, 4), "float32") * np.array([1, 0, 1], "float32")[:, None])
    expected = [[True, False, True]] * 2
    for layer in (
        layers.Dense(2),
        layers.Activation("relu"),
        layers.ReLU(),
        layers.Dropout(0.1),
        layers.BatchNormalization(),
        layers.LayerNormalization(),
        layers.Identity(),
        layers.Rescaling(2.0),
        layers.TimeDistributed(layers.Dense(2)),
        pynn.Sequential([layers.Dense(2), layers.Dense(3)]),
    ):
        assert Masks.of(layer(x)).tolist() == expected, layer
    assert Masks.of(layers.GlobalAveragePooling1D()(x)) is None


def test_merged_and_joined_inputs_count_where_any_does(keras):
    a = np.array([[[1.0], [0.0], [3.0]]], "float32")
    b = np.array([[[0.0], [5.0], [6.0]]], "float32")
    for name in ("Add", "Concatenate", "Multiply", "Maximum"):
        found = []
        for package in (pynn, keras):
            inputs = [package.layers.Masking()(x) for x in (a, b)]
            found.append(getattr(package.layers, name)()(inputs))
        theirs = keras.src.backend.get_keras_mask(found[1])
        assert Masks.of(found[0]).tolist() == np.asarray(theirs).tolist(), name
    plain = pynn.asarray(a)
    assert Masks.of(layers.Add()([plain, layers.Masking()(b)])) is None
    assert Masks.of(layers.Concatenate()([plain, layers.Masking()(b)])).tolist() == [[True, True, True]]


def test_a_layer_of_one_s_own_takes_and_makes_masks():
    seen = []

    class Shift(layers.Layer):
        def call(self, x, mask=None):
            seen.append(None if mask is None else mask.tolist())
            return x[:, 1:]

        def compute_mask(self, inputs, previous_mask=None):
            return None if previous_mask is None else previous_mask[:, 1:]

    y = Shift()(layers.Embedding(6, 2, mask_zero=True)(IDS))
    assert seen == [(IDS != 0).tolist()]
    assert Masks.of(y).tolist() == (IDS[:, 1:] != 0).tolist()
    Shift()(layers.Embedding(6, 2, mask_zero=True)(IDS), mask=pynn.asarray(IDS == 1))
    assert seen[-1] == (IDS == 1).tolist()


def test_a_layer_that_loses_a_mask_says_so():
    x = layers.Embedding(6, 2, mask_zero=True)(IDS)
    message = (
        "^Flatten 'flat' got an input with a mask and does not pass it on; layers after it take all steps$"
    )
    with pytest.warns(UserWarning, match=message):
        layers.Flatten(name="flat")(x)


def test_a_mask_goes_with_its_tensor():
    x = layers.Embedding(6, 2, mask_zero=True)(IDS)
    assert has_mask(Masks.of([x, None]))
    del x
    gc.collect()
    assert not [key for key, (ref, _) in Masks._found.items() if ref() is None]


def test_the_config_says_it():
    table = layers.Embedding(6, 2, mask_zero=True)
    assert layers.Embedding.from_config(table.get_config()).mask_zero is True
    assert layers.Masking.from_config(layers.Masking(3.0).get_config()).mask_value == 3.0
