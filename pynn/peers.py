"""Tells other libraries about tensors at the moment they are imported, so that `import pynn` imports none of them.

einops looks for a backend among the classes derived from one of its own, which exists only once einops is there.
"""

from __future__ import annotations

import importlib
import sys
from contextlib import suppress
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

# A peer's module, and ours that is imported as soon as it is there.
_AFTER = {"einops._backends": "pynn.compat.einops"}


def introduce() -> None:
    """Import our module for each peer that is there already; for the others, do so when they come."""
    for peer, ours in _AFTER.items():
        if peer in sys.modules:
            _import(ours)
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


class _Finder:
    """Stands before Python's own finders and answers for the peers' modules only."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if name not in _AFTER:
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            loader: Any = _Loader(spec.loader, _AFTER[name])
            spec.loader = loader
        return spec


class _Loader:
    """The peer's own loader, and after it the import of our module."""

    def __init__(self, own: Any, after: str) -> None:
        self._own, self._after = own, after

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        module: ModuleType | None = self._own.create_module(spec)
        return module

    def exec_module(self, module: ModuleType) -> None:
        module.__loader__ = self._own
        if module.__spec__ is not None:
            module.__spec__.loader = self._own
        self._own.exec_module(module)
        _import(self._after)


def _import(ours: str) -> None:
    with suppress(
        ImportError, AttributeError
    ):  # a version of the peer without what ours builds on works without us
        importlib.import_module(ours)
