"""The committed stub says what the extension has; the tool that writes it refuses what has no type."""

import importlib.util
import sys
from pathlib import Path

import pytest

TOOL = Path(__file__).parent.parent / "tools" / "make_stubs.py"


@pytest.fixture(scope="module")
def tool():
    specification = importlib.util.spec_from_file_location("make_stubs", TOOL)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_the_stub_is_up_to_date(tool, tmp_path, monkeypatch, capsys):
    """And a stub that is not fails, which the same text with one line less shows."""
    for package in ("pybind11_stubgen", "ruff"):
        pytest.importorskip(package)
    text = tool.generated()
    assert tool.STUB.read_text() == text, "run: python tools/make_stubs.py"
    old = tmp_path / "_core.pyi"
    old.write_text(text.replace("def add(", "def plus("))
    monkeypatch.setattr(tool, "STUB", old)
    monkeypatch.setattr(tool, "generated", lambda: text)
    monkeypatch.setattr(sys, "argv", ["make_stubs.py", "--check"])
    assert tool.main() == 1
    assert "out of date" in capsys.readouterr().err
    monkeypatch.setattr(sys, "argv", ["make_stubs.py"])
    assert tool.main() == 0
    assert old.read_text() == text


OPEN = '''
class Tensor:
    """A tensor."""
    def size(self) -> int:
        """How many."""
    def fold(self, how: typing.Any, n: int = 1) -> Tensor:
        """Nobody says how."""
    def __add__(self, other: typing.Any) -> typing.Any: ...
def bare(x: ArrayLike, y) -> Tensor:
    """A parameter without any type."""
def many(*args) -> list:
    """A list of what?"""
def silent(x: ArrayLike) -> Tensor: ...
'''


def test_what_has_no_type_is_named(tool):
    with pytest.raises(SystemExit) as caught:
        tool.edited(OPEN)
    assert str(caught.value).split("\n")[1:] == [
        "  Tensor.fold.how: a type better than 'typing.Any', in PARAMETERS",
        "  bare.y: a type better than 'typing.Any', in PARAMETERS",
        "  many.args: a type better than 'typing.Any', in PARAMETERS",
        "  many: a type better than 'list', in RETURNS",
        "  silent: a docstring",
    ]
