"""What the machine can do: multiply-adds a second, and bytes copied a second at each level of memory.

Both are measured with kernels of pynn's own (csrc/kernels/cpu/peak.cpp) in the threads that its other kernels use:
multiply-adds on registers, and copies of one reused buffer into another (beyond the caches by the C library's memcpy).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benches.case import Case
from benches.measure import timed

MEMORY_BYTES = 40_000_000  # of one buffer: an array of 1e7 float32
SAMPLES = 20
LEVELS = ("L1", "L2", "L3", "memory")


@dataclass
class Limits:
    """Of one number of threads."""

    threads: int
    caches: dict[str, int]  # bytes of L1 and L2 of one core, and of L3
    flops: dict[str, float]  # operations a second, by dtype
    bandwidth: dict[str, float]  # bytes read and written a second, by level

    def seconds(self, flop: float, moved: float, dtype: str) -> float:
        """The least time for so much work: that of the arithmetic or that of the memory, whichever is longer."""
        return max(flop / self.flops[dtype], moved / self.bandwidth[self.level(moved)])

    def level(self, moved: float) -> str:
        """Where data of so many bytes stay while one works on them over and over, each thread on its part."""
        part = moved / self.threads
        if part <= self.caches["L1"]:
            return "L1"
        if part <= self.caches["L2"]:
            return "L2"
        return "L3" if moved <= self.caches["L3"] else "memory"

    def fraction(self, case: Case, seconds: float) -> float | None:
        """How much of what the machine can do a run of so many seconds does; None for a case without a limit."""
        if not case.flop and not case.bytes:
            return None
        return self.seconds(case.flop, case.bytes, case.dtype) / seconds


def measured(threads: int) -> Limits:
    """On so many threads of the level of instructions that runs."""
    import pynn

    before = pynn.get_num_threads()
    pynn.set_num_threads(threads)
    try:
        caches = cache_sizes()
        flops = {dtype: flops_of(dtype) for dtype in ("float32", "float64")}
        bandwidth = {level: bandwidth_of(size) for level, size in buffer_sizes(caches, threads).items()}
    finally:
        pynn.set_num_threads(before)
    return Limits(threads, caches, flops, bandwidth)


def flops_by_isa(threads: int) -> dict[str, dict[str, float]]:
    """Operations a second for each level of instructions, by dtype."""
    import pynn

    before = pynn._core.isa(), pynn.get_num_threads()
    pynn.set_num_threads(threads)
    found = {}
    for isa in pynn._core.isas():
        pynn._core.use_isa(isa)
        found[isa] = {dtype: flops_of(dtype) for dtype in ("float32", "float64")}
    pynn._core.use_isa(before[0])
    pynn.set_num_threads(before[1])
    return found


def flops_of(dtype: str, iterations: int = 50_000) -> float:
    """The best of some samples of about a millisecond each."""
    from pynn import _core

    done = _core._fma(iterations, dtype)
    return done / min(timed(lambda: _core._fma(iterations, dtype), 1) for _ in range(SAMPLES))


def bandwidth_of(size: int) -> float:
    """Bytes read and written a second when `size` bytes are copied over and over; the best of some samples."""
    import pynn

    x, y = (pynn.asarray(np.ones(size // 4, np.float32)) for _ in range(2))
    repeats = max(1, MEMORY_BYTES // size)
    best = min(timed(lambda: pynn._core._copy(x, y, repeats), 1) for _ in range(SAMPLES))
    return 2.0 * size * repeats / best


def buffer_sizes(caches: Mapping[str, int], threads: int) -> dict[str, int]:
    """Bytes to copy so that each thread's two parts of them fill half of its level."""
    return {
        "L1": caches["L1"] // 4 * threads,
        "L2": caches["L2"] // 4 * threads,
        "L3": max(caches["L3"] // 8, 2 * caches["L2"] * threads),
        "memory": max(MEMORY_BYTES, caches["L3"]),
    }


def cache_sizes(folder: Path = Path("/sys/devices/system/cpu/cpu0/cache")) -> dict[str, int]:
    """Of this machine, or usual ones where it does not say."""
    sizes = {"L1": 2**15, "L2": 2**20, "L3": 2**25}
    for cache in folder.glob("index*"):
        level, kind, size = ((cache / name).read_text().strip() for name in ("level", "type", "size"))
        if kind != "Instruction":
            sizes[f"L{level}"] = int(size.rstrip("KM")) * {"K": 2**10, "M": 2**20}[size[-1]]
    return sizes
