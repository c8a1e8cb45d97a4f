"""SavedState: the part of an optimizer that writes and reads its state, in the order of Keras's files."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from ..variable import Variable, read_values, write_values


class SavedState:
    """What an optimizer keeps between steps, for files."""

    name: str
    iterations: Variable
    gradient_accumulation_steps: int | None
    _accumulated: Variable
    _state: dict[str, Any]

    _apart: frozenset[str] = frozenset({"velocity_hat"})
    """State that a file lists for all weights before the next; the rest goes weight by weight, as in Keras."""

    @property
    def variables(self) -> list[Variable]:
        """All state; `Optimizer` says what."""
        raise NotImplementedError

    def _groups(self) -> list[list[str]]:
        """Return the names of the state, those that go weight by weight together."""
        alone = {"average", "gradient_accumulator", *self._apart}
        together = [name for name in self._state if name not in alone]
        before = [[name] for name in self._state if name in alone - self._apart]
        return [*before, together, *([name] for name in self._state if name in self._apart)]

    def save_own_variables(self, store: Any) -> None:
        """Put the values of all state into `store`, a dict or like one, under "0", "1", ... as Keras does."""
        write_values([self._counter(), *self._without_counters()], store)

    def load_own_variables(self, store: Any) -> None:
        """Set all state from what `save_own_variables`, here or in Keras, put into `store`.

        A state of other variables than this optimizer's is left out, with a warning.

        Raises:
            ValueError: the state is of other shapes.
        """
        counter, own = self._counter(), self._without_counters()
        stored = len(store.keys())
        unused = stored in (1, 2) and not int(np.asarray(store["0"]))
        if stored != 1 + len(own):
            if not unused:  # what a model had that was never trained is what this one has
                warnings.warn(
                    f"{self.name}: the file has {stored} variables of the optimizer, this one {1 + len(own)}; it "
                    "begins anew",
                    stacklevel=2,
                )
            return
        read_values(f"{type(self).__name__} {self.name!r}", [counter, *own], store)
        steps = self.gradient_accumulation_steps or 1
        self.iterations._assign(int(counter) // steps)
        self._accumulated._assign(int(counter) % steps)

    def _counter(self) -> Variable:
        """Return the number of calls of `apply`, which Keras counts; one step may take several."""
        calls = int(self.iterations) * (self.gradient_accumulation_steps or 1) + int(self._accumulated)
        return Variable(calls, dtype="int64", trainable=False, name="iteration")

    def _without_counters(self) -> list[Variable]:
        return [v for v in self.variables if v is not self.iterations and v is not self._accumulated]
