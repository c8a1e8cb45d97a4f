"""Values in lists, tuples and dicts: mapped, flattened and packed again, in Keras's order."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any


def map_structure(function: Callable[[Any], Any], value: Any) -> Any:
    """Return a value with `function` applied to all that is no list, tuple or dict."""
    if isinstance(value, dict):
        return {key: map_structure(function, item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        items = [map_structure(function, item) for item in value]
        return _same_kind(value, items)
    return function(value)


def flatten(value: Any) -> list[Any]:
    """Return all that is no list, tuple or dict in a value; dicts by sorted key, as Keras has it."""
    if isinstance(value, dict):
        return [leaf for key in _sorted_keys(value) for leaf in flatten(value[key])]
    if isinstance(value, (list, tuple)):
        return [leaf for item in value for leaf in flatten(item)]
    return [value]


def pack(structure: Any, leaves: Iterable[Any]) -> Any:
    """Return a structure with its leaves replaced, in the order of `flatten`."""
    rest = iter(leaves)

    def filled(value: Any) -> Any:
        if isinstance(value, dict):
            items = {key: filled(value[key]) for key in _sorted_keys(value)}
            return {key: items[key] for key in value}
        if isinstance(value, (list, tuple)):
            return _same_kind(value, [filled(item) for item in value])
        return next(rest)

    return filled(structure)


def _sorted_keys(value: dict[Any, Any]) -> list[Any]:
    try:
        return sorted(value)
    except TypeError:
        return list(value)


def _same_kind(value: list[Any] | tuple[Any, ...], items: list[Any]) -> Any:
    if isinstance(value, list):
        return items
    return type(value)(*items) if hasattr(value, "_fields") else tuple(items)
