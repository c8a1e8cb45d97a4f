"""Optimizers: weights after 1, 2 and 10 steps against Keras run on JAX; memory layout; every error."""

from __future__ import annotations

import itertools
import math
import re
from contextlib import nullcontext

import numpy as np
import pytest

import pynn
from pynn import optimizers
from pynn.optimizers import arena, schedules

# Keras's variables still lack the copy argument that NumPy 2 asks for.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

SHAPES = [(7, 5), (5,), (5, 3), (3,), ()]
STEPS = (1, 2, 10)


def draw(seed, scale=1.0, shapes=SHAPES):
    rng = np.random.default_rng(seed)
    return [np.asarray(rng.normal(0, scale, shape), "float32") for shape in shapes]


def make(values):
    return [pynn.Variable(value, name=f"v{i}") for i, value in enumerate(values)]


def run(optimizer, variables):
    """Yield the weights after the steps in STEPS; gradients are drawn anew at each."""
    for step in range(1, max(STEPS) + 1):
        optimizer.apply(draw(step)[: len(variables)], variables)
        if step in STEPS:
            yield [np.array(variable.numpy()) for variable in variables]


OWN = [
    ("SGD", {}),
    ("SGD", {"momentum": 0.9}),
    ("SGD", {"momentum": 0.9, "nesterov": True}),
    ("SGD", {"nesterov": True}),
    *(
        ("RMSprop", {"momentum": momentum, "centered": centered, "rho": rho})
        for momentum, centered, rho in itertools.product((0.0, 0.8), (False, True), (0.9, 0.5))
    ),
    ("RMSprop", {"epsilon": 0.1}),
    ("Adagrad", {}),
    ("Adagrad", {"initial_accumulator_value": 0.5, "epsilon": 0.01}),
    ("Adam", {}),
    ("Adam", {"amsgrad": True}),
    ("Adam", {"beta_1": 0.5, "beta_2": 0.7, "epsilon": 0.01}),
    ("AdamW", {}),
    ("AdamW", {"amsgrad": True}),
    ("Adadelta", {"learning_rate": 1.0}),
    ("Adadelta", {"rho": 0.5, "epsilon": 0.01}),
    ("Adamax", {}),
    ("Adamax", {"beta_1": 0.5, "beta_2": 0.7, "epsilon": 0.01}),
    ("Nadam", {}),
    ("Nadam", {"beta_1": 0.5, "beta_2": 0.7, "epsilon": 0.01}),
    ("Ftrl", {"learning_rate": 0.05}),
    ("Ftrl", {"learning_rate": 0.05, "learning_rate_power": -0.8, "beta": 0.3}),
    (
        "Ftrl",
        {
            "initial_accumulator_value": 0.4,
            "l1_regularization_strength": 0.1,
            "l2_regularization_strength": 0.2,
            "l2_shrinkage_regularization_strength": 0.3,
        },
    ),
    ("Lion", {}),
    ("Lion", {"beta_1": 0.5, "beta_2": 0.7}),
    ("Lamb", {}),
    ("Lamb", {"beta_1": 0.5, "beta_2": 0.7, "epsilon": 0.01}),
]
KINDS = sorted({kind for kind, _ in OWN})
SHARED = [
    {},
    {"learning_rate": 0.015},
    {"weight_decay": 0.1},
    {"clipnorm": 1.5},
    {"clipvalue": 0.4},
    {"global_clipnorm": 2.0},
    {"use_ema": True},
    {"use_ema": True, "ema_momentum": 0.6, "ema_overwrite_frequency": 2},
    {"weight_decay": 0.05, "global_clipnorm": 3.0, "use_ema": True, "ema_overwrite_frequency": 1},
    {"gradient_accumulation_steps": 3},
]


def name_of(value):
    return "-".join(f"{k}={v}" for k, v in value.items()) if isinstance(value, dict) else value


def conditions_at_once(keras, options):
    """Where Keras asks whether a step is due, jax would compile both answers anew at each step: 3 seconds a case."""
    if "gradient_accumulation_steps" in options and keras.backend.backend() == "jax":
        return pytest.importorskip("jax").disable_jit()
    return nullcontext()


