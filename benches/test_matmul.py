"""Matrix products: squares, and the three products of a 784-512-10 network at batch 128."""

import numpy as np
import pytest

import pynn

# (rows, inner, columns, which operand is a transposed view)
PRODUCTS = {
    "64": (64, 64, 64, None),
    "256": (256, 256, 256, None),
    "1024": (1024, 1024, 1024, None),
    "forward": (128, 784, 512, None),
    "gradient of the kernel": (784, 128, 512, "a"),
    "gradient of the input": (128, 512, 784, "b"),
    "ten classes": (128, 512, 10, None),
    "one row": (1, 784, 512, None),
}


def operand(rng, rows, columns, transposed):
    shape = (columns, rows) if transposed else (rows, columns)
    x = rng.standard_normal(shape, dtype=np.float32)
    return x.T if transposed else x


@pytest.mark.parametrize("library", ["numpy", "pynn"])
@pytest.mark.parametrize("name", PRODUCTS)
def test_matmul(compare, rng, name, library):
    rows, inner, columns, transposed = PRODUCTS[name]
    a = operand(rng, rows, inner, transposed == "a")
    b = operand(rng, inner, columns, transposed == "b")
    x, y = pynn.asarray(a), pynn.asarray(b)
    runs = {"numpy": lambda: a @ b, "pynn": lambda: x @ y}
    compare(f"matmul {name}", runs[library], runs["numpy"], rtol=1e-3, atol=1e-3)
