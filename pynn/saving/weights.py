"""save_weights and load_weights: the variables of a built model in a `.weights.h5` file in Keras's layout."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from . import archive, store
from .replacing import replacing
from .state import load_state, save_state
from .tensors import check_folder, load_tensors, save_tensors
from .tensors import check_target as check_tensors

SUFFIX = ".weights.h5"
_TENSORS = ".safetensors"


def save_weights(
    model: Any,
    filepath: str | os.PathLike[str],
    overwrite: bool = True,
    max_shard_size: float | None = None,
) -> None:
    """Write all variables of a built model, and the optimizer's state, to one file, whole or not at all.

    Args:
        model: a built model.
        filepath: name that ends in .weights.h5, which Keras reads, or in .safetensors, for weights alone.
        overwrite: False refuses to replace a file, instead of asking.
        max_shard_size: must be None: pynn writes one file.

    Raises:
        ImportError: h5py or safetensors is missing; the message names the extra that brings it.
        FileExistsError: the file is there and `overwrite` is False.
        ValueError: the model is not built, the name ends otherwise, or shards are asked for.
        OSError: the file cannot be written.
    """
    path = os.fspath(filepath)
    if max_shard_size is not None:
        raise ValueError("save_weights: pynn writes one file, so max_shard_size must be None")
    _check_suffix("save_weights", path)
    if not overwrite and os.path.exists(path):
        raise FileExistsError(f"save_weights: {path!r} is there already; pass overwrite=True to replace it")
    if path.endswith(_TENSORS):
        save_tensors(model, path)
        return
    _check_built("save_weights", model)
    h5py = store.import_h5py()
    with replacing(path) as temporary, h5py.File(temporary, "w") as file:
        save_state(model, file)


def load_weights(
    model: Any,
    filepath: str | os.PathLike[str],
    skip_mismatch: bool = False,
    *,
    objects_to_skip: Sequence[Any] | None = None,
    by_name: bool | None = None,
) -> None:
    """Set the variables of a built model from a file of `save_weights`, here or in Keras, or from a `.keras` file.

    Layers are found by their place in the model, not by name. If one does not fit, no variable changes. The optimizer's
    state is set too if the optimizer has begun to work.

    Args:
        model: a built model.
        filepath: name that ends in .weights.h5, .keras or .safetensors.
        skip_mismatch: leave layers that do not fit as they are, with a warning.
        objects_to_skip: layers to leave as they are; for .weights.h5 and .keras.
        by_name: must be None: only Keras's old .h5 files could be loaded by name.

    Raises:
        ImportError: h5py or safetensors is missing; the message names the extra that brings it.
        ValueError: the model is not built, or the file is damaged, foreign or of another model.
        OSError: the file cannot be read.
    """
    path = os.fspath(filepath)
    if by_name:
        raise ValueError("load_weights: by_name is for Keras's old .h5 files, which pynn does not read")
    if path.endswith(_TENSORS):
        if skip_mismatch or objects_to_skip:
            raise ValueError(
                "load_weights: skip_mismatch and objects_to_skip are for .weights.h5 and .keras files"
            )
        load_tensors(model, path)
        return
    _check_suffix("load_weights", path, ".keras")
    _check_built("load_weights", model)
    if not os.path.exists(path):
        raise FileNotFoundError(f"load_weights: there is no file {path!r}")
    name = archive.file_name(path)
    store.import_h5py()
    if path.endswith(".keras"):
        with archive.opened("load_weights", path) as file:
            try:
                content: Any = file.weights()
            except ValueError as error:
                raise ValueError(f"load_weights: {name}: {error}") from error
    else:
        content = path
    try:
        with store.opened(content, "r") as state:
            load_state(model, state, skip_mismatch, objects_to_skip or ())
    except (OSError, RuntimeError, KeyError) as error:
        raise ValueError(f"load_weights: {name} is damaged ({error})") from error
    except ValueError as error:
        raise ValueError(f"load_weights: {name} does not fit model {model.name!r}:\n{error}") from error


def check_target(path: str | os.PathLike[str]) -> None:
    """Raise what `save_weights` would raise for this path, for callers who train before they save.

    Raises:
        ImportError, ValueError, OSError: as `save_weights`.
    """
    name = os.fspath(path)
    _check_suffix("save_weights", name)
    if name.endswith(_TENSORS):
        check_tensors(path)
    else:
        store.import_h5py()
        check_folder(path)


def _check_suffix(caller: str, path: str, *more: str) -> None:
    endings = (SUFFIX, *more, _TENSORS)
    if not path.endswith(endings):
        old = (
            " (Keras's old .h5 files, without .weights before, are not read)" if path.endswith(".h5") else ""
        )
        raise ValueError(
            f"{caller}: the file name must end in {', '.join(endings[:-1])} or {endings[-1]}, "
            f"got {os.path.basename(path)!r}{old}"
        )


def _check_built(caller: str, model: Any) -> None:
    if not model.built:
        raise ValueError(
            f"{caller}: model {model.name!r} has no weights yet; call it on data or build(input_shape)"
        )
