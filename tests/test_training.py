"""compile, fit, evaluate and predict: numbers against Keras's, data in every form, and every error's text."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import pynn
from pynn import Model, Sequential, callbacks, layers, losses, metrics, optimizers, regularizers
from pynn.autograd import GradientTape
from pynn.layers import Dense

# Keras's variables do not know NumPy 2's __array__ yet.
pytestmark = [
    pytest.mark.usefixtures("fresh_names"),
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy"),
]

RNG = np.random.default_rng(0)
N, FEATURES, CLASSES = 70, 6, 4
X = RNG.normal(size=(N, FEATURES)).astype("float32")
LABELS = RNG.integers(0, CLASSES, N).astype("uint8")
ONE_HOT = np.eye(CLASSES, dtype="float32")[LABELS]
BITS = (LABELS > 1).astype("int64")
VALUES = RNG.normal(size=(N, 1)).astype("float32")
WEIGHTS = RNG.random(N).astype("float32")

OUTPUTS = {
    "sparse_categorical_crossentropy": (CLASSES, "softmax", LABELS),
    "categorical_crossentropy": (CLASSES, "softmax", ONE_HOT),
    "binary_crossentropy": (1, "sigmoid", BITS),
    "mse": (1, None, VALUES),
    "mae": (1, None, VALUES[:, 0]),
}


def build(library, loss="sparse_categorical_crossentropy", regularizer=None):
    """The same small model in pynn or Keras."""
    units, activation, _ = OUTPUTS[loss]
    return library.Sequential(
        [
            library.layers.Input((FEATURES,)),
            library.layers.Dense(8, "tanh", kernel_regularizer=regularizer),
            library.layers.Dense(units, activation),
        ]
    )


def twins(keras, loss="sparse_categorical_crossentropy", regularizer=None, **compiled):
    """A pynn and a Keras model with equal weights, compiled alike."""
    ours = build(pynn, loss, regularizer and getattr(regularizers, regularizer)(0.01))
    theirs = build(keras, loss, regularizer and getattr(keras.regularizers, regularizer)(0.01))
    theirs.set_weights(ours.get_weights())
    compiled.setdefault("optimizer", "sgd")
    ours.compile(loss=loss, **compiled)
    theirs.compile(loss=loss, run_eagerly=True, **compiled)  # compiling takes longer than the few steps
    return ours, theirs


def compiled_model(kind="sparse_categorical_crossentropy", **compiled):
    model = build(pynn, kind)
    model.compile(**{"optimizer": "sgd", "loss": kind, **compiled})
    return model


def fit_quietly(model, *args, **kwargs):
    return model.fit(*args, **{"verbose": 0, "shuffle": False, **kwargs}).history


def same(ours, theirs, tolerance=2e-4):
    assert list(ours) == list(theirs)
    for name in ours:
        np.testing.assert_allclose(ours[name], theirs[name], rtol=tolerance, atol=1e-5, err_msg=name)


def same_weights(ours, theirs, tolerance):
    for mine, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(mine, other, rtol=tolerance, atol=1e-5)


# Numbers against Keras ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("loss", "name"), [(loss, "acc" if loss == "mse" else "accuracy") for loss in OUTPUTS]
)
def test_history_is_that_of_keras(keras, loss, name):
    ours, theirs = twins(keras, loss, metrics=[name])
    arguments = {"epochs": 3, "batch_size": 16, "validation_split": 0.2}
    same(
        fit_quietly(ours, X, OUTPUTS[loss][2], **arguments),
        fit_quietly(theirs, X, OUTPUTS[loss][2], **arguments),
    )
    same_weights(ours, theirs, 2e-4)


@pytest.mark.parametrize("optimizer", ["sgd", "rmsprop", "adam", "adagrad"])
def test_optimizers_by_name(keras, optimizer):
    ours, theirs = twins(keras, optimizer=optimizer)
    same(fit_quietly(ours, X, LABELS, epochs=3), fit_quietly(theirs, X, LABELS, epochs=3))


@pytest.mark.parametrize("regularizer", ["L1", "L2"])
def test_penalties_are_part_of_the_loss(keras, regularizer):
    ours, theirs = twins(keras, regularizer=regularizer)
    arguments = {"epochs": 2, "validation_data": (X[:20], LABELS[:20])}
    same(fit_quietly(ours, X, LABELS, **arguments), fit_quietly(theirs, X, LABELS, **arguments))


@pytest.mark.parametrize(
    "arguments",
    [
        {"sample_weight": WEIGHTS},
        {"class_weight": {0: 0.5, 1: 2.0, 3: 3.0}},
        {"sample_weight": WEIGHTS, "validation_split": 0.3},
        {"validation_data": (X[:30], LABELS[:30], WEIGHTS[:30])},
        {"steps_per_epoch": 2, "epochs": 2},
        {"validation_split": 0.5, "validation_freq": 2},
        {"validation_split": 0.5, "validation_batch_size": 7, "validation_steps": 3},
        {"initial_epoch": 1},
    ],
)
def test_fit_arguments(keras, arguments):
    ours, theirs = twins(keras, metrics=["accuracy"], weighted_metrics=["acc"])
    arguments = {"epochs": 3, "batch_size": 16, **arguments}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = fit_quietly(theirs, X, LABELS, **arguments)
    same(fit_quietly(ours, X, LABELS, **arguments), expected)


def test_class_weight_of_one_hot_and_column_labels(keras):
    weights = {0: 0.5, 2: 3.0}
    ours, theirs = twins(keras, "categorical_crossentropy")
    same(
        fit_quietly(ours, X, ONE_HOT, class_weight=weights),
        fit_quietly(theirs, X, ONE_HOT, class_weight=weights),
    )
    column = fit_quietly(compiled_model("mse"), X, BITS[:, None], class_weight={1: 0.0})
    assert column["loss"][0] >= 0


def test_evaluate_and_predict_are_those_of_keras(keras):
    ours, theirs = twins(keras, metrics=["accuracy", "sparse_categorical_crossentropy"])
    for batch_size in (None, 16, 500):
        mine = ours.evaluate(X, LABELS, batch_size, verbose=0)
        np.testing.assert_allclose(mine, theirs.evaluate(X, LABELS, batch_size, verbose=0), rtol=1e-5)
    y = ours.predict(X, verbose=0)
    assert isinstance(y, np.ndarray)
    np.testing.assert_allclose(y, theirs.predict(X, verbose=0), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(ours.predict_on_batch(X[:5]), y[:5], rtol=1e-5, atol=1e-6)


def test_steps_on_batches_are_those_of_keras(keras):
    ours, theirs = twins(keras, metrics=["acc"])
    for start in (0, 16, 32):
        x, y, w = X[start : start + 16], LABELS[start : start + 16], WEIGHTS[start : start + 16]
        mine = ours.train_on_batch(x, y, sample_weight=w)
        np.testing.assert_allclose(mine, theirs.train_on_batch(x, y, sample_weight=w), rtol=1e-4)
    np.testing.assert_allclose(ours.test_on_batch(X, LABELS), theirs.test_on_batch(X, LABELS), rtol=1e-4)
    assert set(ours.test_on_batch(X, LABELS, return_dict=True)) == {"loss", "acc"}


def test_weights_after_steps_are_those_of_keras(keras):
    ours, theirs = twins(keras, optimizer="adam", regularizer="L2")
    fit_quietly(ours, X, LABELS, batch_size=N, epochs=10)
    fit_quietly(theirs, X, LABELS, batch_size=N, epochs=10)
    same_weights(ours, theirs, 1e-3)


# Training ----------------------------------------------------------------------------------------------


def test_it_learns():
    centers = RNG.normal(size=(CLASSES, FEATURES)) * 3
    x, y = (centers[LABELS] + X * 0.5), LABELS
    model = compiled_model(optimizer=optimizers.Adam(0.02), metrics=["accuracy"])
    history = fit_quietly(model, x, y, epochs=20, batch_size=8, shuffle=True)
    assert history["accuracy"][-1] > 0.95
    assert model.evaluate(x, y, verbose=0)[1] > 0.95


def test_shuffle_follows_the_seed():
    def run(seed, shuffle=True):
        model = compiled_model()
        model.set_weights([np.full(w.shape, 0.1, "float32") for w in model.weights])
        pynn.random.seed(seed)
        return fit_quietly(model, X, LABELS, shuffle=shuffle, batch_size=8, epochs=2)["loss"]

    assert run(1) == run(1)
    assert run(1) != run(2)
    assert run(1, shuffle=False) == run(2, shuffle=False)


def test_compiling_again_keeps_weights_and_renews_the_optimizer():
    model = compiled_model(optimizer="adam")
    fit_quietly(model, X, LABELS)
    before, optimizer = model.get_weights(), model.optimizer
    model.compile("adam", "sparse_categorical_crossentropy")
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    assert model.optimizer is not optimizer
    fit_quietly(model, X, LABELS)


def test_frozen_layers_do_not_learn():
    model = compiled_model()
    model.layers[0].trainable = False
    before = model.get_weights()
    fit_quietly(model, X, LABELS)
    after = model.get_weights()
    np.testing.assert_array_equal(before[0], after[0])
    assert (before[2] != after[2]).any()


def test_logs_follow_the_callbacks():
    seen = []

    class Seen(callbacks.Callback):
        def on_train_begin(self, logs):
            seen.append("train")

        def on_epoch_begin(self, epoch, logs):
            seen.append(("epoch", epoch))

        def on_batch_end(self, batch, logs):
            seen.append(("batch", batch, sorted(logs), type(logs["loss"])))

        def on_test_end(self, logs):
            seen.append(("test", sorted(logs)))

        def on_epoch_end(self, epoch, logs):
            seen.append(("end", list(logs)))

        def on_train_end(self, logs):
            seen.append("trained")

    model = compiled_model(metrics=["acc"])
    fit_quietly(model, X, LABELS, batch_size=40, validation_split=0.1, callbacks=[Seen()])
    batches = [("batch", step, ["acc", "loss"], float) for step in (0, 1)]
    ends = [("test", ["acc", "loss"]), ("end", ["acc", "loss", "val_acc", "val_loss"])]
    assert seen == ["train", ("epoch", 0), *batches, *ends, "trained"]


def test_callbacks_stop_training():
    class Stop(callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            self.model.stop_training = batch == 1

    model = compiled_model()
    history = model.fit(X, LABELS, epochs=5, batch_size=10, verbose=0, callbacks=[Stop()])
    assert history.epoch == [0]
    assert model.history is history
    assert int(model.optimizer.iterations) == 2


def test_nan_in_the_loss_warns_once():
    model = compiled_model("mse")
    x = X.copy()
    x[35] = np.nan
    with pytest.warns(RuntimeWarning) as caught:
        fit_quietly(model, x, VALUES, batch_size=10, epochs=2)
    assert [str(warning.message) for warning in caught] == [
        "the loss is NaN since batch 4 of epoch 1; a smaller learning rate may help, or x holds NaN or huge "
        "values"
    ]
    assert caught[0].filename == __file__


def test_verbose(capsys):
    model = compiled_model(metrics=["accuracy"])
    model.fit(X, LABELS, epochs=2, verbose=2)
    out = capsys.readouterr().out
    assert out.count("accuracy: ") == 2
    assert out.index("accuracy") < out.index("loss")
    model.fit(X, LABELS, verbose=0)
    model.evaluate(X, LABELS, verbose=0)
    model.predict(X, verbose=0)
    assert capsys.readouterr().out == ""
    model.evaluate(X, LABELS)
    assert "3/3" in capsys.readouterr().out


@pytest.mark.parametrize(
    "layer",
    [
        Dense(3, "selu", kernel_initializer="lecun_normal"),
        layers.Activation("gelu"),
        layers.ReLU(max_value=2.0, threshold=0.1),
        layers.LeakyReLU(),
        layers.ELU(),
        layers.PReLU(),
        layers.Softmax(),
        layers.Flatten(),
        layers.Reshape((2, 3)),
        layers.Permute((1,)),
        layers.Identity(),
        layers.Dropout(0.5),
        layers.GaussianNoise(0.1),
        layers.GaussianDropout(0.1),
        Sequential([Dense(4, "relu"), layers.Dropout(0.1)]),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_every_layer_trains(layer):
    model = Sequential(
        [Dense(FEATURES, name="first"), layer, layers.Flatten(name="flat"), Dense(1, name="last")]
    )
    model.compile("adam", "mse")
    model.build((None, FEATURES))
    before = model.get_weights()
    history = fit_quietly(model, X, VALUES, batch_size=N)
    assert np.isfinite(history["loss"]).all()
    # A bias before a softmax or a dead unit may stay; every kernel must move.
    assert all(
        (new != old).any() for old, new in zip(before, model.get_weights(), strict=True) if old.ndim > 1
    )
    model.set_weights(before)
    assert model.predict(X, verbose=0).shape == (N, 1)


# Losses and metrics in every form ----------------------------------------------------------------------


def absolute(y_true, y_pred):
    return abs(y_true - y_pred).mean(axis=-1) if isinstance(y_true, np.ndarray) else _absolute(y_true, y_pred)


def _absolute(y_true, y_pred):
    return pynn.mean(pynn.abs(y_true - y_pred), axis=-1)


@pytest.mark.parametrize(
    "loss", ["mae", losses.MeanAbsoluteError(), losses.mean_absolute_error, absolute, ["mae"]]
)
def test_forms_of_a_loss(loss):
    model = compiled_model("mae", loss=loss)
    expected = abs(model.predict(X, verbose=0) - VALUES).mean()
    assert model.evaluate(X, VALUES, verbose=0) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ("metric", "name"),
    [
        ("mae", "mae"),
        ("mean_absolute_error", "mean_absolute_error"),
        (metrics.MeanAbsoluteError(), "mean_absolute_error"),
        (metrics.MeanAbsoluteError(name="mine"), "mine"),
        (absolute, "absolute"),
    ],
)
def test_forms_of_a_metric(metric, name):
    model = compiled_model("mse", metrics=[metric])
    expected = abs(model.predict(X, verbose=0) - VALUES).mean()
    assert model.evaluate(X, VALUES, verbose=0, return_dict=True)[name] == pytest.approx(expected, rel=1e-5)
    assert model.metrics_names == ["loss", name]


@pytest.mark.parametrize(
    ("units", "y", "kind"),
    [
        (1, BITS, "BinaryAccuracy"),
        (1, BITS[:, None], "BinaryAccuracy"),
        (CLASSES, LABELS, "SparseCategoricalAccuracy"),
        (CLASSES, LABELS[:, None], "SparseCategoricalAccuracy"),
        (CLASSES, ONE_HOT, "CategoricalAccuracy"),
    ],
)
def test_accuracy_suits_itself_to_the_targets(units, y, kind):
    model = Sequential([Dense(units, "sigmoid")])
    sparse = units > 1 and y.shape[-1] != CLASSES
    model.compile("sgd", "sparse_categorical_crossentropy" if sparse else "mse", metrics=["accuracy"])
    model.evaluate(X, y, verbose=0)
    assert type(model.metrics[1]).__name__ == kind


def test_columns_and_rows_never_broadcast():
    model = compiled_model("mse")
    y = model.predict(X, verbose=0)
    expected = float(((y[:, 0] - VALUES[:, 0]) ** 2).mean())
    assert model.evaluate(X, VALUES, verbose=0) == pytest.approx(expected, rel=1e-5)
    assert model.evaluate(X, VALUES[:, 0], verbose=0) == pytest.approx(expected, rel=1e-5)
    flat = Sequential([Dense(1), layers.Reshape(())])
    flat.compile("sgd", "mse")
    expected = float(((flat.predict(X, verbose=0) - VALUES[:, 0]) ** 2).mean())
    assert flat.predict(X, verbose=0).shape == (N,)
    assert flat.evaluate(X, VALUES, verbose=0) == pytest.approx(expected, rel=1e-5)


# Data in every form ------------------------------------------------------------------------------------


def batches(size=16):
    for start in range(0, N, size):
        yield X[start : start + size], LABELS[start : start + size]


class Indexed:
    """As keras.utils.Sequence: a length and an index."""

    def __len__(self):
        return 5

    def __getitem__(self, index):
        return X[index * 16 : index * 16 + 16], LABELS[index * 16 : index * 16 + 16]


@pytest.mark.parametrize("source", [batches(), list(batches()), Indexed(), map(list, batches())])
def test_batches_are_as_good_as_arrays(source):
    if isinstance(source, list):
        source = type("Again", (), {"__iter__": lambda self: batches()})()
    ours, other = compiled_model(), compiled_model()
    other.set_weights(ours.get_weights())
    expected = fit_quietly(other, X, LABELS, batch_size=16)
    same(fit_quietly(ours, source), expected, 1e-6)


@pytest.mark.parametrize("dtype", ["float64", "int64", "uint8", "bool"])
def test_dtypes_of_data(dtype):
    model = compiled_model()
    fit_quietly(model, (X * 3).astype(dtype), LABELS.astype("int32")[:, None])
    assert model.predict((X * 3).astype(dtype), verbose=0).dtype == np.float32


def test_lists_and_tensors_are_arrays():
    model = compiled_model()
    assert model.evaluate(X.tolist(), LABELS.tolist(), verbose=0) == pytest.approx(
        model.evaluate(pynn.asarray(X), pynn.asarray(LABELS), verbose=0), rel=1e-6
    )


def test_steps_go_on_in_the_data():
    seen = []

    class Spy(Sequential):
        def train_step(self, data):
            seen.append(float(data[0][0, 0]))
            return super().train_step(data)

    model = Spy([Dense(CLASSES, "softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    x = np.arange(N, dtype="float32")[:, None]
    fit_quietly(model, x, LABELS, batch_size=16, steps_per_epoch=2, epochs=4)
    assert seen == [0, 16, 32, 48, 64, 0, 16, 32]


def test_an_iterator_ends():
    model = compiled_model()
    with pytest.warns(UserWarning, match="iterator") as caught:
        history = fit_quietly(model, batches(), epochs=3)
    assert len(history["loss"]) == 1
    assert str(caught[0].message) == (
        "x is an iterator and has no more batches after epoch 1 of 3; training ends. Give an object that can "
        "be iterated anew, or an endless one and steps_per_epoch"
    )
    with pytest.warns(UserWarning, match="ran out") as caught:
        fit_quietly(model, batches(), steps_per_epoch=9)
    assert str(caught[0].message) == "x ran out of batches after 5 of 9 steps"


def test_class_weight_of_batches():
    ours, other = compiled_model(), compiled_model()
    other.set_weights(ours.get_weights())
    weights = {0: 0.5, 3: 2.0}
    expected = fit_quietly(other, X, LABELS, batch_size=16, class_weight=weights)
    same(fit_quietly(ours, batches(), class_weight=weights), expected, 1e-6)


def test_validation_data_of_batches():
    model = compiled_model()
    again = type("Again", (), {"__iter__": lambda self: batches()})()
    history = fit_quietly(model, X, LABELS, validation_data=again, epochs=2)
    assert history["val_loss"][-1] == pytest.approx(model.evaluate(X, LABELS, verbose=0), rel=1e-5)


# Own steps ---------------------------------------------------------------------------------------------


class OwnStep(Model):
    """The training step of the course's custom loops."""

    def __init__(self):
        super().__init__()
        self.dense = Dense(CLASSES, "softmax")
        self.tracker = metrics.Mean(name="my_loss")

    def call(self, inputs):
        return self.dense(inputs)

    def train_step(self, data):
        x, y = data
        with GradientTape() as tape:
            loss = losses.SparseCategoricalCrossentropy()(y, self(x, training=True))
        gradients = tape.gradient(loss, self.trainable_weights)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_weights, strict=True))
        self.tracker.update_state(loss)
        return {"my_loss": self.tracker.result()}

    @property
    def metrics(self):
        return [self.tracker]


