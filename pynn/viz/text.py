"""Images as characters, for terminals and logs; plain ASCII, so that any encoding prints it."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

_SHADES = np.array(list(" .:-=+*#%@"))  # from paper to ink
_GAP = "  "


def draw(images: npt.NDArray[np.uint8], captions: Sequence[str]) -> str:
    """Draws images side by side, as many as the terminal is wide, each under its caption.

    Args:
        images: shape (n, height, width), 0 is paper, 255 is ink.
        captions: one line each.

    Returns:
        Lines of text; empty without images.
    """
    if not len(images):
        return ""
    pictures = _characters(_without_margins(images))
    width = max(len(pictures[0][0]), *map(len, captions))
    fits = max(1, shutil.get_terminal_size().columns // (width + len(_GAP)))
    rows = [captions[:fits], *zip(*pictures[:fits], strict=True)]
    return "\n".join(_GAP.join(cell.ljust(width) for cell in row).rstrip() for row in rows)


def _without_margins(images: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Cuts off the rows and columns that are empty in all images."""
    rows, columns = np.flatnonzero(images.any(axis=(0, 2))), np.flatnonzero(images.any(axis=(0, 1)))
    if not len(rows):
        return images
    return images[:, rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _characters(images: npt.NDArray[np.uint8]) -> list[list[str]]:
    """Rows of characters. One is about twice as high as wide, so it shows two pixels, one above the other."""
    even = np.pad(images, ((0, 0), (0, images.shape[1] % 2), (0, 0)))
    ink: npt.NDArray[Any] = even.reshape(len(even), -1, 2, even.shape[2]).mean(axis=2)
    shades = _SHADES[(ink / 256 * len(_SHADES)).astype(int)]
    return [["".join(row) for row in image] for image in shades]
