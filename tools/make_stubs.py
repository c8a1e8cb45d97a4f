"""Writes pynn/_core.pyi, the stub of the extension, from the extension itself: `python tools/make_stubs.py`.

With --check it writes nothing and fails where the committed stub differs.
"""

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

STUB = Path(__file__).parent.parent / "pynn" / "_core.pyi"

HEADER = '''"""Tensors, operations and the tape of pynn, in C++. Written by tools/make_stubs.py; do not edit."""

import builtins
import collections.abc
import typing

import numpy

ArrayLike: typing.TypeAlias = typing.Any
"""A Tensor, a NumPy array or scalar, a Python number, or nested lists of numbers."""
DtypeLike: typing.TypeAlias = typing.Any
"""A Dtype, its name, a NumPy dtype, or bool, int or float."""

class ShapeError(ValueError): ...
class DtypeError(TypeError): ...
class DeviceError(RuntimeError): ...
class GradientError(RuntimeError): ...

'''

# What pybind11 cannot know, since a C++ function returns it as a Python object.
RETURNS = {
    "numpy": "numpy.ndarray[typing.Any, typing.Any]",
    "_bits": "numpy.ndarray[typing.Any, typing.Any]",
    "_from_bits": "Tensor",
    "__copy__": "Tensor",
    "__deepcopy__": "Tensor",
    "__array__": "numpy.ndarray[typing.Any, typing.Any]",
    "item": "typing.Any",
    "tolist": "typing.Any",
    "__format__": "str",
    "__index__": "int",
    "__iter__": "collections.abc.Iterator[Tensor]",
    "gradients": "list[Tensor | None]",
    "tensor": "Tensor",
    "shape": "tuple[int, ...]",
    "strides": "tuple[int, ...]",
    "__reduce__": "tuple[typing.Any, ...]",
    "isas": "list[str]",
    "_backend": "str | None",
    "_cpu_kernels": "typing.Any",
    "_device_memory": "tuple[int, int, int, int]",
    "_why_no_devices": "str | None",
    "nonzero": "tuple[Tensor, ...]",
    "unstack": "tuple[Tensor, ...]",
    "tape": "list[tuple[int, str, list[int | None], list[tuple[Tensor, int] | None], Tensor]]",
}
LISTS_OF_TENSORS = {"split", "meshgrid", "broadcast_arrays"}


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
        subprocess.run(command, check=True, capture_output=True)
        text = (Path(folder) / "pynn" / "_core.pyi").read_text()
    return formatted(HEADER + edited(text[text.index("class Dtype") :]))


def edited(text: str) -> str:
    """Types that the generator leaves open, and the built-in names that pynn's own hide."""
    # `bool` is a dtype here; the type of a condition is the built-in one.
    text = re.sub(r"(?<=[:>|] )bool\b|(?<=\[)bool\b", "builtins.bool", text)
    text = re.sub(r"\*args(?=[,)])", "*args: typing.Any", text)
    text = re.sub(r"generator: Generator = None", "generator: Generator | None = None", text)
    for name, result in RETURNS.items():
        text = re.sub(rf"(def {name}\(.*\) -> )[^:]+(?=:)", rf"\g<1>{result}", text)
    for name in LISTS_OF_TENSORS:
        text = re.sub(rf"(def {name}\(.*\) -> )[^:]+(?=:)", r"\g<1>list[Tensor]", text)
    # Operators may give NotImplemented to Python, never to a caller.
    text = re.sub(r"(def __\w+__\(self, other: typing\.Any\) -> )typing\.Any", r"\1Tensor", text)
    for name in ("__eq__", "__ne__"):
        text = re.sub(
            rf"(def {name}\(self, other: typing\.Any\) -> Tensor:)", r"\1  # type: ignore[override]", text
        )
    text = re.sub(r"  # value = <.*", "", text)
    text = re.sub(r"\bdict(?=\))", "dict[typing.Any, typing.Any]", text)
    text = re.sub(r": tuple(?=\))", ": tuple[typing.Any, ...]", text)
    text = re.sub(r"\bIterable(?!\[)", "Iterable[typing.Any]", text)
    text = re.sub(r"_(unary|binary)_rows: list.*", r"_\1_rows: list[dict[str, typing.Any]]", text)
    text = text.replace("typing.SupportsInt | typing.SupportsIndex", "int")
    text = text.replace("typing.SupportsFloat | typing.SupportsIndex", "float")
    text = re.sub(r"(?m)^_compiler: str.*$", "_compiler: str", text)
    text = re.sub(r":\n\s+\.\.\.$", ": ...", text, flags=re.MULTILINE)
    return re.sub(r"[ \t]+$", "", text, flags=re.MULTILINE)


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
