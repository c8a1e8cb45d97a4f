"""Connected: the part of a model that comes from a graph of symbolic tensors, `Model(inputs, outputs)`."""

from __future__ import annotations

import inspect
from typing import Any

from .._core import Tensor
from ..layers.layer import Layer, asking
from ..layers.recording import shapes_of_symbolic
from ..symbolic import SymbolicTensor, flatten, pack
from .arrangement import Arrangement
from .graph import Graph
from .graph_config import graph_config, graph_from_config
from .plan import Plan
from .training import Trainer


class Connected(Trainer):
    """What models answer from their graph, if they have one."""

    _graph: Graph | None = None
    _plan: Plan
    _arrangement: Arrangement

    def _connect(self, inputs: Any, outputs: Any) -> None:
        """Take the graph between inputs and outputs for this model's `call`, its layers for its own."""
        self._graph = graph = Graph(inputs, outputs)
        self._plan = Plan(graph)
        self._arrangement = Arrangement(self, graph.inputs)
        self._connected_layers = tuple(graph.layers)  # an attribute, so that their weights are found
        self._output_shape = shapes_of_symbolic(self._known_outputs())
        self.built = True

    def call(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Compute the graph's outputs. A subclass without a graph defines its own `call`."""
        graph = self._graph
        if graph is None or args or kwargs:
            return super().call(inputs, *args, **kwargs)
        outputs = self._plan.run(self._arrangement.flat(inputs), self.name)
        structure = graph.outputs
        if len(outputs) == 1 and not isinstance(structure, dict):
            return outputs[0]  # of a list of one as well, as in Keras
        return pack(structure, outputs)

    def _known_output_names(self) -> list[str] | None:
        return None if self._graph is None else self.output_names

    def _known_outputs(self) -> Any:
        if self._graph is None or type(self).call is not Connected.call:
            return None
        outputs = self._graph.outputs
        return outputs[0] if isinstance(outputs, (list, tuple)) and len(outputs) == 1 else outputs

    def compute_output_spec(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Return shape and dtype of the outputs for symbolic inputs, as SymbolicTensors."""
        if self._graph is None or type(self).call is not Connected.call:
            return super().compute_output_spec(inputs, *args, **kwargs)
        flat = self._arrangement.flat(inputs)
        return pack(self._known_outputs(), self._graph.compute_output_spec(flat))

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of the outputs, or a list or dict of them, for inputs of this shape."""
        if self._graph is None:
            return super().compute_output_shape(input_shape)
        declared = self._graph.flat_inputs
        shapes = _flat_shapes(input_shape)
        tensors = [SymbolicTensor(shape, x.dtype) for shape, x in zip(shapes, declared, strict=True)]
        return shapes_of_symbolic(pack(self._graph.outputs, self._graph.compute_output_spec(tensors)))

    # What it is made of --------------------------------------------------------------------------------

    @property
    def input(self) -> Any:
        """The symbolic inputs, arranged as they were given; of a model without a graph, those of its first call.

        Raises:
            AttributeError: there are none yet.
        """
        return super().input if self._graph is None else self._graph.inputs

    @property
    def output(self) -> Any:
        """The symbolic outputs, arranged as they were given; else as for `input`.

        Raises:
            AttributeError: there are none yet.
        """
        return super().output if self._graph is None else self._graph.outputs

    @property
    def inputs(self) -> list[SymbolicTensor]:
        """The symbolic inputs in a list; those of a dict by sorted key.

        Raises:
            AttributeError: there are none yet.
        """
        return flatten(self.input)

    @property
    def outputs(self) -> list[SymbolicTensor]:
        """The symbolic outputs in a list; those of a dict by sorted key.

        Raises:
            AttributeError: there are none yet.
        """
        return flatten(self.output)

    @property
    def input_shape(self) -> Any:
        """Shape of a batch of inputs, or a list of the shapes of several.

        Raises:
            AttributeError: there are no symbolic inputs yet.
        """
        return _one_or_list([x.shape for x in self.inputs])

    @property
    def output_shape(self) -> Any:
        """Shape of a batch of outputs, or a list of the shapes of several.

        Raises:
            AttributeError: there are no symbolic outputs yet.
        """
        return _one_or_list([x.shape for x in self.outputs])

    @property
    def input_names(self) -> list[str]:
        """Names of the inputs, in the order of `inputs`."""
        return [x.name for x in self.inputs]

    @property
    def output_names(self) -> list[str]:
        """Names of the layers that the outputs come from, in the order of `outputs`; losses go by them."""
        return [x.history.operation.name for x in self.outputs if x.history is not None]

    @property
    def operations(self) -> list[Any]:
        """Layers and functions of the graph, by falling distance from the outputs."""
        return [] if self._graph is None else list(self._graph.operations)

    @property
    def layers(self) -> list[Layer]:
        """The layers directly inside: those of the graph by falling distance from the outputs, Inputs included;
        of a model without a graph in the order in which they were set."""
        if self._graph is not None:
            return self._graph.layers
        inside = {id(owned): owned for owned in self._owned() if isinstance(owned, Layer)}
        return list(inside.values())

    # Configs -------------------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """Return name, layers and how they are connected, in Keras's form; without a graph, the arguments."""
        if self._graph is None or not _made_of_graphs(type(self)):
            return super().get_config()
        return {"name": self.name, "trainable": self.trainable, **graph_config(self._graph)}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
        """Make a model, with new weights, from what `get_config`, here or in Keras, returned.

        Args:
            config: the dict.
            custom_objects: classes of the user's own layers by name.

        Raises:
            ValueError: the class of a layer is not known, or its calls cannot be put in an order.
        """
        if not {"layers", "input_layers", "output_layers"} <= config.keys():
            return super().from_config(config)
        inputs, outputs = graph_from_config(config, custom_objects)
        trainable = config.get("trainable")
        model: Any = cls(inputs=inputs, outputs=outputs, name=config.get("name"))
        if trainable is False:  # True would thaw layers inside that are frozen
            model.trainable = trainable
        return model

    # Data ----------------------------------------------------------------------------------------------

    def _converted(self, inputs: Any) -> Any:
        """Return inputs as tensors; each is cast later, to the dtype of its own Input."""
        if self._graph is None or isinstance(inputs, Tensor):
            return super()._converted(inputs) if self._graph is None else inputs
        before, self.autocast = self.autocast, False
        try:
            return super()._converted(inputs)
        finally:
            self.autocast = before

    def _output_shape_for(self, x: Any) -> Any:
        if self._graph is not None:
            self._arrangement.check(x)
        return super()._output_shape_for(x)


def _flat_shapes(shape: Any) -> list[Any]:
    """Return the shapes in a shape, or in a list or dict of them."""
    if isinstance(shape, dict):
        return [leaf for key in sorted(shape) for leaf in _flat_shapes(shape[key])]
    if isinstance(shape, (list, tuple)) and any(isinstance(item, (list, tuple, dict)) for item in shape):
        return [leaf for item in shape for leaf in _flat_shapes(item)]
    return [tuple(shape)]


def _one_or_list(shapes: list[Any]) -> Any:
    return shapes[0] if len(shapes) == 1 else shapes


def _made_of_graphs(kind: type) -> bool:
    """Return whether a class can be called with inputs and outputs."""
    parameters = inspect.signature(kind.__init__).parameters.values()  # type: ignore[misc]
    kinds = {parameter.kind for parameter in parameters}
    names = {parameter.name for parameter in parameters}
    return {"inputs", "outputs"} <= names or {
        inspect.Parameter.VAR_KEYWORD,
        inspect.Parameter.VAR_POSITIONAL,
    } <= kinds


asking.add(Connected.get_config)