@pytest.mark.parametrize("shared", SHARED, ids=name_of)
@pytest.mark.parametrize(("kind", "own"), OWN, ids=name_of)
def test_weights_are_those_of_keras(keras, kind, own, shared):
    options = {**own, **shared}
    ours, theirs = getattr(optimizers, kind)(**options), getattr(keras.optimizers, kind)(**options)
    variables, references = make(draw(0)[:2]), [keras.Variable(value) for value in draw(0)[:2]]
    with conditions_at_once(keras, shared):
        for mine, reference in zip(run(ours, variables), run(theirs, references), strict=True):
            for a, b in zip(mine, reference, strict=True):
                np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-6)
    ours.finalize_variable_values(variables)
    theirs.finalize_variable_values(references)
    for a, b in zip(variables, references, strict=True):
        np.testing.assert_allclose(a.numpy(), np.asarray(b.numpy()), rtol=1e-6, atol=1e-6)


def test_weight_decay_leaves_out_what_is_excluded(keras):
    ours, theirs = optimizers.AdamW(weight_decay=0.5), keras.optimizers.AdamW(weight_decay=0.5)
    variables, references = make(draw(0)), [keras.Variable(v, name=f"v{i}") for i, v in enumerate(draw(0))]
    ours.exclude_from_weight_decay(var_list=[variables[0]], var_names=["v3"])
    theirs.exclude_from_weight_decay(var_list=[references[0]], var_names=["v3"])
    for mine, reference in zip(run(ours, variables), run(theirs, references), strict=True):
        for a, b in zip(mine, reference, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-6)


def test_defaults_are_those_of_keras(keras):
    for kind in KINDS:
        ours, theirs = (
            getattr(optimizers, kind)().get_config(),
            getattr(keras.optimizers, kind)().get_config(),
        )
        for key in set(ours) - {"name"}:
            assert ours[key] == pytest.approx(theirs[key]), (kind, key)


SCHEDULES = [
    ("ExponentialDecay", {"initial_learning_rate": 0.1, "decay_steps": 7, "decay_rate": 0.5}),
    (
        "ExponentialDecay",
        {"initial_learning_rate": 0.1, "decay_steps": 7, "decay_rate": 0.5, "staircase": True},
    ),
    ("InverseTimeDecay", {"initial_learning_rate": 0.1, "decay_steps": 7, "decay_rate": 0.5}),
    (
        "InverseTimeDecay",
        {"initial_learning_rate": 0.1, "decay_steps": 7, "decay_rate": 0.5, "staircase": True},
    ),
    ("PiecewiseConstantDecay", {"boundaries": [3, 9], "values": [1.0, 0.5, 0.1]}),
    ("PolynomialDecay", {"initial_learning_rate": 0.1, "decay_steps": 10}),
    ("PolynomialDecay", {"initial_learning_rate": 0.1, "decay_steps": 10, "power": 2.0, "cycle": True}),
    ("CosineDecay", {"initial_learning_rate": 0.1, "decay_steps": 10}),
    ("CosineDecay", {"initial_learning_rate": 0.1, "decay_steps": 10, "alpha": 0.2}),
    (
        "CosineDecay",
        {"initial_learning_rate": 0.0, "decay_steps": 10, "warmup_target": 0.1, "warmup_steps": 5},
    ),
    ("CosineDecayRestarts", {"initial_learning_rate": 0.1, "first_decay_steps": 5}),
    (
        "CosineDecayRestarts",
        {"initial_learning_rate": 0.1, "first_decay_steps": 5, "t_mul": 1.0, "m_mul": 0.5},
    ),
    (
        "CosineDecayRestarts",
        {"initial_learning_rate": 0.1, "first_decay_steps": 6, "m_mul": 0.9, "alpha": 0.1},
    ),
]


