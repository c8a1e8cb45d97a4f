"""Models whose training step is one call, and the same without it: what both do must be the same."""

import numpy as np

import pynn
from pynn import layers
from pynn.models.short_way import ShortWay

N = 50
RNG = np.random.default_rng(3)
X = RNG.normal(size=(N, 4, 5)).astype("float32")
LABELS = RNG.integers(0, 3, N)
HOT = np.eye(3, dtype="float32")[LABELS]


def network(**dense):
    pynn.utils.set_random_seed(1)
    return pynn.Sequential(
        [
            pynn.Input((4, 5)),
            layers.Flatten(name="flat"),
            layers.Dense(8, "relu", name="first", **dense),
            layers.Dense(3, "softmax", name="last"),
        ],
        name="network",
    )


def compiled(optimizer="sgd", loss="sparse_categorical_crossentropy", metrics=("accuracy",), **dense):
    model = network(**dense)
    model.compile(optimizer() if callable(optimizer) else optimizer, loss, metrics=list(metrics))
    return model


def the_long_way(model):
    """The model, from now on without any short way."""
    model._find_short_way = ShortWay
    return model


def is_short(model):
    return model._shortest().whole is not None


def state(model):
    """All that a step changes, bit by bit."""
    metrics = [variable for metric in model.metrics for variable in metric.variables]
    return [v.numpy().tobytes() for v in (*model.weights, *model.optimizer.variables, *metrics)]


def both(make, use):
    """What `use` returns and leaves behind, on the short way and on the long one, which must be the same."""
    results = []
    for way in (lambda model: model, the_long_way):
        model = way(make())
        pynn.utils.set_random_seed(2)
        results.append((use(model), state(model)))
    assert results[0] == results[1]
    return results[0]


def three_batches(model, x=X, y=LABELS):
    logs = [model.train_on_batch(x[i : i + 16], y[i : i + 16]) for i in (0, 16, 32)]
    return [np.array(each).tobytes() for each in logs]
