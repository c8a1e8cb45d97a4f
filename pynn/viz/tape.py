"""What the tape remembers of a tensor, as a list that a drawing can go through. Draws nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import _core
from .._core import Tensor

Array = npt.NDArray[Any]


@dataclass
class Step:
    """An input, a constant, or an operation.

    Args:
        operation: its name on the tape: 'leaf' for an input, 'constant' for what has no gradient.
        name: what the caller calls it; empty where that is not known.
        value: its elements; None where it was too large to be remembered.
        gradient: of the drawn tensor's sum with respect to it; None for a constant.
        sources: places in the list of what it was computed from, in the order of the operation's arguments.
    """

    operation: str
    name: str = ""
    value: Array | None = None
    gradient: Array | None = None
    sources: list[int] = field(default_factory=list)


def steps(tensor: Tensor, names: Mapping[str, Tensor]) -> list[Step]:
    """Everything that led to a tensor, inputs before what was computed of them, the tensor itself last.

    Raises:
        GradientError: the tensor was not recorded, or what a gradient needs was changed in place since.
    """
    records = _core.tape(tensor)[::-1]
    named = {_core.node_number(value): name for name, value in names.items() if value.requires_grad}
    constants = {
        _core.address(value): (name, value) for name, value in names.items() if not value.requires_grad
    }
    found: list[Step] = []
    place: dict[int, int] = {}  # of a node's number in `found`
    seen: dict[int, int] = {}  # of a named constant's address in `found`
    for number, operation, inputs, operands, gradient in records:
        step = Step(operation, named.get(number, ""), gradient=np.asarray(gradient))
        for source, operand in zip(inputs, operands, strict=True):
            value, address = (None, 0) if operand is None else (np.asarray(operand[0]), operand[1])
            if source is not None:
                step.sources.append(place[source])
                if value is not None:
                    found[place[source]].value = value
            elif value is not None:
                step.sources.append(_constant(found, seen, constants, value, address))
        place[number] = len(found)
        found.append(step)
    found[-1].value = np.asarray(tensor.detach())
    return found


def _constant(
    found: list[Step],
    seen: dict[int, int],
    constants: Mapping[int, tuple[str, Tensor]],
    value: Array,
    address: int,
) -> int:
    """The place of a constant, which is added unless it stands there already under its name."""
    name, tensor = constants.get(address, ("", None))
    # The memory of a tensor that is gone may belong to another one now, so the elements must agree too.
    if tensor is None or not _same_elements(value, np.asarray(tensor)):
        found.append(Step("constant", value=value))
        return len(found) - 1
    if address not in seen:
        seen[address] = len(found)
        found.append(Step("constant", name, np.asarray(tensor)))
    return seen[address]


def _same_elements(value: Array, other: Array) -> bool:
    """Whether they are equal, as the operation may have seen the other broadcast."""
    try:
        return bool(np.array_equal(value, np.broadcast_to(other, value.shape), equal_nan=True))
    except ValueError:
        return False
