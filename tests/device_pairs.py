"""What the tests of devices share: a call on the CPU and on a device, and whether both gave the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import on_device
import pytest

import pynn

if not on_device.WANTED:  # skips the file that imports this one, before its thousands of cases are made
    pytest.skip("no device: PYNN_TEST_DEVICE is not set (see on_device.py)", allow_module_level=True)


def same(here: Any, there: Any, rtol: float = 2e-6, atol: float = 1e-6) -> None:
    """Equal structure, types, shapes and numbers; floats within rounding; tensors of `there` are on the device."""
    if isinstance(here, dict):
        assert list(here) == list(there)
        same(list(here.values()), list(there.values()), rtol, atol)
    elif isinstance(here, (tuple, list)):
        assert len(here) == len(there)
        for a, b in zip(here, there, strict=True):
            same(a, b, rtol, atol)
    elif isinstance(here, pynn.Tensor):
        assert (there.device, there.dtype, there.shape) == ("cuda:0", here.dtype, here.shape)
        dtype = "float64" if here.dtype in ("float16", "bfloat16") else here.dtype
        a, b = (x.detach().to("cpu").astype(dtype).numpy() for x in (here, there))
        same(a, b, rtol, atol)
    elif isinstance(here, (float, np.floating, np.ndarray)):
        assert np.shape(here) == np.shape(there)
        if np.asarray(here).dtype.kind == "f":
            np.testing.assert_allclose(there, here, rtol=rtol, atol=atol)
        else:
            np.testing.assert_array_equal(there, here)
    else:
        assert here == there


def on_both(call: Callable[[], Any]) -> tuple[Any, Any]:
    """What a call gives with the CPU and with the device as the default, from equal states of the generator."""
    found = []
    for place in ("cpu", "cuda"):
        pynn.random.seed(3)
        with pynn.device(place):
            found.append(call())
    return found[0], found[1]


def check(call: Callable[[], Any], rtol: float = 2e-6, atol: float = 1e-6) -> None:
    """A call gives the same on the CPU and on the device."""
    same(*on_both(call), rtol, atol)
