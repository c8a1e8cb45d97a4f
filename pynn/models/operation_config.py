"""Functions of a graph as Keras writes them into files: each has a class, some arguments are its constructor's."""

from __future__ import annotations

import inspect
from importlib import import_module
from typing import Any

from ..naming import snake_case
from ..registry import did_you_mean
from ..symbolic import FunctionCall
from ..symbolic.operators import OPERATORS

MODULE = "keras.src.ops."
"""What the modules of Keras's functions begin with."""

_MODULES = {
    "nn": (
        "adaptive_average_pool adaptive_max_pool average_pool batch_normalization binary_crossentropy "
        "categorical_crossentropy celu conv conv_transpose ctc_decode ctc_loss depth_to_space depthwise_conv "
        "dot_product_attention elu fold gelu glu hard_shrink hard_sigmoid hard_silu hard_swish hard_tanh "
        "layer_normalization leaky_relu log_sigmoid log_softmax max_pool moments multi_hot normalize one_hot "
        "psnr relu relu6 rms_normalization selu separable_conv sigmoid silu soft_shrink softmax softplus "
        "softsign space_to_depth sparse_categorical_crossentropy sparse_plus sparse_sigmoid sparsemax "
        "squareplus swish tanh_shrink threshold unfold"
    ),
    "core": "cast convert_to_tensor saturate_cast scatter scatter_update slice slice_update stop_gradient unstack",
    "math": (
        "cdist erf erfc erfinv extract_sequences fft fft2 ifft2 in_top_k irfft istft logdet logsumexp rfft rsqrt "
        "segment_max segment_min segment_prod segment_sum stft top_k view_as_complex view_as_real"
    ),
    "linalg": (
        "cholesky cholesky_inverse det eig eigh inv lstsq lu_factor matrix_rank norm pinv qr solve "
        "solve_triangular svd"
    ),
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names.split()}
"""Keras's module of each function that is not in `numpy`."""

_CLASSES = {
    "allclose": "AllClose",
    "batch_normalization": "BatchNorm",
    "cdist": "CDist",
    "fft": "FFT",
    "fft2": "FFT2",
    "hard_swish": "HardSilu",
    "ifft2": "IFFT2",
    "irfft": "IRFFT",
    "isin": "IsIn",
    "istft": "ISTFT",
    "layer_normalization": "LayerNorm",
    "psnr": "PSNR",
    "rfft": "RFFT",
    "rms_normalization": "RMSNorm",
    "searchsorted": "SearchSorted",
    "stft": "STFT",
    "svd": "SVD",
    "swish": "Silu",
}
"""Keras's class of each function whose name does not tell it."""

_CALLED_WITH = {
    2: (
        "add append arctan2 binary_crossentropy bitwise_and bitwise_left_shift bitwise_or bitwise_right_shift "
        "bitwise_xor categorical_crossentropy cdist conv conv_transpose correlate cross depthwise_conv digitize "
        "divide divide_no_nan dot equal floor_divide fmax fmin fmod full_like gcd get_item greater greater_equal "
        "heaviside hypot in_top_k inner isin kron lcm ldexp left_shift less less_equal linspace logaddexp "
        "logaddexp2 logical_and logical_or logical_xor logspace lstsq matmul maximum minimum mod multiply "
        "nextafter not_equal outer percentile power psnr quantile right_shift rms_normalization searchsorted "
        "segment_max segment_min segment_prod segment_sum slice solve solve_triangular "
        "sparse_categorical_crossentropy subtract take take_along_axis tensordot true_divide vdot"
    ),
    3: "layer_normalization scatter_update select separable_conv slice_update where",
    4: "allclose isclose",
    6: "dot_product_attention",
}
_CALL_COUNT = {name: count for count, names in _CALLED_WITH.items() for name in names.split()}
"""How many of a function's arguments go to a call of Keras's class, where it is not one; the rest make the object."""

_SPLIT = {"einsum": "subscripts", "pad": "x constant_values", "average": "x weights"}


def class_name(operation: FunctionCall) -> str:
    """Return the name of Keras's class for a function."""
    return _CLASSES.get(operation.public_name, operation.kind)


def module_name(operation: FunctionCall) -> str:
    """Return the module of Keras's class for a function."""
    return MODULE + _MODULE_OF.get(operation.public_name, "numpy")


def split_arguments(
    operation: FunctionCall, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[dict[str, Any], tuple[Any, ...], dict[str, Any]]:
    """Return what of a call makes Keras's object, and the args and kwargs that this is called with."""
    name = operation.public_name
    if name in OPERATORS:
        return {}, args, kwargs
    if name == "einsum":
        return {"subscripts": args[0]}, args[1:], kwargs
    bound = inspect.signature(operation.function).bind(*args, **kwargs)
    bound.apply_defaults()
    names = list(bound.arguments)
    called = _SPLIT[name].split() if name in _SPLIT else names[: _CALL_COUNT.get(name, 1)]
    config = {key: value for key, value in bound.arguments.items() if key not in called}
    return config, tuple(bound.arguments[key] for key in called), {}


def function_call(name: str, module: str, config: dict[str, Any]) -> tuple[FunctionCall, dict[str, Any]]:
    """Return the function of one of Keras's classes, and the keyword arguments that its config holds.

    Raises:
        ValueError: pynn has no such function.
    """
    options = {key: value for key, value in config.items() if key != "name"}
    public = next(
        (key for key, value in _CLASSES.items() if value == name and key != "swish"), snake_case(name)
    )
    if public in OPERATORS and not options:
        function, elementwise, spec = OPERATORS[public]
        return FunctionCall(function, public, elementwise, spec, config.get("name")), {}
    ops = import_module(f"{__package__.partition('.')[0]}.ops")
    found = getattr(ops, public, None)
    if found is None or not hasattr(found, "operation"):
        raise ValueError(f"pynn has no function for {module}.{name}{did_you_mean(public, vars(ops))}")
    return found.operation(name=config.get("name")), options
