"""The network by hand in NumPy."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from benches.convolution import VALID, forward_of_numpy, input_grad_of_numpy, kernel_grad_of_numpy
from benches.networks import EPSILON, RHO


def loss_and_gradient(z: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray]:
    """Of the softmax cross-entropy with logits z."""
    p = np.exp(z - z.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    rows = np.arange(len(z))
    loss = -np.log(p[rows, y]).mean()
    p[rows, y] -= 1
    return float(loss), p / len(z)


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
        loss, dz = loss_and_gradient(h @ w2 + b2, y)
        dh = (dz @ w2.T) * (h > 0)
        self.update([x.T @ dh, dh.sum(axis=0), h.T @ dz, dz.sum(axis=0)])
        return loss

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


def pooled(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The largest of each 2x2, and where it stands; an odd last row or column is left out."""
    batch, rows, columns, channels = x.shape
    seen = x[:, : rows // 2 * 2, : columns // 2 * 2].reshape(batch, rows // 2, 2, columns // 2, 2, channels)
    seen = seen.transpose(0, 1, 3, 5, 2, 4).reshape(batch, rows // 2, columns // 2, channels, 4)
    return seen.max(axis=-1), seen.argmax(axis=-1)


def placed(g: np.ndarray, where: np.ndarray, like: np.ndarray) -> np.ndarray:
    """The way back: g where the largest stood."""
    d = np.zeros_like(like)
    for tap in range(4):
        part = d[:, tap // 2 : g.shape[1] * 2 : 2, tap % 2 : g.shape[2] * 2 : 2]
        part += g * (where == tap)
    return d


class Convolutional(Network):
    def step(self, x: np.ndarray, y: np.ndarray) -> float:
        w1, b1, w2, b2, w3, b3, w4, b4 = self.weights
        h1 = np.maximum(forward_of_numpy(x, w1, VALID) + b1, 0)
        p1, at1 = pooled(h1)
        h2 = np.maximum(forward_of_numpy(p1, w2, VALID) + b2, 0)
        p2, at2 = pooled(h2)
        h3 = np.maximum(forward_of_numpy(p2, w3, VALID) + b3, 0)
        flat = h3.reshape(len(x), -1)
        loss, dz = loss_and_gradient(flat @ w4 + b4, y)
        d3 = (dz @ w4.T).reshape(h3.shape) * (h3 > 0)
        d2 = placed(input_grad_of_numpy(p2, w3, d3, VALID), at2, h2) * (h2 > 0)
        d1 = placed(input_grad_of_numpy(p1, w2, d2, VALID), at1, h1) * (h1 > 0)
        gradients = []
        for source, kernel, g in ((x, w1, d1), (p1, w2, d2), (p2, w3, d3)):
            gradients += [kernel_grad_of_numpy(source, kernel, g, VALID), g.sum(axis=(0, 1, 2))]
        self.update([*gradients, flat.T @ dz, dz.sum(axis=0)])
        return loss
