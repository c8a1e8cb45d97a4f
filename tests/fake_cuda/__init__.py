"""Fake CUDA devices for tests: `load()` builds and registers them, in a process of their own."""

from __future__ import annotations

import ctypes
import functools
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pynn
from pynn import _core

_HERE = Path(__file__).parent
_SOURCES = _HERE.parents[1] / "csrc"


@functools.cache
def load() -> ctypes.CDLL:
    """Return the library, built with g++ and registered as pynn's CUDA backend; devices "cuda:0" and "cuda:1"."""
    target = Path(tempfile.mkdtemp(prefix="fake_cuda_")) / "fake_cuda.so"
    compiler = shutil.which("g++") or "c++"
    command = [compiler, "-std=c++20", "-O1", "-fPIC", "-shared", "-Wall", "-Wextra", f"-I{_SOURCES}"]
    subprocess.run([*command, str(_HERE / "fake_cuda.cpp"), "-o", str(target)], check=True)
    library = ctypes.CDLL(str(target))
    shutil.rmtree(target.parent)
    library.fake_backend.restype = ctypes.c_void_p
    library.fake_backend.argtypes = [ctypes.c_void_p]
    library.fake_set_limit.argtypes = [ctypes.c_size_t]
    library.fake_used.restype = ctypes.c_size_t
    library.fake_fail_after.argtypes = library.fake_allow.argtypes = [ctypes.c_long]
    library.fake_copies_to_host.restype = library.fake_calls.restype = ctypes.c_long
    new, pointer = ctypes.pythonapi.PyCapsule_New, ctypes.pythonapi.PyCapsule_GetPointer
    new.restype, new.argtypes = ctypes.py_object, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
    pointer.restype, pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    kernels = pointer(_core._cpu_kernels(), b"pynn.Kernels")
    _core._register_backend(new(library.fake_backend(kernels), b"pynn.CudaBackend", None))
    assert pynn._core._backend() == "fake"
    return library


@contextmanager
def two_devices() -> Iterator[ctypes.CDLL]:
    """Give two fake devices, with the CPU as the default; the other tests see none of them."""
    library = load()
    library.fake_set_devices(2)
    default = _core._set_default_device("cpu")
    try:
        yield library
    finally:
        _core._set_default_device(default)
        if default == "cpu":
            library.fake_set_devices(0)
