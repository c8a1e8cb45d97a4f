"""Names for objects: "relu", "adam" or "mse" become what they mean, an unknown name gets a "did you mean".

A registry knows nothing of what it holds; every family (activations, losses, optimizers ...) owns one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from .custom_objects import get_registered_object

T = TypeVar("T", bound=Callable[..., Any])


def did_you_mean(word: str, names: Iterable[str]) -> str:
    """Return "; did you mean 'x'?" for the name closest to `word`, or "" when none is close."""
    import difflib  # here: only mistakes need it, and every import would wait for it

    by_folded = {name.lower(): name for name in sorted(names)}  # 'adam' goes over 'Adam'
    close = difflib.get_close_matches(word.lower(), by_folded, n=1)
    return f"; did you mean {by_folded[close[0]]!r}?" if close else ""


# Names under which users of NumPy, PyTorch and TensorFlow look for things of `pynn` itself.
_FOREIGN = {
    "absolute": "abs", "as_tensor": "asarray", "bmm": "matmul", "cat": "concat", "concatenate": "concat",
    "constant": "asarray", "convert_to_tensor": "asarray", "from_numpy": "asarray", "mm": "matmul",
    "ndarray": "Tensor", "nn": "layers", "optim": "optimizers", "rand": "random.uniform",
    "randn": "random.normal", "reduce_max": "max", "reduce_mean": "mean", "reduce_sum": "sum",
    "swapaxes": "permute_dims", "transpose": "permute_dims", "unsqueeze": "expand_dims",
}  # fmt: skip


def foreign_name(name: str, names: Iterable[str]) -> str:
    """Return what `pynn` calls the thing that another library, or a slip, calls `name`: "; did you mean 'x'?" or ""."""
    known = list(names)
    if name in _FOREIGN:
        return f"; here it is pynn.{_FOREIGN[name]}"
    return did_you_mean(name, known)


class Registry:
    """Objects of one kind under their names.

    Args:
        kind: what an entry is, as error messages should call it ("activation", "loss").
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._entries: dict[str, Any] = {}
        self._canonical: list[str] = []

    def register(self, *names: str) -> Callable[[T], T]:
        """Return a decorator that enters a class or function under `names` and under its own `__name__`.

        The first of `names` is the one listed by `names()` and returned by `name_of`.
        """

        def enter(entry: T) -> T:
            own = entry.__name__
            for name in (*names, own):
                if self._entries.setdefault(name, entry) is not entry:
                    raise ValueError(f"{self.kind} {name!r} is registered twice")
            self._canonical.append(names[0] if names else own)
            return entry

        return enter

    def get(self, identifier: Any) -> Any:
        """Resolve `identifier` to an object.

        Args:
            identifier: a registered name (a class is called without arguments), also of a user's own object, a
                config `{"class_name": name, "config": {...}}`, a class (called), or a callable or configurable
                object, which is returned as it is. None gives None.

        Raises:
            ValueError: the name is not registered, or the config lacks its class name.
            TypeError: `identifier` is none of these.
        """
        if identifier is None:
            return None
        if isinstance(identifier, str):
            entry = get_registered_object(identifier)
            if entry is None:
                entry = self._lookup(identifier)
            return entry() if isinstance(entry, type) else entry
        if isinstance(identifier, dict):
            return self._from_config(identifier)
        if isinstance(identifier, type):
            return identifier()
        if callable(identifier) or hasattr(identifier, "get_config"):
            return identifier
        raise TypeError(
            f"{self.kind} must be a name, a callable or a config, "
            f"got {type(identifier).__name__} {identifier!r}"
        )

    def names(self) -> list[str]:
        """Return the main name of every entry, sorted; aliases are left out."""
        return sorted(self._canonical)

    def name_of(self, entry: Any) -> str | None:
        """Return the main name under which `entry` (or its class) was registered, or None."""
        for name in self._canonical:
            if self._entries[name] is entry or self._entries[name] is type(entry):
                return name
        return None

    def _lookup(self, name: str) -> Any:
        try:
            return self._entries[name]
        except KeyError:
            hint = did_you_mean(name, self._entries) or f"; known: {', '.join(self.names())}"
            raise ValueError(f"unknown {self.kind} {name!r}{hint}") from None

    def _from_config(self, config: dict[str, Any]) -> Any:
        name, arguments = config.get("class_name"), config.get("config")
        if not isinstance(name, str):
            raise ValueError(f"{self.kind} config has no 'class_name': {config!r}")
        if name == "function":  # Keras's form of a function: its name is what is configured
            name, arguments = arguments, None
        entry = None
        for candidate in (config.get("registered_name"), name):
            if entry is None and isinstance(candidate, str):
                entry = get_registered_object(candidate)
        if entry is None:
            entry = self._lookup(str(name))
        if not isinstance(entry, type):
            return entry
        from_config = getattr(entry, "from_config", None)
        return from_config(arguments or {}) if from_config else entry(**(arguments or {}))
