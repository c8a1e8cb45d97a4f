"""Connectionist temporal classification: which labels, in which order, but not when (Graves et al. 2006)."""

from __future__ import annotations

from typing import Any

from .. import _core
from .._core import Tensor
from .loss import BuiltinLoss, registry, to_float, to_tensor

# The logarithm of probability 0. Not -inf: a difference of two of those is no number, nor is its gradient.
_NEVER = -1e30


@registry.register("ctc")
def ctc(y_true: Any, y_pred: Any) -> Tensor:
    """-log of the probability of all ways in which T outputs, repeats and blanks dropped, spell the labels.

    Args:
        y_true: labels from 1, padded with 0, integers of shape (B, L). Class 0 is the blank.
        y_pred: logits, shape (B, T, C).

    Returns:
        Tensor of shape (B,), in nats.

    Raises:
        ShapeError: the shapes are not these.
    """
    labels, logits = to_tensor(y_true, "int64"), to_float(y_pred)
    if labels.ndim != 2 or logits.ndim != 3 or labels.shape[0] != logits.shape[0]:
        raise _core.ShapeError(
            f"ctc: expected labels (B, L) and logits (B, T, C), got {labels.shape} and {logits.shape}"
        )
    states = _with_blanks(labels)
    emitted = _emissions(_core.log_softmax(logits, axis=-1), states)
    paths = _paths(emitted, _may_skip(states))
    last = 2 * _core.sum(labels != 0, axis=1, keepdims=True).astype("int64")
    at_blank = _core.take_along_axis(paths, last, axis=1)
    at_label = _core.take_along_axis(paths, _core.maximum(last - 1, 0), axis=1)
    return -_core.squeeze(_core.logaddexp(at_blank, _core.where(last > 0, at_label, _NEVER)), 1)


def _with_blanks(labels: Tensor) -> Tensor:
    """Return the states (B, 2 L + 1) that outputs pass through: blank, label, blank, label ..., blank."""
    batch, length = labels.shape
    pairs = _core.stack([labels, _core.zeros_like(labels)], axis=2)
    blank = _core.zeros((batch, 1), dtype=labels.dtype)
    return _core.concat([blank, _core.reshape(pairs, (batch, 2 * length))], axis=1)


def _emissions(log_p: Tensor, states: Tensor) -> Tensor:
    """Return the log-probability of each state's class at each time, shape (B, T, 2 L + 1)."""
    batch, steps, _ = log_p.shape
    where = _core.broadcast_to(states[:, None, :], (batch, steps, states.shape[1]))
    return _core.take_along_axis(log_p, where, axis=2)


def _may_skip(states: Tensor) -> Tensor:
    """Whether a state can be reached from two before, over a blank: labels that differ from the last one."""
    differs = _core.logical_and(states[:, 2:] != 0, states[:, 2:] != states[:, :-2])
    return _core.concat([_core.zeros((states.shape[0], 2), dtype="bool"), differs], axis=1)


def _paths(emitted: Tensor, may_skip: Tensor) -> Tensor:
    """Return the log-probability of being in each state after all times, shape (B, 2 L + 1)."""
    batch, steps, count = emitted.shape
    never = _core.full((batch, 2), _NEVER, dtype=emitted.dtype)
    first = _core.arange(count) < 2
    paths = _core.where(first, emitted[:, 0], _NEVER)
    for t in range(1, steps):
        from_last = _core.concat([never[:, :1], paths[:, :-1]], axis=1)
        from_second_last = _core.concat([never, paths[:, :-2]], axis=1)[:, :count]
        skipped = _core.where(may_skip, from_second_last, _NEVER)
        paths = _core.logaddexp(_core.logaddexp(paths, from_last), skipped) + emitted[:, t]
    return paths


@registry.register()
class CTC(BuiltinLoss):
    """`ctc` as an object."""

    function = staticmethod(ctc)
    targets_like_outputs = False
