"""`tf.config`: pynn computes on the processor, so there is little to configure."""

from __future__ import annotations

from typing import Any

from ... import _core
from .missing import message


def list_physical_devices(device_type: str | None = None) -> list[Any]:
    """No device but the processor, which has no entry: tests for a GPU find none."""
    return []


list_logical_devices = list_physical_devices


def run_functions_eagerly(run_eagerly: bool) -> None:
    """Accept either: functions always run at once."""


class threading:  # noqa: N801 - TensorFlow's name
    """How many threads compute."""

    @staticmethod
    def set_intra_op_parallelism_threads(num_threads: int) -> None:
        """Set how many threads an operation uses."""
        _core.set_num_threads(num_threads)


def __getattr__(name: str) -> Any:
    raise AttributeError(message("tf.config", name, globals()))
