"""One step of each optimizer against the formulas of Keras 3 in NumPy, for every combination of its options."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import pynn
from pynn import _core

N = 1037  # several vectors and a rest
STEPS = 10
SHARED = [  # weight decay, clip_value, scale
    {},
    {"weight_decay": 0.1},
    {"clip_value": 0.5},
    {"scale": 0.25},
    {"weight_decay": 0.05, "clip_value": 0.3, "scale": 2.0},
]


def used(g, scale=1.0, clip_value=np.inf, **_):
    return np.clip(g * scale, -clip_value, clip_value)


def decayed(w, learning_rate, weight_decay=0.0, **_):
    return w - w * weight_decay * learning_rate


def sgd(w, g, m, *, learning_rate, momentum=0.0, nesterov=False, **shared):
    g, w = used(g, **shared), decayed(w, learning_rate, **shared)
    if m is None:
        return w - learning_rate * g, [None]
    m = momentum * m - learning_rate * g
    return w + (momentum * m - learning_rate * g if nesterov else m), [m]


def rmsprop(w, g, v, m, average, *, learning_rate, rho, epsilon, momentum=0.0, **shared):
    g, w = used(g, **shared), decayed(w, learning_rate, **shared)
    v = rho * v + (1 - rho) * g**2
    variance = v
    if average is not None:
        average = rho * average + (1 - rho) * g
        variance = v - average**2
    step = learning_rate * g / np.sqrt(variance + epsilon)
    if m is not None:
        m = momentum * m + step
        step = m
    return w - step, [v, m, average]


def adagrad(w, g, v, *, learning_rate, epsilon, **shared):
    g, w = used(g, **shared), decayed(w, learning_rate, **shared)
    v = v + g**2
    return w - learning_rate * g / np.sqrt(v + epsilon), [v]


def adam(w, g, m, v, vmax, *, learning_rate, beta_1, beta_2, epsilon, step, **shared):
    g, w = used(g, **shared), decayed(w, learning_rate, **shared)
    alpha = learning_rate * np.sqrt(1 - beta_2**step) / (1 - beta_1**step)
    m = m + (g - m) * (1 - beta_1)
    v = v + (g**2 - v) * (1 - beta_2)
    variance = v
    if vmax is not None:
        vmax = np.maximum(vmax, v)
        variance = vmax
    return w - m * alpha / (np.sqrt(variance) + epsilon), [m, v, vmax]


def adadelta(w, g, v, d, *, learning_rate, rho, epsilon, **shared):
    g, w = used(g, **shared), decayed(w, learning_rate, **shared)
    v = rho * v + (1 - rho) * g**2
    step = g * np.sqrt(d + epsilon) / np.sqrt(v + epsilon)
    return w - learning_rate * step, [v, rho * d + (1 - rho) * step**2]


def adamax(w, g, m, u, *, learning_rate, beta_1, beta_2, epsilon, step, **shared):
    g, w = used(g, **shared), decayed(w, learning_rate, **shared)
    m, u = beta_1 * m + (1 - beta_1) * g, np.maximum(beta_2 * u, abs(g))
    return w - learning_rate / (1 - beta_1**step) * m / (u + epsilon), [m, u]


def nadam(
    w, g, m, v, *, learning_rate, beta_1, beta_2, epsilon, momentum, next_momentum, product, step, **shared
):
    g, w = used(g, **shared), decayed(w, learning_rate, **shared)
    m, v = beta_1 * m + (1 - beta_1) * g, beta_2 * v + (1 - beta_2) * g**2
    ahead = next_momentum * m / (1 - product * next_momentum) + (1 - momentum) * g / (1 - product)
    return w - learning_rate * ahead / (np.sqrt(v / (1 - beta_2**step)) + epsilon), [m, v]


def ftrl(w, g, v, z, *, learning_rate, power=-0.5, l1=0.0, l2=0.0, l2_shrinkage=0.0, **shared):
    g, w = used(g, **shared), decayed(w, learning_rate, **shared)
    after = v + g**2
    z = z + g + 2 * l2_shrinkage * w - (after**-power - v**-power) / learning_rate * w
    return (np.clip(z, -l1, l1) - z) / (after**-power / learning_rate + 2 * l2), [after, z]


def lion(w, g, m, *, learning_rate, beta_1, beta_2, **shared):
    g, w = used(g, **shared), decayed(w, learning_rate, **shared)
    return w - learning_rate * np.sign(beta_1 * m + (1 - beta_1) * g), [beta_2 * m + (1 - beta_2) * g]


NEEDS_STEP = (adam, adamax, nadam)


def cases():
    for shared in SHARED:
        yield sgd, [False], {"learning_rate": 0.1, **shared}
        for momentum, nesterov in itertools.product([0.0, 0.9], [False, True]):
            yield sgd, [True], {"learning_rate": 0.1, "momentum": momentum, "nesterov": nesterov, **shared}
        for has_m, has_average in itertools.product([False, True], [False, True]):
            options = {"learning_rate": 0.01, "rho": 0.9, "epsilon": 1e-7, "momentum": 0.8 if has_m else 0.0}
            yield rmsprop, [True, has_m, has_average], {**options, **shared}
        yield adagrad, [True], {"learning_rate": 0.05, "epsilon": 1e-7, **shared}
        for amsgrad in (False, True):
            options = {"learning_rate": 0.01, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7}
            yield adam, [True, True, amsgrad], {**options, **shared}
        yield adadelta, [True, True], {"learning_rate": 1.0, "rho": 0.9, "epsilon": 1e-6, **shared}
        options = {"learning_rate": 0.01, "beta_1": 0.9, "beta_2": 0.99, "epsilon": 1e-7}
        yield adamax, [True, True], {**options, **shared}
        momenta = {"momentum": 0.5, "next_momentum": 0.6, "product": 0.4}
        yield nadam, [True, True], {**options, **momenta, **shared}
        yield ftrl, [True, True], {"learning_rate": 0.1, **shared}
        penalties = {"power": -0.7, "l1": 0.2, "l2": 0.1, "l2_shrinkage": 0.05}
        yield ftrl, [True, True], {"learning_rate": 0.1, **penalties, **shared}
        yield lion, [True], {"learning_rate": 0.01, "beta_1": 0.9, "beta_2": 0.99, **shared}


def described(case):
    reference, states, options = case
    return "-".join(
        [reference.__name__, *("state" if s else "none" for s in states), *map(str, options.values())]
    )


CASES = list(cases())


def run(reference, states, options, dtype, gradients, w0):
    """(weights and states by the kernel, weights and states by the formula) after all gradients."""
    kernel = getattr(_core, reference.__name__)
    w = pynn.tensor(w0.astype(dtype))
    first = 0.1 if reference is ftrl else 0.0  # Keras's accumulator, by which the formula divides
    ours = [pynn.full(w0.shape, first, dtype=dtype) if s else None for s in states]
    theirs_w, theirs = w0, [np.full(w0.shape, first) if s else None for s in states]
    for step, g in enumerate(gradients, 1):
        extra = {"step": step} if reference in NEEDS_STEP else {}
        assert kernel(w, pynn.asarray(g.astype(dtype)), *ours, **options, **extra) is None
        theirs_w, theirs = reference(theirs_w, g, *theirs, **options, **extra)
    return [w, *ours], [theirs_w, *theirs]


@pytest.mark.parametrize("case", CASES, ids=described)
def test_ten_steps_equal_the_formula(case, isa):
    reference, states, options = case
    rng = np.random.default_rng(0)
    w0 = rng.standard_normal(N).astype(np.float32).astype(np.float64)
    gradients = rng.standard_normal((STEPS, N)).astype(np.float32).astype(np.float64)
    for dtype, tolerance in (("float64", 1e-12), ("float32", 2e-5)):
        ours, theirs = run(reference, states, options, dtype, gradients, w0)
        for got, expected in zip(ours, theirs, strict=True):
            if expected is not None:
                np.testing.assert_allclose(got.numpy(), expected, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("n", [0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 33, 70_001])
@pytest.mark.parametrize("case", CASES[:1] + CASES[5:6] + CASES[9:17], ids=described)
def test_every_length(n, case, isa):
    reference, states, options = case
    rng = np.random.default_rng(n)
    ours, theirs = run(
        reference, states, options, "float64", rng.standard_normal((2, n)), rng.standard_normal(n)
    )
    for got, expected in zip(ours, theirs, strict=True):
        if expected is not None:
            np.testing.assert_allclose(got.numpy(), expected, rtol=1e-11, atol=1e-12)


def test_weights_of_any_shape_stay_where_they_are():
    w = pynn.ones((3, 4))
    view = w.numpy()
    _core.sgd(w, pynn.ones((3, 4)), None, learning_rate=0.25)
    assert (view == 0.75).all()


def test_the_gradient_is_left_as_it_was(isa):
    g = np.random.default_rng(0).standard_normal(100)
    for reference, states, options in CASES:
        tensor = pynn.tensor(g)
        extra = {"step": 1} if reference in NEEDS_STEP else {}
        state = [pynn.zeros(100, dtype="float64") if s else None for s in states]
        getattr(_core, reference.__name__)(
            pynn.ones(100, dtype="float64"), tensor, *state, **options, **extra
        )
        np.testing.assert_array_equal(tensor.numpy(), g)


@pytest.mark.parametrize("case", CASES[:17], ids=described)
def test_a_nan_gradient_is_not_hidden(case, isa):
    reference, states, options = case
    gradients = np.zeros((1, 40))
    gradients[0, 17] = np.nan
    ours, _ = run(reference, states, options, "float32", gradients, np.ones(40))
    assert np.flatnonzero(np.isnan(ours[0].numpy())).tolist() == [17]


def test_tiny_gradients_leave_no_denormal_state(isa):
    tiny = float(np.finfo(np.float32).tiny)
    gradients = np.full((3, 64), 1e-30)
    for case in CASES:
        reference, states, options = case
        if "scale" in options:
            continue
        ours, _ = run(reference, states, options, "float32", gradients, np.ones(64))
        for state in ours:
            if state is not None:
                magnitude = np.abs(state.numpy())
                assert ((magnitude == 0) | (magnitude >= tiny)).all(), described(case)


def test_results_do_not_depend_on_the_number_of_threads(isa):
    before = pynn.get_num_threads()
    rng = np.random.default_rng(0)
    w0, gradients = rng.standard_normal(100_003), rng.standard_normal((2, 100_003))
    bits = set()
    try:
        for threads in (1, 2, 3):
            pynn.set_num_threads(threads)
            ours, _ = run(*CASES[10], "float32", gradients, w0)
            bits.add(b"".join(t.numpy().tobytes() for t in ours if t is not None))
    finally:
        pynn.set_num_threads(before)
    assert len(bits) == 1


# ---- global_norm -----------------------------------------------------------------------------------------------------


def test_global_norm():
    rng = np.random.default_rng(0)
    arrays = [rng.standard_normal(s) for s in [(3, 4), (), (5,), (0, 2)]]
    expected = np.sqrt(sum((a**2).sum() for a in arrays))
    assert _core.global_norm([pynn.tensor(a) for a in arrays]) == pytest.approx(expected, rel=1e-6)
    assert _core.global_norm([pynn.tensor(arrays[0].T)]) == pytest.approx(np.linalg.norm(arrays[0]), rel=1e-6)
    assert _core.global_norm([]) == 0.0
    assert np.isnan(_core.global_norm([pynn.asarray([1.0, np.nan])]))
    assert _core.global_norm([pynn.asarray([3e30, 4e30], dtype="float32")]) == pytest.approx(5e30, rel=1e-6)
    assert _core.global_norm([pynn.asarray([1.0, np.inf])]) == np.inf


# ---- Errors ----------------------------------------------------------------------------------------------------------


def call(name, w, g, state=None):
    state = pynn.zeros(w.shape, dtype=w.dtype) if state is None else state
    return {
        "sgd": lambda: _core.sgd(w, g, state, learning_rate=0.1),
        "rmsprop": lambda: _core.rmsprop(w, g, state, None, None, learning_rate=0.1, rho=0.9, epsilon=1e-7),
        "adagrad": lambda: _core.adagrad(w, g, state, learning_rate=0.1, epsilon=1e-7),
        "adam": lambda: _core.adam(
            w, g, state, state.copy(), None, learning_rate=0.1, beta_1=0.9, beta_2=0.99, epsilon=1e-7, step=1
        ),
    }[name]()


@pytest.mark.parametrize("name", ["sgd", "rmsprop", "adagrad", "adam"])
def test_wrong_arguments(name):
    w, g = pynn.ones(3), pynn.ones(3)
    for arguments, error, text in [
        ((w, pynn.ones(4)), pynn.ShapeError, "float32 (4,) does not fit the weights, float32 (3,)"),
        ((w, pynn.ones((3, 1))), pynn.ShapeError, "float32 (3, 1) does not fit the weights, float32 (3,)"),
        (
            (w, pynn.ones(3, dtype="float64")),
            pynn.DtypeError,
            "float64 (3,) does not fit the weights, float32 (3,)",
        ),
        ((w, g, pynn.ones(2)), pynn.ShapeError, "float32 (2,) does not fit the weights, float32 (3,)"),
        ((pynn.ones((3, 2)).T, pynn.ones((2, 3))), ValueError, "needs contiguous tensors"),
        ((w, pynn.ones(6)[::2]), ValueError, "needs contiguous tensors"),
        ((w, g, pynn.ones(3)[::-1]), ValueError, "needs contiguous tensors"),
        ((w, pynn.broadcast_to(pynn.ones(()), (3,))), ValueError, "needs contiguous tensors"),
    ]:
        with pytest.raises(error) as e:
            call(name, *arguments)
        assert str(e.value) == f"{name}: {text}"
        assert w.tolist() == [1.0] * 3


@pytest.mark.parametrize("name", ["sgd", "rmsprop", "adagrad", "adam"])
def test_other_types_and_read_only_memory_are_refused(name):
    with pytest.raises(pynn.DtypeError) as e:
        call(name, pynn.ones(3, dtype="int32"), pynn.ones(3, dtype="int32"))
    assert str(e.value) == f"{name} is not defined for int32; convert first: x.astype('float32')"
    array = np.ones(3, np.float32)
    array.flags.writeable = False
    with pytest.raises(ValueError, match=rf"^{name}: needs writable tensors$"):
        call(name, pynn.asarray(array), pynn.ones(3))
    call(name, pynn.ones(3), pynn.asarray(array))  # the gradient is only read
