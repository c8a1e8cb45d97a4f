"""Masks: which steps of a sequence count. A mask goes with its tensor from layer to layer, beside it and not in it."""

from __future__ import annotations

import weakref
from typing import Any

from ._core import Tensor


class Masks:
    """The masks of this process.

    Attributes:
        ever: whether any layer makes masks; if not, nobody needs to look for one.
    """

    ever = False
    _found: dict[int, tuple[weakref.ref[Tensor], Tensor]] = {}  # noqa: RUF012 - one for the process

    @classmethod
    def set(cls, x: Tensor, mask: Tensor | None) -> None:
        """Give a tensor a mask, as long as the tensor lives."""
        key = id(x)
        if mask is not None:
            cls._found[key] = weakref.ref(x, lambda _: cls._found.pop(key, None)), mask

    @classmethod
    def of(cls, x: Any) -> Any:
        """Return the mask of a tensor, None if it has none; of a list, tuple or dict one of the masks in it."""
        if isinstance(x, dict):
            return {key: cls.of(item) for key, item in x.items()}
        if isinstance(x, (list, tuple)):
            return [cls.of(item) for item in x]
        found = cls._found.get(id(x))
        return None if found is None or found[0]() is not x else found[1]


def has_mask(masks: Any) -> bool:
    """Return whether there is a mask in what `Masks.of` returned."""
    if isinstance(masks, dict):
        masks = list(masks.values())
    return any(map(has_mask, masks)) if isinstance(masks, list) else masks is not None
