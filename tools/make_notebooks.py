"""Writes examples/*.ipynb, the scripts of that folder as notebooks: `python tools/make_notebooks.py`.

A script is a row of cells, each below a line `# %%` or, with text in comments, `# %% [markdown]`. In a notebook a
picture is shown rather than saved. With --check it writes nothing and fails where a committed notebook differs.
"""

import argparse
import json
import re
import sys
from pathlib import Path

EXAMPLES = Path(__file__).parent.parent / "examples"

_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def notebook(script: str) -> str:
    """The text of the notebook that a script makes, without outputs.

    Raises:
        ValueError: the script does not begin with a cell.
    """
    before, *parts = re.split(r"^# %%(.*)\n", script, flags=re.MULTILINE)
    if before.strip() or not parts:
        raise ValueError("a script begins with a line '# %%' or '# %% [markdown]'")
    cells = []
    for kind, body in zip(parts[::2], parts[1::2], strict=True):
        is_text = kind.strip() == "[markdown]"
        source = _text(body) if is_text else _shown(body)
        cell = {
            "cell_type": "markdown" if is_text else "code",
            "id": f"cell-{len(cells) + 1}",
            "metadata": {},
        }
        if not is_text:
            cell |= {"execution_count": None, "outputs": []}
        cells.append({**cell, "source": source.splitlines(keepends=True)})
    content = {"cells": cells, "metadata": _METADATA, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _text(body: str) -> str:
    return re.sub(r"^# ?", "", body.strip("\n"), flags=re.MULTILINE)


def _shown(body: str) -> str:
    """Code that shows its picture; the name of the file, and `sys` that gives it, are not needed."""
    body = re.sub(r"^import sys\n(\n(?=import |from ))?", "", body, flags=re.MULTILINE)
    body = re.sub(r"^plt\.savefig\(.*\)$", "plt.show()", body, flags=re.MULTILINE)
    return re.sub(r"^(\w+)\.save\(.*\)$", r"\1", body, flags=re.MULTILINE).strip("\n")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail where a committed notebook differs")
    check = parser.parse_args().check
    stale = []
    for script in sorted(EXAMPLES.glob("*.py")):
        path = script.with_suffix(".ipynb")
        text = notebook(script.read_text(encoding="utf-8"))
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(path.name)
        if not check:
            path.write_text(text, encoding="utf-8")
    if check and stale:
        print(f"out of date: {', '.join(stale)}; run: python tools/make_notebooks.py", file=sys.stderr)
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
