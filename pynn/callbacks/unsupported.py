"""Callbacks that Keras 3 has and pynn has not: making one is an error that says what to use."""

from __future__ import annotations

from typing import Any

from .callback import Callback


class RemoteMonitor(Callback):
    """Sends the logs of each epoch to a web server.

    Raises:
        NotImplementedError: always.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        raise NotImplementedError(
            "pynn has no callback RemoteMonitor: send the logs from a LambdaCallback(on_epoch_end=...)"
        )


class OrbaxCheckpoint(Callback):
    """Saves in the format of JAX's Orbax.

    Raises:
        NotImplementedError: always.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        raise NotImplementedError("pynn has no callback OrbaxCheckpoint: use ModelCheckpoint")
