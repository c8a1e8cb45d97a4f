"""Fits the polynomials of csrc/kernels/math.h for exp, erf and gelu, and prints their coefficients.

a normal_cdf(-a) exp(a**2 / 2) rises slowly towards 1 / sqrt(2 pi), and is nearly a polynomial in (a - 4) / (a + 4).
"""

import math

import numpy as np
from numpy.polynomial import Chebyshev, Polynomial

POINTS = 4000
NEAR, FAR = 1.0, 13.3


def tail(u):
    a = 4 * (1 + u) / (1 - u)
    return a * 0.5 * math.erfc(a / math.sqrt(2)) * math.exp(a * a / 2)


def exp_tail(r):
    """(e**r - 1 - r) / r**2 from its series."""
    return sum(r**k / math.factorial(k + 2) for k in range(20))


def fit(function, low, high, degree, whole=lambda x, y: y):
    """Return the powers' coefficients, and the largest error, of a near-minimax fit on [low, high].

    The error is relative to whole(x, y), of which the fitted y is a part.
    """
    angle = (np.arange(POINTS) + 0.5) * np.pi / POINTS
    x = (low + high) / 2 + (high - low) / 2 * np.cos(angle)
    y = np.array([function(v) for v in x])
    weight = 1 / whole(x, y)
    series = Chebyshev.fit(x, y, degree, w=weight)
    return series.convert(kind=Polynomial).coef, np.max(np.abs((series(x) - y) * weight))


if __name__ == "__main__":
    fits = {
        "(e**r - 1 - r) / r**2": fit(exp_tail, -0.348, 0.348, 4, lambda r, _: np.exp(r) / (r * r + 1e-6)),
        "tail in u": fit(tail, (NEAR - 4) / (NEAR + 4), (FAR - 4) / (FAR + 4), 8),
        "erf(x) / x in x**2": fit(lambda z: math.erf(math.sqrt(z)) / math.sqrt(z), 0.0, 1.0, 6),
        "(normal_cdf(x) - 1/2) / x in x**2": fit(
            lambda z: 0.5 * math.erf(math.sqrt(z / 2)) / math.sqrt(z), 0.0, 1.0, 5
        ),
    }
    for name, (coefficients, error) in fits.items():
        print(f"{name}: relative error {error:.1e}")
        print("\n".join(f"  {c:.10e}f" for c in coefficients[::-1]))
