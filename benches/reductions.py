"""Reductions of all elements and along an axis, softmax, and what a call on few elements costs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from operator import methodcaller

import numpy as np

from benches.case import Builder, Case, normal
from benches.libraries import arrays, everywhere
from benches.targets import at_most

ITEM = 4  # bytes of float32
BEST = (at_most(0.9, "torch", "jax", "numpy"),)


def softmax_of_numpy(x: np.ndarray) -> np.ndarray:
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def reduction(name: str, dims: tuple[int, ...], builders: Mapping[str, Builder], moved: float = 1.0) -> Case:
    """`moved`: how often the array goes to or from memory."""
    return Case(
        name=name,
        group="reductions",
        dims=dims,
        inputs=normal(1),
        builders=builders,
        bytes=ITEM * moved * math.prod(dims),
        targets=BEST,
        atol=1e-2 if dims == (10_000_000,) else 1e-3,
        quick=True,
    )


def overhead(name: str, dims: tuple[int, ...], builders: Mapping[str, Builder]) -> Case:
    """So little work that the call is what takes the time."""
    return Case(name=name, group="call overhead", dims=dims, inputs=normal(1), builders=builders, quick=True)


def along(name: str, axis: int, torch: str | None = None) -> Case:
    """A method of the arrays, along one axis of a matrix."""
    builders = everywhere(methodcaller(name, axis=axis), torch=methodcaller(torch or name, axis))
    return reduction(f"{name} axis {axis}, 4096x1024", (4096, 1024), builders)


SUM = everywhere(methodcaller("sum"))
SOFTMAX = arrays(pynn="softmax", numpy=softmax_of_numpy, torch=methodcaller("softmax", -1), jax="nn.softmax")
METHODS = (("sum", None), ("max", "amax"), ("argmax", None))  # of all, and of PyTorch where it differs

CASES = [
    reduction("sum 1e7", (10_000_000,), SUM),
    *(along(name, axis, torch) for name, torch in METHODS for axis in (0, 1)),
    reduction("softmax, 4096x1000", (4096, 1000), SOFTMAX, moved=2.0),
    overhead("sum 16", (16,), SUM),
    overhead("matmul 4x4", (4, 4), everywhere(lambda x: x @ x)),
]
