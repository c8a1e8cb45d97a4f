"""Which Sequential models take the short way through a training step: one call into C++ up to the gradients."""

from __future__ import annotations

from typing import Any

from .. import _core, activations, losses
from .._core import Tensor
from ..layers.core import Dense, Flatten
from ..layers.layer import Layer


class ShortWay:
    """The step of a model as one call, remembered as long as no structure changes.

    Attributes:
        version: of the structure when it was looked for.
        chain: None if there is none.
    """

    def __init__(self, version: int = -1, chain: _core.Chain | None = None) -> None:
        self.version, self.chain = version, chain

    def __reduce__(self) -> Any:
        """Let a copy of the model look for its own: this one holds the variables of the original."""
        return ShortWay, ()


def chain_of(layers: tuple[Layer, ...], sources: list[Any], loss: Any) -> _core.Chain | None:
    """Return the training step of these layers as one call, or None where it has more to it.

    It has where a layer is anything but Dense or Flatten, of one dtype, with an activation that `_core.linear` knows
    and no penalty of its outputs, or where the loss is not a plain mean of cross-entropies.

    Args:
        layers: all of a Sequential model's, built.
        sources: the variables to learn.
        loss: what it was compiled with.
    """
    from_logits = _plain_cross_entropy(loss)
    if from_logits is None or not sources or len({layer._dtype for layer in layers}) != 1:
        return None
    parts: list[tuple[Tensor | None, Tensor | None, str]] = []
    for layer in layers:
        if layer.activity_regularizer is not None or "call" in vars(layer):
            return None
        if type(layer) is Dense and layer.built:
            fused = activations.FUSED.get(
                layer.activation, "" if layer.activation is activations.linear else None
            )
            if fused is None:
                return None
            parts.append((layer.kernel, layer.bias, fused))
        elif type(layer) is Flatten and layer.data_format == "channels_last":
            parts.append((None, None, ""))
        else:
            return None
    return _core.Chain(parts, sources, from_logits)


def _plain_cross_entropy(loss: Any) -> bool | None:
    """Return whether it is one of logits; None if it is anything but a mean of cross-entropies."""
    usual = {"axis": -1, "ignore_class": None, "label_smoothing": 0.0}
    if type(loss) not in (losses.SparseCategoricalCrossentropy, losses.CategoricalCrossentropy):
        return None
    options = loss.kwargs
    if loss.dtype is not None or loss.reduction not in ("sum_over_batch_size", "mean"):
        return None
    if any(options[name] != value for name, value in usual.items() if name in options):
        return None
    return bool(options["from_logits"])
