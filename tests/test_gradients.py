"""Derivatives of the rows against finite differences and PyTorch, fused against traced, of higher order."""

import re

import numpy as np
import pytest
from rows import BINARY, DIFFERENTIABLE, ROWS

import pynn
from pynn.testing import check_grad

every_row = pytest.mark.parametrize("row", DIFFERENTIABLE, ids=lambda row: row.name)


def gradients(function, *operands, create_graph=False, seed=None):
    leaves = [pynn.tensor(x, requires_grad=True) for x in operands]
    y = function(*leaves)
    seed = pynn.asarray(np.ones(y.shape, str(y.dtype)) if seed is None else seed)
    found = pynn._core.gradients(y, leaves, seed, create_graph)
    return [np.zeros_like(x) if g is None else g.numpy() for g, x in zip(found, operands, strict=True)]


@every_row
def test_first_derivative(row, short_layout, isa, rng):
    base = [np.asarray(rng.uniform(*domain, short_layout.shape)) for domain in row.domains]
    check_grad(lambda *xs: row.function(*map(short_layout.view, xs)), *base)


@every_row
def test_second_derivative(row, isa, rng):
    check_grad(
        row.function, *(rng.uniform(*domain, (5, 4)) for domain in row.domains), order=2, rtol=2e-5, atol=1e-6
    )


@pytest.mark.parametrize(
    "name", ["exp", "tanh", "sigmoid", "log", "sin", "gelu", "multiply", "divide", "power"]
)
def test_third_derivative(name, rng):
    row = next(row for row in ROWS if row.name == name)
    operands = [rng.uniform(max(domain[0], 0.3), 2, (7,)) for domain in row.domains]
    check_grad(row.function, *operands, order=3, rtol=1e-4, atol=1e-5)


# The points where a row bends or two operands tie, and some around them.
KINKS = np.array([-6, -3, -1, -0.5, 0, 0.5, 1, 3, 6, 7])


def with_kinks(row, rng):
    inside = [KINKS[(low <= KINKS) & (high >= KINKS)] for low, high in row.domains]
    if len(inside) == 1:
        drawn = [rng.uniform(*row.domains[0], 64)]
        return [np.concatenate([inside[0], *drawn])]
    return [
        np.concatenate([m.ravel(), rng.uniform(*d, 64)])
        for m, d in zip(np.meshgrid(*inside), row.domains, strict=True)
    ]


@every_row
def test_fused_derivative_is_the_traced_one(row, isa, rng):
    operands = with_kinks(row, rng)
    seed = rng.standard_normal(operands[0].shape)
    fused = gradients(row.function, *operands, seed=seed)
    traced = gradients(row.function, *operands, seed=seed, create_graph=True)
    for f, t in zip(fused, traced, strict=True):
        np.testing.assert_allclose(f, t, rtol=1e-12, atol=1e-14)


@every_row
def test_float32_derivative_is_close_to_float64(row, isa, rng):
    operands = [rng.uniform(*domain, 517).astype(np.float32) for domain in row.domains]
    single = gradients(row.function, *operands)
    double = gradients(row.function, *(x.astype(np.float64) for x in operands))
    for s, d in zip(single, double, strict=True):
        assert s.dtype == np.float32
        np.testing.assert_allclose(s, d, rtol=2e-5, atol=5e-6)


@every_row
def test_long_gradients_agree_with_short_ones(row, isa, rng):
    operands = [rng.uniform(*domain, 1009) for domain in row.domains]
    short = gradients(row.function, *operands)
    long = gradients(row.function, *(np.resize(x, 70_003) for x in operands))
    for s, g in zip(short, long, strict=True):
        np.testing.assert_array_equal(np.resize(s, 70_003), g)


def test_rows_without_derivative_record_nothing_or_say_so():
    for row in set(ROWS) - set(DIFFERENTIABLE):
        if "float64" in row.dtypes:
            leaves = [pynn.tensor([1.0, 2.0], dtype="float64", requires_grad=True) for _ in row.domains]
            y = row.function(*leaves)
            if y.dtype == "bool":
                assert not y.requires_grad, row.name
            else:
                hint = "use pynn.stop_gradient() on its operands"
                whole = f"the gradient of {row.name}: {row.name} has no derivative; {hint}"
                with pytest.raises(pynn.GradientError, match=f"^{re.escape(whole)}$"):
                    y.sum().backward()


