"""TensorBoard: curves and histograms in TensorBoard's files, written by tensorboardX."""

from __future__ import annotations

import importlib
import os
import time
from typing import Any

from ..optimizers.optimizer import Optimizer
from .callback import Callback, Logs

# What Keras can write and pynn cannot, with the values that ask for nothing.
_UNSUPPORTED = {"write_images": False, "profile_batch": 0, "embeddings_freq": 0, "embeddings_metadata": None}


class TensorBoard(Callback):
    """Write what `tensorboard --logdir log_dir` shows. Needs tensorboardX: pip install 'pynn-core[tensorboard]'.

    Training goes to log_dir/train, validation to log_dir/validation, under Keras's names: "epoch_loss",
    "batch_loss", "evaluation_loss_vs_iterations".

    Args:
        log_dir: directory for the files.
        histogram_freq: write the weights' histograms every so many epochs; 0 for never.
        write_graph: write the model's summary as text.
        write_steps_per_second: write the speed of training.
        update_freq: "epoch" for curves by epoch alone, "batch" for a point at every step as well, or a number of
            steps between points.
        write_images, profile_batch, embeddings_freq, embeddings_metadata: not supported; must be left alone.

    Raises:
        ImportError: tensorboardX is missing.
        ValueError: an argument that is not supported, or update_freq is none of these.
    """

    def __init__(
        self,
        log_dir: str | os.PathLike[str] = "logs",
        histogram_freq: int = 0,
        write_graph: bool = True,
        write_images: bool = False,
        write_steps_per_second: bool = False,
        update_freq: str | int = "epoch",
        profile_batch: int = 0,
        embeddings_freq: int = 0,
        embeddings_metadata: Any = None,
    ) -> None:
        super().__init__()
        given = (write_images, profile_batch, embeddings_freq, embeddings_metadata)
        for (name, nothing), value in zip(_UNSUPPORTED.items(), given, strict=True):
            if value != nothing:
                raise ValueError(f"TensorBoard: pynn supports only {name}={nothing!r}, got {value!r}")
        every = {"epoch": 0, "batch": 1}.get(update_freq) if isinstance(update_freq, str) else update_freq
        if every is None or every < (update_freq != "epoch"):
            raise ValueError(
                f"TensorBoard: update_freq must be 'epoch', 'batch' or a number of steps, got {update_freq!r}"
            )
        self._writer_class = _summary_writer()
        self.log_dir, self.histogram_freq, self.write_graph = os.fspath(log_dir), histogram_freq, write_graph
        self.write_steps_per_second, self.update_freq = write_steps_per_second, update_freq
        self._every = every
        self._writers: dict[str, Any] = {}
        self._step = self._steps_before = 0
        self._epoch_start = self._batch_start = 0.0

    def _writer(self, part: str) -> Any:
        if part not in self._writers:
            self._writers[part] = self._writer_class(os.path.join(self.log_dir, part))
        return self._writers[part]

    def _write(self, part: str, prefix: str, logs: Logs, step: int, suffix: str = "") -> None:
        for name, value in logs.items():
            self._writer(part).add_scalar(f"{prefix}_{name}{suffix}", float(value), step)

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._step = 0
        if self.write_graph and self.model.built:
            lines: list[str] = []
            self.model.summary(print_fn=lines.append)
            text = "\n".join(line for part in lines for line in part.splitlines())
            self._writer("train").add_text("keras", f"```\n{text}\n```", 0)

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        self._step += 1
        self._batch_start = time.perf_counter()

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        if not self._every or self._step % self._every:
            return
        self._write("train", "batch", logs or {}, self._step)
        if self.write_steps_per_second:
            speed = 1.0 / (time.perf_counter() - self._batch_start)
            self._write("train", "batch", {"steps_per_second": speed}, self._step)

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self._steps_before, self._epoch_start = self._step, time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        logs = logs or {}
        training = {name: value for name, value in logs.items() if not name.startswith("val_")}
        if isinstance(self.model.optimizer, Optimizer):
            training["learning_rate"] = float(self.model.optimizer.learning_rate)
        if self.write_steps_per_second:
            seconds = time.perf_counter() - self._epoch_start
            training["steps_per_second"] = (self._step - self._steps_before) / seconds
        self._write("train", "epoch", training, epoch)
        validation = {name[4:]: value for name, value in logs.items() if name.startswith("val_")}
        self._write("validation", "epoch", validation, epoch)
        if self.histogram_freq and epoch % self.histogram_freq == 0:
            for weight in self.model.weights:
                self._writer("train").add_histogram(f"{weight.path}/histogram", weight.numpy(), epoch)
        for writer in self._writers.values():
            writer.flush()

    def on_test_end(self, logs: Logs | None = None) -> None:
        if isinstance(self.model.optimizer, Optimizer):
            step = int(self.model.optimizer.iterations)
            self._write("validation", "evaluation", logs or {}, step, "_vs_iterations")

    def on_train_end(self, logs: Logs | None = None) -> None:
        for writer in self._writers.values():
            writer.close()
        self._writers = {}


def _summary_writer() -> Any:
    try:
        return importlib.import_module("tensorboardX").SummaryWriter
    except ImportError as error:
        raise ImportError("TensorBoard needs tensorboardX: pip install 'pynn-core[tensorboard]'") from error
