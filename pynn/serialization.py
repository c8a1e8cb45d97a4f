"""Objects as plain dicts in Keras's form, and back: what `.keras` files and `get_config` hold.

An object is {"module": "keras.layers", "class_name": "Dense", "config": {...}, "registered_name": None}. Each
family of pynn says with `provide` under which of Keras's modules its classes are known; nothing outside of what was
provided or registered is ever looked up, so a file cannot name arbitrary code.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from . import custom_objects as custom
from ._core import Dtype, Tensor, asarray
from .dtype_form import dtype_name
from .registry import did_you_mean

_PLAIN = (str, int, float, bool)

# Keras's module to where its names are found here; a module or a dict.
_homes: dict[str, Mapping[str, Any]] = {}

# The prefix of a class's own module to Keras's; "pynn.layers" to "keras.layers".
_public: dict[str, str] = {}

# Keras's modules whose functions a file may name without saying the module, in the order of the search.
_FUNCTIONS = tuple(f"keras.{family}" for family in ("activations", "losses", "metrics", "regularizers"))

_CORE = Tensor.__module__

# Functions of a family that make or write its objects, which no model consists of.
_INTERFACE = frozenset({"get", "serialize", "deserialize", "resolve", "resolve_accuracy"})


class _Shared(threading.local):
    """Objects met in this thread while one file is written or read; None outside of that."""

    written: dict[int, int] | None = None
    read: dict[Any, Any] | None = None


_shared = _Shared()


def provide(keras_module: str, namespace: ModuleType | Mapping[str, Any], own: str | None = None) -> None:
    """Say where the classes and functions of one of Keras's modules are.

    Args:
        keras_module: "keras.layers".
        namespace: the module of pynn, or a dict by name.
        own: what `__module__` of the classes begins with, if they are to be written as `keras_module`.
    """
    _homes[keras_module] = vars(namespace) if isinstance(namespace, ModuleType) else namespace
    if own is not None:
        _public[own] = keras_module


@contextmanager
def object_sharing() -> Iterator[None]:
    """Within it, a layer that is met twice is written with its number, and read as one object."""
    outer = _shared.written, _shared.read
    _shared.written, _shared.read = {}, {}
    try:
        yield
    finally:
        _shared.written, _shared.read = outer


# Writing -----------------------------------------------------------------------------------------------


def serialize_keras_object(obj: Any) -> Any:
    """Return plain values for `obj`, which JSON can hold and `deserialize_keras_object` takes back.

    Args:
        obj: a layer, model, loss, metric, optimizer, initializer ..., any object with `get_config`, a function,
            an array or tensor, plain values, or a list, tuple or dict of these.

    Raises:
        TypeError: an object that has no `get_config`.
    """
    if obj is None or isinstance(obj, _PLAIN):
        return obj
    if isinstance(obj, (list, tuple)):
        items = [serialize_keras_object(item) for item in obj]
        return tuple(items) if isinstance(obj, tuple) else items
    if isinstance(obj, dict):
        return {key: serialize_keras_object(value) for key, value in obj.items()}
    special = _special(obj)
    return _object(obj) if special is None else special


def _special(obj: Any) -> Any:
    """Return the form of values that JSON lacks; None for objects of classes."""
    if isinstance(obj, bytes):
        return {"class_name": "__bytes__", "config": {"value": obj.decode()}}
    if isinstance(obj, slice):
        parts = {"start": obj.start, "stop": obj.stop, "step": obj.step}
        return {"class_name": "__slice__", "config": serialize_keras_object(parts)}
    if obj is Ellipsis:
        return {"class_name": "__ellipsis__", "config": {}}
    if isinstance(obj, Dtype):
        return str(obj)
    if isinstance(obj, Tensor):
        return {"class_name": "__tensor__", "config": {"value": obj.tolist(), "dtype": str(obj.dtype)}}
    if isinstance(obj, np.ndarray) and obj.ndim:
        return {"class_name": "__numpy__", "config": {"value": obj.tolist(), "dtype": obj.dtype.name}}
    if isinstance(obj, (np.ndarray, np.generic)):
        return obj.item()
    if isinstance(obj, FunctionType) and obj.__name__ == "<lambda>":
        from .code import dump  # here: only lambdas need it

        return {"class_name": "__lambda__", "config": {"value": dump(obj)}}
    return None


def _object(obj: Any) -> dict[str, Any]:
    kind = type(obj)
    if not hasattr(obj, "get_config"):
        if not hasattr(obj, "__name__"):
            raise TypeError(
                f"cannot write {obj!r} into a config: {kind.__name__} has no get_config(); define it to return the "
                "constructor's arguments"
            )
        return _named(obj)
    module = keras_module(kind)
    config = obj.get_config()
    if not isinstance(config, dict):
        raise TypeError(f"{kind.__name__}.get_config() must return a dict, got {config!r}")
    entry: dict[str, Any] = {
        "module": module or (None if kind.__module__ == "__main__" else kind.__module__),
        "class_name": kind.__name__,
        "config": serialize_keras_object(config),
        "registered_name": None if module else custom.get_registered_name(kind),
    }
    for key, method in (("build_config", "get_build_config"), ("compile_config", "get_compile_config")):
        part = getattr(obj, method)() if hasattr(obj, method) else None
        if part is not None:
            entry[key] = serialize_keras_object(part)
    return _remembered(obj, entry)


def _named(function: Any) -> dict[str, Any]:
    """Return the form of a function: Keras writes its name and "builtins" for all of them."""
    return {
        "module": "builtins",
        "class_name": "function",
        "config": custom.get_registered_name(function),
        "registered_name": "function",
    }


def keras_module(kind: type) -> str | None:
    """Return the module of Keras that `kind` is written under; None for the user's own classes."""
    own = kind.__module__
    while own:
        if own in _public:
            module = _public[own]
            return module if _homes[module].get(kind.__name__) is kind else None
        own = own.rpartition(".")[0]
    return None


