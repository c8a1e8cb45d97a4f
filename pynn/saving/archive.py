"""The `.keras` file: a zip archive of metadata.json, config.json and model.weights.h5. What is read is not trusted."""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from .._version import __version__
from .replacing import replacing

METADATA, CONFIG, WEIGHTS = "metadata.json", "config.json", "model.weights.h5"

KERAS_VERSION = "3.15.1"
"""The version of Keras whose files these are."""

_LARGE = {METADATA: 1 << 16, CONFIG: 1 << 28, WEIGHTS: 1 << 62}
"""Most bytes of each member."""

_SUSPICIOUS = 1 << 20
"""Bytes above which a member must not be packed to less than a hundredth: 1 MiB."""


def write(target: Any, config: dict[str, Any], weights: memoryview) -> None:
    """Write an archive.

    Args:
        target: a path, replaced as a whole or not at all, or a binary file.
        config: of the model.
        weights: the content of the HDF5 file.

    Raises:
        OSError: the file cannot be written.
        TypeError: the config holds what JSON cannot.
    """
    text = json.dumps(config)
    if hasattr(target, "write"):
        _write(target, text, weights)
        return
    with replacing(target) as path, open(path, "xb") as file:
        _write(file, text, weights)


def _write(file: Any, config: str, weights: memoryview) -> None:
    metadata = {
        "keras_version": KERAS_VERSION,
        "date_saved": datetime.now().strftime("%Y-%m-%d@%H:%M:%S"),
        "saved_by": f"pynn {__version__}",
    }
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(METADATA, json.dumps(metadata))
        archive.writestr(CONFIG, config)
        with archive.open(WEIGHTS, "w", force_zip64=True) as member:
            member.write(weights)


class Archive:
    """An open archive; its members are read whole, checked against their checksums.

    Args:
        file: an open ZipFile.
    """

    def __init__(self, file: zipfile.ZipFile) -> None:
        self._file = file
        self._names = file.namelist()

    def config(self) -> dict[str, Any]:
        """Return the config of the model.

        Raises:
            ValueError: it is missing, damaged or no dict.
        """
        return self._parsed(CONFIG)

    def weights(self) -> io.BytesIO:
        """Return the HDF5 file, in memory.

        Raises:
            ValueError: it is missing or damaged, or the weights are in another format.
        """
        if "model.weights.npz" in self._names and WEIGHTS not in self._names:
            raise ValueError("the weights are in a .npz file, which pynn does not read; save them as h5")
        return io.BytesIO(self._read(WEIGHTS))

    def weights_size(self) -> int:
        """Return the bytes of the HDF5 file; 0 if there is none."""
        return self._file.getinfo(WEIGHTS).file_size if WEIGHTS in self._names else 0

    def written_by(self) -> str:
        """Return a hint for errors: which version wrote the file, if it is newer than what pynn knows."""
        try:
            version = str(self._parsed(METADATA).get("keras_version"))
            newer = _numbers(version) > _numbers(KERAS_VERSION)
        except ValueError:
            return ""
        return (
            f" (the file is from Keras {version}, newer than the {KERAS_VERSION} pynn knows)" if newer else ""
        )

    def _parsed(self, name: str) -> dict[str, Any]:
        try:
            content = json.loads(self._read(name))
        except RecursionError:
            raise ValueError(f"its {name} is nested too deeply") from None
        except ValueError as error:
            if isinstance(error, (json.JSONDecodeError, UnicodeDecodeError)):
                raise ValueError(f"its {name} is no JSON ({error})") from None
            raise
        if not isinstance(content, dict):
            raise ValueError(f"its {name} holds no dict")
        return content

    def _read(self, name: str) -> bytes:
        if self._names.count(name) != 1:
            raise ValueError(f"it has {self._names.count(name) or 'no'} {name}; a .keras file has one")
        info = self._file.getinfo(name)
        packed = info.file_size > _SUSPICIOUS and info.file_size > 100 * info.compress_size
        if info.file_size > _LARGE[name] or packed:
            raise ValueError(
                f"its {name} unpacks from {info.compress_size} to {info.file_size} bytes, which is not plausible"
            )
        return self._file.read(name)


@contextmanager
def opened(caller: str, source: Any) -> Iterator[Archive]:
    """Open an archive.

    Args:
        caller: of the user, for messages.
        source: a path or a binary file.

    Raises:
        ValueError: it is no archive; and in place of whatever a damaged one makes Python's reader raise.
        FileNotFoundError, PermissionError: it cannot be read.
    """
    name = file_name(source)
    try:
        file = zipfile.ZipFile(source)
    except (FileNotFoundError, PermissionError, IsADirectoryError):
        raise
    except Exception as error:
        raise ValueError(f"{caller}: {name} is damaged or no .keras file ({error})") from error
    with file:
        try:
            yield Archive(file)
        except (zipfile.BadZipFile, EOFError, NotImplementedError, OSError, RuntimeError) as error:
            raise ValueError(f"{caller}: {name} is damaged ({error})") from error


def file_name(source: Any) -> str:
    """Return how messages call a file."""
    return "the file" if hasattr(source, "read") else repr(os.path.basename(os.fspath(source)))


def _numbers(version: str) -> list[int]:
    """Return the numbers of "3.15.1"; ValueError for anything else."""
    return [int(part) for part in version.split(".")[:3]]
