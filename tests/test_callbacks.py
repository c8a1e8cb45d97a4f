"""Callbacks driven by a stand-in for a model; the monitors' rules against Keras where it is installed."""

from __future__ import annotations

import csv
import io
import re

import numpy as np
import pytest

from pynn import callbacks, metrics, optimizers

# Keras's variables still lack the copy argument that NumPy 2 asks for.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


class Model:
    """What callbacks may ask of a model; its one weight is the number of the epoch."""

    def __init__(self, rate=1.0):
        self.stop_training = False
        self.optimizer = optimizers.SGD(rate)
        self.metrics = [metrics.Mean(name="loss"), metrics.BinaryAccuracy(name="score")]
        self.weights = [np.array(-1.0)]

    def get_weights(self):
        return [w.copy() for w in self.weights]

    def set_weights(self, weights):
        self.weights = weights

    def save_weights(self, path):
        path.write_text(str(self.weights[0]))


def train(model, given, logs_of_epochs, batches=2):
    """Call hooks as `fit` does, until an epoch sets stop_training; return the epochs that ran."""
    called = callbacks.CallbackList(given, model=model, epochs=len(logs_of_epochs), steps=batches, verbose=1)
    called.on_train_begin()
    epoch = -1
    for epoch, logs in enumerate(logs_of_epochs):
        model.weights = [np.array(float(epoch))]
        called.on_epoch_begin(epoch)
        for batch in range(batches):
            called.on_train_batch_begin(batch)
            called.on_train_batch_end(batch, lambda logs=logs: dict(logs))
        called.on_epoch_end(epoch, dict(logs))
        if model.stop_training:
            break
    called.on_train_end()
    return epoch + 1


def of(name, values):
    return [{"loss": 1.0, name: value} for value in values]


# Hooks and their dispatch


