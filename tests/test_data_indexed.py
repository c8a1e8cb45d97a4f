"""PyDataset: batches by number, and what `fit` does with them."""

import threading

import numpy as np
import pytest
from errors import raises

import pynn
from pynn.utils import PyDataset, Sequence


class Batches(PyDataset):
    def __init__(self, count=4, **options):
        super().__init__(**options)
        self.count, self.log, self.threads = count, [], set()

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        self.log.append(index)
        self.threads.add(threading.current_thread())
        x = np.full((3, 2), float(index), np.float32)
        return x, x[:, :1] * 2

    def on_epoch_begin(self):
        self.log.append("begin")

    def on_epoch_end(self):
        self.log.append("end")


@pytest.fixture
def model():
    pynn.utils.set_random_seed(0)
    model = pynn.Sequential([pynn.Input((2,)), pynn.layers.Dense(1)])
    model.compile(optimizer="sgd", loss="mse")
    return model


def test_fit_asks_for_each_batch_once_an_epoch(model, capsys):
    data = Batches()
    history = model.fit(data, epochs=3)
    assert len(history.history["loss"]) == 3
    assert int(model.optimizer.iterations) == 12
    epochs = [data.log[start : start + 6] for start in (0, 6, 12)]
    assert all(epoch[0] == "begin" and epoch[-1] == "end" for epoch in epochs)
    orders = [epoch[1:-1] for epoch in epochs]
    assert [sorted(order) for order in orders] == [[0, 1, 2, 3]] * 3
    assert not orders[0] == orders[1] == orders[2]
    assert capsys.readouterr().out.count("4/4 ") == 3


def test_shuffle_false_keeps_the_order(model):
    data = Batches()
    model.fit(data, shuffle=False, verbose=0)
    assert data.log == ["begin", 0, 1, 2, 3, "end"]
    measured = Batches()
    model.evaluate(measured, verbose=0)
    assert measured.log == ["begin", 0, 1, 2, 3, "end"]
    assert model.predict(Batches(), verbose=0).shape == (12, 1)


@pytest.mark.parametrize("workers", [2, 5])
def test_workers_are_threads_and_the_batches_come_in_order(model, workers):
    data = Batches(20, workers=workers, max_queue_size=3)
    xs = [batch[0][0, 0] for batch in data.in_order(range(20))]
    assert xs == list(range(20))
    assert threading.main_thread() not in data.threads
    model.fit(data, verbose=0)
    assert sorted(x for x in data.log[21:-1]) == list(range(20))
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("pynn-data")]


def test_an_error_in_a_worker_reaches_fit(model):
    class Broken(Batches):
        def __getitem__(self, index):
            if index == 2:
                raise OSError("file 2 is gone")
            return super().__getitem__(index)

    with raises(OSError, "file 2 is gone"):
        model.fit(Broken(workers=2), verbose=0)


def test_the_number_of_batches_may_change(model):
    class Growing(Batches):
        def on_epoch_end(self):
            self.count += 1

    data = Growing(2)
    model.fit(data, epochs=3, verbose=0)
    assert [x for x in data.log if x != "begin"].count(0) == 3
    assert int(model.optimizer.iterations) == 2 + 3 + 4


def test_no_end_needs_steps(model):
    class Endless(Batches):
        num_batches = None

    message = (
        "x has no end, so say how many steps to take: steps_per_epoch or validation_steps in fit, "
        "steps in evaluate and predict"
    )
    with raises(ValueError, message):
        model.fit(Endless(), verbose=0)
    model.fit(Endless(), steps_per_epoch=3, epochs=2, verbose=0)
    assert int(model.optimizer.iterations) == 6


def test_sequence_is_the_older_name_and_needs_no_init(model):
    class Old(Sequence):
        def __len__(self):
            return 2

        def __getitem__(self, index):
            return np.ones((3, 2), np.float32), np.ones((3, 1), np.float32)

        def __init__(self):
            pass  # as in much old code: super().__init__() is not called

    model.fit(Old(), epochs=2, verbose=0)
    assert int(model.optimizer.iterations) == 4
    assert len(list(Old())) == 2


def test_class_weights_weigh_its_batches():
    class Classes(Batches):
        def __getitem__(self, index):
            return np.eye(2, dtype=np.float32), np.arange(2)

    losses = []
    for weights in (None, {0: 1.0, 1: 3.0}):
        pynn.utils.set_random_seed(0)
        model = pynn.Sequential([pynn.Input((2,)), pynn.layers.Dense(2, activation="softmax")])
        model.compile(loss="sparse_categorical_crossentropy", optimizer=pynn.optimizers.SGD(0.0))
        losses.append(model.fit(Classes(1), class_weight=weights, verbose=0).history["loss"][0])
    x = pynn.asarray(np.eye(2, dtype=np.float32))
    each = -np.log(model(x).numpy()[[0, 1], [0, 1]])
    np.testing.assert_allclose(losses, [each.mean(), (each * [1, 3]).mean()], rtol=1e-6)


def test_mistakes_are_named():
    with raises(ValueError, "PyDataset: pynn has no use_multiprocessing=True; workers > 1 uses threads"):
        Batches(use_multiprocessing=True)
    with raises(ValueError, "PyDataset: max_queue_size must be at least 1, got 0"):
        Batches(max_queue_size=0)
    with raises(NotImplementedError, "PyDataset must define __getitem__(self, index)"):
        PyDataset()[0]
    with raises(NotImplementedError, "PyDataset must define __len__ or num_batches"):
        _ = PyDataset().num_batches


def test_training_gives_kerass_numbers(quick_keras, rng):
    x = rng.normal(size=(20, 2)).astype("float32")
    y = (x @ np.array([[1.0], [-2.0]]) + 0.5).astype("float32")

    def batches_of(base):
        class Pieces(base):
            def __len__(self):
                return 4

            def __getitem__(self, index):
                rows = slice(index * 6, index * 6 + 6)  # the last has two
                return x[rows], y[rows]

        return Pieces()

    def endless():
        while True:
            for start in range(0, 20, 5):
                yield x[start : start + 5], y[start : start + 5]

    kernel, bias = rng.normal(size=(2, 1)).astype("float32"), np.zeros(1, np.float32)
    histories = []
    for library in (pynn, quick_keras):
        model = library.Sequential([library.Input((2,))])
        model.add(library.layers.Dense(1))
        model.compile(optimizer=library.optimizers.SGD(0.1), loss="mse", metrics=["mae"])
        model.set_weights([kernel, bias])
        pieces = batches_of(library.utils.PyDataset)
        first = model.fit(pieces, epochs=2, shuffle=False, validation_data=pieces, verbose=0).history
        second = model.fit(endless(), epochs=2, steps_per_epoch=3, shuffle=False, verbose=0).history
        histories.append([*first.values(), *second.values(), model.evaluate(pieces, verbose=0)])
        assert [*first, *second] == ["loss", "mae", "val_loss", "val_mae", "loss", "mae"]
    for ours, theirs in zip(*histories, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=2e-5)
