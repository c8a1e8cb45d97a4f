"""Reader of the `.npz` files of data sets. Some hold lists, which NumPy stores as pickles; a pickle may run any code
when it is read, so only what makes arrays is let through.
"""

from __future__ import annotations

import io
import pickle
import zipfile
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

_RECONSTRUCT: Any = np.empty(0).__reduce__()[0]  # how NumPy begins to unpickle an array
_ALLOWED: dict[tuple[str, str], Any] = {
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
    ("numpy.core.multiarray", "_reconstruct"): _RECONSTRUCT,
    ("numpy._core.multiarray", "_reconstruct"): _RECONSTRUCT,
}


class ArrayUnpickler(pickle.Unpickler):
    """Unpickles numbers, text, lists, dicts and NumPy arrays of them, and nothing that is called or imported."""

    def find_class(self, module: str, name: str) -> Any:
        try:
            return _ALLOWED[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}, which is no array") from None


def load_npz(caller: str, path: Path, *names: str) -> list[npt.NDArray[Any]]:
    """Return arrays of an `.npz` file.

    Raises:
        ValueError: the file is damaged, lacks one of `names`, or asks for more than arrays.
        OSError: it cannot be read.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            missing = {f"{name}.npy" for name in names} - set(archive.namelist())
            if missing:
                raise ValueError(f"it lacks {', '.join(sorted(missing))}")
            return [_read(io.BytesIO(archive.read(f"{name}.npy"))) for name in names]
    except OSError:
        raise
    except Exception as error:  # what damage makes the readers of zip, header and pickle raise has no end
        raise ValueError(f"{caller}: {path.name!r} is not the file expected: {error}") from error


def _read(file: BinaryIO) -> npt.NDArray[Any]:
    version = np.lib.format.read_magic(file)
    header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    dtype = header(file)[2]
    if dtype.hasobject:
        array = ArrayUnpickler(file).load()
        if not isinstance(array, np.ndarray):
            raise ValueError(f"it holds a {type(array).__name__} where an array belongs")
        return array
    file.seek(0)
    array = np.lib.format.read_array(file, allow_pickle=False)
    return np.asarray(array)
