"""Sequential: layers one after the other."""

from __future__ import annotations

from typing import Any

from .. import _core
from .._core import DtypeError, ShapeError, Tensor
from ..layers.core import Dense, Input, InputLayer
from ..layers.fault import fault_of
from ..layers.layer import Layer, to_shapes
from ..layers.recording import shapes_of_symbolic
from ..layers.spec import Dims, InputSpec
from ..masks import Masks
from ..serialization import deserialize_keras_object, provide, serialize_keras_object
from ..symbolic import SymbolicTensor
from .chain import chain_of, whole_step_of
from .model import Model
from .short_way import ShortWay


class Sequential(Model):
    """A model in which each layer's output is the next one's input.

    Weights are made when the input's shape is known: at once after an `Input` or a layer with
    `input_shape=`, else by `build(input_shape)` or by the first data.

    Args:
        layers: a list of layers, `Input` first if at all; models are layers too.
        trainable, name: as for every Layer.

    Raises:
        TypeError: an element is not a layer.
        ValueError: a layer, or its name, is there twice.
    """

    layers_first = True
    """In a file, `layers` comes before all other attributes."""

    def __init__(
        self, layers: list[Any] | None = None, trainable: bool = True, name: str | None = None
    ) -> None:
        super().__init__(trainable=trainable, name=name)
        self._layers: tuple[Layer, ...] = ()  # set anew by every change, so that it is noticed
        self._input: SymbolicTensor | None = None
        self._values: tuple[Any, ...] = ()  # what each layer returns for the symbolic input
        if isinstance(layers, (Layer, SymbolicTensor)):
            raise TypeError(f"{self._title()} takes a list of layers, got one; write Sequential([layer])")
        for layer in layers or ():
            self.add(layer)

    @property
    def layers(self) -> list[Layer]:
        """The layers, in order; an `Input` is not one."""
        return list(self._layers)

    def add(self, layer: Any) -> None:
        """Put a layer (or an `Input`, if the model is empty) at the end.

        Raises:
            TypeError: it is not a layer.
            ValueError: it, or its name, is there already, or an `Input` comes late.
            ShapeError: it is built already, for other inputs than the last layer's outputs.
        """
        if isinstance(layer, InputLayer):
            layer = layer.output
        if isinstance(layer, SymbolicTensor):
            self._declare(layer)
            return
        self._check_new(layer)
        if self._input is None and not self._layers:
            self._input = _declared_by(layer)
        self._layers = (*self._layers, layer)
        self.built = False
        if self._input is not None:
            self._build_from(len(self._layers) - 1)

    def pop(self) -> Layer:
        """Remove the last layer and return it.

        Raises:
            ValueError: there is none.
        """
        if not self._layers:
            raise ValueError(f"{self._title()} has no layer to remove")
        *rest, last = self._layers
        self._layers, self._values = tuple(rest), self._values[: len(rest)]
        if self._values:
            self._output_shape = shapes_of_symbolic(self._values[-1])
        return last

    def build(self, input_shape: Any = None) -> None:
        """Make all weights.

        Args:
            input_shape: of a batch: (None, 784); None for that of a declared `Input`.

        Raises:
            ValueError: there are no layers, or no shape is known.
            ShapeError: two layers do not fit together, or a declared `Input` has another shape.
        """
        shape = self._known_input().shape if input_shape is None else tuple(input_shape)
        if not self._layers:
            raise ValueError(f"{self._title()} has no layers to build")
        if self.input_spec is not None:
            self.input_spec.check(self, SymbolicTensor(shape, self.dtype))
        elif self._input is None or self._input.shape != shape:
            self._input = Input(batch_shape=shape, dtype=self.dtype)
        self._build_from(0)

    def call(self, inputs: Any) -> Any:
        """Pass the inputs through all layers."""
        x = inputs
        for index, layer in enumerate(self._layers):
            try:
                x = layer(x)
            except (ShapeError, DtypeError) as error:
                self._place(error, index)
                raise
        return x

    def _find_short_way(self, version: int) -> ShortWay:
        chain, sources = self._chain_now(), self.trainable_variables
        if chain is None:
            return ShortWay(version)
        return ShortWay(version, chain, whole_step_of(self, chain, sources, self.input_spec))

    def _learnt_at_once(self, x: Any, y: Any) -> tuple[Any, Tensor, list[Any]] | None:
        chain = self._shortest().chain
        if chain is None or type(x) is not Tensor or type(y) is not Tensor:
            return None
        # Masks, penalties and tapes of somebody else are the long way's business.
        if (
            Masks.of(x) is not None
            or self.losses
            or not self._takes(x.shape)
            or _core.tape_depth(0)
            or not _core.recording()
        ):
            return None
        learnt: tuple[Any, Tensor, list[Any]] | None = chain(x, y)
        return learnt

    def _chain_now(self) -> _core.Chain | None:
        kind = type(self)
        names = ("__call__", "call", "compute_loss")
        changed = any(
            getattr(kind, name) is not getattr(Sequential, name) or name in vars(self) for name in names
        )
        if changed or not self.built or self.activity_regularizer is not None:
            return None
        return chain_of(self._layers, self.trainable_variables, self._loss)

    def compute_output_shape(self, input_shape: Dims) -> Dims:
        """Return the last layer's output shape for inputs of this shape."""
        shape = input_shape
        for layer in self._layers:
            shape = layer.compute_output_shape(shape)
        return shape

    def compute_output_spec(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Return shape and dtype of the outputs for symbolic inputs, as SymbolicTensors."""
        x = inputs
        for layer in self._layers:
            x = layer.compute_output_spec(x)
        return x

    @property
    def input(self) -> SymbolicTensor:
        """The symbolic input; raises ValueError before it is known."""
        return self._known_input()

    @property
    def output(self) -> Any:
        """The symbolic output; raises ValueError before it is known."""
        declared = self._known_input()
        return self._values[-1] if self._values else declared

    def _known_output_names(self) -> list[str] | None:
        return [self._layers[-1].name] if self._layers else None

    def _known_outputs(self) -> Any:
        return self._values[-1] if self.built and self._values else None

    def get_config(self) -> dict[str, Any]:
        """Return name and layers, each in Keras's form, and the shape that it was built for."""
        config = {**super().get_config(), "layers": [serialize_keras_object(layer) for layer in self._layers]}
        if self._input is not None:
            entry = InputLayer(batch_shape=self._input.shape, dtype=self._input.dtype, name=self._input.name)
            config["layers"].insert(0, serialize_keras_object(entry))
            config["build_input_shape"] = self._input.shape
        return config

    def get_build_config(self) -> dict[str, Any] | None:
        """Return the shape that the model was built for; None before."""
        return {"input_shape": self._input.shape} if self.built and self._input is not None else None

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Sequential:
        """Make a model, with new weights, from what `get_config` returned.

        Args:
            config: the dict.
            custom_objects: classes of the user's own layers by name.

        Raises:
            ValueError: there are no layers, or the class of one is not known.
        """
        if not isinstance(config.get("layers"), (list, tuple)):
            raise ValueError(f"{cls.__name__}: the config has no list 'layers'; it has {', '.join(config)}")
        model = cls(trainable=config.get("trainable", True), name=config.get("name"))
        for entry in config["layers"]:
            model.add(deserialize_keras_object(entry, custom_objects))
        shape = config.get("build_input_shape")
        if not model.built and shape is not None and model._layers:
            model.build(to_shapes(shape))
        return model

    def _declare(self, declared: SymbolicTensor) -> None:
        if self._layers or self._input is not None:
            raise ValueError(f"{self._title()}: Input must come first, and once")
        self._input = declared
        # A declared batch size is a hint: the last batch of an epoch may be smaller.
        self.input_spec = InputSpec(shape=(None, *declared.shape[1:]))

    def _check_new(self, layer: Any) -> None:
        if not isinstance(layer, Layer):
            hint = ""
            if isinstance(layer, type) and issubclass(layer, Layer):
                hint = f"; write {layer.__name__}(...)"
            raise TypeError(f"{self._title()}: expected a layer, got {layer!r}{hint}")
        for index, other in enumerate(self._layers):
            if other is layer or other.name == layer.name:
                raise ValueError(
                    f"{self._title()}: {layer._title()} has the name of layer {index + 1}; names must differ"
                )

    def _build_from(self, first: int) -> None:
        """Call the layers from position `first` on, each on the symbolic output of the one before."""
        values = list(self._values[:first])
        x = values[-1] if values else self._known_input()
        for index, layer in enumerate(self._layers[first:], first):
            try:
                x = layer(x)
            except (ShapeError, DtypeError) as error:
                self._place(error, index)
                raise
            values.append(x)
        self._values = tuple(values)
        self._output_shape = shapes_of_symbolic(x)
        self.built = True

    def _refitted(self, x: Tensor) -> Tensor:
        x = self._with_last_axis(x)
        return x if self.input_spec is None or self.input_spec.fits(x.shape) else super()._refitted(x)

    def _with_last_axis(self, x: Tensor) -> Tensor:
        """Add or drop a last axis of size 1 where the declared input differs by just that."""
        spec = self.input_spec
        if spec is None or spec.shape is None:
            return x
        if x.ndim == len(spec.shape) - 1 and spec.shape[-1] == 1:
            return _core.expand_dims(x, -1)
        if x.ndim == len(spec.shape) + 1 and x.shape[-1] == 1:
            return _core.squeeze(x, -1)
        return x

    def _output_shape_for(self, x: Any) -> Any:
        """Check inputs, after building for them if nothing declared any; return the output's shape."""
        if isinstance(x, Tensor) and self._layers and not (self.built and self._takes(x.shape)):
            sample = self._with_last_axis(self._converted(x[:1]))
            declared = SymbolicTensor((len(x), *sample.shape[1:]), str(sample.dtype))
            if not self.built:
                self.build((None, *sample.shape[1:]))
            elif self.input_spec is not None:
                self.input_spec.check(self, declared)
            else:
                self._check_first(declared)
        return self._output_shape

    def _takes(self, shape: Dims) -> bool:
        """Return whether inputs of this shape fit as they are."""
        spec = self.input_spec or self._layers[0].input_spec
        return spec is None or spec.fits(shape)

    def _check_first(self, declared: SymbolicTensor) -> None:
        spec = self._layers[0].input_spec
        try:
            if spec is not None:
                spec.check(self._layers[0], declared)
        except ShapeError as error:
            self._place(error, 0)
            raise

    def _known_input(self) -> SymbolicTensor:
        if self._input is None:
            raise ValueError(f"{self._title()} has no shapes before it is built or called on data")
        return self._input

    def _place(self, error: ShapeError | DtypeError, index: int) -> None:
        """Add to a layer's report where in this model it stands, and what could be changed here."""
        layer = self._layers[index]
        fault = fault_of(error, layer)
        if fault is None:
            return
        fault.place = f"layer {index + 1} of {len(self._layers)} in {self.name!r}"
        if index and fault.hint:
            fault.hint = _hint(self._layers[index - 1], layer) or fault.hint


def _hint(before: Layer, layer: Layer) -> str:
    """Return how two neighbours that do not fit could be made to."""
    spec = layer.input_spec
    size = None if spec is None else spec.axes.get(-1)
    if size is None or not isinstance(before, Dense):
        return ""
    return (
        f"change Dense({before.units}) {before.name!r} to {size} units, "
        f"or rebuild {layer.name!r} for {before.units}"
    )


def _declared_by(layer: Layer) -> SymbolicTensor | None:
    """Return the input that a first layer declares: by input_shape=, or as a model that is built."""
    if isinstance(layer, Sequential):
        return layer._input
    if layer.batch_input_shape is None:
        return None
    return Input(batch_shape=layer.batch_input_shape, dtype=layer.dtype)


provide("keras", {"Sequential": Sequential, "Model": Model}, __package__)
