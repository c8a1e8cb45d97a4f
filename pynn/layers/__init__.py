"""Layers, under Keras's names. `layer.py` is the base class, one file a family follows."""

from .activations import ELU, LeakyReLU, PReLU, ReLU, Softmax
from .augmentation import RandomBrightness, RandomContrast, RandomCrop, RandomFlip
from .batch_normalization import BatchNormalization
from .core import Activation, Dense, Flatten, Identity, Input, InputLayer, Permute, Reshape
from .einsum_dense import EinsumDense
from .embedding import Embedding
from .encoding import CategoryEncoding, Discretization
from .images import CenterCrop, Resizing
from .layer import Layer
from .merging import (
    Add,
    Average,
    Concatenate,
    Dot,
    Maximum,
    Minimum,
    Multiply,
    Subtract,
    add,
    average,
    concatenate,
    dot,
    maximum,
    minimum,
    multiply,
    subtract,
)
from .movement import RandomRotation, RandomTranslation, RandomZoom
from .normalization import GroupNormalization, LayerNormalization
from .regularization import (
    ActivityRegularization,
    AlphaDropout,
    Dropout,
    GaussianDropout,
    GaussianNoise,
    SpatialDropout1D,
    SpatialDropout2D,
    SpatialDropout3D,
)
from .scaling import Rescaling, RMSNormalization, UnitNormalization
from .sequences import RepeatVector, TimeDistributed
from .spec import InputSpec
from .standardization import Normalization
from .wrapper import Lambda, Wrapper

__all__ = [
    "ELU",
    "Activation",
    "ActivityRegularization",
    "Add",
    "AlphaDropout",
    "Average",
    "BatchNormalization",
    "CategoryEncoding",
    "CenterCrop",
    "Concatenate",
    "Dense",
    "Discretization",
    "Dot",
    "Dropout",
    "EinsumDense",
    "Embedding",
    "Flatten",
    "GaussianDropout",
    "GaussianNoise",
    "GroupNormalization",
    "Identity",
    "Input",
    "InputLayer",
    "InputSpec",
    "Lambda",
    "Layer",
    "LayerNormalization",
    "LeakyReLU",
    "Maximum",
    "Minimum",
    "Multiply",
    "Normalization",
    "PReLU",
    "Permute",
    "RMSNormalization",
    "RandomBrightness",
    "RandomContrast",
    "RandomCrop",
    "RandomFlip",
    "RandomRotation",
    "RandomTranslation",
    "RandomZoom",
    "ReLU",
    "RepeatVector",
    "Rescaling",
    "Reshape",
    "Resizing",
    "Softmax",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "SpatialDropout3D",
    "Subtract",
    "TimeDistributed",
    "UnitNormalization",
    "Wrapper",
    "add",
    "average",
    "concatenate",
    "dot",
    "maximum",
    "minimum",
    "multiply",
    "subtract",
]
