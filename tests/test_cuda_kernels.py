"""The CUDA kernels on the emulation (tests/cuda_on_cpu): the checks in three variants, and faults planted in them.

One build serves all tests here. It takes a few minutes on two cores, so it is made only where it is asked for:
PYNN_CUDA_TESTS=1 (CI sets it), or PYNN_CUDA_CHECKS=<folder> with a build that is already there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cuda_on_cpu import mutants, resources

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


# ---- What nvcc makes of all kernels ---------------------------------------------------------------------------

nvcc = pytest.mark.skipif(
    shutil.which("nvcc") is None or not os.environ.get("PYNN_CUDA_TESTS"),
    reason="needs nvcc; takes minutes: set PYNN_CUDA_TESTS=1",
)
ARCHITECTURES = os.environ.get(
    "PYNN_CUDA_ARCHITECTURES", "90-real"
)  # of CMake; empty for all that a release has


def _run(*command: object, **more: object) -> str:
    done = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, check=False, **more
    )  # type: ignore[call-overload]
    text: str = done.stdout + done.stderr
    assert done.returncode == 0, text[-3000:]
    return text


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder with pynn._cuda, compiled and linked by nvcc, and what the build said."""
    pybind11 = pytest.importorskip("pybind11")
    folder = tmp_path_factory.mktemp("nvcc")
    options = {
        "CMAKE_BUILD_TYPE": "Release",
        "PYNN_CUDA": "ON",
        "CMAKE_CUDA_ARCHITECTURES": ARCHITECTURES,
        "CMAKE_CUDA_FLAGS": "-Xptxas=-v",
        "pybind11_DIR": pybind11.get_cmake_dir(),
        "Python_EXECUTABLE": sys.executable,
    }
    _run("cmake", "-S", mutants.ROOT, "-B", folder, *(f"-D{name}={value}" for name, value in options.items()))
    # A kernel that spills or uses local memory, and any warning, fails here.
    return folder, _run("cmake", "--build", folder, "--target", "_cuda", "--parallel", os.cpu_count() or 1)


@nvcc
def test_nvcc_links_a_module_that_needs_no_driver(built: tuple[Path, str]) -> None:
    folder, _ = built
    program = (
        f"import pynn; pynn.__path__.append({str(folder)!r}); import pynn._cuda\n"
        "print(pynn.cuda.is_available(), pynn.cuda.device_count(), pynn.cuda.why_not())"
    )
    said = _run(sys.executable, "-c", program, env=os.environ | {"CUDA_VISIBLE_DEVICES": ""})
    assert said.startswith("False 0 there is no "), said  # driver, or device


@nvcc
def test_nvcc_kernels_keep_to_their_resources(built: tuple[Path, str]) -> None:
    kernels = resources.read(built[1])
    print(resources.table(kernels))
    assert len(kernels) > 500
    assert resources.faults(kernels) == []


@nvcc
def test_nvcc_reads_and_writes_16_bytes_at_once(tmp_path: Path) -> None:
    """Of the rows of three operands, all of which are as wide as the result."""
    ptx = tmp_path / "ternary.ptx"
    options = ["-std=c++20", "-arch=compute_75", "--expt-relaxed-constexpr", "-diag-suppress=186"]
    defines = ["-DPYNN_ISA=cuda", "-DPYNN_CUDA_SAMPLE", f"-I{mutants.ROOT / 'csrc'}"]
    _run("nvcc", *options, *defines, "-ptx", mutants.ROOT / mutants.KERNELS / "ternary.cu", "-o", ptx)
    found = resources.accesses(ptx.read_text())
    for name in ("Forward<Clip, float>", "Forward<Clip, signed char>", "Where<unsigned char>"):
        (used,) = (used for kernel, used in found.items() if kernel.startswith(f"map_kernel<{name} >"))
        assert sum(access.startswith("ld.global.v4.") for access in used) >= 3, used
        assert sum(access.startswith("st.global.v4.") for access in used) >= 1, used


SAID = """
ptxas info    : Compiling entry function '_Z10map_kernelIfEvv' for 'sm_90'
ptxas info    : Function properties for _Z10map_kernelIfEvv
    {stack} bytes stack frame, {spilled} bytes spill stores, 0 bytes spill loads
ptxas info    : Used {registers} registers, used 1 barriers, 4128 bytes smem
"""


@pytest.mark.parametrize(
    ("stack", "spilled", "registers", "fault"),
    [
        (0, 0, 32, []),
        (8, 0, 32, ["8 bytes of stack, not 0"]),
        (0, 4, 32, ["4 bytes spilled"]),
        (0, 0, 90, ["90 registers, not 1 to 48"]),
    ],
)
def test_resources_beyond_the_limits_are_found(
    stack: int, spilled: int, registers: int, fault: list[str]
) -> None:
    (kernel,) = resources.read(SAID.format(stack=stack, spilled=spilled, registers=registers))
    assert (kernel.family, kernel.architecture, kernel.shared) == ("map_kernel", "sm_90", 4128)
    assert resources.faults([kernel]) == [f"map_kernel<float>() on sm_90: {what}" for what in fault]
