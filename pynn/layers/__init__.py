"""Layers, under Keras's names. `layer.py` is the base class, one file a family follows."""

from .activations import ELU, LeakyReLU, PReLU, ReLU, Softmax
from .core import Activation, Dense, Flatten, Identity, Input, InputLayer, Permute, Reshape
from .layer import Layer
from .regularization import Dropout, GaussianDropout, GaussianNoise
from .spec import InputSpec

__all__ = [
    "ELU",
    "Activation",
    "Dense",
    "Dropout",
    "Flatten",
    "GaussianDropout",
    "GaussianNoise",
    "Identity",
    "Input",
    "InputLayer",
    "InputSpec",
    "Layer",
    "LeakyReLU",
    "PReLU",
    "Permute",
    "ReLU",
    "Reshape",
    "Softmax",
]
