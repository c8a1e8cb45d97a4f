"""Arrays in an HDF5 file in Keras's layout: `layers/dense/vars/0`. What is read is not trusted."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import numpy as np

_LARGE = 1 << 28
"""Bytes above which an array must be in the file, not only declared in it: 256 MiB."""

_MOST_EXPANSION = 1000
"""Times its place in the file that a large array may fill in memory; what HDF5 compresses stays below."""

_MISSING = "reading and writing .keras and .h5 files needs h5py: pip install 'pynn-core[keras-files]'"


def import_h5py() -> Any:
    """Return the module.

    Raises:
        ImportError: it is missing; the message names the extra that brings it.
    """
    try:
        return import_module("h5py")
    except ImportError as error:
        raise ImportError(_MISSING) from error


class Entry:
    """The variables of one layer or optimizer in a file, by name: "0", "1", ... A dict of arrays to its owner.

    Args:
        file: an open h5py.File.
        path: of the owner in it, "" for the model itself.
        name: of the owner, written beside its variables.
    """

    def __init__(self, file: Any, path: str, name: str | None = None) -> None:
        self._file, self._path = file, path
        self._place = f"{path}/vars" if path else "vars"
        self._name = name

    def create(self) -> None:
        """Make the place in the file, which is there for an owner without variables too."""
        group = self._file.require_group(self._place)
        if self._name is not None:
            group.attrs["name"] = self._name

    def __setitem__(self, key: str, value: Any) -> None:
        self._file.require_group(self._place).create_dataset(key, data=np.asarray(value))

    def __getitem__(self, key: str) -> np.ndarray[Any, Any]:
        found = self.dataset(key)
        size = math.prod(found.shape) * found.dtype.itemsize
        if size > _LARGE and size > _MOST_EXPANSION * found.id.get_storage_size():
            raise ValueError(f"{self._place}/{key} declares {size} bytes, which are not in the file")
        values = np.array(found)
        if values.dtype.kind == "V" and values.dtype.itemsize == 2 and found.attrs.get("dtype") == "bfloat16":
            return (values.view(np.uint16).astype(np.uint32) << 16).view(np.float32)
        if values.dtype.kind not in "fiub":
            raise ValueError(f"{self._place}/{key} holds {values.dtype}, no numbers")
        return values

    def keys(self) -> list[str]:
        """Return the names of the variables."""
        group = _group(self._file, self._place)
        return [] if group is None else list(group)

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def __len__(self) -> int:
        return len(self.keys())

    def __contains__(self, key: object) -> bool:
        return key in self.keys()

    def dataset(self, key: str) -> Any:
        """Return the dataset of one variable, without reading it.

        Raises:
            KeyError: there is none.
            ValueError: it is no array in this file.
        """
        h5py = import_h5py()
        group = _group(self._file, self._place)
        if group is None or key not in group:
            raise KeyError(f"{self._place}/{key}")
        _refuse_links(group, key)
        found = group[key]
        if not isinstance(found, h5py.Dataset) or found.external or found.is_virtual or found.shape is None:
            raise ValueError(f"{self._place}/{key} is no array that the file holds")
        return found


def _group(file: Any, place: str) -> Any:
    """Return a group, or None; links, which may lead to other files, are not followed."""
    h5py = import_h5py()
    group = file
    for part in place.split("/"):
        if part not in group:
            return None
        _refuse_links(group, part)
        group = group[part]
        if not isinstance(group, h5py.Group):
            raise ValueError(f"{place}: {part} is no group")
    return group


def _refuse_links(group: Any, name: str) -> None:
    h5py = import_h5py()
    if group.get(name, getlink=True, getclass=True) is not h5py.HardLink:
        raise ValueError(f"{group.name}/{name} is a link, which may lead anywhere")


@contextmanager
def opened(path_or_file: Any, mode: str) -> Iterator[Any]:
    """Open an HDF5 file.

    Args:
        path_or_file: a path, or a file object in memory.
        mode: "r" or "w".

    Raises:
        ValueError: what is there is no HDF5 file, or a damaged one.
    """
    h5py = import_h5py()
    try:
        file = h5py.File(path_or_file, mode)
    except FileNotFoundError:
        raise
    except (OSError, RuntimeError, ValueError, KeyError) as error:
        if mode == "w":
            raise
        raise ValueError(f"no HDF5 file, or a damaged one ({error})") from error
    with file:
        yield file
