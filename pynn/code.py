"""Python lambdas as text, in Keras's form. Reading one back is running code from a file: refused in safe mode."""

from __future__ import annotations

import base64
import builtins
import marshal
from types import CellType, CodeType, FunctionType
from typing import Any

from .custom_objects import in_safe_mode


def dump(function: FunctionType) -> tuple[str, Any, Any]:
    """Return a lambda's code in base64, its default arguments, and the values that it closes over."""
    code = base64.encodebytes(marshal.dumps(function.__code__)).decode("ascii")
    closure = tuple(cell.cell_contents for cell in function.__closure__ or ()) or None
    return code, function.__defaults__, closure


def load(parts: Any) -> FunctionType:
    """Return the lambda that `dump` took apart, or that is in Keras's {"code", "defaults", "closure"}.

    It sees Python's built-in names, and pynn as `pynn` and `keras`.

    Raises:
        ValueError: in safe mode, which is the default; or what is there is no code of this version of Python.
    """
    if in_safe_mode() is not False:
        raise ValueError(
            "a Python lambda is stored here as code, which could do anything when it runs; if you trust the file, "
            "pass safe_mode=False, and better write a named function in place of the lambda"
        )
    if isinstance(parts, dict):
        parts = (parts.get("code"), parts.get("defaults"), parts.get("closure"))
    try:
        text, defaults, closure = parts
        code = marshal.loads(base64.decodebytes(text.encode("ascii")))
    except (ValueError, TypeError, EOFError, AttributeError) as error:
        raise ValueError(f"a lambda cannot be read ({error}); was it written by another Python?") from None
    if not isinstance(code, CodeType):
        raise ValueError(f"a lambda's code is a {type(code).__name__}")
    return FunctionType(
        code,
        _globals(),
        code.co_name,
        None if defaults is None else tuple(defaults),
        None if closure is None else tuple(CellType(value) for value in closure),
    )


def _globals() -> dict[str, Any]:
    """Return the names that a lambda of a file can use."""
    import sys

    pynn = sys.modules["pynn"]
    return {"__builtins__": builtins, "pynn": pynn, "keras": pynn}
