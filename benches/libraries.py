"""The libraries that are compared: whether they are installed, their threads, and functions of their own arrays."""

from __future__ import annotations

import functools
import importlib
import importlib.metadata
import importlib.util
import operator
import os
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from benches.case import Builder, Run

# The module that must be there, and the distribution that knows its version.
LIBRARIES = {
    "pynn": ("pynn", "pynn-core"),
    "numpy": ("numpy", "numpy"),
    "torch": ("torch", "torch"),
    "jax": ("jax", "jax"),
    "keras": ("keras", "keras"),
    "sklearn": ("sklearn", "scikit-learn"),
}


def module_of(library: str) -> str:
    """The module that a library of a case needs: "pynn model(x)" is another way to use pynn."""
    return LIBRARIES[library.split()[0]][0]


def is_installed(library: str) -> bool:
    return importlib.util.find_spec(module_of(library)) is not None


def versions() -> dict[str, str]:
    """Of the libraries that are installed."""
    found = {}
    for library, (_, distribution) in LIBRARIES.items():
        if is_installed(library):
            try:
                found[library] = importlib.metadata.version(distribution)
            except importlib.metadata.PackageNotFoundError:  # pynn in a source tree
                found[library] = str(getattr(importlib.import_module(module_of(library)), "__version__", "?"))
    return found


# ---- Equal conditions -----------------------------------------------------------------------------------------------


def environment(threads: int, dtype: str) -> dict[str, str]:
    """What a process must have in its environment before it imports the libraries, for all to do the same."""
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    wide = "1" if dtype == "float64" else "0"  # else JAX makes float32 of it
    return {
        **dict.fromkeys(names, str(threads)),
        "KERAS_BACKEND": "jax",
        "JAX_PLATFORMS": "cpu",
        "JAX_ENABLE_X64": wide,
    }


def keep_to_cpus(threads: int) -> None:
    """Leaves the process `threads` of its CPUs. XLA obeys nothing else, and for the others it is no loss."""
    mine = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, mine[:threads])


def set_threads(threads: int) -> None:
    """Tells the libraries that are asked in words."""
    importlib.import_module("pynn").set_num_threads(threads)
    if is_installed("torch"):
        importlib.import_module("torch").set_num_threads(threads)


# ---- Functions of arrays -----------------------------------------------------------------------------------

Function = Callable[..., Any]  # of the library's module and its own arrays


def arrays(**functions: Function) -> dict[str, Builder]:
    """Builders from one function a library: `arrays(numpy=lambda np, x: np.exp(x), ...)`. In JAX it is compiled."""
    return {
        library: functools.partial(_ON_ARRAYS[library], function) for library, function in functions.items()
    }


def named(name: str, **others: Function | str) -> dict[str, Builder]:
    """The function that all modules call by one name, but for `others`: another name, or a function of the module."""
    chosen: Mapping[str, Function | str] = {
        "numpy": name,
        "pynn": name,
        "torch": name,
        "jax": f"numpy.{name}",
        **others,
    }
    return arrays(**{library: _lookup(f) if isinstance(f, str) else f for library, f in chosen.items()})


def _lookup(path: str) -> Function:
    find = operator.attrgetter(path)
    return lambda module, *xs: find(module)(*xs)


def _on_numpy(function: Function, *inputs: np.ndarray) -> Run:
    return functools.partial(function, np, *inputs)


def _on_pynn(function: Function, *inputs: np.ndarray) -> Run:
    import pynn

    return functools.partial(function, pynn, *map(pynn.asarray, inputs))


def _on_torch(function: Function, *inputs: np.ndarray) -> Run:
    import torch

    return functools.partial(function, torch, *map(torch.from_numpy, inputs))


def _on_jax(function: Function, *inputs: np.ndarray) -> Run:
    import jax

    compiled = jax.jit(functools.partial(function, jax))
    own = [jax.numpy.asarray(x) for x in inputs]
    return lambda: compiled(*own).block_until_ready()


_ON_ARRAYS: dict[str, Callable[..., Run]] = {
    "numpy": _on_numpy,
    "pynn": _on_pynn,
    "torch": _on_torch,
    "jax": _on_jax,
}
