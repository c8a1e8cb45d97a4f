"""Fits the polynomials of csrc/kernels/math.h for exp, erf and gelu, and prints their coefficients.

(a + K) normal_cdf(-a) exp(a**2 / 2) varies little for a >= 0, and is nearly a polynomial in a / (a + K) - V. Of the K
and V tried, these lose least to rounding, at degree nine and in arithmetic with and without fused multiply-adds.
"""

import math

import numpy as np
from numpy.polynomial import Chebyshev, Polynomial

POINTS = 4000
K, V, FAR = 2.75, 0.4375, 13.27
NEAR, ONE = 1.0, 3.95  # where the far text of erf begins, and where erf is 1


def tail(u):
    a = K * (V + u) / (1 - V - u)
    return (a + K) * 0.5 * math.erfc(a / math.sqrt(2)) * math.exp(a * a / 2)


def exp_tail(r):
    """(e**r - 1 - r) / r**2 from its series."""
    return sum(r**k / math.factorial(k + 2) for k in range(20))


def fit(function, low, high, degree, whole=lambda x, y: y, rounds=1):
    """Return the powers' coefficients, and the largest error, of a near-minimax fit on [low, high].

    The error is relative to whole(x, y), of which the fitted y is a part. With more rounds, points count for more where
    the error was large (Lawson).
    """
    angle = (np.arange(POINTS) + 0.5) * np.pi / POINTS
    x = (low + high) / 2 + (high - low) / 2 * np.cos(angle)
    y = np.array([function(v) for v in x])
    weight = 1 / whole(x, y)
    more, best = np.ones(POINTS), (None, np.inf)
    for _ in range(rounds):
        series = Chebyshev.fit(x, y, degree, w=more * weight)
        error = np.abs((series(x) - y) * weight)
        if error.max() < best[1]:
            best = series.convert(kind=Polynomial).coef, error.max()
        more *= (error / error.max() + 1e-3) ** 0.3
        more /= more.max()
    return best


if __name__ == "__main__":
    fits = {
        "(e**r - 1 - r) / r**2": fit(exp_tail, -0.348, 0.348, 4, lambda r, _: np.exp(r) / (r * r + 1e-6)),
        "tail in u": fit(tail, -V, FAR / (FAR + K) - V, 9, rounds=80),
        "-log(1 - erf(x))": fit(lambda x: -math.log(math.erfc(x)), NEAR, ONE, 6, lambda _, y: np.exp(y), 100),
        "erf(x) / x in x**2": fit(lambda z: math.erf(math.sqrt(z)) / math.sqrt(z), 0.0, 1.0, 6),
    }
    for name, (coefficients, error) in fits.items():
        print(f"{name}: relative error {error:.1e}")
        print("\n".join(f"  {c:.10e}f" for c in coefficients[::-1]))
