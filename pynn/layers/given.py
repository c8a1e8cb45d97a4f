"""Given: the arguments that a layer was made with, for a class that does not write its own config."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

_PLAIN = (str, int, float, bool, type(None))


class Given:
    """Arguments of one call of a constructor.

    Args:
        constructor: the class's `__init__`.
        args, kwargs: what it was called with.
    """

    def __init__(
        self, constructor: Callable[..., None], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        signature = inspect.signature(constructor)
        kinds = {name: parameter.kind for name, parameter in signature.parameters.items()}
        self._names = frozenset(kinds)
        self._takes_any = inspect.Parameter.VAR_KEYWORD in kinds.values()
        self._arguments: dict[str, Any] | None = None
        if inspect.Parameter.POSITIONAL_ONLY in kinds.values():
            return
        try:
            bound = signature.bind(None, *args, **kwargs)
        except TypeError:  # the constructor is about to say so itself
            return
        bound.apply_defaults()
        arguments = dict(list(bound.arguments.items())[1:])
        for name, kind in kinds.items():
            if kind is inspect.Parameter.VAR_KEYWORD:
                arguments.update(arguments.pop(name, {}))
            elif kind is inspect.Parameter.VAR_POSITIONAL and arguments.pop(name, ()):
                return
        if _is_plain(arguments):
            self._arguments = arguments

    def config(self, layer: Any, common: dict[str, Any]) -> dict[str, Any]:
        """Return the arguments, and of what every layer has that which the constructor takes.

        Raises:
            NotImplementedError: an argument is not plain, or has no name.
        """
        if self._arguments is None:
            kind = type(layer).__name__
            raise NotImplementedError(
                f"{kind} was made with arguments that a config cannot hold; define get_config(self) to return "
                f"{{**super().get_config(), 'argument': value}}, and from_config if a value is an object"
            )
        taken = {key: value for key, value in common.items() if self._takes_any or key in self._names}
        return {**self._arguments, **taken}


def _is_plain(value: Any) -> bool:
    if isinstance(value, dict):
        return all(map(_is_plain, value.values()))
    return all(map(_is_plain, value)) if isinstance(value, (list, tuple)) else isinstance(value, _PLAIN)
