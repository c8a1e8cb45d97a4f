"""Keras's small conveniences under Keras's name for them; each lives in a file named for what it is."""

from ..custom_objects import (
    CustomObjectScope,
    custom_object_scope,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    register_keras_serializable,
)
from ..serialization import deserialize_keras_object, serialize_keras_object
from ..viz.plot_model import model_to_dot, plot_model
from .categorical import to_categorical
from .normalization import normalize
from .seed import set_random_seed

__all__ = [
    "CustomObjectScope",
    "custom_object_scope",
    "deserialize_keras_object",
    "get_custom_objects",
    "get_registered_name",
    "get_registered_object",
    "model_to_dot",
    "normalize",
    "plot_model",
    "register_keras_serializable",
    "serialize_keras_object",
    "set_random_seed",
    "to_categorical",
]
