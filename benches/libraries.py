"""The libraries that are compared: whether they are installed, their threads, and functions of their own arrays."""

from __future__ import annotations

import functools
import importlib
import importlib.metadata
import importlib.util
import operator
from collections.abc import Callable
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


def set_threads(threads: int) -> None:
    """Tells the libraries that are asked in words."""
    importlib.import_module("pynn").set_num_threads(threads)
    if is_installed("torch"):
        importlib.import_module("torch").set_num_threads(threads)


# ---- Functions of arrays -----------------------------------------------------------------------------------

# A function of arrays, or where to find it in the library's module. It is found before the timing begins.
Function = Callable[..., Any] | str


def arrays(**functions: Function) -> dict[str, Builder]:
    """Builders from one function a library: `arrays(numpy=np.exp, torch="exp", jax="numpy.exp")`.

    The function gets the library's own arrays. In JAX it is compiled.
    """
    return {
        library: functools.partial(_ON_ARRAYS[library], function) for library, function in functions.items()
    }


def everywhere(function: Callable[..., Any], **others: Function) -> dict[str, Builder]:
    """One function whose text suits every library's arrays, but for `others`."""
    return arrays(**{**dict.fromkeys(_ON_ARRAYS, function), **others})


def named(name: str, **others: Function) -> dict[str, Builder]:
    """The function that all modules call by one name, but for `others`."""
    return arrays(**{"pynn": name, "numpy": name, "torch": name, "jax": f"numpy.{name}", **others})


def _found(function: Function, module: Any) -> Callable[..., Any]:
    return operator.attrgetter(function)(module) if isinstance(function, str) else function


def _on_pynn(function: Function, *inputs: np.ndarray) -> Run:
    import pynn

    return functools.partial(_found(function, pynn), *map(pynn.asarray, inputs))


def _on_numpy(function: Function, *inputs: np.ndarray) -> Run:
    return functools.partial(_found(function, np), *inputs)


def _on_torch(function: Function, *inputs: np.ndarray) -> Run:
    import torch

    return functools.partial(_found(function, torch), *map(torch.from_numpy, inputs))


def _on_jax(function: Function, *inputs: np.ndarray) -> Run:
    import jax

    call = _found(function, jax)
    compiled = jax.jit(lambda *xs: call(*xs))  # jit takes functions only, no other callables
    own = [jax.numpy.asarray(x) for x in inputs]
    return lambda: compiled(*own).block_until_ready()


_ON_ARRAYS: dict[str, Callable[..., Run]] = {
    "pynn": _on_pynn,
    "numpy": _on_numpy,
    "torch": _on_torch,
    "jax": _on_jax,
}
