"""The pipeline behind tf.data: every method against plain Python, and what `fit` makes of it."""

import collections
import gzip
import threading

import numpy as np
import pytest
from errors import raises
from hypothesis import given, settings
from hypothesis import strategies as st

import pynn
from pynn.data import (
    INFINITE_CARDINALITY,
    UNKNOWN_CARDINALITY,
    Dataset,
    StringTensor,
    TensorSpec,
    TextLineDataset,
)
from pynn.data.stages import Source
from pynn.data.stores import Gathered


def numbers(dataset):
    """A dataset's elements as plain Python."""
    return [element.tolist() for element in dataset.as_numpy_iterator()]


def upto(n):
    return Dataset.from_tensor_slices(np.arange(n))


# --- Sources ----------------------------------------------------------------------------------------


def test_slices_keep_structure_dtype_and_text():
    x, y = np.arange(6, dtype=np.uint8).reshape(3, 2), np.array([0.5, 1.5, 2.5])
    dataset = Dataset.from_tensor_slices(({"pixels": x, "name": ["a", "b", "ü"]}, y))
    first, *_, last = list(dataset)
    assert isinstance(first[1], pynn.Tensor)
    assert first[1].dtype == pynn.float64
    assert first[0]["pixels"].dtype == pynn.uint8
    assert last[0]["pixels"].tolist() == [4, 5]
    assert str(last[0]["name"]) == "ü"
    assert last[0]["name"].numpy() == "ü".encode()
    assert dataset.element_spec == (
        {"pixels": TensorSpec((2,), "uint8"), "name": TensorSpec((), "string")},
        TensorSpec((), "float64"),
    )


def test_a_list_is_an_array_and_a_tuple_is_structure():
    assert numbers(Dataset.from_tensor_slices([[1, 2], [3, 4]])) == [[1, 2], [3, 4]]
    pairs = list(Dataset.from_tensor_slices(([1, 2], [3, 4])))
    assert [(a.item(), b.item()) for a, b in pairs] == [(1, 3), (2, 4)]


def test_named_tuples_stay():
    Point = collections.namedtuple("Point", "x y")
    dataset = Dataset.from_tensor_slices(Point([1, 2, 3], [4, 5, 6])).shuffle(3, seed=0).batch(3)
    (batch,) = dataset
    assert type(batch) is Point
    assert (batch.y - batch.x).tolist() == [3, 3, 3]


def test_from_tensors_is_one_element():
    (element,) = Dataset.from_tensors((np.arange(3), "text"))
    assert element[0].tolist() == [0, 1, 2]
    assert len(Dataset.from_tensors(1)) == 1


def test_range_is_pythons():
    assert numbers(Dataset.range(2, 11, 3)) == list(range(2, 11, 3))
    assert Dataset.range(3).element_spec == TensorSpec((), "int64")
    assert len(Dataset.range(5, 0, -1)) == 5
    assert next(iter(Dataset.range(3, output_type="float32").batch(3))).dtype == pynn.float32


def test_a_generator_runs_anew_at_every_pass():
    calls = []

    def squares(n):
        calls.append(n)
        for i in range(n):
            yield i * i, [float(i)]

    dataset = Dataset.from_generator(
        squares, args=(3,), output_signature=(TensorSpec((), "int32"), TensorSpec((None,), "float64"))
    )
    assert int(dataset.cardinality()) == UNKNOWN_CARDINALITY
    for _ in range(2):
        assert [(a.item(), b.tolist()) for a, b in dataset] == [(0, [0.0]), (1, [1.0]), (4, [2.0])]
    assert calls == [3, 3]
    first = next(iter(dataset))
    assert (first[0].dtype, first[1].dtype) == (pynn.int32, pynn.float64)
    assert dataset.element_spec == (TensorSpec((), "int32"), TensorSpec((None,), "float64"))


def test_generator_types_and_shapes_of_older_code():
    dataset = Dataset.from_generator(lambda: iter([([1, 2], 3)]), ("float32", "int64"), ((2,), ()))
    (element,) = dataset
    assert element[0].dtype == pynn.float32
    assert element[1].item() == 3


