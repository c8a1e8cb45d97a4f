"""The table that `model.summary()` prints: layers, output shapes, numbers of parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from .._core import Tensor
from ..variable import Variable

if TYPE_CHECKING:
    from ..layers import Layer
    from .model import Model

_HEADERS = ("Layer (type)", "Output Shape", "Param #")
# Keras's proportions: at its default width the columns are 33, 24 and 15 wide, at 80 they are 35, 26 and 15.
_COUNT_WIDTH = 15
_NAME_SHARE = 0.575
_LEAST_WIDTH = 40
_DEFAULT_WIDTH = 76


def summarize(model: Model, line_length: int | None, print_fn: Callable[[str], Any] | None) -> None:
    """Print the table.

    Args:
        model: built or not; what is not known yet stands as "?" and "unbuilt".
        line_length: width of the table in characters; None means 76.
        print_fn: called once with the whole text; None means `print`.

    Raises:
        ValueError: `line_length` is below 40.
    """
    width = _DEFAULT_WIDTH if line_length is None else line_length
    if width < _LEAST_WIDTH:
        raise ValueError(f"summary: line_length must be at least {_LEAST_WIDTH}, got {width}")
    rows = [_row(layer) for layer in model.layers]
    text = "\n".join([f'Model: "{model.name}"', *_table(rows, width), *_totals(model)])
    (print_fn or print)(text)


def _row(layer: Layer) -> tuple[str, str, str]:
    weights = layer.weights
    known = layer.built and layer._output_shape is not None
    shape = str(layer._output_shape) if known else "?"
    count = f"{_count(weights):,}" if layer.built else f"{_count(weights):,} (unbuilt)"
    return f"{layer.name} ({type(layer).__name__})", shape, count


def _table(rows: Sequence[tuple[str, ...]], width: int) -> list[str]:
    texts = width - 4 - _COUNT_WIDTH  # without the vertical lines
    name = round(texts * _NAME_SHARE)
    widths = (name, texts - name, _COUNT_WIDTH)
    lines = [
        _rule("┏┳┓", "━", widths),
        _cells("┃", _HEADERS, widths),
        _rule("┡╇┩", "━", widths),
    ]
    for index, row in enumerate(rows):
        if index:
            lines.append(_rule("├┼┤", "─", widths))
        lines.extend(_wrapped("│", row, widths))
    lines.append(_rule("└┴┘", "─", widths))
    return lines


def _rule(corners: str, line: str, widths: Iterable[int]) -> str:
    return corners[0] + corners[1].join(line * width for width in widths) + corners[2]


def _wrapped(bar: str, row: Sequence[str], widths: Sequence[int]) -> list[str]:
    """Return the lines of a row; a text wider than its column goes on in the next line."""
    pieces = [_chunks(text, width - 2) for text, width in zip(row, widths, strict=True)]
    height = max(len(column) for column in pieces)
    padded = [column + [""] * (height - len(column)) for column in pieces]
    return [_cells(bar, cells, widths) for cells in zip(*padded, strict=True)]


def _chunks(text: str, width: int) -> list[str]:
    return [text[start : start + width] for start in range(0, len(text), width)] or [""]


def _cells(bar: str, cells: Sequence[str], widths: Sequence[int]) -> str:
    name, shape, count = (width - 2 for width in widths)
    return f"{bar} {cells[0]:<{name}} {bar} {cells[1]:<{shape}} {bar} {cells[2]:>{count}} {bar}"


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
    size = sum(Tensor.numpy(variable).nbytes for variable in variables)
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
