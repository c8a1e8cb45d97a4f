"""Sends tensors to another process and back: `python between_processes.py fork` (or spawn).

A process of its own, so that no thread of another library is there when it forks.
"""

import multiprocessing
import sys
from typing import Any

import pynn

PATIENCE = 100  # seconds


def serve(questions: Any, answers: Any) -> None:
    """Doubles what comes until None does."""
    while (x := questions.get(timeout=PATIENCE)) is not None:
        answers.put(pynn.concat([x, x]))


def main(method: str) -> None:
    context = multiprocessing.get_context(method)
    questions, answers = context.Queue(), context.Queue()
    process = context.Process(target=serve, args=(questions, answers), daemon=True)
    process.start()
    for x in (
        pynn.arange(6.0).reshape(2, 3).T,
        pynn.ones(100_000, dtype="float64"),
        pynn.asarray([1, 2], dtype="bfloat16"),
        pynn.Variable([1.0, 2.0]),
    ):
        questions.put(x)
        y = answers.get(timeout=PATIENCE)
        assert (y.dtype, y.tolist()) == (x.dtype, x.tolist() * 2)
    questions.put(None)
    process.join(PATIENCE)
    assert process.exitcode == 0
    print("all came back")


if __name__ == "__main__":
    # Threads of pynn's own pool are there, which is what a fork must cope with.
    pynn.ones((400, 400)) @ pynn.ones((400, 400))
    main(sys.argv[1])