class Recorder(callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.calls = []

    def on_train_begin(self, logs):  # no default: courses write it so
        self.calls.append("train")

    def on_epoch_end(self, epoch, logs):
        self.calls.append((epoch, logs["loss"]))

    def on_batch_end(self, batch, logs):
        self.calls.append((batch, logs["loss"]))


def test_hooks_are_called_in_order_with_logs():
    recorder = Recorder()
    model = Model()
    train(model, [recorder], of("loss", [2.0, 1.0]))
    assert recorder.calls == ["train", (0, 2.0), (1, 2.0), (0, 2.0), (0, 1.0), (1, 1.0), (1, 1.0)]
    assert recorder.model is model
    assert recorder.params == {"epochs": 2, "steps": 2, "verbose": 1}


HOOKS = [name for name in vars(callbacks.Callback) if name.startswith("on_")]


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_reaches_the_callback(hook):
    seen = []
    callback = callbacks.LambdaCallback(**{hook: lambda *arguments: seen.append(arguments)})
    caller = callbacks.CallbackList([callback])
    numbered = "batch" in hook or "epoch" in hook
    name = hook.replace("on_batch", "on_train_batch")
    getattr(caller, name)(*((3,) if numbered else ()))
    getattr(caller, name)(*((3,) if numbered else ()), {"loss": 1.0})
    assert seen == ([(3, {}), (3, {"loss": 1.0})] if numbered else [({},), ({"loss": 1.0},)])


def test_logs_of_a_batch_are_made_once_and_only_for_those_who_read_them():
    made = []

    def logs():
        made.append(1)
        return {"loss": 0.0}

    idle = callbacks.CallbackList([callbacks.History(), callbacks.Callback(), callbacks.ProgbarLogger()])
    idle.on_train_batch_end(0, logs)
    assert made == []
    busy = callbacks.CallbackList([Recorder(), Recorder(), callbacks.History()])
    busy.on_train_batch_end(0, logs)
    assert made == [1]
    busy.on_test_batch_end(0, logs)
    assert made == [1]


def test_a_subclass_that_calls_super_reaches_the_older_name():
    class Both(Recorder):
        def on_train_batch_end(self, batch, logs=None):
            super().on_train_batch_end(batch, logs)
            self.calls.append("new")

    both = Both()
    callbacks.CallbackList([both]).on_train_batch_end(1, {"loss": 5.0})
    assert both.calls == [(1, 5.0), "new"]


def test_history_collects_and_goes_on():
    history = callbacks.History()
    model = Model()
    train(model, [history], of("val_loss", [2.0, 1.0]))
    assert history.history == {"loss": [1.0, 1.0], "val_loss": [2.0, 1.0]}
    assert history.epoch == [0, 1]
    train(model, [history], of("val_loss", [0.5]))
    assert history.history["val_loss"] == [2.0, 1.0, 0.5]
    assert history.epoch == [0]


# Monitors

CURVES = {
    "falling": [5.0, 4.0, 3.0, 2.0, 1.0],
    "one bump": [5.0, 4.0, 4.5, 3.0, 3.5, 3.6, 3.7, 1.0],
    "rising": [1.0, 2.0, 3.0, 4.0, 5.0],
    "flat": [1.0] * 6,
    "slow": [1.0, 0.99, 0.98, 0.97, 0.96, 0.5],
    "one": [1.0],
}
STOPPING = [
    {},
    {"patience": 2},
    {"patience": 1, "min_delta": 0.1},
    {"patience": 1, "mode": "max"},
    {"patience": 2, "restore_best_weights": True},
    {"patience": 2, "baseline": 3.2, "restore_best_weights": True},
    {"patience": 1, "start_from_epoch": 3},
]


@pytest.mark.parametrize("curve", CURVES.values(), ids=CURVES)
@pytest.mark.parametrize("options", STOPPING, ids=str)
def test_early_stopping_is_that_of_keras(keras, curve, options):
    ours, theirs = Model(), Model()
    epochs = train(ours, [callbacks.EarlyStopping(**options)], of("val_loss", curve))
    theirs.metrics = []
    callback = keras.callbacks.EarlyStopping(**options)
    callback.set_model(theirs)
    callback.on_train_begin()
    for epoch, value in enumerate(curve):
        theirs.weights = [np.array(float(epoch))]
        callback.on_epoch_end(epoch, {"val_loss": value})
        if theirs.stop_training:
            break
    callback.on_train_end()
    assert epochs == epoch + 1
    assert ours.weights == theirs.weights


@pytest.mark.parametrize("curve", CURVES.values(), ids=CURVES)
@pytest.mark.parametrize(
    "options",
    [{"patience": 1}, {"patience": 2, "cooldown": 1, "factor": 0.5}, {"patience": 1, "min_lr": 0.05}],
    ids=str,
)
def test_plateau_is_that_of_keras(keras, curve, options):
    ours, theirs = Model(), Model()
    theirs.optimizer = keras.optimizers.SGD(1.0)
    train(ours, [callbacks.ReduceLROnPlateau(**options)], of("val_loss", curve))
    callback = keras.callbacks.ReduceLROnPlateau(**options)
    callback.set_model(theirs)
    callback.on_train_begin()
    for epoch, value in enumerate(curve):
        callback.on_epoch_end(epoch, {"val_loss": value})
    expected = float(np.asarray(theirs.optimizer.learning_rate))
    assert float(ours.optimizer.learning_rate) == pytest.approx(expected)


def test_direction_comes_from_the_metric_then_from_the_name():
    def rises(monitor):
        callback = callbacks.EarlyStopping(monitor)
        callback.set_model(Model())
        return callback.rises()

    for monitor in ("val_score", "accuracy", "val_acc", "head_accuracy", "val_auc", "recall"):
        assert rises(monitor)
    for monitor in ("loss", "val_loss", "head_loss", "val_mae", "mean_squared_error"):
        assert not rises(monitor)


def test_nan_is_no_improvement():
    model = Model()
    stop = callbacks.EarlyStopping(patience=2, restore_best_weights=True)
    nan = float("nan")
    assert train(model, [stop], of("val_loss", [2.0, nan, nan, 1.0])) == 3
    assert model.weights == [0.0]
    model = Model()
    assert train(model, [callbacks.EarlyStopping(patience=1)], of("val_loss", [nan, 1.0, 2.0])) == 3


def test_early_stopping_starts_anew_in_each_training(capsys):
    stop = callbacks.EarlyStopping(patience=1, verbose=1, restore_best_weights=True)
    for _ in range(2):
        model = Model()
        assert train(model, [stop], of("val_loss", [1.0, 2.0, 0.5])) == 2
        assert capsys.readouterr().out == (
            "Epoch 2: early stopping\nRestoring model weights from the end of the best epoch: 1.\n"
        )


def test_missing_metric_is_a_warning():
    stop = callbacks.EarlyStopping("val_loss")
    message = "EarlyStopping: 'val_loss' is not in the logs, which have loss, mae"
    with pytest.warns(UserWarning, match=f"^{message}$"):
        train(Model(), [stop], of("mae", [1.0]))


def test_plateau_reports_and_logs_the_learning_rate(capsys):
    history = callbacks.History()
    plateau = callbacks.ReduceLROnPlateau(patience=1, factor=0.5, verbose=1)
    train(Model(), [plateau, history], of("val_loss", [1.0, 1.0, 1.0]))
    assert history.history["learning_rate"] == [1.0, 1.0, 0.5]
    assert capsys.readouterr().out == (
        "\nEpoch 2: ReduceLROnPlateau reducing learning rate to 0.5.\n"
        "\nEpoch 3: ReduceLROnPlateau reducing learning rate to 0.25.\n"
    )


# Checkpoints


def test_checkpoint_every_epoch_by_name(tmp_path):
    path = tmp_path / "deep" / "w-{epoch:02d}-{val_loss:.1f}.weights.h5"
    train(Model(), [callbacks.ModelCheckpoint(path, save_weights_only=True)], of("val_loss", [1.0, 2.5]))
    assert sorted(p.name for p in path.parent.iterdir()) == ["w-01-1.0.weights.h5", "w-02-2.5.weights.h5"]
    assert (path.parent / "w-02-2.5.weights.h5").read_text() == "1.0"


def test_checkpoint_of_the_best(tmp_path, capsys):
    path = tmp_path / "best.weights.h5"
    options = {"save_weights_only": True, "save_best_only": True, "verbose": 1}
    train(Model(), [callbacks.ModelCheckpoint(path, **options)], of("val_loss", [2.0, 1.0, 1.5]))
    assert path.read_text() == "1.0"
    assert capsys.readouterr().out == (
        f"\nEpoch 1: val_loss improved from none to 2.00000\n\nEpoch 1: saved {path}\n"
        f"\nEpoch 2: val_loss improved from 2.00000 to 1.00000\n\nEpoch 2: saved {path}\n"
        "\nEpoch 3: val_loss did not improve from 1.00000 to 1.50000\n"
    )
    threshold = tmp_path / "never.weights.h5"
    checkpoint = callbacks.ModelCheckpoint(
        threshold, save_weights_only=True, save_best_only=True, initial_value_threshold=0.5
    )
    train(Model(), [checkpoint], of("val_loss", [2.0, 1.0]))
    assert not threshold.exists()


def test_checkpoint_every_few_steps(tmp_path):
    path = tmp_path / "{epoch}-{batch}.weights.h5"
    train(
        Model(),
        [callbacks.ModelCheckpoint(path, save_weights_only=True, save_freq=3)],
        of("loss", [1.0] * 3),
    )
    assert sorted(p.name for p in tmp_path.iterdir()) == ["2-1.weights.h5", "3-2.weights.h5"]


def test_checkpoint_that_fails_leaves_the_old_file(tmp_path):
    class Full(Model):
        def save_weights(self, path):
            path.write_text("half of the we")
            raise OSError("disk full")

    path = tmp_path / "best.weights.h5"
    path.write_text("old")
    with pytest.raises(OSError, match=r"^disk full$"):
        train(Full(), [callbacks.ModelCheckpoint(path, save_weights_only=True)], of("loss", [1.0]))
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_checkpoint_of_a_whole_model(tmp_path):
    class Whole(Model):
        def save(self, path):
            path.write_text("all")

    path = tmp_path / "model.keras"
    train(Whole(), [callbacks.ModelCheckpoint(path)], of("loss", [1.0]))
    assert path.read_text() == "all"


# Others


def test_learning_rate_scheduler(capsys):
    history = callbacks.History()
    model = Model(rate=1.0)
    halve = callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2, verbose=1)
    train(model, [halve, history], of("loss", [1.0, 1.0]))
    assert history.history["learning_rate"] == [0.5, 0.25]
    assert capsys.readouterr().out.startswith(
        "\nEpoch 1: LearningRateScheduler setting learning rate to 0.5.\n"
    )
    train(model, [callbacks.LearningRateScheduler(lambda epoch: 0.1 * (epoch + 1))], of("loss", [1.0, 1.0]))
    assert float(model.optimizer.learning_rate) == pytest.approx(0.2)


