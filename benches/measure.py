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
    # Work before each turn, in seconds, and up to ten times that while runs are slower than they were. Threads sleep by
    # then; on a virtual machine they need milliseconds to wake up, and may all wake up on one CPU. No library is to be
    # measured while that lasts.
    warm_up: float = 0.02

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
    one: dict[str, float] = {}  # the shortest run so far
    for library, run in runs.items():
        warm_up(run, effort.warm_up)
        one[library] = duration(run, effort.seconds)
    counts = {library: max(1, round(effort.seconds / seconds)) for library, seconds in one.items()}
    samples: Samples = {library: [] for library in runs}
    for _ in range(effort.rounds if max(counts.values()) > 1 else max(3, effort.rounds // 3)):
        for library, run in runs.items():
            settle()
            if one[library] < effort.warm_up:
                warm_up(run, effort.warm_up, one[library])  # a longer run does so by itself
            samples[library].append(timed(run, counts[library]))
            one[library] = min(one[library], samples[library][-1])
    return samples


def warm_up(run: Run, seconds: float, usual: float = 0) -> None:
    """Runs for so long, and longer while a run takes half as long again as is usual."""
    begin = last = time.perf_counter()
    end, took = begin + seconds, 0.0
    while last < end or (usual and took > 1.5 * usual and last < begin + 10 * seconds):
        run()
        now = time.perf_counter()
        took, last = now - last, now


def timed(run: Run, count: int) -> float:
    begin = time.perf_counter()
    for _ in range(count):
        run()
    return (time.perf_counter() - begin) / count


def duration(run: Run, seconds: float) -> float:
    """Of one run, from as many as take about so long."""
    count = 1
    while (took := timed(run, count) * count) < seconds / 2:
        count *= max(2, min(10, int(seconds / max(took, 1e-9))))
    return max(took, 1e-9) / count


def settle(longest: float = 0.5, step: float = 0.02) -> None:
    """Waits until no thread of this process runs: those of some libraries spin after their work, for up to 0.1 s.

    What another thread has used is only brought up to date by the tick of its processor, every 4 or 10 ms.
    """
    until = time.monotonic() + longest
    while time.monotonic() < until:
        used = time.process_time()
        time.sleep(step)
        if time.process_time() - used < step / 5:
            return
