"""All cases, in the order of the report."""

from __future__ import annotations

import re

from benches import convolution, elementwise, gemm, processes, reductions, training
from benches.case import Case

FAMILIES = (gemm, convolution, elementwise, reductions, training, processes)
CASES: list[Case] = [case for family in FAMILIES for case in family.CASES]


def chosen(only: str | None = None, quick: bool = False) -> list[Case]:
    """The cases whose group or name matches the regular expression, or all; with `quick` a selection of them."""
    pattern = re.compile(only or "", re.IGNORECASE)
    return [
        case for case in CASES if pattern.search(f"{case.group}: {case.name}") and (case.quick or not quick)
    ]
