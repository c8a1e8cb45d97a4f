"""Reductions of all elements and along an axis, softmax, and what a call on few elements costs."""

from __future__ import annotations

import math
from collections.abc import Mapping

from benches.case import Builder, Case, normal
from benches.libraries import Function, arrays, named
from benches.targets import Target, at_most

ITEM = 4  # bytes of float32
BEST = (at_most(0.9, "torch", "jax", "numpy"),)


def softmax_of_numpy(np, x):  # type: ignore[no-untyped-def]
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def reduction(
    name: str,
    dims: tuple[int, ...],
    builders: Mapping[str, Builder],
    *,
    group: str = "reductions",
    moved: float = 1.0,
    targets: tuple[Target, ...] = BEST,
    quick: bool = True,
) -> Case:
    """`moved`: how often the array goes to or from memory; 0 where that is not what takes the time."""
    return Case(
        name=name,
        group=group,
        dims=dims,
        inputs=normal(1),
        builders=builders,
        bytes=ITEM * moved * math.prod(dims),
        targets=targets,
        atol=1e-2 if dims == (10_000_000,) else 1e-3,
        quick=quick,
    )


def along(name: str, axis: int, torch: str | None = None) -> Case:
    """A method of the arrays, along one axis of a matrix."""
    method: Function = lambda _, x: getattr(x, name)(axis=axis)  # noqa: E731
    of_torch: Function = lambda _, x: getattr(x, torch or name)(axis)  # noqa: E731
    return reduction(
        f"{name} axis {axis}, 4096x1024",
        (4096, 1024),
        arrays(pynn=method, numpy=method, torch=of_torch, jax=method),
    )


CASES = [
    reduction("sum 1e7", (10_000_000,), named("sum")),
    *(
        along(name, axis, torch)
        for name, torch in (("sum", None), ("max", "amax"), ("argmax", None))
        for axis in (0, 1)
    ),
    reduction(
        "softmax, 4096x1000",
        (4096, 1000),
        arrays(
            pynn=lambda m, x: m.softmax(x),
            numpy=softmax_of_numpy,
            torch=lambda m, x: m.softmax(x, -1),
            jax=lambda m, x: m.nn.softmax(x),
        ),
        moved=2.0,
    ),
    reduction("sum 16", (16,), named("sum"), group="call overhead", moved=0.0, targets=()),
    reduction(
        "matmul 4x4",
        (4, 4),
        arrays(**dict.fromkeys(("pynn", "numpy", "torch", "jax"), lambda _, x: x @ x)),
        group="call overhead",
        moved=0.0,
        targets=(),
    ),
]
