"""Which Sequential models take the short way through a training step, up to its gradients or all of it."""

from __future__ import annotations

from typing import Any

from .. import _core, activations, losses
from .._core import Tensor
from ..layers.core import Dense, Flatten
from ..layers.layer import Layer
from ..layers.spec import InputSpec
from ..metrics import CategoricalAccuracy, Mean, Metric, SparseCategoricalAccuracy
from ..optimizers.prepared import prepared
from .learner import Learner
from .short_way import WholeStep

_PARTS = ("train_step", "compute_metrics", "get_metrics_result", "reset_metrics", "_track_loss", "metrics")


def whole_step_of(
    model: Learner, chain: _core.Chain, sources: list[Any], spec: InputSpec | None
) -> WholeStep | None:
    """Return all of a compiled model's training step, or None where it has more to it.

    It has where a part of `train_step` is not Learner's, the optimizer has seen no step or does more than one pass, or
    a metric is anything but the mean loss and the accuracy that goes with it.

    Args:
        model: the model.
        chain: its step up to the gradients.
        sources: the variables to learn.
        spec: what the model asks of its input.
    """
    if not model._keeps(*_PARTS):
        return None
    metrics, compiled = model._named_metrics(), model._compiled_metrics
    means: list[Any] = [metric for _, metric in metrics]
    if compiled is None or not compiled.built or means != [model._loss_tracker, *compiled.metrics]:
        return None
    sparse = type(model._loss) is losses.SparseCategoricalCrossentropy
    accuracy = SparseCategoricalAccuracy if sparse else CategoricalAccuracy
    if not _is_usual(means[0], Mean) or not all(_is_usual(metric, accuracy) for metric in means[1:]):
        return None
    if model._device is not None or any(variable.regularizer is not None for variable in sources):
        return None
    sample = None
    if spec is not None:
        if spec.shape is None:
            return None
        sample = [-1 if size is None else size for size in spec.shape[1:]]
    steps = prepared(model.optimizer, sources)
    if steps is None:
        return None
    counted = [(name, mean.total, mean.count) for (name, _), mean in zip(metrics, means, strict=True)]
    step = _core.ChainStep(chain, steps.places, steps.updates, model.optimizer.iterations, counted, sample)
    return WholeStep(model, step, steps.rate, model._keeps("test_step"))


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
