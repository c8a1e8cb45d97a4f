"""What a model remembers of the short way through its training step."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from .. import _core
from ..layers.layer import AddedLosses, Layer
from ..masks import Masks
from ..variable import Variable


class WholeStep:
    """What `train_step` does with x and y where it is the usual: learn, update, count.

    The results are equal to the bit. Gradients go where the optimizer reads them, and means are counted in C++.

    Args:
        model: whose step it is.
        step: its two halves.
        rate: the learning rate, or what computes it before each step.
        names: of the results.
    """

    def __init__(
        self, model: Layer, step: _core.ChainStep, rate: Variable | Callable[[], float], names: list[str]
    ) -> None:
        self._model, self._learn, self._finish, self._names = model, step.learn, step.finish, names
        self._rate = rate
        self._lock = threading.Lock()  # there is one place for each gradient

    def __call__(self, x: Any, y: Any, anew: bool) -> dict[str, float] | None:
        """Take a step, or return None with nothing done: then `train_step` finds what is unusual, or wrong.

        Args:
            x, y: a batch, tensors or NumPy arrays.
            anew: whether metrics begin anew.

        Returns:
            The logs.
        """
        if Masks.ever and Masks.of(x) is not None:
            return None
        if AddedLosses.ever and self._model.losses:
            return None
        if not self._lock.acquire(blocking=False):  # another thread trains the same model
            return None
        try:
            if not self._learn(x, y):
                return None
            return dict(zip(self._names, self._finish(self._rate, anew), strict=True))
        finally:
            self._lock.release()


class ShortWay:
    """The step of a model in one call or few, remembered as long as no structure changes.

    Attributes:
        version: of the structure when it was looked for.
        chain: the step up to its gradients; None if there is none.
        whole: all of it; None if there is none.
    """

    def __init__(
        self, version: int = -1, chain: _core.Chain | None = None, whole: WholeStep | None = None
    ) -> None:
        self.version, self.chain, self.whole = version, chain, whole

    def __reduce__(self) -> Any:
        """Let a copy of the model look for its own: this one holds the variables of the original."""
        return ShortWay, ()
