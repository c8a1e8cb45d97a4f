"""The floors of the house (docs/ARCHITECTURE.md), read off the sources: nothing knows what is above it."""

import ast
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CPP_SOURCES = sorted(
    path for path in (ROOT / "csrc").rglob("*") if path.suffix in {".h", ".cpp", ".cu", ".cuh"}
)
PYTHON_SOURCES = sorted((ROOT / "pynn").rglob("*.py"))

# What each floor of C++ may include from others; from itself it may include anything.
MAY_INCLUDE = {
    "core": (),
    "kernels": ("core/dtype.h",),
    "compute": ("core/", "kernels/kernels.h", "kernels/elementwise.h"),
    "autograd": ("core/", "compute/", "kernels/elementwise.h"),  # of the table, Add only: see below
    "ops": ("core/", "compute/", "autograd/", "kernels/elementwise.h"),
    "bindings": ("core/", "kernels/", "compute/", "autograd/", "ops/"),
    "cuda": ("core/", "kernels/"),  # an extension of its own: pynn._cuda
}
GENERATED = {"isa_levels.inc"}  # written by CMake

# What a file compiled once for each ISA may include from the standard: nothing with templates or inline
# functions, for the linker keeps one copy of those, and it may be the one that an older processor cannot run.
ISA_HEADERS = {"cmath", "cstddef", "cstdint", "cstring", "immintrin.h"}  # intrinsics are always inlined
COMPILED_ONCE = {"select.cpp", "parallel.cpp"}

# Lowest first; a module may import those before it and, within its own folder, any.
PYTHON_ORDER = (
    "_version",
    "_clone",
    "_core",
    "devices",
    "dtypes",
    "namespace",
    "sets",
    "linalg",
    "fft",
    "custom_objects",
    "messages",
    "config",
    "registry",
    "code",
    "dtype_form",
    "serialization",
    "naming",
    "progress",
    "random",
    "data",
    "autograd",
    "symbolic",
    "masks",
    "backend",
    "tree",
    "mixed_precision",
    "applications",
    "initializers",
    "activations",
    "regularizers",
    "structure",
    "constraints",
    "variable",
    "layers",
    "losses",
    "ops",
    "metrics",
    "optimizers",
    "callbacks",
    "saving",
    "files",
    "models",
    "viz",
    "utils",
    "datasets",
    "preprocessing",
    "compat",
    "peers",
    "testing",
    "cuda",
    "demo",
    "__main__",
)


def identifier(path):
    return str(path.relative_to(ROOT))


def includes(path):
    """The includes of a file: (header, whether in quotes)."""
    found = re.findall(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', path.read_text(), re.MULTILINE)
    return [(header, mark == '"') for mark, header in found]


def imports(path):
    """The modules that a file imports, as paths; those for type checkers only do not count."""
    package = ("pynn", *path.relative_to(ROOT / "pynn").parent.parts)
    tree = ast.parse(path.read_text())
    for node in [node for node in ast.walk(tree) if isinstance(node, ast.If)]:
        if "TYPE_CHECKING" in ast.unparse(node.test):
            node.body = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (tuple(name.name.split(".")) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) + 1 - node.level] if node.level else ()
            module = (*base, *(node.module.split(".") if node.module else ()))
            yield from ((*module, name.name) for name in node.names)


def top_level(path):
    """The name under which a file stands directly below pynn: 'layers' for pynn/layers/core.py."""
    return path.relative_to(ROOT / "pynn").parts[0].removesuffix(".py")


# --- C++ ---------------------------------------------------------------------------------------------


def test_there_are_sources_to_check():
    assert CPP_SOURCES
    assert PYTHON_SOURCES


@pytest.mark.parametrize("path", CPP_SOURCES, ids=identifier)
def test_a_floor_includes_only_what_it_may(path):
    floor = path.relative_to(ROOT / "csrc").parts[0]
    allowed = (f"{floor}/", *MAY_INCLUDE[floor])
    quoted = {header for header, in_quotes in includes(path) if in_quotes} - GENERATED
    assert [header for header in sorted(quoted) if not header.startswith(allowed)] == []


def test_the_tape_knows_no_operation_but_add():
    texts = [path.read_text() for path in CPP_SOURCES if path.parent.name == "autograd"]
    assert {name for text in texts for name in re.findall(r"_id<(?:\w+::)*(\w+)>", text)} <= {"Add"}


