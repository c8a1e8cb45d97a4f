"""The tape from Python: contexts that record or do not, and functions that differentiate functions.

All of it stands on the one walk of the C++ tape (`pynn._core.gradients`).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from types import TracebackType
from typing import Any, TypeVar

from pynn import _core
from pynn._core import GradientError, Tensor

T = TypeVar("T")
Function = Callable[..., Any]
_FLOATS = (_core.float16, _core.bfloat16, _core.float32, _core.float64)


class no_grad:  # noqa: N801 - the name that everybody knows
    """Inside this context nothing is recorded. Also a decorator."""

    def __init__(self) -> None:
        self._before: list[bool] = []  # one for each time that this object was entered and not yet left

    def __enter__(self) -> None:
        self._before.append(_core.set_recording(False))

    def __exit__(self, *_: object) -> None:
        _core.set_recording(self._before.pop())

    def __call__(self, function: Callable[..., T]) -> Callable[..., T]:
        @functools.wraps(function)
        def unrecorded(*args: Any, **kwargs: Any) -> T:
            with no_grad():
                return function(*args, **kwargs)

        return unrecorded


class GradientTape:
    """Records what is computed inside it from trainable variables and watched tensors.

    ```python
    with pynn.GradientTape() as tape:
        loss = loss_function(model(x), y)
    gradients = tape.gradient(loss, model.trainable_weights)
    ```

    A gradient taken while another tape is open is recorded by that tape, so tapes nest for higher derivatives.

    Args:
        persistent: whether `gradient` may be called more than once.
        watch_accessed_variables: False records only what `watch` names. Not supported: trainable variables are always
            watched; make a variable non-trainable to leave it out.
    """

    def __init__(self, persistent: bool = False, watch_accessed_variables: bool = True) -> None:
        if not watch_accessed_variables:
            raise NotImplementedError(
                "GradientTape(watch_accessed_variables=False) is not supported: set variable.trainable = False instead"
            )
        self._persistent = persistent
        self._used = False

    def __enter__(self) -> GradientTape:
        _core.tape_depth(+1)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _core.tape_depth(-1)

    def watch(self, tensor: Tensor | Sequence[Tensor]) -> None:
        """Records what is computed from this tensor, or from each of a list, from now on.

        Raises:
            TypeError: it is not a pynn tensor.
            DtypeError: its elements are no floats.
        """
        for t in tensor if isinstance(tensor, (list, tuple)) else [tensor]:
            if not isinstance(t, Tensor):
                raise TypeError(f"GradientTape.watch needs a pynn tensor, got {type(t).__name__}")
            if not t.requires_grad:
                t._watch()

    def gradient(self, target: Any, sources: Any, output_gradients: Tensor | None = None) -> Any:
        """The gradient of target with respect to each source, in sources' structure (tensor, list, tuple or dict).

        A target that is not one number is summed first; a list of targets is added up. None where a target does not
        depend on the source.

        Raises:
            GradientError: called twice without persistent=True.
        """
        if self._used and not self._persistent:
            raise GradientError(
                "GradientTape.gradient was called before; make the tape with persistent=True to call it again"
            )
        self._used = True
        flat = _leaves(sources)
        targets = [target] if isinstance(target, Tensor) else _leaves(target)
        # Another open tape records this walk, so that its result can be differentiated again.
        outer = _core.tape_depth(0) > 0
        found = [_core.gradients(t, flat, output_gradients, outer) for t in targets]
        total = found[0] if len(found) == 1 else [_sum(gs[i] for gs in found) for i in range(len(flat))]
        return _rebuild(sources, iter(total))


def grad(function: Function, argnums: int | Sequence[int] = 0) -> Function:
    """The function that computes the gradient of a scalar function with respect to one argument or several.

    `pynn.grad(f)(x)` is df/dx at x, of x's shape. It can be differentiated again: `pynn.grad(pynn.grad(f))`.

    Args:
        function: takes tensors (or what pynn.asarray takes) and returns a tensor with one element.
        argnums: the position of the argument, or several; several give a tuple of gradients.

    Raises:
        GradientError: the result has more than one element.
    """
    both = value_and_grad(function, argnums)

    def gradient_function(*args: Any, **kwargs: Any) -> Any:
        return both(*args, **kwargs)[1]

    return gradient_function


def value_and_grad(function: Function, argnums: int | Sequence[int] = 0) -> Function:
    """As `grad`, but the new function returns (value, gradient)."""
    if not callable(function):
        raise TypeError(f"grad differentiates functions, got {type(function).__name__}")
    several = not isinstance(argnums, int)
    positions = list(argnums) if not isinstance(argnums, int) else [argnums]

    def both(*args: Any, **kwargs: Any) -> tuple[Tensor, Any]:
        inputs = list(args)
        leaves: list[Tensor] = []
        # Recorded by whoever differentiates around this call: then an argument itself is tracked.
        outer = False
        for i in positions:
            if not -len(args) <= i < len(args):
                raise IndexError(f"grad: argnums={i}, but the function got {len(args)} positional arguments")
            leaf = _core.asarray(args[i])
            if _core.tracked(leaf):
                # A node of its own: what else was made of the same tensor is a constant here.
                leaf = _core.permute_dims(leaf, tuple(range(leaf.ndim)))
                outer = True
            else:
                leaf = leaf.detach()
                leaf.requires_grad = True
            inputs[i] = leaf
            leaves.append(leaf)
        before = _core.set_recording(True)
        try:
            value = function(*inputs, **kwargs)
        finally:
            _core.set_recording(before)
        if not isinstance(value, Tensor) or value.size != 1:
            shape = f"shape {value.shape}" if isinstance(value, Tensor) else type(value).__name__
            raise GradientError(
                f"grad differentiates functions that return one number, this one returned {shape}; reduce it first"
            )
        if value.dtype not in _FLOATS:
            raise GradientError(
                f"grad: the function returned {value.dtype}, which has no gradient; comparisons, argmax and casts to "
                "integers end what is recorded"
            )
        found = _core.gradients(value, leaves, None, outer)
        gradients = [_core.zeros_like(x) if g is None else g for g, x in zip(found, leaves, strict=True)]
        return value if outer else value.detach(), tuple(gradients) if several else gradients[0]

    return both


def _leaves(structure: Any) -> list[Tensor]:
    if isinstance(structure, Tensor):
        return [structure]
    if isinstance(structure, (list, tuple, dict)):
        items = structure.values() if isinstance(structure, dict) else structure
        return [leaf for item in items for leaf in ([item] if isinstance(item, Tensor) else _leaves(item))]
    raise TypeError(f"GradientTape.gradient needs pynn tensors or variables, got {type(structure).__name__}")


def _sum(gradients: Iterable[Tensor | None]) -> Tensor | None:
    present = [g for g in gradients if g is not None]
    return sum(present[1:], present[0]) if present else None


def _rebuild(structure: Any, values: Any) -> Any:
    if isinstance(structure, Tensor):
        return next(values)
    if isinstance(structure, dict):
        return {key: _rebuild(value, values) for key, value in structure.items()}
    items = [next(values) if isinstance(item, Tensor) else _rebuild(item, values) for item in structure]
    if isinstance(structure, list):
        return items
    return type(structure)(*items) if hasattr(structure, "_fields") else type(structure)(items)
