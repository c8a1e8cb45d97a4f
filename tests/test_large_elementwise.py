"""Element-wise work cut for threads, written past the caches, or read in tiles: all elements, at awkward sizes."""

import numpy as np
import pytest

import pynn

GRAIN, BLOCK = 1 << 15, 512  # csrc/kernels/cpu/rows.h: elements a thread takes at most, and where parts begin
SIZES = [GRAIN - 1, GRAIN, GRAIN + 1, 8 * 4096 + 7, 8 * BLOCK * 9 - 1, 8 * BLOCK * 9 + 1, 8 * GRAIN, 300_007]


@pytest.mark.parametrize("size", SIZES)
def test_rows_are_cut_without_gap_or_overlap(size, isa, rng):
    a, b = rng.standard_normal((2, size)).astype(np.float32)
    np.testing.assert_array_equal(pynn.negative(a).numpy(), -a)
    np.testing.assert_array_equal(pynn.add(a, b).numpy(), a + b)
    np.testing.assert_array_equal(pynn.less(a, b).numpy(), a < b)


@pytest.mark.parametrize("shape", [(GRAIN + 1, 1, 3), (1009, 65), (7, 5003), (3, GRAIN + 5), (9, GRAIN - 1)])
def test_groups_of_rows_are_cut_without_gap_or_overlap(shape, isa, rng):
    a = rng.standard_normal(shape).astype(np.float32)
    row, column = a[-1:], a[..., -1:]
    np.testing.assert_array_equal((pynn.tensor(a) + row).numpy(), a + row)
    np.testing.assert_array_equal((pynn.tensor(a) * column).numpy(), a * column)


# Of 16 MiB and more, and just below; rows that begin at a vector's boundary and rows that do not.
@pytest.mark.parametrize(
    ("shape", "dtype"),
    [
        ((2056, 2050), "float32"),
        ((2050, 2051), "float32"),
        ((1024, 2056), "float64"),
        ((2040, 2048), "float32"),
    ],
)
def test_large_transposed_operands(shape, dtype, isa, rng):
    x, y = rng.integers(-9, 9, shape[::-1]).astype(dtype), rng.integers(-9, 9, shape).astype(dtype)
    expected = x.T + y
    np.testing.assert_array_equal((pynn.asarray(x).T + pynn.asarray(y)).numpy(), expected)
    np.testing.assert_array_equal((pynn.asarray(y) + pynn.asarray(x).T).numpy(), expected)
    np.testing.assert_array_equal((pynn.asarray(x).T + pynn.asarray(y[:1])).numpy(), x.T + y[:1])
    np.testing.assert_array_equal((pynn.asarray(y) < pynn.asarray(x).T).numpy(), y < x.T)


@pytest.mark.parametrize("offset", [0, 1])  # of the output's elements, from a vector's boundary
def test_large_results_in_place(offset, isa, rng):
    x = rng.standard_normal((1 << 22) + 77).astype(np.float32)
    y = pynn.tensor(x)
    part = y[offset:]
    part += x[offset:]
    np.testing.assert_array_equal(y.numpy()[offset:], x[offset:] + x[offset:])
    np.testing.assert_array_equal(y.numpy()[:offset], x[:offset])


@pytest.mark.parametrize("dtype", ["float32", "float64", "int8"])
@pytest.mark.parametrize("size", [31, 1024, 4097, 100_003])
def test_extremes_of_long_rows(size, dtype, isa, rng):
    x = rng.integers(-100, 100, (3, size)).astype(dtype)
    for name in ("max", "min", "argmax", "argmin"):
        ours = getattr(pynn, name)(x, axis=1).numpy()
        np.testing.assert_array_equal(ours, getattr(np, name)(x, axis=1))
    if dtype != "int8":
        x[1, size // 2] = np.nan
        np.testing.assert_array_equal(np.isnan(pynn.max(x, axis=1).numpy()), [False, True, False])
        np.testing.assert_array_equal(pynn.argmin(x, axis=1).numpy(), np.argmin(x, axis=1))
