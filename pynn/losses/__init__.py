"""Losses with Keras 3's names, defaults and string aliases.

A function returns one loss for each sample; a class (`MeanSquaredError()`) weighs and reduces them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .._core import Tensor
from .hinge import (
    CategoricalHinge,
    Hinge,
    SquaredHinge,
    categorical_hinge,
    hinge,
    squared_hinge,
)
from .loss import BuiltinLoss, Loss, LossFunctionWrapper, registry
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

__all__ = [
    "BinaryCrossentropy",
    "CategoricalCrossentropy",
    "CategoricalHinge",
    "CosineSimilarity",
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
    "binary_crossentropy",
    "categorical_crossentropy",
    "categorical_hinge",
    "cosine_similarity",
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
    "sparse_categorical_crossentropy",
    "squared_hinge",
]


def get(identifier: Any) -> Loss | Callable[..., Tensor] | None:
    """Return the loss named `identifier`: a function for "mse", an object for "MeanSquaredError".

    Raises:
        ValueError: unknown name; the message proposes the nearest one.
        TypeError: not a name, a config or a callable.
    """
    found: Loss | Callable[..., Tensor] | None = registry.get(identifier)
    return found


def resolve(identifier: Any) -> Loss:
    """Return what `compile(loss=identifier)` trains with: always a `Loss` that averages over the batch.

    A name or function of this package gives the class with the fused mean; any other function is wrapped.

    Raises:
        ValueError, TypeError: as `get`; None is a TypeError.
    """
    found = get(identifier)
    if isinstance(found, Loss):
        return found
    if found is None:
        raise TypeError("loss must be a name, a function or a Loss, got None")
    for builtin in BuiltinLoss.__subclasses__():
        if builtin.function is found:
            return builtin(name=found.__name__)
    return LossFunctionWrapper(found)
