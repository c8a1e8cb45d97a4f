"""A table of text with lines around its cells; texts too wide for a column go on in the next line, at a space."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

_WORD = re.compile(r"\s*\S+\s*")
_PADDING = 2  # a space on either side of a text


def table(
    headers: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[int], total: int, align: str
) -> list[str]:
    """Return the lines of a table.

    Args:
        headers, rows: the texts; as many in each as there are columns.
        widths: of the columns as they are wished for; they give way evenly where the total asks for it.
        total: width of the table, lines included.
        align: a letter for each column: "l", "r" or "c".
    """
    fitted = _fitted(widths, total - len(widths) - 1)
    lines = [
        _rule("┏┳┓", "━", fitted),
        *_row("┃", headers, fitted, align, low=True),
        _rule("┡╇┩", "━", fitted),
    ]
    for index, row in enumerate(rows):
        if index:
            lines.append(_rule("├┼┤", "─", fitted))
        lines.extend(_row("│", row, fitted, align))
    lines.append(_rule("└┴┘", "─", fitted))
    return lines


def _fitted(widths: Sequence[int], total: int) -> list[int]:
    """Return widths with padding that fill the total: each column gives or gets its share, the first one first."""
    wide = [width + _PADDING for width in widths]
    rest, columns = sum(wide) - total, len(wide)
    if rest > 0:
        for index in range(columns):
            share = min(wide[index], round(rest / (columns - index)))
            wide[index] -= share
            rest -= share
        return wide
    missing, ratio = -rest, sum(wide)
    for index, width in enumerate(list(wide)):
        share = math.ceil(width * missing / ratio)
        wide[index] += share
        missing -= share
        ratio -= width
    return wide


def _rule(corners: str, line: str, widths: Sequence[int]) -> str:
    return corners[0] + corners[1].join(line * width for width in widths) + corners[2]


def _row(bar: str, texts: Sequence[str], widths: Sequence[int], align: str, low: bool = False) -> list[str]:
    """Return the lines of a row; texts stand at its top, or at its bottom if `low`."""
    columns = [_wrapped(text, width - _PADDING) for text, width in zip(texts, widths, strict=True)]
    height = max(map(len, columns))
    filled = [
        [""] * (height - len(column)) + column if low else column + [""] * (height - len(column))
        for column in columns
    ]
    lines = []
    for index in range(height):
        cells = [
            _aligned(column[index], width - _PADDING, side)
            for column, width, side in zip(filled, widths, align, strict=True)
        ]
        lines.append(f"{bar} {f' {bar} '.join(cells)} {bar}")
    return lines


def _aligned(text: str, width: int, side: str) -> str:
    if side == "c":
        return f"{text:^{width}}"
    return f"{text:>{width}}" if side == "r" else f"{text:<{width}}"


def _wrapped(text: str, width: int) -> list[str]:
    """Return the lines of a text; a word wider than the column is cut short, as "wor…"."""
    lines = [""]
    for word in _WORD.findall(text):
        if lines[-1] and len(lines[-1]) + len(word.rstrip()) > width:
            lines.append("")
        lines[-1] += word
    return [_short(line.rstrip(), max(width, 1)) for line in lines]


def _short(line: str, width: int) -> str:
    return line if len(line) <= width else f"{line[: width - 1]}…"
