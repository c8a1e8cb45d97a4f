"""First values of weights: Keras's initializers, names and defaults alike.

An initializer is called with a shape and a dtype and returns a new tensor. With `seed` it returns the
same values at every call; without, it draws from `pynn.random`, whose seed then repeats a whole model.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from . import _core, config, random
from ._core import Tensor
from .registry import Registry
from .serialization import deserialize_keras_object, provide, serialize_keras_object

registry = Registry("initializer")

Shape = tuple[int, ...]

# Standard deviation of N(0, 1) cut at +-2: sqrt(1 - 4 phi(2) / (2 Phi(2) - 1)), with phi and Phi the normal
# density and distribution. VarianceScaling divides by it, so that what is kept has the variance asked for.
_CUT_NORMAL_STDDEV = 0.87962566103423978


class Initializer:
    """Base class. `__call__(shape, dtype)` makes the values; attributes are the constructor's arguments."""

    def __call__(self, shape: Shape, dtype: Any = None) -> Tensor:
        """Return a new tensor of `shape`; dtype None means `pynn.config.floatx()`."""
        raise NotImplementedError(f"{type(self).__name__} must define __call__(self, shape, dtype=None)")

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {name: value for name, value in vars(self).items() if not name.startswith("_")}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Initializer:
        """Make an initializer from what `get_config` returned."""
        return cls(**config)

    def __repr__(self) -> str:
        arguments = ", ".join(f"{name}={value!r}" for name, value in self.get_config().items())
        return f"{type(self).__name__}({arguments})"


@registry.register("zeros", "zero")
class Zeros(Initializer):
    """All 0."""

    def __call__(self, shape: Shape, dtype: Any = None) -> Tensor:
        return _core.zeros(shape, dtype=dtype or config.floatx())


@registry.register("ones", "one")
class Ones(Initializer):
    """All 1."""

    def __call__(self, shape: Shape, dtype: Any = None) -> Tensor:
        return _core.ones(shape, dtype=dtype or config.floatx())


@registry.register("constant")
class Constant(Initializer):
    """All `value`, a number, or an array that broadcasts to the shape."""

    def __init__(self, value: Any = 0.0) -> None:
        self.value = value

    def __call__(self, shape: Shape, dtype: Any = None) -> Tensor:
        value = _core.asarray(self.value, dtype=dtype or config.floatx())
        return _core.asarray(_core.broadcast_to(value, shape), copy=True)

    def get_config(self) -> dict[str, Any]:
        return {"value": serialize_keras_object(self.value)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Initializer:
        return cls(deserialize_keras_object(config["value"]))


@registry.register("identity", "eye", "IdentityInitializer")
class Identity(Initializer):
    """`gain` times the identity matrix; for 2-d shapes, which need not be square."""

    def __init__(self, gain: float = 1.0) -> None:
        self.gain = gain

    def __call__(self, shape: Shape, dtype: Any = None) -> Tensor:
        if len(shape) != 2:
            raise ValueError(f"Identity initializer makes matrices, got shape {tuple(shape)}")
        eye = _core.eye(*shape, dtype=dtype or config.floatx())
        return eye if self.gain == 1 else eye * self.gain

    def get_config(self) -> dict[str, Any]:
        """Return `gain` where it is not 1: Keras writes none, and reads one."""
        return {} if self.gain == 1 else {"gain": self.gain}


@registry.register("random_uniform", "uniform")
class RandomUniform(Initializer):
    """Uniform in [minval, maxval)."""

    def __init__(self, minval: float = -0.05, maxval: float = 0.05, seed: int | None = None) -> None:
        self.minval, self.maxval, self.seed = minval, maxval, seed

    def __call__(self, shape: Shape, dtype: Any = None) -> Tensor:
        return _uniform(shape, self.minval, self.maxval, dtype, self.seed)


@registry.register("random_normal", "normal")
class RandomNormal(Initializer):
    """Normal with the given mean and standard deviation."""

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: int | None = None) -> None:
        self.mean, self.stddev, self.seed = mean, stddev, seed

    def __call__(self, shape: Shape, dtype: Any = None) -> Tensor:
        return _normal(shape, self.mean, self.stddev, dtype, self.seed)


