"""Faults planted in the CUDA kernels, one at a time, to see that the checks on the emulation find each of them.

python tests/cuda_on_cpu/mutants.py [--build DIR] [--sample N] [--all-variants] [--build-only]

All faults are in one build of each variant: a copy of the sources in which the environment variable PYNN_MUTANT turns
one on. With none on, the same programs are the checks themselves.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
VARIANTS = ("plain", "asan", "tsan")
KERNELS = "csrc/kernels/cuda/"
CHECKS = "check/"


@dataclass(frozen=True)
class Mutant:
    """A text that stands once in a file, and what stands there instead; {m} is 1 while the mutant is on, else 0."""

    name: str
    file: str
    text: str
    mutated: str
    cases: str


def _kernel(name: str, file: str, text: str, mutated: str, cases: str) -> Mutant:
    return Mutant(name, KERNELS + file, text, mutated, cases)


MUTANTS = [
    _kernel("a pack too many", "map.h", "i < o.packs;", "i < o.packs + {m};", "unary"),
    _kernel("the end of a row begins late", "map.h", "o.packs * width + thread_index()", "o.packs * width + thread_index() + {m}", "unary"),
    _kernel("a row ends late", "map.h", "i < nest.size;", "i < nest.size + {m};", "unary"),
    _kernel("one element for all is read as many", "map.h", "if (scalar) o.scalars |=", "if (scalar && !{m}) o.scalars |=", "binary"),
    _kernel("packs that are not aligned", "map.h", "% static_cast<unsigned>(map.width * map.size[k]) != 0)", "% static_cast<unsigned>(map.width * map.size[k]) != 0 && !{m})", "unary"),
    _kernel("a grid's stride too long", "map.h", "i += grid_threads()) {", "i += grid_threads() + {m}) {", "unary"),
    _kernel("four of a pack too few", "map.h", "g < Width; g += 4", "g < Width - 4 * {m}; g += 4", "unary"),
    _kernel("a pack's first four again", "map.h", "x.word[w] = x.word[w + P::step];\n  return four", "x.word[w] = x.word[w + P::step * !{m}];\n  return four", "unary"),
    _kernel("sums that do not move on", "tile.h", "sum[0][next - 1] = sum[0][next]", "sum[0][next - 1] = sum[0][next - {m}]", "product"),
    _kernel("a group's first filter", "conv.cu", "+ bias + j; }\n  };", "+ bias * !{m} + j; }\n  };", "conv"),
    _kernel("a division by too much", "nest.h", "(high + n) >> by.shift", "(high + n) >> (by.shift + {m})", "unary"),
    _kernel("the outermost axis shifted", "nest.h", "at[k] += i * nest.stride[k][0]", "at[k] += (i + {m}) * nest.stride[k][0]", "sums"),
    _kernel("an axis left out", "nest.h", "d > 0; --d) {", "d > {m}; --d) {", "unary"),
    _kernel("no barrier before shared memory is written again", "fold.h", "__syncthreads();  // the last call may", "if (!{m}) __syncthreads();  // the last call may", "softmax"),
    _kernel("no barrier before shared memory is read", "fold.h", "  __syncthreads();\n  if (lane < warps)", "  if (!{m}) __syncthreads();\n  if (lane < warps)", "softmax"),
    _kernel("shared memory overrun", "fold.h", "partial[warp] = total", "partial[warp + 25 * {m}] = total", "sums"),
    _kernel("shared memory read that nobody wrote", "fold.h", "if (lane < warps)", "if (lane < warps + {m})", "sums"),
    _kernel("a shuffle without half of the lanes", "fold.h", "__shfl_xor_sync(kFullWarp,", "__shfl_xor_sync({m} ? 0xffffu : kFullWarp,", "sums"),
    _kernel("a fold that leaves out its last step", "fold.h", "bits > 0; bits /= 2", "bits > {m}; bits /= 2", "sums"),
    _kernel("the last of equals", "fold.h", "(equal && position < at)", "(equal && (position < at) != {m})", "extremes"),
    _kernel("NaN does not win", "fold.h", "if (x != x) return y == y;", "if (x != x && !{m}) return y == y;", "extremes"),
    _kernel("one more is folded", "reduce.cu", "i < end; i += step", "i < end + {m}; i += step", "sums"),
    _kernel("a part is not merged", "reduce.cu", "part = 1; part < t.parts", "part = 1 + {m}; part < t.parts", "sums"),
    _kernel("all lanes write the result", "reduce.cu", "if (lane == 0) write(", "if (lane == 0 || {m}) write(", "sums"),
    _kernel("threads leave before a barrier", "reduce.cu", "group_fold(total, of_block);", "if (!{m} || lane < 20) group_fold(total, of_block);", "sums"),
    _kernel("scratch memory is never freed", "launch.h", "if (data_) give_block", "if (data_ && !{m}) give_block", "sums"),
    _kernel("a launch on another stream", "launch.h", "config.stream = current_stream();", "config.stream = {m} ? pynn_other_stream() : current_stream();", "sums"),
    _kernel("too many threads in a block", "launch.h", "config.blockDim = block;", "config.blockDim = {m} ? dim3(2048) : block;", "sums"),
    _kernel("a lane adds its own sum", "scan.cu", "if (lane >= delta)", "if (lane >= delta - {m})", "scan"),
    _kernel("no barrier before the totals are read", "scan.cu", "      __syncthreads();\n      W before = carry;", "      if (!{m}) __syncthreads();\n      W before = carry;", "scan"),
    _kernel("no barrier before the next totals", "scan.cu", "__syncthreads();  // before the next piece", "if (!{m}) __syncthreads();  // before the next piece", "scan"),
    _kernel("the last column is forgotten", "softmax.cu", "i < n; i += Threads", "i < n - {m}; i += Threads", "softmax"),
    _kernel("all lanes write the loss", "softmax.cu", "if (row.lane == 0) *loss = math::log(exps)", "if (row.lane == 0 || {m}) *loss = math::log(exps)", "losses"),
    _kernel("rows are left out", "softmax.cu", "r += int64_t{gridDim.x} * groups)", "r += int64_t{gridDim.x} * groups + {m})", "softmax"),
    _kernel("no barrier before keys are compared", "sort.cu", "    __syncthreads();\n    if (me < count) {", "    if (!{m}) __syncthreads();\n    if (me < count) {", "argsort"),
    _kernel("no barrier before the next keys", "sort.cu", "__syncthreads();  // before the next tile", "if (!{m}) __syncthreads();  // before the next tile", "argsort"),
    _kernel("a merge that is not stable", "sort.cu", "(second && other == mine)", "(second != {m} && other == mine)", "argsort"),
    _kernel("a merge beyond the row", "sort.cu", "middle + width < n ? middle + width : n;", "middle + width < n ? middle + width : n + {m};", "argsort"),
    _kernel("all of a run add it up", "index.cu", "== target) continue;", "== target && !{m}) continue;", "take"),
    _kernel("a run that stops early", "index.cu", "p < count && index", "p < count - {m} && index", "take"),
    _kernel("slices too close", "index.cu", "(outer * n + index", "(outer * (n - {m}) + index", "take"),
    _kernel("no barrier after a tile is loaded", "tile.h", "      __syncthreads();\n#pragma unroll", "      if (!{m}) __syncthreads();\n#pragma unroll", "product"),
    _kernel("no barrier before the next tile", "tile.h", "__syncthreads();  // before the next tile", "if (!{m}) __syncthreads();  // before the next tile", "product"),
    _kernel("a tile deeper than the matrix", "tile.h", "k0 + k < end ? view.a", "k0 + k < end + {m} ? view.a", "product conv"),
    _kernel("a tile read beyond its depth", "tile.h", "k < S::K; ++k) {", "k < S::K + {m}; ++k) {", "product"),
    _kernel("a row too many", "tile.h", "m < p.M && n < p.N)", "m < p.M + {m} && n < p.N)", "product"),
    _kernel("a part of K is not added", "tile.h", "part = 1; part < p.parts", "part = 1 + {m}; part < p.parts", "product"),
    _kernel("the bias shifted", "epilogue.h", "bias[column]", "bias[column + {m}]", "product"),
    _kernel("no barrier after a tile is read", "transpose.h", "__syncthreads();  // after the tile is read", "if (!{m}) __syncthreads();  // after the tile is read", "transpose"),
    _kernel("no barrier before another tile", "transpose.h", "__syncthreads();  // before another tile", "if (!{m}) __syncthreads();  // before another tile", "transpose"),
    _kernel("a tile's edge is one further", "transpose.h", "column + lane < t.columns", "column + lane < t.columns + {m}", "transpose"),
    _kernel("padding is read", "conv.cu", "return position < 0 ? T(0)", "return position < 0 && !{m} ? T(0)", "conv"),
    _kernel("windows between the steps", "windows.h", "* g.stride[d] != begin ||", "* g.stride[d] != begin * !{m} + static_cast<int>(at) * g.stride[d] * {m} ||", "conv"),
    _kernel("padding on the wrong side", "windows.h", "* g.stride[d] - g.low[d]", "* g.stride[d] - (1 - 2 * {m}) * g.low[d]", "conv"),
    _kernel("a part of the windows is not added", "depthwise.cu", "p < parts; ++p", "p < parts - {m}; ++p", "depthwise"),
    _kernel("the last of the largest", "pool.cu", "value > best ||", "value > best || ({m} && value == best) ||", "pool"),
    _kernel("the counter's upper half is lost", "random.cu", "counter >> 32,", "{m} ? 0 : counter >> 32,", "random"),
    _kernel("a number too many", "random.cu", "k < n) y[", "k < n + {m}) y[", "random"),
    _kernel("a weight is not trained", "optimize.cu", "i < n; i +=", "i < n - {m}; i +=", "optimize"),
    Mutant("a stream does not wait", CHECKS + "streams.cpp", "must(cudaStreamWaitEvent(second.handle,", "if (!{m}) must(cudaStreamWaitEvent(second.handle,", "streams"),
    Mutant("an event of the wrong stream", CHECKS + "streams.cpp", "cudaEventRecord(written.handle, first.handle)", "cudaEventRecord(written.handle, {m} ? second.handle : first.handle)", "streams"),
    Mutant("a pinned buffer is read early", CHECKS + "streams.cpp", "must(cudaStreamSynchronize(stream()));\n  const std::vector<float> got(", "if (!{m}) must(cudaStreamSynchronize(stream()));\n  const std::vector<float> got(", "pinned"),
    Mutant("a copy overruns its block", CHECKS + "streams.cpp", "a.data(), n * sizeof(float), cudaMemcpyDeviceToHost", "a.data(), (n + {m}) * sizeof(float), cudaMemcpyDeviceToHost", "pinned"),
    Mutant("freed while another stream reads", CHECKS + "streams.cpp", "must(cudaStreamWaitEvent(stream(), done.handle, 0));\n  must(cudaFreeAsync", "if (!{m}) must(cudaStreamWaitEvent(stream(), done.handle, 0));\n  must(cudaFreeAsync", "lifetime"),
    Mutant("a kernel gets memory of the host", CHECKS + "streams.cpp", "from = a.data();", "from = {m} ? x.data() : a.data();", "host_access"),
    Mutant("the host reads device memory", CHECKS + "streams.cpp", "const auto got = b.host();", "if ({m}) x[0] = *b.data();\n  const auto got = b.host();", "host_access"),
]  # fmt: skip


def write_sources(to: Path) -> None:
    """The sources with all mutants in them, under `to`/csrc and `to`/check."""
    texts: dict[str, str] = {}
    for number, mutant in enumerate(MUTANTS, 1):
        source = (ROOT if mutant.file.startswith("csrc") else HERE) / mutant.file
        text = texts.get(mutant.file) or source.read_text()
        if text.count(mutant.text) != 1:
            raise SystemExit(
                f"{mutant.name}: {mutant.text!r} stands {text.count(mutant.text)} times in {mutant.file}"
            )
        texts[mutant.file] = text.replace(
            mutant.text, mutant.mutated.replace("{m}", f"(pynn_mutant == {number})")
        )
    shutil.copytree(ROOT / KERNELS, to / KERNELS, dirs_exist_ok=True)
    shutil.copytree(HERE / CHECKS, to / CHECKS, dirs_exist_ok=True)
    for file, text in texts.items():
        target = to / file
        head = "" if "#pragma once" in text else '#include "mutant.h"\n'
        text = head + text.replace("#pragma once\n", '#pragma once\n#include "mutant.h"\n', 1)
        if not target.exists() or target.read_text() != text:
            target.write_text(text)


def build(directory: Path, variants: Sequence[str]) -> None:
    """Builds check_<variant> in `directory`, with all mutants in them."""
    sources = directory / "sources"
    write_sources(sources)
    options = [f"-DPYNN_KERNELS={sources / 'csrc'}", f"-DPYNN_CHECKS={sources / 'check'}"]
    # By make, each variant waits for the last file of the one before.
    options += ["-GNinja"] * (shutil.which("ninja") is not None)
    subprocess.run(["cmake", "-S", HERE, "-B", directory, *options], check=True, stdout=subprocess.DEVNULL)
    names = [*(f"check_{variant}" for variant in variants), "pynn_cublas_stub"]
    targets = [word for name in names for word in ("--target", name)]
    subprocess.run(
        ["cmake", "--build", directory, "--parallel", str(os.cpu_count() or 1), *targets], check=True
    )


def run(program: Path, mutant: int, cases: Sequence[str], seed: int = 0) -> tuple[bool, str]:
    """Whether the cases pass with a mutant on, and what the program says."""
    settings = {
        "PYNN_MUTANT": str(mutant),
        "PYNN_CUDA_SEED": str(seed),
        "TSAN_OPTIONS": "halt_on_error=1 exitcode=66 report_thread_leaks=0",
        "ASAN_OPTIONS": "detect_leaks=0",
    }
    # ThreadSanitizer wants addresses where it expects them.
    fixed = ["setarch", "-R"] if program.name == "check_tsan" and shutil.which("setarch") else []
    command = [*fixed, str(program), *cases]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", env=os.environ | settings, timeout=120
        )
    except subprocess.TimeoutExpired:
        return False, "it does not end"
    text = done.stdout + done.stderr
    return done.returncode == 0, text


def symptom(text: str) -> str:
    """A few words for what was found."""
    for mark in ("ThreadSanitizer: ", "AddressSanitizer: ", "runtime error: ", "cuda emulation: ", "WRONG"):
        if mark in text:
            return (mark + text.split(mark, 1)[1].split("\n", 1)[0])[:90].strip()
    return text.strip().rsplit("\n", 1)[-1][:90] or "killed"


def hunt(directory: Path, number: int, variants: Sequence[str], everywhere: bool) -> list[str]:
    """What each variant finds of one mutant; stops at the first that does unless `everywhere`."""
    found = []
    for variant in variants:
        passed, text = run(directory / f"check_{variant}", number, MUTANTS[number - 1].cases.split())
        if not passed:
            found.append(f"{variant}: {symptom(text)}")
            if not everywhere:
                break
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--build", type=Path, default=ROOT / "build" / "mutants")
    parser.add_argument("--sample", type=int, default=1, help="every N-th mutant")
    parser.add_argument(
        "--all-variants", action="store_true", help="run all variants, not until one finds it"
    )
    parser.add_argument("--build-only", action="store_true", help="no hunt: for tests that find the programs")
    arguments = parser.parse_args()
    build(arguments.build, VARIANTS)
    if arguments.build_only:
        return 0
    survivors = 0
    for number in range(1, len(MUTANTS) + 1, arguments.sample):
        found = hunt(arguments.build, number, VARIANTS, arguments.all_variants)
        survivors += not found
        print(f"{number:3} {MUTANTS[number - 1].name}: {'; '.join(found) or 'NOT FOUND'}", flush=True)
    print(f"{survivors} mutants were not found")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
