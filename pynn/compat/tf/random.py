"""`tf.random`: random tensors under TensorFlow's names, from pynn's default generator."""

from __future__ import annotations

from typing import Any

from ... import _core, random
from ..._core import Tensor
from .missing import message

_seeded: dict[int, random.Generator] = {}  # a seed's numbers go on from call to call, until set_seed


def set_seed(seed: int) -> None:
    """Let the numbers that follow repeat those that followed this seed before."""
    _seeded.clear()
    random.seed(seed)


def uniform(
    shape: Any,
    minval: Any = 0,
    maxval: Any = None,
    dtype: Any = "float32",
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """Uniform in [minval, maxval), maxval being 1 for floats; integers for an integer dtype."""
    if maxval is None and not str(_core.dtype(dtype)).startswith("float"):
        raise ValueError("tf.random.uniform: integers need maxval")
    return random.uniform(shape, minval, 1 if maxval is None else maxval, dtype, _generator(seed))


def normal(
    shape: Any,
    mean: float = 0.0,
    stddev: float = 1.0,
    dtype: Any = "float32",
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """Normal with this mean and standard deviation."""
    return random.normal(shape, mean, stddev, dtype, _generator(seed))


def truncated_normal(
    shape: Any,
    mean: float = 0.0,
    stddev: float = 1.0,
    dtype: Any = "float32",
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """Normal, what lies more than two standard deviations from the mean being drawn again."""
    return random.truncated_normal(shape, mean, stddev, dtype, _generator(seed))


def categorical(
    logits: Any, num_samples: int, dtype: Any = None, seed: int | None = None, name: str | None = None
) -> Tensor:
    """Classes drawn with probabilities softmax(logits), for each row."""
    return random.categorical(logits, num_samples, dtype or "int64", _generator(seed))


def shuffle(value: Any, seed: int | None = None, name: str | None = None) -> Tensor:
    """The slices along the first axis in random order."""
    return random.shuffle(value, 0, _generator(seed))


def _generator(seed: int | None) -> Any:
    return None if seed is None else _seeded.setdefault(seed, random.Generator(seed))


def __getattr__(name: str) -> Any:
    raise AttributeError(message("tf.random", name, globals()))
