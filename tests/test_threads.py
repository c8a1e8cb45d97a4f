"""Threads: results do not depend on their number, a forked child does not hang, callers do not disturb."""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import pynn

LONG = 300_007  # about ten blocks of work


@pytest.fixture(autouse=True)
def _restored_threads():
    before = pynn.get_num_threads()
    yield
    pynn.set_num_threads(before)


def numbers(*shape, dtype="float32"):
    return pynn.asarray(np.random.default_rng(7).standard_normal(shape).astype(dtype))


def softmax_gradient():
    x = pynn.tensor(numbers(900, 130), requires_grad=True)
    (pynn.softmax(x) * numbers(900, 130)).sum().backward()
    return x.grad


def column_gradient():
    kernel = pynn.tensor(numbers(60, 50), requires_grad=True)
    bias = pynn.tensor(numbers(50), requires_grad=True)
    pynn.linear(numbers(3000, 60), kernel, bias, activation="tanh").sum().backward()
    return pynn.concat([kernel.grad, bias.grad[None]])


WORK = {
    "unary": lambda: pynn.tanh(numbers(LONG)),
    "binary": lambda: pynn.multiply(numbers(LONG), numbers(LONG)[::-1]),
    "broadcast": lambda: numbers(700, 1) + numbers(600),
    "transposed": lambda: pynn.exp(numbers(700, 600).T),
    "cast": lambda: numbers(LONG).astype("float64"),
    "sum": lambda: numbers(LONG).sum(),
    "sum_of_float64": lambda: numbers(LONG, dtype="float64").sum(),
    "sum_of_rows": lambda: numbers(700, 600).sum(axis=1),
    "sum_of_columns": lambda: numbers(70_000, 9).sum(axis=0),
    "mean": lambda: numbers(5, 70_000).mean(axis=1),
    "var": lambda: numbers(LONG).var(),
    "argmax": lambda: numbers(LONG).argmax(),
    "norm": lambda: pynn.norm(numbers(LONG)),
    "logsumexp": lambda: pynn.logsumexp(numbers(LONG)),
    "cumulative_sum": lambda: pynn.cumulative_sum(numbers(LONG)),
    "softmax": lambda: pynn.softmax(numbers(900, 130)),
    "long_softmax": lambda: pynn.softmax(numbers(LONG)),
    "softmax_gradient": softmax_gradient,
    "matmul": lambda: pynn.matmul(numbers(250, 310), numbers(310, 270)),
    "deep_matmul": lambda: pynn.matmul(numbers(7, 40_000), numbers(40_000, 21)),
    "matrix_by_vector": lambda: pynn.matmul(numbers(900, 700), numbers(700)),
    "batched_matmul": lambda: pynn.matmul(numbers(12, 70, 60), numbers(12, 60, 50)),
    "linear_gradient": column_gradient,
    "sort": lambda: pynn.sort(numbers(30, 4000)),
    "uniform": lambda: pynn.random.Generator(5).uniform((LONG,)),
    "normal": lambda: pynn.random.Generator(5).normal((LONG,)),
    "integers": lambda: pynn.random.Generator(5).integers(0, 1000, (LONG,)),
    "permutation": lambda: pynn.random.Generator(5).permutation(LONG),
    "dropout": lambda: pynn.dropout(numbers(LONG), 0.3, generator=pynn.random.Generator(5)),
}


@pytest.mark.parametrize("work", WORK)
def test_results_do_not_depend_on_the_number_of_threads(work, isa):
    results = []
    for threads in (1, 2, 3):
        pynn.set_num_threads(threads)
        results.append(WORK[work]())  # alive, so that the next run does not find right answers in its memory
    first, *others = (result.numpy().tobytes() for result in results)
    assert all(other == first for other in others)


def test_number_of_threads():
    pynn.set_num_threads(3)
    assert pynn.get_num_threads() == 3
    for wrong in (0, -1):
        with pytest.raises(
            ValueError, match=f"^set_num_threads: the number of threads must be at least 1, got {wrong}$"
        ):
            pynn.set_num_threads(wrong)
    assert pynn.get_num_threads() == 3


# ---- CPUs --------------------------------------------------------------------------------------------------

