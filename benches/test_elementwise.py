"""Element-wise operations: `pytest benches/test_elementwise.py`. pynn and NumPy stand side by side in each group."""

import numpy as np
import pytest

import pynn

SIZES = [16, 1000, 100_000, 10_000_000]
OPERATIONS = {
    "add": (lambda m, a, b: m.add(a, b), lambda a, b: a + b),
    "multiply": (lambda m, a, b: m.multiply(a, b), lambda a, b: a * b),
    "exp": (lambda m, a, b: m.exp(a), lambda a, b: np.exp(a)),
    "tanh": (lambda m, a, b: m.tanh(a), lambda a, b: np.tanh(a)),
    "relu": (lambda m, a, b: m.relu(a), lambda a, b: np.maximum(a, 0)),
    "sigmoid": (lambda m, a, b: m.sigmoid(a), lambda a, b: 1 / (1 + np.exp(-a))),
}


@pytest.mark.parametrize("library", ["numpy", "pynn"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", OPERATIONS)
def test_elementwise(compare, rng, name, size, library):
    of_pynn, of_numpy = OPERATIONS[name]
    a, b = (rng.standard_normal(size, dtype=np.float32) for _ in range(2))
    x, y = pynn.asarray(a), pynn.asarray(b)
    runs = {"numpy": lambda: of_numpy(a, b), "pynn": lambda: of_pynn(pynn, x, y)}
    compare(f"{name} {size}", runs[library], runs["numpy"])
