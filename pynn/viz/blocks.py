"""A model as blocks in layers of a drawing: one for each call of a layer, one inside another for nested models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ..layers import Layer
from ..models import Sequential
from .layered import Box, place
from .shapes import LETTER, Arrow, Rect, Shape, Text

_SIZE, _LINE, _PADDING, _MARGIN = 12.0, 16.0, 9.0, 12.0  # pixels
_INPUT, _FUNCTION, _LAYER = ("#e3eefb", "#1f4e79"), ("#eeeeee", "#999999"), ("#ffffff", "#444444")
_FRAME = ("#fafafa", "#999999")


@dataclass
class Details:
    """What is written in each block; the names are those of `plot_model`'s arguments."""

    shapes: bool = False
    dtype: bool = False
    names: bool = False
    expand_nested: bool = False
    activations: bool = False
    trainable: bool = False


@dataclass
class Block:
    """One call of a layer or function.

    Attributes:
        lines: what is written in it, the title first.
        sources: blocks whose outputs it takes, by their position in the list.
        inside: of a nested model that is shown, its own blocks.
    """

    lines: list[str]
    colors: tuple[str, str] = _LAYER
    sources: Sequence[int] = ()
    inside: list[Block] = field(default_factory=list)


def blocks_of(model: Any, details: Details) -> list[Block]:
    """Return the blocks of a model, each after those that it takes from."""
    if isinstance(model, Sequential):
        return [
            _block(
                layer,
                layer._inbound_nodes[-1] if layer._inbound_nodes else None,
                [i - 1] if i else [],
                details,
            )
            for i, layer in enumerate(model.layers)
        ]
    if model._graph is None:
        return [_block(model, None, [], details)]
    found: list[Block] = []
    positions: dict[int, int] = {}
    calls: dict[int, int] = {}
    for node in model._graph.nodes:
        operation = node.operation
        sources = list(dict.fromkeys(positions[id(x)] for x in node.inputs))
        block = _block(operation, node, sources, details)
        count = calls[id(operation)] = calls.get(id(operation), 0) + 1
        if count > 1:
            block.lines[0] += f", call {count}"
        positions.update((id(x), len(found)) for x in node.flat_outputs)
        found.append(block)
    return found


def _block(operation: Any, node: Any, sources: list[int], details: Details) -> Block:
    is_layer = isinstance(operation, Layer)
    kind = type(operation).__name__ if is_layer else operation.kind
    lines = [f"{operation.name} ({kind})" if details.names else kind]
    activation = getattr(operation, "activation", None) if is_layer else None
    if details.activations and activation is not None:
        lines.append(f"activation {getattr(activation, '__name__', activation)}")
    outputs = [] if node is None else node.flat_outputs
    if details.dtype and outputs:
        lines.append(f"dtype {', '.join(dict.fromkeys(x.dtype for x in outputs))}")
    if details.shapes:
        given = [] if node is None else (node.inputs or outputs)
        lines += _shapes("input ", given) + _shapes("output", outputs)
    if details.trainable and is_layer and operation.weights:
        lines.append("trainable" if operation.trainable else "not trainable")
    colors = _FUNCTION if not is_layer else _INPUT if kind == "InputLayer" else _LAYER
    nested = details.expand_nested and is_layer and getattr(operation, "layers", None)
    inside = blocks_of(operation, details) if nested else []
    return Block(lines, colors, sources, inside)


def _shapes(label: str, tensors: Sequence[Any]) -> list[str]:
    shapes = [str(x.shape) for x in tensors] or ["?"]
    return [f"{label if i == 0 else ' ' * len(label)} {shape}" for i, shape in enumerate(shapes)]