KEPT = """
import os, time
import numpy as np
import pynn

def workers():
    return {int(t) for t in os.listdir("/proc/self/task")} - {os.getpid()} - others

def masks():
    return [sorted(os.sched_getaffinity(t)) for t in workers()]

def computed():
    time.sleep(0.05)  # longer than a worker waits before it sleeps
    for _ in range(100):  # until each worker has woken up
        result = pynn.tanh(x)
    time.sleep(0.05)
    return result.numpy().tobytes()

others = {int(t) for t in os.listdir("/proc/self/task")} - {os.getpid()}
x = pynn.asarray(np.linspace(-3, 3, 300_007, dtype="float32"))
all_cpus = os.sched_getaffinity(0)
pynn.set_num_threads(1)
expected = computed()
pynn.set_num_threads(3)
assert computed() == expected
assert len(workers()) == 2, workers()
for cpus in ({max(all_cpus)}, {min(all_cpus)}, all_cpus):
    os.sched_setaffinity(0, cpus)
    assert computed() == expected
    assert all(set(mask) <= cpus for mask in masks()), (cpus, masks())
assert masks() == [sorted(all_cpus)] * 2, masks()  # where a worker wakes up binds it no longer than that
"""


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="no affinity masks here")
def test_workers_stay_on_the_cpus_of_the_process():
    done = subprocess.run([sys.executable, "-c", KEPT], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


# ---- Fork --------------------------------------------------------------------------------------------------


def busy():
    """Something that threads share, and its result."""
    return float(pynn.tanh(numbers(LONG)).sum()) + float(
        pynn.matmul(numbers(250, 310), numbers(310, 270)).sum()
    )


def ended(child, seconds=30):
    """Whether a child process ended by itself; it is killed where it did not."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings(
    "ignore"
)  # other libraries of the process warn of any fork; pynn's must work all the same
def test_a_forked_child_computes_and_exits():
    pynn.set_num_threads(3)
    expected = busy()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            pynn.set_num_threads(2)
            status = 0 if busy() == expected else 2
        finally:
            os._exit(status)
    assert ended(child) == 0
    assert busy() == expected  # and the parent goes on


def _send(connection):
    connection.send(busy())
    connection.close()


@pytest.mark.filterwarnings(
    "ignore"
)  # other libraries of the process warn of any fork; pynn's must work all the same
def test_processes_of_multiprocessing_compute():
    pynn.set_num_threads(3)
    expected = busy()
    context = multiprocessing.get_context("fork")
    pairs = [context.Pipe(duplex=False) for _ in range(2)]
    children = [context.Process(target=_send, args=(send,), daemon=True) for _, send in pairs]
    for child in children:
        child.start()
    try:
        for receive, _ in pairs:
            assert receive.poll(30), "a forked process hangs"
            assert receive.recv() == expected
        for child in children:
            child.join(30)
            assert child.exitcode == 0
    finally:
        for child in children:
            if child.is_alive():
                child.kill()
            child.join()
        for ends in pairs:
            for end in ends:
                end.close()


# ---- Python threads ----------------------------------------------------------------------------------------


def test_calls_from_several_python_threads():
    pynn.set_num_threads(2)
    names = ("unary", "sum", "softmax", "matmul", "linear_gradient", "sort", "normal")
    expected = {name: WORK[name]().numpy().tobytes() for name in names}
    start = threading.Barrier(4)

    def run(first):
        start.wait(30)
        for i in range(2 * len(names)):
            name = names[(first + i) % len(names)]
            assert WORK[name]().numpy().tobytes() == expected[name], name

    with ThreadPoolExecutor(4) as pool:
        for future in [pool.submit(run, i) for i in range(4)]:
            future.result(60)


def test_each_python_thread_has_its_own_tape():
    x = pynn.tensor([2.0], requires_grad=True)
    inside, leave = threading.Event(), threading.Event()

    def without_tape():
        with pynn.no_grad():
            inside.set()
            assert leave.wait(30)
            return (x * x).requires_grad

    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(without_tape)
        assert inside.wait(30)
        assert (x * x).requires_grad
        leave.set()
        assert not other.result(30)
    with ThreadPoolExecutor(4) as pool:  # one graph, walked by several threads
        y = (x * x * x).sum()
        for g in [pool.submit(pynn._core.gradients, y, [x]) for _ in range(8)]:
            assert g.result(30)[0].tolist() == [12.0]
