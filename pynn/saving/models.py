"""save_model and load_model: a whole model, with its optimizer, in a `.keras` file; model_from_json."""

from __future__ import annotations

import io
import os
import warnings
from typing import Any

from ..layers.layer import Layer
from ..serialization import deserialize_keras_object, object_sharing, serialize_keras_object
from ..variable import weight_budget
from . import archive, store
from .state import load_state, save_state

# A file holds its weights uncompressed; what is compressed all the same, or made anew by a layer, has this much room.
_ROOM = 1 << 24
_EXPANSION = 8


def save_model(
    model: Any, filepath: Any, overwrite: bool = True, zipped: bool | None = None, **kwargs: Any
) -> None:
    """Write a model with its weights, what it was compiled with and the optimizer's state to a `.keras` file.

    Keras 3 opens the file. It appears whole or not at all.

    Args:
        model: a model, best a built one.
        filepath: name that ends in .keras, or a binary file.
        overwrite: False refuses to replace a file, instead of asking.
        zipped: only True (or None): pynn writes no folders.
        **kwargs: `include_optimizer` must be True, as for Keras's `.keras` files.

    Raises:
        ImportError: h5py is missing; the message names the extra that brings it.
        FileExistsError: the file is there and `overwrite` is False.
        ValueError: another ending, or an argument that pynn does not support.
        TypeError, NotImplementedError: something in the model cannot be written as plain values.
        OSError: the file cannot be written.
    """
    h5py = store.import_h5py()
    _check_options(zipped, kwargs)
    check_target("save", filepath, overwrite)
    if not model.built:
        warnings.warn(
            f"save: model {model.name!r} is not built, so the file has no weights; call the model on data, or "
            "build(input_shape), before",
            stacklevel=2,
        )
    with object_sharing():
        config = serialize_keras_object(model)
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        save_state(model, file)
    archive.write(filepath, config, content.getbuffer())


def check_target(caller: str, filepath: Any, overwrite: bool = True) -> None:
    """Raise what `save_model` would raise for this path, before any work."""
    if hasattr(filepath, "write"):
        return
    path = os.fspath(filepath)
    if not path.endswith(".keras"):
        old = (
            " (.h5 is Keras's old format, which pynn does not write)"
            if path.endswith((".h5", ".hdf5"))
            else ""
        )
        raise ValueError(
            f"{caller}: the file name must end in .keras, got {os.path.basename(path)!r}{old}; for weights alone "
            "there is save_weights('name.weights.h5')"
        )
    if not overwrite and os.path.exists(path):
        raise FileExistsError(f"{caller}: {path!r} is there already; pass overwrite=True to replace it")


def _check_options(zipped: bool | None, options: dict[str, Any]) -> None:
    if zipped is False:
        raise ValueError("save: pynn writes .keras files, no folders; leave out zipped=False")
    for name, value in options.items():
        if name not in ("include_optimizer", "save_format"):
            raise TypeError(f"save: unknown argument {name!r}")
        if name == "include_optimizer" and value is not True:
            raise ValueError(
                "save: a .keras file holds the optimizer's state always; save_weights writes weights"
            )
        if name == "save_format" and value not in (None, False, "keras"):
            raise ValueError(f"save: pynn writes the format 'keras' only, got save_format={value!r}")


def load_model(
    filepath: Any, custom_objects: dict[str, Any] | None = None, compile: bool = True, safe_mode: bool = True
) -> Any:
    """Return the model in a `.keras` file, from here or from Keras, ready to predict and to train on.

    Args:
        filepath: the name, or a binary file.
        custom_objects: the user's own classes and functions by name, beside those that are registered with
            `register_keras_serializable`.
        compile: False leaves the model without optimizer, loss and metrics.
        safe_mode: False lets the file hold Python lambdas: code that runs when the model does.

    Raises:
        ImportError: h5py is missing; the message names the extra that brings it.
        ValueError: the file is damaged, foreign, or holds what pynn does not know or, in safe mode, refuses.
        OSError: the file cannot be read.
    """
    store.import_h5py()
    _check_source(filepath)
    name = archive.file_name(filepath)
    with archive.opened("load_model", filepath) as file:
        try:
            config = file.config()
            weights = file.weights()
            if not compile:
                config["compile_config"] = None
            with weight_budget(_ROOM + _EXPANSION * file.weights_size()):
                model = _rebuilt(config, custom_objects, safe_mode)
            with store.opened(weights, "r") as state:
                load_state(model, state)
        except (ValueError, TypeError, NotImplementedError) as error:
            raise ValueError(f"load_model: {name}: {error}{file.written_by()}") from error
        except (KeyError, AttributeError, IndexError, RecursionError, MemoryError) as error:
            what = f"{type(error).__name__} {error}"
            raise ValueError(
                f"load_model: {name} holds no valid config ({what}){file.written_by()}"
            ) from error
    return model


def _check_source(filepath: Any) -> None:
    if hasattr(filepath, "read"):
        return
    path = os.fspath(filepath)
    if os.path.isdir(path):
        raise ValueError(f"load_model: {path!r} is a folder; pynn reads .keras files")
    if not path.endswith(".keras"):
        raise ValueError(
            f"load_model: the file name must end in .keras, got {os.path.basename(path)!r}; old .h5 files and "
            "SavedModel folders can be saved anew from Keras: model.save('name.keras')"
        )
    if not os.path.exists(path):
        raise FileNotFoundError(f"load_model: there is no file {path!r}")


def _rebuilt(config: dict[str, Any], custom_objects: dict[str, Any] | None, safe_mode: bool) -> Any:
    with object_sharing():
        model = deserialize_keras_object(config, custom_objects, safe_mode)
    if not isinstance(model, Layer):
        raise ValueError(f"the config is that of {type(model).__name__}, no model")
    return model


def model_from_json(json_string: str, custom_objects: dict[str, Any] | None = None) -> Any:
    """Return a model, with new weights, from what `model.to_json()` returned, here or in Keras.

    Raises:
        ValueError: the text is no JSON, or names what pynn does not know.
    """
    import json

    try:
        config = json.loads(json_string)
    except ValueError as error:
        raise ValueError(f"model_from_json: the text is no JSON ({error})") from None
    return _rebuilt(config, custom_objects, safe_mode=True)
