"""A training step in one call does what the same step in many does, to the last bit; and knows when not to."""

import copy
import pickle

import numpy as np
import pytest

import pynn
from pynn import _core, layers
from pynn.models.sequential import Sequential
from pynn.models.short_way import ShortWay

N = 50


@pytest.fixture
def data(rng):
    return rng.normal(size=(N, 4, 5)).astype("float32"), rng.integers(0, 3, N)


def network(*more, flat=True, activation="relu", last="softmax", **dense):
    pynn.utils.set_random_seed(1)
    first = [pynn.Input((4, 5)), layers.Flatten()] if flat else [pynn.Input((20,))]
    return Sequential([*first, *more, layers.Dense(8, activation, **dense), layers.Dense(3, last)])


def trained(model, x, y, short, **fit):
    """History and weights after two epochs; without the short way if it is not to be taken."""
    if not short:
        model._find_short_way = ShortWay
    history = model.fit(x, y, batch_size=16, epochs=2, verbose=0, **fit).history
    return history, [weight.tobytes() for weight in model.get_weights()]


def takes_the_short_way(model, x, y):
    return model._learnt_at_once(pynn.asarray(x), pynn.asarray(y)) is not None


CASES = {
    "flatten": {},
    "no bias": {"use_bias": False},
    "no activation": {"activation": None},
    "an activation with a kept input": {"activation": "gelu"},
    "softmax inside": {"activation": "softmax"},
    "rows": {"flat": False},
}


@pytest.mark.parametrize("optimizer", ["sgd", "rmsprop", "adam"])
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("one_hot", [False, True])
def test_both_ways_are_equal(case, optimizer, one_hot, data):
    x, y = data
    options = CASES[case]
    x = x if options.get("flat", True) else x.reshape(N, 20)
    loss = "categorical_crossentropy" if one_hot else "sparse_categorical_crossentropy"
    targets = np.eye(3, dtype="float32")[y] if one_hot else y
    results = []
    for short in (True, False):
        model = network(**options)
        model.compile(optimizer, loss, metrics=["accuracy"])
        assert takes_the_short_way(model, x, targets)
        results.append(trained(model, x, targets, short))
    assert results[0] == results[1]


def test_logits_and_steps_of_a_sequence(rng):
    x, y = rng.normal(size=(10, 6, 4)).astype("float32"), rng.integers(0, 3, (10, 6))
    results = []
    for short in (True, False):
        pynn.utils.set_random_seed(1)
        model = Sequential([pynn.Input((6, 4)), layers.Dense(5, "tanh"), layers.Dense(3)])
        model.compile("sgd", pynn.losses.SparseCategoricalCrossentropy(from_logits=True))
        assert takes_the_short_way(model, x, y)
        results.append(trained(model, x, y, short))
    assert results[0] == results[1]


def test_a_frozen_layer_stays_as_it_is(data):
    results = []
    for short in (True, False):
        model = network()
        model.layers[1].trainable = False
        model.compile("sgd", "sparse_categorical_crossentropy")
        assert takes_the_short_way(model, *data)
        before = model.layers[1].get_weights()
        results.append(trained(model, *data, short))
        np.testing.assert_array_equal(model.layers[1].get_weights()[0], before[0])
    assert results[0] == results[1]


class Doubled(Sequential):
    def compute_loss(self, *args, **kwargs):
        return 2 * super().compute_loss(*args, **kwargs)


class Halved(Sequential):
    def call(self, inputs):
        return super().call(inputs) / 2


def regularized():
    return network(kernel_regularizer="l2")


def with_activity_regularizer():
    return network(activity_regularizer="l2")


def with_dropout():
    return network(layers.Dropout(0.5))


def with_an_activation_of_its_own():
    return network(activation=lambda x: x * 2)


def with_a_subclass_of_dense():
    class Mine(layers.Dense):
        pass

    return network(Mine(7))


def with_another_loss_of_its_own():
    return Doubled(network().layers)


def with_another_call_of_its_own():
    return Halved(network().layers)


@pytest.mark.parametrize(
    "make",
    [
        regularized,
        with_activity_regularizer,
        with_dropout,
        with_an_activation_of_its_own,
        with_a_subclass_of_dense,
        with_another_loss_of_its_own,
        with_another_call_of_its_own,
    ],
)
def test_what_has_more_to_it_goes_the_long_way(make, data):
    x, y = data
    model = make()
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.train_on_batch(x, y)
    assert not takes_the_short_way(model, x, y)


@pytest.mark.parametrize(
    "loss",
    [
        "mse",
        pynn.losses.SparseCategoricalCrossentropy(ignore_class=0),
        pynn.losses.SparseCategoricalCrossentropy(reduction="sum"),
        pynn.losses.CategoricalCrossentropy(label_smoothing=0.1),
        lambda y, p: pynn.losses.sparse_categorical_crossentropy(y, p),
    ],
)
def test_so_does_another_loss(loss, data):
    model = network()
    model.compile("sgd", loss)
    assert not takes_the_short_way(model, *data)


