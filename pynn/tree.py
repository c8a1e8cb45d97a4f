"""Functions over nested lists, tuples and dicts, `keras.tree`; dicts are gone through by sorted key."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from .symbolic import structure as nested


def is_nested(structure: Any) -> bool:
    """Whether it is a list, tuple or dict."""
    return isinstance(structure, (list, tuple, dict))


def flatten(structure: Any) -> list[Any]:
    """All that is no list, tuple or dict."""
    return nested.flatten(structure)


def flatten_with_path(structure: Any) -> list[tuple[tuple[Any, ...], Any]]:
    """Pairs of the keys and positions that lead to a leaf, and the leaf."""
    if not is_nested(structure):
        return [((), structure)]
    keys = sorted(structure) if isinstance(structure, dict) else range(len(structure))
    return [((key, *path), leaf) for key in keys for path, leaf in flatten_with_path(structure[key])]


def map_structure(func: Callable[..., Any], *structures: Any, none_is_leaf: bool = True) -> Any:
    """The structure with func of the leaves that stand at the same place in all structures.

    Args:
        none_is_leaf: call func on None too, instead of leaving it.

    Raises:
        ValueError: the structures differ.
    """
    if not structures:
        raise ValueError("map_structure: give at least one structure")
    first = structures[0]
    for other in structures[1:]:
        assert_same_structure(first, other)
    columns = zip(*map(flatten, structures), strict=True)
    return pack_sequence_as(
        first, [None if leaves[0] is None and not none_is_leaf else func(*leaves) for leaves in columns]
    )


def map_structure_up_to(shallow_structure: Any, func: Callable[..., Any], *structures: Any) -> Any:
    """As `map_structure`, but only as deep as the shallow structure goes."""
    if not is_nested(shallow_structure):
        return func(*structures)
    if isinstance(shallow_structure, dict):
        return {
            key: map_structure_up_to(part, func, *(other[key] for other in structures))
            for key, part in shallow_structure.items()
        }
    parts = [
        map_structure_up_to(part, func, *(other[i] for other in structures))
        for i, part in enumerate(shallow_structure)
    ]
    return _like(shallow_structure, parts)


def map_shape_structure(func: Callable[[Any], Any], structure: Any) -> Any:
    """As `map_structure` of one structure, where tuples and lists of sizes (integers or None) are leaves."""
    if isinstance(structure, (list, tuple)) and all(isinstance(n, (int, type(None))) for n in structure):
        return func(tuple(structure))
    if isinstance(structure, dict):
        return {key: map_shape_structure(func, part) for key, part in structure.items()}
    return _like(structure, [map_shape_structure(func, part) for part in structure])


def pack_sequence_as(structure: Any, flat_sequence: Iterable[Any]) -> Any:
    """The structure with other leaves, in the order of `flatten`.

    Raises:
        ValueError: there are not as many.
    """
    leaves, wanted = list(flat_sequence), len(flatten(structure))
    if len(leaves) != wanted:
        raise ValueError(f"pack_sequence_as: the structure has {wanted} leaves, got {len(leaves)}")
    return nested.pack(structure, leaves)


def assert_same_structure(a: Any, b: Any, check_types: Any = None) -> None:
    """Raise a ValueError unless both are nested in the same way."""
    if is_nested(a) != is_nested(b) or isinstance(a, dict) != isinstance(b, dict):
        raise ValueError(f"the structures differ: {type(a).__name__} and {type(b).__name__}")
    if not is_nested(a):
        return
    if len(a) != len(b) or (isinstance(a, dict) and set(a) != set(b)):
        raise ValueError(f"the structures differ: {a!r} and {b!r}")
    for key in a if isinstance(a, dict) else range(len(a)):
        assert_same_structure(a[key], b[key])


def assert_same_paths(a: Any, b: Any) -> None:
    """Raise a ValueError unless both have leaves at the same keys and positions."""
    ours, theirs = ([path for path, _ in flatten_with_path(structure)] for structure in (a, b))
    if ours != theirs:
        raise ValueError(f"the structures have other paths: {ours} and {theirs}")


def lists_to_tuples(structure: Any) -> Any:
    """The structure with tuples for lists."""
    if isinstance(structure, dict):
        return {key: lists_to_tuples(part) for key, part in structure.items()}
    if isinstance(structure, list):
        return tuple(map(lists_to_tuples, structure))
    return _like(structure, list(map(lists_to_tuples, structure))) if is_nested(structure) else structure


def traverse(func: Callable[[Any], Any], structure: Any, top_down: bool = True) -> Any:
    """The structure with func of every part: what it returns takes the part's place, None leaves it.

    Args:
        top_down: func sees a part before what is in it, and a part that it replaces is not gone into.
    """
    if top_down:
        found = func(structure)
        if found is not None:
            return None if found is MAP_TO_NONE else found
    if isinstance(structure, dict):
        structure = {key: traverse(func, part, top_down) for key, part in structure.items()}
    elif is_nested(structure):
        structure = _like(structure, [traverse(func, part, top_down) for part in structure])
    if top_down:
        return structure
    found = func(structure)
    return structure if found is None else None if found is MAP_TO_NONE else found


class MAP_TO_NONE:  # noqa: N801 - Keras's name
    """What func of `traverse` returns for None."""


def _like(structure: Any, items: list[Any]) -> Any:
    if isinstance(structure, list):
        return items
    return type(structure)(*items) if hasattr(structure, "_fields") else tuple(items)
