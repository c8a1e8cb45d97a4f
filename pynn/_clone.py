"""Lets pynn be used from inside its own clone, where the folder pynn/ hides the installed package.

`python -m pynn` and `python -m pytest` put the current folder first on the path, and the sources there lack
the compiled `_core`. `step_aside` then has every module taken from the installed package.
"""

from __future__ import annotations

import importlib.util
import sys
from importlib.machinery import PathFinder
from pathlib import Path


def step_aside(search: list[str]) -> None:
    """Turns a package's `__path__` to where `_core` is installed, unless it is found there already.

    Raises:
        ImportError: no compiled pynn is installed.
    """
    if importlib.util.find_spec("pynn._core") is not None:
        return
    for folder in sys.path:
        spec = PathFinder.find_spec("pynn._core", [str(Path(folder or ".") / "pynn")])
        if spec is not None and spec.origin is not None:
            search[:] = [str(Path(spec.origin).resolve().parent)]
            return
    sources = str(Path(__file__).parent)
    raise ImportError(f"pynn is not built: {sources!r} holds its sources only. Run `pip install .` first")