def test_so_does_a_step_inside_a_tape_or_without_one(data):
    model = network()
    model.compile("sgd", "sparse_categorical_crossentropy")
    with pynn.GradientTape():
        assert not takes_the_short_way(model, *data)
    with pynn.no_grad():
        assert not takes_the_short_way(model, *data)
    assert takes_the_short_way(model, *data)


def test_so_does_an_input_with_a_mask_but_not_one_beside_it(rng):
    """Whether any layer of the process makes masks is no matter; whether this input has one is."""
    x, y = pynn.asarray(rng.normal(size=(4, 6, 5)).astype("float32")), rng.integers(0, 3, (4, 6))
    model = Sequential([pynn.Input((6, 5)), layers.Dense(3, "softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    masked = layers.Masking()(x)
    assert takes_the_short_way(model, x, y)
    assert model._learnt_at_once(masked, pynn.asarray(y)) is None


def test_sample_weights_count(data):
    x, y = data
    weights = np.linspace(0, 2, N).astype("float32")
    results = [trained(model, x, y, short, sample_weight=weights) for model, short in compiled_twice()]
    assert results[0] == results[1]
    assert results[0] != trained(next(compiled_twice())[0], x, y, True)


def compiled_twice():
    for short in (True, False):
        model = network()  # which seeds the shuffling too
        model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
        yield model, short


def test_what_is_changed_after_a_step_is_noticed(data):
    x, y = data
    results = []
    for model, short in compiled_twice():
        history = [trained(model, x, y, short)]
        model.layers[1].activation = pynn.activations.tanh
        history.append(trained(model, x, y, short))
        model.layers[1].kernel.regularizer = pynn.regularizers.L2(0.1)
        history.append(trained(model, x, y, short))
        model.layers[1].kernel.regularizer = None
        model.layers[1].trainable = False
        history.append(trained(model, x, y, short))
        model.compile("adam", pynn.losses.SparseCategoricalCrossentropy(from_logits=True))
        history.append(trained(model, x, y, short))
        results.append(history)
    assert results[0] == results[1]


def test_errors_are_those_of_the_long_way(data):
    x, y = data
    for targets, kind in ((y + 1, ValueError), (y.reshape(5, 10), pynn.ShapeError), (y > 1, ValueError)):
        messages = []
        for model, short in compiled_twice():
            if not short:
                model._find_short_way = ShortWay
            before = model.get_weights()
            try:
                model.train_step((pynn.asarray(x), pynn.asarray(targets)))
                messages.append("none")
            except kind as error:
                messages.append(str(error))
            for weight, was in zip(model.get_weights(), before, strict=True):
                assert messages[-1] == "none" or np.array_equal(weight, was)
        assert messages[0] == messages[1]


def test_the_call_itself_declines_what_it_does_not_know(rng):
    kernel = pynn.Variable(rng.normal(size=(4, 3)).astype("float32"))
    chain = _core.Chain([(kernel, None, "softmax")], [kernel], True, False)
    x, y = pynn.asarray(rng.normal(size=(5, 4)).astype("float32")), pynn.asarray([0, 1, 2, 0, 1])
    output, loss, (gradient,) = chain(x, y)
    with pynn.GradientTape() as tape:
        expected = _core.softmax_cross_entropy(_core.linear(x, kernel, None, "softmax"), y, from_logits=False)
    assert float(loss) == float(expected)
    assert np.array_equal(gradient.numpy(), tape.gradient(expected, kernel).numpy())
    assert output.shape == (5, 3)
    for other_x, other_y in (
        (x.astype("float64"), y),
        (x[:, :3], y),
        (x[0], y),
        (x[:0], y[:0]),
        (x, y[:4]),
        (x, y.reshape((5, 1))),
        (x, y.astype("float32")),
        (x, pynn.zeros((5, 3))),
        (x, pynn.zeros((5, 3), dtype="float64")),
    ):
        assert chain(other_x, other_y) is None
    with pytest.raises(ValueError, match="3"):
        chain(x, y + 1)


@pytest.mark.parametrize("optimizer", [pynn.optimizers.SGD, pynn.optimizers.RMSprop, pynn.optimizers.Adam])
@pytest.mark.parametrize("copied", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_a_copy_learns_by_itself_what_the_original_would(data, copied, optimizer):
    model = network()
    model.compile(optimizer(use_ema=True), "sparse_categorical_crossentropy")
    model.train_on_batch(*data)
    twin = copied(model)
    before = [weight.tobytes() for weight in model.get_weights()]
    assert [weight.tobytes() for weight in twin.get_weights()] == before
    for _ in range(2):
        twin.train_on_batch(*data)
    assert [weight.tobytes() for weight in model.get_weights()] == before
    for _ in range(2):
        model.train_on_batch(*data)
    after = [weight.tobytes() for weight in twin.get_weights()]
    assert [weight.tobytes() for weight in model.get_weights()] == after != before
