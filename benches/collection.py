"""The process that the report runs in: it starts the workers, one for each set of conditions, and collects."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pynn
from benches import libraries, table
from benches.case import Case
from benches.cases import CASES, chosen
from benches.measure import Result, medians

Conditions = tuple[int, str]  # threads and dtype: both are fixed when a process starts


def measured(options: argparse.Namespace) -> dict[str, Any]:
    """Everything that the report shows, as it stands in the JSON file."""
    data: dict[str, Any] = {
        "machine": machine(),
        "threads": options.threads,
        "isa": pynn._core.isa(),
        "versions": libraries.versions(),
        "limits": {},
        "peaks": {},
        "results": [],
    }
    cpus = sorted(os.sched_getaffinity(0))
    try:
        for conditions, cases in by_conditions(chosen(options.only, options.quick), options.threads).items():
            os.sched_setaffinity(0, cpus[: conditions[0]])  # inherited by the worker. XLA obeys nothing else
            collect(data, options, conditions, cases)
    except KeyboardInterrupt:
        print("interrupted; this is what was measured until then", file=sys.stderr)
    finally:
        os.sched_setaffinity(0, cpus)
    return data


def collect(
    data: dict[str, Any], options: argparse.Namespace, conditions: Conditions, cases: list[Case]
) -> None:
    """Adds the results of one worker. The first one with so many threads measures the machine, too."""
    threads, dtype = conditions
    key = str(threads)
    arguments = worker_arguments(options, threads, cases, with_limits=key not in data["limits"])
    for message in messages(arguments, libraries.environment(threads, dtype)):
        if "limits" in message:
            data["limits"][key], data["peaks"][key] = message["limits"], message["peaks"]
        else:
            data["results"].append(message["result"])
            print(one_line(message["result"]), file=sys.stderr)


def by_conditions(cases: Iterable[Case], threads: int) -> dict[Conditions, list[Case]]:
    """The cases that can share a process."""
    found: dict[Conditions, list[Case]] = {}
    for case in cases:
        found.setdefault((min(threads, case.threads or threads), case.dtype), []).append(case)
    return found


def worker_arguments(
    options: argparse.Namespace, threads: int, cases: Iterable[Case], with_limits: bool
) -> list[str]:
    """What follows `python -m benches.worker`."""
    peers = [name for name in options.peers.split(",") if libraries.is_installed(name)]
    arguments = [f"--threads={threads}", f"--busy={options.busy}", "--peers", *peers]
    arguments += ["--quick"] * options.quick + ["--limits"] * with_limits
    return [*arguments, "--cases", *(case.name for case in cases)]


def messages(arguments: list[str], environment: dict[str, str]) -> Iterator[dict[str, Any]]:
    """What a worker says, as it says it."""
    command = [sys.executable, "-m", "benches.worker", *arguments]
    with subprocess.Popen(
        command, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True
    ) as worker:
        assert worker.stdout
        yield from map(json.loads, worker.stdout)
    if worker.returncode:
        print(f"a worker ended with status {worker.returncode}: cases are missing", file=sys.stderr)


def machine() -> str:
    """The processor's name."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def one_line(result: dict[str, Any]) -> str:
    """Said while the measuring goes on."""
    unit = next(case.unit for case in CASES if case.name == result["name"])
    found = medians(Result(**result).samples).items()
    times = ", ".join(f"{library} {table.amount(value, unit)}" for library, value in found)
    return result["error"] or f"{result['name']}: {times}"
