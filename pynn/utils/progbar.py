"""Keras's `Progbar`, for loops of one's own: pynn's bar, and means of what is reported to it."""

from __future__ import annotations

from collections.abc import Iterable

from .. import progress
from ..messages import is_interactive_logging_enabled


class Progbar:
    """A progress bar.

    Args:
        target: number of steps, None if unknown.
        width: of the bar, in characters.
        verbose: 0 writes nothing, 1 a bar, 2 one line at the end.
        interval: least seconds between rewrites.
        stateful_metrics: names of values that are shown as they come; all others as means over the steps.
        stateless_metrics: or the names of those that are shown as means.
        unit_name: what a step is called.

    Raises:
        ValueError: both lists of names are given.
    """

    def __init__(
        self,
        target: int | None,
        width: int = 20,
        verbose: int = 1,
        interval: float = 0.05,
        stateful_metrics: Iterable[str] | None = None,
        stateless_metrics: Iterable[str] | None = None,
        unit_name: str = "step",
    ) -> None:
        if stateful_metrics is not None and stateless_metrics is not None:
            raise ValueError("Progbar: give stateful_metrics or stateless_metrics, not both")
        self.target = target
        self._stateful = None if stateless_metrics is not None else set(stateful_metrics or ())
        self._stateless = set(stateless_metrics or ())
        shown = verbose if is_interactive_logging_enabled() else 0
        self._bar = progress.Progbar(target, width, shown, interval, unit_name)
        self._sums: dict[str, tuple[float, int]] = {}
        self._done = 0

    def update(
        self, current: int, values: Iterable[tuple[str, float]] | None = None, finalize: bool | None = None
    ) -> None:
        """Say that `current` steps are done.

        Args:
            current: steps done.
            values: (name, value of the last step) pairs.
            finalize: whether these were all; None means as soon as `current` reaches the target.
        """
        if finalize is None:
            finalize = self.target is not None and current >= self.target
        for name, value in values or ():
            steps = max(current - self._done, 1)
            total, count = self._sums.get(name, (0.0, 0))
            averaged = name in self._stateless if self._stateful is None else name not in self._stateful
            if averaged and not finalize:
                self._sums[name] = (total + float(value) * steps, count + steps)
            else:  # Keras shows the last value of the finished line as it is
                self._sums[name] = (float(value), 1)
        self._done = current
        logs = {name: total / count for name, (total, count) in self._sums.items()}
        if finalize:
            self._bar.finish(current, logs)
        else:
            self._bar.update(current, logs)

    def add(self, n: int, values: Iterable[tuple[str, float]] | None = None) -> None:
        """Say that `n` more steps are done."""
        self.update(self._done + n, values)