def draw(blocks: list[Block], rankdir: str) -> tuple[list[Shape], float, float]:
    """Return the shapes of a drawing, its width and its height.

    Args:
        rankdir: where arrows point: "TB" down, "BT" up, "LR" to the right, "RL" to the left.
    """
    upright = rankdir in ("TB", "BT")
    insides = [draw(block.inside, rankdir) if block.inside else None for block in blocks]
    sizes = [_size(block, inside) for block, inside in zip(blocks, insides, strict=True)]
    boxes = [
        Box(*((height, width) if upright else (width, height)), sources=block.sources)
        for block, (width, height) in zip(blocks, sizes, strict=True)
    ]
    used = {source for block in blocks for source in block.sources}
    # `place` starts from the last box, so all that nothing else takes from leads to one more, of no size.
    last = Box(0.0, 0.0, [i for i in range(len(blocks)) if i not in used])
    layout = place([*boxes, last])
    length = max(box.x + box.width for box in boxes)
    across = max(box.y + box.height / 2 for box in boxes)

    def turned(x: float, y: float) -> tuple[float, float]:
        """Return where a point of the layout, whose arrows point right, is in the drawing."""
        along = length - x if rankdir in ("BT", "RL") else x
        return (_MARGIN + y, _MARGIN + along) if upright else (_MARGIN + along, _MARGIN + y)

    shapes: list[Shape] = []
    for i, box in enumerate(boxes):
        for j, source in enumerate(box.sources):
            shapes.append(_arrow(boxes[source], box, j, layout.routes[i][j], turned))
    for block, box, (width, height), inside in zip(blocks, boxes, sizes, insides, strict=True):
        corners = [turned(box.x, box.y - box.height / 2), turned(box.x + box.width, box.y + box.height / 2)]
        left, top = (min(corner[axis] for corner in corners) for axis in (0, 1))
        shapes += _drawn(block, left, top, width, height, inside)
    size = (across, length) if upright else (length, across)
    return shapes, size[0] + 2 * _MARGIN, size[1] + 2 * _MARGIN


def _size(block: Block, inside: tuple[list[Shape], float, float] | None) -> tuple[float, float]:
    width = max(map(len, block.lines)) * LETTER * _SIZE + 2 * _PADDING
    height = len(block.lines) * _LINE + 2 * _PADDING - 4
    if inside is None:
        return width, height
    return max(width, inside[1]), height + inside[2]


def _drawn(
    block: Block,
    left: float,
    top: float,
    width: float,
    height: float,
    inside: tuple[list[Shape], float, float] | None,
) -> list[Shape]:
    fill, stroke = block.colors if inside is None else _FRAME
    shapes: list[Shape] = [Rect(left, top, width, height, fill, stroke, dashed=inside is not None)]
    for number, line in enumerate(block.lines):
        y = top + _PADDING + number * _LINE + 9
        if number == 0:
            shapes.append(Text(left + width / 2, y, line, _SIZE, bold=True, centred=True))
        else:
            shapes.append(Text(left + _PADDING, y, line, _SIZE))
    if inside is not None:
        x, y = left + (width - inside[1]) / 2, top + height - inside[2]
        shapes += [_moved(shape, x, y) for shape in inside[0]]
    return shapes


def _moved(shape: Shape, x: float, y: float) -> Shape:
    if isinstance(shape, Arrow):
        curves = [tuple((p + x, q + y) for p, q in curve) for curve in shape.curves]
        return Arrow((shape.start[0] + x, shape.start[1] + y), curves)  # type: ignore[arg-type]
    shape.x, shape.y = shape.x + x, shape.y + y
    return shape


def _arrow(
    start: Box, end: Box, number: int, passages: Sequence[tuple[float, float, float]], turned: Any
) -> Arrow:
    """Return a curve that leaves and enters along the way, and passes the blocks between in straight lines."""
    count = len(end.sources)
    port = end.y + (number - (count - 1) / 2) * min(13.0, end.height / (count + 1))
    x, y = start.x + start.width, start.y
    curves = []
    for left, right, height in [*passages, (end.x, end.x, port)]:
        middle = (x + left) / 2
        curves.append((turned(middle, y), turned(middle, height), turned(left, height)))
        if right > left:
            curves.append((turned(left, height), turned(right, height), turned(right, height)))
        x, y = right, height
    return Arrow(turned(start.x + start.width, start.y), curves)
