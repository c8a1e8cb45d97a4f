"""Losses with Keras 3's names, defaults and string aliases.

A function returns one loss for each sample; a class (`MeanSquaredError()`) weighs and reduces them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .._core import Tensor
from ..serialization import provide, serialize_keras_object
from .circle import Circle, circle
from .ctc import CTC, ctc
from .focal import (
    BinaryFocalCrossentropy,
    CategoricalFocalCrossentropy,
    CategoricalGeneralizedCrossEntropy,
    binary_focal_crossentropy,
    categorical_focal_crossentropy,
    categorical_generalized_cross_entropy,
)
from .hinge import (
    CategoricalHinge,
    Hinge,
    SquaredHinge,
    categorical_hinge,
    hinge,
    squared_hinge,
)
from .loss import BuiltinLoss, Loss, LossFunctionWrapper, registry
from .overlap import Dice, Tversky, dice, tversky
from .probabilistic import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    KLDivergence,
    Poisson,
    SparseCategoricalCrossentropy,
    binary_crossentropy,
    categorical_crossentropy,
    kl_divergence,
    poisson,
    sparse_categorical_crossentropy,
)
from .regression import (
    CosineSimilarity,
    Huber,
    LogCosh,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    cosine_similarity,
    huber,
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
)
from .shaped import CROSSENTROPY_NAMES, ShapedCrossentropy

__all__ = [
    "CTC",
    "BinaryCrossentropy",
    "BinaryFocalCrossentropy",
    "CategoricalCrossentropy",
    "CategoricalFocalCrossentropy",
    "CategoricalGeneralizedCrossEntropy",
    "CategoricalHinge",
    "Circle",
    "CosineSimilarity",
    "Dice",
    "Hinge",
    "Huber",
    "KLDivergence",
    "LogCosh",
    "Loss",
    "LossFunctionWrapper",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "Poisson",
    "SparseCategoricalCrossentropy",
    "SquaredHinge",
    "Tversky",
    "binary_crossentropy",
    "binary_focal_crossentropy",
    "categorical_crossentropy",
    "categorical_focal_crossentropy",
    "categorical_generalized_cross_entropy",
    "categorical_hinge",
    "circle",
    "cosine_similarity",
    "ctc",
    "deserialize",
    "dice",
    "get",
    "hinge",
    "huber",
    "kl_divergence",
    "log_cosh",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_error",
    "mean_squared_logarithmic_error",
    "poisson",
    "resolve",
    "serialize",
    "sparse_categorical_crossentropy",
    "squared_hinge",
    "tversky",
]


def get(identifier: Any) -> Loss | Callable[..., Tensor] | None:
    """Return the loss named `identifier`: a function for "mse", an object for "MeanSquaredError".

    Raises:
        ValueError: unknown name; the message proposes the nearest one.
        TypeError: not a name, a config or a callable.
    """
    found: Loss | Callable[..., Tensor] | None = registry.get(identifier)
    return found


def serialize(loss: Any) -> Any:
    """Return the config, in Keras's form, of a loss or of a function."""
    return serialize_keras_object(loss)


def deserialize(config: Any) -> Loss | Callable[..., Tensor] | None:
    """Make a loss from what `serialize` returned; the same as `get`."""
    return get(config)


def resolve(identifier: Any) -> Loss:
    """Return what `compile(loss=identifier)` trains with: always a `Loss` that averages over the batch.

    A name or function of this package gives the class with the fused mean; any other function is wrapped.
    "crossentropy" or "ce" is the one that suits the shapes of targets and outputs.

    Raises:
        ValueError, TypeError: as `get`; None is a TypeError.
    """
    if isinstance(identifier, str) and identifier.lower() in CROSSENTROPY_NAMES:
        return ShapedCrossentropy(identifier)
    found = get(identifier)
    if isinstance(found, Loss):
        return found
    if found is None:
        raise TypeError("loss must be a name, a function or a Loss, got None")
    for builtin in BuiltinLoss.__subclasses__():
        if builtin.function is found:
            return builtin(name=found.__name__)
    return LossFunctionWrapper(found)


provide("keras.losses", globals(), __name__)
