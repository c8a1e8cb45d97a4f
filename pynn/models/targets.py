"""Whether targets suit the model and its loss, found before training starts; and weights of classes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

import numpy as np

from .. import _core, losses
from .._core import ShapeError, Tensor
from ..losses.loss import FLOATS, BuiltinLoss
from ..losses.shaped import ShapedCrossentropy

Dims = tuple[int | None, ...]


def check_targets(y: Any, output_shape: Any, loss: Any) -> None:
    """Raise if the targets cannot be what the model should learn.

    Args:
        y: all targets, a tensor (n, ...); anything else is not checked.
        output_shape: of the model, None for the batch; None if it is not known yet.
        loss: a Loss; only pynn's own are known well enough to check shapes and labels.

    Raises:
        ShapeError: y has not the shape that the loss compares with this output.
        ValueError: y holds NaN, or for a sparse loss anything but class numbers in range.
    """
    if not isinstance(y, Tensor):
        return
    if y.dtype in FLOATS and bool(_core.any(_core.isnan(y))):
        _refuse_nan(Tensor.numpy(y))
    if not isinstance(output_shape, tuple) or not output_shape:
        return
    if isinstance(loss, ShapedCrossentropy):
        loss = loss.for_shapes(y.shape, output_shape)
    if isinstance(loss, losses.SparseCategoricalCrossentropy):
        if loss.kwargs["axis"] == -1:
            _check_sparse_shape(y.shape, output_shape)
            _check_classes(y, output_shape[-1], loss.kwargs["ignore_class"])
    elif isinstance(loss, BuiltinLoss) and loss.targets_like_outputs:
        _check_same_shape(y.shape, output_shape, loss)


def class_weights(y: Any, class_weight: Mapping[int, float]) -> np.ndarray[Any, Any]:
    """Return one float32 weight for each target.

    Args:
        y: class numbers, shape (n,) or (n, 1), or one-hot rows (n, C).
        class_weight: weight of each class; a class that is not there weighs 1.

    Raises:
        ValueError: the targets do not have one of these shapes.
    """
    values = Tensor.numpy(y) if isinstance(y, Tensor) else None
    if values is None or values.ndim not in (1, 2):
        shape = "no single array" if values is None else f"the shape {values.shape}"
        raise ValueError(f"class_weight needs class numbers (n,) or one-hot rows (n, C), y has {shape}")
    if values.ndim == 2:
        values = values.argmax(axis=1) if values.shape[1] > 1 else values[:, 0]
    classes, positions = np.unique(values, return_inverse=True)
    weights = np.array([class_weight.get(int(label), 1.0) for label in classes], dtype="float32")
    return weights[positions.reshape(-1)]


def _refuse_nan(values: np.ndarray[Any, Any]) -> NoReturn:
    first = tuple(int(index) for index in np.argwhere(np.isnan(values))[0])
    raise ValueError(f"y contains NaN, first at index {first[0] if len(first) == 1 else first}")


def _check_sparse_shape(shape: Dims, output_shape: Dims) -> None:
    if _fits(shape, output_shape[:-1]) or _fits(shape, (*output_shape[:-1], 1)):
        return
    hint = ""
    if _fits(shape, output_shape):
        hint = "; for one-hot targets use 'categorical_crossentropy'"
    raise ShapeError(
        f"y has shape {shape} but the model's output has shape {output_shape}, so "
        f"sparse_categorical_crossentropy expects one class number each: {output_shape[:-1]}{hint}"
    )


def _check_classes(y: Tensor, classes: int | None, ignored: int | None) -> None:
    if classes is None or _core.are_classes(y, classes):
        return
    values = Tensor.numpy(y)
    values = values[values != ignored]
    if not _core.are_classes(_core.asarray(values), classes):
        _refuse_labels(values, classes)


def _refuse_labels(values: np.ndarray[Any, Any], classes: int) -> NoReturn:
    low, high = values.min(), values.max()
    if low < 0 or high >= classes:
        wrong = low if low < 0 else high
        raise ValueError(f"y contains {wrong} but the model has {classes} classes (valid 0..{classes - 1})")
    wrong = values[values != np.floor(values)].flat[0]
    raise ValueError(f"y contains {wrong}, which is not a class number")


def _check_same_shape(shape: Dims, output_shape: Dims, loss: losses.Loss) -> None:
    if _fits(shape, output_shape) or _fits((*shape, 1), output_shape) or _fits(shape, (*output_shape, 1)):
        return
    hint = ""
    if isinstance(loss, losses.CategoricalCrossentropy) and _fits(shape[:1], output_shape[:-1]):
        hint = "; for class numbers use 'sparse_categorical_crossentropy' or to_categorical(y)"
    raise ShapeError(
        f"y has shape {shape} but the model's output has shape {output_shape}; {loss.name} compares them "
        f"value by value{hint}"
    )


def _fits(shape: Dims, expected: Dims) -> bool:
    """Return whether every size is the expected one; None fits any."""
    if len(shape) != len(expected):
        return False
    for size, other in zip(shape, expected, strict=True):
        if size != other and size is not None and other is not None:
            return False
    return True