def test_a_generator_that_breaks_its_promise():
    dataset = Dataset.from_generator(lambda: iter([[1, 2, 3]]), output_signature=TensorSpec((2,), "int64"))
    with raises(
        ValueError,
        "Dataset.from_generator: an element is TensorSpec(shape=(3,), dtype=int64), "
        "its signature says TensorSpec(shape=(2,), dtype=int64)",
    ):
        list(dataset)
    with raises(
        TypeError,
        "Dataset.from_generator: generator must be callable, got list; "
        "give the generator function, not what it returns",
    ):
        Dataset.from_generator([1, 2])


def test_text_lines(tmp_path):
    (tmp_path / "a.txt").write_bytes("eins\r\n\nzwei ü".encode())
    (tmp_path / "b.txt.gz").write_bytes(gzip.compress(b"three\n"))
    lines = TextLineDataset([tmp_path / "a.txt"])
    assert [str(line) for line in lines] == ["eins", "", "zwei ü"]
    packed = TextLineDataset(str(tmp_path / "b.txt.gz"), "GZIP")
    assert list(packed.as_numpy_iterator()) == [b"three"]
    assert isinstance(packed, Dataset)


def test_list_files(tmp_path):
    for name in ("b.jpg", "a.jpg", "c.png"):
        (tmp_path / name).touch()
    found = Dataset.list_files(f"{tmp_path}/*.jpg", shuffle=False)
    assert [str(name) for name in found] == [f"{tmp_path}/a.jpg", f"{tmp_path}/b.jpg"]
    with raises(ValueError, "Dataset.list_files: no file matches none/*.jpg"):
        Dataset.list_files("none/*.jpg")


# --- Order and number -------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(
    n=st.integers(0, 12),
    steps=st.lists(
        st.one_of(
            st.tuples(st.sampled_from(["take", "skip"]), st.integers(-1, 15)),
            st.tuples(st.sampled_from(["repeat"]), st.integers(0, 2)),
            st.tuples(st.sampled_from(["batch", "batch_whole"]), st.integers(1, 7)),
            st.tuples(st.sampled_from(["concatenate", "cache", "prefetch", "double"]), st.just(2)),
        ),
        max_size=5,
    ),
)
def test_any_chain_of_stages_is_what_lists_give(n, steps):
    dataset, expected, depth = upto(n), list(range(n)), 0
    for name, k in steps:
        if name == "take":
            dataset, expected = dataset.take(k), expected if k < 0 else expected[:k]
        elif name == "skip":
            dataset, expected = dataset.skip(k), [] if k < 0 else expected[k:]
        elif name == "repeat":
            dataset, expected = dataset.repeat(k), expected * k
        elif name == "concatenate":
            dataset, expected = dataset.concatenate(dataset), expected * 2
        elif name == "cache":
            dataset = dataset.cache()
        elif name == "prefetch":
            dataset = dataset.prefetch(k)
        elif name == "double":
            dataset = dataset.map(lambda x: x * 2)
            expected = [(np.array(item) * 2).tolist() for item in expected]
        elif depth < 1:  # batches of batches have several shapes
            depth += 1
            drop = name == "batch_whole"
            dataset = dataset.batch(k, drop_remainder=drop)
            expected = [expected[i : i + k] for i in range(0, len(expected), k)]
            expected = [part for part in expected if len(part) == k or not drop]
    for _ in range(2):
        assert numbers(dataset) == expected
    assert len(dataset) == len(expected)
    assert int(dataset.cardinality()) == len(expected)


def test_shuffle_gives_every_element_once_in_another_order_each_pass():
    dataset = upto(500).shuffle(500, seed=3)
    first, second = numbers(dataset), numbers(dataset)
    assert sorted(first) == sorted(second) == list(range(500))
    assert first != second != list(range(500))
    again = upto(500).shuffle(500, seed=3)
    assert [numbers(again), numbers(again)] == [first, second]


