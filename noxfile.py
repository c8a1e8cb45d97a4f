"""What developers run: `nox` runs lint and tests; `nox -s isa sanitize bench stubs wheel` runs the rest."""

from __future__ import annotations

import sys
from pathlib import Path

import nox

nox.options.sessions = ["lint", "tests"]
nox.options.reuse_existing_virtualenvs = True

SANITIZED = (
    *("dlpack", "buffer", "copying", "files", "numpy", "indexing", "take", "shape", "creation", "tensor"),
    *("conv", "pool", "linear", "chain", "softmax", "reductions", "optimizer_kernels", "einsum", "random"),
    *("kept", "large_elementwise", "fused_losses", "quick_calls", "whole_step", "short_evaluate"),
)


@nox.session
def lint(session: nox.Session) -> None:
    """Format, style, types, spelling: the hooks of .pre-commit-config.yaml on every file."""
    session.install(".[dev]")
    session.run("pre-commit", "run", "--all-files")


@nox.session
def tests(session: nox.Session) -> None:
    """The tests, with the options given after `--`."""
    session.install(".[test]")
    session.run("python", "-m", "pytest", *session.posargs)


@nox.session
def isa(session: nox.Session) -> None:
    """The tests once for every instruction set that this machine runs."""
    session.install(".[test]")
    levels = session.run("python", "-c", "import pynn; print(*pynn._core.isas())", silent=True)
    for level in str(levels).split():
        session.run("python", "-m", "pytest", *session.posargs, env={"PYNN_ISA": level})


@nox.session
def sanitize(session: nox.Session) -> None:
    """The tests of what C++ does with memory, with a build that watches addresses and undefined behaviour."""
    defines = ("PYNN_SANITIZE=address,undefined", "PYNN_ISA_LEVELS=baseline")
    session.install(".[test]", *(f"--config-settings=cmake.define.{define}" for define in defines))
    # The sanitizer looks for C++'s exceptions when it starts, so their library must be there by then.
    libraries = [
        str(session.run("g++", f"-print-file-name={name}", external=True, silent=True)).strip()
        for name in ("libasan.so", "libstdc++.so")
    ]
    # Python itself keeps memory until it ends; its own small blocks are hidden from the sanitizer unless it is told.
    settings = {
        "LD_PRELOAD": " ".join(libraries),
        "ASAN_OPTIONS": "detect_leaks=0:allocator_may_return_null=1",
        "PYTHONMALLOC": "malloc",
    }
    tests = [f"tests/test_{name}.py" for name in SANITIZED]
    session.run("python", "-m", "pytest", *tests, *session.posargs, env=settings)


@nox.session
def bench(session: nox.Session) -> None:
    """The benchmarks: pynn and its baselines in one table a group."""
    session.install(".[test,bench]")
    session.run("python", "-m", "pytest", "benches", *session.posargs)


@nox.session
def stubs(session: nox.Session) -> None:
    """Writes pynn/_core.pyi anew from the compiled module."""
    session.install(".[dev]")
    session.run("python", "tools/make_stubs.py")


@nox.session
def wheel(session: nox.Session) -> None:
    """The wheel, checked for size and content."""
    session.install("build")
    session.run("python", "-m", "build", "--wheel")
    newest = max(Path("dist").glob("*.whl"), key=lambda path: path.stat().st_mtime)
    session.run(sys.executable, "tools/check_wheel.py", str(newest), external=True)