@pytest.mark.parametrize("path", CPP_SOURCES, ids=identifier)
def test_python_is_known_in_bindings_only(path):
    # cuda/module.cpp is the other extension: a capsule and nothing else.
    if path.relative_to(ROOT / "csrc").parts[0] != "bindings" and identifier(path) != "csrc/cuda/module.cpp":
        assert "pybind11" not in path.read_text()
        assert "Python.h" not in path.read_text()


@pytest.mark.parametrize(
    "path",
    [
        path
        for path in CPP_SOURCES
        if "kernels" in path.parts and "cuda" not in path.parts and path.suffix in {".h", ".cpp"}
    ],
    ids=identifier,
)
def test_files_compiled_once_per_isa_include_no_templates(path):
    if path.name not in COMPILED_ONCE:
        assert {header for header, in_quotes in includes(path) if not in_quotes} - ISA_HEADERS == set()


def isa_objects():
    """Object files of the newest build in the tree, if there is one."""
    builds = sorted((ROOT / "build").glob("*/CMakeFiles"), key=lambda path: path.stat().st_mtime)
    return sorted(builds[-1].glob("pynn_kernels_*.dir/**/*.o")) if builds else []


def test_no_isa_object_holds_a_symbol_that_could_replace_another():
    """The linker keeps one copy of a weak symbol (W, V, u), whatever processor it was compiled for."""
    if shutil.which("nm") is None or not isa_objects():
        pytest.skip("needs nm and the object files of a build in build/")
    command = ["nm", "--demangle", "--defined-only", "--print-file-name", *map(str, isa_objects())]
    symbols = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert len(symbols) > 0
    assert [line for line in symbols if re.search(r":[0-9a-f]* [WVuwv] ", line)] == []


# --- Python ------------------------------------------------------------------------------------------


def test_every_module_has_its_place_in_the_order():
    assert {top_level(path) for path in PYTHON_SOURCES} - {"__init__"} <= set(PYTHON_ORDER)


@pytest.mark.parametrize(
    "path", [path for path in PYTHON_SOURCES if path != ROOT / "pynn" / "__init__.py"], ids=identifier
)
def test_a_module_imports_only_from_below(path):
    own = top_level(path)
    below = {*PYTHON_ORDER[: PYTHON_ORDER.index(own)], own}
    imported = {"".join(module[1:2]) or "all of pynn" for module in imports(path) if module[0] == "pynn"}
    assert imported - below == set()


def test_the_check_sees_what_is_forbidden(tmp_path, monkeypatch):
    """A guard that reads source text is worth a test of its own."""
    source = tmp_path / "pynn" / "layers" / "dense.py"
    source.parent.mkdir(parents=True)
    source.write_text(
        "from __future__ import annotations\n"
        "from typing import TYPE_CHECKING\n"
        "import pynn.models\n"
        "from .. import models\n"
        "from ..models.sequential import Sequential\n"
        "from .layer import Layer\n"
        "if TYPE_CHECKING:\n    from ..demo import Training\n"
        "def late():\n    from pynn.viz import history\n"
    )
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    assert sorted({module[1] for module in imports(source) if module[0] == "pynn"}) == [
        "layers",
        "models",
        "viz",
    ]
    header = tmp_path / "a.h"
    header.write_text('#include <vector>\n  # include "ops/add.h"  // why\n// #include "no.h"\n')
    assert includes(header) == [("vector", False), ("ops/add.h", True)]


# --- Names -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", CPP_SOURCES + PYTHON_SOURCES, ids=identifier)
def test_files_are_named_by_their_noun(path):
    assert path.stem not in {"utils", "util", "common", "helpers", "helper", "misc"}


def test_the_only_folder_of_such_a_name_is_public_in_keras():
    folders = {path.parent for path in CPP_SOURCES + PYTHON_SOURCES}
    vague = {path for path in folders if path.name in {"utils", "common", "helpers", "misc"}}
    assert vague == {ROOT / "pynn" / "utils"}
    # It only names things; what they do stands in files named for it.
    body = ast.parse((ROOT / "pynn" / "utils" / "__init__.py").read_text()).body
    assert {type(node) for node in body} <= {ast.Expr, ast.ImportFrom, ast.Assign}
