"""What every loss shares: lining up targets and predictions, and reducing per-sample losses to one number.

No formula stands here; those are in regression.py, probabilistic.py and hinge.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from .. import _core
from .._core import Tensor
from ..masks import Masks
from ..naming import snake_case
from ..registry import Registry
from ..serialization import deserialize_keras_object, serialize_keras_object

registry = Registry("loss")

# The commonest first: a look into a tuple ends at the very object that it finds.
FLOATS = (_core.float32, _core.float64, _core.float16, _core.bfloat16)
INTEGERS = (
    *(_core.int64, _core.int32, _core.uint8),
    *(_core.int8, _core.int16, _core.uint16, _core.uint32, _core.uint64),
)

REDUCTIONS = ("sum_over_batch_size", "mean", "mean_with_sample_weight", "sum", "none", None)


def to_tensor(x: Any, dtype: Any = None) -> Tensor:
    """Return x as a Tensor; with `dtype`, cast to it where it differs. A Tensor keeps its tape."""
    tensor = x if isinstance(x, Tensor) else _core.asarray(x)
    return tensor if dtype is None or tensor.dtype == dtype else tensor.astype(dtype)


def to_float(x: Any) -> Tensor:
    """Return x as a float Tensor: float dtypes stay, everything else becomes float32."""
    tensor = x if isinstance(x, Tensor) else _core.asarray(x)
    return tensor if tensor.dtype in FLOATS else tensor.astype("float32")


def same_rank(y_true: Tensor, y_pred: Tensor) -> tuple[Tensor, Tensor]:
    """Line up two tensors whose ranks differ by one because the last axis, of size 1, is missing in one.

    (n, 1) against (n,) becomes (n, 1) against (n, 1); (n, t, 1) against (n, t) becomes (n, t) twice.
    Anything else is returned as it came, for the caller to judge.
    """
    if y_true.ndim == y_pred.ndim + 1:
        y_pred, y_true = same_rank(y_pred, y_true)
    elif y_pred.ndim == y_true.ndim + 1 and y_pred.shape[-1] == 1:
        if y_true.ndim == 1:
            return _core.expand_dims(y_true, -1), y_pred
        return y_true, _core.squeeze(y_pred, -1)
    return y_true, y_pred


def align(name: str, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
    """Return targets and predictions as float tensors of one shape and dtype, that of the predictions.

    Raises:
        ShapeError: the shapes differ by more than a last axis of size 1. Nothing is broadcast: (n, 1)
            minus (n,) would be an (n, n) table whose mean is a wrong loss.
    """
    pred = to_float(y_pred)
    true = to_tensor(y_true, pred.dtype)
    if true.shape != pred.shape:
        given = f"y_true {true.shape} and y_pred {pred.shape}"
        true, pred = same_rank(true, pred)
        if true.shape != pred.shape:
            raise _core.ShapeError(f"{name}: shapes of {given} do not match")
    if pred.ndim == 0:
        raise _core.ShapeError(f"{name}: y_true and y_pred need at least one axis, got shape ()")
    return true, pred


def align_weights(name: str, sample_weight: Any, values: Tensor) -> Tensor:
    """Return the weights with as many axes as `values`, so that they multiply without crossing samples.

    Raises:
        ShapeError: the weights are neither a scalar nor shaped like the leading axes of `values`.
    """
    weight = to_tensor(sample_weight, values.dtype)
    given = weight.shape
    if weight.ndim == values.ndim + 1 and given[-1] == 1:
        weight = _core.squeeze(weight, -1)
    if weight.ndim == 0:
        return weight
    fits = weight.ndim <= values.ndim and all(
        w in (1, v) for w, v in zip(weight.shape, values.shape, strict=False)
    )
    if not fits or weight.shape[0] != values.shape[0]:
        raise _core.ShapeError(
            f"{name}: sample_weight has shape {given} but the values to weigh have shape {values.shape}"
        )
    return _core.reshape(weight, weight.shape + (1,) * (values.ndim - weight.ndim))


def reduce(name: str, values: Tensor, sample_weight: Any, reduction: str | None) -> Tensor:
    """Weigh per-sample losses and reduce them; an empty batch, or weights that sum to 0, give 0."""
    weight = None
    if sample_weight is not None:
        weight = align_weights(name, sample_weight, values)
        values = values * weight
    if reduction in (None, "none"):
        return values
    total = _core.sum(values)
    if reduction == "sum":
        return total
    if reduction == "mean_with_sample_weight" and weight is not None:
        divisor = float(_core.sum(_core.broadcast_to(weight, values.shape)))
    else:
        divisor = float(values.size)
    return total / divisor if divisor else total * 0.0


def mask_weights(name: str, mask: Tensor, sample_weight: Any, reduction: str | None, dtype: Any) -> Tensor:
    """Return the weights that leave out samples whose mask is False, and make a mean one over the others."""
    weight = mask.astype(dtype)
    valid = float(_core.sum(weight))
    if reduction in ("mean", "sum_over_batch_size") and valid:
        weight = weight * (mask.size / valid)
    return weight if sample_weight is None else weight * align_weights(name, sample_weight, weight)


class Loss:
    """Base class of losses: subclass it and write `call(y_true, y_pred)`, which returns per-sample losses.

    Args:
        name: how error messages and logs call it.
        reduction: "sum_over_batch_size" and "mean" divide the sum of the weighted losses by their number,
            "mean_with_sample_weight" by the sum of the weights, "sum" does not divide, and "none" or
            None returns the losses of the samples.
        dtype: cast predictions to this first; by default their own float dtype is kept.

    Raises:
        ValueError: unknown reduction.
    """

    def __init__(
        self, name: str | None = None, reduction: str | None = "sum_over_batch_size", dtype: Any = None
    ) -> None:
        if reduction not in REDUCTIONS:
            known = ", ".join(repr(r) for r in REDUCTIONS)
            raise ValueError(f"unknown reduction {reduction!r}; expected one of {known}")
        self.name = name or snake_case(type(self).__name__)
        self.reduction = reduction
        self.dtype = dtype

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Tensor:
        """Return the reduced loss.

        Args:
            y_true: targets; any numeric dtype.
            y_pred: predictions.
            sample_weight: a scalar, or one weight for each sample (and, with more axes, each step).

        Steps that the mask of the predictions leaves out do not count.

        Raises:
            ShapeError: targets, predictions or weights do not fit together.
        """
        pred = to_float(y_pred) if self.dtype is None else to_tensor(y_pred, self.dtype)
        mask = Masks.of(y_pred) if Masks.ever and isinstance(y_pred, Tensor) else None
        if mask is not None:
            sample_weight = mask_weights(self.name, mask, sample_weight, self.reduction, pred.dtype)
        if sample_weight is None and pred.size and self.reduction not in (None, "none", "sum"):
            mean = self.mean(y_true, pred)
            if mean is not None:
                return mean
        return reduce(self.name, self.call(y_true, pred), sample_weight, self.reduction)

    def call(self, y_true: Any, y_pred: Any) -> Tensor:
        """Return the losses of the samples, without weights and reduction."""
        raise NotImplementedError(f"{type(self).__name__} must define call(self, y_true, y_pred)")

    def mean(self, y_true: Any, y_pred: Tensor) -> Tensor | None:
        """Return the unweighted mean in one fused operation where there is one; None where there is not."""
        return None

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal loss."""
        return {"name": self.name, "reduction": self.reduction}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Loss:
        """Make a loss from what `get_config` returned."""
        return cls(**config)

    def __repr__(self) -> str:
        arguments = ", ".join(f"{key}={value!r}" for key, value in self.get_config().items())
        return f"{type(self).__name__}({arguments})"


