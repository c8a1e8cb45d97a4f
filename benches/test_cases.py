"""The cases under pytest-benchmark, one group a case: `python -m pytest benches -k "forward and not jax"`.

The report (`python -m benches.report`) lets the libraries take turns instead, and knows limits and targets.
"""

from __future__ import annotations

from typing import Any

import pytest

from benches import libraries
from benches.case import Case, check, references
from benches.cases import CASES
from benches.conftest import THREADS

TIMED = [
    pytest.param(case, library, id=f"{case.name}-{library}")
    for case in CASES
    for library in case.builders
    if not case.reading and not (case.dtype == "float64" and library == "jax")  # needs a process of its own
]


@pytest.fixture(autouse=True)
def _equal_threads() -> None:
    libraries.set_threads(THREADS)


@pytest.mark.parametrize(("case", "library"), TIMED)
def test_case(benchmark: Any, case: Case, library: str) -> None:
    if not libraries.is_installed(library):
        pytest.skip(f"{library} is not installed")
    benchmark.group = f"{case.group}: {case.name}"
    benchmark.extra_info.update(threads=THREADS, **libraries.versions())
    inputs = case.drawn()
    run = case.builders[library](*inputs)
    check(case, library, run, references(case, inputs))
    benchmark(run)
