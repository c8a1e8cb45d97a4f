"""Processes that keep the processors busy."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator

# It ends with its parent, however that ends.
PROGRAM = "import os; parent = os.getppid()\nwhile os.getppid() == parent:\n    for _ in range(100_000): pass"


@contextlib.contextmanager
def spinning(count: int) -> Iterator[None]:
    """Runs `count` processes that do nothing but compute."""
    processes = [subprocess.Popen([sys.executable, "-c", PROGRAM]) for _ in range(count)]
    time.sleep(0.2)  # until they have started
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()
