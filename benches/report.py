"""`python -m benches.report`: measures pynn beside its peers and the machine's limits, prints and draws the result."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benches import libraries, table
from benches.case import Case
from benches.cases import CASES, chosen
from benches.limits import Limits
from benches.measure import Result

BY_NAME = {case.name: case for case in CASES}


def parsed(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benches.report", description=__doc__)
    add = parser.add_argument
    add("--quick", action="store_true", help="a selection of the cases, few rounds: less than three minutes")
    add("--only", metavar="PATTERN", help="cases whose 'group: name' matches this regular expression")
    add(
        "--peers", default=",".join(libraries.LIBRARIES), help="libraries, separated by commas (default: all)"
    )
    add(
        "--threads",
        type=int,
        default=len(os.sched_getaffinity(0)),
        help="for every library (default: all CPUs)",
    )
    add("--busy", type=int, default=0, metavar="N", help="measure again beside N processes that spin")
    add("--json", type=Path, metavar="FILE", help="write what was measured")
    add("--load", type=Path, metavar="FILE", help="show what --json wrote; measure nothing")
    add("--markdown", type=Path, metavar="FILE", help="put the table between the marks of this file")
    add("--figure", type=Path, metavar="FILE", help="draw the ratios, as SVG or PNG")
    return parser.parse_args(arguments)


def main() -> None:
    options = parsed()
    data = json.loads(options.load.read_text()) if options.load else measured(options)
    print(text(data))
    if options.json:
        options.json.write_text(json.dumps(data, indent=1) + "\n")
    if options.markdown:
        replace_between_marks(options.markdown, as_markdown(data))
    if options.figure:
        from benches.figure import draw

        draw(rows(data), options.figure)


# ---- Measuring ---------------------------------------------------------------------------------------------


def measured(options: argparse.Namespace) -> dict[str, Any]:
    """Everything that the report is made of, as it stands in the JSON file."""
    peers = [name for name in options.peers.split(",") if libraries.is_installed(name)]
    data: dict[str, Any] = {
        "machine": machine(),
        "threads": options.threads,
        "versions": libraries.versions(),
        "limits": {},
        "isa": {},
        "results": [],
    }
    for (threads, dtype), cases in by_process(chosen(options.only, options.quick), options.threads).items():
        for message in run_worker(threads, dtype, cases, peers, options, str(threads) not in data["limits"]):
            if "limits" in message:
                data["limits"][str(threads)], data["isa"][str(threads)] = message["limits"], message["isa"]
            else:
                data["results"].append(message["result"])
                print(one_line(message["result"]), file=sys.stderr)
    return data


def by_process(cases: list[Case], threads: int) -> dict[tuple[int, str], list[Case]]:
    """Threads, and the precision of JAX, are fixed when a process starts."""
    found: dict[tuple[int, str], list[Case]] = {}
    for case in cases:
        found.setdefault((min(threads, case.threads or threads), case.dtype), []).append(case)
    return found


def run_worker(
    threads: int, dtype: str, cases: list[Case], peers: list[str], options: argparse.Namespace, limits: bool
) -> Iterator[dict[str, Any]]:
    """What a worker says, as it says it."""
    command = [sys.executable, "-m", "benches.worker", f"--threads={threads}", f"--busy={options.busy}"]
    command += ["--quick"] * options.quick + ["--limits"] * limits + ["--peers", *peers]
    command += ["--cases", *(case.name for case in cases)]
    environment = {**os.environ, **libraries.environment(threads, dtype)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout
        yield from map(json.loads, worker.stdout)
    if worker.returncode:
        print(
            f"a measuring process ended with status {worker.returncode}; its other cases are missing",
            file=sys.stderr,
        )


def machine() -> str:
    """The processor's name."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


# ---- Showing -----------------------------------------------------------------------------------------------


def rows(data: dict[str, Any]) -> list[table.Row]:
    """In the order of the cases, whatever the order of measuring."""
    limits = {int(threads): Limits(**values) for threads, values in data["limits"].items()}
    results = {result["name"]: Result(**result) for result in data["results"]}
    return [
        table.row(case, results[case.name], limits.get(min(data["threads"], case.threads or data["threads"])))
        for case in CASES
        if case.name in results
    ]


def one_line(result: dict[str, Any]) -> str:
    row = table.row(BY_NAME[result["name"]], Result(**result), None)
    return row.error or f"{row.case.name}: " + ", ".join(
        f"{library} {table.amount(value, row.case.unit)}" for library, value in row.medians.items()
    )


def text(data: dict[str, Any]) -> str:
    """The whole report."""
    parts = [conditions(data)]
    all_rows = rows(data)
    for group, members in table.groups(all_rows).items():
        peers = table.peers_of(members)
        lines = [table.heading(peers), *(table.cells(row, peers) for row in members)]
        parts.append(f"{group}\n{table.plain(lines)}")
        if any(row.busy for row in members):
            parts.append(f"{group}, busy (busy/quiet)\n{table.plain(busy_lines(members))}")
    parts.append(table.summary(all_rows))
    return "\n\n".join(parts)


def busy_lines(members: list[table.Row]) -> list[list[str]]:
    names = ["pynn", *table.peers_of(members)]
    return [["", *names], *(table.busy_cells(row, names) for row in members if row.busy)]


def as_markdown(data: dict[str, Any]) -> str:
    parts = [conditions(data)]
    for group, members in table.groups(rows(data)).items():
        peers = table.peers_of(members)
        parts.append(
            f"### {group.capitalize()}\n\n"
            + table.markdown([table.heading(peers), *(table.cells(row, peers) for row in members)])
        )
    return "\n\n".join(parts)


def conditions(data: dict[str, Any]) -> str:
    """What was measured, where, and what the machine can do."""
    versions = ", ".join(f"{library} {version}" for library, version in data["versions"].items())
    lines = [f"{data['machine']}, {data['threads']} threads. {versions}.", ""]
    for threads, levels in data["isa"].items():
        for isa, flops in levels.items():
            peaks = ", ".join(f"{dtype} {value / 1e9:.0f} GFLOP/s" for dtype, value in flops.items())
            lines.append(f"- multiply-adds, {isa}, {threads} threads: {peaks}")
    for threads, limits in data["limits"].items():
        copies = ", ".join(f"{level} {value / 1e9:.0f} GB/s" for level, value in limits["bandwidth"].items())
        lines.append(f"- copying, read + written, {threads} threads: {copies}")
    return "\n".join(lines)


BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


def replace_between_marks(path: Path, content: str) -> None:
    """Puts the content into a file, between two lines that mark its place.

    Raises:
        ValueError: the file has no such place.
    """
    before, begin, rest = path.read_text().partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{path} has no lines {BEGIN} and {END} to put the table between")
    path.write_text(f"{before}{BEGIN}\n\n{content}\n\n{END}{after}")


if __name__ == "__main__":
    main()
