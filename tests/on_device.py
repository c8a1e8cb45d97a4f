"""Runs the tests on a CUDA device: PYNN_TEST_DEVICE=fake (tests/fake_cuda) or =cuda (what pynn._cuda has).

Tensors are made there, and NumPy, which the tests compare with, gets copies on the host.
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np

import pynn
from pynn import _core

WANTED = os.environ.get("PYNN_TEST_DEVICE", "")


def install() -> None:
    """Make "cuda" the default device of this process and let NumPy read its tensors."""
    if WANTED == "fake":
        from fake_cuda import load

        load()
    elif WANTED != "cuda":
        raise SystemExit(f"PYNN_TEST_DEVICE must be fake or cuda, got {WANTED!r}")
    _core._set_default_device("cuda")
    numpy, array = pynn.Tensor.numpy, pynn.Tensor.__array__

    def to_numpy(self: pynn.Tensor) -> np.ndarray[Any, Any]:
        return numpy(self.detach().to("cpu"))

    def to_array(self: pynn.Tensor, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        return array(self.detach().to("cpu"), dtype, copy if self.device == "cpu" else None)

    pynn.Tensor.numpy, pynn.Tensor.__array__ = to_numpy, to_array  # type: ignore[method-assign]
