"""Guards of the import: against another package in this one's place, and for use from inside the clone.

`python -m pynn` and `python -m pytest` put the current folder first on the path, and the sources there lack
the compiled `_core`. `step_aside` then has every module taken from the installed package. Paths are handled by
`os.path`: importing pathlib takes longer than all else here.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from importlib.machinery import PathFinder


def refuse_other_package(file: str) -> None:
    """Raises ImportError where PyNN, the neural simulator, is installed beside this package.

    Its folder is `pyNN`: on disks that ignore case that is this folder, and the modules of both lie among each other.
    Refusing on every disk keeps an environment that works here from breaking where it is copied to.
    """
    here = os.path.dirname(os.path.dirname(os.path.realpath(file)))
    for name in os.listdir(here):
        # "PyNN-0.12.3.dist-info"; ours is "pynn_core-...".
        if name.lower().startswith("pynn-") and name.endswith((".dist-info", ".egg-info")):
            raise ImportError(
                f"PyNN, the neural simulator, is installed beside pynn ({name}); on disks that ignore case both are "
                "one folder. Keep them in separate environments: pip uninstall PyNN pynn-core; pip install pynn-core"
            )


def step_aside(search: list[str]) -> None:
    """Turns a package's `__path__` to where `_core` is installed, unless it is found there already.

    Raises:
        ImportError: no compiled pynn is installed.
    """
    if importlib.util.find_spec("pynn._core") is not None:
        return
    for folder in sys.path:
        spec = PathFinder.find_spec("pynn._core", [os.path.join(folder or ".", "pynn")])
        if spec is not None and spec.origin is not None:
            search[:] = [os.path.dirname(os.path.realpath(spec.origin))]
            return
    sources = os.path.dirname(__file__)
    raise ImportError(f"pynn is not built: {sources!r} holds its sources only. Run `pip install .` first")
