"""Every row of the table against its oracle: layouts, instruction sets, types, special values."""

import re

import numpy as np
import oracles
import pytest
from rows import BINARY, DTYPES, FLOATS, HALVES, ROWS, SIGNED, UNARY, UNSIGNED

import pynn

TOLERANCE = {"float32": {"rtol": 2e-6, "atol": 5e-7}, "float64": {"rtol": 1e-13, "atol": 1e-14}}

# Rows that take other types too: logic reads them as bool, division as float32, rounding leaves them.
LOGIC = ("logical_not", "logical_and", "logical_or", "logical_xor")
ROUNDING = ("floor", "ceil", "round", "trunc")

every_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)


def check(result, expected, dtype, what=""):
    """Bit for bit where the oracle is exact, within a few ulp where it has floats."""
    exact = expected.dtype.kind != "f"
    wanted = expected.dtype if exact else np.dtype(dtype)
    assert result.dtype == str(wanted), what
    assert result.shape == expected.shape, what
    if exact:
        np.testing.assert_array_equal(result.numpy(), expected, err_msg=what)
    else:
        np.testing.assert_allclose(result.numpy(), expected, **TOLERANCE[dtype], err_msg=what)


def test_every_row_has_an_oracle_and_every_oracle_a_row():
    assert [row["name"] for row in pynn._core._unary_rows] == list(oracles.UNARY)
    assert [row["name"] for row in pynn._core._binary_rows] == list(oracles.BINARY)


def test_layouts_reach_the_kernels_as_they_are(layout, rng):
    x = layout.draw(rng)
    assert pynn.asarray(x).strides == x.strides
    assert np.shares_memory(pynn.asarray(x).numpy(), x) or x.size == 0


@every_row
def test_row_agrees_with_its_oracle(row, layout, isa, rng):
    long = max(layout.shape, default=0) > 10_000
    for dtype in (row.dtypes[0], row.dtypes[-1]) if long else row.dtypes:
        operands = row.draw(layout, rng, dtype)
        if row.name == "power" and dtype not in FLOATS:
            operands[1] = operands[1] & operands[1].dtype.type(7)  # integers have no negative powers
        check(row.function(*operands), row.expected(*operands), dtype, dtype)


@pytest.mark.parametrize("row", BINARY, ids=lambda row: row.name)
def test_operands_may_lie_differently(row, isa, rng):
    low, high = row.domains
    dtype = "float64" if "float64" in row.dtypes else row.dtypes[-1]
    a = (rng.uniform(*low, (6, 5, 8)) if dtype == "float64" else rng.integers(0, 2, (6, 5, 8))).astype(dtype)
    b = (rng.uniform(*high, (8, 6)) if dtype == "float64" else rng.integers(0, 2, (8, 6))).astype(dtype)
    a, b = a[::-2, ::2].transpose(2, 0, 1), b[:, 3:, None]
    check(row.function(a, b), row.expected(a, b), dtype)


@every_row
def test_other_types_are_refused_with_a_hint(row):
    converted = row.name in LOGIC or row.name == "divide"
    rounded = (*SIGNED, *UNSIGNED) if row.name in ROUNDING else ()
    for dtype in [] if converted else set(DTYPES) - set(row.dtypes) - set(rounded):
        x = pynn.ones((2,), dtype=dtype)
        hint = "; convert first: x.astype('float32')"
        if dtype in HALVES:
            hint = "; compute in float32: x.astype('float32')"
        if "float32" not in row.dtypes:
            on_bits = "; it works on bool and integers, and conditions need brackets: (x > 0) & (x < 1)"
            hint = on_bits if dtype.startswith(("float", "bfloat")) else ""
        with pytest.raises(
            pynn.DtypeError, match=f"^{re.escape(f'{row.name} is not defined for {dtype}{hint}')}$"
        ):
            row.function(*[x] * len(row.domains))


@pytest.mark.parametrize("name", ROUNDING)
def test_rounding_leaves_integers_alone(name, rng):
    for dtype in (*SIGNED, *UNSIGNED):
        x = rng.integers(0, 100, (3, 4)).astype(dtype)
        y = getattr(pynn, name)(x)
        assert y.dtype == dtype
        np.testing.assert_array_equal(y.numpy(), x)
        assert not np.shares_memory(y.numpy(), x)


def test_logic_reads_numbers_as_truth():
    for dtype in DTYPES:
        a, b = pynn.asarray([0, 0, 1, 1], dtype=dtype), pynn.asarray([0, 1, 0, 1], dtype="int8")
        assert pynn.logical_and(a, b).tolist() == [False, False, False, True]
        assert pynn.logical_or(a, b).tolist() == [False, True, True, True]
        assert pynn.logical_xor(a, b).tolist() == [False, True, True, False]
        assert pynn.logical_not(a).tolist() == [True, True, False, False]
    assert pynn.logical_not([float("nan"), -0.0, 1e-45]).tolist() == [False, True, False]


