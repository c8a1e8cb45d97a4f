"""Writes pynn/_core.pyi, the stub of the extension, from the extension itself: `python tools/make_stubs.py`.

With --check it writes nothing and fails where the committed stub differs. It also fails, and says where, on what has no
type: a parameter, a result, a public function without a docstring. Types that C++ does not tell stand in the tables
below; better is to bind the argument with one of the types of csrc/bindings/convert.h.
"""

from __future__ import annotations

import argparse
import ast
import inspect
import operator
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from pynn import _core

STUB = Path(__file__).parent.parent / "pynn" / "_core.pyi"

HEADER = '''"""Tensors, operations and the tape of pynn, in C++. Written by tools/make_stubs.py; do not edit."""

import builtins
import collections.abc
import types
import typing
from array import array as _array

import numpy

class _Arrayable(typing.Protocol):
    """What NumPy can make an array of: an array, a NumPy number, a tensor of another library."""

    def __array__(self) -> numpy.ndarray[typing.Any, typing.Any]: ...

class _Shareable(typing.Protocol):
    """What offers its memory by DLPack."""

    def __dlpack__(self, *, stream: typing.Any = ...) -> typing.Any: ...

class _Lists(typing.Protocol):
    """Lists and tuples of numbers, of arrays, or of such lists. Text is none, since it holds only text."""

    def __getitem__(self, index: typing.SupportsIndex, /) -> float | _Arrayable | _Lists: ...
    def __contains__(self, value: object, /) -> builtins.bool: ...
    def index(self, value: typing.Any, /) -> int: ...

ArrayLike: typing.TypeAlias = Tensor | float | _Arrayable | _Lists | memoryview | _array[typing.Any]
"""A Tensor, a NumPy array or scalar, a Python number, or nested lists of them."""
DtypeLike: typing.TypeAlias = (
    Dtype
    | str
    | numpy.dtype[typing.Any]
    | builtins.type[builtins.bool]
    | builtins.type[int]
    | builtins.type[float]
    | builtins.type[numpy.generic]
)
"""A Dtype, its name, a NumPy dtype or scalar type, or bool, int or float."""
Int: typing.TypeAlias = typing.SupportsIndex
"""An integer, of Python, NumPy or pynn."""
Real: typing.TypeAlias = typing.SupportsFloat | typing.SupportsIndex
"""A number, of Python, NumPy or pynn."""
Ints: typing.TypeAlias = typing.SupportsIndex | collections.abc.Sequence[typing.SupportsIndex]
"""A shape or axes: one integer or several."""
_IndexItem: typing.TypeAlias = (
    typing.SupportsIndex
    | slice[typing.Any, typing.Any, typing.Any]
    | types.EllipsisType
    | _Arrayable
    | collections.abc.Sequence[builtins.bool]
    | collections.abc.Sequence[int]
    | collections.abc.Sequence[collections.abc.Sequence[int]]
    | None
)
Index: typing.TypeAlias = _IndexItem | tuple[_IndexItem, ...]
"""What stands between the brackets of x[...]: integers, slices, ..., None, arrays of integers or booleans."""

class ShapeError(ValueError):
    """Shapes that do not fit together. Also a ValueError."""

class AxisError(ShapeError, IndexError):
    """An axis that is not there. Also a ShapeError and an IndexError."""

class DtypeError(TypeError):
    """A data type that an operation is not defined for. Also a TypeError."""

class DeviceError(RuntimeError):
    """A device that is not there, or that failed. Also a RuntimeError."""

class GradientError(RuntimeError):
    """The tape cannot give the gradient that was asked for. Also a RuntimeError."""

'''

NUMPY = "numpy.ndarray[typing.Any, typing.Any]"
TENSORS = "collections.abc.Iterable[ArrayLike]"

