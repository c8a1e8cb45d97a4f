"""The network in JAX, everything compiled: a step as one function, an epoch as one `lax.scan` on the device."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from benches.networks import EPSILON, RHO

Logits = Callable[[list[Array], Array], Array]
State = tuple[list[Array], list[Array]]  # weights, averages of the squared gradients


def logits(weights: list[Array], x: Array) -> Array:
    w1, b1, w2, b2 = weights
    return jax.nn.relu(x @ w1 + b1) @ w2 + b2


def convolutional(weights: list[Array], x: Array) -> Array:
    *layers, last, bias = weights
    for i in range(0, len(layers), 2):
        if i:
            x = lax.reduce_window(x, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
        x = lax.conv_general_dilated(
            x, layers[i], (1, 1), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC")
        )
        x = jax.nn.relu(x + layers[i + 1])
    return x.reshape(len(x), -1) @ last + bias


def loss_of(logits: Logits, weights: list[Array], x: Array, y: Array) -> Array:
    log_p = jax.nn.log_softmax(logits(weights, x))
    return -jnp.take_along_axis(log_p, y[:, None], axis=1).mean()


def rmsprop(state: State, gradients: list[Array], rate: float) -> State:
    weights, averages = state
    averages = [RHO * v + (1 - RHO) * g * g for v, g in zip(averages, gradients, strict=True)]
    steps = [rate * g / jnp.sqrt(v + EPSILON) for v, g in zip(averages, gradients, strict=True)]
    return [w - step for w, step in zip(weights, steps, strict=True)], averages


def sgd(state: State, gradients: list[Array], rate: float) -> State:
    weights, averages = state
    return [w - rate * g for w, g in zip(weights, gradients, strict=True)], averages


class Network:
    logits: Logits = staticmethod(logits)

    def __init__(self, weights: Sequence[np.ndarray], optimizer: str, rate: float) -> None:
        loss_and_gradients = jax.value_and_grad(functools.partial(loss_of, self.logits))
        update = {"rmsprop": rmsprop, "sgd": sgd}[optimizer]

        def step(state: State, x: Array, y: Array) -> tuple[State, Array]:
            loss, gradients = loss_and_gradients(state[0], x, y)
            return update(state, gradients, rate), loss

        def epoch(state: State, x: Array, y: Array, key: Array, batch: int) -> tuple[State, Array]:
            order = jax.random.permutation(key, len(x))
            whole = len(x) // batch * batch
            state, losses = lax.scan(
                lambda state, part: step(state, x[part], y[part]), state, order[:whole].reshape(-1, batch)
            )
            total = losses.sum() * batch
            if rest := len(x) - whole:
                state, loss = step(state, x[order[whole:]], y[order[whole:]])
                total += loss * rest
            return state, total / len(x)

        self.state: State = ([jnp.array(w) for w in weights], [jnp.zeros(w.shape) for w in weights])
        self.key = jax.random.key(0)
        self._step = jax.jit(step, donate_argnums=0)
        self._epoch = jax.jit(epoch, static_argnames="batch", donate_argnums=0)
        self._forward = jax.jit(self.logits)

    def own(self, x: np.ndarray) -> Array:
        return jnp.asarray(x)

    def step(self, x: Array, y: Array) -> Array:
        self.state, loss = self._step(self.state, x, y)
        jax.block_until_ready(self.state)
        return loss

    def epoch(self, x: Array, y: Array, batch: int) -> Array:
        self.key, key = jax.random.split(self.key)
        self.state, loss = self._epoch(self.state, x, y, key, batch=batch)
        jax.block_until_ready(self.state)
        return loss

    def forward(self, x: Array) -> Any:
        return self._forward(self.state[0], x).block_until_ready()

    def predict(self, x: Array, batch: int) -> Array:
        parts = [self._forward(self.state[0], x[i : i + batch]) for i in range(0, len(x), batch)]
        return jnp.concatenate(parts).block_until_ready()


class Convolutional(Network):
    logits = staticmethod(convolutional)
