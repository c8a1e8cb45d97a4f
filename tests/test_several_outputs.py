"""compile, fit and evaluate with several outputs beside Keras's: values, names and order; errors."""

import numpy as np
import pytest

import pynn
from pynn import layers

N = 20


def model_of(keras, form=list):
    layers = keras.layers
    inputs = keras.Input((6,), name="ticket")
    x = layers.Dense(5, activation="relu", name="features")(inputs)
    priority = layers.Dense(1, activation="sigmoid", name="priority")(x)
    department = layers.Dense(3, activation="softmax", name="department")(x)
    outputs = [priority, department] if form is list else {"p": priority, "d": department}
    return keras.Model(inputs, outputs)


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(5)
    x = rng.normal(size=(N, 6)).astype("float32")
    priority = rng.uniform(size=(N, 1)).astype("float32")
    department = np.eye(3, dtype="float32")[rng.integers(0, 3, N)]
    return x, priority, department, rng.uniform(size=N).astype("float32")


CASES = {
    "lists": {
        "loss": ["mean_squared_error", "categorical_crossentropy"],
        "metrics": [["mean_absolute_error"], ["accuracy"]],
    },
    "dicts": {
        "loss": {"department": "categorical_crossentropy", "priority": "mean_squared_error"},
        "loss_weights": {"priority": 0.5, "department": 2.0},
        "metrics": {"priority": ["mae"], "department": ["accuracy", "mse"]},
        "weighted_metrics": {"priority": ["mae"]},
    },
    "one loss for all": {"loss": "mse", "metrics": ["mae", None], "weighted_metrics": ["mae", "accuracy"]},
    "a loss for one": {"loss": [None, "mse"], "loss_weights": [1.0, 0.3]},
}


def trained(keras, weights, data, case, targets, sample_weight=None, form=list):
    """History, evaluate's list and dict, and the weights after one epoch."""
    x, priority, department, _ = data
    model = model_of(keras, form)
    model.set_weights(weights)
    model.compile(keras.optimizers.SGD(0.1), **case)
    y = targets
    if isinstance(targets, str):
        y = [priority, department] if targets == "list" else {"priority": priority, "department": department}
    history = model.fit(
        x,
        y,
        batch_size=8,
        shuffle=False,
        verbose=0,
        sample_weight=sample_weight,
        validation_data=(x[:9], _first(y, 9)),
    ).history
    evaluated = model.evaluate(x, y, batch_size=8, verbose=0)
    named = model.evaluate(x, y, batch_size=8, verbose=0, return_dict=True)
    return history, evaluated, named, [np.asarray(getattr(w, "value", w)) for w in model.weights]


def _first(y, count):
    if isinstance(y, dict):
        return {key: value[:count] for key, value in y.items()}
    return [value[:count] for value in y]


def assert_as_keras(ours, theirs):
    history, evaluated, named, weights = ours
    assert list(history) == list(theirs[0])
    for key in history:
        np.testing.assert_allclose(history[key], theirs[0][key], atol=1e-5)
    np.testing.assert_allclose(evaluated, theirs[1], atol=1e-5)
    assert sorted(named) == sorted(theirs[2])
    for a, b in zip(weights, theirs[3], strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)


@pytest.mark.parametrize(
    ("case", "targets", "weighted"),
    [
        ("lists", "list", None),
        ("dicts", "list", "one for all"),
        ("dicts", "dict", None),
        ("dicts", "list", "each"),
        ("one loss for all", "list", "one for all"),
        ("a loss for one", "dict", None),
    ],
)
@pytest.mark.filterwarnings("ignore:sgd.*no gradient")  # an output without a loss
def test_training_is_that_of_keras(quick_keras, data, case, targets, weighted):
    weight = data[3]
    sample_weight = {None: None, "one for all": weight, "each": [weight, weight**2]}[weighted]
    if weighted == "each":
        case = {"loss": list(CASES[case]["loss"].values())[::-1], "weighted_metrics": [["mae"], ["accuracy"]]}
    else:
        case = CASES[case]
    weights = model_of(pynn).get_weights()
    found = [trained(k, weights, data, case, targets, sample_weight) for k in (pynn, quick_keras)]
    assert_as_keras(*found)


