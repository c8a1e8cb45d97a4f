"""Initializers: distributions against formulas and Keras, fans, seeds, configs, bad arguments."""

from __future__ import annotations

import math

import numpy as np
import pytest

import pynn
from pynn import initializers

# Keras's tensors and variables do not know NumPy 2's __array__ yet.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy")

SCALED = ["glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_uniform", "lecun_normal"]


def values(name, shape, **arguments):
    return initializers.registry.get({"class_name": name, "config": arguments})(shape).numpy()


@pytest.mark.parametrize(
    ("shape", "fans"),
    [((), (1, 1)), ((5,), (5, 5)), ((3, 4), (3, 4)), ((5, 8, 16), (40, 80)), ((3, 3, 8, 16), (72, 144))],
)
def test_fans(shape, fans):
    assert initializers.compute_fans(shape) == fans


@pytest.mark.parametrize("name", SCALED)
@pytest.mark.parametrize("shape", [(300, 500), (3, 3, 60, 80)])
def test_scaled_variance_is_scale_over_fan(name, shape):
    fan_in, fan_out = initializers.compute_fans(shape)
    fan = (fan_in + fan_out) / 2 if name.startswith("glorot") else fan_in
    variance = (2 if name.startswith("he") else 1) / fan
    drawn = values(name, shape, seed=3)
    assert abs(drawn.mean()) < 4 * math.sqrt(variance / drawn.size)
    assert drawn.var() == pytest.approx(variance, rel=0.03)
    if name.endswith("uniform"):
        assert abs(drawn).max() <= math.sqrt(3 * variance) * (1 + 1e-6)
    else:
        assert abs(drawn).max() <= 2 * math.sqrt(variance) / 0.8796256610342398 * (1 + 1e-6)


@pytest.mark.parametrize(
    "name", [*SCALED, "random_uniform", "random_normal", "truncated_normal", "zeros", "ones"]
)
def test_distribution_is_that_of_keras(keras, name):
    pynn.random.seed(1)
    keras.utils.set_random_seed(1)
    ours = np.sort(values(name, (200, 300)).ravel())
    theirs = np.sort(keras.ops.convert_to_numpy(keras.initializers.get(name)((200, 300))).ravel())
    spread = theirs.std() or 1.0
    # Quantiles away from the tails of 60,000 draws agree to about 1% of the spread.
    assert np.abs(ours - theirs)[3000:-3000].max() < 0.03 * spread
    if name.endswith("uniform"):
        assert abs(ours).max() == pytest.approx(abs(theirs).max(), rel=1e-2)


def test_uniform_and_normal_defaults():
    uniform = values("random_uniform", (1000, 50))
    assert -0.05 <= uniform.min() < -0.0499
    assert 0.0499 < uniform.max() <= 0.05
    normal = values("random_normal", (1000, 50))
    assert normal.std() == pytest.approx(0.05, rel=0.02)
    cut = values("truncated_normal", (1000, 50), mean=1.0, stddev=0.1)
    assert abs(cut - 1).max() <= 0.2 * (1 + 1e-6)
    assert cut.std() == pytest.approx(0.1 * 0.8796256610342398, rel=0.02)


def test_constants():
    assert values("zeros", (2, 3)).tolist() == [[0, 0, 0], [0, 0, 0]]
    assert values("ones", (2,)).tolist() == [1, 1]
    assert values("constant", (2,), value=2.5).tolist() == [2.5, 2.5]
    assert values("identity", (2, 3), gain=3).tolist() == [[3, 0, 0], [0, 3, 0]]


@pytest.mark.parametrize("shape", [(40, 40), (60, 20), (20, 60), (3, 3, 4, 10)])
def test_orthogonal(shape):
    matrix = values("orthogonal", shape, seed=1, gain=2.0).reshape(-1, shape[-1])
    small = matrix @ matrix.T if matrix.shape[0] < matrix.shape[1] else matrix.T @ matrix
    np.testing.assert_allclose(small, 4 * np.eye(len(small)), atol=1e-5)


@pytest.mark.parametrize(
    "name", [*SCALED, "random_uniform", "random_normal", "truncated_normal", "orthogonal"]
)
def test_seeds(name):
    seeded = initializers.registry.get({"class_name": name, "config": {"seed": 7}})
    np.testing.assert_array_equal(seeded((8, 9)).numpy(), seeded((8, 9)).numpy())
    assert (values(name, (8, 9), seed=8) != seeded((8, 9)).numpy()).any()
    pynn.random.seed(5)
    first = values(name, (8, 9)), values(name, (8, 9))
    pynn.random.seed(5)
    again = values(name, (8, 9)), values(name, (8, 9))
    np.testing.assert_array_equal(first, again)
    assert (first[0] != first[1]).any()


@pytest.mark.parametrize("name", initializers.registry.names())
def test_config_round_trip(name):
    initializer = initializers.get(name)
    again = initializers.get(initializers.serialize(initializer))
    assert type(again) is type(initializer)
    assert again.get_config() == initializer.get_config()
    assert repr(again) == repr(initializer)


@pytest.mark.parametrize("name", initializers.registry.names())
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_shape_and_dtype(name, dtype):
    made = initializers.get(name)((4, 6), dtype=dtype)
    assert made.shape == (4, 6)
    assert str(made.dtype) == dtype


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: initializers.get("glorot_unifrom"),
            ValueError,
            "unknown initializer 'glorot_unifrom'; did you mean 'glorot_uniform'?",
        ),
        (
            lambda: initializers.get(3),
            TypeError,
            "initializer must be a name, a callable or a config, got int 3",
        ),
        (
            lambda: initializers.VarianceScaling(scale=0),
            ValueError,
            "VarianceScaling: scale must be positive, got 0",
        ),
        (
            lambda: initializers.VarianceScaling(mode="fan"),
            ValueError,
            "VarianceScaling: mode must be one of fan_in, fan_out, fan_avg, got 'fan'",
        ),
        (
            lambda: initializers.VarianceScaling(distribution="gauss"),
            ValueError,
            "VarianceScaling: distribution must be one of truncated_normal, untruncated_normal, uniform, "
            "got 'gauss'",
        ),
        (
            lambda: initializers.Orthogonal()((3,)),
            ValueError,
            "Orthogonal initializer needs at least two axes, got shape (3,)",
        ),
        (
            lambda: initializers.Identity()((3,)),
            ValueError,
            "Identity initializer makes matrices, got shape (3,)",
        ),
    ],
)
def test_errors(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value) == message
