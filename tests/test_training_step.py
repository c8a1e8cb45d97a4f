"""What a training step does beside its arithmetic: it finds what changed, and otherwise searches and keeps nothing."""

from __future__ import annotations

import copy
import gc
import tracemalloc

import numpy as np
import pytest

import pynn
from pynn import Model, Sequential, callbacks, layers, metrics
from pynn._core import accumulate_mean, alike, are_classes, assign_each, running_mean, take_rows, zero_each
from pynn.layers import Dense
from pynn.layers import weights as weights_module

RNG = np.random.default_rng(0)
X = RNG.normal(size=(32, 6)).astype("float32")
LABELS = RNG.integers(0, 4, 32)


def compiled(*inner):
    model = Sequential([Dense(8, "relu"), *inner, Dense(4, "softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.build((None, 6))
    return model


class Stack(Model):
    """A model whose layers stand in the given list or dict."""

    def __init__(self, container):
        super().__init__()
        self.container = container

    def call(self, inputs):
        values = self.container.values() if isinstance(self.container, dict) else self.container
        for layer in values:
            inputs = layer(inputs)
        return inputs


def built(units):
    layer = Dense(units)
    layer.build((None, units))
    return layer


# What is remembered ------------------------------------------------------------------------------------


def test_steps_search_nothing_again(monkeypatch):
    model = compiled(layers.Dropout(0.5))
    search, found = weights_module._search, []
    monkeypatch.setattr(weights_module, "_search", lambda owner: found.append(owner) or search(owner))

    def searches(batch_size):
        found.clear()
        model.fit(X, LABELS, batch_size=batch_size, verbose=0)
        return len(found)

    searches(32)  # the first step chooses the metrics
    assert searches(2) == searches(32)
    found.clear()
    for step in range(3):
        model.last = step + 0.5
        model.train_on_batch(X, LABELS)
    assert found == []


@pytest.mark.parametrize("change", ["append", "insert", "replace", "swap", "remove"])
def test_a_list_of_layers_that_changes_is_seen(change):
    model = Stack([built(2), built(3)])
    before = [id(weight) for weight in model.weights]
    new = built(5)
    changes = {
        "append": lambda found: found.append(new),
        "insert": lambda found: found.insert(0, new),
        "replace": lambda found: found.__setitem__(1, new),
        "swap": lambda found: found.reverse(),
        "remove": lambda found: found.pop(),
    }
    changes[change](model.container)
    expected = [weight for layer in model.container for weight in layer.weights]
    assert [id(weight) for weight in model.weights] == [id(weight) for weight in expected] != before


def test_a_dict_of_layers_that_changes_is_seen():
    model = Stack({"a": built(2)})
    assert len(model.weights) == 2
    model.container["b"] = built(3)
    assert len(model.weights) == 4
    model.container["b"] = new = built(4)
    assert model.weights[2] is new.kernel
    del model.container["b"]
    assert len(model.weights) == 2


def test_a_list_inside_of_a_tuple_is_seen_too():
    inner = [built(2)]
    model = Stack(())
    model.branches = (inner, "name")
    assert len(model.weights) == 2
    inner.append(built(2))
    assert len(model.weights) == 4


def test_attributes_set_and_deleted_are_seen():
    model = Stack([])
    model.first = built(2)
    assert len(model.weights) == 2
    model.first = None
    assert model.weights == []
    model.first = built(2)
    del model.first
    assert model.weights == []
    model.seen = metrics.Mean(name="seen")
    assert [metric.name for metric in model.metrics] == ["seen"]
    del model.seen
    assert model.metrics == []


def test_the_lists_that_are_returned_are_the_callers():
    model = compiled()
    for name in ("weights", "trainable_weights", "trainable_variables", "metrics"):
        getattr(model, name).clear()
        assert getattr(model, name)


def test_freezing_within_fit_stops_learning_at_once():
    model = compiled()
    after = []

    class Freeze(callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.layers[0].trainable = epoch == 1
            after.append([weight.numpy() for weight in self.model.weights])

    model.fit(X, LABELS, epochs=4, verbose=0, callbacks=[Freeze()])
    kernels = [weights[0] for weights in after]
    np.testing.assert_array_equal(kernels[1], kernels[0])
    assert np.any(kernels[2] != kernels[1])
    np.testing.assert_array_equal(kernels[3], kernels[2])
    assert np.any(after[1][2] != after[0][2])


def test_a_copy_has_weights_of_its_own():
    model = compiled()
    model.train_on_batch(X, LABELS)
    twin = copy.deepcopy(model)
    assert {id(weight) for weight in twin.weights}.isdisjoint(id(weight) for weight in model.weights)
    twin.add(Dense(4, name="last"))
    assert (len(twin.weights), len(model.weights)) == (6, 4)


# What stays --------------------------------------------------------------------------------------------


def test_steps_leave_no_memory_behind():
    model = compiled()

    def steps(count):
        for _ in range(count):
            model.train_on_batch(X, LABELS)

    steps(20)
    gc.collect()
    cached = pynn._core.cached_bytes()
    tracemalloc.start()
    try:
        steps(20)
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        steps(500)
        gc.collect()
        after = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert after - before < 500 * 16  # less than the smallest object a step
    assert pynn._core.cached_bytes() == cached


# The calls of C++ ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float32", "float64", "int32", "bool"])
@pytest.mark.parametrize("shape", [(), (5,), (4, 3), (2, 3, 2)])
@pytest.mark.parametrize("weight", [None, 2.5, 3])
def test_a_running_mean_counts_samples_or_weights(dtype, shape, weight):
    batches = [(RNG.normal(size=shape) * 3).astype(dtype) for _ in range(3)]
    total, count = pynn.zeros(()), pynn.zeros(())
    for batch in batches:
        accumulate_mean(total, count, pynn.asarray(batch), weight)
    each = (shape[0] if shape else 1) if weight is None else weight
    assert float(count) == pytest.approx(3 * each)
    assert float(running_mean(total, count)) == pytest.approx(np.mean(batches), rel=1e-5, abs=1e-6)


def test_a_running_mean_of_nothing_is_0():
    total, count = pynn.zeros(()), pynn.zeros(())
    accumulate_mean(total, count, pynn.zeros((0, 3)), None)
    assert (float(count), float(running_mean(total, count))) == (0, 0)


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (np.array([0, 3]), True),
        (np.array([0, 4]), False),
        (np.array([-1, 0]), False),
        (np.array([], "int64"), True),
        (np.array([2**63], "uint64"), False),
        (np.array([3, 0], "uint8")[::-1], True),
        (np.array([True, False]), True),
        (np.array([0.0, 3.0], "float32"), True),
        (np.array([0.5]), False),
        (np.array([np.nan]), False),
        (np.array([np.inf]), False),
        (np.array([-0.5]), False),
        (np.array([4.0]), False),
    ],
)
def test_are_classes(labels, expected):
    assert are_classes(pynn.asarray(labels), 4) is expected


def test_alike_compares_number_kind_shape_and_dtype():
    a, b = pynn.zeros((2, 3)), pynn.ones((2, 3))
    assert alike([a, b], [b, a])
    assert alike([], [])
    assert not alike([a], [b, a])
    assert not alike([a], [b.T])
    assert not alike([a], [b.astype("float64")])
    assert not alike([None], [b])
    assert not alike([np.zeros((2, 3), "float32")], [b])


def test_assign_each_copies_in_order():
    a, b = pynn.zeros((2, 3)), pynn.zeros((), dtype="float64")
    assign_each([a, b], [pynn.asarray([1.0, 2.0, 3.0]), pynn.asarray(4.0)])
    np.testing.assert_array_equal(a.numpy(), [[1, 2, 3], [1, 2, 3]])
    assert float(b) == 4
    with pytest.raises(ValueError, match=r"^assign_each: needs one value for each target$"):
        assign_each([a, b], [a])
    with pytest.raises(
        pynn.ShapeError, match=r"^assign_each: a value of shape \(3, 2\) does not fit into shape \(2, 3\)$"
    ):
        assign_each([a], [pynn.zeros((3, 2))])


def test_zero_each_takes_any_shape_and_dtype():
    targets = [pynn.ones(()), pynn.ones((), dtype="int64"), pynn.ones((2, 3)), pynn.ones((), dtype="float64")]
    zero_each(targets)
    assert [float(pynn.sum(pynn.abs(target))) for target in targets] == [0, 0, 0, 0]


def test_take_rows_cuts_a_batch_out_of_each():
    x, y, order = pynn.asarray(X), pynn.asarray(LABELS), pynn.asarray(RNG.permutation(32))
    taken = take_rows((x, y), order, 30, 32)
    assert type(taken) is tuple
    np.testing.assert_array_equal(taken[0].numpy(), X[order.numpy()[30:]])
    np.testing.assert_array_equal(taken[1].numpy(), LABELS[order.numpy()[30:]])
    assert take_rows((), order, 0, 0) == ()
    for start, stop in ((-1, 2), (3, 2), (30, 33)):
        with pytest.raises(
            ValueError, match=rf"^take_rows: {start} to {stop} is no part of an order of shape \(32,\)$"
        ):
            take_rows((x,), order, start, stop)


# Prediction of one batch ---------------------------------------------------------------------------------


def test_one_batch_that_nobody_watches_is_predicted_as_many_are():
    model = compiled()
    alone = model.predict(X, verbose=0)
    np.testing.assert_array_equal(alone, model.predict(X, verbose=0, steps=1))
    np.testing.assert_array_equal(alone, model.predict(X.tolist(), verbose=0, callbacks=[]))
    assert model.predict(X, batch_size=5, verbose=0).shape == (32, 4)
    for wrong in (X[:, :3], X[:0], "text"):
        messages = []
        for more in ({}, {"callbacks": []}):
            with pytest.raises((ValueError, TypeError)) as caught:
                model.predict(wrong, verbose=0, **more)
            messages.append(str(caught.value))
        assert messages[0] == messages[1]
    with pytest.raises(ValueError, match="^batch_size must be positive, got 0$"):
        model.predict(X, batch_size=0, verbose=0)


def test_predictions_of_one_batch_are_the_callers():
    model = Sequential([layers.Flatten()])
    x = np.ones((2, 3), "float32")
    model.predict(x, verbose=0)[:] = 5
    assert x.max() == 1


def test_a_predict_step_of_ones_own_predicts_one_batch():
    class Doubled(Sequential):
        def predict_step(self, data):
            return super().predict_step(data) * 2

    model = Doubled(compiled().layers)
    np.testing.assert_array_equal(
        model.predict(X, verbose=0), 2 * Sequential(model.layers).predict(X, verbose=0)
    )
