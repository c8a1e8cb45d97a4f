"""Functions of tensors that take symbolic ones too: `symbolic_function` decorates them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from typing import Any, TypeVar

from .graph import FunctionCall
from .inference import matmul_spec
from .tensor import Made, has_symbolic

__all__ = ["apply", "matmul_spec", "symbolic_function"]

F = TypeVar("F", bound=Callable[..., Any])


def apply(
    function: Callable[..., Any],
    name: str,
    args: tuple[Any, ...],
    kwargs: dict[str, Any] | None = None,
    elementwise: bool = False,
    spec: Callable[..., Any] | None = None,
) -> Any:
    """Record that a function is called with arguments among which are symbolic tensors.

    Args:
        function: computes the result from tensors in their places.
        name: its name in `pynn.ops`, which is Keras's.
        args, kwargs: of the call.
        elementwise, spec: as for `symbolic_function`.

    Returns:
        The result, a SymbolicTensor or a structure of them.
    """
    return FunctionCall(function, name, elementwise, spec)(*args, **(kwargs or {}))


def symbolic_function(
    function: F | None = None,
    *,
    name: str | None = None,
    elementwise: bool = False,
    spec: Callable[..., Any] | None = None,
) -> Any:
    """Decorate a function of tensors so that it takes symbolic tensors too.

    With one of them anywhere in its arguments (also in lists, tuples and dicts) it is not called; a node
    of the graph is recorded instead. Without, it is called as ever.

    Args:
        function: of tensors and plain values, without side effects.
        name: in `pynn.ops`; None means the function's own.
        elementwise: the result has the shape to which all tensors broadcast.
        spec: finds the outputs from the arguments: returns a SymbolicTensor or a structure of them, or
            None where it does not know. Without it they are found by calls on zeros, twice where sizes
            are not known.

    Returns:
        The function, with an attribute `operation` that makes a FunctionCall of it.
    """
    if function is None:
        return lambda function: symbolic_function(function, name=name, elementwise=elementwise, spec=spec)
    plain, public = function, name or function.__name__

    @wraps(plain)
    def call(*args: Any, **kwargs: Any) -> Any:
        if Made.any and (has_symbolic(args) or (kwargs and has_symbolic(kwargs.values()))):
            return apply(plain, public, args, kwargs, elementwise, spec)
        return plain(*args, **kwargs)

    call.operation = partial(FunctionCall, plain, public, elementwise, spec)  # type: ignore[attr-defined]
    return call
