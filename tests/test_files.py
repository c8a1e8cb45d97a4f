"""pynn.save and pynn.load: what other programs write and read, and files that are cut, damaged or hostile."""

import io
import os
import sys
import zipfile

import numpy as np
import pytest
from errors import raises

import pynn

DTYPES = [
    "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
    "float16", "float32", "float64",
]  # fmt: skip
MANY = (".npz", ".safetensors")


@pytest.fixture(autouse=True)
def _safetensors():
    pytest.importorskip("safetensors")


def layouts(dtype):
    x = pynn.arange(24).reshape(2, 3, 4).astype(dtype)
    return {
        "cube": x,
        "transposed": x.T,
        "strided": x[::-1, :, ::2],
        "0-d": x[0, 0, 1],
        "empty": x[:, :0],
        "broadcast": pynn.broadcast_to(x[:, :1], (2, 3, 4)),
        "a/b c.npy": x[0],
        "ünïcode": x[1],
    }


def same(x, y):
    return type(x) is pynn.Tensor and (x.dtype, x.shape, x.tolist()) == (y.dtype, y.shape, y.tolist())


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_tensor(dtype, tmp_path):
    for x in layouts(dtype).values():
        pynn.save(tmp_path / "x.npy", x)
        y = pynn.load(tmp_path / "x.npy")
        assert same(y, x)
        y[...] = 0  # it can be written
        assert np.array_equal(np.load(tmp_path / "x.npy", allow_pickle=False), x)


@pytest.mark.parametrize("suffix", MANY)
@pytest.mark.parametrize("dtype", [*DTYPES, "bfloat16"])
def test_a_dict(dtype, suffix, tmp_path):
    if (dtype, suffix) == ("bfloat16", ".npz"):
        return
    table, path = layouts(dtype), tmp_path / f"x{suffix}"
    pynn.save(path, table)
    read = pynn.load(str(path))
    assert set(read) == set(table)
    assert all(same(read[name], x) for name, x in table.items())
    for x in read.values():
        x[...] = 0


@pytest.mark.parametrize("suffix", MANY)
def test_other_things_that_are_dicts_of_tensors(suffix, tmp_path):
    path = tmp_path / f"x{suffix}"
    pynn.save(path, {})
    assert pynn.load(path) == {}
    v = pynn.Variable([1.0, 2.0])
    pynn.save(
        path,
        {"v": v, "list": [1, 2], "array": np.zeros(2, ">f4"), "leaf": pynn.tensor([1.0], requires_grad=True)},
    )
    read = pynn.load(path)
    assert {name: (str(x.dtype), x.tolist()) for name, x in read.items()} == {
        "v": ("float32", [1, 2]), "list": ("int64", [1, 2]), "array": ("float32", [0, 0]), "leaf": ("float32", [1]),
    }  # fmt: skip
    assert not any(x.requires_grad for x in read.values())
    assert type(read["v"]) is pynn.Tensor


# ---- Other programs ----------------------------------------------------------------------------------------


def test_numpy_reads_and_writes_the_same_files(tmp_path):
    table = {name: np.arange(6.0).reshape(2, 3).astype(name) for name in DTYPES}
    table |= {"column-major": np.asfortranarray(table["float64"]), "big": table["int32"].astype(">i4")}
    for write in (np.savez, np.savez_compressed):
        write(tmp_path / "theirs.npz", **table)
        read = pynn.load(tmp_path / "theirs.npz")
        assert list(read) == list(table)
        assert all(np.array_equal(read[name], table[name]) for name in table)
        assert {str(x.dtype) for x in read.values()} == set(DTYPES)
    pynn.save(tmp_path / "ours.npz", table)
    with np.load(tmp_path / "ours.npz", allow_pickle=False) as read:
        assert read.files == list(table)
        assert all(np.array_equal(read[name], table[name]) for name in table)


def test_safetensors_of_torch(tmp_path):
    torch = pytest.importorskip("torch")
    from safetensors.torch import load_file, save_file

    table = {"half": torch.tensor([1.0, 2.5], dtype=torch.bfloat16), "long": torch.arange(6).reshape(2, 3)}
    save_file(table, tmp_path / "x.safetensors", metadata={"format": "pt"})
    read = pynn.load(tmp_path / "x.safetensors")
    assert (read["half"].dtype, read["half"].tolist()) == ("bfloat16", [1, 2.5])
    assert (read["long"].dtype, read["long"].tolist()) == ("int64", [[0, 1, 2], [3, 4, 5]])
    pynn.save(tmp_path / "y.safetensors", read)
    again = load_file(tmp_path / "y.safetensors")
    assert all(torch.equal(again[name], x) for name, x in table.items())


