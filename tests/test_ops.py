"""keras.ops: every operation against Keras itself, on the table of cases in ops_cases.py."""

from __future__ import annotations

import importlib.util
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ops_cases import IMAGES, PICTURES, TABLE, Case

from pynn import ops

# On NumPy, and only there, Keras computes in 64 bits here and there.
NARROW = {"float64": "float32", "int64": "int32"}


def label(entry: Case) -> str:
    name, args, kwargs = entry
    sizes = "-".join(
        "x".join(map(str, np.shape(x))) or str(x)[:8] for x in args if not isinstance(x, (str, tuple, list))
    )
    return "-".join(
        [name, sizes, *(f"{key}={value}"[:20] for key, value in kwargs.items() if np.ndim(value) == 0)]
    )


def compare(got: Any, expected: Any) -> None:
    """Equal structure, shapes, dtypes and, nearly, numbers."""
    if isinstance(expected, (tuple, list)) and not isinstance(got, np.ndarray):
        assert len(got) == len(expected)
        for a, b in zip(got, expected, strict=True):
            compare(a, b)
    elif isinstance(expected, (int, str, bool)):
        assert got == expected
    else:
        want = np.asarray(expected)
        have = np.asarray(got)
        assert have.shape == want.shape
        assert str(have.dtype) in (str(want.dtype), NARROW.get(str(want.dtype)))
        rounding = 5e-3 if want.dtype == "float16" else 2e-5
        np.testing.assert_allclose(have, want, rtol=rounding, atol=rounding)


@pytest.fixture(scope="module")
def golden() -> dict[int, Any]:
    """What Keras returns for every case, found in one process."""
    if importlib.util.find_spec("keras") is None:
        pytest.skip("needs keras")
    calls = [(f"ops.{name}", args, kwargs) for name, args, kwargs in TABLE]
    calls += [(f"ops.image.{name}", args, kwargs) for name, args, kwargs in IMAGES]
    program = Path(__file__).parent / "keras_numpy.py"
    run = subprocess.run(
        [sys.executable, program], input=pickle.dumps(calls), capture_output=True, check=True
    )
    return dict(zip(map(id, (*TABLE, *IMAGES)), pickle.loads(run.stdout), strict=True))


@pytest.mark.parametrize("entry", [*TABLE, *IMAGES], ids=label)
def test_an_operation_computes_what_keras_does(golden, entry):
    name, args, kwargs = entry
    expected = golden[id(entry)]
    if isinstance(expected, Exception):
        raise expected
    function = getattr(ops.image if id(entry) in PICTURES else ops, name)
    compare(function(*args, **kwargs), expected)
