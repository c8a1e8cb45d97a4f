"""A whole training step in few calls does what the same step in many does, to the last bit; and knows when not to."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from short_ways import HOT, LABELS, RNG, N, X, both, compiled, is_short, network, state, three_batches

import pynn
from pynn import _core, layers, optimizers
from pynn.models.short_way import ShortWay

# ---- Equal ----------------------------------------------------------------------------------------------

SHORT = {
    "sgd": optimizers.SGD,
    "momentum": lambda: optimizers.SGD(0.1, momentum=0.9),
    "nesterov": lambda: optimizers.SGD(0.1, momentum=0.9, nesterov=True),
    "decay": lambda: optimizers.SGD(0.1, weight_decay=0.01),
    "clipped": lambda: optimizers.SGD(0.1, clipvalue=0.01),
    "rmsprop": optimizers.RMSprop,
    "centered": lambda: optimizers.RMSprop(0.01, centered=True, momentum=0.5),
    "adam": optimizers.Adam,
    "amsgrad": lambda: optimizers.Adam(0.01, amsgrad=True),
    "adamw": optimizers.AdamW,
    "adagrad": optimizers.Adagrad,
    "adadelta": optimizers.Adadelta,
    "adamax": optimizers.Adamax,
    "lion": optimizers.Lion,
    "a schedule": lambda: optimizers.SGD(optimizers.schedules.ExponentialDecay(0.1, 2, 0.5)),
    "a function": lambda: optimizers.AdamW(lambda: 0.1, weight_decay=0.3),
}
LONG = {
    "nadam": optimizers.Nadam,
    "ftrl": optimizers.Ftrl,
    "lamb": optimizers.Lamb,
    "norms": lambda: optimizers.SGD(0.1, clipnorm=0.1),
    "norm": lambda: optimizers.SGD(0.1, global_clipnorm=0.1),
    "averages": lambda: optimizers.SGD(0.1, use_ema=True),
    "sums": lambda: optimizers.SGD(0.1, gradient_accumulation_steps=2),
}


@pytest.mark.parametrize("name", [*SHORT, *LONG])
@pytest.mark.parametrize("hot", [False, True])
def test_every_optimizer_steps_as_on_the_long_way(name, hot):
    make = {**SHORT, **LONG}[name]
    loss = "categorical_crossentropy" if hot else "sparse_categorical_crossentropy"
    taken = []

    def use(model):
        logs = three_batches(model, y=HOT if hot else LABELS)
        taken.append(is_short(model))
        return logs, model.fit(X, HOT if hot else LABELS, batch_size=16, epochs=2, verbose=0).history

    both(lambda: compiled(make, loss), use)
    assert taken == [name in SHORT, False]


@pytest.mark.parametrize("metrics", [(), ("accuracy",), ("accuracy", "sparse_categorical_accuracy")])
def test_logs_are_those_of_the_long_way(metrics):
    def use(model):
        three_batches(model)
        assert is_short(model) == (model._find_short_way is not ShortWay)
        as_dict = model.train_on_batch(X, LABELS, return_dict=True)
        assert {type(value) for value in as_dict.values()} == {float}
        seen = []
        watch = pynn.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: seen.append(logs))
        model.fit(X, LABELS, batch_size=16, verbose=0, callbacks=[watch])
        return as_dict, seen, model.train_on_batch(X, LABELS)

    both(lambda: compiled(metrics=metrics), use)


@pytest.mark.parametrize("dense", [{"use_bias": False}, {"activation": None}, {"dtype": "float64"}])
def test_other_layers(dense):
    def make():
        pynn.utils.set_random_seed(1)
        first = layers.Dense(8, **{"activation": "tanh", **dense})
        model = pynn.Sequential([first, layers.Dense(3, dtype=dense.get("dtype"))])
        model.build((None, 20))
        model.compile("adam", pynn.losses.SparseCategoricalCrossentropy(from_logits=True))
        return model

    x = X.reshape(N, 20).astype(dense.get("dtype", "float32"))
    both(make, lambda model: three_batches(model, x))


@pytest.mark.parametrize(
    "activation", ["relu", "tanh", "sigmoid", "relu6", "gelu", "silu", "softmax", "linear"]
)
@pytest.mark.parametrize("frozen", [(), (0,), (1,), (0, 1)])
def test_deep_networks_with_frozen_layers(activation, frozen):
    def make():
        pynn.utils.set_random_seed(1)
        sizes = (6, 7, 8)
        model = pynn.Sequential(
            [pynn.Input((20,)), *(layers.Dense(n, activation) for n in sizes), layers.Dense(3)]
        )
        for index in frozen:
            model.layers[index].trainable = False
        model.layers[2].bias.trainable = False
        model.compile(
            "adam", pynn.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"]
        )
        return model

    def use(model):
        logs = three_batches(model, X.reshape(N, 20))
        assert is_short(model) == (model._find_short_way is not ShortWay)
        return logs

    both(make, use)


def test_a_class_of_ones_own_that_updates_as_its_base_does_takes_the_long_way():
    class Mine(optimizers.SGD):
        pass

    class Double(optimizers.SGD):
        def _update(self, w, g, *rest, **shared):
            return super()._update(w, g * 2, *rest, **shared)

    def use(model):
        logs = three_batches(model)
        assert not is_short(model)
        return logs

    mine, double = both(lambda: compiled(Mine), use), both(lambda: compiled(Double), use)
    assert mine == both(lambda: compiled(optimizers.SGD), three_batches)
    assert mine != double


def test_a_frozen_layer_and_one_that_is_freed_again():
    def use(model):
        logs = []
        for trainable in (True, False, True):
            model.layers[1].trainable = trainable
            model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
            logs.append(three_batches(model))
        return logs

    both(compiled, use)


# ---- Changes in between ---------------------------------------------------------------------------------


def set_weights(model):
    model.set_weights([weight * 2 for weight in model.get_weights()])


def learning_rate(model):
    model.optimizer.learning_rate = 0.5


def a_schedule(model):
    model.optimizer.learning_rate = optimizers.schedules.InverseTimeDecay(0.5, 2, 0.5)


def momentum(model):
    model.optimizer.momentum = 0.5


def clipping(model):
    model.optimizer.clipvalue = 1e-3


def norms(model):
    model.optimizer.clipnorm = 1e-3


def state_of_the_optimizer(model):
    for variable in model.optimizer.variables[2:]:
        variable.assign(variable + 1)


def iterations(model):
    model.optimizer.iterations.assign(100)


def a_regularizer(model):
    model.layers[1].kernel.regularizer = pynn.regularizers.L2(0.1)


def an_added_loss(model):
    model.add_loss(pynn.sum(model.layers[1].kernel))


def an_activation(model):
    model.layers[1].activation = pynn.activations.tanh


def another_optimizer(model):
    model.optimizer = optimizers.RMSprop()


def another_metric(model):
    model.compile(model.optimizer, model.loss, metrics=["sparse_top_k_categorical_accuracy"])


def a_metric_of_its_own(model):
    model.own = pynn.metrics.Mean(name="own")
    model.own.update_state(3.0)


def another_device_and_back(model):
    model.to("cpu")


@pytest.mark.parametrize(
    "change",
    [
        set_weights,
        learning_rate,
        a_schedule,
        momentum,
        clipping,
        norms,
        state_of_the_optimizer,
        iterations,
        a_regularizer,
        an_added_loss,
        an_activation,
        another_optimizer,
        another_metric,
        a_metric_of_its_own,
        another_device_and_back,
    ],
)
def test_what_changes_between_steps_counts_at_once(change):
    def use(model):
        first = three_batches(model)
        change(model)
        return first, three_batches(model)

    both(lambda: compiled(lambda: optimizers.SGD(0.1, momentum=0.9)), use)


def test_weights_of_samples_and_classes_take_the_long_way():
    def use(model):
        three_batches(model)
        weighted = model.train_on_batch(X, LABELS, sample_weight=np.linspace(0, 2, N).astype("float32"))
        return weighted, model.train_on_batch(X, LABELS, class_weight={0: 2.0})

    both(compiled, use)


@pytest.mark.parametrize(
    "part", ["train_step", "compute_metrics", "reset_metrics", "get_metrics_result", "compute_loss", "call"]
)
def test_a_part_of_ones_own_is_called(part):
    calls = []

    class Own(pynn.Sequential):
        pass

    def own(self, *args, **kwargs):
        calls.append(part)
        return getattr(pynn.Sequential, part)(self, *args, **kwargs)

    setattr(Own, part, own)
    model = Own(network().layers)
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    for count in (1, 2, 3):
        model.train_on_batch(X, LABELS)
        assert len(calls) >= count
    model = compiled()
    model.train_on_batch(X, LABELS)
    calls.clear()
    setattr(model, part, own.__get__(model))
    model.train_on_batch(X, LABELS)
    assert calls


def test_an_open_tape_sees_the_step():
    model = compiled()
    three_batches(model)
    with pynn.GradientTape():
        assert model._shortest().whole(X, LABELS, False) is None
    with pynn.no_grad():
        assert model._shortest().whole(X, LABELS, False) is None
    assert model._shortest().whole(X, LABELS, False) is not None


def test_a_model_that_two_threads_train():
    model = compiled()
    three_batches(model)
    whole = model._shortest().whole
    with ThreadPoolExecutor(2) as threads:
        steps = [threads.submit(three_batches, model) for _ in range(10)]
    # One may find that the other has changed weights between its forward and its backward pass, and say so.
    errors = [step.exception() for step in steps]
    assert all(error is None or "changed in place" in str(error) for error in errors)
    assert whole(X, LABELS, False) is not None


def test_a_step_within_a_step_declines():
    within = []

    def rate():
        whole = model._shortest().whole
        within.append(whole and whole(X, LABELS, False))
        return 0.1

    model = compiled(lambda: optimizers.SGD(rate))
    three_batches(model)
    within.clear()
    iterations = int(model.optimizer.iterations)
    assert model._shortest().whole(X, LABELS, False) is not None
    assert within == [None]
    assert int(model.optimizer.iterations) == iterations + 1


# ---- Data -----------------------------------------------------------------------------------------------

DATA = {
    "tensors": (pynn.asarray(X), pynn.asarray(LABELS)),
    "other integers": (X, LABELS.astype("uint8")),
    "turned": (np.asfortranarray(X), LABELS[::-1][::-1]),
    "doubles": (X.astype("float64"), LABELS),
    "bytes": ((X * 10).astype("uint8"), LABELS),
    "columns": (X, LABELS[:, None]),
    "floats": (X, LABELS.astype("float32")),
    "lists": (X.tolist(), LABELS.tolist()),
    "read-only": (np.broadcast_to(X[:1], X.shape), LABELS),
}


@pytest.mark.parametrize("kind", DATA)
def test_data_of_other_kinds(kind):
    x, y = DATA[kind]
    both(compiled, lambda model: [model.train_on_batch(x, y) for _ in range(3)])


WRONG = {
    "a label too large": (X, LABELS + 1),
    "a label too small": (X, LABELS - 1),
    "one-hot": (X, HOT),
    "too few": (X, LABELS[:10]),
    "none": (X[:0], LABELS[:0]),
    "another shape": (X[:, :3], LABELS),
    "another rank": (X[..., None, None], LABELS),
    "no labels": (X, None),
    "text": (X, np.array(["a"] * N)),
    "NaN": (X, np.full(N, np.nan)),
}


@pytest.mark.parametrize("kind", WRONG)
def test_wrong_data_change_nothing_and_say_what_they_did(kind):
    x, y = WRONG[kind]

    def use(model):
        three_batches(model)
        kept = len(model.weights) + len(
            model.optimizer.variables
        )  # metrics may begin anew before a fault is found
        before = state(model)[:kept]
        with pytest.raises((ValueError, TypeError)) as caught:
            model.train_on_batch(x, y)
        assert state(model)[:kept] == before
        return type(caught.value).__name__, str(caught.value)

    both(compiled, use)


def test_targets_with_nan_are_refused_where_they_are_checked_and_learnt_where_not():
    targets = HOT.copy()
    targets[3, 1] = np.nan

    def use(model):
        three_batches(model, y=HOT)
        with pytest.raises(ValueError, match=r"y contains NaN, first at index \(3, 1\)"):
            model.train_on_batch(X, targets)
        with pytest.warns(RuntimeWarning, match="the loss is NaN since batch 1"):
            history = model.fit(iter([(X, targets)]), verbose=0).history
        return repr(history)

    both(lambda: compiled(loss="categorical_crossentropy"), use)


def test_a_label_out_of_range_in_a_batch_that_was_not_checked():
    def use(model):
        three_batches(model)
        before = state(model)[: len(model.weights)]
        with pytest.raises(ValueError, match="3") as caught:
            model.fit(iter([(X, LABELS + 1)]), verbose=0)
        assert state(model)[: len(model.weights)] == before
        return str(caught.value)

    both(compiled, use)


def test_a_loss_of_nan():
    x = X.copy()
    x[5] = np.nan

    def use(model):
        three_batches(model)
        with pytest.warns(RuntimeWarning, match="the loss is NaN since batch 1 of epoch 1"):
            history = model.fit(x, LABELS, batch_size=N, verbose=0).history
        return repr(history)

    both(compiled, use)


def test_a_schedule_that_raises_leaves_weights_and_metrics():
    class Broken(optimizers.schedules.LearningRateSchedule):
        broken = False

        def __call__(self, step):
            if self.broken:
                raise RuntimeError("no rate")
            return 0.1

    def use(model):
        three_batches(model)
        model.optimizer._learning_rate.broken = True
        with pytest.raises(RuntimeError, match="no rate"):
            model.fit(X, LABELS, verbose=0)
        after = state(model)
        model.optimizer._learning_rate.broken = False
        return after, three_batches(model)

    both(lambda: compiled(lambda: optimizers.SGD(Broken())), use)


# ---- The calls of C++ -----------------------------------------------------------------------------------


def test_a_kernel_that_is_used_twice_has_the_sum_of_its_gradients():
    kernel = pynn.Variable(RNG.normal(size=(3, 3)).astype("float32"))
    chain = _core.Chain([(kernel, None, "tanh"), (kernel, None, "softmax")], [kernel], True, False)
    x, y = RNG.normal(size=(5, 3)).astype("float32"), np.array([0, 1, 2, 0, 1])
    place, total, count = pynn.zeros((3, 3)), pynn.zeros(()), pynn.zeros(())
    steps = pynn.Variable(6, dtype="int64", trainable=False)
    update = _core.sgd(kernel, place, None, learning_rate=None)
    step = _core.ChainStep(chain, [place], [update], steps, [("loss", total, count)], [3])
    _, loss, (gradient,) = chain(pynn.asarray(x), pynn.asarray(y))
    before = kernel.numpy()
    assert step(x, y, False, pynn.asarray(0.5)) == {"loss": float(loss)}
    np.testing.assert_array_equal(place.numpy(), gradient.numpy())
    assert (int(steps), float(count)) == (7, 5)
    np.testing.assert_array_equal(kernel.numpy(), before - np.float32(0.5) * gradient.numpy())


def test_a_source_that_is_named_twice_is_written_twice():
    kernel = pynn.Variable(RNG.normal(size=(3, 3)).astype("float32"))
    chain = _core.Chain([(kernel, None, "softmax")], [kernel, kernel], True, False)
    places, mean = [pynn.zeros((3, 3)), pynn.zeros((3, 3))], ("loss", pynn.zeros(()), pynn.zeros(()))
    step = _core.ChainStep(chain, places, [], pynn.Variable(0, dtype="int64", trainable=False), [mean], None)
    x, y = RNG.normal(size=(5, 3)).astype("float32"), np.array([0, 1, 2, 0, 1])
    _, _, gradients = chain(pynn.asarray(x), pynn.asarray(y))
    assert step(x, y, False, lambda: 0.1) is not None
    for place, gradient in zip(places, gradients, strict=True):
        np.testing.assert_array_equal(place.numpy(), gradient.numpy())


@pytest.mark.parametrize("sample", [[4], [-1, 3], []])
def test_a_step_declines_samples_of_another_shape(sample):
    kernel = pynn.Variable(np.ones((3, 3), "float32"))
    chain = _core.Chain([(kernel, None, "softmax")], [kernel], True, False)
    steps, mean = pynn.Variable(0, dtype="int64", trainable=False), ("loss", pynn.zeros(()), pynn.zeros(()))
    x, y = np.ones((5, 3), "float32"), np.zeros(5, "int64")
    for given, taken in ((sample, False), ([-1], True)):
        step = _core.ChainStep(chain, [pynn.zeros((3, 3))], [], steps, [mean], given)
        assert (step(x, y, False, lambda: 0.1) is not None) == taken


def test_a_source_that_the_loss_does_not_depend_on_is_the_long_ways_business():
    kernel, other = (pynn.Variable(np.ones((3, 3), "float32")) for _ in range(2))
    chain = _core.Chain([(kernel, None, "softmax")], [kernel, other], True, False)
    steps, mean = pynn.Variable(0, dtype="int64", trainable=False), ("loss", pynn.zeros(()), pynn.zeros(()))
    step = _core.ChainStep(chain, [pynn.zeros((3, 3)), pynn.zeros((3, 3))], [], steps, [mean], None)
    assert step(np.ones((5, 3), "float32"), np.zeros(5, "int64"), False, lambda: 0.1) is None


def test_an_update_does_what_the_step_does():
    g = pynn.asarray(RNG.normal(size=7).astype("float32"))
    results = []
    for later in (False, True):
        w, m, v = pynn.ones(7), pynn.zeros(7), pynn.zeros(7)
        options = {"beta_1": 0.9, "beta_2": 0.99, "epsilon": 1e-7, "weight_decay": 0.1}
        if later:
            update = _core.adam(w, g, m, v, None, learning_rate=None, step=1, **options)
        for step in (1, 2):
            if later:
                update(0.1 * step, step)
            else:
                assert _core.adam(w, g, m, v, None, learning_rate=0.1 * step, step=step, **options) is None
        results.append([each.numpy().tobytes() for each in (w, m, v)])
    assert results[0] == results[1]


def test_class_matches():
    scores = pynn.asarray([[0.1, 0.9], [0.6, 0.4], [0.5, 0.5]])
    assert _core.class_matches(pynn.asarray([1, 1, 0]), scores).tolist() == [True, False, True]
    assert _core.class_matches(pynn.asarray([[0.0, 1], [0, 1], [1, 0]]), scores).tolist() == [
        True,
        False,
        True,
    ]


# ---- What else there may be to a step --------------------------------------------------------------------


def test_a_constraint_holds():
    def use(model):
        three_batches(model)
        assert not is_short(model)
        assert np.linalg.norm(model.get_layer("first").kernel.numpy(), axis=0).max() <= 0.1 + 1e-6

    both(lambda: compiled(kernel_constraint=pynn.constraints.MaxNorm(0.1)), use)


def test_a_mask_and_an_added_loss_take_the_long_way():
    model = compiled()
    three_batches(model)
    whole, x = model._shortest().whole, layers.Masking()(pynn.asarray(X))
    assert whole(x, LABELS, False) is None
    assert whole(X, LABELS, False) is not None
    model.get_layer("first").add_loss(pynn.asarray(1.0))
    assert whole(X, LABELS, False) is None


class Records(pynn.Sequential):
    """Keeps the batches of its steps."""

    def train_step(self, data):
        vars(self)["seen"].append(data)
        return super().train_step(data)

    def predict_step(self, data):
        vars(self)["seen"].append(data)
        return super().predict_step(data)


@pytest.mark.parametrize("batch", [1, 16, N])
def test_every_sample_is_in_one_batch(batch):
    model = Records([pynn.Input((4, 5)), layers.Flatten(), layers.Dense(3, "softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    vars(model)["seen"] = seen = []
    model.fit(X, LABELS, batch_size=batch, shuffle=True, verbose=0)
    xs, ys = (np.concatenate([part.numpy() for part in parts]) for parts in zip(*seen, strict=True))
    order = [int(np.flatnonzero((x == X).all(axis=(1, 2)))[0]) for x in xs]
    assert sorted(order) == list(range(N))
    np.testing.assert_array_equal(ys, LABELS[order])
    seen.clear()
    model.predict(X, batch_size=batch, verbose=0)
    sizes = [len(each if isinstance(each, pynn.Tensor) else each[0]) for each in seen]
    assert sizes == [batch] * (N // batch) + ([N % batch] if N % batch else [])
