"""Matrix products: those of a 784-512-10 network at batch 128, squares, skinny ones, vectors, batches."""

from __future__ import annotations

import math
import operator

import numpy as np

from benches.case import Case, Draw
from benches.libraries import everywhere
from benches.targets import OfLimit, Target, WhenBusy, at_most

AS_PYTORCH = (at_most(1.0, "torch"), at_most(0.8, "numpy"))
AS_THE_BETTER = (at_most(1.0, "numpy", "torch"),)
PEAK = (*AS_PYTORCH, OfLimit(0.8))
BUSY = (*AS_PYTORCH, WhenBusy(3))

# name: dimensions (rows, inner, columns, batches), the transposed operand, targets for float32, kept by --quick
PRODUCTS: dict[str, tuple[tuple[int, ...], str, tuple[Target, ...], bool]] = {
    "forward (128,784)@(784,512)": ((128, 784, 512), "", BUSY, True),
    "kernel gradient (784,128)@(128,512)": ((784, 128, 512), "a", BUSY, True),
    "input gradient (128,10)@(10,512)": ((128, 10, 512), "b", AS_PYTORCH, True),
    "logits (128,512)@(512,10)": ((128, 512, 10), "", AS_THE_BETTER, True),
    "64 square": ((64, 64, 64), "", AS_THE_BETTER, True),
    "128 square": ((128, 128, 128), "", (), False),
    "256 square": ((256, 256, 256), "", AS_PYTORCH, True),
    "512 square": ((512, 512, 512), "", AS_PYTORCH, False),
    "1024 square": ((1024, 1024, 1024), "", PEAK, True),
    "2048 square": ((2048, 2048, 2048), "", PEAK, False),
    "tall (100000,32)@(32,32)": ((100_000, 32, 32), "", (), False),
    "deep (32,100000)@(100000,32)": ((32, 100_000, 32), "", (), False),
    "one row (1,784)@(784,512)": ((1, 784, 512), "", AS_THE_BETTER, True),
    "matrix by vector (1024,1024)@(1024,)": ((1024, 1024), "", (), True),
    "64 batches of 64 square": ((64, 64, 64, 64), "", AS_THE_BETTER, True),
    "100 batches of 64 square": ((64, 64, 64, 100), "", AS_THE_BETTER, False),
}

BUILDERS = {
    "": everywhere(operator.matmul),
    "a": everywhere(lambda a, b: a.T @ b),
    "b": everywhere(lambda a, b: a @ b.T),
}


def operands(transposed: str, dtype: str) -> Draw:
    """The function that draws both operands for dimensions as in PRODUCTS; scaled, so that sums stay near 1."""

    def draw(rng: np.random.Generator, rows: int, inner: int, *rest: int) -> tuple[np.ndarray, ...]:
        columns, batches = rest[:1], rest[1:]
        a, b = (*batches, rows, inner), (*batches, inner, *columns)
        shapes = (a[::-1] if transposed == "a" else a, b[::-1] if transposed == "b" else b)
        scale = inner**-0.25
        return tuple((rng.standard_normal(shape) * scale).astype(dtype) for shape in shapes)

    return draw


def product(name: str, dtype: str) -> Case:
    dims, transposed, targets, quick = PRODUCTS[name]
    single = dtype == "float32"
    return Case(
        name=name if single else f"{name} {dtype}",
        group="matrix products" if single else f"matrix products, {dtype}",
        dims=dims,
        inputs=operands(transposed, dtype),
        builders=BUILDERS[transposed],
        flop=2.0 * math.prod(dims),
        bytes=_bytes(dims, dtype) if 1 in dims or len(dims) == 2 else 0.0,
        dtype=dtype,
        targets=targets if single else (),
        rtol=1e-3 if single else 1e-9,
        atol=1e-4 if single else 1e-9,
        quick=quick and single,
    )


def _bytes(dims: tuple[int, ...], dtype: str) -> float:
    """Of a product by a vector: reading the matrix is what takes the time."""
    rows, inner, columns = (*dims, 1)[:3]
    return float(np.dtype(dtype).itemsize * (rows * inner + inner * columns + rows * columns))


CASES = [product(name, dtype) for dtype in ("float32", "float64") for name in PRODUCTS]
