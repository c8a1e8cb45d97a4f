"""The formats behind `pynn.save` and `pynn.load`. What is read is not trusted: no size is believed, no code is run."""

from __future__ import annotations

import io
import math
import os
import tokenize
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np

from .. import _core
from .._core import DtypeError, Tensor
from .replacing import replacing
from .tensors import SAFETENSORS_DTYPES, import_safetensors

_ONE, _MANY = "a tensor", "a dict of tensors"


class _Format(NamedTuple):
    """How a file with one ending is written and read."""

    holds: str
    write: Callable[[IO[bytes], Any], None]
    read: Callable[[bytes], Any]


def save(file: str | os.PathLike[str], x: Any) -> None:
    """Write a tensor or a dict of tensors; see `pynn.save`."""
    form = _format("save", file)
    content = _table(x) if isinstance(x, Mapping) else _tensor("x", x)
    if form.holds == _ONE and isinstance(content, dict):
        raise ValueError("save: a .npy file holds one tensor, not a dict; save to .npz or .safetensors")
    if form.holds == _MANY and not isinstance(content, dict):
        raise ValueError(
            f"save: a {Path(file).suffix} file holds a dict of tensors, so write save(file, {{'x': x}}); "
            "a .npy file holds one tensor"
        )
    if form is _FORMATS[".safetensors"]:
        import_safetensors("a .safetensors file")
    with replacing(file) as temporary, open(temporary, "xb") as stream:
        form.write(stream, content)


def load(file: str | os.PathLike[str]) -> Any:
    """Read a tensor or a dict of tensors; see `pynn.load`."""
    form = _format("load", file)
    if form is _FORMATS[".safetensors"]:
        import_safetensors("a .safetensors file")
    content = Path(file).read_bytes()
    try:
        return form.read(content)
    except _UnfitError as error:
        raise DtypeError(f"load: {Path(file).name!r} holds {error}, which no tensor does") from None
    except _DAMAGE as error:
        raise ValueError(
            f"load: {Path(file).name!r} is damaged or no {Path(file).suffix} file ({error})"
        ) from error


# What the readers of the formats raise for files that are no such files.
_DAMAGE = (
    ValueError,
    EOFError,
    OverflowError,
    NotImplementedError,
    RuntimeError,
    SyntaxError,  # NumPy takes the header apart as Python does
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
)


class _UnfitError(Exception):
    """A sound file with elements that no tensor holds; the text says which."""


def _format(caller: str, file: str | os.PathLike[str]) -> _Format:
    suffix = Path(file).suffix
    if suffix in _FORMATS:
        return _FORMATS[suffix]
    hint = (
        "; models are saved by model.save and loaded by pynn.models.load_model" if suffix == ".keras" else ""
    )
    raise ValueError(
        f"{caller}: the file name must end in .npy, .npz or .safetensors, got {Path(file).name!r}{hint}"
    )


def _table(x: Mapping[Any, Any]) -> dict[str, Tensor]:
    for key, value in x.items():
        if not isinstance(key, str):
            raise TypeError(f"save: the keys must be strings, got {key!r}")
        if isinstance(value, Mapping):
            raise ValueError(
                f"save: {key!r} is a dict; files hold one level, so join the names: {{'{key}/...': ...}}"
            )
    return {key: _tensor(repr(key), value) for key, value in x.items()}


def _tensor(name: str, value: Any) -> Tensor:
    try:
        return _core.asarray(value)
    except DtypeError as error:
        raise DtypeError(f"save: {name}: {error}") from None
    except TypeError as error:
        raise TypeError(f"save: {name}: {error}") from None


# NumPy's .npy and .npz --------------------------------------------------------------------------------------


def _write_npy(stream: IO[bytes], x: Tensor) -> None:
    if str(x.dtype) == "bfloat16":
        raise DtypeError("save: NumPy's files know no bfloat16; save to .safetensors, or x.astype('float32')")
    np.lib.format.write_array(stream, Tensor.numpy(x.to("cpu")), allow_pickle=False)


def _write_npz(stream: IO[bytes], table: dict[str, Tensor]) -> None:
    with zipfile.ZipFile(stream, "w") as archive:
        for name, x in table.items():
            # The date is that of NumPy's own files, so that equal tensors make equal files.
            info = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            with archive.open(info, "w", force_zip64=True) as member:
                _write_npy(member, x)


def _read_npy(content: bytes) -> Tensor:
    stream = io.BytesIO(content)
    version = np.lib.format.read_magic(stream)
    if version not in ((1, 0), (2, 0)):
        raise ValueError(f"version {version[0]}.{version[1]} of the format")
    header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, column_major, dtype = header(stream)
    if dtype.kind not in "biuf" or dtype.itemsize > 8:
        raise _UnfitError(f"elements of {dtype}")
    start, expected = stream.tell(), math.prod(shape) * dtype.itemsize
    if len(content) - start != expected:
        raise ValueError(f"shape {shape} of {dtype} takes {expected} bytes, there are {len(content) - start}")
    array = np.frombuffer(content, dtype, offset=start).reshape(shape, order="F" if column_major else "C")
    return _core.array(array)  # a copy: the bytes of a file lie where no vector load wants them


def _read_npz(content: bytes) -> dict[str, Tensor]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
        if len(set(names)) != len(names):
            raise ValueError("two members have one name")
        table = {}
        for name in names:
            try:
                table[name.removesuffix(".npy")] = _read_npy(archive.read(name))
            except _UnfitError as error:
                raise _UnfitError(f"{error} in {name!r}") from None
        return table


# safetensors ------------------------------------------------------------------------------------------------


def _write_safetensors(stream: IO[bytes], table: dict[str, Tensor]) -> None:
    safetensors = import_safetensors("a .safetensors file")
    # bfloat16 as its bits: NumPy has no name for it, the file has.
    kept = {name: np.ascontiguousarray(_core._bits(x)) for name, x in table.items()}
    entries = {}
    for name, array in kept.items():
        entry = {"dtype": str(table[name].dtype), "shape": table[name].shape}
        if hasattr(safetensors, "TensorSpec"):
            entries[name] = safetensors.TensorSpec(**entry, data_ptr=array.ctypes.data, data_len=array.nbytes)
        else:
            entries[name] = {**entry, "data": array.tobytes()}
    stream.write(safetensors.serialize(entries))


def _read_safetensors(content: bytes) -> dict[str, Tensor]:
    safetensors = import_safetensors("a .safetensors file")
    try:
        entries = safetensors.deserialize(content)
    except safetensors.SafetensorError as error:
        raise ValueError(str(error)) from error
    table = {}
    for name, entry in entries:
        dtype = "bfloat16" if entry["dtype"] == "BF16" else SAFETENSORS_DTYPES.get(entry["dtype"])
        if dtype is None:
            raise _UnfitError(f"elements of {entry['dtype']} in {name!r}")
        bits = np.dtype("uint16" if dtype == "bfloat16" else dtype).newbyteorder("<")
        array = np.frombuffer(entry["data"], bits).reshape(entry["shape"])
        table[name] = _core._from_bits(Tensor, array, dtype).copy()
    return table


_FORMATS = {
    ".npy": _Format(_ONE, _write_npy, _read_npy),
    ".npz": _Format(_MANY, _write_npz, _read_npz),
    ".safetensors": _Format(_MANY, _write_safetensors, _read_safetensors),
}