def test_shuffled_rows_may_be_taken_and_skipped():
    dataset = upto(40).shuffle(40, seed=2, reshuffle_each_iteration=False)
    whole = numbers(dataset)
    assert [x for batch in numbers(dataset.skip(5).take(20).batch(6)) for x in batch] == whole[5:25]
    assert [len(batch) for batch in numbers(dataset.skip(5).take(20).batch(6, drop_remainder=True))] == [
        6,
        6,
        6,
    ]
    assert numbers(dataset.skip(-1).batch(3)) == numbers(dataset.take(0).batch(3)) == []
    again = dataset.shuffle(99, seed=7).batch(40)
    assert sorted(numbers(again)[0]) == list(range(40))


def test_shuffle_may_keep_its_order():
    dataset = upto(50).shuffle(50, seed=3, reshuffle_each_iteration=False)
    assert numbers(dataset) == numbers(dataset) != list(range(50))


@pytest.mark.parametrize("buffer", [1, 2, 7, 64, 99, 100, 1000])
def test_shuffle_never_reaches_beyond_its_buffer(buffer):
    order = numbers(upto(100).shuffle(buffer, seed=1))
    assert sorted(order) == list(range(100))
    assert all(element < place + buffer for place, element in enumerate(order))
    if buffer == 1:
        assert order == list(range(100))


def test_a_buffer_of_all_gives_every_order_alike():
    counts = collections.Counter()
    dataset = upto(3).shuffle(3, seed=0)
    for _ in range(1200):
        counts[tuple(numbers(dataset))] += 1
    assert len(counts) == 6
    assert all(140 < count < 260 for count in counts.values())  # 200, five deviations of 13


def test_the_seed_of_everything_seeds_shuffles():
    orders = []
    for _ in range(2):
        pynn.utils.set_random_seed(8)
        dataset = upto(100).shuffle(100)
        orders.append([numbers(dataset), numbers(dataset)])
    assert orders[0] == orders[1]
    assert orders[0] != [numbers(upto(100).shuffle(100)) for _ in range(2)]


def test_cardinality_by_its_older_name():
    assert int(pynn.data.experimental.cardinality(upto(3))) == 3
    assert pynn.data.experimental.AUTOTUNE == pynn.data.AUTOTUNE == -1


def test_repeat_without_end():
    dataset = upto(3).shuffle(3).repeat().batch(4)
    assert int(dataset.cardinality()) == INFINITE_CARDINALITY
    with raises(TypeError, "the length of this Dataset is infinite"):
        len(dataset)
    assert bool(dataset)
    assert sorted(x for batch in dataset.take(3) for x in batch.tolist()) == [0] * 4 + [1] * 4 + [2] * 4
    assert numbers(upto(0).repeat()) == []
    assert repr(dataset) == "<Dataset cardinality=infinite>"


def test_zip_of_shuffled_sets_stays_in_step():
    xs, ys = upto(20).shuffle(20, seed=5), upto(20).map(lambda i: i * 2).shuffle(20, seed=5)
    pairs = list(Dataset.zip((xs, ys)).batch(6))
    assert [len(x) for x, _ in pairs] == [6, 6, 6, 2]
    assert all((y == 2 * x).all() for x, y in pairs)
    nested = Dataset.zip({"a": (upto(3), upto(5)), "b": Dataset.range(9)})
    assert len(nested) == 3
    assert [(e["a"][0].item(), e["a"][1].item(), e["b"].item()) for e in nested] == [
        (i, i, i) for i in range(3)
    ]
    assert nested.element_spec["a"][1] == TensorSpec((), "int64")
    assert [(a.item(), b.item()) for a, b in Dataset.zip(upto(2), upto(2))] == [(0, 0), (1, 1)]
    with raises(TypeError, "Dataset.zip: expected Datasets, got list"):
        Dataset.zip({"a": [1, 2]})


def test_enumerate_and_shard():
    assert [(i.item(), x.item()) for i, x in upto(2).enumerate(start=5)] == [(5, 0), (6, 1)]
    assert len(upto(2).enumerate()) == 2
    assert numbers(upto(10).shard(4, 1)) == [1, 5, 9]
    assert len(upto(10).shard(4, 1)) == 3


