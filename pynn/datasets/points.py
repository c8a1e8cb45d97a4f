"""Points in the plane that belong to classes: small sets made on the spot, whose decision boundary one can see.

The shapes are scikit-learn's (`make_moons`, `make_circles`, `make_blobs`); the random numbers are not.
"""

from __future__ import annotations

import operator

import numpy as np
import numpy.typing as npt

Points = tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]

_CIRCLE_RATIO = 0.8  # inner radius, as scikit-learn's
_BOX = 10.0  # blobs' centres lie in -10..10
_TURNS = 1.5  # of a spiral


def moons(n: int = 200, noise: float = 0.1, seed: int | None = None) -> Points:
    """Two half circles, each reaching into the other.

    Args:
        n: number of points, half of them (rounded up) of class 1.
        noise: standard deviation added to both coordinates.
        seed: equal seeds give equal points.

    Returns:
        x float32 (n, 2) and y int64 (n,) of classes 0 and 1, in random order.
    """
    outer, inner = (np.linspace(0, np.pi, count) for count in _parts("moons", n, 2))
    curves = [_plane(np.cos(outer), np.sin(outer)), _plane(1 - np.cos(inner), 0.5 - np.sin(inner))]
    return _mixed("moons", curves, noise, seed)


def circles(n: int = 200, noise: float = 0.05, seed: int | None = None) -> Points:
    """A circle of radius 1 (class 0) and one of 0.8 inside it (class 1).

    Args:
        n, noise, seed: as for `moons`.
    """
    rings = [
        radius * _plane(np.cos(angle), np.sin(angle))
        for radius, count in zip((1.0, _CIRCLE_RATIO), _parts("circles", n, 2), strict=True)
        for angle in [np.linspace(0, 2 * np.pi, count, endpoint=False)]
    ]
    return _mixed("circles", rings, noise, seed)


def spirals(n: int = 200, noise: float = 0.05, seed: int | None = None, classes: int = 2) -> Points:
    """Spirals around the origin, one turned against the next; each makes one and a half turns out to radius 1.

    Args:
        n: number of points, spread evenly over the classes.
        noise, seed: as for `moons`.
        classes: number of spirals.
    """
    arms = []
    for number, count in enumerate(_parts("spirals", n, classes)):
        radius = np.sqrt((np.arange(count) + 0.5) / max(count, 1))  # as many points a length everywhere
        angle = 2 * np.pi * (_TURNS * radius + number / classes)
        arms.append(_plane(radius * np.cos(angle), radius * np.sin(angle)))
    return _mixed("spirals", arms, noise, seed)


def blobs(n: int = 200, noise: float = 1.0, seed: int | None = None, classes: int = 3) -> Points:
    """Round clouds whose centres lie anywhere in -10..10.

    Args:
        n: number of points, spread evenly over the classes.
        noise: standard deviation of a cloud.
        seed: as for `moons`.
        classes: number of clouds.
    """
    counts = _parts("blobs", n, classes)
    centres = np.random.default_rng(seed).uniform(-_BOX, _BOX, (classes, 2))
    clouds = [np.tile(centre, (count, 1)) for centre, count in zip(centres, counts, strict=True)]
    return _mixed("blobs", clouds, noise, None if seed is None else seed + 1)


def _parts(caller: str, n: int, classes: int) -> list[int]:
    """Return how many of n points each class gets.

    Raises:
        TypeError, ValueError: n or classes is no number of things.
    """
    for name, value in (("n", n), ("classes", classes)):
        try:
            if operator.index(value) < 1:
                raise ValueError(f"{caller}: {name} must be at least 1, got {value}")
        except TypeError:
            raise TypeError(f"{caller}: {name} must be an integer, got {value!r}") from None
    return [n // classes + (number >= classes - n % classes) for number in range(classes)]


def _plane(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.stack([x, y], axis=1)


def _mixed(caller: str, parts: list[npt.NDArray[np.float64]], noise: float, seed: int | None) -> Points:
    """Return the points of all classes with noise, in random order."""
    if not noise >= 0:
        raise ValueError(f"{caller}: noise must not be negative, got {noise}")
    rng = np.random.default_rng(seed)
    x = np.concatenate(parts)
    y = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    order = rng.permutation(len(x))
    return (x + rng.normal(0, noise, x.shape))[order].astype(np.float32), y[order]