@pytest.mark.parametrize("dtype", ["bool", *SIGNED, *UNSIGNED])
def test_integers_are_divided_as_float32(dtype):
    y = pynn.divide(pynn.asarray([1, 0, 1], dtype=dtype), pynn.asarray([1, 0, 0], dtype=dtype))
    assert y.dtype == "float32"
    np.testing.assert_array_equal(y.numpy(), [1, np.nan, np.inf])


# ---- Special values ----------------------------------------------------------------------------------------

# All but one: an oracle in float64 cannot clip a probability at the float32 next to 1 - 1e-7.
UNCLIPPED = [row for row in ROWS if row.name != "binary_cross_entropy"]


def specials(dtype):
    info = np.finfo(dtype)
    values = [0, 1, 0.5, 7, info.tiny, 8 * info.smallest_subnormal, info.max, np.inf]
    return np.array([np.nan, *values, *(-v for v in values)], dtype)


@pytest.mark.parametrize("row", UNCLIPPED, ids=lambda row: row.name)
def test_special_values(row, isa):
    for dtype in set(FLOATS) & set(row.dtypes):
        x = specials(dtype)
        operands = [x] if len(row.domains) == 1 else [v.copy() for v in np.meshgrid(x, x)]
        expected = row.expected(*operands)
        with np.errstate(over="ignore"):
            if expected.dtype.kind == "f":
                expected = expected.astype(dtype).astype(np.float64)
        check(row.function(*operands), expected, dtype, dtype)


@pytest.mark.parametrize(
    "name", ["negative", "abs", "sqrt", "expm1", "log1p", "sin", "tan", "tanh", "asinh", "trunc"]
)
def test_sign_of_zero_is_kept(name, isa):
    for dtype in FLOATS:
        zeros = np.array([0.0, -0.0], dtype)
        expected = np.signbit(oracles.UNARY[name](zeros))
        np.testing.assert_array_equal(np.signbit(getattr(pynn, name)(zeros).numpy()), expected)


def test_logarithm_of_a_probability_is_clipped_as_in_keras(isa):
    p = np.array([0, 1e-9, 0.25, 1 - 1e-9, 1, -1, 2])
    np.testing.assert_allclose(
        pynn.binary_cross_entropy(p, 1.0).numpy(),
        -np.log([1e-7, 1e-7, 0.25, 1 - 1e-7, 1 - 1e-7, 1e-7, 1 - 1e-7]),
        rtol=1e-12,
    )
    np.testing.assert_allclose(
        pynn.binary_cross_entropy(p[::-1], 0.0).numpy(),
        pynn.binary_cross_entropy(1 - p[::-1], 1.0).numpy(),
        rtol=1e-8,
    )
    single = pynn.binary_cross_entropy(np.array([0, 1], np.float32), np.array([1, 0], np.float32)).numpy()
    step = np.float32(1) - np.float32(1 - 1e-7)  # 1 - 1e-7 is the float32 next below 1
    np.testing.assert_allclose(single, -np.log([1e-7, step]), rtol=1e-6)
    assert np.isnan(pynn.binary_cross_entropy(np.nan, 1.0).numpy())


# ---- Integers ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [*SIGNED, *UNSIGNED])
def test_division_of_integers_by_zero_is_zero(dtype, isa):
    info = np.iinfo(dtype)
    x = np.array([info.min, 0, 1, info.max] * 9, dtype)
    assert not pynn.floor_divide(x, np.zeros_like(x)).numpy().any()
    assert not pynn.remainder(x, np.zeros_like(x)).numpy().any()


@pytest.mark.parametrize("dtype", SIGNED)
def test_smallest_integer_divided_by_minus_one_wraps(dtype, isa):
    x = np.full(37, np.iinfo(dtype).min, dtype)
    np.testing.assert_array_equal(pynn.floor_divide(x, -1).numpy(), x)
    assert not pynn.remainder(x, -1).numpy().any()
    np.testing.assert_array_equal(pynn.negative(x).numpy(), x)
    np.testing.assert_array_equal(pynn.abs(x).numpy(), x)


@pytest.mark.parametrize("dtype", ["int8", "int64", "float32", "float64"])
def test_quotient_and_remainder_are_those_of_python(dtype, isa):
    a, b = np.meshgrid(np.arange(-7, 8), [-3, -2, -1, 1, 2, 3])
    q, r = (f(a.astype(dtype), b.astype(dtype)) for f in (pynn.floor_divide, pynn.remainder))
    expected = [divmod(x, y) for x, y in zip(a.ravel().tolist(), b.ravel().tolist(), strict=True)]
    assert q.dtype == r.dtype == dtype
    assert list(zip(q.numpy().ravel().tolist(), r.numpy().ravel().tolist(), strict=True)) == expected