def test_cache_remembers_a_whole_pass_and_only_that():
    calls = []
    dataset = upto(4).map(lambda x: calls.append(x.item()) or x).cache()
    next(iter(dataset))
    assert calls == [0]
    for _ in range(3):
        assert numbers(dataset) == [0, 1, 2, 3]
    assert calls == [0, 0, 1, 2, 3]


def test_a_cached_order_stays():
    dataset = upto(30).shuffle(30).cache()
    assert numbers(dataset) == numbers(dataset)
    mixed = upto(30).cache().shuffle(30)
    assert numbers(mixed) != numbers(mixed)


# --- Functions --------------------------------------------------------------------------------------


def test_map_unpacks_tuples_and_takes_any_result():
    pairs = Dataset.from_tensor_slices((np.arange(3), np.arange(3.0)))
    mapped = pairs.map(lambda x, y: {"sum": x + y, "list": [x, x], "text": f"{x.item()}", "n": 1}, 4)
    last = list(mapped)[-1]
    assert last["sum"].item() == 4.0
    assert last["list"].tolist() == [2, 2]
    assert str(last["text"]) == "2"
    assert isinstance(last["n"], pynn.Tensor)
    assert mapped.element_spec["text"] == TensorSpec((), "string")
    assert len(mapped) == 3


def test_filter_flat_map_interleave_reduce():
    assert numbers(upto(10).filter(lambda x: x % 3 == 0)) == [0, 3, 6, 9]
    assert int(upto(10).filter(lambda x: x > 1).cardinality()) == UNKNOWN_CARDINALITY
    assert numbers(upto(10).take_while(lambda x: x < 4)) == [0, 1, 2, 3]
    assert numbers(upto(4).flat_map(lambda x: Dataset.range(int(x)))) == [0, 0, 1, 0, 1, 2]
    # The example of tf.data's documentation: two pipelines at a time, blocks of four.
    woven = Dataset.range(1, 6).interleave(lambda x: Dataset.from_tensors(x).repeat(6), 2, 4)
    assert (
        numbers(woven)
        == [1] * 4 + [2] * 4 + [1] * 2 + [2] * 2 + [3] * 4 + [4] * 4 + [3] * 2 + [4] * 2 + [5] * 6
    )
    assert upto(5).reduce(0, lambda state, x: state + x).item() == 10
    with raises(TypeError, "Dataset.flat_map: map_func must return a Dataset, got list"):
        list(upto(2).flat_map(lambda x: [x]))


# --- Batches ----------------------------------------------------------------------------------------


def test_batches_of_rows_are_gathered_without_touching_single_rows(rng, monkeypatch):
    x, y = rng.normal(size=(50, 3)).astype("float32"), rng.integers(0, 9, 50)
    monkeypatch.setattr("pynn.data.stores.row", None)  # calling it would fail
    seen = []
    for batch in Dataset.from_tensor_slices((x, y)).shuffle(50).repeat(2).skip(1).batch(16):
        seen.append(batch)
        for features, label in zip(batch[0].numpy(), batch[1].numpy(), strict=True):
            assert any(np.array_equal(features, x[i]) and label == y[i] for i in range(50))
    assert [len(batch[1]) for batch in seen] == [16] * 6 + [3]


def test_unbatch_and_rebatch():
    batches = upto(10).batch(4)
    assert numbers(batches.unbatch()) == list(range(10))
    assert numbers(batches.rebatch(3)) == [[0, 1, 2], [3, 4, 5], [6, 7, 8], [9]]
    assert numbers(batches.rebatch(3, drop_remainder=True)) == [[0, 1, 2], [3, 4, 5], [6, 7, 8]]
    assert numbers(batches.rebatch(100)) == [list(range(10))]
    texts = Dataset.from_tensor_slices(["a", "b", "c"]).batch(2).rebatch(3)
    assert [text.tolist() for text in texts] == [["a", "b", "c"]]


