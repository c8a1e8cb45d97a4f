"""Logs and outputs as the user gets them: plain floats and NumPy arrays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .._core import Tensor


def to_float(value: Any) -> Any:
    """Return a number for a log; an array for the rare metric that is not one number."""
    return _array(value) if isinstance(value, Tensor) and value.size != 1 else float(value)


def sorted_floats(results: Mapping[str, Any]) -> dict[str, Any]:
    """Return logs in Keras's order, by name."""
    return {name: to_float(results[name]) for name in sorted(results)}


def in_form(results: Mapping[str, Any], return_dict: bool) -> Any:
    """Return results as `evaluate` does: a dict, one number, or a list with the loss first."""
    values = {name: value if type(value) is float else to_float(value) for name, value in results.items()}
    return values if return_dict else unnamed(values)


def unnamed(values: Mapping[str, Any]) -> Any:
    """Return the only number, or a list of all."""
    several = list(values.values())
    return several if len(several) > 1 else several[0]


def joined(outputs: list[Any]) -> Any:
    """Return the outputs of all batches, one after the other, as NumPy arrays in the model's structure."""
    first = outputs[0]
    if isinstance(first, dict):
        return {key: joined([output[key] for output in outputs]) for key in first}
    if isinstance(first, (list, tuple)):
        return [joined(list(parts)) for parts in zip(*outputs, strict=True)]
    return np.concatenate([_array(output) for output in outputs])


def _array(value: Tensor) -> np.ndarray[Any, Any]:
    return Tensor.numpy(value.to("cpu"))
