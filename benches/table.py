"""The results as a table: medians, ratios, fractions of the limit, targets. Nothing is measured here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benches.case import Case
from benches.limits import Limits
from benches.measure import Result, medians
from benches.targets import WhenBusy


@dataclass(frozen=True)
class Row:
    """What the report says of one case."""

    case: Case
    medians: dict[str, float]
    busy: dict[str, float]
    fraction: float | None
    error: str = ""

    @property
    def ratios(self) -> dict[str, float]:
        """pynn's time by each peer's: below 1, pynn is faster."""
        mine = self.medians.get("pynn")
        if mine is None:
            return {}
        return {peer: mine / theirs for peer, theirs in self.medians.items() if peer != "pynn"}

    @property
    def verdicts(self) -> list[tuple[str, bool | None]]:
        """Every target in words, and whether it is met; None where that was not measured."""
        if "pynn" not in self.medians:
            return [(target.text, None) for target in self.case.targets]
        busy = self.busy.get("pynn")
        return [
            (target.text, target.met(self.medians, self.fraction, busy))
            for target in self.case.targets
            if busy is not None or not isinstance(target, WhenBusy)
        ]


def row(case: Case, result: Result, limits: Limits | None) -> Row:
    found = medians(result.samples)
    fraction = limits.fraction(case, found["pynn"]) if limits and "pynn" in found else None
    return Row(case, found, medians(result.busy), fraction, result.error)


# ---- Words -------------------------------------------------------------------------------------------------


def amount(value: float, unit: str = "s") -> str:
    """Three digits, with the unit that suits."""
    if unit != "s":
        return f"{value:.3g} {unit}" if value < 1000 else f"{value:.0f} {unit}"
    for scale, name in ((1.0, "s"), (1e-3, "ms"), (1e-6, "us")):
        if value >= scale:
            return f"{value / scale:#.3g} {name}".replace(". ", " ")
    return f"{value * 1e9:.0f} ns"


MARKS = {True: "yes", False: "NO", None: "?"}


def cells(row: Row, peers: Sequence[str]) -> list[str]:
    """The texts of one line: pynn's median, then each peer's with the ratio, the fraction of the limit, the targets."""
    if row.error:
        return [row.case.name, "wrong", *["" for _ in peers], "", row.error]
    unit = row.case.unit
    line = [row.case.name, amount(row.medians["pynn"], unit) if "pynn" in row.medians else ""]
    line += [with_ratio(row, peer) for peer in peers]
    line.append("" if row.fraction is None else f"{row.fraction:.0%}")
    line.append("; ".join(f"{MARKS[met]}: {text}" for text, met in row.verdicts))
    return line


def with_ratio(row: Row, peer: str) -> str:
    if peer not in row.medians:
        return ""
    text = amount(row.medians[peer], row.case.unit)
    return f"{text} ({row.ratios[peer]:.2f})" if "pynn" in row.medians else text


def busy_cells(row: Row, libraries: Sequence[str]) -> list[str]:
    """The median beside spinning processes, and how much longer than the quiet one that is."""
    return [
        row.case.name,
        *(
            f"{amount(row.busy[library])} ({row.busy[library] / row.medians[library]:.1f})"
            if library in row.busy
            else ""
            for library in libraries
        ),
    ]


def heading(peers: Sequence[str]) -> list[str]:
    return ["", "pynn", *(f"{peer} (pynn/{peer})" for peer in peers), "of limit", "targets"]


# ---- Layout ------------------------------------------------------------------------------------------------


def plain(lines: Sequence[Sequence[str]]) -> str:
    """Columns side by side, the first line being the heading."""
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def markdown(lines: Sequence[Sequence[str]]) -> str:
    """The same as a table of Markdown."""
    rule = ["---", *["---:"] * (len(lines[0]) - 2), "---"]
    return "\n".join(f"| {' | '.join(line)} |" for line in (lines[0], rule, *lines[1:]))


def groups(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """In the order in which they come."""
    found: dict[str, list[Row]] = {}
    for one in rows:
        found.setdefault(one.case.group, []).append(one)
    return found


def peers_of(rows: Sequence[Row]) -> list[str]:
    """Every library but pynn that has a result among the rows, in the order of its first one."""
    return list(dict.fromkeys(peer for one in rows for peer in one.medians if peer != "pynn"))


def summary(rows: Sequence[Row]) -> str:
    """How many targets are met, and which are not."""
    verdicts = [(one.case.name, text, met) for one in rows for text, met in one.verdicts]
    missed = [f"  {name}: {text}" for name, text, met in verdicts if met is False]
    known = [met for _, _, met in verdicts if met is not None]
    return "\n".join(
        [f"{sum(known)} of {len(known)} targets met" + (", not these:" if missed else ""), *missed]
    )
