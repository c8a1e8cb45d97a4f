"""One harness for every layer of layer_cases.py: what any layer must do, and that it does what Keras's does."""

from __future__ import annotations

import numpy as np
import pytest
from layer_cases import CASES, Case

import pynn
from pynn import layers, models
from pynn.layers import Layer

# Keras's tensors and variables do not know NumPy 2's __array__ yet.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy")


@pytest.fixture(params=CASES, ids=str)
def case(request: pytest.FixtureRequest) -> Case:
    return request.param


def options(case: Case):
    """The options of the call, the same at every call of a case."""
    mask = {"mask": np.random.default_rng(1).random(case.mask) < 0.7} if case.mask else {}
    return {"training": True, **mask} if case.training else mask


def shape_of(x):
    """The shape with None for the batch, as build and compute_output_shape take it."""
    return [shape_of(item) for item in x] if isinstance(x, list) else (None, *x.shape[1:])


def twins(keras, case, x):
    """The layer here and in Keras, with equal weights."""
    ours, theirs = case.layer(layers), case.layer(keras.layers)
    ours.build(shape_of(x))
    theirs.build([item.shape for item in x] if case.several else x.shape)
    theirs.set_weights(ours.get_weights())
    return ours, theirs


def test_shapes_and_dtype_are_as_computed(case, rng):
    x = case.inputs(rng)
    layer = case.layer(layers)
    expected = layer.compute_output_shape(shape_of(x))
    y = layer(x, **options(case))
    assert layer.built
    assert expected == (None, *y.shape[1:])
    assert str(y.dtype) in {"float32", "int32", "int64"}
    assert layer.count_params() == sum(weight.size for weight in layer.weights)


def test_a_config_makes_the_same_layer(case, rng):
    x = case.inputs(rng)
    layer = case.layer(layers)
    again = type(layer).from_config(layer.get_config())
    assert repr(again.get_config()) == repr(layer.get_config())
    layer.build(shape_of(x))
    again.build(shape_of(x))
    again.set_weights(layer.get_weights())
    np.testing.assert_array_equal(again(x, **options(case)).numpy(), layer(x, **options(case)).numpy())


def test_computes_in_its_dtype(case, rng):
    x = case.inputs(rng)
    wide = case._replace(arguments={**case.arguments, "dtype": "float64"})
    layer, narrow = wide.layer(layers), case.layer(layers)
    if case.inner:
        layer.layer = type(layer.layer)(**case.inner[1], dtype="float64")
    for each in (layer, narrow):
        each.build(shape_of(x))
    narrow.set_weights(layer.get_weights())
    y = layer(x, **options(case))
    assert str(y.dtype) in {"float64", "int32"}
    assert {str(weight.dtype) for weight in layer.weights} <= {"float64", "int32"}
    np.testing.assert_allclose(y.numpy(), narrow(x, **options(case)).numpy(), rtol=1e-4, atol=1e-5)


def by_keras(theirs, case, x, seed):
    """What Keras's layer gives: output, statistics after the call, gradients of sum(output * seed) by weights and x."""
    import jax

    weights = [variable.value for variable in theirs.trainable_variables]
    others = [variable.value for variable in theirs.non_trainable_variables]
    x = [jax.numpy.asarray(item) for item in x] if case.several else jax.numpy.asarray(x)

    def objective(weights, x):
        y, after = theirs.stateless_call(weights, others, x, **options(case))
        return (y * seed).sum(), (y, after)

    # Compiled as a whole: compiling jax's operations one by one would take seconds a case.
    if seed.dtype.kind != "f" or (case.integers and not weights):
        (_, (y, after)), slopes = jax.jit(objective)(weights, x), []
    else:
        wanted = 0 if case.integers else (0, 1)
        compiled = jax.jit(jax.value_and_grad(objective, argnums=wanted, has_aux=True))
        (_, (y, after)), slopes = compiled(weights, x)
    return np.asarray(y), after, jax.tree.leaves(slopes)


def test_weights_outputs_and_gradients_are_those_of_keras(quick_keras, case, rng):
    x = case.inputs(rng)
    ours, theirs = twins(quick_keras, case, x)
    names = [[weight.path.split("/")[-1] for weight in layer.weights] for layer in (ours, theirs)]
    assert names[0] == names[1]
    assert [w.shape for w in ours.trainable_weights] == [tuple(w.shape) for w in theirs.trainable_weights]
    leaves = [] if case.integers else [pynn.Variable(item) for item in (x if case.several else [x])]
    with pynn.GradientTape() as tape:
        y = ours(x if case.integers else leaves if case.several else leaves[0], **options(case))
        seed = rng.normal(size=y.shape).astype(str(y.dtype))
        loss = (y * seed).sum()
    expected, after, slopes = by_keras(theirs, case, x, seed)
    np.testing.assert_allclose(y.numpy(), expected, rtol=1e-5, atol=1e-5)
    for mine, its in zip(ours.non_trainable_weights, after, strict=False):  # Keras's seeds come last
        np.testing.assert_allclose(mine.numpy(), np.asarray(its), rtol=1e-5, atol=1e-6)
    found = tape.gradient(loss, [*ours.trainable_weights, *leaves]) if slopes else []
    for mine, its in zip(found, slopes, strict=True):
        mine = np.zeros(its.shape) if mine is None else mine.numpy()
        np.testing.assert_allclose(mine, np.asarray(its), rtol=1e-5, atol=2e-5)


def test_a_training_step_moves_what_is_trainable(case, rng):
    x = case.inputs(rng)

    class Around(models.Model):
        def __init__(self):
            super().__init__()
            self.inner: Layer = case.layer(layers)

        def call(self, inputs, training=None):
            y = self.inner(inputs, **options(case))
            return y.astype("float32")

    model = Around()
    shape = model(x).shape
    before = [w.numpy() for w in model.trainable_weights]
    model.compile(pynn.optimizers.SGD(0.1), "mse")
    if model.trainable_weights:
        model.train_on_batch(x, rng.normal(size=shape).astype("float32"))
    for weight, old in zip(model.trainable_weights, before, strict=True):
        assert np.isfinite(weight.numpy()).all()
        assert (weight.numpy() != old).any()
