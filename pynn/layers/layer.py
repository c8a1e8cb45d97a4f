"""Layer: weights made by `build`, used by `call`; everything with weights in pynn is one, models too."""

from __future__ import annotations

import inspect
import threading
import warnings
from collections.abc import Callable
from functools import wraps
from typing import Any, ClassVar

import numpy as np

from .. import _core, config, constraints, regularizers
from .._core import DtypeError, ShapeError, Tensor
from ..devices import device
from ..dtype_form import dtype_name, dtype_policy
from ..masks import Masks, has_mask
from ..naming import auto_name, snake_case
from ..registry import did_you_mean
from ..symbolic import SymbolicTensor, has_symbolic
from ..variable import Variable
from .fault import name_layer
from .given import Given
from .recording import Recorded, shape_arguments
from .spec import InputSpec


class _Calls(threading.local):
    """The layer calls that are open in this thread: the outer one's `training` reaches all inside."""

    open = False
    training: bool | None = None


_calls = _Calls()

_TRAINING = {"training"}  # the only argument of most calls that have more than inputs

_OWN = f"{__name__.partition('.')[0]}."

_DTYPES = (
    *("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
    *("float16", "bfloat16", "float32", "float64"),
)


class Layer(Recorded):
    """Base class of layers and models.

    A subclass makes its weights in `build(input_shape)` with `add_weight` and computes in
    `call(inputs)`, which may also take `training` and `mask`. Variables and layers kept in attributes,
    also inside lists, tuples and dicts, belong to the layer.

    Args:
        activity_regularizer: a penalty of the outputs, over the batch size, added to the model's loss.
        trainable: False freezes the weights.
        dtype: of weights and computation, its name or what Keras's configs have for it; None means float32.
        autocast: cast floating inputs to `dtype`.
        name: None gives 'dense', 'dense_1', ...
        input_shape: (or `input_dim`, `batch_input_shape`) shape of one sample; lets a Sequential model
            build before it sees data.

    Raises:
        TypeError: an argument that the layer does not take.
    """

    input_spec: InputSpec | None = None
    supports_masking = False
    """Whether the outputs have the mask of the inputs; or define `compute_mask`."""

    cast_integers = False
    """Whether integer inputs are cast to `dtype` as well: for layers whose arithmetic is on floats."""

    keras_only: frozenset[str] = frozenset()
    """Keras's constructor arguments that are refused; None, the default of all of them, is let through."""

    keras_config: ClassVar[dict[str, Any]] = {}
    """The same for arguments that Keras writes into configs, with the defaults, which are let through and written."""

    constrained: tuple[str, ...] = ()
    """Weights that take a constraint: "kernel" adds the constructor's argument and attribute `kernel_constraint`."""

    def __init__(
        self,
        *,
        activity_regularizer: Any = None,
        trainable: bool = True,
        dtype: Any = None,
        autocast: bool = True,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        self._added_weights: list[Variable] = []
        self._added_losses: list[Tensor] = []
        self._inbound_nodes = []
        self.batch_input_shape = _declared_shape(kwargs)
        for weight in self.constrained:
            constraint = f"{weight}_constraint"
            setattr(self, constraint, constraints.get(kwargs.pop(constraint, None)))
        _refuse(type(self), kwargs)
        self.name = auto_name(snake_case(type(self).__name__)) if name is None else str(name)
        self.dtype = config.floatx() if dtype is None else dtype_name(dtype)
        self._dtype = _resolve_dtype(type(self).__name__, self.dtype)
        self.autocast = autocast
        self.activity_regularizer = regularizers.get(activity_regularizer)
        self.built = False
        self._trainable = bool(trainable)
        self._output_shape: Any = None

    def __new__(cls, *args: Any, **kwargs: Any) -> Layer:
        """Make a layer that remembers its arguments, if `get_config` is not there to tell them."""
        layer = super().__new__(cls)
        if cls.get_config in asking and not cls.__init__.__module__.startswith(_OWN):
            vars(layer)["_given"] = Given(cls.__init__, args, kwargs)
        return layer

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Let `build` set `built`, whoever calls it, so that no subclass has to."""
        super().__init_subclass__(**kwargs)
        if "compute_mask" in cls.__dict__ and not cls.__module__.startswith(_OWN):
            Masks.ever = True
        if "build" in cls.__dict__:
            cls.build = _marking_built(cls.__dict__["build"])  # type: ignore[method-assign]
        cls._takes_training, cls._takes_mask = _call_options(cls.call)

    _takes_training = False
    _takes_mask = False

    def __getattr__(self, name: str) -> Any:
        # Double underscores are asked for by copy and pickle, before there is any __init__.
        if "_added_weights" not in vars(self) and not name.startswith("__"):
            kind = type(self).__name__
            raise RuntimeError(f"{kind}: __init__ must call super().__init__() before the layer is used")
        known = getattr(type(self), name, None)
        if isinstance(known, property) and known.fget is not None:
            return known.fget(self)  # it raised an AttributeError; let that one be seen
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    # Build and call ------------------------------------------------------------------------------------

    def build(self, input_shape: Any) -> None:
        """Make the weights; `input_shape` has None for the batch. A layer without weights needs none."""
        self.built = True

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Build at first use, then compute `call(inputs, ...)`.

        Args:
            inputs: a tensor or array, or a list, tuple or dict of them.
            training: None takes the value of the call that this one is inside of.
            mask: passed on if `call` takes it.

        Returns:
            What `call` returns. For symbolic inputs nothing is computed: the call is recorded in their graph
            and symbolic outputs are returned.

        Raises:
            ShapeError: the input does not fit; the message names the layer.
            DtypeError: an array that is not numeric.
        """
        if self._device is not None and not _calls.open and _core._device() != self._device:
            with device(self._device):
                return self(inputs, *args, **kwargs)
        if type(inputs) is not Tensor or inputs.dtype is not self._dtype:
            if type(inputs) is not Tensor and has_symbolic((inputs,)):
                return self._record(inputs, args, kwargs)
            inputs = self._converted(inputs)
        spec = self.input_spec
        if spec is not None and isinstance(inputs, Tensor) and not spec.fits(inputs.shape):
            inputs = self._refitted(inputs)
        if (args or (kwargs and kwargs.keys() != _TRAINING)) and has_symbolic((*args, *kwargs.values())):
            return self._record(inputs, args, kwargs)
        if not self.built:
            self._build_for(inputs, *args, **kwargs)
        masks = self._incoming_masks(inputs, kwargs) if Masks.ever else None
        outer = _calls.open, _calls.training
        if AddedLosses.ever and not _calls.open:
            self._forget_losses()
        if kwargs or self._takes_training:
            _calls.training = self._resolve_options(kwargs)
        _calls.open = True
        try:
            outputs = self.call(inputs, *args, **kwargs)
        except (ShapeError, DtypeError) as error:
            name_layer(error, self, inputs)
            raise
        finally:
            _calls.open, _calls.training = outer
        if self._output_shape is None:
            self._output_shape = shapes_of(outputs)
        if self.activity_regularizer is not None:
            self._penalize(outputs)
        if Masks.ever:
            self._pass_masks(inputs, outputs, masks)
        return outputs

    def _build_for(self, inputs: Any, *args: Any, **kwargs: Any) -> None:
        """Build for the inputs of a call, tensors or symbolic ones."""
        self.build(*shape_arguments(self.build, self.call, (inputs, *args), kwargs))

    def _refitted(self, x: Tensor) -> Tensor:
        """Return an input that does not fit the spec in a shape that does, or raise the ShapeError."""
        assert self.input_spec is not None
        self.input_spec.refuse(self, x)

    def _resolve_options(self, kwargs: dict[str, Any]) -> bool | None:
        """Leave in `kwargs` only the options that `call` takes; return `training` for what is inside."""
        training: bool | None = kwargs.pop("training", None)
        if training is None:
            training = _calls.training
        if self._takes_training and training is not None:
            kwargs["training"] = training
        if kwargs and not self._takes_mask and kwargs.get("mask", self) is None:
            del kwargs["mask"]
        return training

    def _converted(self, inputs: Any) -> Any:
        """Return inputs as tensors of the layer's dtype, in the same list, tuple or dict."""
        if isinstance(inputs, Tensor):
            return inputs if inputs.dtype is self._dtype else self._cast(inputs)
        if isinstance(inputs, (list, tuple)) and any(_is_array(item) for item in inputs):
            return type(inputs)(self._converted(item) for item in inputs)
        if isinstance(inputs, dict):
            return {key: self._converted(item) for key, item in inputs.items()}
        try:
            return self._cast(_core.asarray(inputs))
        except (DtypeError, TypeError, ValueError) as error:
            raise type(error)(f"{self._title()}: inputs cannot become a tensor: {error}") from None

    def _cast(self, x: Tensor) -> Tensor:
        if x.dtype == self._dtype or not self.autocast:
            return x
        y = x.astype(self._dtype) if self.cast_integers or "float" in str(x.dtype) else x
        if Masks.ever:
            Masks.set(y, Masks.of(x))
        return y

    # Masks ---------------------------------------------------------------------------------------------

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """Return the mask of the outputs, given that of the inputs; this one passes it on."""
        return previous_mask

    def _incoming_masks(self, inputs: Any, kwargs: dict[str, Any]) -> Any:
        """Return the mask of the inputs, and give it to a `call` that takes one and got none."""
        if kwargs.get("mask") is not None:
            return kwargs["mask"]
        masks = Masks.of(inputs)
        if self._takes_mask and has_mask(masks):
            kwargs["mask"] = masks
        return masks

    def _pass_masks(self, inputs: Any, outputs: Any, masks: Any) -> None:
        """Give the outputs their masks, unless layers inside did; warn where a mask is lost."""
        if has_mask(Masks.of(outputs)):
            return
        if self.supports_masking or type(self).compute_mask is not Layer.compute_mask:
            found = self.compute_mask(inputs, masks)
            pairs = [(outputs, found)] if isinstance(outputs, Tensor) else []
            if isinstance(outputs, (list, tuple)) and isinstance(found, (list, tuple)):
                pairs = list(zip(outputs, found, strict=True))
            for output, mask in pairs:
                Masks.set(output, mask)
        elif has_mask(Masks.of(inputs)) and not self._has_layers():
            warnings.warn(
                f"{self._title()} got an input with a mask and does not pass it on; layers after it take all steps",
                stacklevel=3,
            )

    def _has_layers(self) -> bool:
        return len(self._flatten()) > 1

    # Losses --------------------------------------------------------------------------------------------

    def _penalize(self, outputs: Any) -> None:
        """Add the activity regularizer's penalty of each output, divided by the batch size."""
        if isinstance(outputs, (list, tuple, dict)):
            for output in outputs.values() if isinstance(outputs, dict) else outputs:
                self._penalize(output)
        elif outputs.size:
            samples = outputs.shape[0] if outputs.ndim else 1
            self.add_loss(self.activity_regularizer(outputs) / samples)

    def add_loss(self, loss: Tensor) -> None:
        """Add a 0-d tensor, computed in `call`, to the loss of this step."""
        AddedLosses.ever = True
        self._added_losses.append(loss)

    @property
    def losses(self) -> list[Tensor]:
        """Penalties of regularized trainable weights, and what `add_loss` got in the last call."""
        penalties = [w.regularizer(w) for w in self._search().trainable if w.regularizer is not None]
        if AddedLosses.ever:
            penalties += [loss for layer in self._flatten() for loss in layer._added_losses]
        return penalties

    def _forget_losses(self) -> None:
        for layer in self._flatten():
            layer._added_losses.clear()

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments as plain values, in Keras's form. Subclasses add their own.

        A subclass that does not is asked for the arguments that it was made with, if all of them are plain.

        Raises:
            NotImplementedError: they are not, so that only a `get_config` of its own can tell them.
        """
        config = {"name": self.name, "trainable": self.trainable, "dtype": dtype_policy(self.dtype)}
        if "_given" in vars(self):
            config = self._given.config(self, config)
        config.update(self.keras_config)
        if self.activity_regularizer is not None:
            config["activity_regularizer"] = regularizers.serialize(self.activity_regularizer)
        for weight in self.constrained:
            constraint = getattr(self, f"{weight}_constraint")
            config[f"{weight}_constraint"] = constraints.serialize(constraint)
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Layer:
        """Make a layer from what `get_config` returned; its weights are new."""
        return cls(**config)

    def get_build_config(self) -> dict[str, Any] | None:
        """Return the shapes that the layer was built for, for `build_from_config`; None if it makes no weights."""
        shapes = vars(self).get("_build_shapes")
        if not shapes:
            return None
        return {"input_shape": next(iter(shapes.values()))} if len(shapes) == 1 else {"shapes_dict": shapes}

    def build_from_config(self, config: dict[str, Any]) -> None:
        """Make the weights, as `build` does, from what `get_build_config` returned."""
        if "input_shape" in config:
            self.build(to_shapes(config["input_shape"]))
        elif "shapes_dict" in config:
            self.build(**{name: to_shapes(shape) for name, shape in config["shapes_dict"].items()})

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"


asking: set[Any] = {Layer.get_config}
"""The methods `get_config` that tell the arguments a layer was made with, so that it must remember them."""


class AddedLosses:
    """Whether any layer of this process ever called `add_loss`; if not, calls need not look for losses."""

    ever = False


def shapes_of(values: Any) -> Any:
    """Return the shape of a tensor with None for the batch, or a list or dict of such shapes."""
    if isinstance(values, (list, tuple)):
        return [shapes_of(value) for value in values]
    if isinstance(values, dict):
        return {key: shapes_of(value) for key, value in values.items()}
    shape = values.shape
    return (None, *shape[1:]) if shape else ()


def to_shapes(shapes: Any) -> Any:
    """Return shapes with tuples in place of the lists that JSON has for them."""
    if isinstance(shapes, dict):
        return {key: to_shapes(shape) for key, shape in shapes.items()}
    if isinstance(shapes, (list, tuple)):
        if all(size is None or isinstance(size, int) for size in shapes):
            return tuple(shapes)
        return [to_shapes(shape) for shape in shapes]
    return shapes


def zeros_of(shape: Any, size: int, dtype: str) -> Any:
    """Return zeros of what `shapes_of` returned, `size` for every None."""
    if isinstance(shape, dict):
        return {key: zeros_of(item, size, dtype) for key, item in shape.items()}
    if shape and isinstance(shape[0], (list, tuple)):
        return [zeros_of(item, size, dtype) for item in shape]
    return _core.zeros(tuple(size if dim is None else dim for dim in shape), dtype=dtype)


def _is_array(value: Any) -> bool:
    return isinstance(value, (Tensor, np.ndarray, SymbolicTensor))


def _marking_built(build: Callable[..., None]) -> Callable[..., None]:
    parameters = list(inspect.signature(build).parameters)[1:]

    @wraps(build)
    def build_and_mark(self: Layer, *args: Any, **kwargs: Any) -> None:
        build(self, *args, **kwargs)
        self.built = True
        # Not by setting an attribute, which would be a change of structure.
        vars(self)["_build_shapes"] = {**dict(zip(parameters, args, strict=False)), **kwargs}

    return build_and_mark


def _declared_shape(kwargs: dict[str, Any]) -> tuple[int | None, ...] | None:
    """Take Keras 2's shape arguments out of `kwargs`; return the shape with the batch, if one was given."""
    batch_shape = kwargs.pop("batch_input_shape", None)
    shape = kwargs.pop("input_shape", None)
    dim = kwargs.pop("input_dim", None)
    if batch_shape is not None:
        return tuple(batch_shape)
    if shape is not None:
        return (None, *((shape,) if isinstance(shape, int) else shape))
    return None if dim is None else (None, dim)


def _refuse(kind: type[Layer], kwargs: dict[str, Any]) -> None:
    """Raise a TypeError for the first of the arguments that nobody took."""
    for name, value in kwargs.items():
        if name in kind.keras_config:
            default = kind.keras_config[name]
            if value != default:
                raise TypeError(f"{kind.__name__}: pynn supports only {name}={default!r}, got {value!r}")
            continue
        if name in kind.keras_only:
            if value is not None:
                raise TypeError(f"{kind.__name__}: pynn does not support the argument {name!r} of Keras")
            continue
        known = {
            parameter
            for base in kind.__mro__
            if "__init__" in vars(base) and base is not object
            for parameter in inspect.signature(base.__init__).parameters  # type: ignore[misc]
        }
        hint = did_you_mean(name, known - {"self", "args", "kwargs"})
        raise TypeError(f"{kind.__name__}: unknown argument {name!r}{hint}")


def _resolve_dtype(layer: str, name: str) -> Any:
    """Return the core's dtype of this name."""
    if name not in _DTYPES:
        raise ValueError(f"{layer}: unknown dtype {name!r}{did_you_mean(name, _DTYPES)}")
    return getattr(_core, name)


def _call_options(call: Callable[..., Any]) -> tuple[bool, bool]:
    """Return whether `call` names the parameters `training` and `mask`."""
    parameters = inspect.signature(call).parameters
    return "training" in parameters, "mask" in parameters
