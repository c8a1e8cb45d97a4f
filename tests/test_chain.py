"""Runs chain_cases.py in a process of its own: after some other tests of this suite models go the long way there."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def test_a_training_step_in_one_call():
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
    done = subprocess.run(
        [*command, str(HERE / "chain_cases.py")], capture_output=True, text=True, cwd=HERE.parent, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:]
