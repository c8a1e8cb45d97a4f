"""What `compile` was given, ready for use: losses of several outputs, and metrics of one or several."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import losses
from .. import metrics as metrics_module
from .._core import Tensor
from ..metrics import Mean, Metric
from .outputs import MismatchError, Output, at, outputs_of, per_output
from .targets import check_targets

Shape = tuple[int | None, ...]


class OutputLosses:
    """The losses of a model with several outputs, each times its weight, in one sum.

    Args:
        choices: one loss for all outputs, or a list, or a dict by output name; None for an output without one.
        weights: of the losses in the sum, in the same form; None for 1.
        names: of the outputs, if they are known beforehand.

    Attributes:
        metrics: the mean of each loss without its weight, `<output>_loss`, if there are several.
    """

    def __init__(self, choices: Any, weights: Any, names: Sequence[str] | None) -> None:
        self._choices, self._weights, self._names = choices, weights, names
        self._entries: list[tuple[Output, losses.Loss, float | None, Mean | None]] = []
        self._outputs: list[Output] = []
        self.metrics: list[Mean] = []
        _each(choices, losses.resolve)  # an unknown name is an error at once

    def build(self, structure: Any) -> None:
        """Decide which loss is for which output.

        Args:
            structure: what the model returns, or anything of the same structure.

        Raises:
            ValueError: there are not as many losses or weights as outputs, or names are not the outputs'.
        """
        outputs = outputs_of(structure, self._names)
        chosen = self._spread("loss", self._choices, outputs)
        used = [
            (output, choice) for output, choice in zip(outputs, chosen, strict=True) if choice is not None
        ]
        weights = self._weights_of([output for output, _ in used], outputs)
        resolved = [losses.resolve(choice) for _, choice in used]
        names = [output.name or loss.name for (output, _), loss in zip(used, resolved, strict=True)]
        metrics = [Mean(name=f"{name}_loss") for name in names] if len(used) > 1 else []
        means: list[Mean | None] = [*metrics] or [None] * len(used)
        self._outputs, self.metrics = outputs, metrics  # last: making metrics takes memory
        self._entries = [
            (output, loss, weight, mean)
            for (output, _), loss, weight, mean in zip(used, resolved, weights, means, strict=True)
        ]

    def __call__(self, y: Any, y_pred: Any, sample_weight: Any = None) -> Tensor | None:
        """Return the weighted sum of the losses; None if no output has one."""
        if not self._outputs:
            self.build(y_pred)
        targets = self.targets(y)
        weights = [sample_weight] * len(self._entries)
        if isinstance(sample_weight, (list, tuple, dict)):
            of_all = per_output("sample_weight", sample_weight, self._outputs, optional=True)
            weights = [of_all[self._outputs.index(output)] for output, _, _, _ in self._entries]
        total = None
        for (output, loss, factor, mean), target, weight in zip(self._entries, targets, weights, strict=True):
            predicted = at(output.path, y_pred)
            value = loss(target, predicted, weight)
            if mean is not None:
                mean.update_state(value, sample_weight=len(predicted))
            if factor is not None:
                value = value * factor
            total = value if total is None else total + value
        return total

    def targets(self, y: Any) -> list[Any]:
        """Return the targets of each output that has a loss.

        Raises:
            ValueError: y is arranged otherwise than the outputs.
        """
        used = [output for output, _, _, _ in self._entries]
        try:
            of_all = per_output("y", y, self._outputs, optional=len(used) < len(self._outputs))
        except MismatchError:
            if len(used) == len(self._outputs):
                raise
            return per_output("y", y, used)  # targets only for the outputs that have a loss
        return [of_all[self._outputs.index(output)] for output in used]

    def check(self, y: Any, shapes: Any) -> None:
        """Raise as `check_targets` for each output, before any work.

        Args:
            y: all targets.
            shapes: of the outputs, in the model's structure.
        """
        for (output, loss, _, _), target in zip(self._entries, self.targets(y), strict=True):
            try:
                check_targets(target, at(output.path, shapes), loss)
            except ValueError as error:
                raise type(error)(f"output {output.name!r}: {error}") from None

    def _spread(self, what: str, choices: Any, outputs: list[Output]) -> list[Any]:
        if isinstance(choices, (list, tuple, dict)):
            return per_output(what, choices, outputs, optional=isinstance(choices, dict))
        return [choices] * len(outputs)

    def _weights_of(self, used: list[Output], outputs: list[Output]) -> list[float | None]:
        if self._weights is None:
            return [None] * len(used)
        if isinstance(self._weights, (int, float)):
            return [float(self._weights)] * len(used)
        try:
            given = per_output("loss_weights", self._weights, outputs, optional=True)
            given = [given[outputs.index(output)] for output in used]
        except MismatchError:
            given = per_output("loss_weights", self._weights, used)
        return [None if weight is None else float(weight) for weight in given]


class CompiledMetrics:
    """The metrics that `compile` was given, for one output or several.

    Args:
        plain, weighted: for one output a list; for several a list with an entry (a metric or a list of them) for
            each, or a dict by output name. Weighted ones count with `sample_weight` and `class_weight`.
        names: of the outputs, if they are known beforehand.

    Raises:
        ValueError, TypeError: an unknown name, or something that is no metric.
    """

    def __init__(self, plain: Any, weighted: Any, names: Sequence[str] | None) -> None:
        self._choices = ((plain, False), (weighted, True))
        self._names = names
        self.built = False
        self._one: list[tuple[Metric, bool]] = []
        self._several: list[tuple[Output, Metric, bool]] = []
        self._outputs: list[Output] = []
        self.named: list[tuple[str, Metric]] = []
        """The metrics by the names that logs have for them."""
        for argument, (choices, _) in zip(("metrics", "weighted_metrics"), self._choices, strict=True):
            if choices is not None and not isinstance(choices, (list, tuple, dict)):
                raise ValueError(f"compile: {argument} must be a list or a dict, got {choices!r}")
            # An unknown name is an error here and not after the first batch, which decides on "accuracy".
            _each(choices, lambda choice: metrics_module.resolve(choice, None, (None, 2), None))

    @property
    def metrics(self) -> list[Metric]:
        """All metrics, once they are known."""
        return [metric for _, metric in self.named]

    def check(self, structure: Any) -> None:
        """Raise if what was given is not arranged as the outputs."""
        self._outputs = outputs_of(structure, self._names)
        for choices, _ in self._choices:
            self._chosen(choices, len(self._outputs) == 1)

    def build(self, y: Any, y_pred: Any, loss: losses.Loss | None) -> None:
        """Make the metrics: "accuracy" is chosen for these targets and outputs."""
        if not any(choices for choices, _ in self._choices):
            self.built = True
            return
        self._outputs = outputs_of(y_pred, self._names)
        single = len(self._outputs) == 1
        targets = [_first_leaf(y)] if single else per_output("y", y, self._outputs, optional=True)
        made: list[tuple[Output, Metric, bool]] = []
        for choices, weighted in self._choices:
            for output, target, chosen in zip(
                self._outputs, targets, self._chosen(choices, single), strict=True
            ):
                predicted = _first_leaf(at(output.path, y_pred))
                for choice in chosen:
                    metric = metrics_module.resolve(
                        choice, None if target is None else target.shape, predicted.shape, loss
                    )
                    made.append((output, metric, weighted))
        for output, metric, weighted in made:  # all or, where there is no memory to make one, none
            self._add(output, metric, weighted, single)
        self.built = True

    def update(self, y: Any, y_pred: Any, sample_weight: Any) -> None:
        """Count one batch."""
        if self._one:
            if type(y) is not Tensor:
                y, y_pred = _first_leaf(y), _first_leaf(y_pred)
            for metric, weighted in self._one:
                metric.update_state(y, y_pred, sample_weight if weighted else None)
            return
        if not self._several:
            return
        targets = dict(zip(self._outputs, per_output("y", y, self._outputs, optional=True), strict=True))
        weights = dict.fromkeys(self._outputs, sample_weight)
        if isinstance(sample_weight, (list, tuple, dict)):
            given = per_output("sample_weight", sample_weight, self._outputs, optional=True)
            weights = dict(zip(self._outputs, given, strict=True))
        for output, metric, weighted in self._several:
            weight = weights[output] if weighted else None
            metric.update_state(targets[output], at(output.path, y_pred), weight)

    def _chosen(self, choices: Any, single: bool) -> list[list[Any]]:
        """Return the list of metrics of each output."""
        if not choices:
            return [[] for _ in self._outputs]
        if single:
            return [_flat(choices)]
        return [_flat(entry) for entry in per_output("metrics", choices, self._outputs, optional=True)]

    def _add(self, output: Output, metric: Metric, weighted: bool, single: bool) -> None:
        prefix = "" if single or output.name is None else f"{output.name}_"
        taken = {name for name, _ in self.named}
        name = f"{prefix}{metric.name}"
        if name in taken and weighted:
            name = f"{prefix}weighted_{metric.name}"
        base, count = name, 0
        while name in taken:
            count += 1
            name = f"{base}_{count}"
        self.named.append((name, metric))
        if single:
            self._one.append((metric, weighted))
        else:
            self._several.append((output, metric, weighted))


def _flat(choices: Any) -> list[Any]:
    """Return the leaves of lists and dicts, None left out."""
    if isinstance(choices, dict):
        choices = list(choices.values())
    if isinstance(choices, (list, tuple)):
        return [leaf for item in choices for leaf in _flat(item)]
    return [] if choices is None else [choices]


def _each(choices: Any, check: Any) -> None:
    for choice in _flat(choices):
        check(choice)


def _first_leaf(structure: Any) -> Any:
    while isinstance(structure, (list, tuple, dict)):
        structure = next(iter(structure.values() if isinstance(structure, dict) else structure))
    return structure
