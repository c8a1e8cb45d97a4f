"""TensorFlow's names over pynn: `import pynn.compat.tf as tf` where a cell says `import tensorflow as tf`.

What introductory courses use of TensorFlow 2; every operation runs at once. A name that is not here is an
AttributeError that names what is nearest.
"""

# ruff: noqa: F401 - this file only names things

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from ... import ops
from ..._core import (
    Tensor,
    bfloat16,
    bool,
    float16,
    float32,
    float64,
    int8,
    int16,
    int32,
    int64,
    uint8,
    uint16,
    uint32,
    uint64,
)
from ..._core import dtype as as_dtype
from ...autograd import GradientTape
from . import config, image, io, linalg, math, nn, random
from .arrays import (
    argsort,
    boolean_mask,
    broadcast_to,
    cast,
    concat,
    cond,
    constant,
    convert_to_tensor,
    expand_dims,
    eye,
    fill,
    gather,
    gather_nd,
    identity,
    is_tensor,
    linspace,
    map_fn,
    meshgrid,
    one_hot,
    ones,
    ones_like,
    pad,
    range,
    rank,
    repeat,
    reshape,
    reverse,
    roll,
    scatter_nd,
    shape,
    size,
    slice,
    sort,
    split,
    squeeze,
    stack,
    stop_gradient,
    tensor_scatter_nd_add,
    tensor_scatter_nd_update,
    tile,
    transpose,
    unstack,
    vectorized_map,
    where,
    while_loop,
    zeros,
    zeros_like,
)
from .linalg import matmul, norm
from .math import (
    abs,
    acos,
    add,
    add_n,
    argmax,
    argmin,
    asin,
    atan,
    atan2,
    cos,
    cosh,
    cumsum,
    divide,
    equal,
    exp,
    floor,
    greater,
    greater_equal,
    less,
    less_equal,
    logical_and,
    logical_not,
    logical_or,
    maximum,
    minimum,
    multiply,
    negative,
    not_equal,
    pow,
    reduce_all,
    reduce_any,
    reduce_logsumexp,
    reduce_max,
    reduce_mean,
    reduce_min,
    reduce_prod,
    reduce_sum,
    round,
    sigmoid,
    sign,
    sin,
    sinh,
    sqrt,
    square,
    subtract,
    tan,
    tanh,
    truediv,
)
from .missing import message
from .variable import Variable

__version__ = "2.0.0+pynn"
newaxis = None
double, half = float64, float16
string = "string"
custom_gradient = ops.custom_gradient


def function(
    func: Callable[..., Any] | None = None,
    input_signature: Any = None,
    autograph: Any = True,
    jit_compile: Any = None,
    reduce_retracing: Any = False,
    experimental_implements: Any = None,
    experimental_autograph_options: Any = None,
    experimental_attributes: Any = None,
    experimental_relax_shapes: Any = None,
    experimental_compile: Any = None,
    experimental_follow_type_hints: Any = None,
) -> Any:
    """Return the function itself: every operation runs at once. How TensorFlow would compile it has no meaning here."""
    if func is None:
        return function
    return func


def clip_by_value(t: Any, clip_value_min: Any, clip_value_max: Any, name: str | None = None) -> Tensor:
    """min(max(t, clip_value_min), clip_value_max)."""
    return ops.clip(t, clip_value_min, clip_value_max)


def clip_by_norm(t: Any, clip_norm: Any, axes: Any = None, name: str | None = None) -> Tensor:
    """t, made shorter if its norm is above clip_norm."""
    length = ops.sqrt(ops.sum(ops.square(t), axes, True))
    return ops.multiply(t, ops.divide(clip_norm, ops.maximum(length, clip_norm)))


def tensordot(a: Any, b: Any, axes: Any, name: str | None = None) -> Tensor:
    """The sums of products over axes of both."""
    return ops.tensordot(a, b, axes)


def einsum(equation: str, *inputs: Any, **kwargs: Any) -> Tensor:
    """Einstein summation."""
    return ops.einsum(equation, *inputs, **kwargs)


def print(*inputs: Any, **kwargs: Any) -> None:
    """Print the values."""
    import builtins

    builtins.print(*inputs, **{key: value for key, value in kwargs.items() if key in ("sep", "end")})


_KERAS = ("initializers", "losses", "metrics", "optimizers")


def __getattr__(name: str) -> Any:
    if name == "keras":
        return importlib.import_module("pynn")
    if name == "data" or name in _KERAS:
        return importlib.import_module(f"pynn.{name}")
    if name == "TensorSpec":
        return importlib.import_module("pynn.data").TensorSpec
    if name == "dtypes":
        return importlib.import_module("pynn.compat.tf")
    raise AttributeError(message("tf", name, globals()))