@pytest.mark.parametrize("loss", [float("nan"), float("inf")])
def test_terminate_on_nan(loss, capsys):
    model = Model()
    assert train(model, [callbacks.TerminateOnNaN()], of("loss", [1.0, loss, 1.0]), batches=1) == 2
    assert capsys.readouterr().out == f"Batch 0: loss is {loss}, terminating training\n"


def test_csv_logger(tmp_path):
    path = tmp_path / "log.csv"
    train(Model(), [callbacks.CSVLogger(path)], of("mae", [3.0, 2.0]))
    train(Model(), [callbacks.CSVLogger(path, append=True)], of("mae", [1.0]))
    with open(path, newline="") as file:
        assert list(csv.reader(file)) == [
            ["epoch", "loss", "mae"],
            ["0", "1.0", "3.0"],
            ["1", "1.0", "2.0"],
            ["0", "1.0", "1.0"],
        ]
    train(Model(), [callbacks.CSVLogger(path, separator=";")], of("mae", [1.0]))
    assert path.read_text().splitlines() == ["epoch;loss;mae", "0;1.0;1.0"]


def test_progress_of_training_in_a_log(capsys):
    train(Model(), [callbacks.ProgbarLogger()], of("accuracy", [0.5, 0.75]))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0::2] == ["Epoch 1/2", "Epoch 2/2"]
    pattern = r"2/2 ━{20} \d+s \d+(s|ms|us)/step - loss: 1\.0000 - accuracy: 0\.%s"
    assert re.fullmatch(pattern % "5000", lines[1])
    assert re.fullmatch(pattern % "7500", lines[3])


