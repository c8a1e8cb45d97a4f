"""The metric protocol and the two ways to accumulate: a sum and a (weighted) mean.

Accumulators are 0-d variables that the update adds to; only `result()` is read, so an update never waits for
a number to reach Python.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from .. import _core
from .._core import Tensor
from ..dtype_form import dtype_name
from ..losses.loss import align_weights, mask_weights, to_float, to_tensor
from ..masks import Masks
from ..naming import auto_name, snake_case
from ..registry import Registry
from ..serialization import deserialize_keras_object, serialize_keras_object
from ..variable import Variable

registry = Registry("metric")


class Metric:
    """Base class: subclass it, make state with `add_weight`, define `update_state` and `result`.

    Args:
        dtype: of the result and of accumulators; float32 by default.
        name: the key in logs and History; the class name in snake_case by default, numbered from the second.

    Attributes:
        direction: "up" if larger is better, "down" if smaller, None if unknown; callbacks with
            mode="auto" read it.
    """

    direction: str | None = None

    def __init__(self, dtype: Any = None, name: str | None = None) -> None:
        self.name = name or auto_name(snake_case(type(self).__name__))
        self._dtype = dtype_name(dtype or "float32")
        self._variables: list[Variable] = []

    @property
    def dtype(self) -> str:
        """Name of the dtype of results."""
        return self._dtype

    @property
    def variables(self) -> list[Variable]:
        """The state of this metric, then that of the metrics it holds as attributes."""
        found = [*self._state()]
        for value in vars(self).values():
            if isinstance(value, Metric):
                found += value.variables
        return found

    def add_weight(
        self, shape: Any = (), initializer: Any = "zeros", dtype: Any = None, name: str | None = None
    ) -> Variable:
        """Make a variable that `reset_state` sets back to 0.

        Args:
            shape: of the variable; () by default.
            initializer: name or initializer of the first value.
            dtype: float32 by default, or any other, for instance "int32" for a count.
            name: for debugging.
        """
        state = self._state()
        variable = Variable(initializer, shape=shape, dtype=dtype or self.dtype, trainable=False, name=name)
        state.append(variable)
        return variable

    def add_variable(
        self, shape: Any, initializer: Any = "zeros", dtype: Any = None, name: str | None = None
    ) -> Variable:
        """Same as `add_weight`, with Keras's newer name."""
        return self.add_weight(shape, initializer, dtype, name)

    def update_state(self, *args: Any, **kwargs: Any) -> None:
        """Add a batch to the state."""
        raise NotImplementedError(f"{type(self).__name__} must define update_state")

    def result(self) -> Any:
        """Return the metric over everything seen since the last reset."""
        raise NotImplementedError(f"{type(self).__name__} must define result()")

    def reset_state(self) -> None:
        """Set every variable to 0: the metric has seen nothing."""
        _core.zero_each(self.variables)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Update the state and return the result."""
        self.update_state(*args, **kwargs)
        return self.result()

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal metric."""
        return {"name": self.name, "dtype": self.dtype}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Metric:
        """Make a metric from what `get_config` returned."""
        return cls(**config)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}>"

    def _state(self) -> list[Variable]:
        try:
            return self._variables
        except AttributeError:
            name = type(self).__name__
            raise RuntimeError(f"{name}.__init__ must call super().__init__() before anything else") from None


def _values(values: Any) -> Tensor:
    """Values as an untracked tensor: a metric must not keep the tape of a training step alive."""
    return _core.stop_gradient(to_tensor(values))


def _without_masked(name: str, x: Any, sample_weight: Any) -> Any:
    """Return the weights with 0 at the steps that the mask of x leaves out."""
    mask = Masks.of(x) if isinstance(x, Tensor) else None
    return sample_weight if mask is None else mask_weights(name, mask, sample_weight, "sum", _core.float32)


def _add(accumulator: Variable, value: Tensor | float) -> None:
    """Add to a 0-d accumulator: `assign_add` without its checks, which cost more than the sum."""
    accumulator._assign(accumulator + value)


