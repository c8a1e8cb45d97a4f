"""Checks for people who write operations and layers of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from pynn import _core
from pynn._core import Tensor


def check_grad(
    function: Callable[..., Tensor],
    *inputs: Any,
    order: int = 1,
    eps: float = 1e-6,
    rtol: float = 1e-5,
    atol: float = 1e-7,
    seed: int = 0,
) -> None:
    """Compares the gradient of a function with central differences along a random direction.

    The gradient is checked as the tape computes it, with and without create_graph. The inputs are taken in float64.
    The number compared is the derivative of sum(w * function(inputs)) for random w.

    Args:
        function: takes tensors, returns one tensor of any shape. Must be smooth near the inputs.
        inputs: arrays of any shape.
        order: 2 checks the gradient of the gradient too.
        eps: the step of the differences, relative to inputs of size about 1.
        rtol, atol: allowed difference.
        seed: of the random direction.

    Raises:
        AssertionError: they differ; the message gives both numbers.
    """
    rng = np.random.default_rng(seed)
    arrays = [np.array(x, dtype=np.float64) for x in inputs]
    # A fixed weighting makes one number of the result, so that one direction tests every element.
    w = np.asarray(rng.standard_normal(function(*map(_core.asarray, arrays)).shape))
    scalar: Callable[..., Tensor] = lambda *xs: (function(*xs) * _core.asarray(w)).sum()  # noqa: E731
    for level in range(1, order + 1):
        _compare(scalar, arrays, rng, level, eps, rtol, atol)
        if level < order:
            scalar = _directional(scalar, [rng.standard_normal(x.shape) for x in arrays])


def _leaves(arrays: list[Any]) -> list[Tensor]:
    leaves = [_core.tensor(np.asarray(x)) for x in arrays]  # arithmetic on 0-d arrays gives NumPy scalars
    for leaf in leaves:
        leaf.requires_grad = True
    return leaves


def _directional(scalar: Callable[..., Tensor], v: list[Any]) -> Callable[..., Tensor]:
    """The derivative of `scalar` along v, itself a function that the tape can differentiate."""

    def derivative(*xs: Tensor) -> Tensor:
        gradients = _core.gradients(scalar(*xs), list(xs), None, True)
        terms = [
            (g * _core.asarray(np.asarray(d))).sum()
            for g, d in zip(gradients, v, strict=True)
            if g is not None
        ]
        total = _core.zeros((), dtype="float64")
        for term in terms:
            total = total + term
        return total

    return derivative


def _compare(
    scalar: Callable[..., Tensor],
    arrays: list[Any],
    rng: Any,
    order: int,
    eps: float,
    rtol: float,
    atol: float,
) -> None:
    v = [rng.standard_normal(x.shape) for x in arrays]
    leaves = _leaves(arrays)
    value = scalar(*leaves)
    at = [scalar(*_leaves([x + s * eps * d for x, d in zip(arrays, v, strict=True)])).item() for s in (1, -1)]
    expected = (at[0] - at[1]) / (2 * eps)
    # A derivative that is recorded, to be differentiated again, is computed in another way than one that is not.
    for recorded in (False, True):
        gradients = _core.gradients(value, leaves, None, recorded)
        got = sum(
            float((g.to("cpu").numpy() * d).sum()) for g, d in zip(gradients, v, strict=True) if g is not None
        )
        if not abs(got - expected) <= atol + rtol * abs(expected):
            raise AssertionError(
                f"derivative of order {order}{' (recorded)' if recorded else ''}: the tape says {got!r}, "
                f"differences say {expected!r}"
            )
