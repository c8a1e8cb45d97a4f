"""The network by hand in NumPy."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from benches.networks import EPSILON, RHO


class Network:
    def __init__(self, weights: Sequence[np.ndarray], optimizer: str, rate: float) -> None:
        self.weights = [w.copy() for w in weights]
        self.averages = [np.zeros_like(w) for w in weights]
        self.rate = rate
        self.update = {"rmsprop": self._rmsprop, "sgd": self._sgd}[optimizer]
        self.rng = np.random.default_rng(0)

    def own(self, x: np.ndarray) -> np.ndarray:
        return x

    def step(self, x: np.ndarray, y: np.ndarray) -> float:
        w1, b1, w2, b2 = self.weights
        h = np.maximum(x @ w1 + b1, 0)
        z = h @ w2 + b2
        p = np.exp(z - z.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        rows = np.arange(len(x))
        loss = -np.log(p[rows, y]).mean()
        dz = p
        dz[rows, y] -= 1
        dz /= len(x)
        dh = (dz @ w2.T) * (h > 0)
        self.update([x.T @ dh, dh.sum(axis=0), h.T @ dz, dz.sum(axis=0)])
        return float(loss)

    def _sgd(self, gradients: list[np.ndarray]) -> None:
        for w, g in zip(self.weights, gradients, strict=True):
            w -= self.rate * g

    def _rmsprop(self, gradients: list[np.ndarray]) -> None:
        for w, v, g in zip(self.weights, self.averages, gradients, strict=True):
            v *= RHO
            v += (1 - RHO) * g * g
            w -= self.rate * g / np.sqrt(v + EPSILON)

    def epoch(self, x: np.ndarray, y: np.ndarray, batch: int) -> float:
        order = self.rng.permutation(len(x))
        parts = [order[i : i + batch] for i in range(0, len(x), batch)]
        return sum(self.step(x[part], y[part]) * len(part) for part in parts) / len(x)

    def forward(self, x: np.ndarray) -> np.ndarray:
        w1, b1, w2, b2 = self.weights
        return np.maximum(x @ w1 + b1, 0) @ w2 + b2

    def predict(self, x: np.ndarray, batch: int) -> np.ndarray:
        return np.concatenate([self.forward(x[i : i + batch]) for i in range(0, len(x), batch)])
