"""What the README shows is what happens."""

import re
from pathlib import Path

import pytest

README = (Path(__file__).parent.parent / "README.md").read_text()

CODE = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def test_the_network_in_twelve_lines_learns(capsys):
    code = CODE[0]
    assert len(code.splitlines()) == 12
    assert "epochs=5" in code
    exec(compile(code.replace("epochs=5", "epochs=1"), "README.md", "exec"), {})
    last_line = capsys.readouterr().out.splitlines()[-1]
    assert 0.95 <= float(re.fullmatch(r"test accuracy (0\.\d{4})", last_line)[1]) < 1


def test_the_files_are_written_and_read(tmp_path, monkeypatch):
    pytest.importorskip("h5py")
    import pynn

    monkeypatch.chdir(tmp_path)
    model = pynn.Sequential([pynn.layers.Input((3,)), pynn.layers.Dense(2)])
    (code,) = [block for block in CODE if "load_model" in block]
    names = {"pynn": pynn, "model": model}
    exec(compile(code, "README.md", "exec"), names)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["net.keras", "net.weights.h5"]
    assert (names["again"].get_weights()[0] == model.get_weights()[0]).all()


@pytest.mark.parametrize(
    ("words", "command"),
    [
        ("-m pynn mnist", "pip install . && python -m pynn mnist"),
        ("-m pytest", "pip install '.[test]' && python -m pytest -n auto --dist loadfile"),
    ],
)
def test_ci_finds_the_two_commands(words, command):
    """`.ci/run` takes the first line with these words."""
    assert next(line for line in README.splitlines() if words in line) == command
