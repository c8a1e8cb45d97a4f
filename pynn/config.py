"""What this build of pynn is, and its settings of the process."""

from __future__ import annotations

import os
import warnings

from pynn import _core
from pynn._version import __version__
from pynn.custom_objects import enable_unsafe_deserialization as enable_unsafe_deserialization
from pynn.messages import disable_interactive_logging as disable_interactive_logging
from pynn.messages import enable_interactive_logging as enable_interactive_logging
from pynn.messages import is_interactive_logging_enabled as is_interactive_logging_enabled


def show_config() -> None:
    """Prints version, compiler, instruction-set level, threads and device."""
    print(f"pynn {__version__}")
    print(f"compiler   {_core._compiler}")
    print(f"isa        {_core.isa()} (this machine runs {', '.join(_core.isas())}; PYNN_ISA chooses)")
    print(f"threads    {_core.get_num_threads()} (OMP_NUM_THREADS or pynn.set_num_threads chooses)")
    print("device     cpu")


_FORMATS = ("channels_last", "channels_first")


_FLOATS = ("float32", "float64")
_EPSILON = 1e-7


class _Defaults:
    """What Keras's functions of the same names set."""

    data_format = "channels_last"
    floatx = "float32"


class DTypePolicy:
    """The dtype of layers' weights and computations, `keras.DTypePolicy`.

    Args:
        name: 'float32' or 'float64'; None takes the current policy's.

    Raises:
        ValueError: another policy: pynn has no mixed precision and no quantized weights.
    """

    def __init__(self, name: str | None = None) -> None:
        name = floatx() if name is None else name
        if name not in _FLOATS:
            raise ValueError(
                f"DTypePolicy: pynn computes in float32 or float64, got {name!r}; "
                "it has no mixed precision and no quantized weights"
            )
        self.name = self.compute_dtype = self.variable_dtype = name

    def get_config(self) -> dict[str, str]:
        """Return the constructor's arguments."""
        return {"name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, str]) -> DTypePolicy:
        """Make a policy from what `get_config` returned."""
        return cls(**config)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DTypePolicy) and other.name == self.name

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f"<DTypePolicy {self.name!r}>"


def version() -> str:
    """Return pynn's version."""
    return __version__


def backend() -> str:
    """Return the name of what computes: 'pynn'."""
    return "pynn"


def epsilon() -> float:
    """Return the small number that keeps logarithms and divisions finite: 1e-7."""
    return _EPSILON


def set_epsilon(value: float) -> None:
    """Accept 1e-7 only.

    Raises:
        NotImplementedError: another value: losses are compiled with this one.
    """
    if value != _EPSILON:
        raise NotImplementedError(f"set_epsilon: pynn's losses are compiled with {_EPSILON}, got {value}")


def floatx() -> str:
    """Return the dtype of layers and of tensors made of Python floats: 'float32' unless set."""
    return _Defaults.floatx


def set_floatx(value: str) -> None:
    """Set the dtype of layers, variables and tensors made of Python floats from now on: 'float32' or 'float64'.

    Raises:
        ValueError: another dtype.
    """
    if value not in _FLOATS:
        raise ValueError(f"set_floatx: pynn computes in 'float32' or 'float64', got {value!r}")
    _Defaults.floatx = value


def dtype_policy() -> DTypePolicy:
    """Return the policy of layers that are given no dtype; its name is `floatx()`."""
    return DTypePolicy(_Defaults.floatx)


def set_dtype_policy(policy: str | DTypePolicy) -> None:
    """Set the policy, a name or an object, of layers made from now on; the same setting as `set_floatx`.

    Raises:
        ValueError: another policy than 'float32' and 'float64'.
    """
    _Defaults.floatx = (policy if isinstance(policy, DTypePolicy) else DTypePolicy(policy)).name


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


def enable_traceback_filtering() -> None:
    """Do nothing: pynn's tracebacks are whole, as all of Python's."""


def disable_traceback_filtering() -> None:
    """Do nothing: pynn's tracebacks are whole, as all of Python's."""


def is_traceback_filtering_enabled() -> bool:
    """Return False."""
    return False


def is_flash_attention_enabled() -> bool:
    """Return False: pynn has no flash attention."""
    return False


def disable_flash_attention() -> None:
    """Do nothing: pynn has no flash attention."""


def is_nnx_enabled() -> bool:
    """Return False: NNX belongs to Keras on jax."""
    return False


ABSENT = {
    "enable_flash_attention": "pynn computes attention in one way",
    "enable_unsafe_deserialization": "load_model(safe_mode=False) loads Python code from a file",
    "max_epochs": "fit(epochs=...) says how long to train",
    "max_steps_per_epoch": "fit(steps_per_epoch=...) says how long an epoch is",
    "set_backend": "pynn computes by itself",
    "set_max_epochs": "fit(epochs=...) says how long to train",
    "set_max_steps_per_epoch": "fit(steps_per_epoch=...) says how long an epoch is",
}
"""Settings of Keras that pynn has not, and what is nearest."""


def __getattr__(name: str) -> object:
    if name in ABSENT:
        raise AttributeError(f"keras.config.{name} is not in pynn; {ABSENT[name]}")
    raise AttributeError(f"module 'pynn.config' has no attribute {name!r}")


def warn_about_environment() -> None:
    """Says so once, at import, where PYNN_ISA names a level that this machine or build does not have."""
    wanted = os.environ.get("PYNN_ISA")
    if wanted and wanted not in _core.isas():
        warnings.warn(
            f"PYNN_ISA={wanted}: no such instruction-set level here; using {_core.isa()} of {', '.join(_core.isas())}",
            RuntimeWarning,
            stacklevel=3,
        )
