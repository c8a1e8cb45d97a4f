"""A part of the suite once more, with all tensors on a device: a fake one, and the emulation where it is built."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import on_device
import pytest

HERE = Path(__file__).parent
FILES = {
    "fake": (
        "test_softmax.py",
        "test_fused_losses.py",
        "test_take.py",
        "test_digits_on_device.py",
        "test_device_places.py",
    ),
    "cuda": ("test_softmax.py", "test_digits_on_device.py"),
}


@pytest.mark.skipif(bool(on_device.WANTED), reason="this is the run on a device")
@pytest.mark.parametrize("device", FILES)
def test_tests_pass_on_a_device(device: str) -> None:
    if device == "cuda" and importlib.util.find_spec("pynn._cuda") is None:
        pytest.skip("pynn._cuda is not built")
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist"]
    files = [str(HERE / name) for name in FILES[device]]
    environment = {**os.environ, "PYNN_TEST_DEVICE": device}
    done = subprocess.run(
        [*command, *files], capture_output=True, text=True, env=environment, cwd=HERE.parent
    )
    assert done.returncode == 0, done.stdout[-3000:]
