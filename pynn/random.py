"""Random tensors, `keras.random`. Equal seeds give equal numbers, whatever the number of threads or the processor.

The functions draw from one default generator, unless they are given a seed: with an integer they return the same
numbers at every call, from a `SeedGenerator` others at each. Not for cryptography.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pynn import _core, config
from pynn._core import Generator, ShapeError, Tensor
from pynn._core import _default_generator as default_generator

seed = default_generator.seed
integers = default_generator.integers
permutation = default_generator.permutation
bernoulli = default_generator.bernoulli

_CUT = 2.0  # where truncated normals end, in standard deviations


class SeedGenerator:
    """A source of random numbers of its own: functions given it as their seed return other numbers at each call.

    Args:
        seed: an integer from 0 to 2**64 - 1; None draws one from the default generator.
        name: kept for Keras's sake.
    """

    def __init__(self, seed: int | None = None, name: str | None = None) -> None:
        if seed is not None and (not isinstance(seed, (int, np.integer)) or isinstance(seed, bool)):
            raise ValueError(f"SeedGenerator: seed must be an integer or None, got {seed!r}")
        self.name = "seed_generator" if name is None else name
        self._initial_seed = seed
        self.generator = Generator(int(integers(2**62).item()) if seed is None else int(seed))

    @property
    def state(self) -> tuple[int, int]:
        """Seed and position: assigning an earlier value repeats what followed it."""
        return self.generator.state

    @state.setter
    def state(self, value: tuple[int, int]) -> None:
        self.generator.state = value

    def next(self, ordered: bool = True) -> int:
        """Return an integer that can seed another generator, another one at each call."""
        return int(self.generator.integers(2**62).item())

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {"seed": self._initial_seed, "name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> SeedGenerator:
        """Make a generator from what `get_config` returned."""
        return cls(**config)


def generator_of(seed: Any) -> Generator:
    """Return where to draw from: None is the default generator, an integer a fresh one.

    Args:
        seed: None, an integer, a SeedGenerator or a Generator.
    """
    if seed is None:
        return default_generator
    if isinstance(seed, SeedGenerator):
        return seed.generator
    return seed if isinstance(seed, Generator) else Generator(seed)


def uniform(
    shape: Any, minval: float = 0.0, maxval: float = 1.0, dtype: Any = None, seed: Any = None
) -> Tensor:
    """Uniform in [minval, maxval); integers for an integer dtype.

    Args:
        dtype: None means `pynn.config.floatx()`.
        seed: None, an integer or a SeedGenerator.
    """
    kind = _core.dtype(dtype or config.floatx())
    if kind.kind.endswith("integer"):
        return generator_of(seed).integers(int(minval), int(maxval), _sizes(shape), kind)
    return generator_of(seed).uniform(_sizes(shape), float(minval), float(maxval), kind)


def normal(shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: Any = None) -> Tensor:
    """Normal with this mean and standard deviation. Arguments as for `uniform`."""
    return generator_of(seed).normal(_sizes(shape), float(mean), float(stddev), dtype or config.floatx())


def truncated_normal(
    shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: Any = None
) -> Tensor:
    """Normal, what lies more than two standard deviations from the mean being drawn again (4.6% a round)."""
    generator, kind, sizes = generator_of(seed), dtype or config.floatx(), _sizes(shape)
    values = generator.normal(sizes, dtype=kind)
    while bool((outside := _core.abs(values) > _CUT).any()):
        values = _core.where(outside, generator.normal(sizes, dtype=kind), values)
    return values if (mean, stddev) == (0.0, 1.0) else values * float(stddev) + float(mean)


def randint(shape: Any, minval: int, maxval: int, dtype: Any = "int32", seed: Any = None) -> Tensor:
    """Integers in [minval, maxval)."""
    return generator_of(seed).integers(int(minval), int(maxval), _sizes(shape), dtype)


def categorical(logits: Any, num_samples: int, dtype: Any = "int32", seed: Any = None) -> Tensor:
    """Classes drawn with probabilities softmax(logits), for each row: shape (B, num_samples).

    The class with the largest logit plus Gumbel noise has that distribution (Gumbel 1954).

    Args:
        logits: shape (B, C).
    """
    scores = _core.asarray(logits)
    if scores.ndim != 2:
        raise ShapeError(f"categorical: logits must have shape (B, C), got {scores.shape}")
    if scores.dtype.kind != "real floating":
        scores = scores.astype(config.floatx())
    batch, classes = scores.shape
    drawn = generator_of(seed).uniform((batch, num_samples, classes), dtype=scores.dtype)
    noise = -_core.log(-_core.log(drawn))
    return _core.argmax(_core.stop_gradient(scores)[:, None, :] + noise, axis=-1).astype(dtype)


def dropout(inputs: Any, rate: float, noise_shape: Any = None, seed: Any = None) -> Tensor:
    """Inputs with a fraction `rate` of their elements at 0 and the others divided by 1 - rate.

    Args:
        noise_shape: of the mask, which is broadcast; None in it takes the size of the inputs.
    """
    x = _core.asarray(inputs)
    if noise_shape is None:
        return _core.dropout(x, rate, generator_of(seed))
    if not 0 <= rate < 1:
        raise ValueError(f"dropout: rate must lie in [0, 1), got {rate}")
    shape = tuple(n if size is None else size for size, n in zip(noise_shape, x.shape, strict=True))
    return x * (generator_of(seed).bernoulli(1 - rate, shape, x.dtype) / (1 - rate))


def shuffle(x: Any, axis: int = 0, seed: Any = None) -> Tensor:
    """The slices along an axis in random order."""
    values = _core.asarray(x)
    return _core.take(values, generator_of(seed).permutation(values.shape[axis]), axis=axis)


def gamma(shape: Any, alpha: Any, dtype: Any = None, seed: Any = None) -> Tensor:
    """Gamma with shape parameter alpha, which is broadcast, and scale 1. By NumPy."""
    return _by_numpy(seed, dtype, lambda rng: rng.gamma(_array(alpha), size=_sizes(shape)))


def beta(shape: Any, alpha: Any, beta: Any, dtype: Any = None, seed: Any = None) -> Tensor:
    """Beta with these parameters, which are broadcast. By NumPy."""
    return _by_numpy(seed, dtype, lambda rng: rng.beta(_array(alpha), _array(beta), size=_sizes(shape)))


def binomial(shape: Any, counts: Any, probabilities: Any, dtype: Any = None, seed: Any = None) -> Tensor:
    """How many of `counts` trials succeed with these probabilities; both are broadcast. By NumPy."""
    trials = _array(counts).astype(np.int64)
    return _by_numpy(seed, dtype, lambda rng: rng.binomial(trials, _array(probabilities), size=_sizes(shape)))


def _sizes(shape: Any) -> Any:
    return tuple(shape.tolist()) if isinstance(shape, (Tensor, np.ndarray)) and shape.ndim else shape


def _array(values: Any) -> Any:
    return np.asarray(values)


def _by_numpy(seed: Any, dtype: Any, draw: Any) -> Tensor:
    """Return what NumPy draws, its generator being seeded by ours."""
    key = int(generator_of(seed).integers(2**62).item())
    return _core.asarray(np.asarray(draw(np.random.default_rng(key))), dtype=dtype or config.floatx())


__all__ = [
    "Generator",
    "SeedGenerator",
    "bernoulli",
    "beta",
    "binomial",
    "categorical",
    "default_generator",
    "dropout",
    "gamma",
    "integers",
    "normal",
    "permutation",
    "randint",
    "seed",
    "shuffle",
    "truncated_normal",
    "uniform",
]
