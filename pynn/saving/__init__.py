"""Models in files, as in `keras.saving`: whole in `.keras` files, their weights in `.weights.h5`; objects as dicts.

A file that is written here opens in Keras 3 and the other way round.
"""

from __future__ import annotations

from ..custom_objects import (
    CustomObjectScope,
    custom_object_scope,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    register_keras_serializable,
)
from ..serialization import deserialize_keras_object, serialize_keras_object
from .models import load_model, model_from_json, save_model
from .weights import load_weights, save_weights

__all__ = [
    "CustomObjectScope",
    "custom_object_scope",
    "deserialize_keras_object",
    "get_custom_objects",
    "get_registered_name",
    "get_registered_object",
    "load_model",
    "load_weights",
    "model_from_json",
    "register_keras_serializable",
    "save_model",
    "save_weights",
    "serialize_keras_object",
]