# Parameters that C++ takes as Python objects: "function.parameter" or "Class.method.parameter", "*" for any of a kind.
PARAMETERS = {
    "*.obj": "ArrayLike",
    "*.value": "ArrayLike",
    "*.other": "ArrayLike",
    "*.arrays": TENSORS,
    "Dtype.__eq__.other": "object",
    "Dtype.__ne__.other": "object",
    "Tensor.__eq__.other": "object",
    "Tensor.__ne__.other": "object",
    "Tensor.__getitem__.index": "Index",
    "Tensor.__setitem__.index": "Index",
    "Tensor.__delitem__.index": "Index",
    "Tensor.__array__.dtype": "numpy.dtype[typing.Any] | builtins.type[typing.Any] | str | None",
    "Tensor.__array__.copy": "builtins.bool | None",
    "Tensor.__array_function__.func": "collections.abc.Callable[..., typing.Any]",
    "Tensor.__array_function__.types": "collections.abc.Iterable[builtins.type]",
    "Tensor.__array_function__.args": "collections.abc.Iterable[typing.Any]",
    "Tensor.__array_function__.kwargs": "collections.abc.Mapping[str, typing.Any]",
    "Tensor.__dlpack__.stream": "Int | None",
    "Tensor.to.target": "Tensor | DtypeLike | None",
    "Tensor.to_device.stream": "None",
    "_from_bits.type": "builtins.type[Tensor]",
    "_from_bits.array": NUMPY,
    "_register_backend.capsule": "object",
    "from_dlpack.x": "_Shareable",
    "result_type.args": "Tensor | _Arrayable | DtypeLike | float",
    "Tensor.__deepcopy__.memo": "dict[int, typing.Any]",
    "Tensor.__round__.ndigits": "int | None",
    "Tensor.__setstate__.arg0": "tuple[typing.Any, ...]",
    "Tensor.grad.arg1": "Tensor | None",
    "Tensor.reshape.args": "Ints",
    "Tensor.transpose.args": "Ints",
    "Chain.__init__.layers": "collections.abc.Sequence[tuple[Tensor | None, Tensor | None, str]]",
    "ChainStep.__init__.iterations": "Tensor",
    "ChainStep.__call__.x": "object",
    "ChainStep.__call__.y": "object",
    "ChainStep.__call__.learning_rate": "Tensor | collections.abc.Callable[[], float]",
    "ChainStep.measure.x": "object",
    "ChainStep.measure.y": "object",
    "Generator.__init__.seed": "Int | None",
    "Generator.seed.seed": "Int | None",
    "alike.xs": "list[typing.Any]",
    "alike.ys": "list[typing.Any]",
    "broadcast_arrays.args": "ArrayLike",
    "meshgrid.args": "ArrayLike",
    "einsum.args": "ArrayLike",
    "dtype.x": "DtypeLike",
    "tensordot.axes": "int | tuple[Ints, Ints] | list[collections.abc.Sequence[int]]",
    "with_gradient.f": "collections.abc.Callable[[Tensor], typing.Any]",
}

# Results that C++ returns as Python objects. typing.Any is a decision: nothing better is true.
RETURNS = {
    "*.numpy": NUMPY,
    "*.__array__": NUMPY,
    "*.item": "typing.Any",
    "*.tolist": "typing.Any",
    "*.__array_function__": "typing.Any",
    "*.__round__": "typing.Any",
    "*.__int__": "int",
    "*.__index__": "int",
    "*.__format__": "str",
    "*.__iter__": "collections.abc.Iterator[Tensor]",
    "*.__reduce__": "tuple[typing.Any, ...]",
    "*.__getstate__": "tuple[typing.Any, ...]",
    "*.shape": "tuple[int, ...]",
    "*.strides": "tuple[int, ...]",
    "Dtype.dtype": "numpy.dtype[typing.Any]",
    "Tensor.grad": "Tensor | None",
    "Chain.__call__": "tuple[Tensor, Tensor, list[Tensor | None]] | None",
    "*.__array_namespace__": "types.ModuleType",
    "*.__dlpack__": "typing.Any",
    "*._bits": NUMPY,
    "*._from_bits": "Tensor",
    "*.__copy__": "Tensor",
    "*.__deepcopy__": "Tensor",
    "gradients": "list[Tensor | None]",
    "tensor": "Tensor",
    "isas": "list[str]",
    "_backend": "str | None",
    "_cpu_kernels": "typing.Any",
    "_device_memory": "tuple[int, int, int, int]",
    "_why_no_devices": "str | None",
    "nonzero": "tuple[Tensor, ...]",
    "unstack": "tuple[Tensor, ...]",
    "split": "list[Tensor]",
    "meshgrid": "list[Tensor]",
    "broadcast_arrays": "list[Tensor]",
    "tape": "list[tuple[int, str, list[int | None], list[tuple[Tensor, int] | None], Tensor]]",
}

