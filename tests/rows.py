"""The table of element-wise operations as the tests see it: what C++ says of it, joined with its oracle."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import oracles
from conftest import Layout

import pynn

SIGNED = ("int8", "int16", "int32", "int64")
UNSIGNED = ("uint8", "uint16", "uint32", "uint64")
FLOATS = ("float32", "float64")
HALVES = ("float16", "bfloat16")
DTYPES = ("bool", *SIGNED, *UNSIGNED, *HALVES, *FLOATS)


class Row(NamedTuple):
    """One operation of one or two operands."""

    name: str
    function: Callable[..., pynn.Tensor]
    oracle: Callable[..., Any]
    dtypes: tuple[str, ...]  # those with kernels of their own
    differentiable: bool
    domains: tuple[tuple[float, float], ...]  # where each operand is drawn from

    def draw(self, layout: Layout, rng: np.random.Generator, dtype: str) -> list[np.ndarray]:
        return [layout.draw(rng, dtype, *domain) for domain in self.domains]

    def expected(self, *operands: np.ndarray) -> np.ndarray:
        """The oracle's answer to operands that have one dtype; that of floats in float64."""
        if self.name not in oracles.BOUND_TO_DTYPE:
            operands = tuple(np.asarray(x, np.float64) if x.dtype.kind == "f" else x for x in operands)
        with np.errstate(all="ignore"):
            return np.asarray(self.oracle(*operands))


def _joined(rows: list[dict[str, Any]], known: dict[str, Callable[..., Any]], arity: int) -> list[Row]:
    return [
        Row(
            row["name"],
            getattr(pynn, row["name"]),
            known.get(row["name"]),
            ("bool",) * row["boolean"]
            + SIGNED * row["signed"]
            + UNSIGNED * row["unsigned"]
            + FLOATS * row["floats"],
            row["differentiable"],
            (row["domain"], row["domain_b"])[:arity],
        )
        for row in rows
    ]


UNARY = _joined(pynn._core._unary_rows, oracles.UNARY, 1)
BINARY = _joined(pynn._core._binary_rows, oracles.BINARY, 2)
ROWS = UNARY + BINARY
DIFFERENTIABLE = [row for row in ROWS if row.differentiable]
