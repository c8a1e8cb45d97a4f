"""Keras's small conveniences under Keras's name for them; each lives in a file named for what it is."""

from ..messages import (
    disable_interactive_logging,
    enable_interactive_logging,
    is_interactive_logging_enabled,
)
from .categorical import to_categorical
from .downloads import get_file
from .normalization import normalize
from .seed import set_random_seed

__all__ = [
    "disable_interactive_logging",
    "enable_interactive_logging",
    "get_file",
    "is_interactive_logging_enabled",
    "normalize",
    "set_random_seed",
    "to_categorical",
]
