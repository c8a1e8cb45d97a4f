"""Fixtures that many tests share: instruction sets, seeded numbers, memory layouts, names, Keras."""

import math
import os
import warnings
import zlib
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
import on_device
import pytest

import pynn
from pynn import naming

# XLA spends seconds on making programs fast that run once. Read when jax is imported, here and in processes of tests.
os.environ.setdefault("JAX_DISABLE_MOST_OPTIMIZATIONS", "true")

if on_device.WANTED:
    on_device.install()


ONE_LEVEL = bool(on_device.WANTED or os.environ.get("PYNN_ISA"))


@pytest.fixture(params=[pynn._core.isa()] if ONE_LEVEL else pynn._core.isas())
def isa(request: pytest.FixtureRequest) -> Iterator[str]:
    """Runs the test with the kernels of each instruction-set level of this machine, or with that of PYNN_ISA."""
    before = pynn._core.isa()
    pynn._core.use_isa(request.param)
    yield request.param
    pynn._core.use_isa(before)


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> np.random.Generator:
    """Numbers that are the same in every run, and others in every test."""
    return np.random.default_rng(zlib.crc32(request.node.name.encode()))


@pytest.fixture(scope="session")
def keras() -> ModuleType:
    """Keras, for golden numbers; without it the test is skipped. On JAX unless the environment says otherwise."""
    os.environ.setdefault("KERAS_BACKEND", "jax")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("keras")


@pytest.fixture
def fresh_names() -> None:
    """Lets automatic names start at "dense" again, whatever tests ran before."""
    naming.reset_names()


class Layout(NamedTuple):
    """A shape to draw numbers in, and the view of them (arrays and tensors alike) that the test works on."""

    shape: tuple[int, ...]
    view: Callable[[Any], Any] = lambda x: x

    def draw(
        self, rng: np.random.Generator, dtype: str = "float64", low: float = -3, high: float = 3
    ) -> np.ndarray:
        """Floats in [low, high); integers of all sizes, the extremes among them; booleans."""
        return self.view(_draw(rng, np.dtype(dtype), self.shape, low, high))


def _broadcast(x: np.ndarray | pynn.Tensor, shape: tuple[int, ...]) -> np.ndarray | pynn.Tensor:
    return (pynn if isinstance(x, pynn.Tensor) else np).broadcast_to(x, shape)


def _draw(
    rng: np.random.Generator, dtype: np.dtype, shape: tuple[int, ...], low: float, high: float
) -> np.ndarray:
    if math.prod(shape) > 10_000:  # the same numbers over and over, in steps that no block of work shares
        return np.resize(_draw(rng, dtype, (1009,), low, high), shape)
    if dtype.kind == "f":
        return np.asarray(rng.uniform(low, high, shape), dtype)
    if dtype.kind == "b":
        return np.asarray(rng.integers(0, 2, shape), dtype)
    info = np.iinfo(dtype)
    wide = rng.integers(info.min, info.max, shape, dtype, endpoint=True)
    small = rng.integers(max(info.min, -3), 4, shape).astype(dtype)
    extreme = rng.choice(np.array([info.min, info.max], dtype), shape)
    return np.asarray(np.choose(rng.integers(0, 3, shape), [wide, small, extreme]), dtype)


LAYOUTS = {
    "flat": Layout((37,)),
    "scalar": Layout(()),
    "empty": Layout((3, 0, 2)),
    "ones": Layout((1, 5, 1)),
    "transposed": Layout((5, 7), lambda x: x.T),
    "sliced": Layout((9, 40), lambda x: x[1::2, 3::3]),
    "reversed": Layout((6, 9), lambda x: x[::-1, ::-1]),
    "broadcast": Layout((7, 1), lambda x: _broadcast(x, (3, 7, 5))),
    "cube": Layout((3, 4, 5), lambda x: x.transpose(1, 2, 0)),
    "long": Layout((70_003,)),  # several blocks of work, so that threads share it
    "long_strided": Layout((2, 70_002), lambda x: x[::-1, ::2]),
}


@pytest.fixture(params=LAYOUTS)
def layout(request: pytest.FixtureRequest) -> Layout:
    """Every way in which a tensor can lie in memory."""
    return LAYOUTS[request.param]


@pytest.fixture(params=[name for name in LAYOUTS if not name.startswith("long")])
def short_layout(request: pytest.FixtureRequest) -> Layout:
    """The layouts of few elements, for what is slow to check."""
    return LAYOUTS[request.param]


@pytest.fixture(scope="module")
def quick_keras() -> Iterator[Any]:
    """Keras on jax, compiled without optimizations: XLA spends seconds on making programs fast that run once."""
    os.environ.setdefault("KERAS_BACKEND", "jax")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        keras = pytest.importorskip("keras")
    import jax

    before = jax.config.read("jax_disable_most_optimizations")
    jax.config.update("jax_disable_most_optimizations", True)
    yield keras
    jax.config.update("jax_disable_most_optimizations", before)
