"""From what a functional model is called on to its inputs in order: lists, dicts by key or by input name."""

from __future__ import annotations

from typing import Any

from .. import _core
from .._core import ShapeError, Tensor
from ..layers.fault import Fault
from ..layers.spec import InputSpec
from ..layers.weights import WeightOwner
from ..symbolic import SymbolicTensor, flatten, is_symbolic, map_structure


class Arrangement:
    """The inputs that a model declares, and how given ones are made to fit.

    Args:
        model: whose inputs they are, for messages.
        inputs: symbolic tensors, or a list, tuple or dict of them.
    """

    def __init__(self, model: WeightOwner, inputs: Any) -> None:
        self._model = model
        self._structure = inputs
        self._flat: list[SymbolicTensor] = flatten(inputs)
        self._dtypes = [getattr(_core, x.dtype) for x in self._flat]
        # A declared batch size is a hint: the last batch of an epoch may be smaller.
        self._specs = [InputSpec(shape=(None, *x.shape[1:])) for x in self._flat]
        self._single = len(self._flat) == 1

    def flat(self, inputs: Any) -> list[Any]:
        """Return the tensors of `inputs`, each with the dtype and the rank that is declared for it.

        Raises:
            ValueError: they are arranged otherwise than the model's; the message shows both.
            ShapeError: the shape of one does not fit; the message names it.
        """
        found = [inputs] if self._single and type(inputs) is Tensor else self.matched(inputs)
        for index, x in enumerate(found):
            if not self._specs[index].fits(x.shape):
                found[index] = x = self._refitted(x, index)
            if type(x) is Tensor and x.dtype is not self._dtypes[index]:
                found[index] = x.astype(self._dtypes[index])
        return found

    def check(self, inputs: Any) -> None:
        """Raise as `flat` would, without making any tensor."""
        for index, x in enumerate(self.matched(inputs)):
            if not self._specs[index].fits(x.shape):
                self._refitted(x[:0], index)

    def matched(self, inputs: Any) -> list[Any]:
        """Return the leaves of `inputs` in the order of the declared ones.

        Raises:
            ValueError: they are arranged otherwise.
        """
        try:
            return _matched(self._structure, inputs)
        except _MismatchError:
            expected = map_structure(lambda x: x.name, self._structure)
            given = map_structure(_description, inputs)
            raise ValueError(
                f"{self._model._title()} takes inputs arranged as {expected}, got {given}"
            ) from None

    def _refitted(self, x: Any, index: int) -> Any:
        """Add or drop a last axis of size 1 where that makes x fit."""
        spec = self._specs[index]
        if type(x) is Tensor and spec.fits((*x.shape, 1)):
            return _core.expand_dims(x, -1)
        if type(x) is Tensor and x.shape[-1:] == (1,) and spec.fits(x.shape[:-1]):
            return _core.squeeze(x, -1)
        name = "" if self._single else f" {self._flat[index].name!r}"
        text = f" expected an input{name} of the shape {spec.shape}, got {tuple(x.shape)}"
        raise ShapeError(Fault(self._model, text, [("input", f"{x.dtype} {tuple(x.shape)}", "")]))


class _MismatchError(Exception):
    """Two structures differ."""


def _matched(expected: Any, given: Any) -> list[Any]:
    if is_symbolic(expected):
        return [_leaf(expected, given)]
    nested = isinstance(given, (list, tuple, dict))
    keys = sorted(expected) if isinstance(expected, dict) else range(len(expected))
    if not nested:
        if len(keys) != 1:
            raise _MismatchError
        return _matched(expected[keys[0]], given)
    if isinstance(given, dict):
        if isinstance(expected, dict):
            if set(given) != set(expected):
                raise _MismatchError
            return [leaf for key in keys for leaf in _matched(expected[key], given[key])]
        given = _by_name(expected, given)
    elif isinstance(expected, dict) and list(expected) != sorted(expected):
        raise _MismatchError  # in what order they come is not known
    if len(given) != len(keys):
        raise _MismatchError
    return [leaf for key, item in zip(keys, given, strict=True) for leaf in _matched(expected[key], item)]


def _by_name(expected: Any, given: dict[str, Any]) -> list[Any]:
    """Return the items of a dict for a list of inputs; a dict may hold more than is needed."""
    if not all(is_symbolic(x) and x.name in given for x in expected):
        raise _MismatchError
    return [given[x.name] for x in expected]


def _leaf(expected: SymbolicTensor, given: Any) -> Any:
    if isinstance(given, (list, tuple)) and len(given) == 1:
        given = given[0]
    if isinstance(given, dict) and expected.name in given:
        given = given[expected.name]
    if not hasattr(given, "shape"):
        raise _MismatchError
    return given


def _description(x: Any) -> Any:
    return f"Tensor{tuple(x.shape)}" if hasattr(x, "shape") else x
