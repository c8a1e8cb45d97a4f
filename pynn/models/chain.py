"""Which Sequential models take the short way through a training step: one call into C++ up to the gradients, or
little more than that for all of it."""

from __future__ import annotations

from typing import Any

from .. import _core, activations, losses
from .._core import Tensor
from ..layers.core import Dense, Flatten
from ..layers.layer import AddedLosses, Layer
from ..masks import Masks
from ..metrics import CategoricalAccuracy, Mean, Metric, SparseCategoricalAccuracy
from .learner import Learner


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


class WholeStep:
    """What `train_step` does with x and y where it is the usual: learn, update, count.

    The results are equal to the bit. Gradients go where the optimizer wants them, and means are counted in C++.

    Args:
        model: a compiled model that learns by `chain`.
        chain: its step up to the gradients.
        places: where its optimizer reads gradients.
        metrics: the mean loss, then accuracies, by name.
        sample: the shape of one sample, None for any size; None where the first layer says enough.
    """

    def __init__(
        self,
        model: Learner,
        chain: _core.Chain,
        places: list[Tensor],
        metrics: list[tuple[str, Any]],
        sample: tuple[int | None, ...] | None,
    ) -> None:
        self._model, self._optimizer = model, model.optimizer
        self._names = [name for name, _ in metrics]
        means = [(metric.total, metric.count) for _, metric in metrics]
        sizes = None if sample is None else [-1 if size is None else size for size in sample]
        self._step = _core.ChainStep(chain, places, means, sizes)

    def __call__(self, x: Any, y: Any, anew: bool) -> dict[str, float] | None:
        """Take a step, or return None with nothing done: then `train_step` finds what is unusual, or wrong.

        Args:
            x, y: a batch, tensors or NumPy arrays.
            anew: whether metrics begin anew.

        Returns:
            The logs.
        """
        optimizer = self._optimizer
        if (
            not optimizer.is_plain
            or (Masks.ever and Masks.of(x) is not None)
            or (AddedLosses.ever and self._model.losses)
            or not self._step.learn(x, y)
        ):
            return None
        optimizer.apply_placed()
        return dict(zip(self._names, self._step.count(anew), strict=True))


_PARTS = ("train_step", "compute_metrics", "get_metrics_result", "reset_metrics", "_track_loss", "metrics")


def whole_step_of(
    model: Learner, chain: _core.Chain | None, sources: list[Any], sample: tuple[int | None, ...] | None
) -> WholeStep | None:
    """Return all of a compiled model's training step, or None where it has more to it.

    It has where a part of `train_step` is not Learner's, the optimizer has seen no step or has one of its own, or a
    metric is anything but the mean loss and the accuracy that goes with it.

    Args:
        model: the model.
        chain: its step up to the gradients.
        sources: the variables to learn.
        sample: see `WholeStep`.
    """
    kind, own = type(model), vars(model)
    if chain is None or any(getattr(kind, name) is not getattr(Learner, name) or name in own for name in _PARTS):
        return None
    metrics = model._named_metrics()
    compiled = model._compiled_metrics
    first, *others = [metric for _, metric in metrics] or [None]
    if compiled is None or not compiled.built or first is not model._loss_tracker or others != compiled.metrics:
        return None
    sparse = type(model._loss) is losses.SparseCategoricalCrossentropy
    accuracy = SparseCategoricalAccuracy if sparse else CategoricalAccuracy
    if not _is_usual(first, Mean) or not all(_is_usual(metric, accuracy) for metric in others):
        return None
    penalized = any(variable.regularizer is not None for variable in sources)
    places = None if penalized else model.optimizer.places(sources)
    return None if places is None else WholeStep(model, chain, places, list(metrics), sample)


def _is_usual(metric: Any, kind: type[Metric]) -> bool:
    """Return whether a metric is of this very class, and as the class makes it."""
    return type(metric) is kind and not vars(metric).keys() & {"update_state", "result", "reset_state"}


def chain_of(layers: tuple[Layer, ...], sources: list[Any], loss: Any) -> _core.Chain | None:
    """Return the training step of these layers as one call, or None where it has more to it.

    It has where a layer is anything but Dense or Flatten, of one dtype, with an activation that `_core.linear` knows
    and no penalty of its outputs, or where the loss is not a plain mean of cross-entropies.

    Args:
        layers: all of a Sequential model's, built.
        sources: the variables to learn.
        loss: what it was compiled with.
    """
    from_logits = _plain_cross_entropy(loss)
    if from_logits is None or not sources or len({layer._dtype for layer in layers}) != 1:
        return None
    parts: list[tuple[Tensor | None, Tensor | None, str]] = []
    for layer in layers:
        if layer.activity_regularizer is not None or "call" in vars(layer):
            return None
        if type(layer) is Dense and layer.built:
            fused = activations.FUSED.get(
                layer.activation, "" if layer.activation is activations.linear else None
            )
            if fused is None:
                return None
            parts.append((layer.kernel, layer.bias, fused))
        elif type(layer) is Flatten and layer.data_format == "channels_last":
            parts.append((None, None, ""))
        else:
            return None
    sparse = type(loss) is losses.SparseCategoricalCrossentropy
    return _core.Chain(parts, sources, sparse, from_logits)


def _plain_cross_entropy(loss: Any) -> bool | None:
    """Return whether it is one of logits; None if it is anything but a mean of cross-entropies."""
    usual = {"axis": -1, "ignore_class": None, "label_smoothing": 0.0}
    if type(loss) not in (losses.SparseCategoricalCrossentropy, losses.CategoricalCrossentropy):
        return None
    options = loss.kwargs
    if loss.dtype is not None or loss.reduction not in ("sum_over_batch_size", "mean"):
        return None
    if any(options[name] != value for name, value in usual.items() if name in options):
        return None
    return bool(options["from_logits"])
