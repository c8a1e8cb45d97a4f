"""SciPy and scikit-learn with array-API dispatch turned on give tensors for tensors, and the numbers of NumPy."""

import json
import os
import subprocess
import sys
from pathlib import Path

import dispatch
import pytest


@pytest.fixture(scope="module")
def verdicts():
    pytest.importorskip("array_api_compat")
    pytest.importorskip("scipy")
    program = Path(__file__).with_name("dispatch.py")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}  # where this process finds pynn
    run = subprocess.run(
        [sys.executable, program], capture_output=True, text=True, check=True, env=environment
    )
    return json.loads(run.stdout)


@pytest.mark.parametrize("case", dispatch.SCIPY)
def test_scipy(case, verdicts):
    assert verdicts[case] == ""


@pytest.mark.parametrize("case", dispatch.SKLEARN)
def test_scikit_learn(case, verdicts):
    if case not in verdicts:
        pytest.skip("scikit-learn is missing")
    assert verdicts[case] == ""


def test_array_api_compat_knows_tensors():
    compat = pytest.importorskip("array_api_compat")
    import pynn

    x = pynn.zeros((2, 3))
    assert compat.is_array_api_obj(x)
    assert compat.array_namespace(x, 1.0) is pynn
    assert (compat.device(x), compat.size(x)) == ("cpu", 6)
    assert pynn._core.address(compat.to_device(x, "cpu")) == pynn._core.address(x)
