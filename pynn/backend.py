"""What is left of `keras.backend` in Keras 3: settings and dtypes. What went away says where it went."""

from __future__ import annotations

from typing import Any

from . import _core, naming
from .config import (
    backend,
    epsilon,
    floatx,
    image_data_format,
    set_epsilon,
    set_floatx,
    set_image_data_format,
)
from .registry import did_you_mean
from .symbolic import is_symbolic

_uses: dict[str, int] = {}


def clear_session(free_memory: bool = True) -> None:
    """Let automatic names of layers start anew, as in a new process.

    Args:
        free_memory: also give memory that is kept for reuse back to the system.
    """
    naming.reset_names()
    _uses.clear()
    if free_memory:
        _core.release_cache()


def get_uid(prefix: str = "") -> int:
    """Return 1, 2, ... for each call with this prefix."""
    _uses[prefix] = _uses.get(prefix, 0) + 1
    return _uses[prefix]


def is_keras_tensor(x: Any) -> bool:
    """Whether x is symbolic: what `keras.Input` and layers called on it return."""
    return is_symbolic(x)


def is_float_dtype(dtype: Any) -> bool:
    """Whether a dtype, or its name, is one of floats."""
    return bool(_core.dtype(standardize_dtype(dtype)).kind == "real floating")


def is_int_dtype(dtype: Any) -> bool:
    """Whether a dtype, or its name, is one of integers."""
    return str(_core.dtype(standardize_dtype(dtype)).kind).endswith("integer")


def standardize_dtype(dtype: Any) -> str:
    """Return the name of a dtype; None means `floatx()`."""
    if dtype is None:
        return floatx()
    return "int64" if dtype is int else floatx() if dtype is float else str(_core.dtype(dtype))


def result_type(*dtypes: Any) -> str:
    """Return the dtype of an operation on tensors of these dtypes."""
    if not dtypes:
        raise ValueError("result_type: give at least one dtype")
    names = [standardize_dtype(dtype) for dtype in dtypes]
    found = names[0]
    for name in names[1:]:
        found = str(_core.result_type(found, name))
    return found


# Names of Keras 2, and what to write in Keras 3 and here.
_GONE = {
    name: f"keras.ops.{name}"
    for name in (
        "abs", "all", "any", "arange", "argmax", "argmin", "cast", "clip", "concatenate", "cos", "cumprod", "cumsum",
        "dot", "elu", "equal", "exp", "expand_dims", "eye", "greater", "greater_equal", "hard_sigmoid", "in_top_k",
        "less", "less_equal", "log", "logsumexp", "max", "maximum", "mean", "min", "minimum", "moving_average",
        "not_equal", "one_hot", "ones", "ones_like", "prod", "relu", "repeat", "reshape", "round", "shape", "sigmoid",
        "sign", "sin", "softmax", "softplus", "softsign", "sqrt", "square", "squeeze", "stack", "std", "stop_gradient",
        "sum", "switch", "tanh", "tile", "transpose", "var", "zeros", "zeros_like", "binary_crossentropy",
        "categorical_crossentropy", "sparse_categorical_crossentropy",
    )
}  # fmt: skip
_GONE |= {
    "batch_dot": "keras.ops.einsum or keras.ops.matmul",
    "batch_flatten": "keras.ops.reshape(x, (x.shape[0], -1))",
    "batch_normalization": "keras.ops.batch_normalization",
    "bias_add": "x + bias",
    "constant": "keras.ops.convert_to_tensor",
    "conv1d": "keras.ops.conv",
    "conv2d": "keras.ops.conv",
    "conv2d_transpose": "keras.ops.conv_transpose",
    "conv3d": "keras.ops.conv",
    "count_params": "keras.ops.size",
    "ctc_batch_cost": "keras.losses.CTC",
    "depthwise_conv2d": "keras.ops.depthwise_conv",
    "dropout": "keras.random.dropout",
    "dtype": "x.dtype",
    "eval": "keras.ops.convert_to_numpy",
    "flatten": "keras.ops.reshape(x, -1)",
    "function": "keras.Model(inputs, outputs)",
    "gather": "keras.ops.take(x, indices, axis=0)",
    "get_session": "nothing: every operation runs at once",
    "get_value": "keras.ops.convert_to_numpy",
    "gradients": "a GradientTape: with keras.GradientTape() as tape: ...; tape.gradient(loss, x)",
    "identity": "keras.ops.copy",
    "int_shape": "tuple(x.shape)",
    "is_tensor": "keras.ops.is_tensor",
    "l2_normalize": "keras.ops.normalize",
    "learning_phase": "the argument training= of call",
    "manual_variable_initialization": "nothing: variables have values from the start",
    "moving_average_update": "variable.assign",
    "ndim": "x.ndim",
    "permute_dimensions": "keras.ops.transpose",
    "placeholder": "keras.Input",
    "pool2d": "keras.ops.max_pool or keras.ops.average_pool",
    "pool3d": "keras.ops.max_pool or keras.ops.average_pool",
    "pow": "keras.ops.power",
    "print_tensor": "print(x)",
    "random_bernoulli": "keras.random.binomial",
    "random_normal": "keras.random.normal",
    "random_uniform": "keras.random.uniform",
    "reset_uids": "keras.backend.clear_session",
    "resize_images": "keras.ops.image.resize",
    "reverse": "keras.ops.flip",
    "rnn": "keras.layers.RNN",
    "separable_conv2d": "keras.ops.separable_conv",
    "set_learning_phase": "the argument training= of call",
    "set_session": "nothing: every operation runs at once",
    "set_value": "variable.assign",
    "sparse_categorical_accuracy": "keras.metrics.sparse_categorical_accuracy",
    "truncated_normal": "keras.random.truncated_normal",
    "update": "variable.assign",
    "update_add": "variable.assign_add",
    "update_sub": "variable.assign_sub",
    "variable": "keras.Variable",
}
_GONE["moving_average"] = "variable.assign"

__all__ = [
    "backend",
    "clear_session",
    "epsilon",
    "floatx",
    "get_uid",
    "image_data_format",
    "is_float_dtype",
    "is_int_dtype",
    "is_keras_tensor",
    "result_type",
    "set_epsilon",
    "set_floatx",
    "set_image_data_format",
    "standardize_dtype",
]


def __getattr__(name: str) -> Any:
    if name in _GONE:
        raise AttributeError(
            f"keras.backend.{name} is gone from Keras 3, which pynn follows; write {_GONE[name]}"
        )
    raise AttributeError(f"module 'pynn.backend' has no attribute {name!r}{did_you_mean(name, __all__)}")
