"""Data sets that are read from files, against Keras's own readers on small files of the same formats."""

import gzip
import inspect
import io
import json
import pickle
import tarfile
import zipfile

import numpy as np
import pytest
from errors import raises
from hypothesis import given, settings
from hypothesis import strategies as st

from pynn import datasets
from pynn.datasets import npz

NAMES = (
    "boston_housing",
    "california_housing",
    "cifar10",
    "cifar100",
    "fashion_mnist",
    "imdb",
    "mnist",
    "reuters",
)


def text_arrays(rng, n):
    texts = np.empty(n, object)
    texts[:] = [rng.integers(1, 60, rng.integers(2, 12)).tolist() for _ in range(n)]
    return texts, rng.integers(0, 2, n)


def idx(array):
    header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
    return gzip.compress(header + array.tobytes())


def write_cifar(folder, rng, names, keys, rows=3):
    folder.mkdir(parents=True)
    for name in names:
        batch = {b"data": rng.integers(0, 256, (rows, 3072), np.uint8), b"filenames": [b"a.png"] * rows}
        batch |= {key: rng.integers(0, 9, rows).tolist() for key in keys}
        (folder / name).write_bytes(pickle.dumps(batch, protocol=3))


@pytest.fixture
def files(tmp_path, monkeypatch, rng):
    """A folder with a small file for every data set, which PYNN_DATASETS names; no cache, no network."""
    folder = tmp_path / "own"
    folder.mkdir()
    monkeypatch.setenv("PYNN_DATASETS", str(folder))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("urllib.request.urlopen", None)  # calling it would fail
    x_train, y_train = text_arrays(rng, 40)
    x_test, y_test = text_arrays(rng, 30)
    np.savez(folder / "imdb.npz", x_train=x_train, y_train=y_train, x_test=x_test, y_test=y_test)
    np.savez(folder / "reuters.npz", x=x_train, y=y_train)
    np.savez(folder / "boston_housing.npz", x=rng.normal(size=(50, 13)), y=rng.normal(size=50))
    x = rng.normal(size=(700, 8)).astype("float32")
    np.savez(folder / "california_housing.npz", x=x, y=x[:, 0] * 1000)
    for name in ("imdb", "reuters"):
        (folder / f"{name}_word_index.json").write_text(json.dumps({"the": 1, "naïve": 2}))
    (folder / "fashion-mnist").mkdir()
    for prefix, n in (("train", 5), ("t10k", 3)):
        for kind, array in (
            ("images-idx3", rng.integers(0, 256, (n, 28, 28))),
            ("labels-idx1", rng.integers(0, 9, n)),
        ):
            (folder / "fashion-mnist" / f"{prefix}-{kind}-ubyte.gz").write_bytes(idx(array.astype(np.uint8)))
    batches = [f"data_batch_{i}" for i in range(1, 6)]
    write_cifar(folder / "cifar-10-batches-py", rng, [*batches, "test_batch"], [b"labels"])
    write_cifar(folder / "cifar-100-python", rng, ["train", "test"], [b"fine_labels", b"coarse_labels"])
    return folder


@pytest.fixture
def keras_files(files, keras, monkeypatch):
    """Keras's data sets, with its downloads replaced by the same files."""

    def get_file(fname, origin=None, cache_subdir="datasets", **_):
        name = str(fname).replace("-target", "")
        name = {"cifar-10-batches-py": "", "cifar-100-python": ""}.get(name, name)
        return str(files / cache_subdir.removeprefix("datasets").strip("/") / name)

    from keras.src.datasets import imdb, reuters

    for module in (
        imdb,
        reuters,
        *(__import__("keras.src.datasets", fromlist=NAMES).__dict__[n] for n in NAMES),
    ):
        monkeypatch.setattr(module, "get_file", get_file)
    return keras.datasets


def same(ours, theirs):
    for (x, y), (kx, ky) in zip(ours, theirs, strict=True):
        assert (x.dtype, y.dtype, x.shape, y.shape) == (kx.dtype, ky.dtype, kx.shape, ky.shape)
        assert x.tolist() == kx.tolist()
        assert y.tolist() == ky.tolist()


@pytest.mark.parametrize("name", NAMES)
def test_signatures_are_keras(keras, name):
    ours = inspect.signature(getattr(datasets, name).load_data)
    theirs = inspect.signature(getattr(keras.datasets, name).load_data)
    plain = [(p.name, p.default) for p in theirs.parameters.values() if p.kind != p.VAR_KEYWORD]
    assert [(p.name, p.default) for p in ours.parameters.values()] == plain


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"num_words": 30},
        {"num_words": 30, "skip_top": 10},
        {"num_words": 20, "oov_char": None},
        {"start_char": None},
        {"start_char": None, "index_from": 0},
        {"index_from": 5, "start_char": 2, "oov_char": 0, "seed": 7},
        {"maxlen": 8},
    ],
    ids=str,
)
@pytest.mark.parametrize("name", ["imdb", "reuters"])
def test_texts_are_those_of_keras(keras_files, name, options):
    ours = getattr(datasets, name).load_data(**options)
    same(ours, getattr(keras_files, name).load_data(**options))
    assert ours[0][0].dtype == object
    assert all(type(text) is list for text in ours[0][0])


