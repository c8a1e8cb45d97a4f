"""What this build of pynn is, and its settings of the process."""

from __future__ import annotations

import os
import warnings

from pynn import _core
from pynn._version import __version__
from pynn.custom_objects import enable_unsafe_deserialization as enable_unsafe_deserialization


def show_config() -> None:
    """Prints version, compiler, instruction-set level, threads and device."""
    print(f"pynn {__version__}")
    print(f"compiler   {_core._compiler}")
    print(f"isa        {_core.isa()} (this machine runs {', '.join(_core.isas())}; PYNN_ISA chooses)")
    print(f"threads    {_core.get_num_threads()} (OMP_NUM_THREADS or pynn.set_num_threads chooses)")
    print("device     cpu")


_FORMATS = ("channels_last", "channels_first")


class _Defaults:
    """What Keras's functions of the same names set."""

    data_format = "channels_last"


def image_data_format() -> str:
    """Return the data format of layers that are given none: 'channels_last' unless set."""
    return _Defaults.data_format


def set_image_data_format(data_format: str) -> None:
    """Set the data format of layers made from now on: 'channels_last' or 'channels_first'."""
    _Defaults.data_format = checked_data_format("set_image_data_format", data_format)


def checked_data_format(caller: str, data_format: str | None) -> str:
    """Return the data format, None being the default; `caller` is named in the error."""
    if data_format is None:
        return _Defaults.data_format
    name = data_format.lower() if isinstance(data_format, str) else data_format
    if name not in _FORMATS:
        raise ValueError(
            f"{caller}: data_format must be 'channels_last' or 'channels_first', got {data_format!r}"
        )
    return name


def warn_about_environment() -> None:
    """Says so once, at import, where PYNN_ISA names a level that this machine or build does not have."""
    wanted = os.environ.get("PYNN_ISA")
    if wanted and wanted not in _core.isas():
        warnings.warn(
            f"PYNN_ISA={wanted}: no such instruction-set level here; using {_core.isa()} of {', '.join(_core.isas())}",
            RuntimeWarning,
            stacklevel=3,
        )