@registry.register("truncated_normal")
class TruncatedNormal(Initializer):
    """Normal, values further than two standard deviations from the mean drawn again."""

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: int | None = None) -> None:
        self.mean, self.stddev, self.seed = mean, stddev, seed

    def __call__(self, shape: Shape, dtype: Any = None) -> Tensor:
        return _cut_normal(shape, dtype, self.seed) * self.stddev + self.mean


@registry.register("variance_scaling")
class VarianceScaling(Initializer):
    """Values of variance `scale / fan`.

    Args:
        scale: positive number.
        mode: the fan to divide by: "fan_in", "fan_out" or "fan_avg".
        distribution: "truncated_normal" (or "normal"), "untruncated_normal" or "uniform".
        seed: an int makes every call return the same values.
        input_axes, output_axes: axes whose sizes multiply to the fans; by default as `compute_fans` says.

    Raises:
        ValueError: an argument is none of these.
    """

    def __init__(
        self,
        scale: float = 1.0,
        mode: str = "fan_in",
        distribution: str = "truncated_normal",
        seed: int | None = None,
        input_axes: Sequence[int] | None = None,
        output_axes: Sequence[int] | None = None,
    ) -> None:
        if scale <= 0:
            raise ValueError(f"VarianceScaling: scale must be positive, got {scale}")
        _check_choice("mode", mode, ("fan_in", "fan_out", "fan_avg"))
        distribution = "truncated_normal" if distribution == "normal" else distribution
        _check_choice("distribution", distribution, ("truncated_normal", "untruncated_normal", "uniform"))
        self.scale, self.mode, self.distribution, self.seed = scale, mode, distribution, seed
        self.input_axes, self.output_axes = input_axes, output_axes

    def __call__(self, shape: Shape, dtype: Any = None) -> Tensor:
        fan_in, fan_out = compute_fans(shape, self.input_axes, self.output_axes)
        fan = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[self.mode]
        variance = self.scale / max(1.0, fan)
        if self.distribution == "uniform":
            limit = math.sqrt(3 * variance)
            return _uniform(shape, -limit, limit, dtype, self.seed)
        stddev = math.sqrt(variance)
        if self.distribution == "untruncated_normal":
            return _normal(shape, 0.0, stddev, dtype, self.seed)
        return _cut_normal(shape, dtype, self.seed) * (stddev / _CUT_NORMAL_STDDEV)


class _Scaled(VarianceScaling):
    """A VarianceScaling with all but the seed fixed by the subclass."""

    _fixed: tuple[float, str, str]

    def __init__(
        self,
        seed: int | None = None,
        input_axes: Sequence[int] | None = None,
        output_axes: Sequence[int] | None = None,
    ) -> None:
        super().__init__(*self._fixed, seed=seed, input_axes=input_axes, output_axes=output_axes)

    def get_config(self) -> dict[str, Any]:
        return {"seed": self.seed, "input_axes": self.input_axes, "output_axes": self.output_axes}


@registry.register("glorot_uniform")
class GlorotUniform(_Scaled):
    """Uniform, variance 2 / (fan_in + fan_out): keeps the scale of signals and of gradients alike."""

    _fixed = (1.0, "fan_avg", "uniform")


@registry.register("glorot_normal")
class GlorotNormal(_Scaled):
    """Truncated normal, variance 2 / (fan_in + fan_out)."""

    _fixed = (1.0, "fan_avg", "truncated_normal")


@registry.register("he_uniform")
class HeUniform(_Scaled):
    """Uniform, variance 2 / fan_in: keeps the scale of signals through relu."""

    _fixed = (2.0, "fan_in", "uniform")


@registry.register("he_normal")
class HeNormal(_Scaled):
    """Truncated normal, variance 2 / fan_in."""

    _fixed = (2.0, "fan_in", "truncated_normal")