VARIABLES = {
    "_print_options": "dict[str, typing.Any]",
    "_unary_rows": "list[dict[str, typing.Any]]",
    "_binary_rows": "list[dict[str, typing.Any]]",
    "_compiler": "str",
}

# How pybind11 writes types of arguments and results.
SPELLING = [
    (r"typing\.SupportsInt \| typing\.SupportsIndex", "Int"),
    (r"typing\.SupportsFloat \| typing\.SupportsIndex", "Real"),
    (r"int \| (typing|collections\.abc)\.Sequence\[int\]", "Ints"),
    (r"int \| Sequence\[int\]", "Ints"),
]
OPEN = re.compile(
    r"\btyping\.Any\b|\bobject\b|\.\.\.$|^\.\.\.|tuple\[\.\.\.|\b(tuple|list|dict|Iterator|Iterable|Sequence|Callable)\b(?!\[)"
)
ARITHMETIC = (
    "add",
    "sub",
    "mul",
    "matmul",
    "truediv",
    "floordiv",
    "mod",
    "pow",
    "and",
    "or",
    "xor",
    "lshift",
    "rshift",
)
COMPARISONS = ("eq", "ne", "lt", "le", "gt", "ge")
OPERATORS = {
    f"Tensor.__{name}__"
    for name in (
        *COMPARISONS,
        "invert",
        "neg",
        "pos",
        "abs",
        *(p + n for p in ("", "r", "i") for n in ARITHMETIC),
    )
}


class Editor(ast.NodeTransformer):
    """Gives types to what the generator leaves open, and notes what stays open."""

    def __init__(self) -> None:
        self.inside: list[str] = []
        self.missing: list[str] = []

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        self.inside.append(node.name)
        self.generic_visit(node)
        self.inside.pop()
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.inside.append(node.name)
        path = ".".join(self.inside)
        args = node.args
        every = [*args.posonlyargs, *args.args, *args.kwonlyargs, args.vararg, args.kwarg]
        method = len(self.inside) > 1 and not _is_static(node)
        for position, arg in enumerate(every):
            if arg is None or (position == 0 and method):
                if arg is not None:
                    arg.annotation = None  # the `self` of a function that is a method too
                continue
            arg.annotation = self._typed(PARAMETERS, f"{path}.{arg.arg}", arg.annotation, result=False)
        _restore_positions(path, args)
        if node.name == "__init__":
            node.returns = ast.Constant(None)
        else:
            node.returns = self._typed(RETURNS, path, node.returns, result=True)
        defaults = zip([*args.posonlyargs, *args.args][::-1], args.defaults[::-1], strict=False)
        for arg, default in defaults:
            _allow_none(arg, default)
        for arg, default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
            _allow_none(arg, default)
        setter = any(isinstance(d, ast.Attribute) and d.attr == "setter" for d in node.decorator_list)
        if not node.name.startswith("_") and not setter and ast.get_docstring(node) is None:
            self.missing.append(f"{path}: a docstring")
        self.inside.pop()
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        assert isinstance(node.target, ast.Name)
        if node.target.id in VARIABLES:
            node.annotation = ast.parse(VARIABLES[node.target.id], mode="eval").body
            node.value = None
        elif OPEN.search(ast.unparse(node.annotation)):
            self.missing.append(f"{node.target.id}: a type, in VARIABLES")
        return node

    def _typed(
        self, table: dict[str, str], path: str, annotation: ast.expr | None, *, result: bool
    ) -> ast.expr | None:
        text = "typing.Any" if annotation is None else _spelled(ast.unparse(annotation), result)
        found = table.get(path, table.get("*." + path.rsplit(".", 1)[-1]))
        if found is not None and (path in table or OPEN.search(text)):
            text = found
        elif result and path in OPERATORS and text in ("typing.Any", "object"):
            text = "Tensor"  # operators may give NotImplemented to Python, never to a caller
        elif OPEN.search(text):
            name = "RETURNS" if result else "PARAMETERS"
            self.missing.append(f"{path}: a type better than {text!r}, in {name}")
        return ast.parse(text, mode="eval").body


