"""What a benchmark should reach: each kind of target says itself in words, and whether a result meets it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

Medians = Mapping[str, float]


class Target(Protocol):
    """Something to reach; `met` is None where what it is compared with was not measured."""

    @property
    def text(self) -> str: ...

    def met(self, medians: Medians, fraction: float | None, busy: float | None) -> bool | None: ...


@dataclass(frozen=True)
class Ratio:
    """No more than `factor` times the best of the peers. Where one of them is missing, the best is not known."""

    factor: float
    peers: tuple[str, ...]

    @property
    def text(self) -> str:
        best = self.peers[0] if len(self.peers) == 1 else "best of " + ", ".join(self.peers)
        return f"<= {self.factor:g} x {best}"

    def met(self, medians: Medians, fraction: float | None, busy: float | None) -> bool | None:
        if not all(peer in medians for peer in self.peers):
            return None
        return medians["pynn"] <= self.factor * min(medians[peer] for peer in self.peers)


@dataclass(frozen=True)
class Within:
    """No more than so many seconds."""

    seconds: float

    @property
    def text(self) -> str:
        return f"<= {self.seconds * 1e6:g} us"

    def met(self, medians: Medians, fraction: float | None, busy: float | None) -> bool | None:
        return medians["pynn"] <= self.seconds


@dataclass(frozen=True)
class Over:
    """No more than so many seconds longer than a peer."""

    seconds: float
    peer: str

    @property
    def text(self) -> str:
        return f"<= {self.seconds:g} s over {self.peer}"

    def met(self, medians: Medians, fraction: float | None, busy: float | None) -> bool | None:
        return medians["pynn"] - medians[self.peer] <= self.seconds if self.peer in medians else None


@dataclass(frozen=True)
class OfLimit:
    """At least this fraction of what the machine can do."""

    fraction: float

    @property
    def text(self) -> str:
        return f">= {self.fraction:.0%} of the limit"

    def met(self, medians: Medians, fraction: float | None, busy: float | None) -> bool | None:
        return None if fraction is None else fraction >= self.fraction


@dataclass(frozen=True)
class WhenBusy:
    """Beside processes that spin on every core, no more than `factor` times the quiet time."""

    factor: float

    @property
    def text(self) -> str:
        return f"<= {self.factor:g} x its quiet time when busy"

    def met(self, medians: Medians, fraction: float | None, busy: float | None) -> bool | None:
        return None if busy is None else busy <= self.factor * medians["pynn"]


def at_most(factor: float, *peers: str) -> Ratio:
    """The target of most cases."""
    return Ratio(factor, peers)
