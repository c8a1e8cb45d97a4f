"""What a generator promises of its elements, and whether it keeps it."""

from __future__ import annotations

from typing import Any

from .._core import Tensor
from .elements import as_element, map_leaves
from .spec import TensorSpec, describe


def signature_of(types: Any, shapes: Any, signature: Any) -> Any:
    """Return TensorSpecs from a signature, or from dtypes and shapes; None if nothing is given.

    Raises:
        ValueError: both are given, or shapes without types.
    """
    if signature is not None:
        if types is not None or shapes is not None:
            raise ValueError("Dataset.from_generator: give output_signature or output_types, not both")
        return map_leaves(lambda leaf: TensorSpec(leaf.shape, leaf.dtype), _tuples(signature))
    if types is None:
        if shapes is not None:
            raise ValueError("Dataset.from_generator: output_shapes needs output_types")
        return None
    types = _tuples(types)
    if shapes is None:
        return map_leaves(lambda dtype: TensorSpec(None, dtype), types)
    return _paired(types, shapes)


def checked_element(element: Any, signature: Any) -> Any:
    """Return an element with the dtypes of its signature; a list is a tuple where the signature has one.

    Raises:
        ValueError: a shape or the structure is not the signature's.
    """
    if signature is None:
        return as_element(element)
    try:
        return map_leaves(_checked_leaf, signature, _shaped_like(signature, element))
    except (KeyError, TypeError, IndexError, AttributeError) as error:
        raise ValueError(
            f"Dataset.from_generator: {element!r} does not have the structure {signature}"
        ) from error


def _checked_leaf(spec: TensorSpec, value: Any) -> Any:
    leaf = as_element(value)
    found = describe(leaf)
    fits = spec.shape is None or (
        len(found.shape) == len(spec.shape)
        and all(want in (None, size) for want, size in zip(spec.shape, found.shape, strict=True))
    )
    if not fits or (spec.dtype == "string") != (found.dtype == "string"):
        raise ValueError(f"Dataset.from_generator: an element is {found}, its signature says {spec}")
    return leaf.astype(spec.dtype) if isinstance(leaf, Tensor) else leaf


def _shaped_like(signature: Any, element: Any) -> Any:
    if isinstance(signature, tuple):
        if len(element) != len(signature):
            raise TypeError("another number of parts")
        return tuple(_shaped_like(spec, part) for spec, part in zip(signature, element, strict=True))
    if isinstance(signature, dict):
        return {key: _shaped_like(spec, element[key]) for key, spec in signature.items()}
    return element if not isinstance(element, (tuple, dict)) else list(element)


def _tuples(structure: Any) -> Any:
    """Return the structure with tuples for lists."""
    if isinstance(structure, dict):
        return {key: _tuples(item) for key, item in structure.items()}
    if isinstance(structure, (list, tuple)):
        return tuple(_tuples(item) for item in structure)
    return structure


def _paired(types: Any, shapes: Any) -> Any:
    if isinstance(types, dict):
        return {key: _paired(item, shapes[key]) for key, item in types.items()}
    if isinstance(types, tuple):
        return tuple(_paired(item, shape) for item, shape in zip(types, shapes, strict=True))
    return TensorSpec(shapes, types)
