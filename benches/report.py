"""`python -m benches.report`: measures pynn beside its peers and the machine's limits, prints and draws the result."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any

from benches import libraries, table
from benches.cases import CASES
from benches.collection import measured
from benches.limits import Limits
from benches.measure import Result


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
    lines = [f"{data['machine']}, {data['threads']} threads, {data['isa']}. {versions}.", ""]
    for threads, levels in data["peaks"].items():
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
