"""What the tape costs: depth without recursion, memory that is freed, threads that share leaves."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
import weakref

import numpy as np
import pytest

import pynn
from pynn._core import gradients


def leaf(value, dtype="float64"):
    return pynn.tensor(np.asarray(value, dtype), requires_grad=True)


DEEP = """
import resource
resource.setrlimit(resource.RLIMIT_STACK, (1 << 19, 1 << 19))
import threading
threading.stack_size(1 << 18)
import pynn
def run():
    x = pynn.tensor(1.0, requires_grad=True)
    y = x
    for _ in range(1_000_000):
        y = y + 1.0
    y.backward()
    assert x.grad.item() == 1.0
    del y
    many = [x * 1.0 for _ in range(2000)]
    total = pynn.stack(many).sum()
    del many
    print("freed")
thread = threading.Thread(target=run)
thread.start()
thread.join()
"""


def test_a_chain_of_a_million_nodes_is_walked_and_freed_on_a_small_stack():
    done = subprocess.run([sys.executable, "-c", DEEP], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout) == (0, "freed\n"), done.stderr


class Kept(np.ndarray):
    """An array that can be watched going away."""


def watched_array(n=4):
    array = np.ones(n).view(Kept)
    return pynn.asarray(array), weakref.ref(array)


def test_a_graph_frees_what_it_kept():
    x = leaf(np.ones(4))
    other, alive = watched_array()
    y = x * other
    del other
    gc.collect()
    assert alive() is not None  # multiply keeps it for the gradient
    (y * y).sum().backward()
    del y
    gc.collect()
    assert alive() is None


def test_an_untracked_input_is_not_kept():
    x = leaf(np.ones(4))
    other, alive = watched_array()
    y = x + other
    del other
    gc.collect()
    assert alive() is None
    assert y.requires_grad


def test_a_thousand_steps_leak_nothing():
    resource = pytest.importorskip("resource")

    def steps(n):
        w = leaf(np.ones((64, 64)), "float32")
        for _ in range(n):
            loss = (pynn.tanh(w @ w) ** 2).mean()
            loss.backward()
            w.grad = None
            pynn.grad(lambda t: pynn.exp(t * t).sum())(w.detach())

    steps(50)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    steps(1000)  # would be 1000 steps of some 100 KiB
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert after - before < 20 * 1024


def test_threads_differentiate_through_shared_leaves():
    w = leaf(np.random.default_rng(0).standard_normal((40, 40)))
    x = pynn.asarray(np.random.default_rng(1).standard_normal((40, 40)))
    shared = pynn.tanh(x @ w)
    expected = gradients((shared * shared).sum(), [w])[0].numpy()
    wrong, barrier = [], threading.Barrier(4)

    def work():
        barrier.wait()
        for _ in range(30):
            with pynn.GradientTape() as tape:
                loss = (shared * shared).sum()
            if not np.array_equal(tape.gradient(loss, w).numpy(), expected):
                wrong.append("gradient")
            with pynn.no_grad():
                if (w * 2.0).requires_grad:
                    wrong.append("recorded")
            (w * 1.0).sum().backward()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert wrong == []
    assert (w.grad.numpy() == 120).all()
