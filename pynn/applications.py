"""`keras.applications`: trained networks. pynn has none of them; using one says so."""

from __future__ import annotations

from typing import Any, NoReturn


class Absent:
    """A network, a function on one, or a module of them, that pynn has not.

    Args:
        path: its name in Keras.
    """

    def __init__(self, path: str) -> None:
        self._path = path

    def __getattr__(self, name: str) -> Absent:
        if name.startswith("_"):
            raise AttributeError(f"{self._path} has no attribute {name!r}")
        return Absent(f"{self._path}.{name}")

    def __call__(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Raise a NotImplementedError."""
        raise NotImplementedError(
            f"{self._path} is not in pynn: its trained weights are downloads made for Keras; "
            "build a network of keras.layers, as in the chapters without pretrained ones, and train it"
        )


def __getattr__(name: str) -> Absent:
    if name.startswith("_"):
        raise AttributeError(f"module 'pynn.applications' has no attribute {name!r}")
    return Absent(f"keras.applications.{name}")
