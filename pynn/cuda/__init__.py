"""CUDA devices: whether there are any and if not why, their memory, waiting for them.

Tensors go there with `x.to("cuda")`, `device="cuda"` in the functions that make them, `with pynn.device("cuda")` and
`model.to("cuda")`. `python -m pynn.cuda.selftest` checks the device against the CPU.
"""

from __future__ import annotations

import functools
import importlib
from typing import NamedTuple

from pynn import _core

__all__ = [
    "MemoryInfo", "device_count", "device_name", "is_available", "memory_info", "synchronize", "why_not",
]  # fmt: skip


class MemoryInfo(NamedTuple):
    """Bytes of a device's memory.

    Attributes:
        free: what the driver can still give.
        total: what the device has.
        held: what pynn has taken from the driver, in use or kept for reuse.
        tensors: what tensors take of that.
    """

    free: int
    total: int
    held: int
    tensors: int


def is_available() -> bool:
    """Return whether there is a CUDA device that tensors can be put on."""
    return why_not() is None


def why_not() -> str | None:
    """Return why there is no CUDA device, as a sentence for the user; None where there is one."""
    problem = _load()
    return _core._why_no_devices() if problem is None else problem


def device_count() -> int:
    """Return the number of CUDA devices; 0 where `why_not()` says why."""
    return _core._device_count() if _load() is None else 0


def device_name(device: str = "cuda") -> str:
    """Return what the maker calls a device."""
    return _core._device_name(device)


def synchronize(device: str = "cuda") -> None:
    """Wait for all work on a device.

    Raises:
        DeviceError: some of it failed.
    """
    _core._synchronize(device)


def memory_info(device: str = "cuda") -> MemoryInfo:
    """Return how much memory of a device is free, and what pynn holds of it."""
    return MemoryInfo(*_core._device_memory(device))


@functools.cache
def _load() -> str | None:
    """Register the backend if that has not been done; return why there is none, or None."""
    if _core._backend() is not None:
        return None
    try:
        backend = importlib.import_module("pynn._cuda")
    except ModuleNotFoundError:
        return "this pynn was built without CUDA; build it with: pip install . -C cmake.define.PYNN_CUDA=ON"
    except ImportError as error:
        return f"pynn._cuda was built but cannot be loaded: {error}"
    _core._register_backend(backend.backend)
    return None
