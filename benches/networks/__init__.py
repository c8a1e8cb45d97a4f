"""Two networks in each library, as its users write them; both end in a softmax cross-entropy.

One has two dense layers with a relu between them. The other is convolutional, for images of 28x28 pixels: three layers
of 3x3 windows with relu, the largest of 2x2 after each of the first two, then a dense layer.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

RHO, EPSILON = 0.9, 1e-7  # of RMSprop, Keras' defaults


class Network(Protocol):
    """Made from weights (kernel, bias, kernel, bias, ...), the optimizer ("rmsprop" or "sgd") and its learning rate.

    Every method returns when its result is there. Losses are means over the samples.
    """

    def __init__(self, weights: Sequence[np.ndarray], optimizer: str, rate: float) -> None: ...
    def own(self, x: np.ndarray) -> Any: ...  # what the library's users would pass
    def step(self, x: Any, y: Any) -> Any: ...  # one step of training; its loss
    def epoch(self, x: Any, y: Any, batch: int) -> Any: ...  # one pass over shuffled data; its mean loss
    def forward(self, x: Any) -> Any: ...  # the logits of a batch
    def predict(self, x: Any, batch: int) -> Any: ...  # the logits, batch by batch


def network(library: str, weights: Sequence[np.ndarray], optimizer: str, rate: float) -> Network:
    """The network with these weights in a library, which is imported now: two layers, or the convolutional one.

    The library may be followed by a layout: "torch channels_last".
    """
    name, *layout = library.split()
    module = importlib.import_module(f"benches.networks.of_{name}")
    kind = module.Network if len(weights) == 4 else module.Convolutional
    made: Network = kind(weights, optimizer, rate, *layout)
    return made
