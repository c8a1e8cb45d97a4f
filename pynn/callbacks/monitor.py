"""Callbacks that watch one metric: stop early, save what is best, lower the learning rate on a plateau.

Names, arguments and rules are those of Keras 3.
"""

from __future__ import annotations

import math
import os
import warnings
from typing import TYPE_CHECKING, Any

from .callback import Callback, Logs

if TYPE_CHECKING:
    from pathlib import Path

# For mode="auto", when the model does not know its metric: how names of metrics end that should rise, fall.
_RISING = ("acc", "accuracy", "auc", "precision", "recall", "cosine_similarity")
_FALLING = (
    "loss",
    "error",
    "crossentropy",
    "divergence",
    "poisson",
    "mse",
    "mae",
    "mape",
    "msle",
    "bce",
    "kld",
)


class MonitorCallback(Callback):
    """What callbacks that compare a metric with its best value share.

    Args:
        monitor: key in the logs of an epoch, for instance "val_loss".
        mode: "min" if smaller is better, "max" if larger, "auto" to tell by the metric.
        min_delta: a change of no more than this is no improvement.
        best: value to be better than; None for none yet.

    Raises:
        ValueError: another mode.
    """

    def __init__(
        self, monitor: str, mode: str = "auto", min_delta: float = 0.0, best: float | None = None
    ) -> None:
        super().__init__()
        if mode not in ("auto", "min", "max"):
            raise ValueError(f"{type(self).__name__}: mode must be 'auto', 'min' or 'max', got {mode!r}")
        self.monitor, self.mode = monitor, mode
        self.min_delta = abs(min_delta)
        self.best = best

    def is_improvement(self, value: float, reference: float | None) -> bool:
        """Whether `value` is better than `reference` by more than min_delta; NaN never is."""
        if math.isnan(value):
            return False
        if reference is None or math.isnan(reference):
            return True
        if self.rises():
            return value - self.min_delta > reference
        return value + self.min_delta < reference

    def rises(self) -> bool:
        """Whether larger values of the monitored metric are better.

        Raises:
            ValueError: mode is "auto" and neither the metric nor its name tells.
        """
        if self.mode != "auto":
            return self.mode == "max"
        name = self.monitor.removeprefix("val_")
        for metric in getattr(self.model, "metrics", ()):
            direction = getattr(metric, "direction", None)
            if metric.name == name and direction is not None:
                return bool(direction == "up")
        if name.endswith(_FALLING):
            return False
        if name.endswith(_RISING):
            return True
        raise ValueError(
            f"{type(self).__name__}: cannot tell whether {self.monitor!r} should rise or fall; "
            "pass mode='max' or mode='min'"
        )

    def current(self, logs: Logs | None) -> float | None:
        """Return the monitored value of an epoch; warn and return None if the logs do not have it."""
        value = (logs or {}).get(self.monitor)
        if value is None:
            known = ", ".join(logs or ()) or "nothing"
            warnings.warn(
                f"{type(self).__name__}: {self.monitor!r} is not in the logs, which have {known}",
                stacklevel=2,
            )
            return None
        return float(value)


class EarlyStopping(MonitorCallback):
    """Stop training when the monitored metric has not improved for `patience` epochs.

    Args:
        monitor, min_delta, mode: see `MonitorCallback`.
        patience: epochs without improvement that are waited for.
        verbose: 1 says when it stops.
        baseline: until the metric is better than this, no epoch counts as an improvement.
        restore_best_weights: give the model the weights of its best epoch at the end.
        start_from_epoch: epochs before this one are not looked at.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0,
        patience: int = 0,
        verbose: int = 0,
        mode: str = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: int = 0,
    ) -> None:
        super().__init__(monitor, mode, min_delta)
        self.patience, self.verbose, self.baseline = patience, verbose, baseline
        self.restore_best_weights, self.start_from_epoch = restore_best_weights, start_from_epoch
        self._reset()

    def _reset(self) -> None:
        self.best: float | None = None
        self.best_epoch = self.wait = self.stopped_epoch = 0
        self.best_weights: Any = None

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._reset()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        value = self.current(logs)
        if value is None or epoch < self.start_from_epoch:
            return
        if self.restore_best_weights and self.best_weights is None:
            self._keep(epoch)
        self.wait += 1
        if self.is_improvement(value, self.best):
            self.best = value
            self._keep(epoch)
            if self.baseline is None or self.is_improvement(value, self.baseline):
                self.wait = 0
        elif self.wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def on_train_end(self, logs: Logs | None = None) -> None:
        if self.stopped_epoch and self.verbose:
            print(f"Epoch {self.stopped_epoch + 1}: early stopping")
        if self.best_weights is not None:
            if self.verbose:
                print(f"Restoring model weights from the end of the best epoch: {self.best_epoch + 1}.")
            self.model.set_weights(self.best_weights)

    def _keep(self, epoch: int) -> None:
        self.best_epoch = epoch
        if self.restore_best_weights:
            self.best_weights = self.model.get_weights()


class ReduceLROnPlateau(MonitorCallback):
    """Multiply the learning rate by `factor` when the metric has not improved for `patience` epochs.

    Args:
        monitor, mode, min_delta: see `MonitorCallback`.
        factor: below 1.
        patience: epochs without improvement that are waited for.
        verbose: 1 says when it acts.
        cooldown: epochs after a reduction in which none is counted.
        min_lr: the learning rate does not go below this.

    Raises:
        ValueError: factor is not in (0, 1).
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        factor: float = 0.1,
        patience: int = 10,
        verbose: int = 0,
        mode: str = "auto",
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
    ) -> None:
        super().__init__(monitor, mode, min_delta)
        if not 0 < factor < 1:
            raise ValueError(f"ReduceLROnPlateau: factor must lie between 0 and 1, got {factor!r}")
        self.factor, self.patience, self.verbose = factor, patience, verbose
        self.cooldown, self.min_lr = cooldown, min_lr
        self.cooldown_counter = self.wait = 0

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self.best = None
        self.cooldown_counter = self.wait = 0

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        rate = float(self.model.optimizer.learning_rate)
        if logs is not None:
            logs["learning_rate"] = rate
        value = self.current(logs)
        if value is None:
            return
        if self.cooldown_counter:
            self.cooldown_counter -= 1
            self.wait = 0
        if self.is_improvement(value, self.best):
            self.best, self.wait = value, 0
        elif not self.cooldown_counter:
            self.wait += 1
            if self.wait >= self.patience and rate > self.min_lr:
                self._reduce(epoch, max(rate * self.factor, self.min_lr))

    def _reduce(self, epoch: int, rate: float) -> None:
        self.model.optimizer.learning_rate = rate
        self.cooldown_counter, self.wait = self.cooldown, 0
        if self.verbose:
            print(f"\nEpoch {epoch + 1}: ReduceLROnPlateau reducing learning rate to {rate:.6g}.")


