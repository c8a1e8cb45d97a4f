"""Sequences, series, splits, bars and texts: Keras's own functions as oracle where they run without TensorFlow."""

import random

import numpy as np
import pytest
from errors import raises
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import pynn
from pynn import utils
from pynn.data import Dataset, TensorSpec

# --- pad_sequences ----------------------------------------------------------------------------------


@pytest.mark.parametrize("padding", ["pre", "post"])
@pytest.mark.parametrize("truncating", ["pre", "post"])
@pytest.mark.parametrize("maxlen", [None, 1, 3, 9])
@pytest.mark.parametrize("inner", [(), (2,), (2, 3)], ids=str)
def test_pad_sequences_is_kerass(keras, rng, padding, truncating, maxlen, inner):
    sequences = [rng.integers(0, 99, (steps, *inner)) for steps in (4, 0, 1, 7, 3)]
    sequences = [sequence.tolist() for sequence in sequences] if not inner else sequences
    for options in ({}, {"dtype": "float32", "value": -1.5}):
        options = {"padding": padding, "truncating": truncating, "maxlen": maxlen, **options}
        expected = keras.utils.pad_sequences(sequences, **options)
        np.testing.assert_array_equal(utils.pad_sequences(sequences, **options), expected, strict=True)


def test_pad_sequences_of_text_and_of_nothing(keras):
    words = [["a", "b", "c"], ["d"]]
    options = {"dtype": object, "value": "_", "padding": "post"}
    expected = keras.utils.pad_sequences(words, **options)
    assert utils.pad_sequences(words, **options).tolist() == expected.tolist()
    assert utils.pad_sequences([]).shape == (0, 0)
    assert utils.pad_sequences([[1, 2]], maxlen=0).shape == (1, 0)
    assert pynn.preprocessing.sequence.pad_sequences is utils.pad_sequences


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: utils.pad_sequences([[1]], padding="left"), "padding must be 'pre' or 'post', got 'left'"),
        (lambda: utils.pad_sequences([[1]], truncating=0), "truncating must be 'pre' or 'post', got 0"),
        (lambda: utils.pad_sequences([1, 2]), "sequences must be a list of lists, but holds 1"),
        (lambda: utils.pad_sequences(5), "sequences must be a list of lists, got int"),
        (
            lambda: utils.pad_sequences([["a"]], value="x"),
            "value 'x' does not fit dtype int32; use dtype=object for text",
        ),
        (
            lambda: utils.pad_sequences([np.zeros((2, 3)), np.zeros((2, 4))]),
            "step shape (4,) of sequence 1 is not that of the first, (3,)",
        ),
    ],
)
def test_pad_sequences_names_mistakes(call, message):
    with raises(ValueError, f"pad_sequences: {message}"):
        call()


# --- timeseries -------------------------------------------------------------------------------------


def windows(data, targets, length, stride, rate, start, end):
    """The definition, window by window."""
    pairs = []
    data, last = data[start:end], len(data[start:end]) - (length - 1) * rate
    for first in range(0, min(last, len(targets)), stride):
        pairs.append(([data[first + i * rate] for i in range(length)], targets[start:][first]))
    return pairs


