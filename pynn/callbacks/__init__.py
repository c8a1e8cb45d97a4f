"""Callbacks: what happens beside training. Names, arguments and rules are those of Keras 3."""

from __future__ import annotations

from .callback import Callback, CallbackList, History, LambdaCallback
from .monitor import EarlyStopping, ModelCheckpoint, ReduceLROnPlateau
from .training import CSVLogger, LearningRateScheduler, ProgbarLogger, TerminateOnNaN

__all__ = [
    "CSVLogger",
    "Callback",
    "CallbackList",
    "EarlyStopping",
    "History",
    "LambdaCallback",
    "LearningRateScheduler",
    "ModelCheckpoint",
    "ProgbarLogger",
    "ReduceLROnPlateau",
    "TerminateOnNaN",
]
