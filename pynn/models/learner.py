"""Learner: what a model is compiled with, and what it does with one batch.

Override `train_step` to train differently.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

from .. import losses, optimizers, structure
from .._core import Tensor
from ..autograd import GradientTape
from ..devices import device
from ..layers.layer import Layer
from ..metrics import Mean, Metric
from ..symbolic import SymbolicTensor
from ..variable import Variable
from .arrays import batch_size_of
from .captured import Captured
from .compiled import CompiledMetrics, OutputLosses
from .data import unpack_x_y_sample_weight
from .outputs import Output, outputs_of, per_output
from .short_way import ShortWay
from .targets import check_targets

_ABSENT = {
    "compiled_loss": "call compute_loss(x, y, y_pred)",
    "compiled_metrics": "call compute_metrics(x, y, y_pred), or loop over model.metrics",
    "stateless_call": "pynn's variables keep their state: call the model, and variable.assign",
    "stateless_compute_loss": "pynn's variables keep their state: call compute_loss(x, y, y_pred)",
}
"""Names of older Keras, or of its other backends, and what there is instead."""


class Learner(Layer):
    """The part of a model that knows its optimizer, loss and metrics, and what to do with one batch."""

    compiled = False
    optimizer: Any = None
    loss: Any = None
    _loss: losses.Loss | None = None
    _loss_tracker: Mean | None = None
    _output_losses: OutputLosses | None = None
    """The losses of several outputs; `_loss` is that of one."""

    _compiled_metrics: CompiledMetrics | None = None
    _known_metrics: tuple[int, tuple[tuple[str, Metric], ...]] = (-1, ())
    """Version of the structure and the metrics that were found in it, by name."""

    _captured: Captured | None = None
    """The CUDA graphs of training steps, where they are wanted."""

    _short_way = ShortWay()
    _loss_takes_training = True

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Note whether `compute_loss` has the argument `training`, which came late to Keras."""
        super().__init_subclass__(**kwargs)
        parameters = inspect.signature(cls.compute_loss).parameters
        kinds = {parameter.kind for parameter in parameters.values()}
        cls._loss_takes_training = "training" in parameters or inspect.Parameter.VAR_KEYWORD in kinds

    def __getattr__(self, name: str) -> Any:
        if name in _ABSENT:
            raise AttributeError(f"{type(self).__name__} has no {name} in pynn; {_ABSENT[name]}")
        return super().__getattr__(name)

    # What one step does --------------------------------------------------------------------------------

    def train_step(self, data: Any) -> dict[str, Any]:
        """Learn from one batch: forward, loss, gradients, optimizer, metrics.

        Args:
            data: x, (x, y) or (x, y, sample_weight).

        Returns:
            The logs: running means over the epoch by name.
        """
        x, y, sample_weight = unpack_x_y_sample_weight(data)
        learnt = self._learnt_at_once(x, y) if sample_weight is None else None
        y_pred, loss, gradients = learnt or self._learnt(x, y, sample_weight)
        # Weights change last, so that a step which memory ends in has changed none. But metrics by a method of the
        # user's own may look at the new ones.
        metrics_first = self._keeps("compute_metrics", "get_metrics_result")
        if not metrics_first:
            self.optimizer.apply(gradients, self.trainable_variables)
        self._track_loss(loss, x)
        logs = self.compute_metrics(x, y, y_pred, sample_weight)
        if metrics_first:
            self.optimizer.apply(gradients, self.trainable_variables)
        return logs

    def _changed_last(self) -> list[Variable]:
        """Return what a training step changes only when it needs no more memory."""
        usual = self._keeps("train_step", "compute_metrics", "get_metrics_result")
        return self.optimizer._changed_last() if usual else []

    def _keeps(self, *names: str) -> bool:
        """Return whether these methods are Learner's, replaced neither in a class nor on the model."""
        kind, own = type(self), vars(self)
        return all(getattr(kind, name) is getattr(Learner, name) and name not in own for name in names)

    def _learnt(self, x: Any, y: Any, sample_weight: Any) -> tuple[Any, Tensor, list[Any]]:
        """Return the outputs for one batch, the loss, and its gradient for each trainable variable."""
        with GradientTape() as tape:
            y_pred = self(x, training=True)
            if self._loss_takes_training:
                loss = self.compute_loss(x, y, y_pred, sample_weight, training=True)
            else:
                loss = self.compute_loss(x, y, y_pred, sample_weight)
        return y_pred, loss, tape.gradient(loss, self.trainable_variables)

    def _learnt_at_once(self, x: Any, y: Any) -> tuple[Any, Tensor, list[Any]] | None:
        """Return the same, without weights, where one call computes it all; None where none does."""
        return None

    def _shortest(self) -> ShortWay:
        """Return what shortens a step, as things are now."""
        short = self._short_way
        if short.version != structure.version:
            # Not by setting an attribute, which would be a change of structure.
            vars(self)["_short_way"] = short = self._find_short_way(structure.version)
        return short

    def _find_short_way(self, version: int) -> ShortWay:
        return ShortWay(version)

    def test_step(self, data: Any) -> dict[str, Any]:
        """Measure one batch; the same logs as `train_step`, and nothing learnt."""
        x, y, sample_weight = unpack_x_y_sample_weight(data)
        y_pred = self(x, training=False)
        if self._loss_takes_training:
            loss = self.compute_loss(x, y, y_pred, sample_weight, training=False)
        else:
            loss = self.compute_loss(x, y, y_pred, sample_weight)
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
        if y is not None:
            one = self._loss
            if one is not None and type(y_pred) is Tensor and type(y) is Tensor:
                terms = [one(y, y_pred, sample_weight), *terms]
            elif (loss := self._compiled_loss(y, y_pred, sample_weight)) is not None:
                terms = [loss, *terms]
        if not terms:
            missing = "no y was given" if self.loss is not None else "compile() got no loss"
            raise ValueError(f"{self._title()} has no loss to compute: {missing}")
        return sum(terms[1:], terms[0])

    def _compiled_loss(self, y: Any, y_pred: Any, sample_weight: Any) -> Tensor | None:
        """Return what compile's losses say of outputs and targets in lists or dicts; None without any."""
        loss = self._loss
        if loss is not None and type(y_pred) is Tensor:
            y = per_output("y", y, [Output((), None)] if isinstance(y, list) else self._one_output())[0]
            return loss(y, y_pred, sample_weight)
        if self._output_losses is None:
            if loss is None:
                return None
            self._output_losses = OutputLosses(self.loss, None, self._known_output_names())
            self._output_losses.build(y_pred)
        return self._output_losses(y, y_pred, sample_weight)

    def _one_output(self) -> list[Output]:
        return outputs_of(None, self._known_output_names())

    def _known_output_names(self) -> list[str] | None:
        """Return the names of the outputs if they are known before any call."""
        return None

    def _known_outputs(self) -> Any:
        """Return something of the structure of the outputs if it is known before any call."""
        return None

    def _check_targets(self, y: Any, output_shape: Any) -> None:
        """Raise, before any work, if the targets do not suit the losses and the shapes of the outputs."""
        if self._output_losses is None:
            if (
                isinstance(y, (list, tuple, dict))
                and self._loss is not None
                and isinstance(output_shape, tuple)
            ):
                y = per_output("y", y, self._one_output())[0]
            check_targets(y, output_shape, self._loss)
        elif y is not None and self._known_outputs() is not None:
            self._output_losses.check(y, output_shape)

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> dict[str, Any]:
        """Update the compiled metrics with one batch and return all results by name."""
        metrics = self._compiled_metrics
        if metrics is not None and y is not None:
            if not metrics.built:
                metrics.build(y, y_pred, self._loss)
                structure.changed()
            if metrics.named:
                metrics.update(y, y_pred, sample_weight)
        return self.get_metrics_result()

    def get_metrics_result(self) -> dict[str, Any]:
        """Return the current result of every metric, by name."""
        if type(self).metrics is not Learner.metrics:
            return {metric.name: metric.result() for metric in self.metrics}
        return {name: metric.result() for name, metric in self._named_metrics()}

    def _move(self, place: str) -> None:
        if self.optimizer is not None:
            self.optimizer._move(place, {})
        super()._move(place)
        for metric in self.metrics:
            for variable in metric.variables:
                variable._move(place)

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
        auto_scale_loss: bool = True,
    ) -> None:
        """Choose how to train. Weights stay as they are; the optimizer starts anew.

        Args:
            optimizer: name or object.
            loss: name, object or function (y_true, y_pred); None if `train_step` or `add_loss` gives one. For
                several outputs one for all, a list in their order, or a dict by output name.
            loss_weights: factors of the losses in their sum: a number, a list, or a dict by output name.
            metrics: list of names, objects or functions; "accuracy" suits itself to the targets. For several
                outputs a list with an entry for each, which may be a list, or a dict by output name.
            weighted_metrics: metrics that count with `sample_weight` and `class_weight`, in the same form.
            steps_per_execution: accepted, whatever it is: every step runs by itself, and callbacks see each.
            run_eagerly: accepted; without `jit_compile` it has no effect, pynn always runs eagerly.
            jit_compile: True makes training steps on a CUDA device run as CUDA graphs (see docs/DEVICES.md), with
                the same results, unless `run_eagerly`. Elsewhere, and as False or "auto", it has no effect.
            auto_scale_loss: accepted and without effect: it scales losses for float16 alone.

        Raises:
            ValueError: an unknown name, or an argument that pynn does not support.
        """
        given = {"optimizer": optimizer, "loss": loss, "loss_weights": loss_weights, "metrics": metrics}
        given.update(weighted_metrics=weighted_metrics, run_eagerly=run_eagerly)
        given.update(steps_per_execution=steps_per_execution, jit_compile=jit_compile)
        if not isinstance(steps_per_execution, int) or steps_per_execution < 1:
            raise ValueError(
                f"compile: steps_per_execution must be a positive integer, got {steps_per_execution!r}"
            )
        with nullcontext() if self._device is None else device(self._device):
            self._compile(optimizer, loss, loss_weights, metrics, weighted_metrics)
        graphs = jit_compile is True and not run_eagerly
        self._captured = Captured() if graphs else None
        self._compile_arguments = SimpleNamespace(**given)  # for files; no dict, which might hold layers
        self.compiled = True

    def _compile(
        self, optimizer: Any, loss: Any, loss_weights: Any, metrics: Any, weighted_metrics: Any
    ) -> None:
        """Make the objects that `compile` names."""
        names, outputs = self._known_output_names(), self._known_outputs()
        self.optimizer = optimizers.get(optimizer)
        self.loss = loss
        one = _only(loss, names)
        several = (outputs is not None and type(outputs) is not SymbolicTensor) or loss_weights is not None
        self._loss = self._output_losses = None
        if loss is not None and (several or one is None):
            self._output_losses = OutputLosses(loss, loss_weights, names)
            if outputs is not None:
                self._output_losses.build(outputs)
        elif loss is not None:
            self._loss = losses.resolve(one)
        self._compiled_metrics = CompiledMetrics(metrics, weighted_metrics, names)
        if outputs is not None:
            self._compiled_metrics.check(outputs)
        self._loss_tracker = Mean(name="loss")

    @property
    def metrics(self) -> list[Metric]:
        """The mean loss, the compiled metrics, the mean loss of each output if there are several, and metrics kept
        in attributes of the model and of the layers inside. Reset at every epoch."""
        return [metric for _, metric in self._named_metrics()]

    def _named_metrics(self) -> tuple[tuple[str, Metric], ...]:
        version, known = self._known_metrics
        if version != structure.version:
            version, known = structure.version, tuple(self._find_metrics())
            # Not by setting an attribute, which would be a change of structure.
            vars(self)["_known_metrics"] = version, known
        return known

    def _find_metrics(self) -> list[tuple[str, Metric]]:
        found: dict[int, tuple[str, Metric]] = {}
        named: list[tuple[str, Metric]] = []
        if self._loss_tracker is not None:
            named.append(("loss", self._loss_tracker))
        if self._compiled_metrics is not None:
            named += self._compiled_metrics.named
        if self._output_losses is not None:
            named += [(metric.name, metric) for metric in self._output_losses.metrics]
        inside = [layer for layer in self._flatten() if layer is self or not isinstance(layer, Learner)]
        own = [value for layer in inside for value in vars(layer).values() if isinstance(value, Metric)]
        for name, metric in (*named, *((metric.name, metric) for metric in own)):
            found.setdefault(id(metric), (name, metric))
        return list(found.values())

    @property
    def metrics_names(self) -> list[str]:
        """Names of the metrics."""
        if type(self).metrics is not Learner.metrics:
            return [metric.name for metric in self.metrics]
        return [name for name, _ in self._named_metrics()]

    def _in_order(self, results: Mapping[str, Any]) -> dict[str, Any]:
        """Return results as `evaluate` lists them: the model's metrics by name, then what else there is, sorted."""
        if len(results) == 1:
            return dict(results)
        if self._output_losses is None or type(self).metrics is not Learner.metrics:
            first = self.metrics_names
            if [*results] == first:
                return dict(results)
        else:
            compiled = [] if self._compiled_metrics is None else self._compiled_metrics.metrics
            first = [metric.name if metric in compiled else name for name, metric in self._named_metrics()]
        order = [name for name in first if name in results]
        return {name: results[name] for name in (*order, *sorted(results.keys() - set(order)))}

    def reset_metrics(self) -> None:
        """Let every metric start anew."""
        for metric in self.metrics:
            metric.reset_state()

    def _track_loss(self, loss: Tensor, x: Any) -> None:
        """Add to the mean loss, weighted by the batch: a smaller last batch counts less."""
        if self._loss_tracker is not None:
            self._loss_tracker.update_state(loss, sample_weight=batch_size_of(x))


def _only(loss: Any, names: list[str] | None) -> Any:
    """Return the one loss there is, alone or in a list, or a dict by the one output's name; None if several."""
    if isinstance(loss, dict):
        return (
            next(iter(loss.values())) if len(loss) == 1 and (names is None or list(loss) == names) else None
        )
    if isinstance(loss, (list, tuple)):
        return loss[0] if len(loss) == 1 else None
    return loss