def test_progress_is_silent_about_evaluations_within_training(capsys):
    logger = callbacks.ProgbarLogger()
    caller = callbacks.CallbackList([logger], epochs=1, steps=None, verbose="auto")
    caller.on_train_begin()
    caller.on_epoch_begin(0)
    caller.on_train_batch_end(0, {})
    caller.on_test_begin()
    caller.on_test_batch_end(0, {})
    caller.on_test_end({"loss": 9.0})
    caller.on_epoch_end(0, {"loss": 1.0})
    caller.on_train_end()
    assert capsys.readouterr().out.count("\n") == 1
    caller.on_test_begin()
    caller.on_test_batch_end(0, {})
    caller.on_test_end({"loss": 9.0})
    assert capsys.readouterr().out.endswith(" - loss: 9.0000\n")
    caller.on_predict_begin()
    caller.on_predict_batch_end(0, {"outputs": None})
    caller.on_predict_end()
    assert capsys.readouterr().out.startswith("1/1 ")


def test_verbose_zero_prints_nothing(capsys):
    caller = callbacks.CallbackList([callbacks.ProgbarLogger()], epochs=2, steps=1, verbose=0)
    caller.on_epoch_begin(0)
    caller.on_train_batch_end(0, {})
    caller.on_epoch_end(0, {"loss": 1.0})
    assert capsys.readouterr().out == ""


