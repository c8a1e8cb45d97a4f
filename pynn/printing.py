"""How tensors print: the options of numpy.set_printoptions, for tensors alone.

An option that was never set here is as NumPy has it, so numpy.set_printoptions counts too.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal

import numpy as np

from pynn import _core

_set: dict[str, Any] = _core._print_options  # what Tensor.__repr__ reads
Formatter = Mapping[str, Callable[[Any], str]]
FloatMode = Literal["fixed", "unique", "maxprec", "maxprec_equal"]


def set_printoptions(
    precision: int | None = None,
    threshold: int | None = None,
    edgeitems: int | None = None,
    linewidth: int | None = None,
    suppress: bool | None = None,
    nanstr: str | None = None,
    infstr: str | None = None,
    formatter: Formatter | None = None,
    sign: Literal["-", "+", " "] | None = None,
    floatmode: FloatMode | None = None,
) -> None:
    """Set how tensors print from now on; an option of None stays as it is, but `formatter` goes.

    Args:
        precision: digits after the point, at most.
        threshold: a tensor of more elements prints its edges only; sys.maxsize prints all.
        edgeitems: how many elements an edge has.
        linewidth: characters in a line.
        suppress: no powers of ten, so small numbers become 0.
        nanstr, infstr: what NaN and infinity print as.
        formatter: functions from an element to its text, by kind: {'float': ..., 'int': ..., 'bool': ..., 'all': ...}.
        sign: '+' shows the sign of positive numbers, ' ' leaves room for it, '-' neither.
        floatmode: 'fixed' prints `precision` digits, 'unique' as many as tell the numbers apart, 'maxprec' that
            but at most `precision`, 'maxprec_equal' the same number for all.

    Raises:
        TypeError: precision, threshold, edgeitems or linewidth is no integer.
        ValueError: one of them is negative, or sign or floatmode is unknown.
    """
    asked = {
        "precision": precision,
        "threshold": threshold,
        "edgeitems": edgeitems,
        "linewidth": linewidth,
        "suppress": suppress,
        "nanstr": nanstr,
        "infstr": infstr,
        "sign": sign,
        "floatmode": floatmode,
    }
    new: dict[str, Any] = {name: value for name, value in asked.items() if value is not None}
    _check(new)
    if formatter is None:
        _set.pop("formatter", None)
    else:
        new["formatter"] = dict(formatter)
    _set.update(new)


def get_printoptions() -> dict[str, Any]:
    """Return the options in force: those set here, and NumPy's for the others."""
    return {name: _set.get(name, value) for name, value in np.get_printoptions().items() if name in _NAMES}


@contextmanager
def printoptions(
    precision: int | None = None,
    threshold: int | None = None,
    edgeitems: int | None = None,
    linewidth: int | None = None,
    suppress: bool | None = None,
    nanstr: str | None = None,
    infstr: str | None = None,
    formatter: Formatter | None = None,
    sign: Literal["-", "+", " "] | None = None,
    floatmode: FloatMode | None = None,
) -> Iterator[dict[str, Any]]:
    """Set options, as `set_printoptions`, inside a with block; gives what is in force there."""
    before = dict(_set)
    try:
        set_printoptions(
            precision, threshold, edgeitems, linewidth, suppress, nanstr, infstr, formatter, sign, floatmode
        )
        yield get_printoptions()
    finally:
        _set.clear()
        _set.update(before)


_NAMES = frozenset(inspect.signature(set_printoptions).parameters)
_CHOICES = {"sign": ("-", "+", " "), "floatmode": ("fixed", "unique", "maxprec", "maxprec_equal")}


def _check(options: dict[str, Any]) -> None:
    for name in ("precision", "threshold", "edgeitems", "linewidth"):
        value = options.get(name, 0)
        if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
            raise TypeError(f"set_printoptions: {name} must be an integer, got {value!r}")
        if value < 0:
            raise ValueError(f"set_printoptions: {name} must be at least 0, got {value}")
    for name, choices in _CHOICES.items():
        if options.get(name, choices[0]) not in choices:
            known = ", ".join(map(repr, choices))
            raise ValueError(f"set_printoptions: {name} must be one of {known}, got {options[name]!r}")
