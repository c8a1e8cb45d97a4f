"""Learner: what a model is compiled with, and what it does with one batch.

Override `train_step` to train differently.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from .. import losses, optimizers, structure
from .. import metrics as metrics_module
from .._core import Tensor
from ..autograd import GradientTape
from ..layers.layer import Layer
from ..metrics import Mean, Metric
from .arrays import batch_size_of, leaves
from .data import unpack_x_y_sample_weight


class Learner(Layer):
    """The part of a model that knows its optimizer, loss and metrics, and what to do with one batch."""

    compiled = False
    optimizer: Any = None
    loss: Any = None
    _loss: losses.Loss | None = None
    _loss_tracker: Mean | None = None
    _metric_choices: Sequence[tuple[Any, bool]] = ()
    _compiled_metrics: Sequence[tuple[Metric, bool]] | None = None
    _known_metrics: tuple[int, tuple[Metric, ...]] = (-1, ())
    """Version of the structure and the metrics that were found in it."""

    # What one step does --------------------------------------------------------------------------------

    def train_step(self, data: Any) -> dict[str, Any]:
        """Learn from one batch: forward, loss, gradients, optimizer, metrics.

        Args:
            data: x, (x, y) or (x, y, sample_weight).

        Returns:
            The logs: running means over the epoch by name.
        """
        x, y, sample_weight = unpack_x_y_sample_weight(data)
        with GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self.compute_loss(x, y, y_pred, sample_weight, training=True)
        variables = self.trainable_variables
        self.optimizer.apply(tape.gradient(loss, variables), variables)
        self._track_loss(loss, x)
        return self.compute_metrics(x, y, y_pred, sample_weight)

    def test_step(self, data: Any) -> dict[str, Any]:
        """Measure one batch; the same logs as `train_step`, and nothing learnt."""
        x, y, sample_weight = unpack_x_y_sample_weight(data)
        y_pred = self(x, training=False)
        loss = self.compute_loss(x, y, y_pred, sample_weight, training=False)
        self._track_loss(loss, x)
        return self.compute_metrics(x, y, y_pred, sample_weight)

    def predict_step(self, data: Any) -> Any:
        """Return the outputs for one batch."""
        x, _, _ = unpack_x_y_sample_weight(data)
        return self(x, training=False)

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Tensor:
        """Return what is minimised, a 0-d tensor: the compiled loss plus `self.losses`.

        Raises:
            ValueError: there is neither.
        """
        terms = self.losses
        if self._loss is not None and y is not None:
            terms = [self._loss(y, y_pred, sample_weight), *terms]
        if not terms:
            missing = "no y was given" if self._loss is not None else "compile() got no loss"
            raise ValueError(f"{self._title()} has no loss to compute: {missing}")
        return sum(terms[1:], terms[0])

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> dict[str, Any]:
        """Update the compiled metrics with one batch and return all results by name."""
        if self._compiled_metrics is None and y is not None:
            self._compiled_metrics = self._resolve_metrics(y, y_pred)
        for metric, weighted in self._compiled_metrics or ():
            metric.update_state(y, y_pred, sample_weight if weighted else None)
        return self.get_metrics_result()

    def get_metrics_result(self) -> dict[str, Any]:
        """Return the current result of every metric, by name."""
        return {metric.name: metric.result() for metric in self.metrics}

    # Compile -------------------------------------------------------------------------------------------

    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        loss_weights: Any = None,
        metrics: Any = None,
        weighted_metrics: Any = None,
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
        jit_compile: Any = "auto",
    ) -> None:
        """Choose how to train. Weights stay as they are; the optimizer starts anew.

        Args:
            optimizer: name or object.
            loss: name, object or function (y_true, y_pred); None if `train_step` or `add_loss` gives one.
            metrics: list of names, objects or functions; "accuracy" suits itself to the targets.
            weighted_metrics: metrics that count with `sample_weight` and `class_weight`.
            run_eagerly, jit_compile: accepted and without effect, pynn always runs eagerly.

        Raises:
            ValueError: an unknown name, or an argument that pynn does not support.
        """
        given = {"optimizer": optimizer, "loss": loss, "loss_weights": loss_weights, "metrics": metrics}
        given.update(weighted_metrics=weighted_metrics, run_eagerly=run_eagerly)
        given.update(steps_per_execution=steps_per_execution, jit_compile=jit_compile)
        _refuse("loss_weights", loss_weights, None)
        _refuse("steps_per_execution", steps_per_execution, 1)
        self.optimizer = optimizers.get(optimizer)
        self.loss = loss
        self._loss = None if loss is None else losses.resolve(_only(loss, "loss"))
        plain, weighted = _as_list(metrics, "metrics"), _as_list(weighted_metrics, "weighted_metrics")
        self._metric_choices = (
            *((choice, False) for choice in plain),
            *((choice, True) for choice in weighted),
        )
        for choice, _ in self._metric_choices:
            # An unknown name is an error here and not after the first batch, which decides on "accuracy".
            metrics_module.resolve(choice, None, (None, 2), self._loss)
        self._compiled_metrics = None
        self._loss_tracker = Mean(name="loss")
        self._compile_arguments = SimpleNamespace(**given)  # for files; no dict, which might hold layers
        self.compiled = True

    @property
    def metrics(self) -> list[Metric]:
        """The mean loss, the compiled metrics, and metrics kept in attributes. Reset at every epoch."""
        version, known = self._known_metrics
        if version != structure.version:
            version, known = structure.version, tuple(self._find_metrics())
            # Not by setting an attribute, which would be a change of structure.
            vars(self)["_known_metrics"] = version, known
        return list(known)

    def _find_metrics(self) -> list[Metric]:
        tracker = [] if self._loss_tracker is None else [self._loss_tracker]
        compiled = [metric for metric, _ in self._compiled_metrics or ()]
        own = [value for value in vars(self).values() if isinstance(value, Metric)]
        found = {id(metric): metric for metric in (*tracker, *compiled, *own)}
        return list(found.values())

    @property
    def metrics_names(self) -> list[str]:
        """Names of the metrics."""
        return [metric.name for metric in self.metrics]

    def reset_metrics(self) -> None:
        """Let every metric start anew."""
        for metric in self.metrics:
            metric.reset_state()

    def _track_loss(self, loss: Tensor, x: Any) -> None:
        """Add to the mean loss, weighted by the batch: a smaller last batch counts less."""
        if self._loss_tracker is not None:
            self._loss_tracker.update_state(loss, sample_weight=batch_size_of(x))

    def _resolve_metrics(self, y: Any, y_pred: Any) -> tuple[tuple[Metric, bool], ...]:
        """Return the metric objects, with "accuracy" chosen for these targets and outputs."""
        target, output = next(leaves(y)).shape, next(leaves(y_pred)).shape
        return tuple(
            (metrics_module.resolve(choice, target, output, self._loss), weighted)
            for choice, weighted in self._metric_choices
        )


def _refuse(argument: str, value: Any, default: Any) -> None:
    if value != default:
        raise ValueError(f"compile: pynn supports only {argument}={default!r}, got {value!r}")


def _only(value: Any, argument: str) -> Any:
    """Return the one element of a list; models have one output until functional models come."""
    if isinstance(value, dict) or (isinstance(value, (list, tuple)) and len(value) != 1):
        raise ValueError(f"compile: pynn's models have one output, so one {argument}; got {value!r}")
    return value[0] if isinstance(value, (list, tuple)) else value


def _as_list(choices: Any, argument: str) -> list[Any]:
    if choices is None:
        return []
    if not isinstance(choices, (list, tuple)):
        choices = [_only(choices, argument)]
    return [choice for item in choices for choice in (item if isinstance(item, (list, tuple)) else [item])]
