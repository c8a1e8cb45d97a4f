"""F-scores: precision and recall in one number. Formulas are those of Keras 3."""

from __future__ import annotations

from typing import Any

from .. import _core
from .._core import Tensor
from ..losses.loss import align, align_weights
from ..losses.regression import EPSILON
from .metric import Metric, registry

AVERAGES = (None, "micro", "macro", "weighted")


@registry.register("f_beta_score")
class FBetaScore(Metric):
    """(1 + beta²) P R / (beta² P + R) from precision P and recall R; recall counts beta times as much.

    Args:
        average: None for a score of each class, "macro" for their mean, "weighted" for their mean by number of
            samples, "micro" for the score of all decisions together.
        beta: see above.
        threshold: above which a class is predicted; None for the class of the highest score.
        name, dtype: as for `Metric`.

    Raises:
        ValueError: another average, beta not positive, or a threshold outside (0, 1].
    """

    direction = "up"

    def __init__(
        self,
        average: str | None = None,
        beta: float = 1.0,
        threshold: float | None = None,
        name: str | None = "fbeta_score",
        dtype: Any = None,
    ) -> None:
        super().__init__(dtype, name)
        kind = type(self).__name__
        if average not in AVERAGES:
            raise ValueError(f"{kind}: average must be None, 'micro', 'macro' or 'weighted', got {average!r}")
        if not beta > 0:
            raise ValueError(f"{kind}: beta must be positive, got {beta!r}")
        if threshold is not None and not 0 < threshold <= 1:
            raise ValueError(f"{kind}: threshold must lie in (0, 1], got {threshold!r}")
        self.average, self.beta, self.threshold = average, beta, threshold
        self._built = False

    def _build(self, classes: int) -> None:
        shape = () if self.average == "micro" else (classes,)
        self.right, self.predicted, self.present = (
            self.add_weight(shape, name=name) for name in ("right", "predicted", "present")
        )
        self._built = True

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add a batch.

        Args:
            y_true: 0 and 1, shape (n, classes).
            y_pred: scores, shape (n, classes).
            sample_weight: a scalar or shape (n,).

        Raises:
            ShapeError: the shapes are not these.
        """
        true, pred = align(self.name, y_true, _core.stop_gradient(_core.asarray(y_pred)))
        if pred.ndim != 2:
            raise _core.ShapeError(f"{self.name}: expected scores (n, classes), got shape {pred.shape}")
        if not self._built:
            self._build(pred.shape[1])
        chosen = self._chosen(pred).astype(pred.dtype)
        axis = None if self.average == "micro" else 0
        for total, values in ((self.right, chosen * true), (self.predicted, chosen), (self.present, true)):
            if sample_weight is not None:
                values = values * align_weights(self.name, sample_weight, values)
            total.assign_add(_core.sum(values, axis=axis))

    def _chosen(self, pred: Tensor) -> Tensor:
        if self.threshold is not None:
            return pred > self.threshold
        highest = pred >= _core.max(pred, axis=-1, keepdims=True)
        return _core.logical_and(highest, _core.abs(pred) > 1e-9)  # a row of zeros chooses nothing

    def result(self) -> Tensor:
        if not self._built:
            return _core.zeros((), dtype=self.dtype)
        precision = self.right / (self.predicted + EPSILON)
        recall = self.right / (self.present + EPSILON)
        factor = self.beta**2
        scores = (1.0 + factor) * precision * recall / (factor * precision + recall + EPSILON)
        if self.average == "weighted":
            return _core.sum(scores * self.present / (_core.sum(self.present) + EPSILON))
        return scores if self.average is None else _core.mean(scores)

    def get_config(self) -> dict[str, Any]:
        own = {"average": self.average, "beta": self.beta, "threshold": self.threshold}
        return {**super().get_config(), **own}


@registry.register("f1_score")
class F1Score(FBetaScore):
    """2 P R / (P + R) from precision P and recall R. Arguments as for `FBetaScore`."""

    def __init__(
        self,
        average: str | None = None,
        threshold: float | None = None,
        name: str | None = "f1_score",
        dtype: Any = None,
    ) -> None:
        super().__init__(average, 1.0, threshold, name, dtype)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["beta"]
        return config
