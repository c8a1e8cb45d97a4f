"""A model's weights in a `.safetensors` file: a flat table of named arrays that runs no code when read.

A key is `<layer name>/<variable name>`. Automatic layer names ('dense_7') are counted anew in each model, so
weights saved from one model load into another that was built later in the same process.
"""

from __future__ import annotations

import os
import re
from collections.abc import Container, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..naming import snake_case
from .replacing import replacing

if TYPE_CHECKING:
    from ..layers.layer import Layer
    from ..variable import Variable

_SUFFIX = ".safetensors"
SAFETENSORS_DTYPES = {
    "BOOL": "bool",
    "I8": "int8",
    "I16": "int16",
    "I32": "int32",
    "I64": "int64",
    "U8": "uint8",
    "U16": "uint16",
    "U32": "uint32",
    "U64": "uint64",
    "F16": "float16",
    "F32": "float32",
    "F64": "float64",
}
_MOST_NAMES = 4  # in one line of an error


def save_tensors(model: Any, path: str | os.PathLike[str]) -> None:
    """Writes all weights of a built model to a `.safetensors` file.

    The file appears whole or not at all: it is written under another name, forced to disk, then renamed.

    Args:
        model: a built model.
        path: where to; an existing file is replaced.

    Raises:
        ImportError: safetensors is missing; the message names the extra that brings it.
        ValueError: the model is not built, or the name does not end in .safetensors.
        OSError: the file cannot be written.
    """
    safetensors = import_safetensors()
    _check_suffix("save_weights", path)
    variables = _named_variables("save_weights", model)
    arrays = {name: variable.numpy() for name, variable in variables.items()}
    with replacing(path) as temporary, open(temporary, "xb") as file:
        file.write(safetensors.numpy.save(arrays))


def check_target(path: str | os.PathLike[str]) -> None:
    """Raises what `save_weights` would raise for this path, for callers who train before they save.

    Raises:
        ImportError, ValueError, OSError: as `save_weights`.
    """
    import_safetensors()
    _check_suffix("save_weights", path)
    check_folder(path)


def check_folder(path: str | os.PathLike[str]) -> None:
    """Raise an OSError if no file can be written at `path`."""
    folder = Path(path).parent
    if not folder.is_dir():
        raise FileNotFoundError(f"save_weights: there is no folder {str(folder)!r}")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(f"save_weights: the folder {str(folder)!r} cannot be written to")
    if Path(path).is_dir():
        raise IsADirectoryError(f"save_weights: {str(path)!r} is a folder")


def load_tensors(model: Any, path: str | os.PathLike[str]) -> None:
    """Sets all weights of a built model from a file that `save_weights` wrote for a model of the same layers.

    Names, shapes and dtypes of all weights are checked first; when one does not fit, no weight changes.

    Args:
        model: a built model.
        path: the file.

    Raises:
        ImportError: safetensors is missing; the message names the extra that brings it.
        ValueError: the model is not built, or the file is damaged, foreign or of another model.
        OSError: the file cannot be read.
    """
    safetensors = import_safetensors()
    _check_suffix("load_weights", path)
    variables = _named_variables("load_weights", model)
    name = repr(Path(path).name)
    try:
        entries = dict(safetensors.deserialize(Path(path).read_bytes()))
    except safetensors.SafetensorError as error:
        raise ValueError(f"load_weights: {name} is damaged or no safetensors file ({error})") from error
    faults = list(_faults(variables, entries))
    if faults:
        raise ValueError(f"load_weights: {name} does not fit model {model.name!r}\n" + "\n".join(faults))
    for key, variable in variables.items():
        variable.assign(_array(entries[key]))


def import_safetensors(what: str = "saving and loading weights") -> Any:
    """Return the package; an ImportError names the extra that brings it."""
    try:
        import safetensors.numpy
    except ImportError as error:
        message = f"{what} needs safetensors: pip install 'pynn-core[weights]'"
        raise ImportError(message) from error
    return safetensors


def _check_suffix(caller: str, path: str | os.PathLike[str]) -> None:
    if not str(path).endswith(_SUFFIX):
        raise ValueError(f"{caller}: the file name must end in {_SUFFIX}, got {Path(path).name!r}")


def _named_variables(caller: str, model: Any) -> dict[str, Variable]:
    """Every variable of the model once, under its key in the file."""
    if not model.built:
        raise ValueError(
            f"{caller}: model {model.name!r} has no weights yet; call it on data or build(input_shape)"
        )
    named: dict[str, Variable] = {}
    seen: set[int] = set()
    for owner, weights in _owners(model):
        for weight in weights:
            if id(weight) not in seen:
                seen.add(id(weight))
                named[_unique(f"{owner}/{weight.name}", named)] = weight
    return named


def _owners(model: Any) -> Iterator[tuple[str, list[Variable]]]:
    """Layer names with the variables of each; last the model itself, for those that are in no layer."""
    taken: list[str] = []
    for layer in model.layers:
        if layer.weights:
            taken.append(_unique(_plain_name(layer), taken))
            yield taken[-1], layer.weights
    yield _plain_name(model), model.weights


def _plain_name(layer: Layer) -> str:
    """The layer's name, without the number that makes automatic names unique in the process."""
    automatic = snake_case(type(layer).__name__)
    return automatic if re.fullmatch(rf"{automatic}_\d+", layer.name) else layer.name


def _unique(name: str, taken: Container[str]) -> str:
    count, candidate = 0, name
    while candidate in taken:
        count += 1
        candidate = f"{name}_{count}"
    return candidate


def _faults(variables: dict[str, Variable], entries: dict[str, dict[str, Any]]) -> Iterator[str]:
    """One line for each way in which the file and the model differ."""
    missing = [name for name in variables if name not in entries]
    unexpected = [name for name in sorted(entries) if name not in variables]
    common = [name for name in variables if name in entries]
    shapes, dtypes = [], []
    for name in common:
        model, file = variables[name], entries[name]
        if tuple(file["shape"]) != model.shape:
            shapes.append(f"{name} {tuple(file['shape'])} in the file, {model.shape} in the model")
        file_dtype = SAFETENSORS_DTYPES.get(file["dtype"], file["dtype"])
        if file_dtype != str(model.dtype):
            dtypes.append(f"{name} {file_dtype} in the file, {model.dtype} in the model")
    kinds = {"not in the file": missing, "not in the model": unexpected, "shape": shapes, "dtype": dtypes}
    for kind, names in kinds.items():
        if names:
            more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
            yield f"  {kind}: {', '.join(names[:_MOST_NAMES])}{more}"


def _array(entry: dict[str, Any]) -> npt.NDArray[Any]:
    dtype = np.dtype(SAFETENSORS_DTYPES[entry["dtype"]]).newbyteorder("<")
    values: npt.NDArray[Any] = np.frombuffer(entry["data"], dtype)
    return values.reshape(entry["shape"])
