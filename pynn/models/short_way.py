"""What a model remembers of the short way through its training step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import _core
from ..layers.layer import AddedLosses, Layer
from ..masks import Masks
from ..variable import Variable


class WholeStep:
    """What `train_step` does with x and y where it is the usual: learn, count, update, in one call.

    And `test_step`, which measures. The results are equal to the bit.

    Args:
        model: whose step it is.
        step: the call.
        rate: the learning rate, or what computes it in each step.
        measures: whether `test_step` is the usual too.
    """

    def __init__(
        self, model: Layer, step: _core.ChainStep, rate: Variable | Callable[[], float], measures: bool
    ) -> None:
        self._model, self._step, self._rate, self._measures = model, step, rate, measures

    def __call__(self, x: Any, y: Any, anew: bool) -> dict[str, float] | None:
        """Take a step, or return None with nothing done: then `train_step` finds what is unusual, or wrong.

        Args:
            x, y: a batch, tensors or NumPy arrays.
            anew: whether metrics begin anew.

        Returns:
            The logs.
        """
        if (Masks.ever or AddedLosses.ever) and not self._is_plain(x):
            return None
        return self._step(x, y, anew, self._rate)

    def measure(self, x: Any, y: Any, anew: bool) -> dict[str, float] | None:
        """Measure a batch as `test_step` does; arguments and result are those of a step."""
        if not self._measures or ((Masks.ever or AddedLosses.ever) and not self._is_plain(x)):
            return None
        return self._step.measure(x, y, anew)

    def _is_plain(self, x: Any) -> bool:
        """Return whether x has no mask, and no layer adds to the loss."""
        return not (Masks.ever and Masks.of(x) is not None) and not (AddedLosses.ever and self._model.losses)


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