@pytest.mark.parametrize(("kind", "options"), SCHEDULES, ids=name_of)
def test_schedule_is_that_of_keras(keras, kind, options):
    ours = getattr(schedules, kind)(**options)
    theirs = getattr(keras.optimizers.schedules, kind)(**options)
    # Where a restart falls depends on rounding in float32 on Keras's side, so those steps are left out.
    steps = [
        s for s in (0, 1, 2, 3, 4, 6, 7, 8, 9, 11, 14, 19, 33, 100) if s % 5 or not kind.endswith("Restarts")
    ]
    for step in steps:
        assert ours(step) == pytest.approx(float(theirs(step)), rel=1e-5, abs=1e-7), step
        assert ours(pynn.Variable(step, dtype="int64")) == ours(step)


def test_schedule_survives_its_config():
    for kind, options in SCHEDULES:
        schedule = getattr(schedules, kind)(**options)
        again = schedules.deserialize(schedules.serialize(schedule))
        assert type(again) is type(schedule)
        assert again.get_config() == schedule.get_config()
        assert [again(s) for s in range(20)] == [schedule(s) for s in range(20)]


def test_optimizer_follows_a_schedule(keras):
    options = SCHEDULES[0][1]
    ours = optimizers.SGD(schedules.ExponentialDecay(**options), momentum=0.5)
    theirs = keras.optimizers.SGD(keras.optimizers.schedules.ExponentialDecay(**options), momentum=0.5)
    for mine, reference in zip(
        run(ours, make(draw(0))), run(theirs, [keras.Variable(v) for v in draw(0)]), strict=True
    ):
        for a, b in zip(mine, reference, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-6)
    assert float(ours.learning_rate) == pytest.approx(0.1 * 0.5 ** (10 / 7))
    again = optimizers.SGD.from_config(ours.get_config())
    assert again.get_config() == ours.get_config()


def test_learning_rate_is_settable():
    (variable,) = make([np.zeros(1)])
    optimizer = optimizers.SGD(1)
    optimizer.apply([[1.0]], [variable])
    optimizer.learning_rate = 0.5
    optimizer.apply([[1.0]], [variable])
    optimizer.learning_rate.assign(0.25)
    optimizer.apply([[1.0]], [variable])
    optimizer.learning_rate = schedules.ExponentialDecay(2.0, 1, 1.0)
    optimizer.apply([[1.0]], [variable])
    assert variable.numpy().tolist() == [-3.75]
    rate = pynn.Variable(8.0)
    assert optimizers.SGD(rate).learning_rate is rate
    assert optimizers.SGD(lambda: 3.0).learning_rate == 3.0


