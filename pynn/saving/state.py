"""The state of a model, all variables of its layers and its optimizer, into an open HDF5 file and out of it."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ..layers.layer import Layer
from ..optimizers import Optimizer
from ..variable import Variable
from .store import Entry
from .walk import owners

_MOST_SHOWN = 5  # lines of an error


def save_state(model: Any, file: Any) -> None:
    """Write the variables of everything in `model` to an h5py.File."""
    for path, owner in owners(model):
        entry = Entry(file, path, owner.name)
        entry.create()
        owner.save_own_variables(entry)


def load_state(model: Any, file: Any, skip_mismatch: bool = False, skip: Sequence[Any] = ()) -> None:
    """Set the variables of everything in `model` from an h5py.File; all of them or, if one does not fit, none.

    Args:
        model: a built model.
        file: an h5py.File, which nobody vouches for.
        skip_mismatch: leave layers that do not fit as they are, with a warning.
        skip: layers that are left as they are.

    Raises:
        ValueError: what is in the file does not fit; the message has a line for each layer.
    """
    left_out = {id(inner) for owner in skip for _, inner in owners(owner)}
    faults = []
    with _undone_on_error(model):
        for path, owner in owners(model):
            if id(owner) in left_out or (isinstance(owner, Optimizer) and not _is_ready(owner, file, path)):
                continue
            fault = _load(owner, Entry(file, path), path)
            if fault is not None:
                faults.append(fault)
        if faults and not skip_mismatch:
            raise ValueError(_listed(faults))
    if faults:
        warnings.warn(f"left as they were, since the file does not fit:\n{_listed(faults)}", stacklevel=3)


def _load(owner: Any, entry: Entry, path: str) -> str | None:
    """Load one layer or optimizer; return what is wrong, or None."""
    own = owner._own_variables() if isinstance(owner, Layer) else ()
    if own and not len(entry):
        return f"{owner._title()} is not in the file, at {path or 'the top'!r}"
    try:
        owner.load_own_variables(entry)
    except KeyError as error:
        return f"{owner.name!r}: variable {error} is not in the file"
    except (ValueError, TypeError, OSError, RuntimeError) as error:
        return str(error)
    return None


def _is_ready(optimizer: Optimizer, file: Any, path: str) -> bool:
    """Whether an optimizer's state is to be loaded: one that has not begun has none that could be set."""
    return optimizer.built and len(Entry(file, path)) > 0


def _listed(faults: list[str]) -> str:
    more = len(faults) - _MOST_SHOWN
    lines = [*faults[:_MOST_SHOWN], *([f"and {more} more"] if more > 0 else [])]
    return "\n".join(f"  {line}" for line in lines)


@contextmanager
def _undone_on_error(model: Any) -> Iterator[None]:
    """Put every variable back to its value if what is inside fails."""
    before = [(variable, variable.numpy()) for variable in _variables(model)]
    try:
        yield
    except BaseException:
        for variable, value in before:
            variable.assign(value)
        raise


def _variables(model: Any) -> list[Variable]:
    found = {id(variable): variable for _, owner in owners(model) for variable in _all_of(owner)}
    return list(found.values())


def _all_of(owner: Any) -> list[Variable]:
    if isinstance(owner, Optimizer):
        return [variable for variable in owner.variables if isinstance(variable, Variable)]
    own: list[Variable] = owner.weights
    return own
