"""What `import pynn` gives: lazily imported parts are there like all others."""

from __future__ import annotations

import subprocess
import sys

import pytest

import pynn

LAZY = (
    "applications", "backend", "compat", "data", "datasets", "fft", "linalg", "mixed_precision", "ops", "preprocessing",
    "saving", "testing", "tree", "utils", "viz",
)  # fmt: skip


def run(code: str) -> str:
    """Output of a program in a process of its own, in which nothing is imported yet."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("name", LAZY)
def test_a_lazy_part_is_listed_and_found(name):
    assert name in dir(pynn)
    assert getattr(pynn, name).__name__ == f"pynn.{name}"


def test_lazy_parts_are_imported_at_first_use():
    code = f"import sys, pynn; print([name for name in {LAZY} if 'pynn.' + name in sys.modules]); pynn.viz; "
    assert run(code + "print('pynn.viz' in sys.modules)") == "[]\nTrue\n"


def test_import_brings_nothing_that_only_some_programs_need():
    heavy = "matplotlib safetensors hashlib difflib shutil lzma"
    code = "import sys, numpy; before = set(sys.modules); import pynn; print(*(set(sys.modules) - before))"
    assert not set(run(code).split()) & set(heavy.split())


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(
        AttributeError, match=r"^module 'pynn' has no attribute 'optimisers'; did you mean 'optimizers'\?$"
    ):
        pynn.optimisers  # noqa: B018
