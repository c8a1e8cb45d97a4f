"""Where in a file the state of each layer and optimizer of a model is: Keras's order of attributes and names."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from ..layers.layer import Layer
from ..naming import snake_case
from ..optimizers import Optimizer


def owners(model: Any) -> Iterator[tuple[str, Any]]:
    """Yield every layer and optimizer inside `model`, and itself first with the path ""; each once.

    Keras goes through the attributes in alphabetical order, private ones last, and finds layers in them and in lists,
    tuples and dicts in them. A model's list `layers` is such an attribute; Sequential and functional models begin
    with it. The path of what is in a container is its class in snake_case, counted: `layers/dense_1`.
    """
    yield from _inside(model, "", set())


def _inside(owner: Any, path: str, seen: set[int]) -> Iterator[tuple[str, Any]]:
    if id(owner) in seen:
        return
    seen.add(id(owner))
    yield path, owner
    if not isinstance(owner, Layer):
        return
    for name, value in _attributes(owner):
        place = f"{path}/{name}" if path else name
        if isinstance(value, (Layer, Optimizer)):
            yield from _inside(value, place, seen)
        elif isinstance(value, (list, tuple, dict)):
            yield from _contained(value, place, seen, set())


def _contained(container: Any, path: str, seen: set[int], open_now: set[int]) -> Iterator[tuple[str, Any]]:
    if id(container) in open_now:
        return
    open_now.add(id(container))
    used: dict[str, int] = {}
    for value in list(container.values() if isinstance(container, dict) else container):
        if isinstance(value, (Layer, Optimizer)):
            yield from _inside(value, f"{path}/{_counted(snake_case(type(value).__name__), used)}", seen)
        elif isinstance(value, (list, tuple, dict)):
            yield from _contained(value, f"{path}/{_counted('container', used)}", seen, open_now)


def _counted(name: str, used: dict[str, int]) -> str:
    count = used[name] = used.get(name, -1) + 1
    return f"{name}_{count}" if count else name


def _attributes(owner: Layer) -> Iterator[tuple[str, Any]]:
    """Yield the attributes that may hold layers, in Keras's order."""
    if getattr(owner, "layers_first", False):
        yield "layers", owner.layers
    names = sorted(set(dir(owner)) - _own_names(), key=lambda name: f"~{name}" if name[0] == "_" else name)
    for name in names:
        try:
            value = getattr(owner, name)
        except Exception:  # a property that has nothing to give yet; whatever it raises
            continue
        yield name, value


@cache
def _own_names() -> frozenset[str]:
    """Return what every layer has: no places for layers inside."""
    return frozenset(
        {*dir(Layer), *vars(Layer(name="any")), *dir(object), "_found", "_build_shapes", "_given"}
    )
