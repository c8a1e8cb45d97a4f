"""The accuracy of float32 in units in the last place: csrc/kernels/math.h is held to its word everywhere."""

import math
import zlib

import numpy as np
import oracles
import pytest

import pynn

INFINITE = 2.0**128  # what infinity stands for when distances are measured: the first power that does not fit


def every_bit_pattern():
    """Floats spread evenly over all signs, exponents and mantissas, and more where functions bend."""
    bits = np.arange(0, 2**32, 8191, dtype=np.uint64).astype(np.uint32)
    x = bits.view(np.float32)
    bends = np.concatenate(
        [np.linspace(-110, 110, 200_003), np.linspace(-2, 2, 200_003), np.linspace(0.5, 2, 100_003)]
    )
    info = np.finfo(np.float32)
    edges = np.array(
        [0, info.tiny, info.smallest_subnormal, info.max, np.inf, 1, 88.72284, 103.97208, 104.5], np.float32
    )
    with np.errstate(all="ignore"):
        near = [np.nextafter(edges, np.float32(to)) for to in (-np.inf, np.inf)]
    x = np.concatenate([x, bends.astype(np.float32), edges, -edges, *near, *(-n for n in near)])
    return x[~np.isnan(x)]


SAMPLES = every_bit_pattern()


def ulps(result, exact):
    """How far a float32 is from the exact value, in steps of float32 there."""
    exact = np.clip(exact, -INFINITE, INFINITE)
    result = np.clip(result.astype(np.float64), -INFINITE, INFINITE)
    # Zero and subnormal numbers have the step of the least normal one, infinity that of the largest.
    magnitude = np.clip(np.abs(exact), np.finfo(np.float32).tiny, np.finfo(np.float32).max)
    exponent = np.frexp(magnitude)[1]
    return np.abs(result - exact) / np.ldexp(1.0, exponent - 24)


def worst(function, oracle, *operands):
    """The largest distance, and where; infinities and NaN must agree."""
    result = function(*operands).numpy()
    assert result.dtype == np.float32
    with np.errstate(all="ignore"):
        exact = np.asarray(oracle(*(x.astype(np.float64) for x in operands)), np.float64)
    np.testing.assert_array_equal(np.isnan(result), np.isnan(exact))
    error = np.where(np.isnan(exact), 0, ulps(result, exact))
    at = int(np.argmax(error))
    return error[at], [float(x[at]) for x in operands]


def hold(name, limit, *operands):
    error, at = worst(getattr(pynn, name), (oracles.UNARY | oracles.BINARY)[name], *operands)
    assert error <= limit, f"{name}{tuple(at)} is off by {error:.2f} ulp, {limit} are allowed"


# What math.h states.
STATED = {"expm1": 2, "log": 1, "log1p": 3, "tanh": 2, "erf": 2}


@pytest.mark.parametrize("name", STATED)
def test_own_functions(name, isa):
    hold(name, STATED[name], SAMPLES)


def test_exp(isa):
    subnormal = SAMPLES < -87.33654
    hold("exp", 1, SAMPLES[~subnormal])
    hold("exp", 2, SAMPLES[subnormal])


# Rows without text of their own for float32 call the C library.
LIBRARY = ["sqrt", "log2", "log10", "sin", "cos", "tan", "asin", "acos", "atan"]
LIBRARY += ["sinh", "cosh", "asinh", "acosh", "atanh"]


@pytest.mark.parametrize("name", LIBRARY)
def test_functions_of_the_c_library(name, isa):
    x = SAMPLES[::5]  # slow oracles, slow functions
    hold(name, 2, x)


@pytest.mark.parametrize(("name", "limit"), [("atan2", 2), ("hypot", 2), ("power", 2), ("remainder", 0.5)])
def test_functions_of_two_numbers(name, limit, isa):
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    b = rng.permutation(SAMPLES)[:100_000]
    a = rng.permutation(SAMPLES)[:100_000]
    if name == "power":  # over all bit patterns nearly every power is 0 or infinite
        a, b = np.abs(a[::2]), rng.uniform(-4, 4, a[::2].size).astype(np.float32)
    hold(name, limit, a, b)


# Composed of the functions above: limit, and where it holds. Below -87 sigmoid is subnormal and rounds to 0.
# Below -13 gelu is subnormal.
COMPOSED = {
    "sigmoid": (2, -87, np.inf),
    "log_sigmoid": (3, -np.inf, np.inf),
    "softplus": (3, -np.inf, np.inf),
    "silu": (3, -80, np.inf),
    "selu": (3, -np.inf, np.inf),
    "softsign": (2, -1e38, 1e38),
    "gelu": (4, -13, np.inf),
    "rsqrt": (2, 0, np.inf),
    "reciprocal": (0.5, -np.inf, np.inf),
    "square": (0.5, -np.inf, np.inf),
    "mish": (4, -80, np.inf),
}


@pytest.mark.parametrize("name", COMPOSED)
def test_activations(name, isa):
    limit, low, high = COMPOSED[name]
    x = SAMPLES[::5] if name == "gelu" else SAMPLES
    x = x[(x >= low) & (x <= high)]
    hold(name, limit, x)


def test_own_functions_keep_the_sign_of_zero(isa):
    zeros = np.array([0.0, -0.0] * 9, np.float32)
    for name in ("expm1", "log1p", "tanh"):
        np.testing.assert_array_equal(np.signbit(getattr(pynn, name)(zeros).numpy()), np.signbit(zeros))


def test_measure_of_distance():
    one = np.float32(1)
    assert ulps(np.nextafter(one, np.float32(2)), 1.0) == 1
    assert ulps(np.float32(1e-45), 0.0) == 1
    assert ulps(np.float32(np.inf), 2.0**129) == 0
    assert ulps(np.finfo(np.float32).max, math.inf) == 1


# Where all float32 were tried, the largest errors of this text and of earlier ones, which missed the limit there.
HARDEST = {
    "gelu": (4, [-0.3191956, -0.0039159129, -0.3203033, -0.06586515]),
    "sigmoid": (2, [-16.6357021, -16.6425343, -0.0003449918]),
}


@pytest.mark.parametrize("name", HARDEST)
def test_every_number_around_the_hardest(name, isa):
    limit, places = HARDEST[name]
    for place in np.array(places, np.float32):
        bits = place.view(np.int32) + np.arange(-4000, 4000, dtype=np.int32)
        hold(name, limit, bits.view(np.float32))
