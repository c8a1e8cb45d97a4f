"""Inside a clone the folder pynn/ hides the installed package; pynn works there all the same."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SOURCES = Path(__file__).parent.parent / "pynn"


@pytest.fixture
def clone(tmp_path):
    """A folder with pynn's Python sources and nothing compiled."""
    for file in SOURCES.rglob("*.py"):
        target = tmp_path / "pynn" / file.relative_to(SOURCES)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, target)
    return tmp_path


def run(*arguments, cwd):
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, cwd=cwd, check=False)


def test_the_command_runs_inside_a_clone(clone):
    result = run("-m", "pynn", "info", cwd=clone)
    assert result.returncode == 0, result.stderr


def test_modules_come_from_the_installed_package(clone):
    code = "import pynn, pynn.demo; print(pynn._core.__file__, pynn.layers.__file__, pynn.demo.__file__)"
    result = run("-c", code, cwd=clone)
    assert result.returncode == 0, result.stderr
    assert str(clone) not in result.stdout


def test_without_an_installed_package_the_error_says_what_to_do(clone):
    # -S leaves out site-packages, where pynn is installed.
    result = run("-S", "-c", "import pynn", cwd=clone)
    assert result.returncode == 1
    assert result.stderr.splitlines()[-1] == (
        f"ImportError: pynn is not built: {str(clone / 'pynn')!r} holds its sources only. "
        "Run `pip install .` first"
    )


@pytest.mark.parametrize("metadata", ["PyNN-0.12.3.dist-info", "PyNN-0.10.0-py3.8.egg-info"])
def test_the_neural_simulator_beside_pynn_is_refused(clone, metadata):
    (clone / metadata).mkdir()
    (clone / "pynn_core-0.1.0.dist-info").mkdir()
    result = run("-c", "import pynn", cwd=clone)
    assert result.returncode == 1
    assert result.stderr.splitlines()[-1] == (
        f"ImportError: PyNN, the neural simulator, is installed beside pynn ({metadata}); on disks that ignore case "
        "both are one folder. Keep them in separate environments: pip uninstall PyNN pynn-core; pip install pynn-core"
    )