def test_own_train_step():
    model = OwnStep()
    model.compile(optimizer=optimizers.SGD(0.5))
    history = fit_quietly(model, X, LABELS, epochs=5)
    assert list(history) == ["my_loss"]
    assert history["my_loss"][-1] < history["my_loss"][0]


def test_own_loss():
    class OwnLoss(Sequential):
        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
            return pynn.mean(pynn.square(y - y_pred)) + 1.0

    model = OwnLoss([Dense(1)])
    model.compile("sgd")
    expected = ((model.predict(X, verbose=0) - VALUES) ** 2).mean() + 1
    assert model.evaluate(X, VALUES, verbose=0) == pytest.approx(expected, rel=1e-5)
    fit_quietly(model, X, VALUES)


def test_only_added_losses():
    class Penalty(layers.Layer):
        def call(self, inputs):
            self.add_loss(pynn.mean(pynn.square(inputs)))
            return inputs

    model = Sequential([Dense(2), Penalty()])
    model.compile(optimizers.SGD(0.1))
    history = fit_quietly(model, X, epochs=3)
    assert history["loss"][2] < history["loss"][0]


def test_several_inputs_and_outputs():
    class Both(Model):
        def __init__(self):
            super().__init__()
            self.dense = Dense(2)

        def call(self, inputs):
            return {"sum": self.dense(inputs[0]) + self.dense(inputs[1]), "list": [inputs[0]]}

    y = Both().predict([X, X * 2], batch_size=20, verbose=0)
    assert y["sum"].shape == (N, 2)
    np.testing.assert_array_equal(y["list"][0], X)


