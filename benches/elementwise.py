"""Element-wise operations into new arrays: sizes from one vector to 40 MB, broadcasting, a transposed operand."""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

import pynn
from benches.case import Builder, Case, Draw, normal
from benches.libraries import Function, arrays, everywhere, named
from benches.targets import OfLimit, Target, Within, at_most

ITEM = 4  # bytes of float32
SIZES = {16: "16", 1000: "1e3", 100_000: "1e5", 1_000_000: "1e6", 10_000_000: "1e7"}
LARGE = 100_000
LARGEST = 10_000_000


class Operation(NamedTuple):
    """What the sizes below are run with."""

    builders: Mapping[str, Builder]
    reads: int  # arrays
    draw: Draw
    simple: bool = False  # no more arithmetic than memory can feed
    atol: float = 1e-5


def unary(name: str, **others: Function) -> Operation:
    return Operation(named(name, **others), 1, normal(1))


def positive(rng: np.random.Generator, *shape: int) -> tuple[np.ndarray, ...]:
    return (rng.uniform(0.01, 10, shape).astype(np.float32),)


def gelu_of_numpy(x: np.ndarray) -> np.ndarray:
    """NumPy has no erf; this form with tanh is within 5e-4 of the others."""
    return 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


def gelu_of_jax(x):  # type: ignore[no-untyped-def]
    import jax

    return jax.nn.gelu(x, approximate=False)


def chain_of_jax(x, a, b, c):  # type: ignore[no-untyped-def]
    import jax

    return jax.nn.relu(a * x + b) + c


CHAIN = arrays(
    pynn=lambda x, a, b, c: pynn.relu(a * x + b) + c,
    numpy=lambda x, a, b, c: np.maximum(a * x + b, 0) + c,
    torch=lambda x, a, b, c: (a * x + b).relu() + c,
    jax=chain_of_jax,
)

OPERATIONS = {
    "add": Operation(everywhere(operator.add), 2, normal(2), simple=True),
    "multiply": Operation(everywhere(operator.mul), 2, normal(2), simple=True),
    "relu": unary("relu", numpy=lambda x: np.maximum(x, 0), jax="nn.relu")._replace(simple=True),
    "exp": unary("exp"),
    "tanh": unary("tanh"),
    "sigmoid": unary("sigmoid", numpy=lambda x: 1 / (1 + np.exp(-x)), jax="nn.sigmoid"),
    "log": unary("log")._replace(draw=positive),
    "gelu": unary("gelu", numpy=gelu_of_numpy, torch="nn.functional.gelu", jax=gelu_of_jax)._replace(
        atol=1e-3
    ),
    "relu(a*x+b)+c": Operation(CHAIN, 4, normal(4)),
}
QUICK = {("add", 16), ("add", 1000), ("exp", 16), ("relu(a*x+b)+c", LARGEST)}
QUICK |= {(name, size) for name in ("add", "relu", "exp", "tanh") for size in (LARGE, LARGEST)}


def sized(name: str, size: int) -> Case:
    operation = OPERATIONS[name]
    return Case(
        name=f"{name} {SIZES[size]}",
        group="call overhead" if size == 16 else "element-wise",
        dims=(size,),
        inputs=operation.draw,
        builders=operation.builders,
        bytes=0.0 if size == 16 else ITEM * size * (operation.reads + 1.0),
        targets=targets(name, size),
        atol=operation.atol,
        quick=(name, size) in QUICK,
    )


def targets(name: str, size: int) -> tuple[Target, ...]:
    """Of an operation at a size, as they were set before the kernels were tuned."""
    if name == "relu(a*x+b)+c":
        return (at_most(0.5, "numpy", "torch"),) if size == LARGEST else ()
    if size < LARGE:
        if not OPERATIONS[name].simple or (size == 16 and name != "add"):
            return ()
        return (at_most(1.2 if size == 16 else 1.0, "numpy"),)
    if not OPERATIONS[name].simple:
        return (at_most(0.9, "torch"),)
    return (*STREAMING, OfLimit(0.85)) if size == LARGEST else STREAMING


STREAMING = (at_most(0.9, "torch"), at_most(0.35, "numpy"))


def beside(axes: tuple[int, int]) -> Draw:
    """A matrix, and what is broadcast against it: an array of size 1 where `axes` has a 0."""

    def draw(rng: np.random.Generator, rows: int, columns: int) -> tuple[np.ndarray, ...]:
        return normal(1)(rng, rows, columns) + normal(1)(
            rng, rows if axes[0] else 1, columns if axes[1] else 1
        )

    return draw


def broadcast(name: str, axes: tuple[int, int]) -> Case:
    """x + y, where y has one row or one column."""
    return Case(
        name=f"x + {name}, 4096x1024",
        group="element-wise",
        dims=(4096, 1024),
        inputs=beside(axes),
        builders=SUM,
        bytes=ITEM * 2.0 * 4096 * 1024,
        targets=STREAMING,
        quick=True,
    )


SUM = OPERATIONS["add"].builders
TRANSPOSED = Case(
    name="x.T + y, 2048 square",
    group="element-wise",
    dims=(2048,),
    inputs=lambda rng, n: normal(2)(rng, n, n),
    builders=everywhere(lambda x, y: x.T + y),
    bytes=ITEM * 3.0 * 2048**2,
    targets=(Within(3e-3),),
    quick=True,
)

CASES = [
    *(sized(name, size) for name in OPERATIONS for size in SIZES),
    broadcast("row", (0, 1)),
    broadcast("column", (1, 0)),
    TRANSPOSED,
]
