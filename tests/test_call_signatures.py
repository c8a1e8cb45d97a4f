"""What `inspect.signature`, help() and Shift-Tab in a notebook tell of functions in C++: the stub's parameters."""

import ast
import inspect
import math
import pydoc
from pathlib import Path

import pytest

import pynn
from pynn import _core

EMPTY = inspect.Parameter.empty


def of_stub(arguments):
    """[(name, kind, default)] of a function in the stub; what is no literal there, infinity, is `...`."""
    found = []
    positional = [*arguments.posonlyargs, *arguments.args]
    missing = [None] * (len(positional) - len(arguments.defaults))
    for i, (arg, default) in enumerate(zip(positional, [*missing, *arguments.defaults], strict=True)):
        kind = "POSITIONAL_ONLY" if i < len(arguments.posonlyargs) else "POSITIONAL_OR_KEYWORD"
        found.append((arg.arg, kind, ast.literal_eval(default) if default else EMPTY))
    if arguments.vararg:
        found.append((arguments.vararg.arg, "VAR_POSITIONAL", EMPTY))
    for arg, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        found.append((arg.arg, "KEYWORD_ONLY", ast.literal_eval(default) if default else EMPTY))
    if arguments.kwarg:
        found.append((arguments.kwarg.arg, "VAR_KEYWORD", EMPTY))
    return found


def of_function(function):
    parameters = inspect.signature(function).parameters.values()
    return [(p.name, p.kind.name, ... if p.default == math.inf else p.default) for p in parameters]


def functions():
    """(path, parameters) of the stub's functions and methods."""
    tree = ast.parse((Path(pynn.__file__).parent / "_core.pyi").read_text())
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node.args
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            for method in node.body:
                if isinstance(method, ast.FunctionDef) and not any(
                    ast.unparse(d) == "property" or ast.unparse(d).endswith(".setter")
                    for d in method.decorator_list
                ):
                    yield f"{node.name}.{method.name}", method.args


ALL = dict(functions())


def test_signatures_are_those_of_the_stub():
    assert len(ALL) > 300
    for path, arguments in ALL.items():
        function = _core
        for name in path.split("."):
            function = getattr(function, name)
        theirs, ours = of_stub(arguments), of_function(function)
        if theirs and theirs[0][0] == "self":  # given by position where Python's own methods bind it
            theirs[0] = ours[0] = ("self", "POSITIONAL_ONLY", EMPTY)
        assert ours == theirs, path


@pytest.mark.parametrize(
    ("function", "signature"),
    [
        (pynn.add, "(x1, x2, /)"),
        (pynn.exp, "(x, /)"),
        (pynn.clip, "(x, /, min=None, max=None)"),
        (pynn.sum, "(x, /, axis=None, keepdims=False, *, dtype=None)"),
        (pynn.meshgrid, "(*args, indexing='xy')"),
        (pynn.Tensor.sum, "(self, axis=None, keepdims=False, *, dtype=None)"),
        (pynn.ones(2).sum, "(axis=None, keepdims=False, *, dtype=None)"),
        (pynn.ones(2).reshape, "(*args)"),
        (pynn.ones(2).__add__, "(other, /)"),
        (pynn.Tensor, "(value, dtype=None)"),
        (_core.adam, None),
    ],
)
def test_signatures(function, signature):
    if signature is not None:
        assert str(inspect.signature(function)).replace("(self, /, ", "(self, ") == signature
    else:
        assert inspect.signature(function).parameters["clip_value"].default == math.inf


def test_documentation_has_the_signature_once():
    assert pynn.add.__doc__ == "x1 + x2, element-wise with broadcasting."
    assert pynn.add.__text_signature__ == "(x1, x2, /)"
    assert pydoc.plain(pydoc.render_doc(pynn.exp)).endswith("\nexp(x, /)\n    e**x.\n")
    assert "\nadd(x1, x2, /)" in pydoc.plain(pydoc.render_doc(pynn.add))
    assert "class Tensor(" in (text := pydoc.plain(pydoc.render_doc(pynn.Tensor)))
    assert "Tensor(value, dtype=None)" in text


def test_wrong_arguments_are_told_by_the_signature():
    with pytest.raises(TypeError, match="too many positional arguments"):
        inspect.signature(pynn.exp).bind(1, 2)
    bound = inspect.signature(pynn.sum).bind(pynn.ones(3), keepdims=True)
    assert bound.arguments["keepdims"] is True