def test_outputs_in_a_dict(quick_keras, data):
    _, priority, department, _ = data
    weights = model_of(pynn, dict).get_weights()
    case = {"loss": {"p": "mse", "d": "categorical_crossentropy"}, "metrics": {"d": "accuracy"}}
    y = {"p": priority, "d": department}
    assert_as_keras(*(trained(k, weights, data, case, y, form=dict) for k in (pynn, quick_keras)))


def compiled(**arguments):
    model = model_of(pynn)
    model.compile("sgd", **arguments)
    return model


def test_targets_only_for_the_outputs_that_have_a_loss(data):
    x, _, department, _ = data
    model = compiled(loss=[None, "mse"])
    listed = model.evaluate(x, [department], verbose=0)
    assert listed == pytest.approx(model.evaluate(x, {"department": department}, verbose=0))


def test_weights_by_name(data):
    x, priority, department, weight = data
    model = compiled(loss="mse")
    y = {"priority": priority, "department": department}
    ones = np.ones(N, "float32")
    named = model.evaluate(x, y, sample_weight={"department": weight}, verbose=0)
    assert named == pytest.approx(model.evaluate(x, y, sample_weight=[ones, weight], verbose=0))


def test_a_subclass_with_several_outputs_learns_what_its_losses_are_at_the_first_batch(data):
    x, priority, department, _ = data

    class Net(pynn.Model):
        def __init__(self):
            super().__init__()
            self.a, self.b = layers.Dense(1), layers.Dense(3)

        def call(self, x):
            return {"a": self.a(x), "b": self.b(x)}

    model = Net()
    model.compile("sgd", loss={"a": "mse", "b": "mae"}, metrics={"a": ["mae"]})
    logs = model.train_on_batch(x, {"a": priority, "b": department}, return_dict=True)
    assert list(logs) == ["loss", "a_loss", "b_loss", "a_mae"]
    model.compile("sgd", loss="mse")
    loss = model.train_on_batch(x, {"a": priority, "b": department}, return_dict=True)
    assert loss["loss"] == pytest.approx(loss["a_loss"] + loss["b_loss"])
    assert model.predict(x, verbose=0).keys() == {"a", "b"}


def test_names_of_metrics_and_a_new_compile(data):
    x, priority, department, _ = data
    model = compiled(loss="mse", metrics=[["mae"], ["mae", "accuracy"]])
    model.test_on_batch(x, [priority, department])
    names = [
        "loss",
        "priority_mae",
        "department_mae",
        "department_accuracy",
        "priority_loss",
        "department_loss",
    ]
    assert model.metrics_names == names
    model.compile("sgd", loss="mse")
    assert model.metrics_names == ["loss", "priority_loss", "department_loss"]


def test_one_output_as_a_list_or_by_its_name(data):
    x, priority, _, weight = data
    inputs = pynn.Input((6,))
    model = pynn.Model(inputs, layers.Dense(1, name="out")(inputs))
    found = []
    for loss, y in (("mse", priority), (["mse"], [priority]), ({"out": "mse"}, {"out": priority})):
        model.compile("sgd", loss=loss, metrics=["mae"], weighted_metrics=["mae"])
        found.append(model.evaluate(x, y, sample_weight=weight, verbose=0, return_dict=True))
    assert found[0] == found[1] == found[2]
    assert list(found[0]) == ["loss", "mae", "weighted_mae"]
    model.compile("sgd", loss="mse", loss_weights=0.25)
    half = model.evaluate(x, priority, verbose=0)
    model.compile("sgd", loss="mse")
    assert half == pytest.approx(model.evaluate(x, priority, verbose=0) / 4)


def test_a_compute_loss_of_one_s_own_may_leave_training_out(data):
    class Net(pynn.Model):
        def compute_loss(self, x, y, y_pred, sample_weight=None):
            return super().compute_loss(x, y, y_pred, sample_weight) * 2

    x, priority, _, _ = data
    inputs = pynn.Input((6,))
    outputs = layers.Dense(1)(inputs)
    twice, once = Net(inputs, outputs), pynn.Model(inputs, outputs)
    for model in (twice, once):
        model.compile("sgd", "mse")
    assert twice.test_on_batch(x, priority) == pytest.approx(2 * once.test_on_batch(x, priority))


