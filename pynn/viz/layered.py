"""Where the boxes of a graph stand: columns from left to right, every arrow pointing right. Draws nothing.

After Sugiyama, Tagawa and Toda (1981): a column for each distance from the inputs; in each column the order that
crosses few arrows; then heights that keep arrows straight.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

_SWEEPS = 8
_ACROSS, _BETWEEN = 46.0, 16.0  # gaps between columns, and between boxes of one column


@dataclass
class Box:
    """One box: its size, the boxes its arrows come from, and then its place (left edge, middle)."""

    width: float
    height: float
    sources: Sequence[int] = ()
    x: float = 0.0
    y: float = 0.0


@dataclass
class Layout:
    """Where everything is: `routes[i][j]` is the way of the j-th arrow into box i past the columns between."""

    width: float
    height: float
    routes: list[list[list[tuple[float, float, float]]]] = field(default_factory=list)


def place(boxes: list[Box]) -> Layout:
    """Sets x and y of every box; a box's sources stand before it in the list.

    Returns:
        The size of the whole, and for each arrow the points (left, right, y) by which it passes other columns.
    """
    column = _columns(boxes)
    slots = list(boxes)  # and, after the boxes, an empty slot where an arrow passes a column
    before: list[list[int]] = [[] for _ in boxes]
    chains: list[list[list[int]]] = [[] for _ in boxes]
    for i, box in enumerate(boxes):
        for source in box.sources:
            chain: list[int] = []
            last = source
            for between in range(column[source] + 1, column[i]):
                slots.append(Box(0.0, 0.0))
                column.append(between)
                before.append([last])
                last = len(slots) - 1
                chain.append(last)
            before[i].append(last)
            chains[i].append(chain)
    grid: list[list[int]] = [[] for _ in range(max(column) + 1)]
    for i in _order_of_visit(before, len(boxes) - 1):
        grid[column[i]].append(i)
    _uncross(grid, before)
    width = _across(grid, slots)
    height = _down(grid, slots, before)
    routes = [[[_passage(slots, grid[column[s]], s) for s in chain] for chain in each] for each in chains]
    return Layout(width, height, routes)


def _passage(slots: list[Box], column: list[int], slot: int) -> tuple[float, float, float]:
    width = max(slots[i].width for i in column)
    return slots[slot].x, slots[slot].x + width, slots[slot].y


def _columns(boxes: list[Box]) -> list[int]:
    """The longest way from an input; inputs stand right before the first box that needs them."""
    column = [0] * len(boxes)
    for i, box in enumerate(boxes):
        column[i] = max((column[s] + 1 for s in box.sources), default=0)
    nearest: dict[int, int] = {}
    for i, box in enumerate(boxes):
        for s in box.sources:
            nearest[s] = min(nearest.get(s, column[i]), column[i])
    return [c if boxes[i].sources else nearest.get(i, 1) - 1 for i, c in enumerate(column)]


def _order_of_visit(before: list[list[int]], last: int) -> list[int]:
    """Everything that leads to the last box, inputs of one box one after the other. No recursion."""
    order: list[int] = []
    seen = set()
    stack = [(last, False)]
    while stack:
        i, done = stack.pop()
        if done:
            order.append(i)
        elif i not in seen:
            seen.add(i)
            stack.append((i, True))
            stack.extend((s, False) for s in reversed(before[i]))
    return order


def _neighbours(before: list[list[int]]) -> tuple[list[list[int]], list[list[int]]]:
    after: list[list[int]] = [[] for _ in before]
    for i, sources in enumerate(before):
        for s in sources:
            after[s].append(i)
    return before, after


def _uncross(grid: list[list[int]], before: list[list[int]]) -> None:
    """Sorts each column by the mean place of what it is joined to, forwards and backwards in turn."""
    _, after = _neighbours(before)
    rank = {i: float(place) for column in grid for place, i in enumerate(column)}

    def forwards(i: int) -> float:
        return _mean([rank[j] for j in before[i]], rank[i])

    def backwards(i: int) -> float:  # two inputs of one box stand in the order in which it takes them
        return _mean([rank[j] + before[j].index(i) / len(before[j]) for j in after[i]], rank[i])

    for _ in range(_SWEEPS):
        for columns, wish in ((grid[1:], forwards), (grid[-2::-1], backwards)):
            for column in columns:
                column.sort(key=wish)
                rank.update({i: float(place) for place, i in enumerate(column)})


def _mean(values: list[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _across(grid: list[list[int]], slots: list[Box]) -> float:
    x = 0.0
    for column in grid:
        width = max(slots[i].width for i in column)
        for i in column:
            slots[i].x = x + (width - slots[i].width) / 2 if slots[i].width else x
        x += width + _ACROSS
    return x - _ACROSS


def _down(grid: list[list[int]], slots: list[Box], before: list[list[int]]) -> float:
    """Heights: each box wishes to be level with what it is joined to; boxes of one column keep apart."""
    before, after = _neighbours(before)
    for column in grid:
        _settle(column, slots, [0.0] * len(column))
    for sweep in range(3 * _SWEEPS):
        for column in grid if sweep % 2 == 0 else reversed(grid):
            wishes = []
            for i in column:
                joined = [slots[j].y for j in (*before[i], *after[i])]
                wishes.append(_mean(joined, slots[i].y))
            _settle(column, slots, wishes)
    top = min(slot.y - slot.height / 2 for slot in slots)
    for slot in slots:
        slot.y -= top
    return max(slot.y + slot.height / 2 for slot in slots)


def _settle(column: list[int], slots: list[Box], wishes: list[float]) -> None:
    """The heights nearest to the wishes, in least squares, that keep order and distance.

    Without the distances that is a regression by a rising sequence: neighbours out of order share their mean.
    """
    offsets = [0.0]
    for above, below in pairwise(column):
        offsets.append(offsets[-1] + (slots[above].height + slots[below].height) / 2 + _BETWEEN)
    groups: list[tuple[float, int]] = []  # mean, members
    for wish, offset in zip(wishes, offsets, strict=True):
        mean, count = wish - offset, 1
        while groups and groups[-1][0] > mean:
            other, more = groups.pop()
            mean, count = (mean * count + other * more) / (count + more), count + more
        groups.append((mean, count))
    means = [mean for mean, count in groups for _ in range(count)]
    for i, mean, offset in zip(column, means, offsets, strict=True):
        slots[i].y = mean + offset
