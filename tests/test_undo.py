"""A training step that ends for want of memory, at any of its allocations, leaves everything as it was, to the bit."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import pynn
from pynn import _core, layers, models, optimizers

if _core._backend() in (None, "fake"):
    from fake_cuda import two_devices
else:
    pytest.skip("another backend is registered", allow_module_level=True)


@pytest.fixture(scope="module", autouse=True)
def fake() -> Iterator[Any]:
    with two_devices() as library:
        yield library


class Shake(layers.Layer):
    """Adds noise from a source of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.source = pynn.random.SeedGenerator(3)

    def call(self, x: pynn.Tensor) -> pynn.Tensor:
        return x + pynn.random.normal(x.shape, seed=self.source) * 0.1


class Norms(models.Sequential):
    """Metrics of its own, over the weights after the step."""

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> dict[str, Any]:
        logs = super().compute_metrics(x, y, y_pred, sample_weight)
        return {**logs, "norm": pynn.sqrt(pynn.sum(self.layers[0].kernel ** 2))}


class Twice(models.Sequential):
    """A step of its own: the usual one, then one of a second optimizer."""

    def train_step(self, data: Any) -> dict[str, Any]:
        logs = super().train_step(data)
        with pynn.GradientTape() as tape:
            loss = pynn.mean(self(data[0], training=True) ** 2)
        self.second.apply(tape.gradient(loss, self.trainable_variables), self.trainable_variables)
        return logs


class Slow(optimizers.SGD):
    """An optimizer of the user's own that needs memory between its changes."""

    def _update(self, w: Any, g: Any, state: Any, step: int, **shared: Any) -> None:
        super()._update(w, g * 0.5, state, step, **shared)


def made(kind: str) -> pynn.Sequential:
    pynn.random.seed(7)
    constraints = {"kernel_constraint": pynn.constraints.MaxNorm(0.5)} if kind == "constraints" else {}
    stack = [
        layers.Dense(6, "relu", input_shape=(5,), **constraints),
        layers.BatchNormalization(),
        layers.Dropout(0.3, seed=1),
        layers.GaussianNoise(0.1),
        Shake(),
        layers.Dense(3, kernel_regularizer="l2"),
    ]
    model = {"norms": Norms, "twice": Twice}.get(kind, models.Sequential)(stack)
    loss = pynn.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(OPTIMIZERS[kind](), loss, metrics=["accuracy"])
    if kind == "twice":
        model.second = optimizers.Adam(0.1)
    return model.to("cuda")


OPTIMIZERS = {
    "average": lambda: optimizers.Adam(clipnorm=0.5, use_ema=True, ema_overwrite_frequency=1),
    "accumulate": lambda: optimizers.SGD(momentum=0.9, gradient_accumulation_steps=2),
    "plain": lambda: optimizers.RMSprop(clipnorm=0.5, weight_decay=0.1),
    "constraints": lambda: optimizers.Adam(),
    "lamb": lambda: optimizers.Lamb(),
    "own": lambda: Slow(0.1, clipnorm=0.5),
    "norms": lambda: optimizers.SGD(0.1),
    "twice": lambda: optimizers.SGD(0.1),
}


def state(model: pynn.Sequential) -> list[Any]:
    """All that a step may change."""
    second = getattr(model, "second", None)
    variables = [*model.weights, *model.optimizer.variables, *([] if second is None else second.variables)]
    variables += [v for metric in model.metrics for v in metric.variables]
    sources = [pynn.random.default_generator, model.layers[2]._generator, model.layers[4].source]
    return [*(v.numpy() for v in variables), *(source.state for source in sources), model.optimizer.built]


def batch(n: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(n)
    return rng.normal(size=(n, 5)).astype("float32"), rng.integers(0, 3, n)


def without_new(after: list[Any], before: list[Any]) -> list[Any]:
    """The state without metrics that were made since."""
    variables, others = after[:-4], after[-4:]
    new = len(after) - len(before)
    assert all(not value.any() for value in variables[-new:])
    return [*variables[:-new], *others]


def a_step_fails_and_then_succeeds(fake: Any, model: Any, apart: int) -> int:
    """Let memory end after more and more allocations, until there are enough; return how many that were."""
    allowed = 0
    while True:
        before = state(model)
        fake.fake_allow(allowed)
        try:
            model.train_on_batch(*batch(9))
        except MemoryError:
            allowed += apart
        else:
            return allowed
        finally:
            fake.fake_allow(-1)
        after = state(model)
        # Metrics that this step was the first to use stay, at 0.
        for a, b in zip(
            before, after if len(after) == len(before) else without_new(after, before), strict=True
        ):
            assert_array_equal(a, b, err_msg=f"after {allowed} allocations")


@pytest.mark.parametrize("before", ["nothing", "other shapes", "the same shape"])
@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_any_allocation_may_fail(fake: Any, kind: str, before: str) -> None:
    model, twin = made(kind), made(kind)
    ends = []
    shapes = {"nothing": [], "other shapes": [4, 5], "the same shape": [9, 5, 9]}[before]
    for each in (twin, model):
        pynn.random.seed(1)
        for n in shapes:
            each.train_on_batch(*batch(n))
        if each is twin:
            twin.train_on_batch(*batch(9))
            ends = state(twin)
    model.reset_metrics()
    assert a_step_fails_and_then_succeeds(fake, model, apart=1 if shapes[:1] == [9] else 3) > 100
    for a, b in zip(ends, state(model), strict=True):
        assert_array_equal(b, a)


def test_a_model_compiled_again_begins_anew(fake: Any) -> None:
    model = made("plain")
    for _ in range(2):
        model.train_on_batch(*batch(9))
    model.compile(OPTIMIZERS["average"](), "sparse_categorical_crossentropy", metrics=["accuracy"])
    assert a_step_fails_and_then_succeeds(fake, model, apart=1) > 100


def test_weights_change_after_metrics_unless_those_look_at_them(fake: Any) -> None:
    model = made("norms")
    for n in range(3):
        logs = model.train_on_batch(*batch(9 + n), return_dict=True)
        assert logs["norm"] == pytest.approx(float(np.linalg.norm(model.layers[0].kernel.numpy())))