def test_losses_that_layers_add_count_too(data):
    class Penalty(layers.Layer):
        def call(self, x):
            self.add_loss(0.5 * pynn.sum(x * x))
            return x

    x, priority, department, _ = data
    inputs = pynn.Input((6,))
    y = Penalty()(inputs)
    model = pynn.Model(inputs, [layers.Dense(1, name="a")(y), layers.Dense(3, name="b")(y)])
    model.compile("sgd", loss=["mse", "mse"])
    total, a, b = model.evaluate(x, [priority, department], batch_size=N, verbose=0)
    assert total == pytest.approx(a + b + 0.5 * (x * x).sum(), rel=1e-5)


def test_steps_per_execution_is_taken(data):
    assert compiled(loss="mse", steps_per_execution=8, auto_scale_loss=False).compiled
    with pytest.raises(ValueError, match="^compile: steps_per_execution must be a positive integer, got 0$"):
        compiled(loss="mse", steps_per_execution=0)


Y = np.ones((N, 1), "float32")
BOTH = "a list in their order or a dict by name (priority, department)"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda x: compiled(loss=["mse", "mse", "mse"]),
            f"loss must have one entry for each of the model's outputs, {BOTH}, got ['mse', 'mse', 'mse']",
        ),
        (
            lambda x: compiled(loss={"priority": "mse", "other": "mse"}),
            f"loss must have one entry for each of the model's outputs, {BOTH}, got "
            "{'priority': 'mse', 'other': 'mse'}",
        ),
        (
            lambda x: compiled(loss="mse", loss_weights=[1, 2, 3]),
            f"loss_weights must have one entry for each of the model's outputs, {BOTH}, got [1, 2, 3]",
        ),
        (
            lambda x: compiled(loss="mse", metrics=["accuracy"]),
            f"metrics must have one entry for each of the model's outputs, {BOTH}, got ['accuracy']",
        ),
        (
            lambda x: compiled(loss="mse", metrics="accuracy"),
            "compile: metrics must be a list or a dict, got 'accuracy'",
        ),
        (lambda x: compiled(loss=["mse", "msa"]), "unknown loss 'msa'; did you mean 'mse'?"),
        (
            lambda x: compiled(loss="mse").fit(x, Y, verbose=0),
            f"y must have one entry for each of the model's outputs, {BOTH}, got Tensor(20, 1)",
        ),
        (
            lambda x: compiled(loss="mse").fit(x, {"priority": Y}, verbose=0),
            f"y must have one entry for each of the model's outputs, {BOTH}, got {{'priority': 'Tensor(20, 1)'}}",
        ),
        (
            lambda x: compiled(loss=["mse", "sparse_categorical_crossentropy"]).fit(x, [Y, Y * 3], verbose=0),
            "output 'department': y contains 3.0 but the model has 3 classes (valid 0..2)",
        ),
        (
            lambda x: compiled(loss=["mse", "mse"]).fit(x, [Y, Y[:, [0, 0]]], verbose=0),
            "output 'department': y has shape (20, 2) but the model's output has shape (None, 3); "
            "mean_squared_error compares them value by value",
        ),
        (
            lambda x: compiled(loss="mse").fit(x, [Y, Y], class_weight={0: 1.0}, verbose=0),
            "output 'department': y has shape (20, 1) but the model's output has shape (None, 3); "
            "mean_squared_error compares them value by value",
        ),
        (
            lambda x: compiled(loss="mse").fit(x, [Y, Y[:, [0, 0, 0]]], class_weight={0: 1.0}, verbose=0),
            "class_weight needs class numbers (n,) or one-hot rows (n, C), y has no single array",
        ),
    ],
)
def test_errors_before_any_step(data, call, message):
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the whole message follows
        call(data[0])
    assert str(caught.value) == message