def _spelled(text: str, result: bool) -> str:
    text = text.replace("pynn._core.", "")
    for pattern, ours in SPELLING:
        text = re.sub(
            pattern, ("int" if ours == "Int" else "float") if result and ours != "Ints" else ours, text
        )
    if result:
        text = text.replace("DtypeLike", "Dtype")
    return re.sub(r"(?<![\w.])bool\b", "builtins.bool", text)  # `bool` is a dtype in the module


def _restore_positions(path: str, args: ast.arguments) -> None:
    """The generator forgets a last "/"; the function itself knows which of its parameters have no name."""
    function = operator.attrgetter(path)(_core) if _has(path) else None
    if not callable(function):
        return
    parameters = inspect.signature(function).parameters.values()
    nameless = sum(p.kind is p.POSITIONAL_ONLY for p in parameters)
    every = [*args.posonlyargs, *args.args]
    if every[:nameless] and every[nameless - 1].arg != "self":  # `self` alone goes without saying
        args.posonlyargs, args.args = every[:nameless], every[nameless:]


def _has(path: str) -> bool:
    owner: object = _core
    for name in path.split("."):
        if not hasattr(owner, name):
            return False
        owner = getattr(owner, name)
    return True


def _is_static(node: ast.FunctionDef) -> bool:
    return any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in node.decorator_list)


def _allow_none(arg: ast.arg, default: ast.expr | None) -> None:
    if isinstance(default, ast.Constant) and default.value is None and arg.annotation is not None:
        text = ast.unparse(arg.annotation)
        if "None" not in text:
            arg.annotation = ast.parse(f"{text} | None", mode="eval").body


def edited(text: str) -> str:
    """The generator's text with types in it.

    Raises:
        SystemExit: something has no type or no docstring; all of it is listed.
    """
    text = re.sub(r"  # value = <.*", "", text)
    editor = Editor()
    tree = editor.visit(ast.parse(text))
    if editor.missing:
        raise SystemExit("the stub lacks, see tools/make_stubs.py:\n  " + "\n  ".join(editor.missing))
    text = ast.unparse(tree)
    # Comparisons give tensors, where `object` gives bool.
    return re.sub(
        r"(?m)^(    def __(?:eq|ne)__\(self, .*\) -> Tensor:)", r"\1  # type: ignore[override]", text
    )


def generated() -> str:
    """The stub of the extension that is installed."""
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable,
            "-m",
            "pybind11_stubgen",
            "pynn._core",
            "-o",
            folder,
            "--ignore-all-errors",
        ]
        typed = os.environ | {"PYNN_TYPED_DOCS": "1"}  # types stay in docstrings: csrc/bindings/signature.h
        done = subprocess.run(command, check=False, capture_output=True, text=True, env=typed)
        if done.returncode:
            raise SystemExit(done.stderr)
        text = (Path(folder) / "pynn" / "_core.pyi").read_text()
    return formatted(HEADER + edited(text[text.index("class Dtype") :]))


def formatted(text: str) -> str:
    command = [sys.executable, "-m", "ruff", "format", "--stdin-filename", str(STUB), "-"]
    return subprocess.run(command, input=text, check=True, capture_output=True, text=True).stdout


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail where the committed stub differs")
    text = generated()
    if not parser.parse_args().check:
        STUB.write_text(text)
        return 0
    if STUB.read_text() == text:
        return 0
    print("pynn/_core.pyi is out of date; run: python tools/make_stubs.py", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
