"""Data sets: the built-in digits are MNIST bit for bit, and no broken IDX file gets past the reader."""

import gzip
import hashlib
import lzma
import math
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pynn.datasets import load_idx, mnist

# sha256 of the values in the original IDX files without their headers (zcat FILE | tail -c +17, labels +9).
ORIGINALS = {
    "x_train": "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757",
    "y_train": "1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13",
    "x_test": "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161",
    "y_test": "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5",
}
CODES = {"uint8": 0x08, "int8": 0x09, "int16": 0x0B, "int32": 0x0C, "float32": 0x0D, "float64": 0x0E}


def idx_bytes(array):
    """An IDX file of the array, written from the format's description and not from the reader."""
    header = bytes([0, 0, CODES[array.dtype.name], array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return header + array.astype(array.dtype.newbyteorder(">")).tobytes()


@pytest.fixture
def write(tmp_path):
    def write(content, name="file.idx"):
        (tmp_path / name).write_bytes(content)
        return tmp_path / name

    return write


# --- MNIST ------------------------------------------------------------------------------------------


def test_mnist_is_the_original_bit_for_bit():
    (x_train, y_train), (x_test, y_test) = mnist.load_data()
    arrays = {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}
    assert {name: hashlib.sha256(array.tobytes()).hexdigest() for name, array in arrays.items()} == ORIGINALS


def test_mnist_has_the_shapes_of_keras():
    (x_train, y_train), (x_test, y_test) = mnist.load_data("mnist.npz")
    assert [a.shape for a in (x_train, y_train, x_test, y_test)] == [
        (60000, 28, 28),
        (60000,),
        (10000, 28, 28),
        (10000,),
    ]
    assert {a.dtype.name for a in (x_train, y_train, x_test, y_test)} == {"uint8"}
    assert y_train[:8].tolist() == [5, 0, 4, 1, 9, 2, 1, 3]


def test_every_call_returns_arrays_of_its_own():
    (x_train, _), (_, y_test) = mnist.load_data()
    x_train[:] = 7
    y_test[:] = 7
    (x_again, _), (_, y_again) = mnist.load_data()
    assert x_again.min() == 0
    assert y_again.min() == 0


def test_package_data_stays_small():
    files = list((Path(mnist.__file__).parent / "mnist_files").iterdir())
    assert 0 < sum(file.stat().st_size for file in files) < 10_000_000


def test_licence_travels_with_the_data():
    text = (Path(mnist.__file__).parent / "MNIST_LICENSE").read_text()
    assert "CC BY-SA 3.0" in text
    assert all(name in text for name in ("Yann LeCun", "Corinna Cortes", "Christopher J. C. Burges"))


# --- MNIST from a folder ----------------------------------------------------------------------------


def write_folder(folder, **changed):
    files = {
        "train-images-idx3-ubyte": np.arange(24, dtype=np.uint8).reshape(2, 3, 4),
        "train-labels-idx1-ubyte": np.array([1, 2], np.uint8),
        "t10k-images-idx3-ubyte": np.arange(12, dtype=np.uint8).reshape(1, 3, 4),
        "t10k-labels-idx1-ubyte": np.array([3], np.uint8),
    }
    for name, array in files.items():
        content = idx_bytes(changed.get(name.split("-idx")[0].replace("-", "_"), array))
        if "images" in name:
            (folder / f"{name}.gz").write_bytes(gzip.compress(content))
        else:
            (folder / name).write_bytes(content)
    return files


def test_load_data_reads_a_folder_of_idx_files(tmp_path):
    files = write_folder(tmp_path)
    (x_train, y_train), (x_test, y_test) = mnist.load_data(tmp_path)
    for got, expected in zip((x_train, y_train, x_test, y_test), files.values(), strict=True):
        np.testing.assert_array_equal(got, expected)


def test_load_data_names_what_is_missing(tmp_path):
    with pytest.raises(FileNotFoundError) as error:
        mnist.load_data("elsewhere.npz")
    assert str(error.value) == (
        "mnist.load_data: path='elsewhere.npz' is neither a folder of IDX files nor an .npz file "
        "(nothing is downloaded or cached; leave path out for the built-in digits)"
    )
    with pytest.raises(FileNotFoundError) as error:
        mnist.load_data(tmp_path)
    name = "train-images-idx3-ubyte"
    assert str(error.value) == f"mnist.load_data: {tmp_path.name!r} holds no {name}, {name}.gz or {name}.xz"


def test_load_data_refuses_labels_of_other_images(tmp_path):
    write_folder(tmp_path, t10k_labels=np.array([3, 4], np.uint8))
    with pytest.raises(ValueError, match="belong") as error:
        mnist.load_data(tmp_path)
    assert str(error.value) == (
        "mnist.load_data: the t10k files do not belong together: images uint8 (1, 3, 4), labels uint8 (2,); "
        "expected uint8 (n, height, width) and uint8 (n,)"
    )


# --- IDX --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", CODES)
@pytest.mark.parametrize("shape", [(), (5,), (0,), (2, 3), (2, 0, 3), (1, 2, 3, 4)], ids=str)
@pytest.mark.parametrize("pack", [bytes, gzip.compress, lzma.compress], ids=["plain", "gzip", "xz"])
def test_load_idx_reads_every_dtype_and_shape(write, dtype, shape, pack):
    array = np.arange(math.prod(shape)).reshape(shape).astype(dtype)
    got = load_idx(write(pack(idx_bytes(array))))
    assert got.dtype == np.dtype(dtype)
    assert got.dtype.isnative
    assert got.flags.writeable
    np.testing.assert_array_equal(got, array, strict=True)


@given(
    array=hnp.arrays(
        st.sampled_from([np.dtype(name) for name in CODES]),
        hnp.array_shapes(min_dims=0, max_dims=6, min_side=0, max_side=4),
    )
)
def test_load_idx_reads_back_any_array(tmp_path_factory, array):
    path = tmp_path_factory.mktemp("idx") / "file.idx"
    path.write_bytes(idx_bytes(array))
    np.testing.assert_array_equal(load_idx(path), array, strict=True)


PIXELS = idx_bytes(np.arange(6, dtype=np.int16).reshape(2, 3))
MAGIC = "expected 00 00, a type of 08, 09, 0b, 0c, 0d, 0e, and the number of axes"
ENDED = "Compressed file ended before the end-of-stream marker was reached"
BROKEN = {
    "empty": (b"", f"is not an IDX file: it starts with the bytes '', {MAGIC}"),
    "picture": (b"\x89PNG\r\n", f"is not an IDX file: it starts with the bytes '89 50 4e 47', {MAGIC}"),
    "dtype": (
        b"\0\0\x0a\x01\0\0\0\0",
        f"is not an IDX file: it starts with the bytes '00 00 0a 01', {MAGIC}",
    ),
    "little endian": (
        PIXELS[:4][::-1],
        f"is not an IDX file: it starts with the bytes '02 0b 00 00', {MAGIC}",
    ),
    "sizes cut": (PIXELS[:9], "is cut short: it ends inside the sizes of its 2 axes"),
    "values cut": (PIXELS[:-1], "is cut short: its header says 2 x 3 = 12 bytes, it holds 11"),
    "no value": (b"\0\0\x0e\0", "is cut short: its header says one value = 8 bytes, it holds 0"),
    "too long": (PIXELS + b"\0", "is too long: bytes follow after the 12 that its header says"),
    "too many axes": (b"\0\0\x08\x21" + b"\0\0\0\1" * 33 + b"\0", "has 33 axes, the most that is read is 32"),
    "size beyond the file": (
        b"\0\0\x08\x02" + b"\0\x0f\xff\xff" + b"\0\0\xff\xff" + b"\1",
        "is cut short: its header says 1048575 x 65535 = 68718362625 bytes, it holds 1",
    ),
    "product overflows": (
        b"\0\0\x0e\x03" + b"\xff\xff\xff\xff" * 3,
        "is damaged: its header says 4294967295 x 4294967295 x 4294967295, more than a machine can hold",
    ),
    "product overflows to nothing": (
        b"\0\0\x08\x04" + b"\x80\0\0\0" * 4,
        f"is damaged: its header says {' x '.join(['2147483648'] * 4)}, more than a machine can hold",
    ),
    "empty with sizes that overflow": (
        b"\0\0\x08\x03" + b"\xff\xff\xff\xff" * 2 + b"\0\0\0\0",
        "is damaged: its header says 4294967295 x 4294967295 x 0, more than a machine can hold",
    ),
    "gzip cut": (
        gzip.compress(PIXELS)[:-9],
        f"is compressed, but damaged or cut short ({ENDED})",
    ),
    "xz cut": (
        lzma.compress(PIXELS)[:-9],
        f"is compressed, but damaged or cut short ({ENDED})",
    ),
    "xz corrupt": (
        lzma.compress(PIXELS)[:24] + b"\3" + lzma.compress(PIXELS)[25:],  # the chunk's control byte
        "is compressed, but damaged or cut short (Corrupt input data)",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_load_idx_says_what_is_broken(write, case):
    content, message = BROKEN[case]
    with pytest.raises(ValueError, match="load_idx") as error:
        load_idx(write(content))
    assert str(error.value) == f"load_idx: 'file.idx' {message}"


def test_a_false_size_takes_no_memory(write):
    path = write(gzip.compress(b"\0\0\x08\x01\xff\xff\xff\xff" + b"\0" * 10))
    with pytest.raises(ValueError, match="4294967295 = 4294967295 bytes, it holds 10"):
        load_idx(path)


def test_load_idx_of_no_file_is_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        load_idx(tmp_path / "none")
    with pytest.raises(IsADirectoryError):
        load_idx(tmp_path)


@st.composite
def hostile_files(draw):
    """Noise, or a sound file with a few bytes changed, cut or added, compressed or not."""
    content = bytearray(draw(st.one_of(st.binary(max_size=80), st.just(PIXELS))))
    for _ in range(draw(st.integers(0, 4))):
        if content:
            content[draw(st.integers(0, len(content) - 1))] = draw(st.integers(0, 255))
    content = bytes(content)[: draw(st.integers(0, 100))] + draw(st.binary(max_size=4))
    packed = bytearray(draw(st.sampled_from([bytes, gzip.compress, lzma.compress]))(content))
    if packed and draw(st.booleans()):
        packed[draw(st.integers(0, len(packed) - 1))] = draw(st.integers(0, 255))
    return bytes(packed)


@given(content=hostile_files())
def test_no_file_gets_past_the_reader(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("idx") / "file.idx"
    path.write_bytes(content)
    message, array = "", None
    try:
        array = load_idx(path)
    except ValueError as error:
        message = str(error)
    if array is None:
        assert message.startswith("load_idx: 'file.idx' ")
    else:  # it was sound after all: what was read is what the file holds
        unpack = {b"\x1f\x8b": gzip.decompress, b"\xfd7": lzma.decompress}.get(content[:2], bytes)
        assert idx_bytes(array) == unpack(content)
