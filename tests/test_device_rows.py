"""The table of element-wise operations on a device, all rows and derivatives and casts, against the CPU's results."""

import numpy as np
import pytest
from conftest import LAYOUTS, Layout
from device_pairs import check
from rows import DIFFERENTIABLE, DTYPES, FLOATS, ROWS

import pynn

TOLERANCE = {"float32": 2e-6, "float64": 1e-14}


def tolerance(dtype: str) -> float:
    return TOLERANCE.get(dtype, 0.0)


def draw(row, layout, rng, dtype):
    operands = [Layout(layout.shape).draw(rng, dtype, *domain) for domain in row.domains]
    if row.name == "power" and dtype not in FLOATS:
        operands[1] = operands[1] & operands[1].dtype.type(7)  # integers have no negative powers
    return operands


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_rows(row, rng):
    for name, layout in LAYOUTS.items():
        dtypes = row.dtypes[-1:] if name.startswith("long") else row.dtypes
        for dtype in dtypes:
            operands = draw(row, layout, rng, dtype)
            check(
                lambda x=operands, view=layout.view: row.function(*(view(pynn.asarray(each)) for each in x)),
                tolerance(dtype) or 2e-6,
                tolerance(dtype),
            )


@pytest.mark.parametrize("row", [row for row in ROWS if len(row.domains) == 2], ids=lambda row: row.name)
def test_rows_of_a_scalar_and_of_what_is_not_aligned(row, rng):
    for dtype in row.dtypes:
        a, b = draw(row, LAYOUTS["flat"], rng, dtype)

        def call(a=a, b=b):
            x, y = pynn.asarray(a), pynn.asarray(b)
            return row.function(x, y[3]), row.function(x[3], y), row.function(x[1:], y[:-1])

        check(call, tolerance(dtype) or 2e-6, tolerance(dtype))


def derivatives(function, operands, seed, order):
    """The derivatives of sum(function * seed), or of the sum of their squares."""
    leaves = [pynn.tensor(pynn.asarray(x), requires_grad=True) for x in operands]
    y = function(*leaves)
    found = pynn._core.gradients(y, leaves, pynn.asarray(seed), order == 2)
    if order == 2:
        squares = [pynn.sum(g * g) for g in found if g is not None and g.requires_grad]
        if not squares:
            return found
        found = [*found, *pynn._core.gradients(sum(squares[1:], squares[0]), leaves, None, False)]
    return [None if g is None else g.detach() for g in found]


@pytest.mark.parametrize("row", DIFFERENTIABLE, ids=lambda row: row.name)
def test_derivatives(row, rng):
    for layout in (LAYOUTS[name] for name in ("flat", "transposed", "sliced", "broadcast", "scalar")):
        for dtype in FLOATS:
            operands = draw(row, layout, rng, dtype)
            seed = np.asarray(rng.normal(size=layout.view(operands[0]).shape), dtype)

            def function(*x, view=layout.view):
                return row.function(*map(view, x))

            check(
                lambda f=function, x=operands, seed=seed: derivatives(f, x, seed, 1),
                10 * tolerance(dtype),
                10 * tolerance(dtype),
            )


@pytest.mark.parametrize("row", DIFFERENTIABLE, ids=lambda row: row.name)
def test_second_derivatives(row, rng):
    operands = draw(row, LAYOUTS["flat"], rng, "float64")
    check(lambda: derivatives(row.function, operands, np.ones(37), 2), 1e-10, 1e-10)


@pytest.mark.parametrize("layout", ["flat", "transposed", "broadcast", "sliced"])
def test_clip_and_where(layout, rng):
    layout = LAYOUTS[layout]
    for dtype in [d for d in DTYPES if d not in ("float16", "bfloat16")]:
        a, b, c = (Layout(layout.shape).draw(rng, dtype) for _ in range(3))

        def call(a=a, b=b, c=c):
            x, y, z = (layout.view(pynn.asarray(each)) for each in (a, b, c))
            chosen = pynn.where(x != y, x, y), pynn.where(x.astype("bool"), z, x)
            return chosen if x.dtype == "bool" else (*chosen, pynn.clip(x, y, z), pynn.clip(x, 0, 1))

        check(call, 0, 0)
    for dtype in FLOATS:
        operands = [Layout(layout.shape).draw(rng, dtype) for _ in range(3)]
        seed = np.asarray(rng.normal(size=layout.view(operands[0]).shape), dtype)
        for f in (pynn.clip, lambda a, b, c: pynn.where(a > b, b * c, a)):
            check(
                lambda f=f, x=operands, seed=seed: derivatives(
                    lambda *x: f(*map(layout.view, x)), x, seed, 1
                ),
                10 * tolerance(seed.dtype.name),
                10 * tolerance(seed.dtype.name),
            )


@pytest.mark.parametrize("source", DTYPES)
def test_casts(source, rng):
    drawn = source if source not in ("float16", "bfloat16") else "float32"
    for layout in (LAYOUTS["flat"], LAYOUTS["transposed"], LAYOUTS["reversed"]):
        x = Layout(layout.shape).draw(rng, drawn)
        if drawn in FLOATS:
            x = np.abs(x)  # what a negative number is as an unsigned one, the standard leaves open
        for target in DTYPES:
            check(
                lambda x=x, view=layout.view, to=target: view(pynn.asarray(x).astype(source)).astype(to), 0, 0
            )
