"""The CUDA kernels on the emulation (tests/cuda_on_cpu): the checks in three variants, and faults planted in them.

One build serves all tests here. It takes a few minutes on two cores, so it is made only where it is asked for:
PYNN_CUDA_TESTS=1 (CI sets it), or PYNN_CUDA_CHECKS=<folder> with a build that is already there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from cuda_on_cpu import mutants

pytestmark = pytest.mark.skipif(
    not (os.environ.get("PYNN_CUDA_TESTS") or os.environ.get("PYNN_CUDA_CHECKS")),
    reason="building the CUDA kernels takes minutes: set PYNN_CUDA_TESTS=1",
)
SAMPLE = int(os.environ.get("PYNN_CUDA_MUTANTS", "4"))  # every n-th mutant; 1 for all
NUMBERS = range(1, len(mutants.MUTANTS) + 1)


def _has_headers() -> bool:
    folders = [os.environ.get("CUDA_HOME", "/usr/local/cuda"), os.environ.get("CUDA_PATH", "/opt/cuda")]
    return any((Path(folder) / "include" / "cuda_runtime.h").exists() for folder in folders)


@pytest.fixture(scope="session")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the programs, built."""
    given = os.environ.get("PYNN_CUDA_CHECKS")
    if given:
        return Path(given)
    if not (shutil.which("g++") and shutil.which("cmake") and _has_headers()):
        pytest.skip("needs g++, CMake and NVIDIA's headers (CUDA_HOME)")
    # Of this run alone (CMake keeps the path of the sources in it), and one for all workers of xdist.
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "cuda-checks"
    mutants.build(folder, mutants.VARIANTS)
    return folder


@pytest.mark.parametrize("variant", mutants.VARIANTS)
@pytest.mark.parametrize("seed", [0, 1])
def test_kernels(programs: Path, variant: str, seed: int) -> None:
    passed, text = mutants.run(programs / f"check_{variant}", 0, [], seed)
    assert passed, text[-3000:]
    assert " cases passed" in text


@pytest.mark.parametrize("number", NUMBERS[::SAMPLE], ids=lambda n: mutants.MUTANTS[n - 1].name)
def test_a_planted_fault_is_found(programs: Path, number: int) -> None:
    assert mutants.hunt(programs, number, mutants.VARIANTS, everywhere=False)


def test_cublas_is_used_where_it_is(programs: Path) -> None:
    stub = programs / "libpynn_cublas_stub.so"
    done = subprocess.run(
        [programs / "check_plain", "library"],
        capture_output=True,
        text=True,
        env=os.environ | {"PYNN_CUBLAS": str(stub)},
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    said = [line for line in done.stdout.splitlines() if line.startswith("stub:")]
    assert said == [
        "stub: 4 bytes, operations 0 0, 17 x 20 x 30, 1 batches",
        "stub: 8 bytes, operations 1 1, 18 x 19 x 21, 3 batches",
        "stub: 4 bytes, operations 1 0, 10 x 20 x 30, 4 batches",
        "stub: 4 bytes, operations 0 0, 40 x 1 x 50, 2 batches",
    ]


def test_no_cublas_is_no_error(programs: Path) -> None:
    done = subprocess.run(
        [programs / "check_plain", "library"],
        capture_output=True,
        text=True,
        env=os.environ | {"PYNN_CUBLAS": ""},
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "stub:" not in done.stdout


KERNELS = sorted((mutants.ROOT / mutants.KERNELS).glob("*.cu"))
# As in cmake/cuda.cmake: files whose kernels may use the stack. The others may not.
STACK = {
    "binary",
    "binary_grad",
    "cast",
    "conv",
    "gemm",
    "optimize",
    "softmax",
    "ternary",
    "unary",
    "unary_grad",
}


@pytest.mark.skipif(not os.environ.get("PYNN_CUDA_TESTS"), reason="takes minutes: set PYNN_CUDA_TESTS=1")
@pytest.mark.skipif(shutil.which("nvcc") is None, reason="needs nvcc")
@pytest.mark.parametrize("file", KERNELS, ids=lambda path: path.stem)
def test_nvcc_compiles_without_warnings_and_spills(file: Path, tmp_path: Path) -> None:
    """A sample of the rows for one architecture: `PYNN_CUDA=ON` compiles all for all."""
    gate = "-Xptxas=-warn-spills,-warn-lmem-usage,-Werror"
    command = [
        *("nvcc", "-std=c++20", "-gencode", "arch=compute_90,code=sm_90", "--expt-relaxed-constexpr"),
        *("-diag-suppress=186", "-Werror=all-warnings"),
        *([] if file.stem in STACK else [gate]),
        *(["-fmad=false"] if file.stem == "random" else []),
        *("-DPYNN_ISA=cuda", "-DPYNN_CUDA_SAMPLE", f"-I{mutants.ROOT / 'csrc'}", "-c", str(file)),
        *("-o", str(tmp_path / "kernels.o")),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
