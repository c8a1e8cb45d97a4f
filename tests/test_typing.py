"""What type checkers make of pynn: a sample program passes mypy --strict, its mistakes do not, every name is seen."""

import pkgutil
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

import pynn

SAMPLE = Path(__file__).parent / "typing_sample.py"
IDS = ("pynn", *(f"pynn.{module.name}" for module in pkgutil.iter_modules(pynn.__path__) if module.ispkg))


def test_the_sample_runs():
    runpy.run_path(str(SAMPLE), run_name="__main__")


LISTING = f"""
import importlib
for package in {IDS!r}:
    module = importlib.import_module(package)
    names = set(getattr(module, "__all__", None) or dir(module)) - {{"annotations"}}
    print("import", package)
    for name in sorted(names):
        if not name.startswith("_"):
            print(f"{{package}}.{{name}}")
"""


def uses():
    """An import of each package and an expression for each of its public names, as a new process sees them."""
    command = [sys.executable, "-c", LISTING]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_mypy_accepts_the_sample_and_sees_every_public_name(tmp_path):
    """In one run, since mypy takes seconds to start. `# type: ignore` on what is no error is an error."""
    pytest.importorskip("mypy")
    program = tmp_path / "names.py"
    program.write_text(uses())
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", str(SAMPLE), str(program)]
    result = subprocess.run(command, capture_output=True, text=True, check=False, cwd=SAMPLE.parent.parent)
    assert result.stdout + result.stderr == ""
