"""Intersection over union: of the samples (pixels) that are or are said to be of a class, those that are both.

Names, arguments and formulas are those of Keras 3.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from .. import _core
from .._core import Tensor
from ..losses.loss import to_tensor
from ..losses.regression import EPSILON
from .metric import Metric, registry


@registry.register("io_u")
class IoU(Metric):
    """Mean intersection over union of some classes; classes that did not occur do not count.

    Args:
        num_classes: how many classes there are.
        target_class_ids: those that are averaged.
        name: as for `Metric`.
        dtype: in which samples are counted; "int64" by default, and then weights are whole numbers too.
        ignore_class: samples of this class are left out.
        sparse_y_true, sparse_y_pred: whether they are class numbers; if not, the class is the highest score.
        axis: along which the scores lie.

    Raises:
        ValueError: a target class is out of range.
    """

    direction = "up"

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Sequence[int],
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        super().__init__(dtype or "int64", name)
        wrong = [i for i in target_class_ids if not 0 <= i < num_classes]
        if wrong:
            kind = type(self).__name__
            raise ValueError(f"{kind}: target class {wrong[0]} is out of range (valid 0..{num_classes - 1})")
        self.num_classes, self.target_class_ids = num_classes, list(target_class_ids)
        self.ignore_class, self.axis = ignore_class, axis
        self.sparse_y_true, self.sparse_y_pred = sparse_y_true, sparse_y_pred
        self.total_cm = self.add_weight((num_classes, num_classes), name="total_confusion_matrix")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add a batch.

        Args:
            y_true, y_pred: class numbers of one shape, or scores; other numbers than classes are left out.
            sample_weight: a scalar, or one for each class number.

        Raises:
            ShapeError: there are not as many targets as predictions.
        """
        true, pred = self._classes(y_true, self.sparse_y_true), self._classes(y_pred, self.sparse_y_pred)
        if true.shape != pred.shape:
            raise _core.ShapeError(f"{self.name}: {true.size} targets for {pred.size} predictions")
        valid = (true >= 0) & (true < self.num_classes) & (pred >= 0) & (pred < self.num_classes)
        if self.ignore_class is not None:
            valid = valid & (true != self.ignore_class)
        weight = self._weights(sample_weight, true.shape) * valid.astype("float64")
        zero = _core.zeros_like(true)
        rows, columns = (
            _core.one_hot(_core.where(valid, x, zero), self.num_classes).astype("float64")
            for x in (true, pred)
        )
        matrix = _core.matmul(_core.matrix_transpose(rows), columns * weight[:, None])
        self.total_cm.assign_add(matrix.astype(self.dtype))

    def _classes(self, values: Any, sparse: bool) -> Tensor:
        tensor = to_tensor(values)
        if not sparse:
            tensor = _core.argmax(tensor, axis=self.axis)
        return _core.reshape(tensor.astype("int64"), (-1,))

    def _weights(self, sample_weight: Any, shape: tuple[int, ...]) -> Tensor:
        if sample_weight is None:
            return _core.ones(shape, dtype="float64")
        weight = to_tensor(sample_weight)
        if "int" in self.dtype and "float" in str(weight.dtype):
            warnings.warn(
                f"{self.name}: sample_weight loses its fractions, as dtype is {self.dtype}; pass dtype='float32'",
                stacklevel=3,
            )
        weight = weight.astype(self.dtype).astype("float64")
        return _core.broadcast_to(_core.reshape(weight, (-1,)) if weight.ndim else weight, shape)

    def result(self) -> Tensor:
        matrix = self.total_cm.astype("float32")
        chosen = _core.asarray(self.target_class_ids, dtype="int64")
        both = _core.take(_core.sum(matrix * _core.eye(self.num_classes), axis=0), chosen)
        either = _core.take(_core.sum(matrix, axis=0) + _core.sum(matrix, axis=1), chosen) - both
        count = _core.sum((either > 1e-9).astype("float32"))
        return _core.sum(both / (either + EPSILON)) / (count + EPSILON)

    def get_config(self) -> dict[str, Any]:
        own = ("num_classes", "target_class_ids", "ignore_class", "sparse_y_true", "sparse_y_pred", "axis")
        return {**super().get_config(), **{name: getattr(self, name) for name in own}}


class _Fixed(IoU):
    """An IoU some of whose arguments are fixed by the class."""

    def _without(self, *names: str) -> dict[str, Any]:
        return {key: value for key, value in IoU.get_config(self).items() if key not in names}


@registry.register("mean_io_u")
class MeanIoU(_Fixed):
    """Mean intersection over union of all classes. Arguments as for `IoU`."""

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        targets = range(num_classes)
        super().__init__(num_classes, targets, name, dtype, ignore_class, sparse_y_true, sparse_y_pred, axis)

    def get_config(self) -> dict[str, Any]:
        return self._without("target_class_ids")


@registry.register("one_hot_io_u")
class OneHotIoU(_Fixed):
    """`IoU` of one-hot targets and scores."""

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Sequence[int],
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ) -> None:
        super().__init__(num_classes, target_class_ids, name, dtype, ignore_class, False, sparse_y_pred, axis)

    def get_config(self) -> dict[str, Any]:
        return self._without("sparse_y_true")


@registry.register("one_hot_mean_io_u")
class OneHotMeanIoU(_Fixed):
    """`MeanIoU` of one-hot targets and scores."""

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ) -> None:
        targets = range(num_classes)
        super().__init__(num_classes, targets, name, dtype, ignore_class, False, sparse_y_pred, axis)

    def get_config(self) -> dict[str, Any]:
        return self._without("target_class_ids", "sparse_y_true")


@registry.register("binary_io_u")
class BinaryIoU(_Fixed):
    """`IoU` of classes 0 and 1, predicted as probabilities of 1.

    Args:
        target_class_ids: (0, 1) for the mean of both, [1] for the second alone.
        threshold: from which on a prediction is 1.
        name, dtype: as for `IoU`.
    """

    def __init__(
        self,
        target_class_ids: Sequence[int] = (0, 1),
        threshold: float = 0.5,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(2, target_class_ids, name, dtype)
        self.threshold = threshold

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        super().update_state(y_true, to_tensor(y_pred) >= self.threshold, sample_weight)

    def get_config(self) -> dict[str, Any]:
        fixed = ("num_classes", "ignore_class", "sparse_y_true", "sparse_y_pred", "axis")
        return {**self._without(*fixed), "threshold": self.threshold}
