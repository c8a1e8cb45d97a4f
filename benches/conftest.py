"""Before any library is imported: as many threads for each as the process has CPUs."""

import os

from benches import libraries

THREADS = len(os.sched_getaffinity(0))
os.environ.update(libraries.environment(THREADS, "float32"))
