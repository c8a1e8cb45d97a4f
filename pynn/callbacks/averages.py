"""SwapEMAWeights: evaluate and predict with the moving averages of the weights instead of the weights."""

from __future__ import annotations

from .callback import Callback, Logs


class SwapEMAWeights(Callback):
    """Exchange weights and their averages for each evaluation and prediction; the optimizer needs `use_ema=True`.

    Args:
        swap_on_epoch: exchange them at the end of each epoch as well, so that what other callbacks save are the
            averages; put this callback before those.

    Raises:
        ValueError: (when used) the optimizer keeps no averages.
    """

    def __init__(self, swap_on_epoch: bool = False) -> None:
        super().__init__()
        self.swap_on_epoch = swap_on_epoch
        self._swapped = False

    def _swap(self, to: bool) -> None:
        """Have the averages in the model, or the weights."""
        if self._swapped != to:
            self.model.optimizer.swap_averages()
            self._swapped = to

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        if self.swap_on_epoch:
            self._swap(False)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if self.swap_on_epoch:
            self._swap(True)

    def on_train_end(self, logs: Logs | None = None) -> None:
        self._swapped = False

    def on_test_begin(self, logs: Logs | None = None) -> None:
        self._swap(True)

    def on_test_end(self, logs: Logs | None = None) -> None:
        self._swap(False)

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        self._swap(True)

    def on_predict_end(self, logs: Logs | None = None) -> None:
        self._swap(False)
