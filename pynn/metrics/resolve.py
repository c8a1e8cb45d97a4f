"""From what a user writes in `compile(metrics=[...])` to metric objects: names, functions, "accuracy"."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..losses import BinaryCrossentropy, CategoricalCrossentropy, Loss, SparseCategoricalCrossentropy
from ..serialization import serialize_keras_object
from .accuracy import BinaryAccuracy, CategoricalAccuracy, SparseCategoricalAccuracy
from .metric import MeanMetricWrapper, Metric, registry

ACCURACY_NAMES = ("accuracy", "acc")

_ACCURACY_OF_LOSS: dict[type[Loss], Callable[..., Metric]] = {
    BinaryCrossentropy: BinaryAccuracy,
    CategoricalCrossentropy: CategoricalAccuracy,
    SparseCategoricalCrossentropy: SparseCategoricalAccuracy,
}


def resolve_accuracy(
    y_shape: Sequence[int | None] | None,
    output_shape: Sequence[int | None],
    loss: Loss | None = None,
    name: str = "accuracy",
) -> Metric:
    """Return the accuracy that "accuracy" means for these targets and outputs, by Keras 3's rules.

    Args:
        y_shape: shape of the targets with the batch axis; None when unknown, then the loss decides.
        output_shape: shape of the predictions with the batch axis.
        loss: the loss that is trained with; only read when `y_shape` is None.
        name: of the metric, its key in logs.

    Returns:
        BinaryAccuracy for one output, SparseCategoricalAccuracy for labels that lack the class axis or
        have size 1 there, CategoricalAccuracy otherwise.
    """
    if len(output_shape) == 1 or output_shape[-1] == 1:
        return BinaryAccuracy(name)
    if y_shape is None:
        kind = _ACCURACY_OF_LOSS.get(type(loss), CategoricalAccuracy) if loss else CategoricalAccuracy
        return kind(name=name)
    sparse = len(y_shape) < len(output_shape) or y_shape[-1] == 1
    return SparseCategoricalAccuracy(name) if sparse else CategoricalAccuracy(name)


def get(identifier: Any) -> Any:
    """Return the metric named `identifier`; objects and functions come back as they are.

    Raises:
        ValueError: unknown name; the message proposes the nearest one.
        TypeError: not a name, a config, a class or a callable.
    """
    return registry.get(identifier)


def serialize(metric: Any) -> Any:
    """Return the config, in Keras's form, of a metric or of a function."""
    return serialize_keras_object(metric)


def deserialize(config: Any) -> Any:
    """Make a metric from what `serialize` returned; the same as `get`."""
    return get(config)


def resolve(
    identifier: Any,
    y_shape: Sequence[int | None] | None,
    output_shape: Sequence[int | None],
    loss: Loss | None = None,
) -> Metric:
    """Return the metric object for one entry of `compile(metrics=[...])`.

    A string stays the metric's name, so that History has the key the user wrote ("acc" stays "acc"); a
    function is averaged under its own name; a Metric is returned as it is.

    Args:
        identifier: name, Metric, Metric class or function of (y_true, y_pred).
        y_shape, output_shape, loss: as for `resolve_accuracy`, for "accuracy" and "acc".

    Raises:
        ValueError, TypeError: as `get`; None is a TypeError.
    """
    if isinstance(identifier, str) and identifier.lower() in ACCURACY_NAMES:
        return resolve_accuracy(y_shape, output_shape, loss, identifier)
    found = get(identifier)
    if found is None:
        raise TypeError("metric must be a name, a function or a Metric, got None")
    metric = found if isinstance(found, Metric) else MeanMetricWrapper(found)
    if isinstance(identifier, str):
        metric.name = identifier
    return metric
