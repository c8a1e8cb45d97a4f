"""Measuring in one call gives what the same in many does, to the last bit; and knows when not to."""

import numpy as np
import pytest
from short_ways import HOT, LABELS, X, both, compiled, is_short, state, the_long_way, three_batches

import pynn
from pynn import layers
from pynn.models.short_way import ShortWay


def measured(model, x=X, y=LABELS):
    """Every way to measure, and what it returns, to the bit."""
    seen = []
    watch = pynn.callbacks.LambdaCallback(on_test_batch_end=lambda batch, logs: seen.append(logs))
    return [
        seen,
        model.evaluate(x, y, batch_size=16, verbose=0, callbacks=[watch]),
        model.evaluate(x, y, verbose=0, return_dict=True),
        model.test_on_batch(x, y),
        model.test_on_batch(x, y, return_dict=True),
        model.fit(x, y, batch_size=16, verbose=0, validation_data=(x[:20], y[:20])).history,
        model.evaluate(x, y, verbose=0, sample_weight=np.linspace(0, 2, len(x)).astype("float32")),
    ]


@pytest.mark.parametrize("metrics", [(), ("accuracy",)])
@pytest.mark.parametrize("hot", [False, True])
@pytest.mark.parametrize("dense", [{}, {"activation": "gelu"}, {"use_bias": False}])
def test_results_are_those_of_the_long_way(metrics, hot, dense):
    loss = "categorical_crossentropy" if hot else "sparse_categorical_crossentropy"
    y = HOT if hot else LABELS

    def make():
        pynn.utils.set_random_seed(1)
        first = layers.Dense(8, **{"activation": "relu", **dense})
        model = pynn.Sequential([pynn.Input((4, 5)), layers.Flatten(), first, layers.Dense(3, "softmax")])
        model.compile("rmsprop", loss, metrics=list(metrics))
        return model

    def use(model):
        three_batches(model, y=y)
        assert is_short(model) == (model._find_short_way is not ShortWay)
        return measured(model, y=y)

    both(make, use)


def test_the_short_way_is_taken(monkeypatch):
    model = compiled()
    three_batches(model)
    monkeypatch.setattr(pynn.Sequential, "__call__", lambda *_: pytest.fail("the long way"))
    before = state(model)[: len(model.weights)]
    loss, accuracy = model.evaluate(X, LABELS, batch_size=16, verbose=0)
    assert state(model)[: len(model.weights)] == before
    assert model.test_on_batch(X, LABELS) == pytest.approx([loss, accuracy])


def test_a_test_step_of_ones_own_is_called():
    class Own(pynn.Sequential):
        def test_step(self, data):
            return {**super().test_step(data), "own": 3.0}

    model = Own(compiled().layers)
    model.compile("sgd", "sparse_categorical_crossentropy")
    three_batches(model)
    assert is_short(model)
    assert model.evaluate(X, LABELS, verbose=0, return_dict=True)["own"] == 3
    model = compiled()
    three_batches(model)
    model.test_step = lambda data: {"own": 4.0}
    assert model.evaluate(X, LABELS, verbose=0, return_dict=True) == {"own": 4}


def test_a_mask_and_an_added_loss_take_the_long_way():
    model = compiled()
    three_batches(model)
    whole, x = model._shortest().whole, layers.Masking()(pynn.asarray(X))
    assert whole.measure(x, LABELS, False) is None
    assert whole.measure(X, LABELS, False) is not None
    model.get_layer("first").add_loss(pynn.asarray(1.0))
    assert whole.measure(X, LABELS, False) is None


WRONG = {
    "a label too large": (X, LABELS + 1),
    "one-hot": (X, HOT),
    "too few": (X, LABELS[:10]),
    "another shape": (X[:, :3], LABELS),
    "text": (X, np.array(["a"] * len(X))),
}


@pytest.mark.parametrize("kind", WRONG)
@pytest.mark.parametrize("method", ["evaluate", "test_on_batch"])
def test_errors_are_those_of_the_long_way(kind, method):
    messages = []
    for way in (lambda model: model, the_long_way):
        model = way(compiled())
        three_batches(model)
        with pytest.raises((ValueError, TypeError)) as caught:
            getattr(model, method)(*WRONG[kind])
        messages.append((type(caught.value), str(caught.value)))
    assert messages[0] == messages[1]


def test_an_open_tape_sees_the_measuring():
    model = compiled()
    three_batches(model)
    with pynn.GradientTape():
        assert model._shortest().whole.measure(X, LABELS, False) is None
    assert model._shortest().whole.measure(X, LABELS, False) is not None
