"""DLPack capsules made by hand, so that tests see what no library would hand over, and when the memory is let go."""

import ctypes
from types import SimpleNamespace
from typing import Any

import numpy as np

CPU, CUDA, PINNED = 1, 2, 3
CODES = {"i": 0, "u": 1, "f": 2, "c": 5, "b": 6}


class Device(ctypes.Structure):
    _fields_ = [("type", ctypes.c_int32), ("index", ctypes.c_int32)]


class Type(ctypes.Structure):
    _fields_ = [("code", ctypes.c_uint8), ("bits", ctypes.c_uint8), ("lanes", ctypes.c_uint16)]


class Tensor(ctypes.Structure):
    _fields_ = [
        ("data", ctypes.c_void_p),
        ("device", Device),
        ("ndim", ctypes.c_int32),
        ("dtype", Type),
        ("shape", ctypes.POINTER(ctypes.c_int64)),
        ("strides", ctypes.POINTER(ctypes.c_int64)),
        ("byte_offset", ctypes.c_uint64),
    ]


DELETER = ctypes.CFUNCTYPE(None, ctypes.c_void_p)


class Managed(ctypes.Structure):
    _fields_ = [("tensor", Tensor), ("context", ctypes.c_void_p), ("deleter", DELETER)]


class ManagedVersioned(ctypes.Structure):
    _fields_ = [
        ("major", ctypes.c_uint32),
        ("minor", ctypes.c_uint32),
        ("context", ctypes.c_void_p),
        ("deleter", DELETER),
        ("flags", ctypes.c_uint64),
        ("tensor", Tensor),
    ]


_new = ctypes.pythonapi.PyCapsule_New
_new.restype, _new.argtypes = ctypes.py_object, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
_pointer = ctypes.pythonapi.PyCapsule_GetPointer
_pointer.restype, _pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]


_KEPT: list[
    Any
] = []  # what C++ points to: for good, since a wrong deleter call must not look like another fault


class Producer:
    """An object with `__dlpack__` that hands over a NumPy array, with any part of the structure changed.

    Args:
        array: the memory.
        versioned: whether the capsule is that of DLPack 1.
        changes: lanes, code, bits, device, version, flags, offset, shape, strides (None: left out), ndim.
    """

    def __init__(self, array: np.ndarray, versioned: bool = True, **changes: Any) -> None:
        self.array, self.versioned, self.changes = array, versioned, changes
        self.freed = 0
        self.asked: list[dict[str, Any]] = []

    def __dlpack_device__(self) -> tuple[int, int]:
        return self.changes.get("device", (CPU, 0))

    def __dlpack__(self, **arguments: Any) -> Any:
        self.asked.append(arguments)
        a, get = self.array, SimpleNamespace(**self.changes)
        shape = getattr(get, "shape", a.shape)
        strides = getattr(get, "strides", tuple(s // a.itemsize for s in a.strides))
        tensor = Tensor(
            a.ctypes.data - getattr(get, "offset", 0),
            Device(*getattr(get, "device", (CPU, 0))),
            getattr(get, "ndim", len(shape)),
            Type(
                getattr(get, "code", CODES.get(a.dtype.kind, 0)),
                getattr(get, "bits", 8 * a.itemsize),
                getattr(get, "lanes", 1),
            ),
            (ctypes.c_int64 * len(shape))(*shape),
            None if strides is None else (ctypes.c_int64 * len(strides))(*strides),
            getattr(get, "offset", 0),
        )

        def free(_: int) -> None:
            self.freed += 1

        deleter = DELETER(free)
        if self.versioned:
            version = getattr(get, "version", (1, 0))
            managed: Any = ManagedVersioned(*version, None, deleter, getattr(get, "flags", 0), tensor)
            _KEPT.append((managed, deleter, a))
            return _new(ctypes.addressof(managed), b"dltensor_versioned", None)
        managed = Managed(tensor, None, deleter)
        _KEPT.append((managed, deleter, a))
        return _new(ctypes.addressof(managed), b"dltensor", None)


def read(capsule: Any) -> tuple[Tensor, int]:
    """The tensor in an unused capsule, and its flags (0 before DLPack 1)."""
    if "versioned" in repr(capsule):
        managed = ManagedVersioned.from_address(_pointer(capsule, b"dltensor_versioned"))
        assert (managed.major, managed.minor) == (1, 0)
        return managed.tensor, managed.flags
    return Managed.from_address(_pointer(capsule, b"dltensor")).tensor, 0
