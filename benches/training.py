"""Training and using a two-layer network: steps, epochs of MNIST, predictions; steps of a convolutional one."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import pynn
from benches.case import Builder, Case, Run
from benches.networks import Network, network
from benches.targets import OfLimit, WhenBusy, Within, at_most

PEERS = ("pynn", "numpy", "torch", "jax", "keras", "sklearn")
WITH_LOGITS = ("pynn", "numpy", "torch", "jax", "keras")
CONVOLUTIONAL_PEERS = ("pynn", "numpy", "torch", "torch channels_last", "jax", "keras")
CONVOLUTIONAL = (64, 32, 64, 128, 10)  # samples, filters, classes
MNIST = (60_000, 784, 512, 10)


def weights(rng: np.random.Generator, inputs: int, hidden: int, classes: int) -> tuple[np.ndarray, ...]:
    """Kernel and bias of both layers."""
    kernels = (rng.standard_normal((n, m)) / n**0.5 for n, m in ((inputs, hidden), (hidden, classes)))
    return tuple(w.astype(np.float32) for kernel in kernels for w in (kernel, np.zeros(kernel.shape[1])))


def sample(rng: np.random.Generator, n: int, *layers: int) -> tuple[np.ndarray, ...]:
    """Random pixels and labels, then the weights."""
    x, y = rng.random((n, layers[0]), dtype=np.float32), rng.integers(0, layers[-1], n)
    return (x, y, *weights(rng, *layers))


def images(rng: np.random.Generator, n: int, *filters: int) -> tuple[np.ndarray, ...]:
    """Random images of 28x28 pixels and labels, then the weights of the convolutional network."""
    *_, third, classes = filters
    x, y = rng.random((n, 28, 28, 1), dtype=np.float32), rng.integers(0, classes, n)
    shapes = [(3, 3, *pair) for pair in itertools.pairwise((1, *filters[:-1]))] + [(9 * third, classes)]
    values: list[np.ndarray] = []
    for shape in shapes:
        kernel = rng.standard_normal(shape) / math.prod(shape[:-1]) ** 0.5
        values += [kernel.astype(np.float32), np.zeros(shape[-1], np.float32)]
    return (x, y, *values)


def digits(rng: np.random.Generator, n: int, *layers: int) -> tuple[np.ndarray, ...]:
    """The first pixels of the first MNIST images, then the weights."""
    (images, labels), _ = pynn.datasets.mnist.load_data()
    x = images[:n].reshape(n, -1)[:, : layers[0]].astype(np.float32) / 255
    return (x, labels[:n].astype(np.int64) % layers[-1], *weights(rng, *layers))


def networks(
    libraries: Sequence[str], optimizer: str, rate: float, use: Callable[[Network, Any, Any], Any]
) -> dict[str, Builder]:
    """Builders of runs that use one network over and over."""

    def build(library: str, x: np.ndarray, y: np.ndarray, *values: np.ndarray) -> Run:
        made = network(library, values, optimizer, rate)
        return functools.partial(use, made, made.own(x), made.own(y))

    return {library: functools.partial(build, library) for library in libraries}


def step_flop(batch: int, inputs: int, hidden: int, classes: int) -> float:
    """Of the products of one step: the first layer needs no gradient of its input."""
    return 2.0 * batch * (2 * inputs * hidden + 3 * hidden * classes)


def forward_flop(n: int, inputs: int, hidden: int, classes: int) -> float:
    return 2.0 * n * (inputs * hidden + hidden * classes)


def convolutional_flop(batch: int, first: int, second: int, third: int, classes: int) -> float:
    """Of one step; windows that the pooling leaves out count, since they are computed."""
    work = (
        26**2 * 9 * first * 2,
        11**2 * 9 * first * second * 3,
        9 * 9 * second * third * 3,
        9 * third * classes * 3,
    )
    return 2.0 * batch * sum(work)


STEP = (128, 784, 512, 10)
SMALL_STEP = (32, 784, 32, 10)
ONE = (1, 784, 512, 10)
ROW_BYTES = 4.0 * (784 * 512 + 512 * 10)  # at batch 1, reading the kernels is what takes the time


STEPS = [
    Case(
        name="step 784-512-10, batch 128, RMSprop",
        group="training",
        dims=STEP,
        inputs=sample,
        builders=networks(PEERS, "rmsprop", 0.001, lambda net, x, y: net.step(x, y)),
        flop=step_flop(*STEP),
        targets=(at_most(0.6, "jax"), at_most(0.45, "torch"), OfLimit(0.6), WhenBusy(3)),
        rtol=1e-3,
        checked=3,
        similar=frozenset({"torch", "sklearn"}),
        quick=True,
    ),
    Case(
        name="step 784-32-10, batch 32, SGD, 1 thread",
        group="training",
        dims=SMALL_STEP,
        inputs=sample,
        builders=networks(PEERS, "sgd", 0.01, lambda net, x, y: net.step(x, y)),
        flop=step_flop(*SMALL_STEP),
        targets=(Within(45e-6),),
        rtol=1e-3,
        checked=3,
        threads=1,
        quick=True,
    ),
    Case(
        name="step of the convolutional network, batch 64, RMSprop",
        group="training",
        dims=CONVOLUTIONAL,
        inputs=images,
        builders=networks(CONVOLUTIONAL_PEERS, "rmsprop", 0.001, lambda net, x, y: net.step(x, y)),
        flop=convolutional_flop(*CONVOLUTIONAL),
        targets=(at_most(0.65, "torch", "torch channels_last", "jax", "keras"),),
        rtol=1e-3,
        checked=3,
        similar=frozenset({"torch", "torch channels_last"}),
        quick=True,
    ),
]

EPOCHS = [
    Case(
        name="epoch of MNIST, 784-512-10, batch 128, RMSprop",
        group="training",
        dims=MNIST,
        inputs=digits,
        builders=networks(PEERS, "rmsprop", 0.001, lambda net, x, y: net.epoch(x, y, 128)),
        flop=step_flop(*MNIST),
        targets=(at_most(0.7, "jax"), at_most(0.4, "torch"), at_most(0.55, "keras")),
        rtol=0.2,  # each library shuffles in its own way
        similar=frozenset({"torch", "sklearn"}),
        quick=True,
    )
]

BATCH_OF_ONE = networks(WITH_LOGITS, "sgd", 0.01, lambda net, x, y: net.predict(x, 1))
PREDICTIONS = [
    Case(
        name="model(x), 784-512-10, batch 1",
        group="prediction",
        dims=ONE,
        inputs=sample,
        builders=networks(WITH_LOGITS, "sgd", 0.01, lambda net, x, y: net.forward(x)),
        bytes=ROW_BYTES,
        targets=(at_most(1.0, "torch"),),
        rtol=1e-3,
        quick=True,
    ),
    Case(
        name="predict, 784-512-10, batch 1",
        group="prediction",
        dims=ONE,
        inputs=sample,
        builders={
            **BATCH_OF_ONE,
            "pynn model(x)": networks(("pynn",), "sgd", 0.01, lambda net, x, y: net.forward(x))["pynn"],
        },
        bytes=ROW_BYTES,
        targets=(at_most(2.0, "pynn model(x)"),),
        rtol=1e-3,
        quick=True,
    ),
    Case(
        name="predict 10000, 784-512-10, batches of 128",
        group="prediction",
        dims=(10_000, *ONE[1:]),
        inputs=sample,
        builders=networks(WITH_LOGITS, "sgd", 0.01, lambda net, x, y: net.predict(x, 128)),
        flop=forward_flop(10_000, *ONE[1:]),
        rtol=1e-3,
        quick=True,
    ),
]

CASES = [*STEPS, *EPOCHS, *PREDICTIONS]
