"""Checks what a wheel holds before anyone installs it: python tools/check_wheel.py FILE.whl"""

from __future__ import annotations

import fnmatch
import sys
import zipfile
from pathlib import Path

MOST_BYTES = 15_000_000
NEEDED = (
    "pynn/__init__.py",
    "pynn/py.typed",
    "pynn/datasets/MNIST_LICENSE",
    "pynn/datasets/mnist_files/*.xz",
)


def faults(wheel: Path) -> list[str]:
    """What is wrong with the wheel, one sentence each."""
    names = zipfile.ZipFile(wheel).namelist()
    extensions = [name for name in names if name.endswith((".so", ".pyd", ".dylib"))]
    found = []
    if wheel.stat().st_size > MOST_BYTES:
        found.append(f"it has {wheel.stat().st_size:,} bytes, at most {MOST_BYTES:,} are allowed")
    if len(extensions) != 1 or not fnmatch.fnmatch(extensions[0], "pynn/_core*.so"):
        found.append(f"it must hold one extension pynn/_core*.so, it holds {extensions}")
    found += [f"it lacks {pattern}" for pattern in NEEDED if not fnmatch.filter(names, pattern)]
    foreign = sorted({name.split("/")[0] for name in names} - {"pynn"})
    found += [f"it holds {name}" for name in foreign if not name.endswith(".dist-info")]
    return found


if __name__ == "__main__":
    path = Path(sys.argv[1])
    print(f"{path.name}: {path.stat().st_size:,} bytes")
    sys.exit("\n".join(faults(path)) or None)
