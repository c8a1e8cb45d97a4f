"""What ptxas says of each kernel, held to limits: registers, stack, spills and shared memory.

python tests/cuda_on_cpu/resources.py <output of a build with -Xptxas=-v> ...    prints the table of families
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

# Registers of a thread at most. A multiprocessor has 65536: with 256 threads in a block, 40 let six blocks run on it,
# 48 five, 64 four, 128 two and 255 one. Products want registers more than blocks: each sum that a thread holds saves
# loads.
LIMITS = {
    "map_kernel": 48,
    "reduce_groups": 64,
    "reduce_threads": 64,
    "merge_parts": 48,
    "each_row": 64,
    "step_each": 64,
    "product_tiles": 255,
}
OTHERS = 64
# Kernels with local memory. NVIDIA's sin, cos and tan of float64 reduce large angles (Payne and Hanek) in an array of
# 40 bytes; nothing else may have any.
STACK = re.compile(r"map_kernel<(Forward<(Sin|Cos|Tan)|Derivative<(Sin|Cos)), double>")
STACK_BYTES = 40


@dataclass(frozen=True)
class Kernel:
    """One kernel on one architecture."""

    name: str
    architecture: str
    registers: int
    stack: int
    spilled: int
    shared: int

    @property
    def family(self) -> str:
        """The name without template arguments."""
        return re.split(r"[<(]", self.name, maxsplit=1)[0]


def _readable(names: list[str]) -> list[str]:
    done = subprocess.run(["c++filt"], input="\n".join(names), capture_output=True, text=True, check=True)
    short = [re.sub(r"pynn::cuda::|\(anonymous namespace\)::", "", line) for line in done.stdout.splitlines()]
    return [re.sub(r"^void ", "", line) for line in short]


def _number(pattern: str, text: str) -> int:
    found = re.search(pattern, text)
    return int(found.group(1)) if found else 0


def read(text: str) -> list[Kernel]:
    """The kernels of an output of ptxas -v."""
    parts = re.split(r"Compiling entry function '", text)[1:]
    heads = [re.match(r"(\w+)' for '(\w+)'", part) for part in parts]
    found = [(head, part) for head, part in zip(heads, parts, strict=True) if head]
    names = _readable([head.group(1) for head, _ in found])
    return [
        Kernel(
            name,
            head.group(2),
            _number(r"Used (\d+) registers", part),
            _number(r"(\d+) bytes stack frame", part),
            _number(r"(\d+) bytes spill stores", part) + _number(r"(\d+) bytes spill loads", part),
            _number(r"(\d+) bytes smem", part),
        )
        for name, (head, part) in zip(names, found, strict=True)
    ]


def faults(kernels: Iterable[Kernel]) -> list[str]:
    """What is beyond the limits, a line each."""
    found = []
    for k in kernels:
        limit = LIMITS.get(k.family, OTHERS)
        stack = STACK_BYTES if STACK.match(k.name) else 0
        if k.registers > limit or k.registers == 0:
            found.append(f"{k.name} on {k.architecture}: {k.registers} registers, not 1 to {limit}")
        if k.stack > stack:
            found.append(f"{k.name} on {k.architecture}: {k.stack} bytes of stack, not {stack}")
        if k.spilled:
            found.append(f"{k.name} on {k.architecture}: {k.spilled} bytes spilled")
    return found


def table(kernels: Iterable[Kernel]) -> str:
    """Families of kernels with the most that one of them takes."""
    families: dict[tuple[str, str], list[Kernel]] = {}
    for k in kernels:
        families.setdefault((k.family, k.architecture), []).append(k)
    lines = [
        f"{'family':<20}{'for':<9}{'kernels':>7}{'registers':>11}{'stack':>7}{'spilled':>9}{'shared':>8}"
    ]
    for (family, architecture), members in sorted(families.items()):
        most = [
            max(getattr(k, field) for k in members) for field in ("registers", "stack", "spilled", "shared")
        ]
        lines.append(
            f"{family:<20}{architecture:<9}{len(members):>7}{most[0]:>11}{most[1]:>7}{most[2]:>9}{most[3]:>8}"
        )
    return "\n".join(lines)


def accesses(ptx: str) -> dict[str, list[str]]:
    """The reads and writes of device memory in each kernel of a PTX file, such as "ld.global.v4.u32"."""
    parts = re.split(r"\.entry\s+", ptx)[1:]
    names = _readable([re.split(r"\W", part, maxsplit=1)[0] for part in parts])
    return {
        name: re.findall(r"\b(?:ld|st)\.global[\w.]*", part) for name, part in zip(names, parts, strict=True)
    }


def main() -> int:
    kernels = read("\n".join(Path(file).read_text() for file in sys.argv[1:]))
    print(table(kernels))
    beyond = faults(kernels)
    print(*beyond, sep="\n")
    return 1 if beyond else 0


if __name__ == "__main__":
    sys.exit(main())
