"""Operations under Keras's names, `keras.ops`: on tensors, variables, NumPy arrays, numbers and lists.

They have Keras's arguments, defaults and dtypes, and derivatives wherever the core has them; NumPy computes the
rest (their docstrings say so). On symbolic tensors they make nodes of a functional model.
"""

from __future__ import annotations

from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from .. import symbolic
from . import (
    absent,
    activation,
    binary,
    core,
    creation,
    image,
    indexing,
    linalg,
    nn,
    products,
    reductions,
    shapes,
    signal,
    sorting,
    unary,
    windows,
)
from .placing import beside_its_inputs
from .specs import SPECS

if TYPE_CHECKING:
    from .activation import *  # noqa: F403
    from .binary import *  # noqa: F403
    from .core import *  # noqa: F403
    from .creation import *  # noqa: F403
    from .indexing import *  # noqa: F403
    from .linalg import *  # noqa: F403
    from .nn import *  # noqa: F403
    from .products import *  # noqa: F403
    from .reductions import *  # noqa: F403
    from .shapes import *  # noqa: F403
    from .signal import *  # noqa: F403
    from .sorting import *  # noqa: F403
    from .unary import *  # noqa: F403
    from .windows import *  # noqa: F403

_FAMILIES = (
    unary, binary, reductions, shapes, creation, indexing, sorting, products, linalg, signal, activation,
    windows, nn, core,
)  # fmt: skip

_ELEMENTWISE = (unary, binary)
"""Families whose results have the shape to which the operands broadcast."""

_PLAIN = frozenset(
    ("arange", "associative_scan", "bartlett", "blackman", "cond", "convert_to_numpy", "custom_gradient", "dtype",
     "empty", "eye", "fori_loop", "full", "geomspace", "hamming", "hanning", "identity", "is_tensor", "jvp",
     "kaiser", "linspace", "logspace", "map", "ndim", "ones", "scan", "shape", "size", "switch", "tri",
     "vectorize", "vectorized_map", "while_loop", "zeros")
)  # fmt: skip
"""Functions that make no nodes: they make tensors of shapes, call functions, or tell what is known of a tensor."""

_REDUCING = frozenset(("allclose",))


def _own_functions(module: ModuleType) -> dict[str, Any]:
    """Return what a module defines for the public."""
    return {
        name: value
        for name, value in vars(module).items()
        if isinstance(value, FunctionType) and value.__module__ == module.__name__ and name[0] != "_"
    }


def _publish() -> list[str]:
    """Let every function take symbolic tensors and find its device, here and in its own module; return the names."""
    names: list[str] = []
    for module in (*_FAMILIES, image):
        made: dict[Any, Any] = {}  # a function and its aliases stay one
        for name, function in _own_functions(module).items():
            if function in made:
                public = made[function]
            elif name in _PLAIN:
                public = made[function] = beside_its_inputs(function)
            else:
                elementwise = module in _ELEMENTWISE and name not in _REDUCING
                public = made[function] = symbolic.symbolic_function(
                    beside_its_inputs(function), elementwise=elementwise, spec=SPECS.get(name)
                )
            setattr(module, name, public)
            if module is not image:
                globals()[name] = public
                names.append(name)
    linalg.jvp = core.jvp  # type: ignore[attr-defined]
    nn.one_hot, nn.multi_hot = indexing.one_hot, indexing.multi_hot  # type: ignore[attr-defined]
    for module in (activation, windows):
        vars(nn).update(_own_functions(module))
    return names


__all__ = sorted([*_publish(), "image", "linalg", "nn"])


def __getattr__(name: str) -> Any:
    if name == "numpy":
        import importlib

        return importlib.import_module("pynn.ops.numpy")
    raise AttributeError(absent.message("pynn.ops", name, __all__))


def __dir__() -> list[str]:
    return [*__all__, "numpy"]
