"""Several outputs: their names, and which targets, losses, weights and metrics belong to each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from ..symbolic import map_structure


class Output(NamedTuple):
    """One of the outputs of a model.

    Attributes:
        path: the keys that lead to it in what the model returns; () if that is one tensor.
        name: as losses and metrics are named after it; None for what has none.
    """

    path: tuple[Any, ...]
    name: str | None


def outputs_of(structure: Any, names: Sequence[str] | None) -> list[Output]:
    """Return the outputs in what a model returns.

    Args:
        structure: a tensor, or a list, tuple or dict of them.
        names: of a functional model's output layers, in order; used where the structure is flat and no dict.
    """
    if isinstance(structure, dict):
        return [
            Output((key, *rest), "/".join(map(str, (key, *rest))))
            for key, item in structure.items()
            for rest, _ in outputs_of(item, None)
        ]
    if isinstance(structure, (list, tuple)):
        nested = [(index, outputs_of(item, None)) for index, item in enumerate(structure)]
        found = [(index, *rest) for index, inner in nested for rest, _ in inner]
        given = names if names is not None and len(names) == len(found) else [None] * len(found)
        return [Output(path, name) for path, name in zip(found, given, strict=True)]
    return [Output((), names[0] if names is not None and len(names) == 1 else None)]


def at(path: tuple[Any, ...], structure: Any) -> Any:
    """Return what a path leads to."""
    for key in path:
        structure = structure[key]
    return structure


class MismatchError(ValueError):
    """What was given has no place for each output, or more places than there are outputs."""


def per_output(what: str, given: Any, outputs: Sequence[Output], optional: bool = False) -> list[Any]:
    """Return a list with the part of `given` for each output.

    Args:
        what: how messages call it.
        given: a dict by output name or key, a list or tuple in the order of the outputs, or nested as they are.
        outputs: of the model.
        optional: None stands for an output that a dict does not have.

    Raises:
        MismatchError: it is arranged otherwise; the message shows both.
    """
    if all(len(output.path) <= 1 for output in outputs):
        found = _flat(given, outputs, optional)
        if found is not None:
            return found
    else:
        try:
            return [at(output.path, given) for output in outputs]
        except (KeyError, IndexError, TypeError):
            pass
    names = [output.name or "/".join(map(str, output.path)) for output in outputs]
    raise MismatchError(
        f"{what} must have one entry for each of the model's outputs, a list in their order or a dict by name "
        f"({', '.join(names)}), got {map_structure(_short, given)}"
    )


def _flat(given: Any, outputs: Sequence[Output], optional: bool) -> list[Any] | None:
    if isinstance(given, dict):
        for keys in (
            [output.name for output in outputs],
            [output.path[0] if output.path else None for output in outputs],
        ):
            if set(given) == set(keys) or (optional and set(given) < set(keys)):
                return [given.get(key) for key in keys]
        return None
    if isinstance(given, (list, tuple)):
        if len(given) != len(outputs):
            return None
        if all(output.path and isinstance(output.path[0], str) for output in outputs):
            # A list goes with a dict of outputs in the order of sorted keys, as Keras has it.
            order = sorted(range(len(outputs)), key=lambda index: outputs[index].path[0])
            return [given[order.index(index)] for index in range(len(outputs))]
        return list(given)
    return [given] if len(outputs) == 1 else None


def _short(value: Any) -> Any:
    return f"Tensor{tuple(value.shape)}" if hasattr(value, "shape") else value
