"""One training step of a 784-512-10 network at batch 128, RMSprop, against the same step by hand in NumPy."""

import numpy as np
import pytest

import pynn
from pynn import layers

RATE, RHO, EPSILON = 0.001, 0.9, 1e-7


class NumpyNetwork:
    """The network, its gradients and RMSprop, written out."""

    def __init__(self, weights):
        self.weights = [w.copy() for w in weights]
        self.averages = [np.zeros_like(w) for w in weights]

    def step(self, x, labels):
        w1, b1, w2, b2 = self.weights
        h = np.maximum(x @ w1 + b1, 0)
        z = h @ w2 + b2
        p = np.exp(z - z.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        n = len(x)
        loss = -np.log(p[np.arange(n), labels]).mean()
        dz = p
        dz[np.arange(n), labels] -= 1
        dz /= n
        dh = (dz @ w2.T) * (h > 0)
        gradients = [x.T @ dh, dh.sum(axis=0), h.T @ dz, dz.sum(axis=0)]
        for w, v, g in zip(self.weights, self.averages, gradients, strict=True):
            v *= RHO
            v += (1 - RHO) * g * g
            w -= RATE * g / np.sqrt(v + EPSILON)
        return loss


@pytest.mark.parametrize("library", ["numpy", "pynn"])
def test_training_step(benchmark, rng, library):
    benchmark.group = "training step 784-512-10, batch 128"
    x = rng.random((128, 784), dtype=np.float32)
    labels = rng.integers(0, 10, 128)
    model = pynn.Sequential([layers.Dense(512, activation="relu"), layers.Dense(10)])
    loss = pynn.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(pynn.optimizers.RMSprop(RATE), loss)
    model.build((None, 784))
    by_hand = NumpyNetwork(model.get_weights())
    assert model.train_on_batch(x, labels) == pytest.approx(by_hand.step(x, labels), rel=1e-4)
    steps = {"numpy": lambda: by_hand.step(x, labels), "pynn": lambda: model.train_on_batch(x, labels)}
    benchmark(steps[library])