# ---- PyTorch -----------------------------------------------------------------------------------------------

# What PyTorch calls differently.
RENAMED = {"log_sigmoid": "logsigmoid", "hard_sigmoid": "hardsigmoid", "power": "pow"}


def torch_function(name):
    torch = pytest.importorskip("torch")
    functional = torch.nn.functional
    own = {
        "gelu_tanh": lambda x: functional.gelu(x, approximate="tanh"),
        "softplus": lambda x: functional.softplus(x, threshold=700),
        "huber": lambda x, d: torch.where(
            x.abs() <= d, functional.huber_loss(x, x * 0, reduction="none", delta=9), d * (x.abs() - d / 2)
        ),
        "leaky_relu": lambda x, slope: torch.where(x > 0, x, slope * x),
        "elu": lambda x, alpha: torch.where(x > 0, x, alpha * torch.expm1(x)),
        "squared_difference": lambda a, b: (a - b) ** 2,
        "absolute_difference": lambda a, b: (a - b).abs(),
        "binary_cross_entropy_with_logits": lambda x, t: functional.softplus(x, threshold=700) - x * t,
        "binary_cross_entropy": lambda p, t: -t * p.log() - (1 - t) * (1 - p).log(),
    }
    name = RENAMED.get(name, name)
    found = own.get(name) or getattr(torch, name, None) or getattr(functional, name, None)
    return found or pytest.skip(f"PyTorch has no {name}; differences check its gradient")


# Rows without a derivative at (0, 0), where PyTorch and we may say what we like.
AT_ORIGIN = ("hypot", "atan2")


@every_row
def test_gradients_are_those_of_pytorch(row, isa, rng):
    torch = pytest.importorskip("torch")
    operands = with_kinks(row, rng)
    if row.name in AT_ORIGIN:
        away = (operands[0] != 0) | (operands[1] != 0)
        operands = [x[away] for x in operands]
    if row.name == "floor_divide":
        assert not any(g.any() for g in gradients(row.function, *operands))  # PyTorch has no derivative
        return
    leaves = [torch.tensor(x, requires_grad=True) for x in operands]
    y = torch_function(row.name)(*leaves)
    seed = rng.standard_normal(operands[0].shape)
    expected = torch.autograd.grad(y, leaves, torch.tensor(seed))
    for g, e in zip(gradients(row.function, *operands, seed=seed), expected, strict=True):
        # PyTorch's slope of hard_sigmoid is 1/6 rounded to float32.
        np.testing.assert_allclose(
            g, e.numpy(), rtol=1e-7 if row.name == "hard_sigmoid" else 1e-11, atol=1e-12
        )


# ---- Ties, as documented -----------------------------------------------------------------------------------


@pytest.mark.parametrize("create_graph", [False, True])
def test_ties_are_settled_as_documented(create_graph, isa):
    def at(function, *operands):
        operands = [float(x) for x in operands]
        return [float(g) for g in gradients(function, *map(np.array, operands), create_graph=create_graph)]

    assert at(pynn.relu, 0) == at(pynn.abs, 0) == at(pynn.relu6, 0) == at(pynn.relu6, 6) == [0]
    assert at(pynn.hard_sigmoid, -3) == at(pynn.hard_sigmoid, 3) == [0]
    assert at(pynn.maximum, 2, 2) == at(pynn.minimum, 2, 2) == [0.5, 0.5]
    assert at(pynn.absolute_difference, 2, 2) == at(pynn.hypot, 0, 0) == [0, 0]
    assert at(pynn.leaky_relu, 0, 0.2) == [0.2, 0]
    assert at(pynn.clip, 1, 1, 2) == at(pynn.clip, 2, 1, 2) == [1, 0, 0]
    assert at(pynn.clip, 0, 1, 2) == [0, 1, 0]
    assert at(pynn.clip, 3, 1, 2) == [0, 0, 1]
    assert at(pynn.clip, 0, 2, 1) == [0, 0, 1]  # the upper bound wins where they cross
    assert at(pynn.power, 0, 2) == at(pynn.power, 0, 0) == [0, 0]
    assert at(pynn.power, 0, 1) == [1, 0]


