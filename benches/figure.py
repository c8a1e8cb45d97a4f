"""The picture of the report: pynn's time over each peer's, on a logarithmic axis. It reads on white and on black."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benches.table import Row, groups

# Colours after Okabe and Ito (2008), told apart by every kind of eye, that stand out on white and on black.
STYLE = {
    "numpy": ("NumPy", "#3a8fd0", "o"),
    "torch": ("PyTorch", "#d55e00", "s"),
    "torch channels_last": ("PyTorch, channels last", "#e69f00", "s"),
    "jax": ("JAX", "#009e73", "D"),
}
INK = "#808080"  # of text and lines: legible on both


def draw(rows: Sequence[Row], path: Path) -> None:
    """Writes a PNG or SVG file with a transparent ground."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    lines = [line for group, members in groups(comparable(rows)).items() for line in (group, *members)]
    settings = {"svg.hashsalt": "pynn", "font.size": 9, "text.color": INK}
    with matplotlib.rc_context(settings):
        figure, axes = pyplot.subplots(figsize=(8, 1 + 0.19 * len(lines)), layout="constrained")
        for peer, (label, colour, marker) in STYLE.items():
            ratios = [line.ratios.get(peer) if isinstance(line, Row) else None for line in lines]
            axes.plot(ratios, range(len(lines)), marker, color=colour, label=label, markersize=5)
        _arrange(axes)
        _name_lines(axes, lines)
        figure.savefig(
            path, transparent=True, dpi=160, metadata={"Date": None} if path.suffix == ".svg" else {}
        )
        pyplot.close(figure)


def comparable(rows: Sequence[Row]) -> list[Row]:
    """The rows of `--quick`, which are enough for a picture, as far as they are times and have a ratio to show."""
    return [
        row
        for row in rows
        if row.case.quick and not row.case.reading and not STYLE.keys().isdisjoint(row.ratios)
    ]


def _arrange(axes: Any) -> None:
    """Ratios in words, a line at 1."""
    from matplotlib import ticker

    axes.set_xscale("log")
    axes.xaxis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5), numticks=30))
    axes.xaxis.set_major_formatter(lambda ratio, _: f"{ratio:g}")
    axes.xaxis.set_minor_locator(ticker.NullLocator())
    axes.axvline(1, color=INK, linewidth=1.2)
    axes.grid(color=INK, alpha=0.25, linewidth=0.6)
    axes.tick_params(colors=INK, length=0)
    axes.spines[:].set_visible(False)
    axes.set_xlabel("time of pynn / time of the other: left of 1, pynn is faster", color=INK)
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=3, frameon=False)


def _name_lines(axes: Any, lines: Sequence[Row | str]) -> None:
    """From the top down, each case beside its line, groups in bold letters."""
    names = [line.case.name if isinstance(line, Row) else line for line in lines]
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    for line, text in zip(lines, axes.get_yticklabels(), strict=True):
        if isinstance(line, str):
            text.set_fontweight("bold")
