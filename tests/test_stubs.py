"""The committed stub says what the extension has."""

import subprocess
import sys
from pathlib import Path

import pytest

TOOL = Path(__file__).parent.parent / "tools" / "make_stubs.py"


def test_the_stub_is_up_to_date():
    for tool in ("pybind11_stubgen", "ruff"):
        pytest.importorskip(tool)
    result = subprocess.run(
        [sys.executable, str(TOOL), "--check"], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
