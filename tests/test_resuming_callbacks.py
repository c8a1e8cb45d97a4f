"""Callbacks that need a real model: BackupAndRestore, SwapEMAWeights, TensorBoard; and those that cannot be made."""

from __future__ import annotations

import re
import sys

import numpy as np
import pytest

import pynn
from pynn import callbacks, layers, optimizers

RNG = np.random.default_rng(5)
X = RNG.normal(size=(12, 3)).astype("float32")
Y = RNG.normal(size=(12, 2)).astype("float32")


def model_of(units=2, **options):
    model = pynn.Sequential([pynn.Input((3,)), layers.Dense(units, kernel_initializer="ones")])
    model.compile(optimizers.Adam(0.1, **options), "mse")
    return model


def fit(model, epochs, *given, **options):
    options = {"batch_size": 4, "shuffle": False, "verbose": 0, **options}
    return model.fit(X, Y, epochs=epochs, callbacks=list(given), **options)


class Interrupt(callbacks.Callback):
    """Raises KeyboardInterrupt before a batch of an epoch."""

    def __init__(self, epoch, batch):
        super().__init__()
        self.at, self.epoch = (epoch, batch), 0

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_begin(self, batch, logs=None):
        if (self.epoch, batch) == self.at:
            raise KeyboardInterrupt


def weights(model):
    return [w.tolist() for w in model.get_weights()]


def test_training_goes_on_as_if_never_stopped(tmp_path):
    whole = model_of()
    expected = fit(whole, 5)
    backup = tmp_path / "backup"
    with pytest.raises(KeyboardInterrupt):
        fit(model_of(), 5, callbacks.BackupAndRestore(backup), Interrupt(3, 1))
    assert [path.name for path in backup.iterdir()] == ["latest.npz"]
    resumed = model_of()
    history = fit(resumed, 5, callbacks.BackupAndRestore(backup))
    assert history.epoch == [3, 4]
    assert history.history["loss"] == expected.history["loss"][3:]
    assert weights(resumed) == weights(whole)
    assert not backup.exists()