def test_power_of_a_negative_base(isa):
    base, exponent = gradients(pynn.power, np.array([-2.0, -2.0]), np.array([3.0, 2.0]))
    np.testing.assert_allclose(base, [12, -4])
    assert np.isnan(exponent).all()  # a power of a negative number is no function of a real exponent


# ---- Operations built on rows ------------------------------------------------------------------------------


@pytest.mark.parametrize("order", [1, 2])
def test_clip_and_where(order, short_layout, isa, rng):
    x, y, z = (rng.uniform(-2, 2, short_layout.shape) for _ in range(3))
    view = short_layout.view
    check_grad(lambda a, b: pynn.clip(view(a), view(b), 1.5) ** 3, x, y, order=order, atol=1e-6)
    check_grad(lambda a, b, c: pynn.clip(view(a), view(b), view(c)), x, y, z, order=order)
    check_grad(lambda a, b: pynn.where(view(a) > view(b), view(a) * 2, view(b)), x, y, order=order)


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize(
    ("m", "n"),
    [((2, 3), (3,)), ((2, 1), (1, 3)), ((4, 1, 3), (5, 1)), ((3,), ()), ((0, 2), (1,)), ((2, 3), (1, 1, 1))],
)
def test_gradients_through_broadcasting(m, n, order, isa, rng):
    a, b = rng.uniform(1, 2, m), rng.uniform(1, 2, n)
    for f in (pynn.multiply, pynn.divide, pynn.power, pynn.atan2, pynn.subtract):
        check_grad(f, a, b, order=order)
        check_grad(lambda x, y, f=f: f(y, x), a, b, order=order)
    for g, x in zip(gradients(pynn.add, a, b), (a, b), strict=True):
        assert g.shape == x.shape
        np.testing.assert_array_equal(g, np.full(x.shape, np.broadcast(a, b).size / max(x.size, 1)))


@pytest.mark.parametrize("order", [1, 2, 3])
def test_expanding_and_summing_are_each_others_derivative(order, rng):
    x = rng.uniform(1, 2, (3, 1))
    check_grad(lambda a: pynn.broadcast_to(a, (2, 3, 4)) ** 3, x, order=order, rtol=1e-4, atol=1e-4)


def test_long_broadcast_gradient_sums_every_element(isa):
    column, row = gradients(pynn.multiply, np.ones((300, 1)), np.arange(301.0))
    np.testing.assert_array_equal(column, np.full((300, 1), np.arange(301).sum()))
    np.testing.assert_array_equal(row, np.full(301, 300))


def test_gradients_pass_through_types():
    x = pynn.tensor([1.0, 2.0], requires_grad=True)
    (x.astype("float64") * np.array([3.0, 4.0])).sum().backward()
    assert x.grad.dtype == "float32"
    assert x.grad.tolist() == [3, 4]
    assert not pynn.astype(x, "int32").requires_grad


@pytest.mark.parametrize("row", [row for row in BINARY if row.differentiable], ids=lambda row: row.name)
def test_gradient_of_one_operand_alone(row, rng):
    operands = [rng.uniform(*domain, 5) for domain in row.domains]
    both = gradients(row.function, *operands)
    for i in (0, 1):
        alone = gradients(
            lambda x, i=i: row.function(*(x if j == i else operands[j] for j in (0, 1))), operands[i]
        )
        np.testing.assert_array_equal(alone[0], both[i])
    used_twice = gradients(lambda x: row.function(x, x), np.full(3, 0.7))
    np.testing.assert_allclose(used_twice[0], sum(gradients(row.function, np.full(3, 0.7), np.full(3, 0.7))))
