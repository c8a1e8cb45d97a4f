"""Callbacks: what happens beside training. Names, arguments and rules are those of Keras 3."""

from __future__ import annotations

from .averages import SwapEMAWeights
from .backup import BackupAndRestore
from .callback import Callback, CallbackList, History, LambdaCallback
from .monitor import EarlyStopping, ModelCheckpoint, ReduceLROnPlateau
from .tensorboard import TensorBoard
from .training import CSVLogger, LearningRateScheduler, ProgbarLogger, TerminateOnNaN
from .unsupported import OrbaxCheckpoint, RemoteMonitor

__all__ = [
    "BackupAndRestore",
    "CSVLogger",
    "Callback",
    "CallbackList",
    "EarlyStopping",
    "History",
    "LambdaCallback",
    "LearningRateScheduler",
    "ModelCheckpoint",
    "OrbaxCheckpoint",
    "ProgbarLogger",
    "ReduceLROnPlateau",
    "RemoteMonitor",
    "SwapEMAWeights",
    "TensorBoard",
    "TerminateOnNaN",
]