def test_keyboard_interrupt_does_not_lose_the_table(tmp_path):
    logger = callbacks.CSVLogger(tmp_path / "log.csv")
    caller = callbacks.CallbackList([logger], model=Model())
    caller.on_train_begin()
    caller.on_epoch_end(0, {"loss": 1.0})
    assert (tmp_path / "log.csv").read_text().splitlines() == ["epoch,loss", "0,1.0"]
    caller.on_train_end()


def unknown_direction():
    train(Model(), [callbacks.EarlyStopping("val_charm")], of("val_charm", [1.0, 2.0]))


def no_number():
    train(Model(), [callbacks.LearningRateScheduler(lambda epoch: "fast")], of("loss", [1.0]))


def no_such_log():
    checkpoint = callbacks.ModelCheckpoint("{val_acc}.weights.h5", save_weights_only=True)
    train(Model(), [checkpoint], of("val_loss", [1.0]))


ERRORS = [
    (
        lambda: callbacks.CallbackList([callbacks.History]),
        TypeError,
        f"callbacks must be Callback objects, got {callbacks.History!r} (a class: add parentheses)",
    ),
    (
        lambda: callbacks.CallbackList([3]),
        TypeError,
        "callbacks must be Callback objects, got 3",
    ),
    (
        lambda: callbacks.LambdaCallback(on_epoch=print),
        TypeError,
        "LambdaCallback has no hook 'on_epoch'",
    ),
    (
        lambda: callbacks.EarlyStopping(mode="up"),
        ValueError,
        "EarlyStopping: mode must be 'auto', 'min' or 'max', got 'up'",
    ),
    (
        unknown_direction,
        ValueError,
        "EarlyStopping: cannot tell whether 'val_charm' should rise or fall; pass mode='max' or mode='min'",
    ),
    (
        lambda: callbacks.ReduceLROnPlateau(factor=1.0),
        ValueError,
        "ReduceLROnPlateau: factor must lie between 0 and 1, got 1.0",
    ),
    (
        lambda: callbacks.ModelCheckpoint("x", save_freq="batch"),
        ValueError,
        "ModelCheckpoint: save_freq must be 'epoch' or a number of steps, got 'batch'",
    ),
    (
        lambda: callbacks.ModelCheckpoint("x.weights.h5"),
        ValueError,
        "ModelCheckpoint: filepath must end in .keras with save_weights_only=False, got 'x.weights.h5'; for weights "
        "alone pass save_weights_only=True",
    ),
    (
        lambda: callbacks.ModelCheckpoint("x.h5", save_weights_only=True),
        ValueError,
        "ModelCheckpoint: filepath must end in .weights.h5 or .safetensors with save_weights_only=True, got 'x.h5'",
    ),
    (
        lambda: callbacks.ModelCheckpoint("x.keras").set_model(Model()),
        TypeError,
        "ModelCheckpoint: Model has no save(); pass save_weights_only=True",
    ),
    (
        lambda: callbacks.ModelCheckpoint("x.weights.h5", save_weights_only=True).set_model(io.StringIO()),
        TypeError,
        "ModelCheckpoint: StringIO has no save_weights()",
    ),
    (
        no_such_log,
        ValueError,
        "ModelCheckpoint: no value for 'val_acc' in filepath '{val_acc}.weights.h5' (known: loss, val_loss, epoch)",
    ),
    (no_number, TypeError, "LearningRateScheduler: schedule must return a number, got 'fast'"),
]


@pytest.mark.parametrize(("call", "error", "message"), ERRORS, ids=[m[:50] for _, _, m in ERRORS])
def test_error(call, error, message):
    with pytest.raises(error, match="^" + re.escape(message) + "$"):
        call()
