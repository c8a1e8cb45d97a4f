"""The user's own classes and functions under the names that files use for them, and whether files may hold code.

Names and rules are those of `keras.saving`. A registered object is known everywhere, one of a `CustomObjectScope` only
within it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

T = TypeVar("T", bound=Callable[..., Any])

_registered: dict[str, Any] = {}
_names: dict[Any, str] = {}


class _Scopes(threading.local):
    """What holds in this thread: the objects of the innermost scope; None for "nobody said" of safe mode."""

    objects: dict[str, Any] = {}  # noqa: RUF012 - replaced as a whole, never changed
    safe_mode: bool | None = None


_scopes = _Scopes()


def register_keras_serializable(package: str = "Custom", name: str | None = None) -> Callable[[T], T]:
    """Return a decorator that registers a class or function as `package>name`, for files to name it.

    Args:
        package: keeps names of different libraries apart.
        name: None means the object's own.

    Raises:
        ValueError: (when decorating) a class that has no `get_config`.
    """

    def register(entry: T) -> T:
        if isinstance(entry, type) and not hasattr(entry, "get_config"):
            raise ValueError(
                f"register_keras_serializable: class {entry.__name__} has no get_config(), which a file needs"
            )
        key = f"{package}>{name or entry.__name__}"
        _registered[key] = entry
        _names[entry] = key
        return entry

    return register


def get_registered_name(obj: Any) -> str:
    """Return the name that `obj` (a class or function) was registered under, or its own."""
    try:
        name = _names.get(obj)
    except TypeError:  # not hashable, so never registered
        name = None
    return obj.__name__ if name is None else name


def get_registered_object(
    name: str, custom_objects: dict[str, Any] | None = None, module_objects: dict[str, Any] | None = None
) -> Any:
    """Return the class or function called `name`, or None.

    Looked for in the scope, among registered objects, in `custom_objects`, then in `module_objects`.
    """
    for objects in (_scopes.objects, _registered, custom_objects or {}, module_objects or {}):
        if name in objects:
            return objects[name]
    return None


def get_custom_objects() -> dict[str, Any]:
    """Return the dict of registered objects itself: what is put into it is registered."""
    return _registered


class CustomObjectScope:
    """Within `with CustomObjectScope({"MyLayer": MyLayer}):`, files and configs may name these objects.

    Args:
        custom_objects: classes and functions by name; those of an outer scope are not known inside.
    """

    def __init__(self, custom_objects: dict[str, Any] | None) -> None:
        self.custom_objects = dict(custom_objects or {})
        self._outer: dict[str, Any] = {}

    def __enter__(self) -> CustomObjectScope:
        self._outer, _scopes.objects = _scopes.objects, self.custom_objects
        return self

    def __exit__(self, *error: object) -> None:
        _scopes.objects = self._outer


custom_object_scope = CustomObjectScope


def scope_objects() -> dict[str, Any]:
    """Return a copy of the objects of the innermost scope."""
    return dict(_scopes.objects)


@contextmanager
def safe_mode_scope(safe_mode: bool) -> Iterator[None]:
    """Within it, `in_safe_mode` is what was given, unless unsafe files were allowed for the whole thread."""
    outer = _scopes.safe_mode
    _scopes.safe_mode = safe_mode
    try:
        yield
    finally:
        _scopes.safe_mode = outer


def in_safe_mode() -> bool | None:
    """Return whether code in files is refused here; None where nobody has said."""
    return _scopes.safe_mode


def enable_unsafe_deserialization() -> None:
    """Let files and configs hold code (lambdas), which runs when a model from them is used, from now on."""
    _scopes.safe_mode = False