@settings(max_examples=80, deadline=None)
@given(
    length=st.integers(1, 6),
    stride=st.integers(1, 5),
    rate=st.integers(1, 4),
    start=st.integers(0, 12),
    end=st.one_of(st.none(), st.integers(30, 38)),
    batch=st.integers(1, 50),
)
def test_timeseries_are_windows(length, stride, rate, start, end, batch):
    data = np.arange(40) * 10
    targets = np.arange(40) + 0.5
    expected = windows(data.tolist(), targets.tolist(), length, stride, rate, start, end)
    assume(expected)  # no window at all is an error, tested below
    dataset = utils.timeseries_dataset_from_array(
        data, targets, length, stride, rate, batch, start_index=start, end_index=end
    )
    got = [(x, y) for xs, ys in dataset for x, y in zip(xs.tolist(), ys.tolist(), strict=True)]
    assert got == expected
    assert len(dataset) == -(-len(expected) // batch)


def test_timeseries_keep_shapes_and_dtypes():
    data = np.arange(60.0).reshape(20, 3)
    dataset = utils.timeseries_dataset_from_array(data, data[4:, 1], sequence_length=4, batch_size=5)
    x, y = next(iter(dataset))
    assert (x.shape, x.dtype, y.shape) == ((5, 4, 3), pynn.float64, (5,))
    np.testing.assert_array_equal(y.numpy(), data[4:9, 1])
    assert dataset.element_spec == (TensorSpec((None, 4, 3), "float64"), TensorSpec((None,), "float64"))
    alone = utils.timeseries_dataset_from_array(data, None, 4, batch_size=None)
    assert [window.shape for window in alone] == [(4, 3)] * 17


def test_timeseries_shuffle_whole_windows():
    data = np.arange(50)
    dataset = utils.timeseries_dataset_from_array(data, data * 2, 3, shuffle=True, seed=4, batch_size=7)
    firsts = []
    for x, y in dataset:
        np.testing.assert_array_equal(y.numpy() * 1, x.numpy()[:, 0] * 2)
        np.testing.assert_array_equal(x.numpy(), x.numpy()[:, :1] + np.arange(3))
        firsts += x.numpy()[:, 0].tolist()
    assert sorted(firsts) == list(range(48)) != firsts


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sampling_rate": 0}, "sampling_rate must lie in 1..9, got 0"),
        ({"sequence_stride": 10}, "sequence_stride must lie in 1..9, got 10"),
        ({"start_index": 10}, "start_index must lie in 0..9, got 10"),
        ({"end_index": 10}, "end_index must lie in 1..9, got 10; None takes all"),
        ({"start_index": 5, "end_index": 5}, "end_index must lie in 6..9, got 5; None takes all"),
        ({"sequence_length": 0}, "sequence_length must be at least 1, got 0"),
        ({"sequence_length": 11}, "10 steps hold no window of 11 steps, 1 apart"),
        ({"format": "grain"}, "pynn has only format='tf', its own Dataset; got 'grain'"),
        (
            {"targets": np.arange(8), "start_index": 4},
            "5 windows begin at steps 4 to 8, but targets end at 7",
        ),
    ],
    ids=str,
)
def test_timeseries_name_mistakes(options, message):
    arguments = {"targets": None, "sequence_length": 2, **options}
    with raises(ValueError, f"timeseries_dataset_from_array: {message}"):
        utils.timeseries_dataset_from_array(np.arange(10), **arguments)


# --- split_dataset ----------------------------------------------------------------------------------


def flat(dataset):
    return [x.tolist() for x in dataset]


def test_split_dataset_of_arrays():
    left, right = utils.split_dataset(np.arange(10), left_size=0.7)
    assert (flat(left), flat(right)) == (list(range(7)), [7, 8, 9])
    left, right = utils.split_dataset(np.arange(10), left_size=3, right_size=0.2)
    assert (flat(left), flat(right)) == ([0, 1, 2], [8, 9])
    left, right = utils.split_dataset((np.arange(4), np.arange(4) * 2.0), right_size=1)
    assert [(x.item(), y.item()) for x, y in right] == [(3, 6.0)]
    assert len(left) == 3


def test_split_dataset_of_a_dataset():
    batches = Dataset.range(10).batch(4).prefetch(2)
    left, right = utils.split_dataset(batches, left_size=6)
    assert (flat(left), flat(right)) == ([[0, 1, 2, 3], [4, 5]], [[6, 7, 8, 9]])
    left, right = utils.split_dataset(Dataset.range(5), right_size=0.4)
    assert (flat(left), flat(right)) == ([0, 1, 2], [3, 4])


def test_split_dataset_shuffles_as_keras_does():
    order = list(range(20))
    random.seed(11)
    random.shuffle(order)
    left, right = utils.split_dataset(np.arange(20), left_size=0.5, shuffle=True, seed=11)
    assert flat(left) + flat(right) == order


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({}, ValueError, "give left_size, right_size or both"),
        ({"left_size": "a"}, TypeError, "left_size must be a number, got str"),
        (
            {"left_size": 10},
            ValueError,
            "left_size must be a whole number in 1..9 or a fraction in (0, 1), got 10",
        ),
        ({"left_size": 0.8, "right_size": 0.5}, ValueError, "left_size + right_size is 1.3, more than 1"),
        ({"left_size": 8, "right_size": 5}, ValueError, "left and right want 8 + 5 samples, there are 10"),
        ({"left_size": 0.01}, ValueError, "of 10 samples, 0 left and 10 right leaves one side empty"),
        (
            {"left_size": 1, "preferred_backend": "torch"},
            ValueError,
            "pynn returns its own Datasets; got preferred_backend='torch'",
        ),
    ],
)
def test_split_dataset_names_mistakes(arguments, error, message):
    with raises(error, f"split_dataset: {message}"):
        utils.split_dataset(np.arange(10), **arguments)
    with raises(TypeError, "split_dataset: expected arrays or a Dataset, got int"):
        utils.split_dataset(5, left_size=1)


# --- Texts ------------------------------------------------------------------------------------------


