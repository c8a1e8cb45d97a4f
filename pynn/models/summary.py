"""The table that `model.summary()` prints: layers, output shapes, numbers of parameters, connections."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from ..layers.layer import Layer
from ..variable import Variable
from .table import table

if TYPE_CHECKING:
    from .graph import Graph
    from .model import Model

# Keras's widths: of the whole, and where each column ends as a part of it.
_CHAIN_WIDTH, _CHAIN_ENDS = 88, [0.45, 0.80, 1.0]
_GRAPH_WIDTH, _GRAPH_ENDS = 108, [0.3, 0.56, 0.74, 1.0]
_TRAINABLE_WIDTH, _TRAINABLE_SHARE = 12, 0.90
_LEAST_COLUMN = 4


def summarize(
    model: Model,
    line_length: int | None = None,
    positions: Sequence[float] | None = None,
    print_fn: Callable[[str], Any] | None = None,
    expand_nested: bool = False,
    show_trainable: bool = False,
    layer_range: Sequence[str] | None = None,
) -> None:
    """Print the table; the arguments are those of `Model.summary`.

    Raises:
        ValueError: a column is narrower than 4 characters, or `layer_range` matches no layer.
    """
    graph = _branching(model._graph)
    headers, align = ["Layer (type)", "Output Shape", "Param #"], "llr"
    width, default = (_CHAIN_WIDTH, _CHAIN_ENDS) if graph is None else (_GRAPH_WIDTH, _GRAPH_ENDS)
    ends: tuple[float, ...] = tuple(default if positions is None else positions)
    if graph is not None:
        headers, align = [*headers, "Connected to"], align + "l"
    if show_trainable:
        headers, align, width = [*headers, "Trainable"], align + "c", width + _TRAINABLE_WIDTH
        ends = (*(end * _TRAINABLE_SHARE for end in ends), 1.0)
    if line_length is None:
        import shutil  # here: it brings compression along, which training does not need

        line_length = min(width, shutil.get_terminal_size().columns - 4)  # as in Keras
    widths = _widths(ends, line_length, headers)
    shown = model.layers if model._graph is None else model.operations
    rows = [
        row
        for layer in _within(shown, layer_range)
        for row in _rows(layer, graph, expand_nested, show_trainable)
    ]
    lines = table(headers, rows, widths, line_length, align)
    text = "\n".join([f'Model: "{model.name}"', *lines, *_totals(model)])
    (print_fn or print)(text)


def _branching(graph: Graph | None) -> Graph | None:
    """Return the graph if its connections are worth a column: not if each node follows the one before."""
    if graph is None:
        return None
    chain = all(len(node.inputs) <= 1 for node in graph.nodes) and len(graph.operations) == len(graph.nodes)
    users: dict[int, int] = {}
    for node in graph.nodes:
        for x in node.inputs:
            users[id(x)] = users.get(id(x), 0) + 1
    chain = (
        chain and sum(not node.inputs for node in graph.nodes) == 1 and max(users.values(), default=0) <= 1
    )
    return None if chain else graph


def _widths(ends: Sequence[float], total: int, headers: Sequence[str]) -> list[int]:
    widths, start = [], 0
    for end, header in zip(ends, headers, strict=True):
        width = int(end * total) - start
        if width < _LEAST_COLUMN:
            raise ValueError(
                f"summary: a line_length of {total} leaves {width} characters for the column {header!r}, at least "
                f"{_LEAST_COLUMN} are needed"
            )
        widths.append(width)
        start += width
    return widths


def _within(layers: list[Any], bounds: Sequence[str] | None) -> list[Any]:
    """Return the layers from the first that matches the first pattern to the last that matches the second."""
    if bounds is None:
        return layers
    if (
        not isinstance(bounds, (list, tuple))
        or len(bounds) != 2
        or not all(isinstance(b, str) for b in bounds)
    ):
        raise ValueError(f"summary: layer_range must be two names or patterns, got {bounds!r}")
    first, last = ([i for i, layer in enumerate(layers) if re.match(bound, layer.name)] for bound in bounds)
    if not first or not last:
        names = ", ".join(layer.name for layer in layers)
        raise ValueError(f"summary: layer_range {tuple(bounds)} matches no layers; they are {names}")
    if min(first) > max(last):
        first, last = last, first
    return layers[min(first) : max(last) + 1]


def _rows(
    layer: Any, graph: Graph | None, expand: bool, show_trainable: bool, level: int = 0
) -> list[list[str]]:
    prefix = f"{'   ' * level}└ " if level else ""
    row = [f"{prefix}{layer.name} ({_kind(layer)})", _shape(layer), _params(layer)]
    if graph is not None:
        row.append(_connections(layer, graph))
    if show_trainable:
        has_weights = isinstance(layer, Layer) and bool(layer.weights)
        row.append(("Y" if layer.trainable else "N") if has_weights else "-")
    inside = getattr(layer, "layers", None) if expand and isinstance(layer, Layer) else None
    return [
        row,
        *(line for inner in inside or () for line in _rows(inner, graph, expand, show_trainable, level + 1)),
    ]


def _kind(layer: Any) -> str:
    return type(layer).__name__ if isinstance(layer, Layer) else str(layer.kind)


def _shape(layer: Any) -> str:
    """Return the shape of the outputs of the last call that was recorded, or of the first data."""
    nodes = layer._inbound_nodes
    if nodes:
        shapes = [str(x.shape) for x in nodes[-1].flat_outputs]
        return shapes[0] if len(shapes) == 1 else f"[{', '.join(shapes)}]"
    return str(layer._output_shape) if layer.built and layer._output_shape is not None else "?"


def _params(layer: Any) -> str:
    if not isinstance(layer, Layer):
        return "0"
    count = f"{_count(layer.weights):,}"
    return count if layer.built else f"{count} (unbuilt)"


def _connections(layer: Any, graph: Graph) -> str:
    inside = {id(node) for node in graph.nodes}
    histories = [x.history for node in layer._inbound_nodes if id(node) in inside for x in node.inputs]
    places = [f"{operation.name}[{node}][{tensor}]" for operation, node, tensor in histories]
    return ", ".join(places) or "-"


def _totals(model: Model) -> list[str]:
    trainable, frozen = model.trainable_weights, model.non_trainable_weights
    state = _optimizer_state(model)
    lines = [
        _total("Total", [*trainable, *frozen, *state]),
        _total("Trainable", trainable),
        _total("Non-trainable", frozen),
    ]
    return [*lines, _total("Optimizer", state)] if state else lines


def _optimizer_state(model: Model) -> list[Variable]:
    optimizer = model.optimizer
    return list(optimizer.variables) if optimizer is not None and optimizer.built else []


def _total(label: str, variables: Sequence[Variable]) -> str:
    size = sum(variable.numpy().nbytes for variable in variables)
    return f" {label} params: {_count(variables):,} ({readable_size(size)})"


def _count(variables: Iterable[Variable]) -> int:
    return sum(variable.size for variable in variables)


def readable_size(size: float) -> str:
    """Return a number of bytes as Keras writes it: "1.55 MB"."""
    for unit in ("B", "KB", "MB", "GB"):
        if size < 1024:
            return f"{size:.2f} {unit}"
        size /= 1024
    return f"{size:.2f} TB"
