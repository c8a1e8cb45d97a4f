"""A count of changes to what owns what and what is trainable; while it stands, what was found in a layer holds."""

from __future__ import annotations

from typing import Any

version = 0
"""Grows with every change, in any layer of the process. Read it before a search, keep it with what was found."""


def changed() -> None:
    """Say that something was changed; call it after the change, so that no search keeps the old state."""
    global version
    version += 1


class Container:
    """A list or dict as a search saw it: it changes without an attribute being set.

    Args:
        values: the list or dict.
    """

    def __init__(self, values: list[Any] | dict[Any, Any]) -> None:
        self._values = values
        self._seen = self.items()  # kept alive, so that no other object gets one of their ids
        self._ids = list(map(id, self._seen))

    def items(self) -> list[Any]:
        """Return what is inside now."""
        return list(self._values.values() if isinstance(self._values, dict) else self._values)

    def is_as_seen(self) -> bool:
        """Return whether the same objects are inside, in the same order."""
        return list(map(id, self.items())) == self._ids
