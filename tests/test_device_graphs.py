"""Training steps as CUDA graphs: to the bit what they do without, and what cannot be recorded runs without."""

import contextlib
import copy
import queue
import threading

import numpy as np
import pytest
from device_pairs import on_device
from numpy.testing import assert_array_equal
from test_device_errors import said
from test_device_threads import at_once

import pynn
from pynn import _core, layers, optimizers
from pynn.models.undo import generators

if not _core._has_graphs("cuda"):
    pytest.skip(f"devices of {on_device.WANTED} have no graphs", allow_module_level=True)

N, BATCH, EPOCHS = 40, 16, 3
LAUNCHES = 1 + 3 * (EPOCHS - 1)
"""Of three steps an epoch, the last one smaller: the first of each shape is none."""


def dense():
    return [layers.Dense(8, "relu"), layers.Dense(3, "softmax")]


def noisy():
    return [
        layers.Dense(8, "gelu"), layers.BatchNormalization(), layers.Dropout(0.3), layers.GaussianNoise(0.1, seed=3),
        layers.Dropout(0.2, seed=5), layers.Dense(3, "softmax"),
    ]  # fmt: skip


def pictures():
    return [
        layers.Reshape((3, 2, 1)), layers.Conv2D(4, 2, padding="same"), layers.LayerNormalization(),
        layers.MaxPooling2D((2, 1), padding="same"), layers.Flatten(), layers.Dense(3, "softmax"),
    ]  # fmt: skip


def schedule():
    return optimizers.schedules.ExponentialDecay(0.1, 2, 0.7)


CASES = {
    "sgd": (dense, lambda: optimizers.SGD(0.1, momentum=0.9)),
    "adam with a schedule": (dense, lambda: optimizers.Adam(schedule())),
    "random numbers and statistics": (noisy, lambda: optimizers.Adam(0.01, clipvalue=0.1)),
    "convolution": (pictures, lambda: optimizers.RMSprop(0.01)),
    "accumulated": (dense, lambda: optimizers.SGD(0.1, gradient_accumulation_steps=2)),
    "norms clipped": (dense, lambda: optimizers.Adam(0.01, clipnorm=0.1)),
    "norm of all clipped": (dense, lambda: optimizers.SGD(0.1, global_clipnorm=0.1)),
    "trusted by norms": (dense, lambda: optimizers.Lamb(0.01)),
    "averaged": (dense, lambda: optimizers.AdamW(0.01, use_ema=True, ema_overwrite_frequency=4)),
}


def data():
    rng = np.random.default_rng(0)
    return rng.normal(size=(N, 6)).astype("float32"), rng.integers(0, 3, N)


def model_of(parts, optimizer, graphs, kind=pynn.Sequential):
    with pynn.device("cpu"):
        pynn.random.seed(1)
        model = kind([layers.Input((6,)), *parts()])
    compiled(model, optimizer, graphs)
    model.to("cuda")
    pynn.random.seed(2)
    return model


def compiled(model, optimizer, graphs):
    model.compile(optimizer(), "sparse_categorical_crossentropy", metrics=["accuracy"], jit_compile=graphs)


def fit(model, epochs=EPOCHS, **options):
    return model.fit(*data(), batch_size=BATCH, epochs=epochs, shuffle=False, verbose=0, **options).history


def state(model):
    """All that training changes, on the host."""
    variables = [*model.weights, *model.optimizer.variables]
    variables += [v for metric in model.metrics for v in metric.variables]
    return [v.numpy() for v in variables], [source.state for source in generators(model)]


def check_equal(found, expected):
    for a, b in zip(found[0], expected[0], strict=True):
        assert_array_equal(a, b)
    assert found[1:] == expected[1:]


def launches(model):
    return sum(graph.launches for graph in model._captured.graphs.values())


@pytest.mark.parametrize("name", CASES)
def test_steps_are_equal_to_the_bit(name):
    eager, graphs = (model_of(*CASES[name], jit) for jit in (False, True))
    pynn.random.seed(2)
    expected = fit(eager, validation_data=data()), state(eager)
    pynn.random.seed(2)
    found = fit(graphs, validation_data=data()), state(graphs)
    assert found[0] == expected[0]
    check_equal(found[1], expected[1])
    assert graphs._captured.refusal is None
    if name in ("accumulated", "averaged"):  # not every step does the same
        assert launches(graphs) == LAUNCHES
    else:
        assert (launches(graphs), [g.made for g in graphs._captured.graphs.values()]) == (LAUNCHES, [1, 1])


def test_only_true_makes_graphs():
    for choice in ("auto", False):
        assert model_of(*CASES["sgd"], choice)._captured is None
    model = model_of(*CASES["sgd"], True)
    model.compile("sgd", "mse", jit_compile=True, run_eagerly=True)
    assert model._captured is None


def test_it_has_no_effect_on_the_cpu():
    with pynn.device("cpu"):
        pynn.random.seed(1)
        model = pynn.Sequential([layers.Input((6,)), *dense()])
        compiled(model, optimizers.SGD, True)
        fit(model)
    assert not model._captured.graphs


