"""The examples of the course run, print what they should and draw something; the notebooks are the same code."""

import contextlib
import functools
import io
import json
import os
import re
import runpy
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

pyplot = pytest.importorskip("matplotlib.pyplot")

ROOT = Path(__file__).parent.parent
SCRIPTS = sorted((ROOT / "examples").glob("*.py"))
QUICK = {"EPOCHS": "1", "IMAGES": "1500"}  # less training than a class would wait for


class Run(NamedTuple):
    """What a script left: its variables, what it printed, its folder."""

    variables: dict[str, Any]
    output: str
    folder: Path


def run(script, folder, *arguments):
    """Runs a script in a folder, after a short training, without a display."""
    printed = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(printed):
        for name, value in QUICK.items():
            patch.setenv(name, value)
        patch.chdir(folder)
        patch.setattr(sys, "argv", [str(script), *map(str, arguments)])
        pyplot.switch_backend("agg")
        variables = runpy.run_path(str(script), run_name="__main__")
        pyplot.close("all")
    return Run(variables, printed.getvalue(), folder)


@pytest.fixture(scope="module")
def example(tmp_path_factory):
    """Runs a script, once for all tests that ask for it."""

    @functools.cache
    def example(name):
        (script,) = (path for path in SCRIPTS if path.stem == name)
        return run(script, tmp_path_factory.mktemp(name))

    return example


def assert_shows_something(path):
    if path.suffix == ".svg":
        assert len(list(ElementTree.parse(path).iter("{http://www.w3.org/2000/svg}text"))) > 3
        return
    pixels = pyplot.imread(path)[:, :, :3]
    assert min(pixels.shape[:2]) >= 100
    # Ink in every quarter: a plot that is missing leaves one white.
    for half in np.array_split(pixels, 2, axis=0):
        for quarter in np.array_split(half, 2, axis=1):
            assert 0.003 < (quarter < 0.9).any(axis=2).mean() < 0.995


@pytest.mark.parametrize("name", [path.stem for path in SCRIPTS])
def test_an_example_runs_and_draws(name, example):
    pictures = list(example(name).folder.iterdir())
    suffix = ".svg" if name == "12_chain_rule" else ".png"
    assert name[3:] + suffix in {path.name for path in pictures}
    for picture in pictures:
        assert_shows_something(picture)


@pytest.mark.parametrize("name", ["01_neuron.png", "12_chain_rule.svg"])
def test_the_picture_goes_where_one_says(name, tmp_path):
    run(ROOT / "examples" / f"{name[:-4]}.py", tmp_path, f"there{name[-4:]}")
    assert [path.name for path in tmp_path.iterdir()] == [f"there{name[-4:]}"]


# --- What they print ---------------------------------------------------------------------------------


def test_least_squares_gives_the_numbers_of_the_course(example):
    numbers = re.findall(r"(0\.\d+) kWh", example("03_least_squares").output)
    assert numbers == ["0.50488", "0.50474", "0.505"]


def test_the_perceptron_ends_without_mistakes(example):
    mistakes = example("02_perceptron").variables["mistakes"]
    assert mistakes[0] > 0
    assert mistakes[-1] == 0


def test_nudging_finds_the_gradient_and_trains(example):
    found = example("04_naive_optimization").variables
    assert found["difference"] < 0.01
    assert found["losses"][-1] < 0.1 * found["losses"][0]