def test_padded_batches():
    rows = Dataset.range(1, 5).map(lambda n: (pynn.arange(int(n)), f"{int(n)}"))
    first, second = rows.padded_batch(3)
    assert first[0].tolist() == [[0, 0, 0], [0, 1, 0], [0, 1, 2]]
    assert first[1].tolist() == ["1", "2", "3"]
    assert second[0].tolist() == [[0, 1, 2, 3]]
    fixed = rows.padded_batch(2, padded_shapes=([5], []), padding_values=(-1, ""), drop_remainder=True)
    assert [batch[0].tolist() for batch in fixed] == [
        [[0, -1, -1, -1, -1], [0, 1, -1, -1, -1]],
        [[0, 1, 2, -1, -1], [0, 1, 2, 3, -1]],
    ]
    assert len(fixed) == 2
    assert fixed.element_spec[0] == TensorSpec((2, None), "int64")
    with raises(pynn.ShapeError, "padded_batch: an element of shape (2,) is longer than (1,)"):
        list(rows.padded_batch(2, padded_shapes=([1], [])))
    with raises(pynn.ShapeError, "padded_batch: the elements of a batch have [1] axes, padded_shapes says 2"):
        list(rows.map(lambda x, _: x).padded_batch(2, padded_shapes=[1, 1]))


@settings(max_examples=60, deadline=None)
@given(
    n=st.integers(0, 12),
    size=st.integers(1, 5),
    shift=st.one_of(st.none(), st.integers(1, 6)),
    stride=st.integers(1, 3),
    drop=st.booleans(),
)
def test_windows_are_slices(n, size, shift, stride, drop):
    expected = []
    for start in range(0, n, shift or size):
        window = list(range(start, min(start + size * stride, n), stride))
        if len(window) == size or not drop:
            expected.append(window)
    dataset = upto(n).window(size, shift, stride, drop)
    assert [numbers(window) for window in dataset] == expected
    assert len(dataset) == len(expected)
    assert numbers(dataset.flat_map(lambda window: window.batch(size))) == expected


def test_windows_of_pairs_are_pairs_of_datasets():
    x, y = next(iter(Dataset.from_tensor_slices((np.arange(4), np.arange(4) * 2)).window(3)))
    assert (numbers(x), numbers(y)) == ([0, 1, 2], [0, 2, 4])


def test_specs_follow_batches():
    x = np.zeros((10, 3), np.float32)
    dataset = Dataset.from_tensor_slices(x)
    assert dataset.batch(4).element_spec == TensorSpec((None, 3))
    assert dataset.batch(4, drop_remainder=True).element_spec == TensorSpec((4, 3))
    assert dataset.batch(4).map(lambda x: x * 2).element_spec == TensorSpec((None, 3))
    assert dataset.batch(4).unbatch().element_spec == TensorSpec((3,))
    assert dataset.batch(4).rebatch(2).element_spec == TensorSpec((None, 3))
    assert repr(dataset.element_spec) == "TensorSpec(shape=(3,), dtype=float32)"


def test_elements_that_do_not_stack():
    ragged = Dataset.from_generator(lambda: iter([[1], [1, 2]])).batch(2)
    with raises(pynn.ShapeError, "batch: the elements of a batch must have one shape, got (1,) and (2,)"):
        list(ragged)
    mixed = Dataset.from_generator(lambda: iter([{"a": 1}, {"b": 1}])).batch(2)
    with raises(TypeError, "batch: the elements of a batch must have one structure"):
        list(mixed)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (
            lambda: Dataset.from_tensor_slices((np.zeros(3), np.zeros(4))),
            ValueError,
            "Dataset.from_tensor_slices: arrays have different lengths: 3 and 4",
        ),
        (
            lambda: Dataset.from_tensor_slices(5),
            pynn.ShapeError,
            "Dataset.from_tensor_slices: needs arrays with at least one axis, got a single value",
        ),
        (
            lambda: Dataset.from_tensor_slices({}),
            ValueError,
            "Dataset.from_tensor_slices: there are no arrays in {}",
        ),
        (lambda: upto(3).batch(0), ValueError, "Dataset.batch: batch_size must be at least 1, got 0"),
        (lambda: upto(3).batch(2.5), TypeError, "Dataset.batch: batch_size must be an integer, got 2.5"),
        (lambda: upto(3).shuffle(0), ValueError, "Dataset.shuffle: buffer_size must be at least 1, got 0"),
        (lambda: upto(3).map(5), TypeError, "Dataset.map: map_func must be callable, got int"),
        (
            lambda: upto(3).cache("file"),
            ValueError,
            "Dataset.cache: pynn caches in memory only, got filename='file'",
        ),
        (lambda: upto(3).unique(), AttributeError, "Dataset.unique is in TensorFlow but not in pynn"),
        (lambda: upto(3).bach(2), AttributeError, "'Dataset' object has no attribute 'bach'"),
        (
            lambda: len(upto(3).filter(bool)),
            TypeError,
            "the length of this Dataset is unknown before a pass",
        ),
        (
            lambda: upto(3).get_single_element(),
            ValueError,
            "Dataset.get_single_element: there are several elements",
        ),
        (
            lambda: upto(0).map(abs).element_spec,
            ValueError,
            "the dataset is empty, so what its elements look like is unknown",
        ),
    ],
)
def test_mistakes_are_named(make, error, message):
    with raises(error, message):
        make()


