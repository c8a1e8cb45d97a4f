"""pynn as an implementation of the array API standard: names, signatures, dtypes, devices and what is not there.

The official suite (docs/ARRAY_API.md says how to run it) checks far more; these are the parts that fit in a build.
"""

import ast
import inspect
import itertools
import math
import re
from pathlib import Path

import numpy as np
import pytest

import pynn

NAMES = (
    "bool",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "float32",
    "float64",
)
COMPLEX = {"complex64", "complex128"}


@pytest.fixture(scope="module")
def strict():
    """The standard's own reference, for its names and signatures."""
    return pytest.importorskip("array_api_strict")


# ---- Names and signatures ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def stub():
    """The functions of C++ as the stub describes them: a builtin has no signature of its own."""
    tree = ast.parse((Path(pynn.__file__).parent / "_core.pyi").read_text())
    return {node.name: node.args for node in tree.body if isinstance(node, ast.FunctionDef)}


def keywords(function, stub):
    """The arguments that can be given by name, with their defaults."""
    if not inspect.isbuiltin(function):
        parameters = inspect.signature(function).parameters.values()
        return {p.name: p.default for p in parameters if p.kind is not p.POSITIONAL_ONLY}
    arguments = stub[function.__name__]
    plain = dict(zip([a.arg for a in arguments.args][::-1], arguments.defaults[::-1], strict=False))
    named = {a.arg: d for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)}
    return {name: ast.literal_eval(default) for name, default in {**plain, **named}.items()}


def public(strict):
    newer = {"broadcast_shapes", "top_k", "isin", "bincount"}  # later than 2024.12
    other = COMPLEX | {"linalg", "fft", "Device", "asarray"}
    names = set(strict.__all__) - newer - other - {"set_array_api_strict_flags", "get_array_api_strict_flags"}
    return sorted(name for name in names if not name.startswith(("_", "reset_", "Array")))


def test_every_name_of_the_standard_is_there(strict):
    missing = {name for name in public(strict) if not hasattr(pynn, name)}
    assert missing <= {"from_dlpack", "ArrayAPIStrictFlags"}
    for extension in ("linalg", "fft"):
        names = getattr(strict, extension).__all__
        assert [name for name in names if not hasattr(getattr(pynn, extension), name)] == []


def test_arguments_can_be_given_as_the_standard_has_them(strict, stub):
    """Those that the standard lets a program name can be named here, with the same default."""
    for module, theirs in ((pynn, strict), (pynn.linalg, strict.linalg), (pynn.fft, strict.fft)):
        names = public(strict) if module is pynn else theirs.__all__
        for name in names:
            function = getattr(theirs, name)
            if not inspect.isfunction(function) or not hasattr(module, name):
                continue
            ours = keywords(getattr(module, name), stub)
            for parameter in inspect.signature(function).parameters.values():
                plain = isinstance(parameter.default, (bool, int, float, str, type(None)))
                if parameter.kind is parameter.KEYWORD_ONLY and plain:
                    assert ours[parameter.name] == parameter.default, (name, parameter.name)


def test_constants():
    assert (pynn.e, pynn.pi, pynn.inf) == (math.e, math.pi, math.inf)
    assert math.isnan(pynn.nan)
    assert pynn.newaxis is None
    assert pynn.__array_api_version__ == "2024.12"


def test_a_tensor_knows_its_namespace():
    x = pynn.ones((2,))
    for version in (None, "2021.12", "2022.12", "2023.12", "2024.12"):
        assert x.__array_namespace__(api_version=version) is pynn
    whole = (
        "__array_namespace__: pynn follows version 2024.12 of the array API standard and those before, "
        "not '2019.12'"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(whole)}$"):
        x.__array_namespace__(api_version="2019.12")


# ---- Inspection --------------------------------------------------------------------------------------------


def test_what_the_namespace_tells():
    info = pynn.__array_namespace_info__()
    assert info.default_device() == "cpu"
    assert info.devices() == ["cpu"]
    assert info.default_dtypes() == {
        "real floating": pynn.asarray(1.0).dtype,
        "integral": pynn.asarray(1).dtype,
        "indexing": pynn.argmax(pynn.ones(3)).dtype,
    }
    assert list(info.dtypes()) == list(NAMES)
    assert list(info.dtypes(device="cpu", kind="real floating")) == ["float32", "float64"]
    assert set(info.dtypes(kind=("bool", "unsigned integer"))) == {
        "bool",
        "uint8",
        "uint16",
        "uint32",
        "uint64",
    }
    assert info.dtypes(kind="complex floating") == {}
    most = info.capabilities()["max dimensions"]
    assert pynn.ones((1,) * most).ndim == most
    with pytest.raises(pynn.ShapeError, match=f"^ones: a tensor has at most {most} dimensions$"):
        pynn.ones((1,) * (most + 1))