def test_reuters_splits_as_asked(keras_files):
    same(datasets.reuters.load_data(test_split=0.5), keras_files.reuters.load_data(test_split=0.5))
    assert datasets.reuters.get_label_names() == keras_files.reuters.get_label_names()
    assert len(datasets.reuters.get_label_names()) == 46


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("boston_housing", {}),
        ("boston_housing", {"test_split": 0.0, "seed": 1}),
        ("california_housing", {}),
        ("california_housing", {"version": "small", "test_split": 0.3}),
        ("cifar100", {}),
        ("cifar100", {"label_mode": "coarse"}),
        ("fashion_mnist", {}),
    ],
    ids=str,
)
def test_numbers_are_those_of_keras(keras_files, name, options):
    same(getattr(datasets, name).load_data(**options), getattr(keras_files, name).load_data(**options))


def test_cifar10_has_five_files(files):
    (x_train, y_train), (x_test, y_test) = datasets.cifar10.load_data()
    assert (x_train.shape, y_train.shape) == ((15, 32, 32, 3), (15, 1))
    assert (x_test.shape, y_test.shape) == ((3, 32, 32, 3), (3, 1))
    assert {a.dtype.name for a in (x_train, y_train, x_test, y_test)} == {"uint8"}
    batch = pickle.loads((files / "cifar-10-batches-py" / "data_batch_2").read_bytes())
    np.testing.assert_array_equal(
        x_train[3, ..., 1].ravel(), batch[b"data"][0, 1024:2048]
    )  # a plane of green
    assert y_train[3:6, 0].tolist() == batch[b"labels"]


def python2_pickle(data, labels):
    """The dict of a CIFAR file as Python 2 wrote it (the published ones are that old), opcode by opcode."""

    def text(value):
        return b"U" + bytes([len(value)]) + value

    def number(value):
        return b"J" + np.int32(value).tobytes()

    dtype = b"cnumpy\ndtype\n" + text(b"u1") + b"K\x00K\x01\x87R"
    dtype += b"(K\x03" + text(b"|") + b"NNN" + number(-1) * 2 + b"K\x00tb"
    array = b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85" + text(b"b") + b"\x87R"
    array += b"(K\x01" + number(data.shape[0]) + number(data.shape[1]) + b"\x86" + dtype + b"\x89"
    array += b"T" + np.int32(data.size).tobytes() + data.tobytes() + b"tb"
    listed = b"](" + b"".join(number(label) for label in labels) + b"e"
    return b"\x80\x02}(" + text(b"data") + array + text(b"labels") + listed + b"u."


def test_cifar10_of_python_2(files, rng):
    data = rng.integers(0, 256, (2, 3072), np.uint8)
    (files / "cifar-10-batches-py" / "test_batch").write_bytes(python2_pickle(data, [4, 9]))
    _, (x_test, y_test) = datasets.cifar10.load_data()
    np.testing.assert_array_equal(x_test.transpose(0, 3, 1, 2).reshape(2, 3072), data)
    assert y_test.tolist() == [[4], [9]]


def test_cifar_unpacks_an_archive_into_the_cache(files, tmp_path):
    (x_train, _), _ = datasets.cifar10.load_data()
    with tarfile.open(files / "cifar-10-python.tar.gz", "w:gz") as archive:
        archive.add(files / "cifar-10-batches-py", "cifar-10-batches-py")
    (files / "cifar-10-batches-py").rename(tmp_path / "away")
    (x_again, _), _ = datasets.cifar10.load_data()
    np.testing.assert_array_equal(x_again, x_train)
    unpacked = tmp_path / "cache" / "datasets" / "cifar-10-batches-py-target" / "cifar-10-batches-py"
    assert (unpacked / "test_batch").is_file()
    (files / "cifar-10-python.tar.gz").unlink()
    datasets.cifar10.load_data()  # from the cache now, where Keras has it too


