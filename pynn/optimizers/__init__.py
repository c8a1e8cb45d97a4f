"""Optimizers with Keras 3's names, defaults and formulas; a step is few passes in C++ over flat memory."""

from __future__ import annotations

from typing import Any

from ..serialization import provide, serialize_keras_object
from . import schedules
from .adadelta import Adadelta
from .adagrad import Adagrad
from .adam import Adam, AdamW
from .adamax import Adamax
from .ftrl import Ftrl
from .lamb import Lamb
from .lion import Lion
from .nadam import Nadam
from .optimizer import Optimizer, registry
from .rmsprop import RMSprop
from .sgd import SGD
from .unsupported import (
    Adafactor,
    LossScaleOptimizer,
    MultiOptimizer,
    Muon,
    OptimizerMap,
    ScheduleFreeAdamW,
    Unsupported,
)

for _unsupported in Unsupported.__subclasses__():
    registry.register(_unsupported.__name__.lower())(_unsupported)

__all__ = [
    "SGD",
    "Adadelta",
    "Adafactor",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Ftrl",
    "Lamb",
    "Lion",
    "LossScaleOptimizer",
    "MultiOptimizer",
    "Muon",
    "Nadam",
    "Optimizer",
    "OptimizerMap",
    "RMSprop",
    "ScheduleFreeAdamW",
    "deserialize",
    "get",
    "schedules",
    "serialize",
]


def get(identifier: Any) -> Optimizer:
    """Return the optimizer for a name ("adam"), a config or an Optimizer, which is returned as it is.

    Raises:
        ValueError: unknown name; the message proposes the nearest one.
        TypeError: anything else.
    """
    found = registry.get(identifier.lower() if isinstance(identifier, str) else identifier)
    if not isinstance(found, Optimizer):
        raise TypeError(f"optimizer must be a name or an Optimizer, got {identifier!r}")
    return found


def serialize(optimizer: Optimizer) -> dict[str, Any]:
    """Return the config, in Keras's form, that `deserialize` turns into an equal optimizer, without its state."""
    config: dict[str, Any] = serialize_keras_object(optimizer)
    return config


def deserialize(config: dict[str, Any]) -> Optimizer:
    """Make an optimizer from what `serialize` returned."""
    return get(config)


provide("keras.optimizers", globals(), __name__)