@pytest.fixture
def reviews(tmp_path):
    for label, texts in {"neg": ["bad", "dull ü"], "pos": ["good", "fine", "great"]}.items():
        (tmp_path / label).mkdir()
        for number, text in enumerate(texts):
            (tmp_path / label / f"{number}.txt").write_text(text, encoding="utf-8")
    return tmp_path


def test_a_folder_of_texts_is_a_dataset(reviews, capsys):
    dataset = utils.text_dataset_from_directory(reviews, batch_size=2, shuffle=False)
    assert capsys.readouterr().out == "Found 5 files belonging to 2 classes.\n"
    assert dataset.class_names == ["neg", "pos"]
    pairs = [(str(text), label.item()) for text, label in dataset.unbatch()]
    assert pairs == [("bad", 0), ("dull ü", 0), ("good", 1), ("fine", 1), ("great", 1)]
    batch, _ = next(iter(dataset))
    assert batch.shape == (2,)
    assert batch.numpy().tolist() == [b"bad", "dull ü".encode()]
    mixed = utils.text_dataset_from_directory(reviews, seed=2, batch_size=None, verbose=False)
    assert sorted((str(text), label.item()) for text, label in mixed) == sorted(pairs)


def test_texts_may_be_cut_and_need_not_be_utf8(reviews):
    (reviews / "pos" / "9.txt").write_bytes(b"\xff\xfe latin")
    dataset = utils.text_dataset_from_directory(reviews, shuffle=False, label_mode=None, verbose=False)
    (texts,) = dataset
    assert texts.numpy()[-1] == b"\xff\xfe latin"
    (cut,) = utils.text_dataset_from_directory(
        reviews, labels=None, max_length=6, shuffle=False, verbose=False
    )
    assert [str(text) for text in cut][:2] == ["bad", "dull "]  # ü has two bytes, the sixth and the seventh


# --- Progbar ----------------------------------------------------------------------------------------


def test_progbar_shows_means_and_last_values(capsys):
    bar = utils.Progbar(4, stateful_metrics=["last"])
    for step in range(1, 4):
        bar.add(1, [("mean", float(step)), ("last", float(step))])
    bar.update(3, finalize=True)
    out = capsys.readouterr().out
    assert out.startswith("3/4 ")
    assert out.endswith("- mean: 2.0000 - last: 3.0000\n")
    quiet = utils.Progbar(2, verbose=0)
    quiet.update(2, [("x", 1.0)])
    assert capsys.readouterr().out == ""
    utils.Progbar(2, verbose=2, stateless_metrics=[]).update(2, [("x", 1.0)])
    assert capsys.readouterr().out.startswith("2/2 - 0s")
    with raises(ValueError, "Progbar: give stateful_metrics or stateless_metrics, not both"):
        utils.Progbar(2, stateful_metrics=[], stateless_metrics=[])


# --- Names ------------------------------------------------------------------------------------------

LEFT_OUT = {
    "Config": "a dict does its work",
    "FeatureSpace": "not built: tables of features",
    "bounding_boxes": "not built: object detection",
    "get_source_inputs": "not built: model.inputs gives them",
    "legacy": "Keras's own past",
}


def test_every_name_of_keras_utils_is_here_or_left_out_for_a_reason(keras):
    names = {name for name in dir(keras.utils) if not name.startswith("_")}
    assert names - set(dir(utils)) == set(LEFT_OUT)


def test_every_name_of_keras_preprocessing_is_here(keras):
    for path in ("preprocessing", "preprocessing.image", "preprocessing.sequence", "datasets"):
        ours, theirs = pynn, keras
        for part in path.split("."):
            ours, theirs = getattr(ours, part), getattr(theirs, part)
        assert {name for name in dir(theirs) if not name.startswith("_")} <= set(dir(ours))


def test_names_that_keras_3_dropped_say_what_to_use():
    with pytest.raises(
        AttributeError, match=r"^keras\.preprocessing\.image\.ImageDataGenerator is gone since"
    ):
        _ = pynn.preprocessing.image.ImageDataGenerator
    with pytest.raises(
        AttributeError, match=r"^keras\.preprocessing\.text is gone since Keras 3; layers\.TextVec"
    ):
        _ = pynn.preprocessing.text
    with pytest.raises(
        AttributeError, match=r"TimeseriesGenerator is gone since Keras 3; utils\.timeseries_dataset"
    ):
        _ = pynn.preprocessing.sequence.TimeseriesGenerator
    with raises(AttributeError, "module 'pynn.preprocessing.image' has no attribute 'nothing'"):
        _ = pynn.preprocessing.image.nothing
    with pytest.raises(
        NotImplementedError, match=r"^audio_dataset_from_directory: pynn reads no sound files; "
    ):
        utils.audio_dataset_from_directory("folder")
