"""What pynn says of itself as an implementation of the array API standard."""

from __future__ import annotations

from typing import Any

from . import _core
from ._core import Dtype
from .dtypes import isdtype

__array_api_version__ = "2024.12"

# The standard's; float16 and bfloat16 are pynn's own.
_DTYPES = (
    "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32", "float64",
)  # fmt: skip
_MOST_DIMENSIONS = 32


class NamespaceInfo:
    """What `pynn.__array_namespace_info__()` gives: the questions that the standard lets a program ask."""

    def capabilities(self) -> dict[str, Any]:
        """Return what pynn can do: masks as indices, shapes that depend on data, and how many dimensions."""
        return {
            "boolean indexing": True,
            "data-dependent shapes": True,
            "max dimensions": _MOST_DIMENSIONS,
        }

    def default_device(self) -> str:
        """Return the device of new tensors."""
        return _core._device()

    def devices(self) -> list[str]:
        """Return the devices that there are."""
        return ["cpu", *(f"cuda:{i}" for i in range(_core._device_count()))]

    def default_dtypes(self, *, device: Any = None) -> dict[str, Dtype]:
        """Return the dtypes of tensors made of Python numbers. There is none for complex numbers."""
        _core.empty((0,), device=device)  # refuses a device that is not there
        return {"real floating": _core.float32, "integral": _core.int64, "indexing": _core.int64}

    def dtypes(self, *, device: Any = None, kind: Any = None) -> dict[str, Dtype]:
        """Return the standard's dtypes by name.

        Args:
            kind: only those of this kind, as isdtype has it.
        """
        _core.empty((0,), device=device)
        every = {name: _core.dtype(name) for name in _DTYPES}
        return {name: dtype for name, dtype in every.items() if kind is None or isdtype(dtype, kind)}


def __array_namespace_info__() -> NamespaceInfo:  # noqa: N807
    """Return an object that tells devices, dtypes and capabilities."""
    return NamespaceInfo()
