"""A dtype in the forms that Keras has for it: its name, an object with a name, the dict that configs hold."""

from __future__ import annotations

from typing import Any


def dtype_policy(name: str) -> dict[str, Any]:
    """Return a layer's dtype as Keras writes it."""
    return {
        "module": "keras",
        "class_name": "DTypePolicy",
        "config": {"name": name},
        "registered_name": None,
    }


def dtype_name(dtype: Any) -> str:
    """Return the name of a dtype given by name, as an object that has one, or as Keras writes it."""
    if isinstance(dtype, dict):
        config = dtype.get("config")
        dtype = config.get("name") if isinstance(config, dict) else dtype
    return dtype if isinstance(dtype, str) else str(getattr(dtype, "name", dtype))
