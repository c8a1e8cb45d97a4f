"""What a benchmark is: one piece of work as each library does it, what it costs, and what it should reach."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from benches.targets import Target

Run = Callable[[], Any]
Draw = Callable[..., tuple[np.ndarray, ...]]  # from a generator and the dimensions
Builder = Callable[..., Run]  # from the inputs, as NumPy arrays, to what is timed


@dataclass(frozen=True)
class Case:
    """One row of the table.

    Args:
        name, group: what the row is called, and the table it stands in.
        dims: the sizes that `inputs` draws its arrays by; tests put small ones in their place.
        builders: by library. A run ends when its result is there.
        flop, bytes: what has to be computed, and moved to and from memory at the least; 0 for no limit of that kind.
        rtol, atol: how far results may be from NumPy's.
        checked: how many runs are compared before the timing: steps of training show their gradients later.
        similar: libraries that train by another formula; only their first result can be compared.
        threads: how many the case is about; None for as many as the report runs with.
        quick: whether `--quick` keeps it.
        reading: the run returns what is measured (in `unit`), in a process of its own; it is not timed.
    """

    name: str
    group: str
    dims: tuple[int, ...]
    inputs: Draw
    builders: Mapping[str, Builder]
    flop: float = 0.0
    bytes: float = 0.0
    dtype: str = "float32"
    targets: tuple[Target, ...] = ()
    rtol: float = 1e-4
    atol: float = 1e-5
    checked: int = 1
    similar: frozenset[str] = frozenset()
    threads: int | None = None
    quick: bool = False
    reading: bool = False
    unit: str = "s"

    @property
    def libraries(self) -> tuple[str, ...]:
        return tuple(self.builders)

    def drawn(self) -> tuple[np.ndarray, ...]:
        """The inputs: the same for every library and in every run of the program."""
        return self.inputs(np.random.default_rng(0), *self.dims)

    def tiny(self) -> Case:
        """The same work on sizes that differ from each other and take no time."""
        return replace(self, dims=tuple(min(size, 5 + axis) for axis, size in enumerate(self.dims)))


def normal(count: int) -> Draw:
    """`count` float32 arrays of one shape, normally distributed."""
    return lambda rng, *shape: tuple(rng.standard_normal(shape, dtype=np.float32) for _ in range(count))


class WrongResult(Exception):  # noqa: N818 - a finding, not a fault of the program
    """A library's result is not NumPy's, so its time means nothing."""


def references(case: Case, inputs: tuple[np.ndarray, ...]) -> list[np.ndarray]:
    """NumPy's results of as many runs as are compared."""
    run = case.builders["numpy"](*inputs)
    return [np.asarray(run()) for _ in range(case.checked)]


def check(case: Case, library: str, run: Run, expected: list[np.ndarray]) -> None:
    """Runs a library as often as there are results to compare with.

    Raises:
        WrongResult: they differ by more than the case allows.
    """
    for i, reference in enumerate(expected):
        result = np.asarray(run())
        if i and library in case.similar:
            continue
        try:
            np.testing.assert_allclose(result, reference, rtol=case.rtol, atol=case.atol)
        except AssertionError as error:
            detail = " ".join(str(error).split())[:200]
            raise WrongResult(f"{case.name}: run {i + 1} of {library} is not NumPy's: {detail}") from None
