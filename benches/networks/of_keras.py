"""The network in Keras, on JAX."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from benches.networks import EPSILON, RHO


class Network:
    def __init__(self, weights: Sequence[np.ndarray], optimizer: str, rate: float) -> None:
        inputs, hidden = weights[0].shape
        layers = keras.layers
        self.model = keras.Sequential(
            [layers.Dense(hidden, activation="relu"), layers.Dense(weights[2].shape[1])]
        )
        self.model.build((None, inputs))
        self.model.set_weights(list(weights))
        makers = {
            "rmsprop": lambda: keras.optimizers.RMSprop(rate, rho=RHO, epsilon=EPSILON),
            "sgd": lambda: keras.optimizers.SGD(rate),
        }
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        self.model.compile(makers[optimizer](), loss)

    def own(self, x: np.ndarray) -> np.ndarray:
        return x

    def step(self, x: np.ndarray, y: np.ndarray) -> Any:
        return self.model.train_on_batch(x, y)

    def epoch(self, x: np.ndarray, y: np.ndarray, batch: int) -> Any:
        return self.model.fit(x, y, batch_size=batch, verbose=0).history["loss"][0]

    def forward(self, x: np.ndarray) -> Any:
        return self.model(x).block_until_ready()

    def predict(self, x: np.ndarray, batch: int) -> Any:
        return self.model.predict(x, batch_size=batch, verbose=0)
