"""How tensors print. The oracle is NumPy's own printing, of an array class that is called Tensor too."""

import inspect
import re
import sys

import numpy as np
import pytest
from errors import raises

import pynn

DTYPES = [
    "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64",
]  # fmt: skip
SHAPES = [(), (1,), (5,), (0,), (3, 0, 2), (2, 3), (2, 3, 4), (40,), (30, 50), (7, 7, 7, 7)]
SPECIAL = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-30, 1e30, 123456.789, -1.5])


class Tensor(np.ndarray):
    """An array that NumPy prints under this name."""


def numpys(array, text=repr):
    return text(array.view(Tensor))


def values(printed):
    """What is printed of the elements, without what follows them: pynn's and NumPy's headers differ."""
    return re.sub(r"(,\s+(shape|dtype)=.*)?\)$", "", printed, flags=re.DOTALL)


def drawn(rng, dtype, shape):
    if dtype == "bool":
        return rng.integers(0, 2, shape).astype(bool)
    if dtype.startswith("float"):
        return np.asarray(rng.normal(0, 10, shape), dtype)
    info = np.iinfo(dtype)
    return rng.integers(info.min, info.max, shape, dtype, endpoint=True)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("dtype", DTYPES)
def test_elements_print_as_numpys(rng, dtype, shape):
    array = np.asarray(drawn(rng, dtype, shape))
    tensor = pynn.asarray(array)
    assert values(repr(tensor)) == values(numpys(array))
    assert str(tensor) == str(array)
    assert f"{tensor}" == str(array)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_special_numbers(dtype):
    with np.errstate(over="ignore"):
        array = SPECIAL.astype(dtype)
    assert values(repr(pynn.asarray(array))) == values(numpys(array))
    assert str(pynn.asarray(array.reshape(3, 3).T)) == str(array.reshape(3, 3).T)


OPTIONS = [
    {"precision": 2},
    {"precision": 0},
    {"precision": 3, "floatmode": "fixed"},
    {"floatmode": "unique"},
    {"precision": 4, "floatmode": "maxprec_equal"},
    {"suppress": True},
    {"suppress": False, "precision": 3},
    {"threshold": 5, "edgeitems": 2},
    {"threshold": 0, "edgeitems": 1},
    {"threshold": sys.maxsize},
    {"linewidth": 30},
    {"nanstr": "nothing", "infstr": "all"},
    {"sign": "+"},
    {"sign": " "},
    {"formatter": {"float": lambda x: f"<{x:.1f}>"}},
    {"formatter": {"int_kind": hex}},
]


@pytest.mark.parametrize("options", OPTIONS, ids=lambda options: "-".join(options))
def test_every_option_does_what_numpys_does(rng, options):
    for array in (
        SPECIAL.astype("float32"),
        rng.normal(0, 1000, (3, 9)),
        rng.integers(-999, 999, (20, 3)),
        np.array([True, False]),
    ):
        tensor = pynn.asarray(array)
        plain = repr(tensor)
        with np.printoptions(**options):
            wanted, wanted_text = numpys(array), str(array)
        with pynn.printoptions(**options) as in_force:
            assert values(repr(tensor)) == values(wanted)
            assert str(tensor) == wanted_text
            assert {name: in_force[name] for name in options} == options
        assert repr(tensor) == plain


def test_options_stay_until_they_are_changed():
    before = pynn.get_printoptions()
    assert set(before) == set(inspect.signature(pynn.set_printoptions).parameters)
    third = pynn.asarray(1 / 3)
    with pynn.printoptions():
        pynn.set_printoptions(precision=2, nanstr="none")
        pynn.set_printoptions(formatter={"int": str})
        assert pynn.get_printoptions() == {
            **before,
            "precision": 2,
            "nanstr": "none",
            "formatter": {"int": str},
        }
        pynn.set_printoptions(sign="+")  # takes the formatter away, as NumPy does
        assert pynn.get_printoptions() == {**before, "precision": 2, "nanstr": "none", "sign": "+"}
        assert repr(third) == "Tensor(+0.33, shape=(), dtype=float32)"
        assert np.get_printoptions()["precision"] == before["precision"]
        assert repr(np.asarray(third)) == "array(0.33333334, dtype=float32)"
    assert pynn.get_printoptions() == before


def test_an_option_that_was_not_set_is_as_numpy_has_it():
    with np.printoptions(precision=3, threshold=4):
        assert repr(pynn.asarray(1 / 3)) == "Tensor(0.333, shape=(), dtype=float32)"
        with pynn.printoptions(precision=1):
            assert repr(pynn.asarray(1 / 3)) == "Tensor(0.3, shape=(), dtype=float32)"
            assert "..." in repr(pynn.zeros(9))


def test_options_are_taken_back_after_an_error():
    before = pynn.get_printoptions()
    with pytest.raises(KeyError), pynn.printoptions(precision=1):
        raise KeyError
    with pytest.raises(ZeroDivisionError), pynn.printoptions(formatter={"float": lambda x: 1 / 0}):
        repr(pynn.zeros(2))
    assert pynn.get_printoptions() == before
    assert np.get_printoptions()["formatter"] is None


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"precision": 2.5}, TypeError, "set_printoptions: precision must be an integer, got 2.5"),
        ({"precision": -1}, ValueError, "set_printoptions: precision must be at least 0, got -1"),
        ({"threshold": "all"}, TypeError, "set_printoptions: threshold must be an integer, got 'all'"),
        ({"edgeitems": True}, TypeError, "set_printoptions: edgeitems must be an integer, got True"),
        ({"sign": "plus"}, ValueError, "set_printoptions: sign must be one of '-', '+', ' ', got 'plus'"),
        (
            {"precision": 1, "floatmode": "exact"}, ValueError,
            "set_printoptions: floatmode must be one of 'fixed', 'unique', 'maxprec', 'maxprec_equal', got 'exact'",
        ),
    ],
)  # fmt: skip
def test_wrong_options_change_nothing(options, error, message):
    before = pynn.get_printoptions()
    with raises(error, message):
        pynn.set_printoptions(**options)
    with raises(error, message), pynn.printoptions(**options):
        pass
    assert pynn.get_printoptions() == before


