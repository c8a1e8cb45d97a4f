"""Random numbers: seeds, the stream, equal bits everywhere, distributions, errors; dropout."""

from __future__ import annotations

import math
import threading

import numpy as np
import pytest

import pynn
from pynn.random import Generator
from pynn.testing import check_grad

DRAWS = {
    "uniform32": lambda g, shape: g.uniform(shape),
    "uniform64": lambda g, shape: g.uniform(shape, dtype="float64"),
    "normal32": lambda g, shape: g.normal(shape),
    "normal64": lambda g, shape: g.normal(shape, dtype="float64"),
    "bernoulli32": lambda g, shape: g.bernoulli(0.3, shape),
    "bernoulli64": lambda g, shape: g.bernoulli(0.3, shape, dtype="float64"),
    "integers": lambda g, shape: g.integers(-5, 1000, shape),
    "permutation": lambda g, shape: g.permutation(math.prod(np.atleast_1d(shape).tolist())),
}


# ---- Philox, against an implementation in Python ---------------------------------------------------------------------


def philox(counter, key):
    """Philox4x32-10 (Salmon et al. 2011): four 32-bit words from a counter of four and a key of two."""
    x, k = list(counter), list(key)
    for _ in range(10):
        p, q = 0xD2511F53 * x[0], 0xCD9E8D57 * x[2]
        x = [q >> 32 ^ x[1] ^ k[0], q & 0xFFFFFFFF, p >> 32 ^ x[3] ^ k[1], p & 0xFFFFFFFF]
        k = [(k[0] + 0x9E3779B9) & 0xFFFFFFFF, (k[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return x


def test_the_reference_gives_the_known_answers_of_the_paper():
    assert philox([0] * 4, [0] * 2) == [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]
    assert philox([0xFFFFFFFF] * 4, [0xFFFFFFFF] * 2) == [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]
    assert philox([0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344], [0xA4093822, 0x299F31D0]) == [
        0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1]  # fmt: skip


def key_of(seed):
    """splitmix64's finaliser (Steele et al. 2014)."""
    mask = 2**64 - 1
    z = (seed + 0x9E3779B97F4A7C15) & mask
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & mask
    z = (z ^ z >> 27) * 0x94D049BB133111EB & mask
    z ^= z >> 31
    return [z & 0xFFFFFFFF, z >> 32]


@pytest.mark.parametrize("seed", [0, 1, 2**64 - 1])
def test_the_stream_is_philox(seed, isa):
    g = Generator(seed)
    words = [w for c in range(300) for w in philox([c, 0, 0, 0], key_of(seed))]
    assert g.uniform(1200).tolist() == [(w >> 8) * 2.0**-24 for w in words]
    g.seed(seed)
    pairs = [lo | hi << 32 for lo, hi in zip(words[::2], words[1::2], strict=True)]
    assert g.uniform(600, dtype="float64").tolist() == [(w >> 12) * 2.0**-52 for w in pairs]
    g.seed(seed)
    assert g.integers(-7, 93, 600).tolist() == [-7 + (w * 100 >> 64) for w in pairs]
    g.seed(seed)
    assert g.bernoulli(0.25, 1200).tolist() == [float((w >> 8) * 2.0**-24 < 0.25) for w in words]


def test_a_counter_beyond_32_bits(isa):
    g = Generator(5)
    g.state = (5, 2**32 - 2)
    words = [
        w for c in range(2**32 - 2, 2**32 + 3) for w in philox([c & 0xFFFFFFFF, c >> 32, 0, 0], key_of(5))
    ]
    assert g.uniform(20).tolist() == [(w >> 8) * 2.0**-24 for w in words]


# ---- Seeds and streams -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", DRAWS)
def test_equal_seeds_give_equal_numbers_and_others_do_not(name):
    draw = DRAWS[name]
    a, b, c = (draw(Generator(s), 1000).numpy() for s in (7, 7, 8))
    np.testing.assert_array_equal(a, b)
    assert (a != c).any()
    g = Generator(7)
    first, second = draw(g, 1000).numpy(), draw(g, 1000).numpy()
    np.testing.assert_array_equal(first, a)
    assert (first != second).any()


@pytest.mark.parametrize("name", DRAWS)
@pytest.mark.parametrize("n", [1, 3, 255, 256, 257, 40_000, 70_001])
def test_the_state_repeats_what_followed_it(name, n):
    g, draw = Generator(3), DRAWS[name]
    draw(g, n)
    state = g.state
    first = draw(g, n).numpy()
    g.normal(5)
    g.state = state
    np.testing.assert_array_equal(draw(g, n).numpy(), first)
    other = Generator(99)
    other.state = state
    np.testing.assert_array_equal(draw(other, n).numpy(), first)


@pytest.mark.parametrize("name", DRAWS)
def test_a_draw_moves_the_stream_by_what_it_uses(name):
    per_counter = 4 if name.endswith("32") else 2
    for n in (0, 1, 2, 3, 4, 5, 8, 257):
        g = Generator(0)
        DRAWS[name](g, n)
        assert g.state == (0, -(-n // per_counter))


@pytest.mark.parametrize("name", DRAWS)
def test_bits_do_not_depend_on_level_or_threads(name):
    levels, threads, before = pynn._core.isas(), pynn.get_num_threads(), pynn._core.isa()
    bits = set()
    try:
        for level in levels:
            pynn._core.use_isa(level)
            for n in (1, 2, 3):
                pynn.set_num_threads(n)
                bits.add(DRAWS[name](Generator(11), 100_003).numpy().tobytes())
    finally:
        pynn.set_num_threads(threads)
        pynn._core.use_isa(before)
    assert len(bits) == 1


def test_threads_of_one_generator_draw_different_numbers():
    g, drawn = Generator(1), []
    threads = [
        threading.Thread(target=lambda: drawn.extend(g.integers(0, 2**63, 1000).tolist())) for _ in range(4)
    ]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert len(set(drawn)) == 4000


def test_the_module_has_a_generator_of_its_own():
    pynn.random.seed(4)
    first = pynn.random.uniform(5).tolist()
    other = Generator(4)
    assert first == other.uniform(5).tolist()
    assert pynn.random.normal((2, 2)).tolist() == other.normal((2, 2)).tolist()
    assert pynn.random.integers(10, shape=3).tolist() == other.integers(10, shape=3).tolist()
    assert pynn.random.permutation(6).tolist() == other.permutation(6).tolist()
    assert pynn.random.bernoulli(0.5, 4).tolist() == other.bernoulli(0.5, 4).tolist()
    assert Generator().uniform(4).tolist() != Generator().uniform(4).tolist()


# ---- Distributions ---------------------------------------------------------------------------------------------------

N = 200_000


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("low", "high"), [(0.0, 1.0), (-3.0, 5.0), (1e6, 1e6 + 1), (0.0, 1e-30), (-1e38, 1e38)]
)
def test_uniform(low, high, dtype):
    x = Generator(0).uniform(N, low, high, dtype).numpy()
    assert x.dtype == dtype
    assert x.min() >= np.dtype(dtype).type(low)
    assert x.max() < np.dtype(dtype).type(high)
    share = (x.astype(np.float64) - low) / (high - low)
    assert share.mean() == pytest.approx(0.5, abs=0.04)
    assert share.std() == pytest.approx(12**-0.5, abs=0.04)
    if high - low >= 1 and low < 1e6:
        counts = np.histogram(share, 20)[0]
        assert ((counts - N / 20) ** 2 / (N / 20)).sum() < 45  # chi-square, 19 degrees of freedom


def test_uniform_of_a_range_without_width():
    assert Generator(0).uniform(3, 2.0, 2.0).tolist() == [2.0] * 3


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_normal(dtype):
    x = Generator(1).normal(N, dtype=dtype).numpy().astype(np.float64)
    moments = [(x**k).mean() for k in range(1, 5)]
    np.testing.assert_allclose(moments, [0, 1, 0, 3], atol=0.06)
    for limit, share in ((1, 0.6827), (2, 0.9545), (3, 0.9973)):
        assert (np.abs(x) < limit).mean() == pytest.approx(share, abs=0.004)
    assert abs(np.corrcoef(x[::2], x[1::2])[0, 1]) < 0.01  # the two of a pair
    y = Generator(1).normal(N, mean=-4, std=0.5, dtype=dtype).numpy()
    np.testing.assert_allclose(y, -4 + 0.5 * x, rtol=1e-6)
    assert Generator(1).normal(4, mean=2, std=0).tolist() == [2.0] * 4


@pytest.mark.parametrize("p", [0.0, 1.0, 0.5, 0.1, 0.999])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_bernoulli(p, dtype):
    x = Generator(2).bernoulli(p, N, dtype=dtype).numpy()
    assert x.dtype == dtype
    assert set(np.unique(x)) <= {0.0, 1.0}
    assert x.mean() == p if p in (0, 1) else x.mean() == pytest.approx(p, abs=0.005)


@pytest.mark.parametrize("dtype", ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"])
def test_integers_of_every_type(dtype):
    x = Generator(3).integers(2, 9, (100, 100), dtype=dtype)
    assert x.dtype == dtype
    counts = np.bincount(x.numpy().ravel().astype(int), minlength=9)
    assert counts[:2].sum() == 0
    assert len(counts) == 9
    np.testing.assert_allclose(counts[2:], 1e4 / 7, rtol=0.12)
    limits = np.iinfo(dtype)
    low, high = int(limits.min), min(int(limits.max) + 1, 2**63)
    x = Generator(3).integers(low, high, 10_000, dtype=dtype).numpy().astype(float)
    assert x.min() < low + (high - low) * 0.05
    assert x.max() > low + (high - low) * 0.94


def test_integers_reach_both_ends_of_64_bits():
    g = Generator(0)
    full = g.integers(-(2**63), 2**63, 10_000).numpy()
    assert abs((full < 0).mean() - 0.5) < 0.03
    assert g.integers(2**63 - 1, 2**63).item() == 2**63 - 1
    assert g.integers(-(2**63), 1 - 2**63).item() == -(2**63)
    assert g.integers(1).item() == 0


@pytest.mark.parametrize("n", [0, 1, 2, 3, 10, 5000])
def test_a_permutation_holds_everything_once(n):
    order = Generator(4).permutation(n)
    assert order.dtype == "int64"
    assert sorted(order.tolist()) == list(range(n))


def test_every_permutation_is_as_likely_as_any_other():
    g = Generator(5)
    counts = {}
    for _ in range(6000):
        order = tuple(g.permutation(3).tolist())
        counts[order] = counts.get(order, 0) + 1
    assert len(counts) == 6
    assert sum((c - 1000) ** 2 / 1000 for c in counts.values()) < 20.5  # chi-square, 5 degrees of freedom


def test_permutations_of_tensors_move_whole_slices():
    x = np.arange(24.0).reshape(6, 2, 2)
    got = Generator(6).permutation(x)
    order = Generator(6).permutation(6).numpy()
    np.testing.assert_array_equal(got.numpy(), x[order])
    assert sorted(Generator(6).permutation([5, 3, 4]).tolist()) == [3, 4, 5]
    assert sorted(Generator(6).permutation(pynn.asarray(3)).tolist()) == [0, 1, 2]
    np.testing.assert_array_equal(Generator(6).permutation(x[:, ::-1].T.copy().T).numpy(), x[order][:, ::-1])


@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0, 3), (2, 3, 4)])
def test_shapes(shape):
    g = Generator(0)
    for name, draw in DRAWS.items():
        if name != "permutation":
            assert draw(g, shape).shape == shape
    assert g.uniform(5).shape == g.uniform([5]).shape == (5,)


# ---- Dropout ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_dropout_zeroes_a_share_and_scales_the_rest(rate, dtype):
    x = np.full((400, 500), 3, dtype)
    y = pynn.dropout(x, rate, Generator(0)).numpy()
    assert y.dtype == dtype
    assert (y == 0).mean() == pytest.approx(rate, abs=0.005)
    np.testing.assert_allclose(y[y != 0], 3 / (1 - rate), rtol=1e-6)
    np.testing.assert_array_equal(y, pynn.dropout(x, rate, generator=Generator(0)).numpy())


def test_dropout_of_nothing_is_the_input():
    x = pynn.asarray(np.ones(5))
    assert pynn.dropout(x, 0.0, Generator(0)).tolist() == [1.0] * 5
    assert pynn.dropout(np.zeros((0, 3), np.float32), 0.5).shape == (0, 3)
    pynn.random.seed(0)
    first = pynn.dropout(x, 0.5).tolist()
    pynn.random.seed(0)
    assert pynn.dropout(x, 0.5).tolist() == first


def test_the_gradient_passes_where_elements_passed():
    x = np.random.default_rng(0).standard_normal((4, 6)) + 3
    check_grad(lambda t: pynn.dropout(t, 0.4, Generator(1)) ** 2, x, order=2)
    leaf = pynn.tensor(x, requires_grad=True)
    y = pynn.dropout(leaf, 0.4, Generator(1))
    y.sum().backward()
    np.testing.assert_array_equal(leaf.grad.numpy() == 0, y.detach().numpy() == 0)


# ---- Errors ----------------------------------------------------------------------------------------------------------

ERRORS = [
    (lambda g: g.uniform(3, 2, 1), ValueError,
     "uniform: needs low <= high, with a finite high - low in float32, got 2 and 1"),
    (lambda g: g.uniform(3, -1e308, 1e308, "float64"), ValueError,
     "uniform: needs low <= high, with a finite high - low in float64, got -1e+308 and 1e+308"),
    (lambda g: g.uniform(3, 0, 1e39), ValueError,
     "uniform: needs low <= high, with a finite high - low in float32, got 0 and 1e+39"),
    (lambda g: g.uniform(3, math.nan, 1), ValueError,
     "uniform: needs low <= high, with a finite high - low in float32, got nan and 1"),
    (lambda g: g.uniform(-3), pynn.ShapeError, "uniform: negative size in shape (-3,)"),
    (lambda g: g.uniform(3, dtype="int32"), pynn.DtypeError, "uniform: dtype must be float32 or float64, got int32"),
    (lambda g: g.normal(3, std=-1), ValueError, "normal: std must be at least 0, got -1"),
    (lambda g: g.normal(3, std=math.nan), ValueError, "normal: std must be at least 0, got nan"),
    (lambda g: g.normal(3, dtype="float16"), pynn.DtypeError, "normal: dtype must be float32 or float64, got float16"),
    (lambda g: g.bernoulli(1.5), ValueError, "bernoulli: p must lie in [0, 1], got 1.5"),
    (lambda g: g.bernoulli(-0.1), ValueError, "bernoulli: p must lie in [0, 1], got -0.1"),
    (lambda g: g.integers(5, 5), ValueError, "integers: needs low < high, got 5 and 5"),
    (lambda g: g.integers(0), ValueError, "integers: needs low < high, got 0 and 0"),
    (lambda g: g.integers(2, -3), ValueError, "integers: needs low < high, got 2 and -3"),
    (lambda g: g.integers(0, 2**63 + 1), ValueError, "integers: 9223372036854775808 does not fit 64 bits"),
    (lambda g: g.integers(0, 257, dtype="uint8"), ValueError, "integers: 0 to 256 does not fit uint8"),
    (lambda g: g.integers(-1, 5, dtype="uint64"), ValueError, "integers: -1 to 4 does not fit uint64"),
    (lambda g: g.integers(-129, 0, dtype="int8"), ValueError, "integers: -129 to -1 does not fit int8"),
    (lambda g: g.integers(5, dtype="float32"), pynn.DtypeError,
     "integers: dtype must be an integer type, got float32"),
    (lambda g: g.permutation(-1), ValueError, "permutation: n must be at least 0, got -1"),
    (lambda g: g.permutation(5.0), TypeError,
     "permutation: needs an integer or a tensor with an axis, got a 0-d float32"),
    (lambda g: g.seed(-1), ValueError, "a seed is an integer from 0 to 2**64 - 1, got -1"),
    (lambda g: g.seed(2**64), ValueError, "a seed is an integer from 0 to 2**64 - 1, got 18446744073709551616"),
    (lambda g: Generator("a"), ValueError, "a seed is an integer from 0 to 2**64 - 1, got 'a'"),
    (lambda g: pynn.dropout(np.ones(3), 1.0), ValueError, "dropout: rate must lie in [0, 1), got 1"),
    (lambda g: pynn.dropout(np.ones(3), -0.5), ValueError, "dropout: rate must lie in [0, 1), got -0.5"),
    (lambda g: pynn.dropout(np.ones(3), math.nan), ValueError, "dropout: rate must lie in [0, 1), got nan"),
    (lambda g: pynn.dropout([1, 2], 0.5), pynn.DtypeError, "dropout: dtype must be float32 or float64, got int64"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "text"), ERRORS, ids=range(len(ERRORS)))
def test_wrong_arguments(call, error, text):
    g = Generator(0)
    with pytest.raises(error) as e:
        call(g)
    assert str(e.value) == text
    assert g.state == (0, 0)