def test_backup_by_steps_keeps_the_weights_of_the_step(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        fit(model_of(), 5, callbacks.BackupAndRestore(tmp_path, save_freq=2), Interrupt(1, 2))
    assert int(np.load(tmp_path / "latest.npz")["epoch"]) == 1
    steps = model_of()
    for first in (0, 4, 8, 0):
        steps.train_on_batch(X[first : first + 4], Y[first : first + 4])
    resumed = model_of()
    fit(resumed, 1, callbacks.BackupAndRestore(tmp_path, delete_checkpoint=False))  # nothing is left to do
    assert weights(resumed) == weights(steps)
    assert (tmp_path / "latest.npz").exists()


def test_a_damaged_backup_is_replaced_by_the_one_before(tmp_path):
    backup = callbacks.BackupAndRestore(tmp_path, double_checkpoint=True, delete_checkpoint=False)
    fit(model_of(), 3, backup)
    (tmp_path / "latest.npz").write_bytes((tmp_path / "latest.npz").read_bytes()[:200])
    assert fit(model_of(), 4, backup).epoch == [2, 3]
    (tmp_path / "previous.npz").write_bytes(b"")
    (tmp_path / "latest.npz").write_bytes(b"PK no table")
    model = model_of()
    with pytest.raises(
        ValueError, match=r"latest.npz is damaged; delete it to start anew|previous.npz is damaged"
    ):
        fit(model, 4, backup)
    assert weights(model) == weights(model_of())


def test_a_backup_of_another_model_is_refused_and_nothing_is_left_behind(tmp_path):
    (tmp_path / "mine").write_text("")
    backup = callbacks.BackupAndRestore(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        fit(model_of(), 2, backup, Interrupt(1, 0))
    other = pynn.Sequential([pynn.Input((3,)), layers.Dense(4), layers.Dense(2)])
    other.compile("adam", "mse")
    before = weights(other)
    with pytest.raises(ValueError, match="holds the weights of another model"):
        fit(other, 2, backup)
    assert weights(other) == before
    fit(model_of(), 2, backup)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]  # not its own, so not removed


@pytest.mark.parametrize("swap_on_epoch", [False, True])
def test_averages_are_evaluated_and_weights_trained(tmp_path, swap_on_epoch):
    plain, swapping = (model_of(use_ema=True, ema_momentum=0.5) for _ in range(2))
    history = fit(plain, 3)
    seen = fit(swapping, 3, callbacks.SwapEMAWeights(swap_on_epoch), validation_data=(X, Y))
    assert seen.history["loss"] == history.history["loss"]
    assert weights(swapping) == weights(plain)  # the averages, at the end of both
    assert seen.history["val_loss"][-1] == pytest.approx(plain.evaluate(X, Y, verbose=0), rel=1e-5)


def test_swapping_needs_averages():
    with pytest.raises(ValueError, match=r"keeps no averages of weights; make it with use_ema=True$"):
        fit(model_of(), 1, callbacks.SwapEMAWeights(True))


def test_nan_can_be_an_error():
    model = model_of()
    with pytest.raises(RuntimeError, match="^TerminateOnNaN: batch 0: loss is nan$"):
        callbacks.CallbackList([callbacks.TerminateOnNaN(True)], model=model).on_train_batch_end(
            0, {"loss": float("nan")}
        )


def test_callback_list_adds_what_is_missing():
    history = callbacks.History()
    given = callbacks.CallbackList([history], add_history=True, add_progbar=True, model=3, epochs=2)
    assert given.history is history
    assert [type(c) for c in given.callbacks] == [callbacks.History, callbacks.ProgbarLogger]
    assert all(c.model == 3 and c.params == {"epochs": 2} for c in given.callbacks)
    assert isinstance(callbacks.CallbackList(add_history=True).history, callbacks.History)


def events(folder):
    """(tag, step, number or None) of everything in TensorBoard's files of a folder."""
    from tensorboardX.proto.event_pb2 import Event

    for path in folder.iterdir():
        data = path.read_bytes()
        while data:  # records: length, its check, the event, its check
            size = int.from_bytes(data[:8], "little")
            event = Event.FromString(data[12 : 12 + size])
            for value in event.summary.value:
                yield value.tag, event.step, value.simple_value if value.HasField("simple_value") else None
            data = data[16 + size :]


def test_tensorboard_files(tmp_path):
    pytest.importorskip("tensorboardX")
    board = callbacks.TensorBoard(tmp_path, histogram_freq=2, update_freq=2, write_steps_per_second=True)
    history = fit(model_of(), 3, board, validation_data=(X, Y)).history
    train, validation = (list(events(tmp_path / part)) for part in ("train", "validation"))
    for part, prefix in ((train, ""), (validation, "val_")):
        losses = [value for tag, _, value in part if tag == "epoch_loss"]
        assert losses == pytest.approx(history[f"{prefix}loss"])
    assert [step for tag, step, _ in train if tag == "batch_loss"] == [2, 4, 6, 8]
    assert [step for tag, step, _ in validation if tag.startswith("evaluation_loss")] == [3, 6, 9]
    tags = {tag for tag, _, _ in train}
    assert {"epoch_learning_rate", "epoch_steps_per_second", "batch_steps_per_second"} <= tags
    assert [step for tag, step, _ in train if tag.endswith("kernel/histogram")] == [0, 2]
    assert any("keras" in tag for tag in tags)


def test_tensorboard_without_its_library(monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    message = "TensorBoard needs tensorboardX: pip install 'pynn-core[tensorboard]'"
    with pytest.raises(ImportError, match=re.escape(message)):
        callbacks.TensorBoard()


ERRORS = [
    (lambda: callbacks.BackupAndRestore(""), ValueError, "BackupAndRestore: backup_dir must not be empty"),
    (
        lambda: callbacks.BackupAndRestore("x", save_freq="batch"),
        ValueError,
        "BackupAndRestore: save_freq must be 'epoch' or a number of steps, got 'batch'",
    ),
    (
        lambda: callbacks.TensorBoard(write_images=True),
        ValueError,
        "TensorBoard: pynn supports only write_images=False, got True",
    ),
    (
        lambda: callbacks.TensorBoard(profile_batch=(2, 3)),
        ValueError,
        "TensorBoard: pynn supports only profile_batch=0, got (2, 3)",
    ),
    (
        lambda: callbacks.TensorBoard(update_freq="step"),
        ValueError,
        "TensorBoard: update_freq must be 'epoch', 'batch' or a number of steps, got 'step'",
    ),
    (
        lambda: callbacks.TensorBoard(update_freq=0),
        ValueError,
        "TensorBoard: update_freq must be 'epoch', 'batch' or a number of steps, got 0",
    ),
    (
        lambda: callbacks.RemoteMonitor(),
        NotImplementedError,
        "pynn has no callback RemoteMonitor: send the logs from a LambdaCallback(on_epoch_end=...)",
    ),
    (
        lambda: callbacks.OrbaxCheckpoint("x"),
        NotImplementedError,
        "pynn has no callback OrbaxCheckpoint: use ModelCheckpoint",
    ),
]


@pytest.mark.parametrize(("call", "error", "message"), ERRORS, ids=[m[:50] for _, _, m in ERRORS])
def test_error(call, error, message):
    with pytest.raises(error, match="^" + re.escape(message) + "$"):
        call()


def test_an_unbuilt_model_is_an_error(tmp_path):
    class Network(pynn.Model):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(2)

        def call(self, inputs):
            return self.dense(inputs)

    model = Network()
    model.compile("sgd", "mse")
    message = "BackupAndRestore: the model must be built before fit; call build or give it an Input"
    with pytest.raises(ValueError, match="^" + re.escape(message) + "$"):
        fit(model, 1, callbacks.BackupAndRestore(tmp_path))