# --- Text -------------------------------------------------------------------------------------------


def test_text_is_an_array_of_strings():
    text = StringTensor([["a", "bc"], ["ü", ""]])
    assert text.shape == (2, 2)
    assert str(text[0, 1]) == "bc"
    assert [str(item) for item in text[0]] == ["a", "bc"]
    assert text.numpy().tolist() == [[b"a", b"bc"], ["ü".encode(), b""]]
    assert (text[:, 0] == "a").tolist() == [True, False]
    assert repr(text[1]) == "StringTensor(['ü', ''], shape=(2,))"
    assert StringTensor([text[0, 0], "x"]).tolist() == ["a", "x"]
    with raises(TypeError, "StringTensor holds strings only, got int 1"):
        StringTensor(["a", 1])


def test_text_shuffles_and_batches_with_its_labels():
    words = [f"word {i}" for i in range(30)]
    dataset = Dataset.from_tensor_slices((words, np.arange(30))).shuffle(30).batch(8)
    for texts, labels in dataset:
        assert [str(text) for text in texts] == [f"word {i}" for i in labels.tolist()]


# --- Reading ahead ----------------------------------------------------------------------------------


def slow_source(n, gather):
    return Dataset(Source(Gathered(gather, slow=True), n))


def test_prefetch_reads_files_on_a_thread_of_its_own():
    names = set()

    def gather(rows):
        names.add(threading.current_thread().name)
        return pynn.asarray(np.asarray(rows))

    dataset = slow_source(20, gather).shuffle(20).batch(3).prefetch(2)
    assert sorted(x for batch in dataset for x in batch.tolist()) == list(range(20))
    assert names == {"pynn-prefetch"}
    next(iter(dataset))  # an iterator that is left behind ends its thread
    assert not [thread for thread in threading.enumerate() if thread.name == "pynn-prefetch"]


def test_prefetch_hands_errors_over():
    def gather(rows):
        if 5 in rows:
            raise OSError("file 5 is gone")
        return pynn.asarray(np.asarray(rows))

    with raises(OSError, "file 5 is gone"):
        list(slow_source(20, gather).batch(3).prefetch(1))


def test_prefetch_leaves_functions_in_the_thread_that_asks():
    names = set()
    dataset = slow_source(6, lambda rows: pynn.asarray(np.asarray(rows))).batch(2)
    mapped = dataset.map(lambda x: names.add(threading.current_thread().name) or x).prefetch(2)
    assert numbers(mapped) == [[0, 1], [2, 3], [4, 5]]
    assert names == {threading.current_thread().name}


# --- Training ---------------------------------------------------------------------------------------


def regression(n=64):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n, 3)).astype("float32")
    return x, (x @ np.array([[1.0], [2.0], [-1.0]], np.float32))


def linear_model(rate=0.05):
    pynn.utils.set_random_seed(0)
    model = pynn.Sequential([pynn.Input((3,)), pynn.layers.Dense(1)])
    model.compile(optimizer=pynn.optimizers.SGD(rate), loss="mse")
    return model


