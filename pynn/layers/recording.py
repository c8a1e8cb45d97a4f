"""Recorded: the part of a layer that takes symbolic tensors; it makes a node of the graph and computes nothing."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .. import symbolic
from ..symbolic import Node, SymbolicTensor, flatten, is_symbolic, one_or_list
from .weights import WeightOwner

if TYPE_CHECKING:
    from .spec import InputSpec


class Recorded(WeightOwner):
    """What can be an operation in a graph of symbolic tensors."""

    input_spec: InputSpec | None
    cast_integers: bool
    autocast: bool
    _inbound_nodes: list[Node]
    _output_shape: Any
    _takes_training: bool

    if TYPE_CHECKING:
        # Layer has them.
        def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any: ...
        def _build_for(self, inputs: Any, *args: Any, **kwargs: Any) -> None: ...
        def _forget_losses(self) -> None: ...

    @property
    def input(self) -> Any:
        """The symbolic tensor that the layer was called on first, or a list of several.

        Raises:
            AttributeError: it was never called on a symbolic tensor.
        """
        return one_or_list(self._first_node("input").inputs)

    @property
    def output(self) -> Any:
        """The symbolic tensor that the first call on symbolic tensors returned, or a list of several.

        Raises:
            AttributeError: it was never called on a symbolic tensor.
        """
        return one_or_list(self._first_node("output").flat_outputs)

    def _first_node(self, what: str) -> Node:
        if not self._inbound_nodes:
            raise AttributeError(
                f"{self._title()} has no {what} yet: it was never called on a symbolic tensor; call it on one "
                "of keras.Input(shape), or build the model that it is in"
            )
        return self._inbound_nodes[0]

    def _record(self, inputs: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Build for symbolic inputs, record the call and return its symbolic outputs."""
        if self.input_spec is not None and is_symbolic(inputs) and not self.input_spec.fits(inputs.shape):
            self._refuse_symbolic(inputs)
        if not self.built:
            self._build_for(inputs, *args, **kwargs)
        outputs = self.compute_output_spec(inputs, *args, **kwargs)
        self._output_shape = shapes_of_symbolic(outputs)
        return symbolic.record(self, (inputs, *args), kwargs, outputs)

    def _refuse_symbolic(self, x: SymbolicTensor) -> None:
        """Raise for an input that does not fit the spec, unless a subclass can take it in another shape."""
        assert self.input_spec is not None
        self.input_spec.refuse(self, x)

    def compute_output_spec(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Return shape and dtype of the outputs for symbolic inputs, as SymbolicTensors.

        By `compute_output_shape` where the layer has one and its inputs are floats, which it casts to its
        own dtype; otherwise by calls on zeros.
        """
        given = [value for value in flatten((inputs, *args, *kwargs.values())) if is_symbolic(value)]
        if self._knows_shape() and all("float" in x.dtype for x in given) and self.autocast:
            shapes = shape_arguments(self.compute_output_shape, self.call, (inputs, *args), kwargs)
            return _tensors_of(self.compute_output_shape(*shapes), self.dtype)
        return self._tried(inputs, args, kwargs)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the output's shape for an input of `input_shape`; None stands for any size.

        Found by two calls on zeros, with 2 and with 3 for every None: what differs between the two is
        None in the result. Layers that know better override this.
        """
        return shapes_of_symbolic(self._tried(_tensors_of(input_shape, self.dtype), (), {}))

    def _knows_shape(self) -> bool:
        return type(self).compute_output_shape is not Recorded.compute_output_shape

    def _tried(self, inputs: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Return the outputs' spec as calls on zeros show it."""
        options = dict(kwargs)
        if self._takes_training or "training" in options:
            options["training"] = False  # a trial must not move running averages or draw random numbers
        try:
            return symbolic.infer(self, self._title(), (inputs, *args), options)
        finally:
            self._forget_losses()

    def call(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Compute the outputs."""
        raise NotImplementedError(f"{self._title()} must define call(self, inputs)")


def shapes_of_symbolic(values: Any) -> Any:
    """Return the shape of a symbolic tensor, or a list or dict of them."""
    if isinstance(values, (list, tuple)):
        return [shapes_of_symbolic(value) for value in values]
    if isinstance(values, dict):
        return {key: shapes_of_symbolic(value) for key, value in values.items()}
    return tuple(values.shape)


def shape_arguments(
    method: Callable[..., Any], call: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> list[Any]:
    """Return the shapes that `build` or `compute_output_shape` wants for arguments of `call`.

    A method of several parameters gets a shape for each: `query_shape` is the shape of the argument `query`,
    None if that is not given. Any other gets the first argument's.
    """
    names = [
        parameter.name
        for parameter in inspect.signature(method).parameters.values()
        if parameter.kind is parameter.POSITIONAL_OR_KEYWORD and parameter.name.endswith("_shape")
    ]
    if len(names) < 2:
        return [_shape_of(args[0])]
    bound = inspect.signature(call).bind_partial(*args, **kwargs).arguments
    given = [bound.get(name.removesuffix("_shape")) for name in names]
    return [None if value is None else _shape_of(value) for value in given]


def _shape_of(value: Any) -> Any:
    """Return a shape with None for the batch of tensors, as it is for symbolic ones."""
    if isinstance(value, (list, tuple)):
        return [_shape_of(item) for item in value]
    if isinstance(value, dict):
        return {key: _shape_of(item) for key, item in value.items()}
    shape = tuple(value.shape)
    return shape if is_symbolic(value) or not shape else (None, *shape[1:])


def _tensors_of(shape: Any, dtype: str) -> Any:
    """Return SymbolicTensors of what `compute_output_shape` returned: a shape, or a list or dict of them."""
    if isinstance(shape, dict):
        return {key: _tensors_of(item, dtype) for key, item in shape.items()}
    if isinstance(shape, (list, tuple)) and any(isinstance(item, (list, tuple, dict)) for item in shape):
        return [_tensors_of(item, dtype) for item in shape]
    return SymbolicTensor(tuple(shape), dtype)
