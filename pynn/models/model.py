"""Model: a layer that trains; subclass it and write `call`, or use Sequential."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..autograd import no_grad
from ..layers.layer import Layer, shapes_of, zeros_of
from ..registry import did_you_mean
from .connected import Connected
from .files import Saved
from .summary import summarize


class Model(Saved, Connected):
    """Base class of models, in three ways.

    `Model(inputs, outputs)` takes the layers between symbolic tensors, which begin with `keras.Input`; a
    subclass of Model made so trains by its own `train_step`. A subclass that defines `call(inputs)` connects
    the layers kept in its attributes. `Sequential` is the third.

    Args:
        inputs, outputs: symbolic tensors, or lists, tuples or dicts of them; both or neither.
        name: None gives 'functional', or the class's name.
        trainable, dtype: as for every Layer.

    Raises:
        TypeError: only one of the two is given, or it is no symbolic tensor.
        ValueError: an output does not come from the inputs.
    """

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        if cls is Model and (args or "inputs" in kwargs or "outputs" in kwargs):
            from .functional import Functional

            cls = Functional
        return super().__new__(cls, *args, **kwargs)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        connections = _connections(self, args, kwargs)
        super().__init__(**kwargs)
        if connections is not None:
            self._connect(*connections)

    def build(self, input_shape: Any = None) -> None:
        """Make all weights by one call on zeros; a model made of `inputs` has them already.

        Args:
            input_shape: of a batch, (None, ...); a list or dict of shapes for several inputs.
        """
        if self._graph is not None:
            return
        self.built = True
        with no_grad():
            self(zeros_of(input_shape, 1, self.dtype))

    def _build_for(self, inputs: Any, *args: Any, **kwargs: Any) -> None:
        """Let the call that is about to happen build the layers inside, unless a subclass builds itself."""
        if type(self).build is Model.build:
            self.built = True
            vars(self)["_build_shapes"] = {"input_shape": shapes_of(inputs)}
        else:
            super()._build_for(inputs, *args, **kwargs)

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

    def summary(
        self,
        line_length: int | None = None,
        positions: Sequence[float] | None = None,
        print_fn: Callable[[str], Any] | None = None,
        expand_nested: bool = False,
        show_trainable: bool = False,
        layer_range: Sequence[str] | None = None,
    ) -> None:
        """Print a table of the layers, their output shapes and numbers of parameters.

        Args:
            line_length: width of the table; None means 88 characters, 108 with a column of connections, but no
                more than the terminal has.
            positions: where each column ends, as parts of the width.
            print_fn: called once with the whole text instead of `print`.
            expand_nested: show what is inside of models that are layers.
            show_trainable: add a column that says which layers learn: Y, N, or - for those without weights.
            layer_range: names, or patterns of names, of the first and the last layer to show.

        Raises:
            ValueError: a column is narrower than 4 characters, or `layer_range` matches no layer.
        """
        summarize(self, line_length, positions, print_fn, expand_nested, show_trainable, layer_range)


def _connections(model: Model, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, Any] | None:
    """Return (inputs, outputs) if they are given; a name that follows them goes to `kwargs`."""
    kind = type(model).__name__.replace("Functional", "Model")
    named = dict(zip(("inputs", "outputs", "name"), args, strict=False))
    if len(args) > 3 or named.keys() & kwargs.keys():
        raise TypeError(
            f"{kind}: arguments are (inputs, outputs, name), each once; got {len(args)} and {kwargs}"
        )
    kwargs.update(named)
    given = [name for name in ("inputs", "outputs") if name in kwargs]
    if len(given) == 1:
        missing = "outputs" if given == ["inputs"] else "inputs"
        raise TypeError(
            f"{kind}: {given[0]} is given without {missing}; write {kind}(inputs=..., outputs=...)"
        )
    return (kwargs.pop("inputs"), kwargs.pop("outputs")) if given else None
