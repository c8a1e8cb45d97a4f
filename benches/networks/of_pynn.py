"""The network in pynn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

import pynn
from benches.networks import EPSILON, RHO
from pynn import layers


class Network:
    from_logits = True

    def __init__(self, weights: Sequence[np.ndarray], optimizer: str, rate: float) -> None:
        self.model = pynn.Sequential(self._layers(weights))
        self.model.build(self._shape(weights))
        self.model.set_weights(weights)
        makers = {
            "rmsprop": lambda: pynn.optimizers.RMSprop(rate, rho=RHO, epsilon=EPSILON),
            "sgd": lambda: pynn.optimizers.SGD(rate),
        }
        loss = pynn.losses.SparseCategoricalCrossentropy(self.from_logits)
        self.model.compile(makers[optimizer](), loss)

    def _layers(self, weights: Sequence[np.ndarray]) -> list[Any]:
        return [layers.Dense(weights[0].shape[1], activation="relu"), layers.Dense(weights[2].shape[1])]

    def _shape(self, weights: Sequence[np.ndarray]) -> tuple[int | None, ...]:
        return (None, weights[0].shape[0])

    def own(self, x: np.ndarray) -> np.ndarray:
        return x

    def step(self, x: np.ndarray, y: np.ndarray) -> Any:
        return self.model.train_on_batch(x, y)

    def epoch(self, x: np.ndarray, y: np.ndarray, batch: int) -> Any:
        return self.model.fit(x, y, batch_size=batch, verbose=0).history["loss"][0]

    def forward(self, x: np.ndarray) -> Any:
        return self.model(x)

    def predict(self, x: np.ndarray, batch: int) -> Any:
        return self.model.predict(x, batch_size=batch, verbose=0)


class Convolutional(Network):
    from_logits = False  # as the course writes it

    def _layers(self, weights: Sequence[np.ndarray]) -> list[Any]:
        first, second, third, classes = (kernel.shape[-1] for kernel in weights[::2])
        return [
            layers.Conv2D(first, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(second, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(third, 3, activation="relu"),
            layers.Flatten(),
            layers.Dense(classes, activation="softmax"),
        ]

    def _shape(self, weights: Sequence[np.ndarray]) -> tuple[int | None, ...]:
        return (None, 28, 28, 1)
