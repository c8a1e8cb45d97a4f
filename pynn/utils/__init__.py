"""Keras's small conveniences under Keras's name for them; each lives in a file named for what it is."""

from ..data.indexed import PyDataset
from ..data.indexed import PyDataset as Sequence
from ..messages import (
    disable_interactive_logging,
    enable_interactive_logging,
    is_interactive_logging_enabled,
)
from ..models.data import pack_x_y_sample_weight, unpack_x_y_sample_weight
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
    "Progbar",
    "PyDataset",
    "Sequence",
    "array_to_img",
    "audio_dataset_from_directory",
    "disable_interactive_logging",
    "enable_interactive_logging",
    "get_file",
    "image_dataset_from_directory",
    "img_to_array",
    "is_interactive_logging_enabled",
    "load_img",
    "model_to_dot",
    "normalize",
    "pack_x_y_sample_weight",
    "pad_sequences",
    "plot_model",
    "save_img",
    "set_random_seed",
    "split_dataset",
    "text_dataset_from_directory",
    "timeseries_dataset_from_array",
    "to_categorical",
    "unpack_x_y_sample_weight",
]
