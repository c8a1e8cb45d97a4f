"""The picture of the report: pynn's time over each peer's, on a logarithmic axis. It reads on white and on black."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benches.table import Row

# Colours that keep apart for every kind of colour vision (Okabe and Ito 2008) and stand out on white and on black.
STYLE = {
    "numpy": ("NumPy", "#0072b2", "o"),
    "torch": ("PyTorch", "#d55e00", "s"),
    "jax": ("JAX", "#009e73", "D"),
}
INK = "#808080"  # of text and lines: legible on both


def draw(rows: Sequence[Row], path: Path) -> None:
    """Writes a PNG or SVG file with a transparent ground."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    shown = [row for row in rows if not row.case.reading and any(peer in row.ratios for peer in STYLE)]
    settings = {"svg.hashsalt": "pynn", "font.size": 9, "text.color": INK, "axes.edgecolor": INK}
    with matplotlib.rc_context(settings):
        figure, axes = pyplot.subplots(figsize=(8, 1 + 0.2 * len(shown)), layout="constrained")
        for peer, (label, colour, marker) in STYLE.items():
            points = [(row.ratios[peer], y) for y, row in enumerate(shown) if peer in row.ratios]
            if points:
                axes.plot(*zip(*points, strict=True), marker, color=colour, label=label, markersize=5)
        _arrange(axes, [row.case.name for row in shown])
        figure.savefig(
            path, transparent=True, dpi=160, metadata={"Date": None} if path.suffix == ".svg" else {}
        )
        pyplot.close(figure)


def _arrange(axes: Any, names: Sequence[str]) -> None:
    """A line at 1, a row for each name from the top down, ratios in words."""
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(_ticks("LogLocator", subs=(1, 2, 5), numticks=30))
    axes.xaxis.set_major_formatter(lambda ratio, _: f"{ratio:g}")
    axes.xaxis.set_minor_locator(_ticks("NullLocator"))
    axes.axvline(1, color=INK, linewidth=1.2)
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.grid(color=INK, alpha=0.25, linewidth=0.6)
    axes.tick_params(colors=INK, length=0)
    axes.spines[:].set_visible(False)
    axes.set_xlabel("time of pynn / time of the other: left of 1, pynn is faster", color=INK)
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=len(STYLE), frameon=False)


def _ticks(name: str, **options: Any) -> Any:
    from matplotlib import ticker

    return getattr(ticker, name)(**options)