# ---- bfloat16, which NumPy has not ---------------------------------------------------------------------


def as_bfloat16(numbers):
    """The nearest bfloat16, as float32: the upper half of the bits, ties to even."""
    bits = np.asarray(numbers, "float32").view("uint32").astype("uint64")
    return ((bits + 0x7FFF + (bits >> 16 & 1)) >> 16 << 16).astype("uint32").view("float32")


def test_a_bfloat16_prints_as_the_shortest_decimal_that_means_it(rng):
    numbers = as_bfloat16(rng.normal(0, 1, 40) * 10.0 ** rng.integers(-3, 4, 40))
    for number in numbers:
        printed = str(pynn.asarray(number, dtype="bfloat16"))
        assert as_bfloat16(float(printed)) == number
        digits = len(re.sub(r"e.*|[-.]", "", printed).strip("0"))
        shorter = [float(f"{number:.{n}g}") for n in range(1, digits)]
        assert number not in as_bfloat16(shorter)


def test_bfloat16_in_rows():
    assert repr(pynn.asarray([0.1, 1.0, -2.5], dtype="bfloat16")) == (
        "Tensor([ 0.1,  1. , -2.5], shape=(3,), dtype=bfloat16)"
    )
    special = pynn.asarray([float("nan"), float("inf"), -0.0], dtype="bfloat16")
    assert str(special) == "[nan inf -0.]"
    assert repr(pynn.zeros((0, 3), dtype="bfloat16")) == "Tensor([], shape=(0, 3), dtype=bfloat16)"


@pytest.mark.parametrize("shape", [(1500,), (6, 200), (7, 200), (8, 30, 40), (1100, 2)], ids=str)
@pytest.mark.parametrize("edgeitems", [1, 3])
def test_a_summary_of_bfloat16_is_that_of_all_elements(shape, edgeitems):
    array = np.arange(np.prod(shape)).reshape(shape) % 97.0  # whole numbers, which bfloat16 holds
    with pynn.printoptions(edgeitems=edgeitems), np.printoptions(edgeitems=edgeitems):
        assert str(pynn.asarray(array, dtype="bfloat16")) == str(array)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "int8"])
def test_large_tensors_print_without_a_look_at_all_of_them(dtype):
    """2**40 elements that share memory: copying or converting them would take the machine's memory."""
    huge = pynn.broadcast_to(pynn.ones((1, 1), dtype=dtype), (2**20, 2**20))
    one = "1" if dtype == "int8" else "1."
    row = f"[{one}, {one}, {one}, ..., {one}, {one}, {one}]"
    printed = repr(huge)
    assert printed.startswith(f"Tensor([{row},\n        {row},")
    assert printed.endswith(f"shape=(1048576, 1048576), dtype={dtype})")


# ---- What pynn says beside the elements ----------------------------------------------------------------


def test_headers():
    w = pynn.tensor([1.0, 2.0], requires_grad=True)
    assert repr(w) == "Tensor([1., 2.], shape=(2,), dtype=float32, requires_grad=True)"
    assert repr(w * 2) == "Tensor([2., 4.], shape=(2,), dtype=float32, made_by='multiply')"
    assert str(w * 2) == "[2. 4.]"
    v = pynn.Variable([1.0, 2.0], name="v")
    assert repr(v) == "<Variable path=v, shape=(2,), dtype=float32, value=[1. 2.]>"
    with pynn.printoptions(precision=1, sign="+"):
        assert repr(pynn.Variable(1 / 3, name="v") * 1) == "Tensor(+0.3, shape=(), dtype=float32)"
        assert (
            repr(pynn.Variable([1 / 3], name="v"))
            == "<Variable path=v, shape=(1,), dtype=float32, value=[+0.3]>"
        )


def test_a_header_that_is_too_long_for_the_last_line_gets_one_of_its_own():
    for count, wraps in ((3, False), (15, True), (18, False)):
        printed = repr(pynn.arange(count))
        elements = values(numpys(np.arange(count)))
        assert printed == elements + f",{chr(10) + ' ' * 7 if wraps else ' '}shape=({count},), dtype=int64)"
        assert max(map(len, printed.splitlines())) <= 75


# ---- format --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spec", [".3f", "8.2e", "+", ">10", ".1%", "g"])
def test_one_number_takes_pythons_formats(spec):
    number = float(np.float32(0.12345))
    assert format(pynn.asarray(0.12345), spec) == format(number, spec)
    assert f"{pynn.asarray(7):05d} {pynn.asarray(True)}" == "00007 True"


def test_formats_of_more_than_one_number_are_refused():
    message = (
        "the format '.3f' is for one number, this tensor has shape (3,); format elements, f'{x[0]:.3f}', or set "
        "pynn.printoptions(precision=...)"
    )
    with raises(TypeError, message):
        format(pynn.zeros(3), ".3f")
    with raises(ValueError, "Unknown format code 'd' for object of type 'float'"):
        format(pynn.asarray(1.5), "d")