@registry.register("lecun_uniform")
class LecunUniform(_Scaled):
    """Uniform, variance 1 / fan_in: for selu."""

    _fixed = (1.0, "fan_in", "uniform")


@registry.register("lecun_normal")
class LecunNormal(_Scaled):
    """Truncated normal, variance 1 / fan_in."""

    _fixed = (1.0, "fan_in", "truncated_normal")


@registry.register("orthogonal", "OrthogonalInitializer")
class Orthogonal(Initializer):
    """`gain` times a matrix with orthonormal rows or columns, whichever are fewer.

    A shape of more than two axes is filled as the matrix (product of all but the last, last).
    """

    def __init__(self, gain: float = 1.0, seed: int | None = None) -> None:
        self.gain, self.seed = gain, seed

    def __call__(self, shape: Shape, dtype: Any = None) -> Tensor:
        if len(shape) < 2:
            raise ValueError(f"Orthogonal initializer needs at least two axes, got shape {tuple(shape)}")
        rows, columns = math.prod(shape[:-1]), shape[-1]
        tall = (max(rows, columns), min(rows, columns))
        # NumPy's factorisation: it runs once a weight, and no other part of pynn needs a QR.
        q, r = np.linalg.qr(_normal(tall, 0.0, 1.0, "float64", self.seed).to("cpu").numpy())
        q = q * np.sign(np.diagonal(r))  # the signs of R's diagonal make Q uniform over all rotations
        q = q if rows >= columns else q.T
        return _core.asarray(self.gain * q.reshape(shape), dtype=dtype or config.floatx(), copy=True)


zeros = Zeros
ones = Ones
constant = Constant
identity = IdentityInitializer = Identity
random_uniform = RandomUniform
random_normal = RandomNormal
truncated_normal = TruncatedNormal
variance_scaling = VarianceScaling
glorot_uniform = GlorotUniform
glorot_normal = GlorotNormal
he_uniform = HeUniform
he_normal = HeNormal
lecun_uniform = LecunUniform
lecun_normal = LecunNormal
orthogonal = OrthogonalInitializer = Orthogonal


def compute_fans(
    shape: Shape, input_axes: Sequence[int] | None = None, output_axes: Sequence[int] | None = None
) -> tuple[int, int]:
    """Return (fan_in, fan_out) of a kernel: inputs that reach one output, outputs that one input reaches.

    The last two axes are inputs and outputs, the ones before are the window of a convolution.
    A vector counts as both, a scalar as 1. If both are given, the axes say it instead.
    """
    if input_axes is not None and output_axes is not None:
        return math.prod(shape[i] for i in input_axes), math.prod(shape[i] for i in output_axes)
    if len(shape) < 2:
        size = math.prod(shape)
        return size, size
    window = math.prod(shape[:-2])
    return shape[-2] * window, shape[-1] * window


def get(identifier: Any) -> Any:
    """Return the initializer for a name, config, callable or object; None gives None."""
    return registry.get(identifier)


def serialize(initializer: Any) -> Any:
    """Return the config, in Keras's form, that `get` turns back into `initializer`."""
    return serialize_keras_object(initializer)


def deserialize(config: Any) -> Any:
    """Make an initializer from what `serialize` returned; the same as `get`."""
    return get(config)


def _uniform(shape: Shape, low: float, high: float, dtype: Any, seed: Any) -> Tensor:
    return random.uniform(shape, low, high, dtype, seed)


def _normal(shape: Shape, mean: float, stddev: float, dtype: Any, seed: Any) -> Tensor:
    return random.normal(shape, mean, stddev, dtype, seed)


def _cut_normal(shape: Shape, dtype: Any, seed: Any) -> Tensor:
    """Return N(0, 1) cut at +-2."""
    return random.truncated_normal(shape, dtype=dtype, seed=seed)


def _check_choice(argument: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise ValueError(f"VarianceScaling: {argument} must be one of {', '.join(choices)}, got {value!r}")


provide("keras.initializers", globals(), __name__)