KINDS = {
    "bool": ["bool"],
    "signed integer": ["int8", "int16", "int32", "int64"],
    "unsigned integer": ["uint8", "uint16", "uint32", "uint64"],
    "integral": ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"],
    "real floating": ["float32", "float64"],
    "complex floating": [],
    "numeric": list(NAMES[1:]),
}


def test_kinds_of_dtypes():
    for name, (kind, members) in itertools.product(NAMES, KINDS.items()):
        dtype = getattr(pynn, name)
        assert pynn.isdtype(dtype, kind) == (name in members), (name, kind)
        assert pynn.isdtype(dtype, (kind, dtype))
        assert pynn.isdtype(dtype, getattr(pynn, name))
    whole = (
        "isdtype: there is no kind 'float'; there are 'bool', 'signed integer', 'unsigned integer', 'integral', "
        "'real floating', 'complex floating', 'numeric'"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(whole)}$"):
        pynn.isdtype(pynn.float32, "float")


def test_limits_are_numpys():
    for name in (*KINDS["real floating"], "float16"):
        ours, expected = pynn.finfo(getattr(pynn, name)), np.finfo(name)
        for attribute in ("bits", "eps", "max", "min", "smallest_normal"):
            assert getattr(ours, attribute) == getattr(expected, attribute), (name, attribute)
            assert type(getattr(ours, attribute)) in (int, float)
        assert ours.dtype == name
    for name in KINDS["integral"]:
        ours, expected = pynn.iinfo(pynn.ones((1,), dtype=name)), np.iinfo(name)
        assert (ours.bits, ours.max, ours.min) == (expected.bits, expected.max, expected.min)
        assert ours.dtype == name
    # The upper half of a float32.
    assert pynn.finfo(pynn.bfloat16) == pynn.dtypes.FloatLimits(
        16, 2.0**-7, float.fromhex("0x1.fep127"), -float.fromhex("0x1.fep127"), 2.0**-126, pynn.bfloat16
    )
    with pytest.raises(
        pynn.DtypeError, match=r"^finfo: expected a floating dtype, got int8; iinfo is for integers$"
    ):
        pynn.finfo(pynn.int8)
    with pytest.raises(
        pynn.DtypeError, match=r"^iinfo: expected an integer dtype, got bool; finfo is for floats$"
    ):
        pynn.iinfo(pynn.bool)


def test_casts_follow_promotion():
    for a, b in itertools.product(NAMES, NAMES):
        mixed = ("uint64" in (a, b)) and bool({a, b} & set(KINDS["signed integer"]))
        possible = not mixed and pynn.result_type(a, b) == b
        assert pynn.can_cast(getattr(pynn, a), getattr(pynn, b)) == possible
        assert pynn.can_cast(pynn.ones((1,), dtype=a), b) == possible


def test_result_type_of_tensors_dtypes_and_numbers():
    x = pynn.ones((2,), dtype="int8")
    assert pynn.result_type(x) == "int8"
    assert pynn.result_type(x, pynn.int16, x) == "int16"
    assert pynn.result_type(x, 300) == "int8"
    assert pynn.result_type(x, 1.5) == "float32"
    assert pynn.result_type(x, 1.5, pynn.float64) == "float64"
    assert pynn.result_type(pynn.bool, 1) == "int64"
    assert pynn.result_type(True, pynn.uint8, x) == "int16"
    assert pynn.result_type(1, 2.5) == "float32"
    assert pynn.result_type(pynn.float32, np.ones(2)) == "float64"
    with pytest.raises(ValueError, match=r"^result_type: needs at least one tensor, dtype or number$"):
        pynn.result_type()


# ---- Devices -----------------------------------------------------------------------------------------------