@pytest.mark.parametrize("kind", KINDS)
def test_accumulated_gradients_make_the_step_of_their_mean(kind):
    values, gradients = draw(0), [draw(seed) for seed in range(1, 7)]
    expected, variables = make(values), make(values)
    plain = getattr(optimizers, kind)(clipnorm=1.0)
    ours = getattr(optimizers, kind)(clipnorm=1.0, gradient_accumulation_steps=3)
    for first in (0, 3):
        plain.apply([sum(g) / 3 for g in zip(*gradients[first : first + 3], strict=True)], expected)
        for g in gradients[first : first + 3]:
            ours.apply(g, variables)
    assert int(ours.iterations) == int(plain.iterations) == 2
    for a, b in zip(variables, expected, strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_state_that_was_saved_goes_on_as_if_never_stopped(kind):
    options = {"use_ema": True, "weight_decay": 0.1}
    whole, first, second = (getattr(optimizers, kind)(**options) for _ in range(3))
    expected, variables = make(draw(0)), make(draw(0))
    for step in range(6):
        whole.apply(draw(step), expected)
        if step < 3:
            first.apply(draw(step), variables)
    second.build(variables)
    for mine, saved in zip(second.variables, first.variables, strict=True):
        mine.assign(saved.numpy())
    for step in range(3, 6):
        second.apply(draw(step), variables)
    for a, b in zip(variables, expected, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())


@pytest.mark.parametrize("kind", KINDS)
def test_config_makes_an_equal_optimizer(kind):
    options = {"clipvalue": 0.5, "use_ema": True, "gradient_accumulation_steps": 4, "learning_rate": 0.25}
    optimizer = getattr(optimizers, kind)(**options)
    again = optimizers.deserialize(optimizers.serialize(optimizer))
    assert type(again) is type(optimizer) is type(optimizers.get(kind.upper()))
    assert again.get_config() == optimizer.get_config()
    assert options.items() <= again.get_config().items()


def test_averages_and_weights_swap():
    variables = make(draw(0))
    optimizer = optimizers.SGD(1.0, use_ema=True, ema_momentum=0.5)
    for step in (1, 2):
        optimizer.apply(draw(step), variables)
    weights = [v.numpy() for v in variables]
    optimizer.swap_averages()
    for value, after_one, variable in zip(
        weights, (v - g for v, g in zip(draw(0), draw(1), strict=True)), variables, strict=True
    ):
        np.testing.assert_allclose(variable.numpy(), 0.5 * after_one + 0.5 * value, rtol=1e-5, atol=1e-6)
    optimizer.swap_averages()
    for value, variable in zip(weights, variables, strict=True):
        np.testing.assert_array_equal(variable.numpy(), value)


def test_apply_gradients_takes_pairs_in_any_order():
    values = draw(0)
    expected = make(values)
    optimizers.Adam().apply(draw(1), expected)
    variables = make(values)
    optimizer = optimizers.Adam()
    optimizer.build(variables)
    pairs = list(zip(draw(1), variables, strict=True))
    assert int(optimizer.apply_gradients(reversed(pairs))) == 1
    for a, b in zip(variables, expected, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())


def test_variables_lie_side_by_side_and_stay_where_they_are():
    variables = make(draw(0))
    before = [v.numpy() for v in variables]
    optimizers.Adam().build(variables)
    places = [vars(v)["_place"] for v in variables]
    assert len({id(place.flat) for place in places}) == 1
    assert [place.start for place in places] == [0, 48, 64, 80, 96]
    optimizers.SGD().build(reversed(variables))
    assert [vars(v)["_place"] for v in variables] == places
    for variable, value in zip(variables, before, strict=True):
        np.testing.assert_array_equal(variable.numpy(), value)
    variables[1].assign(np.ones(5))
    assert places[1].flat[48:53].tolist() == [1.0] * 5


def test_a_step_is_one_call_where_memory_allows():
    sizes = []

    class Counting(optimizers.SGD):
        def _update(self, w, g, state, step, **shared):
            sizes.append(w.size)
            super()._update(w, g, state, step, **shared)

    def sizes_of(variables, grads, **options):
        sizes.clear()
        Counting(**options).apply(grads, variables)
        return list(sizes)

    variables = make(draw(0))
    assert sizes_of(variables, draw(1)) == [97]
    assert sizes_of(variables, draw(1), clipnorm=1.0) == [35, 5, 15, 3, 1]
    assert sizes_of(variables[1:3], draw(1)[1:3]) == [31]
    assert sizes_of(variables[:2] + variables[3:], draw(1)[:2] + draw(1)[3:]) == [53, 17]
    assert sizes_of(variables[::-1], draw(1)[::-1]) == [1, 3, 15, 5, 35]
    large = make([np.zeros(arena.DIRECT_SIZE), np.zeros(3), np.zeros(4)])
    assert sizes_of(large, [np.ones(arena.DIRECT_SIZE), np.ones(3), np.ones(4)]) == [arena.DIRECT_SIZE, 20]


def test_a_variable_shared_by_two_optimizers():
    """Interleaved steps of two optimizers move each variable as if it lay alone in memory."""
    shared, one, two = make(draw(0)[:3])
    first, second = optimizers.SGD(0.1, momentum=0.9), optimizers.SGD(0.2, momentum=0.5)
    weights = [v.astype("float64") for v in draw(0)[:3]]
    speeds = {}
    for step in range(4):
        g = draw(step)
        for optimizer, members, rate, momentum in (
            (first, ((0, shared), (1, one)), 0.1, 0.9),
            (second, ((2, two), (0, shared)), 0.2, 0.5),
        ):
            optimizer.apply([g[i] for i, _ in members], [v for _, v in members])
            for i, _ in members:
                speeds[rate, i] = momentum * speeds.get((rate, i), 0) - rate * g[i]
                weights[i] = weights[i] + speeds[rate, i]
    for variable, expected in zip((shared, one, two), weights, strict=True):
        np.testing.assert_allclose(variable.numpy(), expected, rtol=1e-5, atol=1e-6)


def test_a_variable_that_was_rebound_is_moved_again():
    variables = make(draw(0))
    optimizers.SGD().build(variables)
    elsewhere = pynn.asarray(np.full((7, 5), 2.0, "float32"), copy=True)
    variables[0]._rebind(elsewhere)
    optimizers.SGD(1.0).apply([np.ones(shape) for shape in SHAPES], variables)
    assert variables[0].numpy().tolist() == np.ones((7, 5)).tolist()


def test_variables_of_two_dtypes():
    variables = make(draw(0))
    variables.insert(2, pynn.Variable(np.full((4,), 2.0), dtype="float64", name="double"))
    optimizer = optimizers.Adam(0.5)
    grads = draw(1)
    grads.insert(2, np.full((4,), 3.0))
    optimizer.apply(grads, variables)
    assert variables[2].dtype == "float64"
    np.testing.assert_allclose(variables[2].numpy(), 1.5, rtol=1e-6)
    np.testing.assert_allclose(variables[3].numpy(), draw(0)[2] - 0.5 * np.sign(draw(1)[2]), atol=1e-4)


def test_gradients_of_other_kinds():
    """float64, integer and strided gradients, and empty and 0-d variables."""
    values = [np.zeros((2, 3)), np.zeros((0, 4)), np.zeros(())]
    variables = make(values)
    strided = np.arange(12.0).reshape(3, 4)[:, ::2].T
    optimizers.SGD(1.0).apply([strided, np.zeros((0, 4)), np.int64(2)], variables)
    np.testing.assert_array_equal(variables[0].numpy(), -strided)
    assert float(variables[2]) == -2


def test_a_missing_gradient_leaves_its_variable_and_warns():
    variables = make(draw(0))
    optimizer = optimizers.SGD(1.0, momentum=0.5)
    grads = draw(1)
    grads[1] = None
    with pytest.warns(UserWarning, match=r"^sgd[_0-9]*: no gradient for v1; left unchanged$"):
        optimizer.apply(grads, variables)
    np.testing.assert_array_equal(variables[1].numpy(), draw(0)[1])
    np.testing.assert_allclose(variables[2].numpy(), draw(0)[2] - draw(1)[2], rtol=1e-6)
    optimizer.apply(draw(1), variables)
    np.testing.assert_allclose(variables[1].numpy(), draw(0)[1] - draw(1)[1], rtol=1e-6)


def test_nan_and_infinite_gradients_are_not_hidden():
    for options in ({}, {"clipnorm": 1.0}, {"global_clipnorm": 1.0}):
        variables = make([np.zeros(2), np.zeros(2)])
        optimizers.SGD(**options).apply([[np.inf, 1.0], [1.0, 1.0]], variables)
        assert not np.isfinite(variables[0].numpy()).all()
        if "global_clipnorm" in options:
            assert np.isnan(variables[1].numpy()).all()


def test_state_is_visible_and_settable():
    variables = make(draw(0))
    first = optimizers.Adam()
    assert [v.name for v in first.variables] == ["iteration", "learning_rate"]
    first.apply(draw(1), variables)
    assert [v.name for v in first.variables[2:4]] == ["v0_momentum", "v0_velocity"]
    assert [v.shape for v in first.variables[2:]] == [shape for shape in SHAPES for _ in range(2)]
    copies = make([v.numpy() for v in variables])
    second = optimizers.Adam()
    second.build(copies)
    for to, of in zip(second.variables, first.variables, strict=True):
        to.assign(of.numpy())
    first.apply(draw(2), variables)
    second.apply(draw(2), copies)
    assert int(second.iterations) == 2
    for a, b in zip(variables, copies, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())


def test_names_and_configs():
    for name, kind in [("adam", "Adam"), ("RMSprop", "RMSprop"), ("sgd", "SGD"), ("adagrad", "Adagrad")]:
        assert type(optimizers.get(name)) is getattr(optimizers, kind)
    assert type(optimizers.get("AdamW")) is optimizers.AdamW
    optimizer = optimizers.RMSprop(0.5, clipvalue=2.0, name="mine")
    assert optimizers.get(optimizer) is optimizer
    again = optimizers.deserialize(optimizers.serialize(optimizer))
    assert again.get_config() == optimizer.get_config()
    assert repr(optimizer) == "<RMSprop name=mine>"


def applied(grads, values=((1.0, 2.0),), name="opt", **options):
    variables = make([np.asarray(value, "float32") for value in values])
    optimizers.SGD(name=name, **options).apply(grads, variables)


def unknown_variable():
    optimizer = optimizers.SGD(name="opt")
    optimizer.build(make(draw(0)))
    optimizer.apply([1.0], [pynn.Variable(1.0, name="stranger")])


def schedule_set():
    optimizers.SGD(schedules.ExponentialDecay(1.0, 1, 0.5), name="opt").learning_rate = 0.1


def late_exclusion():
    optimizer = optimizers.SGD(name="opt")
    optimizer.build(make(draw(0)))
    optimizer.exclude_from_weight_decay(var_names=["bias"])


def twice():
    (variable,) = make([np.zeros(2)])
    optimizers.SGD(name="opt").build([variable, variable])


LEGACY = "pass a schedule as learning_rate=, for instance pynn.optimizers.schedules.InverseTimeDecay"
ERRORS = [
    (lambda: optimizers.SGD(lr=0.1), TypeError, "SGD has no argument 'lr'; write learning_rate="),
    (lambda: optimizers.RMSprop(decay=1e-8), TypeError, f"RMSprop has no argument 'decay'; {LEGACY}"),
    (
        lambda: optimizers.Adam(learning_rat=0.1),
        TypeError,
        "Adam has no argument 'learning_rat'; did you mean 'learning_rate'?",
    ),
    (
        lambda: optimizers.Adam(clipnrom=1),
        TypeError,
        "Adam has no argument 'clipnrom'; did you mean 'clipnorm'?",
    ),
    (lambda: optimizers.SGD(flavour=1), TypeError, "SGD has no argument 'flavour'"),
    (
        lambda: optimizers.SGD(gradient_accumulation_steps=1),
        ValueError,
        "SGD: gradient_accumulation_steps must be None or a whole number from 2, got 1",
    ),
    (
        lambda: optimizers.Adam(loss_scale_factor=2.0),
        ValueError,
        "Adam: loss_scale_factor must be None, got 2.0",
    ),
    (lambda: optimizers.Lion(beta_1=0), ValueError, "Lion: beta_1 must lie in (0, 1], got 0"),
    (
        lambda: optimizers.Ftrl(learning_rate_power=0.5),
        ValueError,
        "Ftrl: learning_rate_power must be 0 or negative, got 0.5",
    ),
    (
        lambda: optimizers.Ftrl(l1_regularization_strength=-1),
        ValueError,
        "Ftrl: l1_regularization_strength must not be negative, got -1",
    ),
    (
        lambda: optimizers.get("muon"),
        NotImplementedError,
        "pynn has no optimizer Muon: use AdamW",
    ),
    (
        lambda: optimizers.LossScaleOptimizer(optimizers.SGD()),
        NotImplementedError,
        "pynn has no optimizer LossScaleOptimizer: it trains in float32, where small gradients do not vanish; "
        "use the inner optimizer alone",
    ),
    (
        lambda: optimizers.SGD(name="opt").swap_averages(),
        ValueError,
        "opt: keeps no averages of weights; make it with use_ema=True",
    ),
    (
        lambda: optimizers.SGD("fast"),
        ValueError,
        "SGD: learning_rate must be a finite number or a schedule, got 'fast'",
    ),
    (
        lambda: optimizers.SGD(math.nan),
        ValueError,
        "SGD: learning_rate must be a finite number or a schedule, got nan",
    ),
    (lambda: optimizers.SGD(momentum=2), ValueError, "SGD: momentum must lie in [0, 1], got 2"),
    (lambda: optimizers.SGD(clipnorm=-1), ValueError, "SGD: clipnorm must be positive, got -1"),
    (
        lambda: optimizers.SGD(clipnorm=1, clipvalue=1),
        ValueError,
        "SGD: only one of clipnorm, clipvalue, global_clipnorm can be set, got clipnorm and clipvalue",
    ),
    (lambda: optimizers.SGD(ema_momentum=2), ValueError, "SGD: ema_momentum must lie in [0, 1], got 2"),
    (
        lambda: optimizers.SGD(ema_overwrite_frequency=0),
        ValueError,
        "SGD: ema_overwrite_frequency must be None or a whole number from 1, got 0",
    ),
    (
        lambda: optimizers.AdamW(weight_decay=None),
        ValueError,
        "AdamW: weight_decay must be a number, got None; Adam has none",
    ),
    (lambda: optimizers.get("adan"), ValueError, "unknown optimizer 'adan'; did you mean 'adam'?"),
    (lambda: optimizers.get(3), TypeError, "optimizer must be a name, a callable or a config, got int 3"),
    (lambda: optimizers.get(None), TypeError, "optimizer must be a name or an Optimizer, got None"),
    (
        lambda: optimizers.SGD(name="opt").apply([1.0]),
        ValueError,
        "opt: the first apply(grads, variables) needs the variables",
    ),
    (lambda: applied([]), ValueError, "opt: got 0 gradients for 1 variables"),
    (
        lambda: applied([None]),
        ValueError,
        "opt: no gradient for any variable; does the loss depend on them?",
    ),
    (
        lambda: applied([[1.0]]),
        pynn.ShapeError,
        "opt: gradient of shape (1,) for variable 'v0' of shape (2,)",
    ),
    (
        unknown_variable,
        ValueError,
        "opt: variable 'stranger' is not one of those this optimizer was built for; make a new optimizer",
    ),
    (
        lambda: optimizers.SGD(name="opt").build([np.zeros(3)]),
        TypeError,
        "opt: can only change Variables, got ndarray",
    ),
    (
        lambda: optimizers.SGD(name="opt").build([pynn.Variable(1, dtype="int32", name="n")]),
        pynn.DtypeError,
        "opt: variable 'n' is int32; expected float32 or float64",
    ),
    (twice, ValueError, "opt: a variable is in the list more than once"),
    (schedule_set, TypeError, "opt: the learning rate follows a schedule and cannot be set to a number"),
    (late_exclusion, ValueError, "opt: exclude_from_weight_decay must come before the first step"),
    (
        lambda: schedules.CosineDecay(0.1, 0),
        ValueError,
        "CosineDecay: decay_steps must be positive, got 0",
    ),
    (
        lambda: schedules.PiecewiseConstantDecay([1, 2], [1.0]),
        ValueError,
        "PiecewiseConstantDecay: expected one value more than boundaries, got 2 boundaries and 1 values",
    ),
    (
        lambda: schedules.PiecewiseConstantDecay([2, 1], [1.0, 2.0, 3.0]),
        ValueError,
        "PiecewiseConstantDecay: boundaries must rise, got [2, 1]",
    ),
    (
        lambda: schedules.CosineDecayRestarts(0.1, 1, t_mul=0.5),
        ValueError,
        "CosineDecayRestarts: t_mul must be at least 1, got 0.5",
    ),
    (
        lambda: schedules.LearningRateSchedule()(0),
        NotImplementedError,
        "LearningRateSchedule must define __call__(self, step)",
    ),
]


@pytest.mark.parametrize(("call", "error", "message"), ERRORS, ids=[m[:50] for _, _, m in ERRORS])
def test_error(call, error, message):
    with pytest.raises(error, match="^" + re.escape(message) + "$"):
        call()


def test_a_wrong_gradient_changes_nothing():
    variables = make([np.zeros(2), np.zeros(3)])
    optimizer = optimizers.SGD()
    with pytest.raises(pynn.ShapeError):
        optimizer.apply([np.ones(2), np.ones(2)], variables)
    assert [v.numpy().tolist() for v in variables] == [[0, 0], [0, 0, 0]]
    assert int(optimizer.iterations) == 0
