"""Functional: a model made of a graph, `keras.Model(inputs, outputs)`."""

from __future__ import annotations

from ..serialization import provide
from .model import Model


class Functional(Model):
    """What `Model(inputs, outputs)` makes.

    Args:
        inputs: symbolic tensors that begin with `keras.Input`, one or a list, tuple or dict of them.
        outputs: symbolic tensors computed from them.
        name, trainable: as for every Layer.

    Raises:
        TypeError: something is no symbolic tensor.
        ValueError: an output does not come from the inputs, or two layers have one name.
    """

    layers_first = True
    """In a file, `layers` comes before all other attributes."""


provide("keras.src.models.functional", {"Functional": Functional}, __name__)