def test_smaller_batches_make_more_steps_to_the_same_place(example):
    paths = example("05_batches").variables["paths"]
    assert [len(path) - 1 for path in paths.values()] == [2000, 100, 10]
    for path in list(paths.values())[
        :2
    ]:  # around the end, since one sample pulls this way, the next one that
        np.testing.assert_allclose(path[-len(path) // 4 :].mean(axis=0), [1.5, 0.5], atol=0.15)


def test_plain_descent_stays_in_the_local_minimum_and_momentum_does_not(example):
    ends = {name: path[-1] for name, path in example("06_optimizers").variables["paths"].items()}
    assert ends["SGD"][0] < 0
    assert ends["SGD with momentum"][0] > 0


def test_layers_without_activation_are_one(example):
    found = example("11_activation").variables
    assert found["difference"] < 1e-5 * max(1, np.abs(found["one_layer"].numpy()).max())


def test_the_chain_rule_by_hand_is_the_gradient(example):
    by_hand, by_pynn = example("12_chain_rule").output.splitlines()
    assert (
        by_hand.split(":")[1].strip() == by_pynn.split(":")[1].strip() == "dloss/dw = -12.0, dloss/db = -4.0"
    )


def test_softmax_regression_learns_digits(example):
    assert float(example("13_softmax_regression").output.split()[-1]) > 0.88


def test_the_convolutional_network_draws_its_filters_too(example):
    folder = example("15_convolution").folder
    assert sorted(path.name for path in folder.iterdir()) == ["convolution.png", "filters.png"]


# --- Notebooks ---------------------------------------------------------------------------------------


def notebooks_tool():
    return runpy.run_path(str(ROOT / "tools" / "make_notebooks.py"))


def test_the_notebooks_are_the_scripts():
    make = notebooks_tool()["notebook"]
    for script in SCRIPTS:
        assert script.with_suffix(".ipynb").read_text(encoding="utf-8") == make(
            script.read_text(encoding="utf-8")
        )
    assert {path.stem for path in (ROOT / "examples").glob("*.ipynb")} == {path.stem for path in SCRIPTS}


def test_a_notebook_shows_what_a_script_saves():
    script = (
        "# %% [markdown]\n# # Title\n# text\n\n# %%\nimport sys\n\nimport pynn\n\n"
        "# %%\nplt.savefig(sys.argv[1])\n\n# %%\ndrawing.save(sys.argv[1])\n"
    )
    cells = json.loads(notebooks_tool()["notebook"](script))["cells"]
    assert ["".join(cell["source"]) for cell in cells] == [
        "# Title\ntext",
        "import pynn",
        "plt.show()",
        "drawing",
    ]
    assert [cell["cell_type"] for cell in cells] == ["markdown", "code", "code", "code"]
    assert all(cell["outputs"] == [] for cell in cells[1:])


def test_a_script_must_begin_with_a_cell():
    with pytest.raises(
        ValueError, match=re.escape("a script begins with a line '# %%' or '# %% [markdown]'")
    ):
        notebooks_tool()["notebook"]("import pynn\n")


# One kernel for all, since starting one takes longer than a notebook does. Each begins without a name, as in its own.
EXECUTE = """
import json, sys, nbformat
from nbclient import NotebookClient
from nbclient.util import run_sync
manager, results = None, {}
for path in sys.argv[1:]:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    notebook.cells.insert(0, nbformat.v4.new_code_cell("%reset -f"))
    client = NotebookClient(notebook, timeout=120, km=manager)
    manager = manager or client.create_kernel_manager()
    try:
        client.execute(cleanup_kc=False)
        outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
        results[path] = "", sorted({kind for output in outputs for kind in output.get("data", ())})
    except Exception as error:
        results[path] = str(error), []
run_sync(manager.shutdown_kernel)(now=True)
print(json.dumps(results))
"""


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """For every notebook the error that ended it and the kinds of what it showed."""
    for package in ("nbclient", "ipykernel"):
        pytest.importorskip(package)
    notebooks = [str(path.with_suffix(".ipynb")) for path in SCRIPTS]
    command = [sys.executable, "-W", "ignore", "-c", EXECUTE, *notebooks]
    environment = {**os.environ, **QUICK, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    environment.pop("MPLBACKEND", None)
    folder = tmp_path_factory.mktemp("notebooks")
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder, env=environment)
    assert done.returncode == 0, done.stderr
    return {Path(path).stem: result for path, result in json.loads(done.stdout).items()}


@pytest.mark.parametrize("name", [path.stem for path in SCRIPTS])
def test_a_notebook_executes_and_shows_pictures(name, executed):
    error, kinds = executed[name]
    assert not error, error
    assert ("image/svg+xml" if name == "12_chain_rule" else "image/png") in kinds


def test_the_index_names_every_example():
    index = (ROOT / "examples" / "README.md").read_text()
    assert re.findall(r"\(([^)]+)\.py\)", index) == [path.stem for path in SCRIPTS]
