"""Reader of IDX files, the format of the MNIST family: a magic number, the sizes of the axes, the numbers.

    0x00 0x00 | dtype code | number of axes | size of each axis, uint32 big endian | the values, big endian

The file is not trusted: every size is checked against what is really there before memory is taken for it.
"""

from __future__ import annotations

import gzip
import lzma
import math
import os
import struct
import sys
import zlib
from io import BufferedIOBase, BufferedReader
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

_DTYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_MOST_AXES = 32  # NumPy 1 stops here; NumPy 2 allows 64
_CHUNK = 1 << 20  # bytes; a false size in the header costs at most one chunk more than the file holds

_GZIP_MAGIC = b"\x1f\x8b"
_XZ_MAGIC = b"\xfd7zXZ\x00"


def load_idx(path: str | os.PathLike[str]) -> npt.NDArray[Any]:
    """Reads one IDX file, plain or compressed with gzip or xz (told by content, not by name).

    Args:
        path: the file.

    Returns:
        A new NumPy array in the machine's byte order: uint8, int8, int16, int32, float32 or float64.

    Raises:
        OSError: the file cannot be opened.
        ValueError: the file is not IDX, is damaged, or holds more or fewer values than its header says.
    """
    with open(path, "rb") as file:
        try:
            return _read(_decompressed(file))
        except (EOFError, gzip.BadGzipFile, zlib.error, lzma.LZMAError) as error:
            raise ValueError(
                f"load_idx: {_name(path)} is compressed, but damaged or cut short ({error})"
            ) from error
        except _BadIdxError as error:
            raise ValueError(f"load_idx: {_name(path)} {error}") from None


def load_pair(
    caller: str, prefix: str, images: Path, labels: Path
) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Return the images and the labels of two IDX files.

    Raises:
        ValueError: a file is damaged, or they do not belong together; `prefix` says which files.
    """
    x, y = load_idx(images), load_idx(labels)
    if x.dtype != np.uint8 or x.ndim != 3 or y.dtype != np.uint8 or y.shape != x.shape[:1]:
        raise ValueError(
            f"{caller}: the {prefix} files do not belong together: images {x.dtype} {x.shape}, "
            f"labels {y.dtype} {y.shape}; expected uint8 (n, height, width) and uint8 (n,)"
        )
    return x, y


class _BadIdxError(Exception):
    """What is wrong with the content; the caller puts the file's name in front."""


def _name(path: str | os.PathLike[str]) -> str:
    return repr(Path(path).name)


def _decompressed(file: BufferedReader) -> BufferedIOBase:
    start = file.read(len(_XZ_MAGIC))
    file.seek(0)
    if start.startswith(_GZIP_MAGIC):
        return gzip.open(file)
    if start.startswith(_XZ_MAGIC):
        return lzma.open(file)
    return file


def _read(file: BufferedIOBase) -> npt.NDArray[Any]:
    dtype, shape = _read_header(file)
    expected = math.prod(shape) * dtype.itemsize  # Python's integers do not overflow
    values = _read_at_most(file, expected)
    if len(values) < expected:
        raise _BadIdxError(
            f"is cut short: its header says {_shape(shape)} = {expected} bytes, it holds {len(values)}"
        )
    if file.read(1):
        raise _BadIdxError(f"is too long: bytes follow after the {expected} that its header says")
    return np.frombuffer(values, dtype).reshape(shape).astype(dtype.newbyteorder("="), copy=False)


def _read_header(file: BufferedIOBase) -> tuple[np.dtype[Any], tuple[int, ...]]:
    magic = file.read(4)
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in _DTYPES:
        raise _BadIdxError(
            f"is not an IDX file: it starts with the bytes '{magic.hex(' ')}', expected 00 00, "
            f"a type of {', '.join(f'{code:02x}' for code in _DTYPES)}, and the number of axes"
        )
    axes = magic[3]
    if axes > _MOST_AXES:
        raise _BadIdxError(f"has {axes} axes, the most that is read is {_MOST_AXES}")
    sizes = file.read(4 * axes)
    if len(sizes) < 4 * axes:
        raise _BadIdxError(f"is cut short: it ends inside the sizes of its {axes} axes")
    dtype, shape = np.dtype(_DTYPES[magic[2]]), struct.unpack(f">{axes}I", sizes)
    # An empty array may still claim axes whose product no machine can index.
    if math.prod(size for size in shape if size) * dtype.itemsize > sys.maxsize:
        raise _BadIdxError(f"is damaged: its header says {_shape(shape)}, more than a machine can hold")
    return dtype, shape


def _read_at_most(file: BufferedIOBase, count: int) -> bytearray:
    values = bytearray()
    while len(values) < count:
        chunk = file.read(min(_CHUNK, count - len(values)))
        if not chunk:
            break
        values += chunk
    return values


def _shape(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape)) or "one value"