def test_one_batch_at_a_time_with_another_learning_rate():
    def steps(graphs):
        model = model_of(*CASES["sgd"], graphs)
        found = []
        for rate in (0.1, 0.1, 0.01, 0.5):
            model.optimizer.learning_rate = rate
            found.append(model.train_on_batch(*data()))
            found.append(model.evaluate(*data(), verbose=0))
        return model, found

    (eager, expected), (graphs, found) = steps(False), steps(True)
    assert found == expected
    check_equal(state(graphs), state(eager))
    assert launches(graphs) >= 2


def test_another_model_after_it_was_compiled_anew():
    def trained(graphs):
        model = model_of(*CASES["adam with a schedule"], graphs)
        fit(model)
        model.layers[0].trainable = False
        compiled(model, optimizers.SGD, graphs)
        fit(model)
        return model

    graphs = trained(True)
    check_equal(state(graphs), state(trained(False)))
    assert launches(graphs) == LAUNCHES


def test_a_layer_is_frozen_in_between():
    def trained(graphs):
        model = model_of(*CASES["sgd"], graphs)
        fit(model)
        model.layers[0].trainable = False
        fit(model)
        return model

    graphs = trained(True)
    check_equal(state(graphs), state(trained(False)))
    assert [g.made for g in graphs._captured.graphs.values()] == [2, 2]


def test_a_copy_makes_graphs_of_its_own():
    model = model_of(*CASES["sgd"], True)
    fit(model)
    before = launches(model)
    twin = copy.deepcopy(model)
    fit(twin)
    assert (launches(model), launches(twin)) == (before, LAUNCHES)


# What cannot be recorded -------------------------------------------------------------------------------


class Reads(pynn.Sequential):
    """Reads a value in the middle of its step, once its optimizer and its metrics have changed."""

    def train_step(self, data):
        logs = super().train_step(data)
        vars(self).setdefault("seen", []).append(float(logs["loss"]))
        return logs


class ReadsInVain(pynn.Sequential):
    """The same, and goes on where that is refused."""

    def train_step(self, data):
        logs = super().train_step(data)
        with contextlib.suppress(pynn.DeviceError):
            vars(self).setdefault("seen", []).append(float(logs["loss"]))
        return logs


class Copies(pynn.Sequential):
    """Copies an array of more than 1 KiB to the device in its step."""

    def train_step(self, data):
        x, y = data
        factors = np.linspace(0, 1, 600, dtype="float32").reshape(100, 6)
        return super().train_step((x * pynn.asarray(factors, device="cuda")[: len(x)], y))


class Elsewhere(pynn.Sequential):
    """Changes a tensor of another device in its step."""

    def train_step(self, data):
        logs = super().train_step(data)
        counted = vars(self).setdefault("counted", pynn.zeros((2,), device="cuda:1"))
        counted += 1
        return logs


class Waits(pynn.Sequential):
    """Waits for the device in its step."""

    def train_step(self, data):
        logs = super().train_step(data)
        pynn.cuda.synchronize()
        return logs


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        (Reads, "a graph is recorded: no value is there yet"),
        (ReadsInVain, "a graph is recorded: no value is there yet"),
        (Copies, "a graph is recorded: no array can be copied from the host"),
        (Elsewhere, "a graph is of one device"),
        (Waits, "a graph is recorded: no value is there yet"),
    ],
)
def test_a_step_that_cannot_be_recorded_runs_without(kind, why):
    eager, graphs = (model_of(*CASES["random numbers and statistics"], jit, kind) for jit in (False, True))
    pynn.random.seed(2)
    expected = fit(eager), state(eager)
    pynn.random.seed(2)
    found = fit(graphs), state(graphs)
    assert found[0] == expected[0]
    check_equal(found[1], expected[1])
    assert graphs._captured.refusal == why
    assert launches(graphs) == 0
    assert vars(graphs).get("seen") == vars(eager).get("seen")
    if kind is Elsewhere:
        assert vars(graphs)["counted"].tolist() == vars(eager)["counted"].tolist() == [3.0 * EPOCHS] * 2


class Fails(pynn.Sequential):
    """Fails when it is told to, at the end of its step."""

    def train_step(self, data):
        logs = super().train_step(data)
        if vars(self).get("fail"):
            raise RuntimeError("told to")
        return logs


def test_a_step_that_fails_has_done_nothing():
    eager, graphs = (model_of(*CASES["random numbers and statistics"], jit, Fails) for jit in (False, True))
    pynn.random.seed(2)
    fit(eager)
    pynn.random.seed(2)
    fit(graphs)
    before = launches(graphs)
    graphs.train_on_batch(*data())
    graphs.reset_metrics()
    graphs.train_on_batch(*data())
    assert launches(graphs) == before + 1
    old = state(graphs)
    vars(graphs)["fail"] = True
    with pytest.raises(RuntimeError, match="told to"):
        graphs._train_on_device(tuple(pynn.asarray(each, device="cpu") for each in data()))
    check_equal(state(graphs), old)
    vars(graphs)["fail"] = False
    graphs.train_on_batch(*data())
    assert launches(graphs) == before + 2


