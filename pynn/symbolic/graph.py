"""The graph: nodes, each one use of a layer or a function, and how one is added."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..naming import auto_name, snake_case
from .inference import infer
from .structure import flatten, map_structure
from .tensor import History, SymbolicTensor, has_symbolic, is_symbolic


class Node:
    """One use of an operation.

    Attributes:
        operation: a Layer or a FunctionCall.
        args, kwargs: as it was called, symbolic tensors in their places.
        inputs: the symbolic tensors among them.
        outputs: what it returned, a structure of symbolic tensors.
        flat_outputs: the symbolic tensors of that.
    """

    def __init__(self, operation: Any, args: tuple[Any, ...], kwargs: dict[str, Any], outputs: Any) -> None:
        self.operation, self.args, self.kwargs, self.outputs = operation, args, kwargs, outputs
        self.inputs = [value for value in flatten((*args, *kwargs.values())) if is_symbolic(value)]
        self.flat_outputs: list[SymbolicTensor] = flatten(outputs)

    def __repr__(self) -> str:
        return f"<Node of {self.operation.name}: {self.outputs}>"


class FunctionCall:
    """A function as an operation of the graph: as a layer without weights, with a name of its own.

    Args:
        function: computes it from tensors.
        public_name: the function's name in `pynn.ops`.
        elementwise, spec: how its outputs are found, as for `symbolic_function`.
        name: of this use; None gives 'get_item', 'get_item_1', ...
    """

    def __init__(
        self,
        function: Callable[..., Any],
        public_name: str,
        elementwise: bool = False,
        spec: Callable[..., Any] | None = None,
        name: str | None = None,
    ) -> None:
        self.function, self.public_name = function, public_name
        self._elementwise, self._spec = elementwise, spec
        self.name = auto_name(snake_case(self.kind)) if name is None else name
        self._inbound_nodes: list[Node] = []

    @property
    def kind(self) -> str:
        """What Keras calls its class: 'GetItem' for get_item."""
        return "".join(part[:1].upper() + part[1:] for part in self.public_name.split("_"))

    @property
    def input(self) -> Any:
        """The symbolic tensor it was called on, or a list of several."""
        return one_or_list(self._inbound_nodes[0].inputs)

    @property
    def output(self) -> Any:
        """What it returned, a symbolic tensor or a list of several."""
        return one_or_list(self._inbound_nodes[0].flat_outputs)

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Return shape and dtype of the outputs for symbolic arguments, as SymbolicTensors."""
        outputs = None if self._spec is None else self._spec(*args, **kwargs)
        if outputs is None:
            outputs = infer(self.function, self.public_name, args, kwargs, self._elementwise)
        return outputs

    def again(self) -> FunctionCall:
        """Return another one of the same function and name."""
        return FunctionCall(self.function, self.public_name, self._elementwise, self._spec, self.name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Compute it; on symbolic tensors, record one more node."""
        if not has_symbolic(args) and not has_symbolic(kwargs.values()):
            return self.function(*args, **kwargs)
        return record(self, args, kwargs, self.compute_output_spec(*args, **kwargs))

    def __repr__(self) -> str:
        return f"<{self.kind} name={self.name}>"


def one_or_list(tensors: list[SymbolicTensor]) -> Any:
    """Return the one tensor of a list, or the list."""
    return tensors[0] if len(tensors) == 1 else list(tensors)


def record(operation: Any, args: tuple[Any, ...], kwargs: dict[str, Any], outputs: Any) -> Any:
    """Add a node to `operation` and return `outputs`, a structure of symbolic tensors, as its outputs.

    One that has a history already (the operation returned its input) is replaced by a new one.
    """
    fresh = map_structure(
        lambda x: SymbolicTensor(x.shape, x.dtype, x.name if x.history is None else None), outputs
    )
    node = Node(operation, args, kwargs, fresh)
    index = len(operation._inbound_nodes)
    for position, output in enumerate(node.flat_outputs):
        output.history = History(operation, index, position)
    operation._inbound_nodes.append(node)
    return fresh