def test_powers_of_integers(isa):
    assert pynn.power([0, 1, -2, 3], [0, 9, 5, 39]).tolist() == [1, 1, -32, 3**39]
    assert pynn.power(np.array([2, 3], np.uint8), 8).tolist() == [0, 3**8 % 256]
    assert (pynn.asarray([3, -3]) ** 2).tolist() == [9, 9]
    whole = "power: integers to negative integer powers are not integers; convert first: x.astype('float32')"
    for base, exponent in (([1, 2], [1, -1]), ([2], -1), (3, [-1])):
        with pytest.raises(ValueError, match=f"^{re.escape(whole)}$"):
            pynn.power(base, exponent)
    assert pynn.power([2.0], pynn.asarray([-1])).tolist() == [0.5]


def test_shifts_beyond_the_width(isa):
    x = np.array([1, -1, 64, -128] * 9, np.int8)
    for by in (8, 100, -1):
        assert not pynn.bitwise_left_shift(x, by).numpy().any()
        np.testing.assert_array_equal(pynn.bitwise_right_shift(x, by).numpy(), np.where(x < 0, -1, 0))


# ---- Rows with settings, and what is built on rows ---------------------------------------------------------


def test_settings_have_names_and_the_defaults_of_keras():
    x = pynn.asarray([-2.0, 3.0])
    assert pynn.leaky_relu(x).tolist() == pynn.leaky_relu(x, negative_slope=0.2).tolist()
    assert pynn.elu(x).tolist() == pynn.elu(x, alpha=1.0).tolist()
    assert pynn.huber(x).tolist() == pynn.huber(x, delta=1.0).tolist() == [1.5, 2.5]
    assert pynn.leaky_relu(x, 0.5).tolist() == [-1.0, 3.0]


@pytest.mark.parametrize("approximate", [False, True])
def test_gelu_of_both_kinds(approximate, layout, isa, rng):
    x = layout.draw(rng)
    oracle = oracles.UNARY["gelu_tanh" if approximate else "gelu"]
    check(pynn.gelu(x, approximate=approximate), np.asarray(oracle(x)), "float64")


@pytest.mark.parametrize("dtype", [*SIGNED, *UNSIGNED, *FLOATS])
def test_clip(dtype, layout, isa, rng):
    x, low, high = (layout.draw(rng, dtype) for _ in range(3))
    np.testing.assert_array_equal(pynn.clip(x, low, high).numpy(), np.minimum(np.maximum(x, low), high))
    np.testing.assert_array_equal(pynn.clip(x, 1, 2).numpy(), np.clip(x, 1, 2))
    np.testing.assert_array_equal(pynn.clip(x, min=1).numpy(), np.maximum(x, 1))
    np.testing.assert_array_equal(pynn.clip(x, max=1).numpy(), np.minimum(x, 1))
    y = pynn.clip(x)
    np.testing.assert_array_equal(y.numpy(), x)
    assert not np.shares_memory(y.numpy(), x)


def test_clip_lets_nan_through(isa):
    x = np.array([np.nan, -np.inf, np.inf, 0])
    np.testing.assert_array_equal(pynn.clip(x, -1, 1).numpy(), [np.nan, -1, 1, 0])
    for bounds in ((np.nan, 1.0), (-1.0, np.nan)):
        np.testing.assert_array_equal(pynn.clip(x, *bounds).numpy(), np.full(4, np.nan))


@pytest.mark.parametrize("dtype", [d for d in DTYPES if d != "bfloat16"])
def test_where(dtype, layout, isa, rng):
    c, a, b = layout.draw(rng, "bool"), layout.draw(rng, dtype), layout.draw(rng, dtype)
    y = pynn.where(c, a, b)
    assert y.dtype == dtype
    np.testing.assert_array_equal(y.numpy(), np.where(c, a, b))


def test_where_needs_a_bool():
    whole = "where: the condition must be bool, got int64; compare first: x != 0"
    with pytest.raises(pynn.DtypeError, match=f"^{re.escape(whole)}$"):
        pynn.where([1, 0], 1.0, 2.0)


@pytest.mark.parametrize("row", UNARY, ids=lambda row: row.name)
def test_an_argument_that_is_no_tensor_is_a_type_error(row):
    for wrong, kind in ((None, "NoneType"), ("1", "str"), ({}, "dict"), (1j, "complex")):
        whole = f"{row.name}: expected a tensor, an array or a number, got {kind}"
        with pytest.raises(TypeError, match=f"^{re.escape(whole)}$"):
            row.function(wrong)
