"""keras.random: names and arguments of Keras, seeds that repeat, and the distributions."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

import pynn
from pynn import random

DRAWS = {
    "uniform": lambda seed: random.uniform((50,), -1.0, 3.0, seed=seed),
    "normal": lambda seed: random.normal((50,), 1.0, 2.0, seed=seed),
    "truncated_normal": lambda seed: random.truncated_normal((50,), 1.0, 2.0, seed=seed),
    "randint": lambda seed: random.randint((50,), 3, 90, seed=seed),
    "categorical": lambda seed: random.categorical(np.log([[0.1, 0.2, 0.3, 0.4]]), 50, seed=seed),
    "dropout": lambda seed: random.dropout(np.ones(50, "float32"), 0.5, seed=seed),
    "shuffle": lambda seed: random.shuffle(np.arange(50), seed=seed),
    "gamma": lambda seed: random.gamma((50,), 2.0, seed=seed),
    "beta": lambda seed: random.beta((50,), 2.0, 3.0, seed=seed),
    "binomial": lambda seed: random.binomial((50,), 20, 0.4, seed=seed),
}


@pytest.mark.parametrize("name", DRAWS)
def test_arguments_are_keras_s(quick_keras, name):
    theirs = inspect.signature(getattr(quick_keras.random, name)).parameters
    ours = inspect.signature(getattr(random, name)).parameters
    assert [(p.name, p.default) for p in ours.values()] == [(p.name, p.default) for p in theirs.values()]


@pytest.mark.parametrize("name", DRAWS)
def test_an_integer_seed_gives_the_same_numbers_at_every_call(name):
    draw = DRAWS[name]
    assert draw(7).tolist() == draw(7).tolist()
    assert draw(7).tolist() != draw(8).tolist()


@pytest.mark.parametrize("name", DRAWS)
def test_a_seed_generator_goes_on(name):
    draw, generator, again = DRAWS[name], random.SeedGenerator(5), random.SeedGenerator(5)
    first, second = draw(generator).tolist(), draw(generator).tolist()
    assert first != second
    assert [draw(again).tolist(), draw(again).tolist()] == [first, second]


@pytest.mark.parametrize("name", DRAWS)
def test_set_random_seed_reaches_every_function(name):
    pynn.utils.set_random_seed(3)
    first = DRAWS[name](None).tolist()
    assert DRAWS[name](None).tolist() != first
    pynn.utils.set_random_seed(3)
    assert DRAWS[name](None).tolist() == first


def test_shapes_and_dtypes():
    assert random.normal((2, 3)).shape == (2, 3)
    assert random.uniform(5).shape == (5,)
    assert random.uniform(pynn.asarray([2, 3])).shape == (2, 3)
    assert str(random.normal((2,), dtype="float64").dtype) == "float64"
    assert str(random.randint((2,), 0, 5).dtype) == "int32"
    assert str(random.uniform((2,), 0, 9, dtype="int32").dtype) == "int32"
    assert random.categorical([[0.0, 1.0]] * 3, 4).shape == (3, 4)
    assert random.gamma((2, 3), [1.0, 2.0, 3.0]).shape == (2, 3)


N = 20_000


def test_the_distributions_have_their_moments():
    """Within four standard errors of the mean; the seed is fixed."""
    for values, mean, variance in (
        (random.uniform((N,), -1.0, 3.0, seed=1), 1.0, 16 / 12),
        (random.normal((N,), 1.0, 2.0, seed=1), 1.0, 4.0),
        (random.randint((N,), 3, 9, seed=1), 5.5, 35 / 12),
        (random.gamma((N,), 2.0, seed=1), 2.0, 2.0),
        (random.beta((N,), 2.0, 3.0, seed=1), 0.4, 0.04),
        (random.binomial((N,), 20, 0.4, seed=1), 8.0, 4.8),
    ):
        assert abs(float(values.mean()) - mean) < 4 * (variance / N) ** 0.5
        assert float(values.astype("float32").var()) == pytest.approx(variance, rel=0.05)


def test_categorical_draws_each_class_as_often_as_its_probability():
    drawn = np.asarray(random.categorical(np.log([[0.1, 0.6, 0.3, 0.0 + 1e-30]]), N, seed=2))
    np.testing.assert_allclose(np.bincount(drawn[0], minlength=4) / N, [0.1, 0.6, 0.3, 0.0], atol=0.015)


def test_truncated_normal_ends_at_two_standard_deviations():
    drawn = random.truncated_normal((N,), 5.0, 2.0, seed=1)
    assert float(drawn.min()) >= 1.0
    assert float(drawn.max()) <= 9.0


def test_dropout_keeps_the_mean_and_broadcasts_its_noise():
    x = np.ones((200, 50), "float32")
    assert float(random.dropout(x, 0.3, seed=1).mean()) == pytest.approx(1.0, abs=0.03)
    rows = np.asarray(random.dropout(x, 0.5, noise_shape=(None, 1), seed=1))
    assert set(np.unique(rows)) == {0.0, 2.0}
    assert (rows == rows[:, :1]).all()


def test_shuffle_moves_whole_slices():
    x = np.arange(12).reshape(3, 4)
    columns = np.asarray(random.shuffle(x, axis=1, seed=4))
    assert sorted(columns.T.tolist()) == x.T.tolist()


def test_a_seed_generator_repeats_from_its_state_and_config():
    generator = random.SeedGenerator(9)
    state = generator.state
    first = random.normal((3,), seed=generator).tolist()
    generator.state = state
    assert random.normal((3,), seed=generator).tolist() == first
    assert generator.get_config() == {"seed": 9, "name": "seed_generator"}
    assert (
        random.normal((3,), seed=random.SeedGenerator.from_config(generator.get_config())).tolist() == first
    )


def test_initializers_take_seed_generators():
    generator = random.SeedGenerator(1)
    glorot = pynn.initializers.GlorotUniform(seed=generator)
    assert glorot((2, 2)).tolist() != glorot((2, 2)).tolist()


def test_mistakes_are_reported():
    with pytest.raises(ValueError, match=r"^SeedGenerator: seed must be an integer or None, got 'x'$"):
        random.SeedGenerator("x")
    with pytest.raises(pynn.ShapeError, match=r"^categorical: logits must have shape \(B, C\), got \(2,\)$"):
        random.categorical([0.0, 1.0], 3)
    with pytest.raises(ValueError, match=r"^a seed is an integer from 0 to 2\*\*64 - 1, got 1.5$"):
        random.normal((2,), seed=1.5)
    with pytest.raises(ValueError, match=r"^dropout: rate must lie in \[0, 1\), got 1$"):
        random.dropout([1.0, 2.0], 1, noise_shape=(1,))
