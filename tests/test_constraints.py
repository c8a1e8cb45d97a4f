"""Constraints and regularizers against Keras and NumPy; where layers and optimizers apply them."""

from __future__ import annotations

import os
import re

import numpy as np
import pytest

import pynn
from pynn import constraints, layers, optimizers, regularizers

# Keras's tensors and variables do not know NumPy 2's __array__ yet.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy")

W = np.random.default_rng(0).normal(0, 2, (5, 4, 3)).astype("float32")
W[:, 1, 1] = 0  # a norm of 0 stays 0


@pytest.fixture(scope="module")
def keras():
    os.environ.setdefault("KERAS_BACKEND", "jax")
    return pytest.importorskip("keras")


@pytest.mark.parametrize("axis", [0, [0, 1], -1], ids=str)
@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("MaxNorm", {}),
        ("MaxNorm", {"max_value": 3.5}),
        ("UnitNorm", {}),
        ("MinMaxNorm", {}),
        ("MinMaxNorm", {"min_value": 2.0, "max_value": 5.0, "rate": 0.3}),
    ],
    ids=str,
)
def test_constraint_is_that_of_keras(keras, kind, options, axis):
    ours = getattr(constraints, kind)(**options, axis=axis)
    theirs = getattr(keras.constraints, kind)(**options, axis=axis)
    np.testing.assert_allclose(ours(pynn.asarray(W)).numpy(), theirs(W), rtol=1e-5, atol=1e-6)
    assert ours.get_config() == theirs.get_config()
    again = constraints.deserialize(constraints.serialize(ours))
    assert type(again) is type(ours)
    assert again.get_config() == ours.get_config()


def test_defaults_and_names(keras):
    for name in ("max_norm", "unit_norm", "min_max_norm", "non_neg"):
        ours, theirs = constraints.get(name), keras.constraints.get(name)
        assert ours.get_config() == theirs.get_config()
        assert type(ours) is getattr(constraints, name)
    assert constraints.get(None) is None
    np.testing.assert_array_equal(constraints.NonNeg()(pynn.asarray(W)).numpy(), np.maximum(W, 0))


def test_constrained_weights_keep_to_it_while_they_train():
    layer = layers.Dense(3, kernel_constraint="non_neg", bias_constraint=constraints.MaxNorm(0.5))
    model = pynn.Sequential([pynn.Input((4,)), layer])
    model.compile(optimizers.Adam(0.1), "mse")
    x, y = np.ones((8, 4), "float32"), -np.ones((8, 3), "float32")
    model.fit(x, y, epochs=5, verbose=0)
    assert (layer.kernel.numpy() >= 0).all()
    assert (layer.kernel.numpy() == 0).any()
    assert np.linalg.norm(layer.bias.numpy()) == pytest.approx(0.5, rel=1e-5)
    again = layers.Dense.from_config(layer.get_config())
    assert type(again.kernel_constraint) is constraints.NonNeg
    assert again.bias_constraint.max_value == 0.5


def test_a_function_constrains_after_the_step_and_only_what_has_a_gradient():
    first, second = (pynn.Variable([4.0, -4.0], name=name) for name in ("first", "second"))
    first.constraint = second.constraint = lambda w: pynn.clip(w, -1.0, 1.0)
    with pytest.warns(UserWarning, match="no gradient for second; left unchanged"):
        optimizers.SGD(1.0).apply([[3.5, 0.0], None], [first, second])
    assert first.numpy().tolist() == [0.5, -1.0]
    assert second.numpy().tolist() == [4.0, -4.0]


def test_a_layer_of_ones_own_constrains_its_weight():
    class Scale(layers.Layer):
        def build(self, input_shape):
            self.scale = self.add_weight((1,), "ones", constraint="unit_norm", name="scale")

        def call(self, inputs):
            return inputs * self.scale

    model = pynn.Sequential([pynn.Input((1,)), Scale()])
    model.compile(optimizers.SGD(0.1), "mse")
    model.fit(np.ones((4, 1)), np.full((4, 1), 7.0), verbose=0)
    assert float(model.layers[-1].scale) == pytest.approx(1.0)


@pytest.mark.parametrize("mode", ["rows", "columns"])
def test_orthogonal_regularizer(mode):
    matrix = W[:, :, 0].astype("float64")
    rows = matrix if mode == "rows" else matrix.T
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    cosines = abs(unit @ unit.T)[np.triu_indices(len(unit), 1)]
    ours = regularizers.OrthogonalRegularizer(0.3, mode)
    assert float(ours(pynn.asarray(matrix))) == pytest.approx(0.3 * cosines.mean())
    again = regularizers.deserialize(regularizers.serialize(ours))
    assert again.get_config() == {"factor": float(np.float32(0.3)), "mode": mode}  # Keras keeps a float32
    pynn.testing.check_grad(ours, matrix)


def test_activity_regularizer_is_divided_by_the_batch(keras):
    x = W[:, :, 0]
    layer = layers.Dense(3, "relu", activity_regularizer=regularizers.L1L2(0.1, 0.2))
    theirs = keras.layers.Dense(3, "relu", activity_regularizer=keras.regularizers.L1L2(0.1, 0.2))
    outputs = layer(x)
    theirs.build((None, 4))
    theirs.set_weights(layer.get_weights())
    np.testing.assert_allclose(np.asarray(theirs(x)), outputs.numpy(), rtol=1e-5, atol=1e-6)
    layer(x)  # a second call replaces the penalty of the first
    assert [float(loss) for loss in layer.losses] == pytest.approx([float(theirs.losses[-1])], rel=1e-5)
    assert layer.get_config()["activity_regularizer"] == regularizers.serialize(layer.activity_regularizer)
    assert "activity_regularizer" not in layers.Dense(3).get_config()


def test_activity_regularizer_is_part_of_the_loss_of_a_model():
    def model(penalty):
        hidden = layers.Dense(3, kernel_initializer="ones", activity_regularizer=penalty)
        network = pynn.Sequential([pynn.Input((2,)), hidden, layers.Dense(1, kernel_initializer="ones")])
        network.compile("sgd", "mse")
        return network

    x, y = np.ones((4, 2)), np.full((4, 1), 6.0)
    assert model(None).evaluate(x, y, verbose=0) == 0
    assert model("l2").evaluate(x, y, verbose=0) == pytest.approx(0.01 * 3 * 4)


ERRORS = [
    (
        lambda: constraints.get("max_nrom"),
        ValueError,
        "unknown constraint 'max_nrom'; did you mean 'max_norm'?",
    ),
    (
        lambda: constraints.Constraint()(pynn.ones(2)),
        NotImplementedError,
        "Constraint must define __call__(self, w)",
    ),
    (
        lambda: regularizers.OrthogonalRegularizer(mode="diagonal"),
        ValueError,
        "OrthogonalRegularizer: mode must be 'rows' or 'columns', got 'diagonal'",
    ),
    (
        lambda: regularizers.OrthogonalRegularizer()(pynn.ones(3)),
        ValueError,
        "OrthogonalRegularizer: needs a matrix, got shape (3,)",
    ),
]


@pytest.mark.parametrize(("call", "error", "message"), ERRORS, ids=[m[:50] for _, _, m in ERRORS])
def test_error(call, error, message):
    with pytest.raises(error, match="^" + re.escape(message) + "$"):
        call()