class LossFunctionWrapper(Loss):
    """A loss from a function `fn(y_true, y_pred, **kwargs)` that returns per-sample losses.

    The function gets (n,) beside (n, 1) as (n, 1) twice: their difference would be an (n, n) table.

    Args:
        fn: the function.
        reduction, name, dtype: as for `Loss`; the name defaults to the function's.
        **kwargs: passed to `fn` at each call.
    """

    def __init__(
        self,
        fn: Callable[..., Any],
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name or getattr(fn, "__name__", None), reduction, dtype)
        self.fn = fn
        self.kwargs = kwargs

    def call(self, y_true: Any, y_pred: Any) -> Tensor:
        if isinstance(y_true, Tensor) and isinstance(y_pred, Tensor) and y_true.ndim != y_pred.ndim:
            y_true, y_pred = same_rank(y_true, y_pred)
        return to_float(self.fn(y_true, y_pred, **self.kwargs))

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "fn": serialize_keras_object(self.fn),
            **serialize_keras_object(self.kwargs),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Loss:
        return cls(**{name: deserialize_keras_object(value) for name, value in config.items()})


class BuiltinLoss(LossFunctionWrapper):
    """A loss class that belongs to one function of this package, `function`, and is named after it."""

    function: ClassVar[Callable[..., Tensor]]
    targets_like_outputs: ClassVar[bool] = True
    """Whether targets have the shape of the predictions."""

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(type(self).function, reduction, name, dtype, **kwargs)

    unwritten: ClassVar[dict[str, Any]] = {}
    """Arguments that Keras leaves out of its config, with their defaults; written where they have another value."""

    def get_config(self) -> dict[str, Any]:
        own = {
            name: value
            for name, value in self.kwargs.items()
            if name not in self.unwritten or value != self.unwritten[name]
        }
        return {"name": self.name, "reduction": self.reduction, **own}