CREATED = {
    "asarray": ([1.0, 2.0],),
    "zeros": ((2,),),
    "ones": ((2,),),
    "empty": ((2,),),
    "full": ((2,), 3.0),
    "zeros_like": ([1.0],),
    "ones_like": ([1.0],),
    "empty_like": ([1.0],),
    "full_like": ([1.0], 2),
    "arange": (3,),
    "linspace": (0, 1, 5),
    "eye": (3,),
    "astype": ([1.0], "float64"),
}


NO_TPU = re.escape("there is no device 'tpu'; there are 'cpu', 'cuda' and 'cuda:1' ...")


@pytest.mark.parametrize("name", CREATED)
def test_a_device_can_be_named(name):
    function, arguments = getattr(pynn, name), CREATED[name]
    plain = function(*arguments)
    for device in ("cpu", None, plain.device):
        y = function(*arguments, device=device)
        assert y.device == "cpu"
        assert (y.shape, y.dtype) == (plain.shape, plain.dtype)
    with pytest.raises(ValueError, match=rf"^{name}: {NO_TPU}$"):
        function(*arguments, device="tpu")


def test_to_device():
    x = pynn.ones((2,))
    assert x.to_device("cpu").tolist() == [1, 1]
    with pytest.raises(ValueError, match=rf"^to_device: {NO_TPU}$"):
        x.to_device("tpu")
    with pytest.raises(ValueError, match=r"^to_device: each thread has one stream, got stream=1$"):
        x.to_device("cpu", stream=1)


# ---- What complex numbers would be needed for --------------------------------------------------------------


def test_a_real_number_is_its_own_conjugate():
    x = pynn.asarray([1.5, -2.0])
    assert pynn.real(x).tolist() == pynn.conj(x).tolist() == x.tolist()
    assert pynn.imag(x).tolist() == [0, 0]
    assert pynn.imag(x).dtype == "float32"
    assert complex(pynn.asarray(2.5)) == 2.5
    assert complex(pynn.asarray(3)) == 3
    with pytest.raises(pynn.DtypeError, match=r"^conj is not defined for bool$"):
        pynn.conj(pynn.asarray([True]))


def test_complex_numbers_are_refused():
    kinds = "asarray: a tensor holds bool, int8..int64, uint8..uint64 and float16..float64, not "
    for x, what in ((1j, "complex numbers"), (np.ones(2, "complex64"), "a NumPy array of dtype complex64")):
        with pytest.raises(
            pynn.DtypeError, match=f"^{re.escape(kinds)}{what}; take a.real, a.imag or abs\\(a\\)$"
        ):
            pynn.asarray(x)


@pytest.mark.parametrize(
    "name", ["fft", "ifft", "fftn", "ifftn", "rfft", "irfft", "rfftn", "irfftn", "hfft", "ihfft"]
)
def test_transforms_say_what_does_the_work(name):
    whole = (
        f"fft.{name} works on complex numbers, which pynn does not have; use numpy.fft.{name} on x.numpy(), or "
        "pynn.ops.rfft, fft, irfft and their like, which take and give (real, imaginary) pairs of tensors"
    )
    with pytest.raises(pynn.DtypeError, match=f"^{re.escape(whole)}$"):
        getattr(pynn.fft, name)(pynn.ones((4,)))
    assert hasattr(np.fft, name)


@pytest.mark.parametrize("n", [1, 2, 5, 8])
def test_frequencies_and_shifts_are_numpys(n, rng):
    np.testing.assert_allclose(pynn.fft.fftfreq(n, d=0.1, dtype="float64").numpy(), np.fft.fftfreq(n, 0.1))
    np.testing.assert_allclose(pynn.fft.rfftfreq(n, d=0.1).numpy(), np.fft.rfftfreq(n, 0.1), rtol=1e-6)
    assert pynn.fft.fftfreq(n).dtype == "float32"
    x = rng.standard_normal((n, 3, 4))
    for axes in (None, 1, -1, (0, 2)):
        shifted = pynn.fft.fftshift(x, axes=axes)
        np.testing.assert_array_equal(shifted.numpy(), np.fft.fftshift(x, axes))
        np.testing.assert_array_equal(pynn.fft.ifftshift(shifted, axes=axes).numpy(), x)
    with pytest.raises(ValueError, match=r"^fftfreq: n must be at least 1, got 0$"):
        pynn.fft.fftfreq(0)
    with pytest.raises(pynn.DtypeError, match=r"^frequencies are floats, got dtype int32$"):
        pynn.fft.rfftfreq(n, dtype="int32")