def _remembered(obj: Any, entry: dict[str, Any]) -> dict[str, Any]:
    """Number what has weights, so that a layer in two places of a file is read as one."""
    if _shared.written is not None and hasattr(obj, "weights"):
        entry["shared_object_id"] = _shared.written.setdefault(id(obj), len(_shared.written) + 1)
    return entry


# Reading -----------------------------------------------------------------------------------------------


def deserialize_keras_object(
    config: Any, custom_objects: dict[str, Any] | None = None, safe_mode: bool = True, **kwargs: Any
) -> Any:
    """Make what `serialize_keras_object` (here or in Keras) returned a config of.

    Args:
        config: plain values.
        custom_objects: the user's own classes and functions by name, beside those that are registered.
        safe_mode: refuse Python lambdas, whose code the config holds; within the loading of a file, what was said
            there goes before.

    Raises:
        ValueError: a name that is not known, or a lambda in safe mode.
        TypeError: something that is no config.
    """
    if kwargs:
        raise TypeError(f"deserialize_keras_object: unknown arguments {', '.join(kwargs)}")
    outer = custom.in_safe_mode()
    objects = {**(custom_objects or {}), **custom.scope_objects()}
    with custom.CustomObjectScope(objects), custom.safe_mode_scope(safe_mode if outer is None else outer):
        return _read(config)


def _read(config: Any) -> Any:
    if config is None or isinstance(config, _PLAIN):
        found = custom.get_registered_object(config) if isinstance(config, str) else None
        return config if found is None else found
    if isinstance(config, (list, tuple)):
        return [_read(item) for item in config]
    if not isinstance(config, dict):
        raise TypeError(f"no config of an object: {config!r}")
    if "class_name" not in config or "config" not in config:
        return {key: _read(value) for key, value in config.items()}
    name, inner = config["class_name"], config["config"]
    if not isinstance(name, str):
        raise TypeError(f"class_name must be a string, got {name!r}")
    if name == "function":
        return find(inner, "builtins", str(inner))
    inner = {} if inner is None else inner
    if not isinstance(inner, dict):
        raise TypeError(f"config of {name} must be a dict, got {inner!r}")
    if name.startswith("__"):
        return _read_special(name, inner)
    return _instance(config, name, inner)


def _read_special(name: str, inner: dict[str, Any]) -> Any:
    if name == "__tensor__":
        return asarray(inner["value"], dtype=inner["dtype"])
    if name == "__numpy__":
        return np.array(inner["value"], dtype=inner["dtype"])
    if name == "__bytes__":
        return inner["value"].encode()
    if name == "__ellipsis__":
        return Ellipsis
    if name == "__slice__":
        return slice(*(_read(inner[part]) for part in ("start", "stop", "step")))
    if name == "__lambda__":
        from .code import load

        return load(inner.get("value", inner))
    raise ValueError(f"pynn cannot read a {name} of a config")


def _instance(config: dict[str, Any], name: str, inner: dict[str, Any]) -> Any:
    number = config.get("shared_object_id")
    if number is not None and _shared.read is not None and number in _shared.read:
        return _shared.read[number]
    if name == "DTypePolicy":
        return dtype_name(config)
    kind = find(name, config.get("module"), config.get("registered_name") or name)
    if not isinstance(kind, type):
        return kind
    obj: Any = kind.from_config(inner)  # type: ignore[attr-defined]
    if config.get("build_config") and not getattr(obj, "built", True):
        obj.build_from_config(config["build_config"])
    if config.get("compile_config"):
        obj.compile_from_config(config["compile_config"])
    if number is not None and _shared.read is not None:
        _shared.read[number] = obj
    return obj


def find(name: Any, module: str | None, registered_name: str) -> Any:
    """Return the class or function that a config names.

    Args:
        name: of the class or function.
        module: Keras's ("keras.layers"), "builtins" for functions, or the user's own.
        registered_name: looked for first, among registered objects and in the scope.

    Raises:
        ValueError: it is not known.
        TypeError: `name` is no string.
    """
    if not isinstance(name, str):
        raise TypeError(f"the name of a class or function must be a string, got {name!r}")
    for candidate in (registered_name, name):
        found = custom.get_registered_object(candidate)
        if found is not None:
            return found
    homes = _FUNCTIONS if module == "builtins" else (module,)
    for home in homes:
        found = _homes.get(str(home), {}).get(name)
        if _is_model_part(name, found):
            return found
    raise ValueError(_unknown(name, module))


def _is_model_part(name: str, entry: Any) -> bool:
    """Whether a file may name this: a class that can be made of a config, or a function that computes."""
    if isinstance(entry, type):
        return hasattr(entry, "from_config")
    home = getattr(entry, "__module__", None) or ""
    own = home.startswith((*_public, _CORE))
    return callable(entry) and own and name not in _INTERFACE and not name.startswith("_")


def _unknown(name: str, module: str | None) -> str:
    if module in _homes:
        return f"pynn has no {module}.{name}{did_you_mean(name, _homes[module])}"
    if module is not None and module.partition(".")[0] == "keras":
        return f"pynn has no {module}.{name}"
    return (
        f"unknown class or function {name!r}: pass it in custom_objects={{{name!r}: ...}}, or put "
        "@pynn.saving.register_keras_serializable() before its definition"
    )
