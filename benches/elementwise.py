"""Element-wise operations into new arrays: sizes from one vector to 40 MB, broadcasting, a transposed operand."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from benches.case import Builder, Case, Draw, normal
from benches.libraries import Function, arrays, named
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


def unary(name: str, **others: Function | str) -> Operation:
    return Operation(named(name, **others), 1, normal(1))


def positive(rng: np.random.Generator, *shape: int) -> tuple[np.ndarray, ...]:
    return (rng.uniform(0.01, 10, shape).astype(np.float32),)


def gelu_of_numpy(np, x):  # type: ignore[no-untyped-def]
    """NumPy has no erf; this form with tanh is within 5e-4 of the others."""
    return 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


CHAIN = arrays(
    pynn=lambda m, x, a, b, c: m.relu(a * x + b) + c,
    numpy=lambda m, x, a, b, c: m.maximum(a * x + b, 0) + c,
    torch=lambda m, x, a, b, c: m.relu(a * x + b) + c,
    jax=lambda m, x, a, b, c: m.nn.relu(a * x + b) + c,
)

OPERATIONS = {
    "add": Operation(named("add"), 2, normal(2), simple=True),
    "multiply": Operation(named("multiply"), 2, normal(2), simple=True),
    "relu": unary("relu", numpy=lambda np, x: np.maximum(x, 0), jax="nn.relu")._replace(simple=True),
    "exp": unary("exp"),
    "tanh": unary("tanh"),
    "sigmoid": unary("sigmoid", numpy=lambda np, x: 1 / (1 + np.exp(-x)), jax="nn.sigmoid"),
    "log": unary("log")._replace(draw=positive),
    "gelu": unary(
        "gelu",
        numpy=gelu_of_numpy,
        torch="nn.functional.gelu",
        jax=lambda jax, x: jax.nn.gelu(x, approximate=False),
    )._replace(atol=1e-3),
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


def rows_and_columns(rng: np.random.Generator, rows: int, columns: int) -> tuple[np.ndarray, ...]:
    shapes = ((rows, columns), (columns,), (rows, 1))
    return tuple(rng.standard_normal(shape, dtype=np.float32) for shape in shapes)


def square_pair(rng: np.random.Generator, n: int) -> tuple[np.ndarray, ...]:
    return normal(2)(rng, n, n)


def shaped(name: str, dims: tuple[int, ...], draw: Draw, function: Function, *goals: Target) -> Case:
    """Two operands whose shapes or strides differ."""
    size = math.prod(dims) if len(dims) == 2 else dims[0] ** 2
    return Case(
        name=name,
        group="element-wise",
        dims=dims,
        inputs=draw,
        builders=arrays(pynn=function, numpy=function, torch=function, jax=function),
        bytes=ITEM * size * (2.0 if len(dims) == 2 else 3.0),
        targets=goals,
        quick=True,
    )


CASES = [
    *(sized(name, size) for name in OPERATIONS for size in SIZES),
    shaped(
        "x + row, 4096x1024", (4096, 1024), rows_and_columns, lambda _, x, row, column: x + row, *STREAMING
    ),
    shaped(
        "x + column, 4096x1024",
        (4096, 1024),
        rows_and_columns,
        lambda _, x, row, column: x + column,
        *STREAMING,
    ),
    shaped("x.T + y, 2048 square", (2048,), square_pair, lambda _, x, y: x.T + y, Within(3e-3)),
]
