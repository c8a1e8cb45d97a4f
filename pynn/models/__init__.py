"""Models: Sequential, Model to subclass, and how they train."""

from typing import TYPE_CHECKING

from .cloning import clone_model
from .data import pack_x_y_sample_weight, unpack_x_y_sample_weight
from .functional import Functional
from .model import Model
from .sequential import Sequential

if TYPE_CHECKING:
    from ..saving import load_model, model_from_json, save_model
else:

    def __getattr__(name: str) -> object:
        """Import what reads and writes files when it is first asked for: training needs none."""
        if name in ("load_model", "model_from_json", "save_model"):
            from .. import saving

            return getattr(saving, name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "Functional",
    "Model",
    "Sequential",
    "clone_model",
    "load_model",
    "model_from_json",
    "pack_x_y_sample_weight",
    "save_model",
    "unpack_x_y_sample_weight",
]
