"""plot_model: the layers of a model and how they are connected, as a picture; without Graphviz."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, NoReturn

from ..layers import Layer
from ..models import Model
from ..saving.replacing import replacing
from .blocks import Details, blocks_of, draw
from .graph import Drawing
from .shapes import bitmap_of, svg_of

_DIRECTIONS = ("TB", "BT", "LR", "RL")


def plot_model(
    model: Model,
    to_file: str | os.PathLike[str] | None = "model.png",
    show_shapes: bool = False,
    show_dtype: bool = False,
    show_layer_names: bool = False,
    rankdir: str = "TB",
    expand_nested: bool = False,
    dpi: int = 200,
    show_layer_activations: bool = False,
    show_trainable: bool = False,
    **kwargs: Any,
) -> Drawing:
    """Draw a model: a box for each layer, an arrow for each tensor that goes from one to the next.

    A layer that is called twice has two boxes. A subclassed model, whose connections nobody knows, is one box.

    Args:
        model: a built model.
        to_file: name of the picture, written whole or not at all: `.svg` needs nothing, `.png`, `.pdf` and others
            need matplotlib. None writes none.
        show_shapes, show_dtype, show_layer_names, show_layer_activations, show_trainable: what else to write into
            the boxes.
        rankdir: where arrows point: "TB" down, "BT" up, "LR" right, "RL" left.
        expand_nested: show what is inside of models that are layers, in a frame.
        dpi: dots in an inch of a bitmap.

    Returns:
        The drawing, which notebooks show; `drawing.svg` is its SVG text.

    Raises:
        TypeError: it is no model, or an argument that Keras does not have either.
        ValueError: the model is not built, or an unknown `rankdir` or kind of file.
        ImportError: matplotlib is missing; the message names the extra that brings it.
        OSError: the file cannot be written.
    """
    _check(model, rankdir, kwargs)
    details = Details(
        show_shapes, show_dtype, show_layer_names, expand_nested, show_layer_activations, show_trainable
    )
    picture = draw(blocks_of(model, details), rankdir)
    drawing = Drawing(svg_of(*picture))
    if to_file is None:
        return drawing
    kind = Path(to_file).suffix.lower().removeprefix(".")
    if kind == "svg":
        drawing.save(to_file)
        return drawing
    if not kind:
        raise ValueError(f"plot_model: to_file must end in .svg, .png or .pdf, got {os.fspath(to_file)!r}")
    content = bitmap_of(*picture, dpi, kind)
    with replacing(to_file) as temporary:
        temporary.write_bytes(content)
    return drawing


def model_to_dot(*args: Any, **kwargs: Any) -> NoReturn:
    """Raise the error that says what there is instead.

    Raises:
        NotImplementedError: always: pynn writes no files for Graphviz.
    """
    raise NotImplementedError(
        "model_to_dot: pynn draws models without Graphviz; plot_model(model, 'model.svg') writes the picture"
    )


def _check(model: Any, rankdir: str, kwargs: dict[str, Any]) -> None:
    if kwargs.pop("layer_range", None) is not None:
        raise TypeError("plot_model: pynn draws whole models; layer_range must be None")
    if kwargs:
        raise TypeError(f"plot_model: unknown arguments {', '.join(kwargs)}")
    if not isinstance(model, Layer) or not hasattr(model, "layers"):
        raise TypeError(f"plot_model: model must be a model, got {model!r}")
    if not model.built:
        raise ValueError(
            f"plot_model: {model._title()} is not built, so its layers are not connected yet; call it on data, or "
            "build(input_shape), before"
        )
    if rankdir not in _DIRECTIONS:
        raise ValueError(f"plot_model: rankdir must be one of {', '.join(_DIRECTIONS)}, got {rankdir!r}")
