"""Threads that share a device, each with a stream of its own: what one makes, another one waits for."""

import queue
import threading

import numpy as np
import pytest
from device_pairs import same
from numpy.testing import assert_allclose

import pynn
from pynn import layers


def at_once(*calls):
    """What the calls return, each in a thread of its own."""
    found, faults = [None] * len(calls), []

    def run(i):
        try:
            found[i] = calls[i]()
        except BaseException as error:  # raised again in the test
            faults.append(error)

    threads = [threading.Thread(target=run, args=(i,)) for i in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for fault in faults:
        raise fault
    return found


def chain(seed, place):
    x = pynn.random.Generator(seed).normal((40, 40), device=place)
    for _ in range(6):
        x = pynn.tanh(x @ x / 8 + pynn.sum(x, axis=0))
    return x


def test_two_streams_at_once():
    there = at_once(*(lambda seed=seed: chain(seed, "cuda") for seed in (1, 2)))
    same([chain(seed, "cpu") for seed in (1, 2)], there, 1e-4, 1e-5)


def test_tensors_go_from_stream_to_stream():
    there, back = queue.Queue(), queue.Queue()

    def maker():
        x = pynn.ones((500,), device="cuda")
        for i in range(12):
            x = x * 2 if i % 2 else x + 1
            there.put(x)
            x = back.get() / 2  # made by the other thread, and freed there

    def taker():
        sums = []
        for _ in range(12):
            y = there.get()
            sums.append(pynn.sum(y))
            y = y * 2
            back.put(y)
        return sums

    sums = at_once(maker, taker)[1]
    x, expected = 1.0, []
    for i in range(12):
        x = x * 2 if i % 2 else x + 1
        expected.append(500 * x)
    assert_allclose([float(s) for s in sums], expected)


def test_a_tensor_changed_in_place_is_seen_by_the_next_thread():
    x = pynn.zeros((3, 300), device="cuda")
    for i in range(3):

        def change(i=i):
            x[i] = pynn.arange(300, dtype="float32", device="cuda") + i

        at_once(change)
    assert_allclose(x.to("cpu").numpy(), np.arange(300) + np.arange(3)[:, None])


def test_two_models_train_at_once():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(48, 5)).astype("float32"), rng.integers(0, 3, 48)

    def model(place):
        with pynn.device("cpu"):
            pynn.random.seed(1)
            made = pynn.Sequential([layers.Dense(8, "relu", input_shape=(5,)), layers.Dense(3)])
        made.compile("adam", pynn.losses.SparseCategoricalCrossentropy(from_logits=True))
        return made.to(place)

    made = [model("cuda"), model("cuda"), model("cpu")]
    fits = [lambda m=m: m.fit(x, y, batch_size=16, shuffle=False, verbose=0) for m in made[:2]]
    at_once(*fits)
    made[2].fit(x, y, batch_size=16, shuffle=False, verbose=0)
    for m in made[:2]:
        for a, b in zip(made[2].get_weights(), m.get_weights(), strict=True):
            assert_allclose(b, a, rtol=1e-4, atol=1e-6)


def test_an_error_stays_with_its_thread():
    x = pynn.ones((4,), device="cuda")

    def refused():
        with pytest.raises(pynn.ShapeError):
            _ = x + pynn.ones((5,), device="cuda")
        return True

    assert at_once(refused, lambda: float(pynn.sum(x)))[1] == 4
