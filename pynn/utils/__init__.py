"""Keras's small conveniences under Keras's name for them; each lives in a file named for what it is."""

from ..backend import clear_session, is_keras_tensor, standardize_dtype
from ..custom_objects import (
    CustomObjectScope,
    custom_object_scope,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    register_keras_serializable,
)
from ..data.indexed import PyDataset
from ..data.indexed import PyDataset as Sequence
from ..messages import (
    disable_interactive_logging,
    enable_interactive_logging,
    is_interactive_logging_enabled,
)
from ..models.data import pack_x_y_sample_weight, unpack_x_y_sample_weight
from ..serialization import deserialize_keras_object, serialize_keras_object
from ..viz.plot_model import model_to_dot, plot_model
from .audio_files import audio_dataset_from_directory
from .categorical import to_categorical
from .downloads import get_file
from .image_files import image_dataset_from_directory
from .images import array_to_img, img_to_array, load_img, save_img
from .normalization import normalize
from .padding import pad_sequences
from .progbar import Progbar
from .seed import set_random_seed
from .splitting import split_dataset
from .text_files import text_dataset_from_directory
from .timeseries import timeseries_dataset_from_array

__all__ = [
    "CustomObjectScope",
    "Progbar",
    "PyDataset",
    "Sequence",
    "array_to_img",
    "audio_dataset_from_directory",
    "clear_session",
    "custom_object_scope",
    "deserialize_keras_object",
    "disable_interactive_logging",
    "enable_interactive_logging",
    "get_custom_objects",
    "get_file",
    "get_registered_name",
    "get_registered_object",
    "image_dataset_from_directory",
    "img_to_array",
    "is_interactive_logging_enabled",
    "is_keras_tensor",
    "load_img",
    "model_to_dot",
    "normalize",
    "pack_x_y_sample_weight",
    "pad_sequences",
    "plot_model",
    "register_keras_serializable",
    "save_img",
    "serialize_keras_object",
    "set_random_seed",
    "split_dataset",
    "standardize_dtype",
    "text_dataset_from_directory",
    "timeseries_dataset_from_array",
    "to_categorical",
    "unpack_x_y_sample_weight",
]
