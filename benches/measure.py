"""Timing: the libraries take turns, round after round, so that a disturbance hits all of them alike."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from benches.case import Case, Run, WrongResult, check, references
from benches.spinners import spinning

Samples = dict[str, list[float]]


@dataclass
class Effort:
    """How long to measure."""

    rounds: int
    seconds: float  # that a library computes for in one round, if a single run is not longer

    @classmethod
    def usual(cls, quick: bool) -> Effort:
        return cls(5, 0.003) if quick else cls(15, 0.01)


@dataclass
class Result:
    """Of one case: samples by library, on a quiet machine and beside spinning processes."""

    name: str
    samples: Samples = field(default_factory=dict)
    busy: Samples = field(default_factory=dict)
    error: str = ""


def medians(samples: Mapping[str, list[float]]) -> dict[str, float]:
    return {library: statistics.median(times) for library, times in samples.items()}


def measure(case: Case, libraries: Iterable[str], effort: Effort, spinners: int = 0) -> Result:
    """Compares, warms up, and times; a wrong result ends the case."""
    result = Result(case.name)
    inputs = case.drawn()
    runs = {library: case.builders[library](*inputs) for library in libraries}
    if case.reading:
        result.samples = read(runs, max(1, effort.rounds // 5))
        return result
    try:
        expected = references(case, inputs)
        for library, run in runs.items():
            check(case, library, run, expected)
    except WrongResult as error:
        result.error = str(error)
        return result
    result.samples = take_turns(runs, effort)
    if spinners:
        with spinning(spinners):
            result.busy = take_turns(runs, effort)
    return result


def read(runs: Mapping[str, Run], rounds: int) -> Samples:
    """What the runs return, after one that warms the disk's cache."""
    for run in runs.values():
        run()
    readings: Samples = {library: [] for library in runs}
    for _ in range(rounds):
        for library, run in runs.items():
            readings[library].append(float(run()))
    return readings


def take_turns(runs: Mapping[str, Run], effort: Effort) -> Samples:
    """Seconds of one run, a sample for each round."""
    counts = {library: repetitions(run, effort.seconds) for library, run in runs.items()}
    samples: Samples = {library: [] for library in runs}
    for _ in range(effort.rounds if max(counts.values()) > 1 else max(3, effort.rounds // 3)):
        for library, run in runs.items():
            settle()
            if counts[library] > 1:
                run()  # wakes the library's threads and fills the caches; a long run does so by itself
            samples[library].append(timed(run, counts[library]))
    return samples


def timed(run: Run, count: int) -> float:
    begin = time.perf_counter()
    for _ in range(count):
        run()
    return (time.perf_counter() - begin) / count


def repetitions(run: Run, seconds: float) -> int:
    """How many runs take about so long; warm after these."""
    count = 1
    while (took := timed(run, count) * count) < seconds / 2:
        count *= max(2, min(10, int(seconds / max(took, 1e-9))))
    return max(1, round(count * seconds / took))


def settle(longest: float = 0.05, step: float = 0.001) -> None:
    """Waits until no thread of this process runs: those of some libraries spin for a while after their work."""
    until = time.monotonic() + longest
    while time.monotonic() < until:
        used = time.process_time()
        time.sleep(step)
        if time.process_time() - used < step / 5:
            return