def test_memory_that_ends_while_a_step_is_recorded():
    code = """
import numpy as np
import pynn
from pynn import layers
x, y = np.ones((40, 5), "float32"), np.ones((40, 1), "float32")
def made(graphs):
    pynn.random.seed(1)
    model = pynn.Sequential([layers.Dense(80, "relu", input_shape=(5,)), layers.Dropout(0.5), layers.Dense(1)])
    model.compile("adam", "mse", jit_compile=graphs)
    model.to("cuda")
    pynn.random.seed(2)
    for _ in range(3):
        model.train_on_batch(x, y)
    return model
def state(model):
    return [v.numpy() for v in (*model.weights, *model.optimizer.variables)], pynn.random.default_generator.state
def same(a, b):
    return all(map(np.array_equal, a[0], b[0])) and a[1] == b[1]
eager = made(False)
eager.train_on_batch(x, y)
expected = state(eager)
model = made(True)
graph, = model._captured.graphs.values()
print(graph.launches)
old = state(model)
hogs = []
try:
    while True:
        hogs.append(pynn.zeros((4000,), dtype="uint8", device="cuda"))
except MemoryError:
    pass
try:
    model.train_on_batch(x, y)
except MemoryError:
    print(same(state(model), old), graph.launches, graph.refusal)
hogs.clear()
model.train_on_batch(x, y)
print(same(state(model), expected), graph.launches, model._captured.refusal)
"""
    assert said(code, PYNN_CUDA_EMULATED_BYTES="600000") == ["2", "True 2 out of memory", "True 3 None"]


# Threads -----------------------------------------------------------------------------------------------


def test_two_models_in_two_threads():
    cases = (CASES["sgd"], CASES["adam with a schedule"])
    expected = []
    for case in cases:
        eager = model_of(*case, False)
        expected.append((fit(eager), state(eager)[0]))
    models = [model_of(*case, True) for case in cases]
    histories = at_once(*(lambda model=model: fit(model) for model in models))
    for model, history, (logs, values) in zip(models, histories, expected, strict=True):
        assert history == logs
        for a, b in zip(state(model)[0], values, strict=True):
            assert_array_equal(a, b)
        assert launches(model) > 0
        assert model._captured.refusal is None


class Gives(pynn.Sequential):
    """Gives the outputs of its last step to another thread while this one is recorded."""

    def train_step(self, data):
        kept = vars(self).setdefault("kept", [])
        while kept:
            vars(self)["queue"].put(kept.pop())
        kept.append(self(data[0]) * 2)
        return super().train_step(data)


def test_what_another_thread_uses_and_frees_meanwhile():
    def trained(graphs):
        model = model_of(*CASES["adam with a schedule"], graphs, Gives)
        given = vars(model)["queue"] = queue.Queue()
        sums = []

        def taker():
            while (outputs := given.get()) is not None:
                sums.append(float(pynn.sum(outputs)))
                pynn.cuda.synchronize()  # while the other one records
                sums.append(float(pynn.sum(outputs * outputs)))

        thread = threading.Thread(target=taker)
        thread.start()
        fit(model)
        given.put(None)
        thread.join()
        return model, sums

    (eager, expected), (graphs, found) = trained(False), trained(True)
    assert found == expected
    assert len(found) == 2 * (3 * EPOCHS - 1)
    check_equal(state(graphs), state(eager))
    assert launches(graphs) == LAUNCHES
    assert graphs._captured.refusal is None


def test_a_graph_by_itself():
    graph = _core._Graph("cuda")
    x = pynn.ones((5,), device="cuda")
    assert graph.begin()
    assert not graph.begin()
    assert not _core._Graph("cuda").begin()
    y = x * 2
    del x
    assert at_once(graph.begin) == [False]
    assert graph.end(True)
    assert (graph.launches, graph.made, graph.refusal) == (1, 1, None)
    assert not graph.end(True)
    assert y.tolist() == [2] * 5
    assert graph.begin()
    z = y + 1
    with pytest.raises(pynn.DeviceError, match="a graph is recorded: no value is there yet"):
        z.tolist()
    assert not graph.end(True)
    assert graph.refusal == "a graph is recorded: no value is there yet"
    assert y.tolist() == [2] * 5


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("by_another_thread", [False, True])
def test_a_block_that_is_freed_while_what_reads_it_is_recorded(shared, by_another_thread):
    graph = _core._Graph("cuda")
    box = [pynn.ones((500,), device="cuda") + 1]
    if shared:
        assert at_once(lambda: float(pynn.sum(box[0]))) == [1000]
    assert graph.begin()
    y = box[0] * 3
    if by_another_thread:
        at_once(box.clear)
    else:
        box.clear()
    z = y + pynn.ones((500,), device="cuda")  # of memory that is free now
    assert graph.end(True)
    assert (y.tolist(), z.tolist()) == ([6] * 500, [7] * 500)