def test_a_path_is_a_file_of_ones_own(files, tmp_path):
    np.savez(tmp_path / "mine.npz", x=np.arange(26.0).reshape(2, 13), y=np.arange(2.0))
    (x, _), _ = datasets.boston_housing.load_data(str(tmp_path / "mine.npz"), test_split=0)
    assert x.shape == (2, 13)
    assert datasets.imdb.get_word_index(files / "imdb_word_index.json") == {"the": 1, "naïve": 2}
    assert datasets.reuters.get_word_index() == {"the": 1, "naïve": 2}
    with raises(FileNotFoundError, "imdb.load_data: path='/none/imdb.npz': there is no such file"):
        datasets.imdb.load_data("/none/imdb.npz")


def test_mnist_from_kerass_file(tmp_path):
    arrays = {"x_train": np.zeros((3, 28, 28), np.uint8), "y_train": np.arange(3, dtype=np.uint8)}
    arrays |= {"x_test": np.ones((1, 28, 28), np.uint8), "y_test": np.array([7], np.uint8)}
    np.savez(tmp_path / "mnist.npz", **arrays)
    (_, y_train), (x_test, _) = datasets.mnist.load_data(tmp_path / "mnist.npz")
    assert y_train.tolist() == [0, 1, 2]
    assert x_test.all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda d: d.imdb.load_data(maxlen=1), "imdb.load_data: maxlen=1 leaves no review; increase it"),
        (
            lambda d: d.reuters.load_data(maxlen=1),
            "reuters.load_data: maxlen=1 leaves no newswire; increase it",
        ),
        (
            lambda d: d.california_housing.load_data("medium"),
            "california_housing.load_data: version must be 'small' or 'large', got 'medium'",
        ),
        (
            lambda d: d.boston_housing.load_data(test_split=1),
            "boston_housing.load_data: test_split must be in [0, 1), got 1",
        ),
        (
            lambda d: d.cifar100.load_data("rough"),
            "cifar100.load_data: label_mode must be 'fine' or 'coarse', got 'rough'",
        ),
    ],
)
def test_wrong_arguments_are_named(files, call, message):
    with raises(ValueError, message):
        call(datasets)


# --- Files that are not what they seem --------------------------------------------------------------


class Command:
    def __reduce__(self):
        return (print, ("this ran",))


def test_a_pickle_cannot_run_anything(files, tmp_path, capsys):
    hostile = np.empty(1, object)
    hostile[0] = Command()
    np.savez(tmp_path / "evil.npz", x=hostile, y=np.zeros(1))
    message = "is not the file expected: it asks for builtins.print, which is no array"
    with raises(ValueError, f"reuters.load_data: 'evil.npz' {message}"):
        datasets.reuters.load_data(tmp_path / "evil.npz")
    (files / "cifar-100-python" / "train").write_bytes(pickle.dumps({b"data": Command()}, protocol=3))
    with raises(ValueError, f"cifar100.load_data: 'train' {message}"):
        datasets.cifar100.load_data()
    assert capsys.readouterr().out == ""


def test_files_of_another_kind(tmp_path):
    np.savez(tmp_path / "other.npz", a=np.zeros(3))
    with raises(ValueError, "reuters.load_data: 'other.npz' is not the file expected: it lacks x.npy, y.npy"):
        datasets.reuters.load_data(tmp_path / "other.npz")
    (tmp_path / "text.npz").write_text("hello")
    with raises(ValueError, "imdb.load_data: 'text.npz' is not the file expected: File is not a zip file"):
        datasets.imdb.load_data(tmp_path / "text.npz")
    (tmp_path / "list.json").write_text("[1]")
    with raises(ValueError, "imdb.get_word_index: 'list.json' is not the file expected: it holds no dict"):
        datasets.imdb.get_word_index(tmp_path / "list.json")
    np.savez(tmp_path / "numbers.npz", x=np.zeros(3), y=np.zeros(3))
    with raises(
        ValueError,
        "reuters.load_data: the file does not hold lists of word numbers ('numpy.float64' object is not iterable)",
    ):
        datasets.reuters.load_data(tmp_path / "numbers.npz")


@settings(max_examples=80, deadline=None)
@given(place=st.integers(0, 10_000), byte=st.integers(0, 255), cut=st.integers(0, 400), packed=st.booleans())
def test_no_damaged_file_gets_past_the_reader(tmp_path_factory, place, byte, cut, packed):
    texts = np.empty(2, object)
    texts[:] = [[1, 2], [3]]
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, texts)
    content = bytearray(buffer.getvalue())
    content[place % len(content)] = byte
    path = tmp_path_factory.mktemp("npz") / "file.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.npy", bytes(content))
    if packed:
        whole = path.read_bytes()
        path.write_bytes(whole[: max(0, len(whole) - cut)])

    message, array = "", None
    try:
        (array,) = npz.load_npz("test", path, "x")
    except ValueError as error:
        message = str(error)
    if array is None:
        assert message.startswith("test: 'file.npz' is not the file expected: ")
    else:
        assert isinstance(array, np.ndarray)