def test_fit_on_a_dataset_is_fit_on_its_arrays():
    x, y = regression()
    dataset = Dataset.from_tensor_slices((x, y)).batch(16)
    a, b = linear_model(), linear_model()
    by_arrays = a.fit(x, y, batch_size=16, epochs=3, shuffle=False, validation_data=(x, y), verbose=0)
    by_dataset = b.fit(dataset, epochs=3, validation_data=dataset, verbose=0)
    assert by_dataset.history == by_arrays.history
    assert b.evaluate(dataset, verbose=0) == a.evaluate(x, y, batch_size=16, verbose=0)
    np.testing.assert_array_equal(
        b.predict(Dataset.from_tensor_slices(x).batch(16), verbose=0), a.predict(x, batch_size=16, verbose=0)
    )
    np.testing.assert_array_equal(b.predict(dataset, verbose=0), a.predict(x, batch_size=16, verbose=0))


def test_the_progress_bar_knows_the_cardinality(capsys):
    x, y = regression()
    linear_model().fit(Dataset.from_tensor_slices((x, y)).shuffle(64).batch(16).prefetch(2), epochs=2)
    out = capsys.readouterr().out
    assert out.count("4/4 ") == 2


def test_steps_per_epoch_of_an_endless_dataset():
    x, y = regression()
    endless = Dataset.from_tensor_slices((x, y)).repeat().batch(10)
    model = linear_model()
    assert len(model.fit(endless, epochs=3, steps_per_epoch=4, verbose=0).history["loss"]) == 3
    assert int(model.optimizer.iterations) == 12
    message = (
        "x has no end, so say how many steps to take: steps_per_epoch or validation_steps in fit, "
        "steps in evaluate and predict"
    )
    with raises(ValueError, message):
        model.fit(endless, verbose=0)
    with raises(ValueError, message):
        model.evaluate(endless, verbose=0)


def test_fit_on_generators():
    x, y = regression()

    def endless():
        while True:
            for start in range(0, 64, 16):
                yield x[start : start + 16], y[start : start + 16]

    a, b = linear_model(), linear_model()
    by_generator = a.fit(endless(), epochs=2, steps_per_epoch=4, verbose=0)
    by_arrays = b.fit(x, y, batch_size=16, epochs=2, shuffle=False, verbose=0)
    assert by_generator.history == by_arrays.history
    with raises(AttributeError, "fit_generator is gone since Keras 3; fit takes generators itself"):
        a.fit_generator(endless(), steps_per_epoch=4)


def test_class_weights_weigh_a_dataset():
    x = np.eye(2, dtype=np.float32).repeat(8, 0)
    y = np.arange(2).repeat(8)
    losses = []
    for data in ((x, y), (Dataset.from_tensor_slices((x, y)).batch(16), None)):
        pynn.utils.set_random_seed(0)
        model = pynn.Sequential([pynn.Input((2,)), pynn.layers.Dense(2, activation="softmax")])
        model.compile(loss="sparse_categorical_crossentropy")
        weights = {0: 1.0, 1: 5.0}
        size = {"batch_size": 16} if data[1] is not None else {}
        losses.append(model.fit(*data, class_weight=weights, shuffle=False, verbose=0, **size).history)
    assert losses[0] == losses[1]


def test_layers_adapt_to_a_dataset(rng):
    x = rng.normal(3, 2, (100, 4)).astype("float32")
    whole, piecewise = pynn.layers.Normalization(), pynn.layers.Normalization()
    whole.adapt(x)
    piecewise.adapt(Dataset.from_tensor_slices((x, np.zeros(100))).batch(16))
    np.testing.assert_allclose(piecewise(x).numpy(), whole(x).numpy(), rtol=1e-5, atol=1e-6)
    scaled = Dataset.from_tensor_slices(x).batch(50).map(pynn.layers.Rescaling(0.5))
    np.testing.assert_array_equal(next(iter(scaled)).numpy(), x[:50] * np.float32(0.5))