def test_equal_tensors_make_equal_files(tmp_path):
    for suffix in (".npy", *MANY):
        x = pynn.ones((2, 3))
        for name in ("a", "b"):
            pynn.save(tmp_path / (name + suffix), x if suffix == ".npy" else {"x": x})
        assert (tmp_path / f"a{suffix}").read_bytes() == (tmp_path / f"b{suffix}").read_bytes()


# ---- Whole or not at all -----------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".npy", *MANY])
def test_a_write_that_fails_leaves_the_old_file(suffix, tmp_path, monkeypatch):
    path = tmp_path / f"x{suffix}"
    content = pynn.ones(3) if suffix == ".npy" else {"x": pynn.ones(3)}
    pynn.save(path, content)
    before = path.read_bytes()

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        pynn.save(path, content)
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]
    with pytest.raises(FileNotFoundError):
        pynn.save(tmp_path / "no folder" / f"x{suffix}", content)


REFUSED = [
    ("x.npy", {"a": [1.0]}, ValueError, "a .npy file holds one tensor, not a dict; save to .npz or .safetensors"),
    (
        "x.npz",
        [1.0],
        ValueError,
        "a .npz file holds a dict of tensors, so write save(file, {'x': x}); a .npy file holds one tensor",
    ),
    (
        "x.safetensors",
        [1.0],
        ValueError,
        "a .safetensors file holds a dict of tensors, so write save(file, {'x': x}); a .npy file holds one tensor",
    ),
    (
        "x.npz",
        {"a": {"b": [1.0]}},
        ValueError,
        "'a' is a dict; files hold one level, so join the names: {'a/...': ...}",
    ),
    ("x.npz", {5: [1.0]}, TypeError, "the keys must be strings, got 5"),
    (
        "x.npz",
        {"a": None},
        TypeError,
        "'a': asarray: expected a tensor, an array, a number or nested lists of numbers, got NoneType",
    ),
    (
        "x.npz",
        {"a": [1j]},
        pynn.DtypeError,
        "'a': asarray: a tensor holds real numbers and booleans, but [0] is 1j",
    ),
    (
        "x.npz",
        {"a": pynn.zeros(1, dtype="bfloat16")},
        pynn.DtypeError,
        "NumPy's files know no bfloat16; save to .safetensors, or x.astype('float32')",
    ),
    (
        "x.pt",
        [1.0],
        ValueError,
        "the file name must end in .npy, .npz or .safetensors, got 'x.pt'",
    ),
    (
        "x.keras",
        [1.0],
        ValueError,
        "the file name must end in .npy, .npz or .safetensors, got 'x.keras'; "
        "models are saved by model.save and loaded by pynn.models.load_model",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content", "error", "message"), REFUSED)
def test_what_cannot_be_saved(name, content, error, message, tmp_path):
    with raises(error, f"save: {message}"):
        pynn.save(tmp_path / name, content)
    assert list(tmp_path.iterdir()) == []


def test_the_extra_is_named_where_it_is_missing(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "safetensors.numpy", None)
    message = "a .safetensors file needs safetensors: pip install 'pynn-core[weights]'"
    with raises(ImportError, message):
        pynn.save(tmp_path / "x.safetensors", {})
    with raises(ImportError, message):
        pynn.load(tmp_path / "x.safetensors")


# ---- Damaged files -----------------------------------------------------------------------------------------


def sound(suffix, folder):
    path = folder / f"sound{suffix}"
    x = pynn.arange(100.0).reshape(4, 25)
    pynn.save(path, x if suffix == ".npy" else {"x": x, "y": x[0]})
    return path.read_bytes()


@pytest.mark.parametrize("suffix", [".npy", *MANY])
def test_cut_files(suffix, tmp_path):
    content, path = sound(suffix, tmp_path), tmp_path / f"x{suffix}"
    for size in [*range(0, len(content), 13), len(content) - 1]:
        path.write_bytes(content[:size])
        with pytest.raises(ValueError, match=rf"^load: 'x{suffix}' is damaged or no {suffix} file \("):
            pynn.load(path)


@pytest.mark.parametrize("suffix", [".npy", *MANY])
def test_damaged_files_are_read_or_refused(suffix, tmp_path, rng):
    """Whatever byte is wrong, the answer is values or one of two errors: no crash, no other exception."""
    content, path = sound(suffix, tmp_path), tmp_path / f"x{suffix}"
    for _ in range(100):
        damaged = bytearray(content)
        for at in rng.integers(0, min(len(content), 400), rng.integers(1, 4)):
            damaged[at] = rng.integers(256)
        path.write_bytes(damaged)
        try:
            pynn.load(path)
        except (ValueError, pynn.DtypeError) as error:
            assert str(error).startswith("load: 'x.")  # noqa: PT017 - not every damage is an error


def npy(header):
    text = header.ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode() + b"12345678"


def test_files_that_claim_more_than_they_hold(tmp_path):
    huge = npy("{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000, 1000000000), }")
    (tmp_path / "x.npy").write_bytes(huge)
    message = (
        "load: 'x.npy' is damaged or no .npy file (shape (1000000000, 1000000000) of float64 takes "
        "8000000000000000000 bytes, there are 8)"
    )
    with raises(ValueError, message):
        pynn.load(tmp_path / "x.npy")
    with zipfile.ZipFile(tmp_path / "x.npz", "w") as archive:
        archive.writestr("x.npy", huge)
    with pytest.raises(ValueError, match="takes 8000000000000000000 bytes, there are 8"):
        pynn.load(tmp_path / "x.npz")


def test_negative_sizes(tmp_path):
    (tmp_path / "x.npy").write_bytes(npy("{'descr': '<f8', 'fortran_order': False, 'shape': (-1, -1), }"))
    with pytest.raises(ValueError, match="^load: 'x.npy' is damaged"):
        pynn.load(tmp_path / "x.npy")


@pytest.mark.parametrize(
    ("array", "what"),
    [
        (np.zeros(2, complex), "elements of complex128"),
        (np.array(["a"]), "elements of <U1"),
        (np.array([None]), "elements of object"),
        (np.zeros(2, np.longdouble), f"elements of {np.dtype(np.longdouble)}"),
    ],
)
def test_files_of_what_no_tensor_holds(array, what, tmp_path):
    np.save(tmp_path / "x.npy", array)  # pickles, where it holds objects: never unpickled here
    with raises(pynn.DtypeError, f"load: 'x.npy' holds {what}, which no tensor does"):
        pynn.load(tmp_path / "x.npy")
    np.savez(tmp_path / "x.npz", a=array)
    with raises(pynn.DtypeError, f"load: 'x.npz' holds {what} in 'a.npy', which no tensor does"):
        pynn.load(tmp_path / "x.npz")


def test_safetensors_of_what_no_tensor_holds(tmp_path):
    torch = pytest.importorskip("torch")
    from safetensors.torch import save_file

    save_file({"x": torch.zeros(2, dtype=torch.float8_e5m2)}, tmp_path / "x.safetensors")
    with raises(
        pynn.DtypeError, "load: 'x.safetensors' holds elements of F8_E5M2 in 'x', which no tensor does"
    ):
        pynn.load(tmp_path / "x.safetensors")


def test_what_is_no_such_file(tmp_path):
    for suffix in (".npy", *MANY):
        (tmp_path / f"x{suffix}").write_bytes(b"text, and nothing else")
        with pytest.raises(ValueError, match=rf"^load: 'x{suffix}' is damaged or no {suffix} file"):
            pynn.load(tmp_path / f"x{suffix}")
    with pytest.raises(FileNotFoundError):
        pynn.load(tmp_path / "y.npy")
    with raises(ValueError, "load: the file name must end in .npy, .npz or .safetensors, got 'x'"):
        pynn.load(tmp_path / "x")


def test_two_members_of_one_name(tmp_path):
    stream = io.BytesIO()
    np.save(stream, np.zeros(1))
    with zipfile.ZipFile(tmp_path / "x.npz", "w") as archive:
        archive.writestr("x.npy", stream.getvalue())
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("x.npy", stream.getvalue())
    with pytest.raises(ValueError, match="two members have one name"):
        pynn.load(tmp_path / "x.npz")
