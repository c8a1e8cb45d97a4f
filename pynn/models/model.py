"""Model: a layer that trains; subclass it and write `call`, or use Sequential."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from ..autograd import no_grad
from ..layers.layer import Layer, zeros_of
from ..registry import did_you_mean
from .summary import summarize
from .training import Trainer


class Model(Trainer):
    """Base class of models. Layers kept in attributes are the model's; `call(inputs)` connects them.

    Args:
        trainable, dtype, name: as for every Layer.

    Raises:
        NotImplementedError: `inputs` and `outputs` are given: pynn has no functional models yet.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if args or "inputs" in kwargs or "outputs" in kwargs:
            raise NotImplementedError(
                "Model(inputs, outputs) is a functional model, which pynn cannot build yet; "
                "use Sequential([...]) or a subclass of Model"
            )
        super().__init__(**kwargs)

    @property
    def layers(self) -> list[Layer]:
        """The layers directly inside, in the order in which they were set."""
        inside = {id(owned): owned for owned in self._owned() if isinstance(owned, Layer)}
        return list(inside.values())

    def build(self, input_shape: Any) -> None:
        """Make all weights by one call on zeros.

        Args:
            input_shape: of a batch, (None, ...); a list or dict of shapes for several inputs.
        """
        self.built = True
        with no_grad():
            self(zeros_of(input_shape, 1, self.dtype))

    def _build_for(self, inputs: Any) -> None:
        """Let the call that is about to happen build the layers inside, unless a subclass builds itself."""
        if type(self).build is Model.build:
            self.built = True
        else:
            super()._build_for(inputs)

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """Return a layer by name or by position.

        Raises:
            ValueError: neither or both are given, or there is no such layer.
        """
        layers = self.layers
        if (name is None) == (index is None):
            raise ValueError("get_layer: give either a name or an index")
        if index is not None:
            if not -len(layers) <= index < len(layers):
                raise ValueError(f"{self._title()} has {len(layers)} layers, so no layer {index}")
            return layers[index]
        for layer in layers:
            if layer.name == name:
                return layer
        names = [layer.name for layer in layers]
        hint = did_you_mean(str(name), names) or f"; it has {', '.join(names) or 'none'}"
        raise ValueError(f"{self._title()} has no layer {name!r}{hint}")

    def save_weights(self, filepath: str | os.PathLike[str]) -> None:
        """Write all weights to a `.safetensors` file, whole or not at all; see `models.weights`.

        Raises:
            ImportError: safetensors is missing; the message names the extra that brings it.
            ValueError: the model is not built, or the name does not end in .safetensors.
            OSError: the file cannot be written.
        """
        from .weights import save_weights  # here: most programs keep no weights, and none should wait for it

        save_weights(self, filepath)

    def load_weights(self, filepath: str | os.PathLike[str]) -> None:
        """Set all weights from a file of `save_weights`; none is set if one does not fit.

        Raises:
            ImportError: safetensors is missing; the message names the extra that brings it.
            ValueError: the model is not built, or the file is damaged, foreign or of another model.
            OSError: the file cannot be read.
        """
        from .weights import load_weights

        load_weights(self, filepath)

    def summary(self, line_length: int | None = None, print_fn: Callable[[str], Any] | None = None) -> None:
        """Print a table of the layers, their output shapes and numbers of parameters.

        Args:
            line_length: width of the table; None means 76 characters.
            print_fn: called with the text instead of `print`.
        """
        summarize(self, line_length, print_fn)