class ModelCheckpoint(MonitorCallback):
    """Save the model or its weights, every epoch or when the monitored metric is best.

    A file is written beside its place and then renamed: a crash leaves the old file or the new one, whole.

    Args:
        filepath: where to, ending in .keras, or in .weights.h5 or .safetensors for weights alone; may hold
            "{epoch:02d}" and names from the logs, "{val_loss:.2f}".
        monitor, mode: see `MonitorCallback`.
        verbose: 1 says what is saved.
        save_best_only: save only when the metric improved.
        save_weights_only: call `model.save_weights(path)`, else `model.save(path)`.
        save_freq: "epoch", or a number of training steps.
        initial_value_threshold: the metric must be better than this to be saved.

    Raises:
        ValueError: save_freq is neither, or filepath ends otherwise.
        TypeError: (when training begins) the model cannot save itself that way.
    """

    def __init__(
        self,
        filepath: str | os.PathLike[str],
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        save_weights_only: bool = False,
        mode: str = "auto",
        save_freq: str | int = "epoch",
        initial_value_threshold: float | None = None,
    ) -> None:
        super().__init__(monitor, mode, best=initial_value_threshold)
        whole = isinstance(save_freq, int) and save_freq > 0
        if save_freq != "epoch" and not whole:
            raise ValueError(
                f"ModelCheckpoint: save_freq must be 'epoch' or a number of steps, got {save_freq!r}"
            )
        self.filepath = os.fspath(filepath)
        endings = (".weights.h5", ".safetensors") if save_weights_only else (".keras",)
        if not self.filepath.endswith(endings):
            hint = "" if save_weights_only else "; for weights alone pass save_weights_only=True"
            raise ValueError(
                f"ModelCheckpoint: filepath must end in {' or '.join(endings)} with "
                f"save_weights_only={bool(save_weights_only)}, got {self.filepath!r}{hint}"
            )
        self.verbose, self.save_freq = verbose, save_freq
        self.save_best_only, self.save_weights_only = save_best_only, save_weights_only
        self._epoch = self._steps = 0

    def set_model(self, model: Any) -> None:
        super().set_model(model)
        method = "save_weights" if self.save_weights_only else "save"
        if not hasattr(model, method):
            hint = "; pass save_weights_only=True" if method == "save" else ""
            raise TypeError(f"ModelCheckpoint: {type(model).__name__} has no {method}(){hint}")

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self._epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        if isinstance(self.save_freq, int):
            self._steps += 1
            if self._steps % self.save_freq == 0:
                self._save(self._path(logs, batch=batch + 1), logs)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if self.save_freq == "epoch":
            self._save(self._path(logs), logs)

    def _path(self, logs: Logs | None, **names: int) -> Path:
        from pathlib import Path  # here: every import of pynn would wait for it

        names_known = {**names, **(logs or {}), "epoch": self._epoch + 1}
        try:
            return Path(self.filepath.format(**names_known))
        except KeyError as missing:
            known = ", ".join(names_known)
            raise ValueError(
                f"ModelCheckpoint: no value for {missing} in filepath {self.filepath!r} (known: {known})"
            ) from None

    def _save(self, path: Path, logs: Logs | None) -> None:
        if self.save_best_only:
            value = self.current(logs)
            if value is not None and not self._improves(value):
                return
        path.parent.mkdir(parents=True, exist_ok=True)
        # The name keeps its end, by which the model may choose a format.
        beside = path.with_name(f".{os.getpid()}-{path.name}")
        try:
            (self.model.save_weights if self.save_weights_only else self.model.save)(beside)
            os.replace(beside, path)
        finally:
            beside.unlink(missing_ok=True)
        if self.verbose:
            print(f"\nEpoch {self._epoch + 1}: saved {path}")

    def _improves(self, value: float) -> bool:
        before = "none" if self.best is None else f"{self.best:.5f}"
        better = self.is_improvement(value, self.best)
        if self.verbose:
            verb = "improved" if better else "did not improve"
            print(f"\nEpoch {self._epoch + 1}: {self.monitor} {verb} from {before} to {value:.5f}")
        if better:
            self.best = value
        return better