# Errors ------------------------------------------------------------------------------------------------

NAN_VALUES = VALUES.copy()
NAN_VALUES[5] = np.nan
TOO_MANY = LABELS.astype("int64")
TOO_MANY[3] = 10


class Unending:
    """Has no batches."""

    def __iter__(self):
        return iter(())


def many_classes(y):
    model = Sequential([Dense(10, "softmax")], name="m")
    model.compile("sgd", "sparse_categorical_crossentropy")
    return model.fit(X, y, verbose=0)


ERRORS = [
    (
        lambda: many_classes(TOO_MANY),
        ValueError,
        "y contains 10 but the model has 10 classes (valid 0..9)",
    ),
    (
        lambda: many_classes(TOO_MANY - 4),
        ValueError,
        "y contains -4 but the model has 10 classes (valid 0..9)",
    ),
    (lambda: many_classes(WEIGHTS * 0 + 0.5), ValueError, "y contains 0.5, which is not a class number"),
    (
        lambda: compiled_model().fit(X, ONE_HOT),
        pynn.ShapeError,
        "y has shape (70, 4) but the model's output has shape (None, 4), so sparse_categorical_crossentropy "
        "expects one class number each: (None,); for one-hot targets use 'categorical_crossentropy'",
    ),
    (
        lambda: compiled_model("categorical_crossentropy").fit(X, LABELS),
        pynn.ShapeError,
        "y has shape (70,) but the model's output has shape (None, 4); categorical_crossentropy compares "
        "them value by value; for class numbers use 'sparse_categorical_crossentropy' or to_categorical(y)",
    ),
    (
        lambda: compiled_model("mse").fit(X, ONE_HOT),
        pynn.ShapeError,
        "y has shape (70, 4) but the model's output has shape (None, 1); "
        "mean_squared_error compares them value by value",
    ),
    (
        lambda: compiled_model("mse").evaluate(X, NAN_VALUES),
        ValueError,
        "y contains NaN, first at index (5, 0)",
    ),
    (
        lambda: compiled_model("mse").train_on_batch(X, NAN_VALUES[:, 0]),
        ValueError,
        "y contains NaN, first at index 5",
    ),
    (lambda: compiled_model().fit(X, LABELS[:60]), ValueError, "x has 70 samples but y has 60"),
    (
        lambda: compiled_model().fit(X, LABELS, sample_weight=WEIGHTS[:7]),
        ValueError,
        "x has 70 samples but sample_weight has 7",
    ),
    (
        lambda: compiled_model().fit(X, LABELS, validation_data=(X, LABELS[:3])),
        ValueError,
        "validation_data: x has 70 samples but y has 3",
    ),
    (lambda: compiled_model().fit(X[:0], LABELS[:0]), ValueError, "x has no samples"),
    (
        lambda: compiled_model().fit(np.array([{}, {}]), LABELS[:2]),
        pynn.DtypeError,
        "x must hold real numbers, got dtype object; are its rows of different lengths?",
    ),
    (
        lambda: compiled_model().fit(X, np.array(["a"] * N)),
        pynn.DtypeError,
        "y must hold real numbers, got dtype <U1",
    ),
    (
        lambda: compiled_model().fit(3, LABELS),
        TypeError,
        "x must be arrays or give batches, got int",
    ),
    (lambda: compiled_model().fit(), TypeError, "x must be arrays or give batches, got NoneType"),
    (
        lambda: compiled_model().fit(X, 3),
        pynn.ShapeError,
        "y must have the samples on its first axis, got a single number",
    ),
    (
        lambda: compiled_model().fit(batches(), LABELS),
        ValueError,
        "y must be None when x gives batches; they come with their own",
    ),
    (
        lambda: compiled_model().fit(batches(), batch_size=3),
        ValueError,
        "batch_size must be None when x gives batches; they come with their own",
    ),
    (
        lambda: compiled_model().fit(iter([(X, LABELS, WEIGHTS, 1)]), verbose=0),
        ValueError,
        "a batch must be x, (x, y) or (x, y, sample_weight), got a tuple of 4 elements",
    ),
    (lambda: compiled_model().fit(iter([()]), verbose=0), ValueError, None),
    (lambda: compiled_model().fit(Unending(), verbose=0), ValueError, "x gave no batches"),
    (
        lambda: compiled_model().fit(X, LABELS, validation_split=1.5),
        ValueError,
        "validation_split must be in [0, 1), got 1.5",
    ),
    (
        lambda: compiled_model().fit(X[:1], LABELS[:1], validation_split=0.5),
        ValueError,
        "validation_split=0.5 of 1 samples leaves none for one of the two sets",
    ),
    (
        lambda: compiled_model().fit(batches(), validation_split=0.5),
        TypeError,
        "validation_split needs arrays, got x of type generator; use validation_data instead",
    ),
    (
        lambda: compiled_model().fit(X, LABELS, class_weight={0: 1}, sample_weight=WEIGHTS),
        ValueError,
        "give either class_weight or sample_weight, not both",
    ),
    (
        lambda: compiled_model("mse").fit(X, VALUES[:, :, None], class_weight={0: 1}),
        ValueError,
        "class_weight needs class numbers (n,) or one-hot rows (n, C), y has the shape (70, 1, 1)",
    ),
    (lambda: compiled_model().fit(X, LABELS, epochs=0), ValueError, "epochs must be positive, got 0"),
    (
        lambda: compiled_model().fit(X, LABELS, batch_size=0.5),
        TypeError,
        "batch_size must be an integer, got 0.5",
    ),
    (
        lambda: compiled_model().fit(X, LABELS, verbose=3),
        ValueError,
        "verbose must be 'auto', 0, 1 or 2, got 3",
    ),
    (
        lambda: compiled_model().fit(X, LABELS, callbacks=callbacks.Callback()),
        TypeError,
        "callbacks must be a list, got Callback; write [callback]",
    ),
    (
        lambda: Sequential([Dense(1)], name="m").fit(X, VALUES),
        ValueError,
        "Sequential 'm': call compile(optimizer, loss) before fit",
    ),
    (
        lambda: compiled_model("mse").fit(X, verbose=0),
        ValueError,
        "Sequential 'sequential' has no loss to compute: no y was given",
    ),
    (
        lambda: compiled_model(loss=None).fit(X, LABELS, verbose=0),
        ValueError,
        "Sequential 'sequential' has no loss to compute: compile() got no loss",
    ),
    (lambda: compiled_model(optimizer="adm"), ValueError, "unknown optimizer 'adm'; did you mean 'adam'?"),
    (lambda: compiled_model(loss="msee"), ValueError, "unknown loss 'msee'; did you mean 'mse'?"),
    (
        lambda: compiled_model(metrics=["mea"]),
        ValueError,
        "unknown metric 'mea'; did you mean 'mean'?",
    ),
    (
        lambda: compiled_model(loss=["mse", "mae"]),
        ValueError,
        "loss must have one entry for each of the model's outputs, a list in their order or a dict by name "
        "(dense_1), got ['mse', 'mae']",
    ),
]


@pytest.mark.parametrize(("call", "error", "message"), ERRORS)
def test_errors(call, error, message):
    with pytest.raises(error) as caught:
        call()
    if message is not None:
        assert str(caught.value) == message


def test_ragged_lists_are_no_arrays():
    with pytest.raises(pynn.ShapeError, match=r"^x cannot become an array: "):
        compiled_model().fit([[1.0, 2.0], [3.0]], LABELS[:2])


def test_data_that_do_not_suit_the_model_fail_before_the_first_epoch(capsys):
    model = compiled_model()
    with pytest.raises(pynn.ShapeError) as caught:
        model.fit(X[:, :5], LABELS)
    assert str(caught.value).startswith(
        "Sequential 'sequential' expected an input of the shape (None, 6), got (70, 5)"
    )
    assert capsys.readouterr().out == ""
