"""What this build of pynn is, and its settings of the process."""

from __future__ import annotations

import os
import warnings

from pynn import _core
from pynn._version import __version__


def show_config() -> None:
    """Prints version, compiler, instruction-set level, threads and device."""
    print(f"pynn {__version__}")
    print(f"compiler   {_core._compiler}")
    print(f"isa        {_core.isa()} (this machine runs {', '.join(_core.isas())}; PYNN_ISA chooses)")
    print(f"threads    {_core.get_num_threads()} (OMP_NUM_THREADS or pynn.set_num_threads chooses)")
    print("device     cpu")


def warn_about_environment() -> None:
    """Says so once, at import, where PYNN_ISA names a level that this machine or build does not have."""
    wanted = os.environ.get("PYNN_ISA")
    if wanted and wanted not in _core.isas():
        warnings.warn(
            f"PYNN_ISA={wanted}: no such instruction-set level here; using {_core.isa()} of {', '.join(_core.isas())}",
            RuntimeWarning,
            stacklevel=3,
        )
