"""A training step that ends for want of memory, at any of its allocations, leaves everything as it was, to the bit."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import pynn
from pynn import _core, layers, models

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


def made(**options: Any) -> pynn.Sequential:
    pynn.random.seed(7)
    stack = [
        layers.Dense(6, "relu", kernel_constraint=pynn.constraints.MaxNorm(0.5), input_shape=(5,)),
        layers.BatchNormalization(),
        layers.Dropout(0.3, seed=1),
        layers.GaussianNoise(0.1),
        Shake(),
        layers.Dense(3, kernel_regularizer="l2", bias_constraint="non_neg"),
    ]
    model = models.Sequential(stack)
    loss = pynn.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(pynn.optimizers.get(options), loss, metrics=["accuracy"])
    return model.to("cuda")


def state(model: pynn.Sequential) -> list[Any]:
    """All that a step may change."""
    variables = [*model.weights, *model.optimizer.variables]
    variables += [v for metric in model.metrics for v in metric.variables]
    sources = [pynn.random.default_generator, model.layers[2]._generator, model.layers[4].source]
    return [*(v.numpy() for v in variables), *(source.state for source in sources)]


def batch(n: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(n)
    return rng.normal(size=(n, 5)).astype("float32"), rng.integers(0, 3, n)


def without_new(after: list[Any], before: list[Any]) -> list[Any]:
    """The state without metrics that were made since."""
    *variables, default, drop, shake = after
    new = len(after) - len(before)
    assert all(not value.any() for value in variables[-new:])
    return [*variables[:-new], default, drop, shake]


OPTIONS = {
    "adam": {
        "class_name": "Adam",
        "config": {"clipnorm": 0.5, "use_ema": True, "ema_overwrite_frequency": 1},
    },
    "sgd": {"class_name": "SGD", "config": {"momentum": 0.9, "gradient_accumulation_steps": 2}},
}


@pytest.mark.parametrize("steps_before", [0, 1, 2])
@pytest.mark.parametrize("kind", OPTIONS)
def test_any_allocation_may_fail(fake: Any, kind: str, steps_before: int) -> None:
    model, twin = made(**OPTIONS[kind]), made(**OPTIONS[kind])
    ends = []
    for each in (twin, model):
        pynn.random.seed(1)
        for n in range(steps_before):
            each.train_on_batch(*batch(4 + n))
        if each is twin:
            twin.train_on_batch(*batch(9))
            ends.append(state(twin))
    allowed = steps_before  # allocations; the three kinds of start share them, as they all take the same way
    model.reset_metrics()
    while True:
        before = state(model)
        fake.fake_allow(allowed)
        try:
            model.train_on_batch(*batch(9))
        except MemoryError:
            allowed += 3
        else:
            break
        finally:
            fake.fake_allow(-1)
        after = state(model)
        # Metrics that this step was the first to use stay, at 0.
        for a, b in zip(
            before, after if len(after) == len(before) else without_new(after, before), strict=True
        ):
            assert_array_equal(a, b, err_msg=f"after {allowed} allocations")
    assert allowed > 100
    for a, b in zip(ends[0], state(model), strict=True):
        assert_array_equal(b, a)


def test_a_step_of_a_known_shape_that_fails_leaves_the_generators(fake: Any) -> None:
    model = made(**OPTIONS["adam"])
    model.train_on_batch(*batch(9))
    before = state(model)
    fake.fake_allow(12)
    try:
        with pytest.raises(MemoryError):
            model.train_on_batch(*batch(9))
    finally:
        fake.fake_allow(-1)
    assert state(model)[-3:] == before[-3:]
    for weight, value in zip(model.weights, before, strict=False):
        if weight.trainable:
            assert_array_equal(weight.numpy(), value)