@registry.register("sum")
class Sum(Metric):
    """Sum of everything seen, each sample times its weight.

    Args:
        name, dtype: as for `Metric`.
    """

    def __init__(self, name: str | None = "sum", dtype: Any = None) -> None:
        super().__init__(dtype, name)
        self.total = self.add_weight(name="total")

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        """Add values of any shape; weights are a scalar or one for each sample."""
        if sample_weight is not None and Masks.ever:
            sample_weight = _without_masked(self.name, values, sample_weight)
        values = _values(values)
        if sample_weight is not None:
            values = to_float(values)
            values = values * align_weights(self.name, sample_weight, values)
        _add(self.total, _core.sum(values))

    def result(self) -> Tensor:
        """Return the sum, 0-d."""
        return self.total.copy()


class Averaging(Metric):
    """What holds a weighted mean: a total, a count, and their quotient."""

    def __init__(self, name: str | None = None, dtype: Any = None) -> None:
        super().__init__(dtype, name)
        self.total = self.add_weight(name="total")
        self.count = self.add_weight(name="count")

    def result(self) -> Tensor:
        """Return the mean, 0-d; 0 before anything was seen."""
        return _core.running_mean(self.total, self.count)

    def _accumulate(self, values: Any, sample_weight: Any) -> None:
        if sample_weight is None or isinstance(sample_weight, (int, float)):
            _core.accumulate_mean(self.total, self.count, to_tensor(values), sample_weight)
            return
        values = to_float(_values(values))
        if values.size:
            weight = align_weights(self.name, sample_weight, values)
            total, count = _weighted_sums(values, weight)
            _add(self.total, total)
            _add(self.count, count)


def _weighted_sums(values: Tensor, weight: Tensor) -> tuple[Tensor, Tensor]:
    """What a batch adds to the total and to the count of a mean."""
    if weight.ndim == 0:
        return _core.mean(values) * weight, weight
    samples = values.shape[0]
    inner = values.size // samples  # values in one sample, of which the mean counts
    return _core.sum(values * weight) / inner, _core.sum(weight) * (samples / weight.size)


@registry.register("mean")
class Mean(Averaging):
    """Weighted mean of everything seen.

    Values with more than one axis count as the mean over their trailing axes: the count is of samples.

    Args:
        name, dtype: as for `Metric`.
    """

    def __init__(self, name: str | None = "mean", dtype: Any = None) -> None:
        super().__init__(name, dtype)

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        """Add a scalar, or a batch of values whose first axis is the samples.

        Args:
            values: numeric or bool, shape (), (n,) or (n, ...).
            sample_weight: a scalar, which makes the batch count as one value of that weight, or shape (n,)
                or more leading axes of `values`.

        Raises:
            ShapeError: the weights fit no leading axes of `values`.
        """
        if sample_weight is not None and Masks.ever:
            sample_weight = _without_masked(self.name, values, sample_weight)
        self._accumulate(values, sample_weight)


@registry.register()
class MeanMetricWrapper(Averaging):
    """Mean of a function of targets and predictions.

    Args:
        fn: `fn(y_true, y_pred, **kwargs)`, one value for each sample, or a scalar.
        name: the function's name by default.
        dtype: as for `Metric`.
        **kwargs: passed to `fn` at each update.
    """

    def __init__(
        self, fn: Callable[..., Any], name: str | None = None, dtype: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(name or getattr(fn, "__name__", None) or getattr(fn, "name", "mean"), dtype)
        self.fn = fn
        self.kwargs = kwargs

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add a batch.

        Args:
            y_true: targets, as `fn` wants them.
            y_pred: predictions, as `fn` wants them; a tape that tracks them is not extended.
            sample_weight: a scalar, or shape (n,).

        Steps that the mask of the predictions leaves out do not count.
        """
        if Masks.ever:
            sample_weight = _without_masked(self.name, y_pred, sample_weight)
        self._accumulate(self.fn(y_true, _values(y_pred), **self.kwargs), sample_weight)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "fn": serialize_keras_object(self.fn),
            **serialize_keras_object(self.kwargs),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Metric:
        return cls(**{name: deserialize_keras_object(value) for name, value in config.items()})


class FunctionMetric(MeanMetricWrapper):
    """A metric class of this package: the mean of one known function, so its config does not repeat it."""

    unwritten: ClassVar[dict[str, Any]] = {}
    """Arguments that Keras leaves out of its config, with their defaults; written where they have another value."""

    def get_config(self) -> dict[str, Any]:
        own = {
            name: value
            for name, value in self.kwargs.items()
            if name not in self.unwritten or value != self.unwritten[name]
        }
        return {"name": self.name, "dtype": self.dtype, **own}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Metric:
        return cls(**config)
