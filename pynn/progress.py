"""The progress bar of `fit`, `evaluate` and `predict`: what it looks like and when it may write.

On a terminal and in a notebook one line is rewritten in place, at most ten times a second; anywhere else
(a log file, a pipe) only the finished line is written, without control characters.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping
from typing import TextIO

INTERVAL = 0.1  # seconds between rewrites: readable, and a notebook keeps up

Logs = Mapping[str, float]


def rewrites_lines(stream: TextIO) -> bool:
    """Whether a carriage return on `stream` goes back over the line: a terminal or a notebook's output."""
    if type(stream).__module__.partition(".")[0] == "ipykernel":
        return True
    return hasattr(stream, "isatty") and stream.isatty()


def format_duration(seconds: float) -> str:
    """Return 59 as "59s", 61 as "1:01", 3661 as "1:01:01"."""
    whole = int(seconds)
    if whole < 60:
        return f"{whole}s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes}:{rest:02d}"
    return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"


def format_step(seconds: float, unit: str = "step") -> str:
    """Return the time of one step in the unit that leaves few digits: "2s/step", "6ms/step", "80us/step"."""
    if seconds >= 1 or seconds == 0:
        return f"{seconds:.0f}s/{unit}"
    if seconds >= 1e-3:
        return f"{seconds * 1e3:.0f}ms/{unit}"
    return f"{seconds * 1e6:.0f}us/{unit}"


def format_logs(logs: Logs) -> str:
    """Return " - name: value" for each; four decimals, or an exponent where those would hide the value."""
    parts = []
    for name, number in logs.items():
        value = float(number)
        parts.append(f" - {name}: {value:.4e}" if abs(value) <= 1e-3 else f" - {name}: {value:.4f}")
    return "".join(parts)


class Progbar:
    """One progress bar.

    Args:
        target: number of steps, None if unknown.
        width: of the bar, in characters.
        verbose: 0 writes nothing, 1 a bar, 2 one line at the end.
        interval: least seconds between rewrites.
        unit_name: what a step is called.
        stream: where to write; `sys.stdout` as it is now by default.
        clock: returns seconds.
    """

    def __init__(
        self,
        target: int | None,
        width: int = 20,
        verbose: int = 1,
        interval: float = INTERVAL,
        unit_name: str = "step",
        stream: TextIO | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.target, self.width, self.verbose = target, width, verbose
        self.interval, self.unit_name = interval, unit_name
        self._stream = sys.stdout if stream is None else stream
        self._clock = clock
        self._live = verbose == 1 and rewrites_lines(self._stream)
        self._colours = self._live and "NO_COLOR" not in os.environ
        self._done, self._left = ("━", "━" if self._colours else "─") if self._shows("━─") else ("=", ".")
        self._shown = 0  # width of the line on screen
        self._start = self._clock()
        self._after_first = self._start
        # A step before this moment costs one look at the clock.
        self._next = self._start if self._live else float("inf")

    def update(self, current: int, logs: Logs | Callable[[], Logs] | None = None) -> None:
        """Say that `current` steps are done, and rewrite the line if it is time to.

        Args:
            current: steps done.
            logs: values by name, or a function that makes them, which is called only to be written.
        """
        now = self._clock()
        if current == 1:
            self._after_first = now
        if now >= self._next:
            self._next = now + self.interval
            self._rewrite(self._line(current, now, logs() if callable(logs) else logs or {}, done=False))

    def finish(self, current: int, logs: Logs | None = None) -> None:
        """Say that `current` steps were all, and write the finished line."""
        if self.verbose == 0:
            return
        now = self._clock()
        self.target = self.target or current
        if self.verbose == 2:
            self._write(self._summary(current, now, logs or {}) + "\n")
            return
        line = self._line(current, now, logs or {}, done=True)
        if self._live:
            self._rewrite(line, cut=False)
            self._write("\n")
        else:
            self._write("".join(text for text, _ in line) + "\n")

    # A line is pieces of (text, ANSI colour), so that its width is known without the codes.

    def _line(self, current: int, now: float, logs: Logs, done: bool) -> list[tuple[str, str]]:
        each = self._seconds_a_step(current, now)
        left = 0 if self.target is None or done else self.target - current
        seconds = each * left if left > 0 else now - self._start
        times = [(f" {format_duration(seconds)}", "1"), (f" {format_step(each, self.unit_name)}", "")]
        return [*self._bar(current), *times, (format_logs(logs), "")]

    def _bar(self, current: int) -> list[tuple[str, str]]:
        if not self.target:
            return [(f"{current:7d}/Unknown", "1")]
        count = f"{current:{len(str(self.target))}d}/{self.target} "
        full = min(self.width, self.width * current // self.target)
        return [(count, "1"), (self._done * full, "32"), (self._left * (self.width - full), "37")]

    def _summary(self, current: int, now: float, logs: Logs) -> str:
        times = (
            f"{now - self._start:.0f}s - {format_step(self._seconds_a_step(current, now), self.unit_name)}"
        )
        return f"{current}/{self.target} - {times}{format_logs(logs)}"

    def _seconds_a_step(self, current: int, now: float) -> float:
        # The first step builds and warms up; it would spoil the estimate.
        if current > 1:
            return (now - self._after_first) / (current - 1)
        return (now - self._start) / current if current else 0.0

    def _rewrite(self, pieces: list[tuple[str, str]], cut: bool = True) -> None:
        if cut:
            import shutil  # here: only a terminal needs it, and every import would wait for it

            pieces = _cut(pieces, shutil.get_terminal_size().columns - 1)
        width = sum(len(text) for text, _ in pieces)
        text = "".join(self._paint(text, colour) for text, colour in pieces)
        self._write("\r" + text + " " * (self._shown - width))
        self._shown = width

    def _paint(self, text: str, colour: str) -> str:
        return f"\x1b[{colour}m{text}\x1b[0m" if text and colour and self._colours else text

    def _shows(self, text: str) -> bool:
        try:
            text.encode(getattr(self._stream, "encoding", None) or "utf-8")
        except (UnicodeEncodeError, LookupError):
            return False
        return True

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


def _cut(pieces: list[tuple[str, str]], columns: int) -> list[tuple[str, str]]:
    """Return what fits in `columns`: a line that wraps cannot be rewritten."""
    fitting = []
    for text, colour in pieces:
        fitting.append((text[: max(columns, 0)], colour))
        columns -= len(text)
    return fitting
