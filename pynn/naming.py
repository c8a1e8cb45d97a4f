"""Automatic names, as Keras gives them: the first Dense is 'dense', the second 'dense_1'."""

from __future__ import annotations

import re
from collections import Counter

_WORD_START = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=.)(?=[A-Z][a-z])")
_given: Counter[str] = Counter()


def snake_case(name: str) -> str:
    """Return a class name in the form that automatic names use: "LeakyReLU" gives "leaky_re_lu"."""
    return _WORD_START.sub("_", name).lower()


def auto_name(prefix: str) -> str:
    """Return `prefix` at its first use in this process, then `prefix_1`, `prefix_2`, ..."""
    count = _given[prefix]
    _given[prefix] += 1
    return f"{prefix}_{count}" if count else prefix


def reset_names() -> None:
    """Start all numbering anew (what Keras's `clear_session` does to names)."""
    _given.clear()
