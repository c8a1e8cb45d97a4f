"""Mistakes that users of other libraries make, and every word that pynn says of them.

The table is tests/mistakes/*.txt, as a Python session shows it: a paragraph is one mistake, the line after it begins
with the exception's class. What follows a message shows that the failed call changed nothing.
"""

import contextlib
import io
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

import pynn
from pynn import layers, naming

FOLDER = Path(__file__).parent / "mistakes"


class Mistake(NamedTuple):
    """A paragraph of the table: pairs of a statement and all that is shown after it."""

    place: str
    steps: list[tuple[str, str]]


def paragraphs(path):
    steps = []
    for number, line in enumerate([*path.read_text().splitlines(), ""], 1):
        if line.startswith(">>> "):
            steps.append(([line[4:]], []))
        elif line.startswith("... "):
            steps[-1][0].append(line[4:])
        elif line and not line.startswith("#"):
            steps[-1][1].append(line)
        elif not line and steps:
            yield Mistake(
                f"{path.stem}:{number - 1}", [("\n".join(code), "\n".join(shown)) for code, shown in steps]
            )
            steps = []


MISTAKES = [mistake for path in sorted(FOLDER.glob("*.txt")) for mistake in paragraphs(path)]


def shown(statement, names):
    """What a session prints after a statement, and whether that is an error."""
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            exec(compile(statement + "\n", "<session>", "single"), names)
    except Exception as error:
        return f"{type(error).__name__}: {error}", True
    return printed.getvalue().rstrip("\n"), False


@pytest.mark.parametrize("mistake", MISTAKES, ids=[mistake.place for mistake in MISTAKES])
def test_a_mistake_is_explained(mistake, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # nothing is found, and nothing is left behind
    naming.reset_names()
    names = {"__name__": "session", "pynn": pynn, "np": np, "layers": layers}
    errors = 0
    for statement, expected in mistake.steps:
        text, failed = shown(statement, names)
        assert text == expected, statement
        if failed:
            errors += 1
            assert len(text.splitlines()) <= 6, "longer than anyone reads"
            assert "pybind11" not in text
            assert "_core" not in text
    assert errors > 0
    assert list(tmp_path.iterdir()) == []


def test_the_table_is_as_large_as_it_claims():
    assert len(MISTAKES) >= 120
    assert len({mistake.steps[-1] for mistake in MISTAKES}) >= 120


# ---- Mistakes that are none here -----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["mean_squared_error", "mean_absolute_error", "huber", "log_cosh"])
def test_a_row_of_targets_and_a_column_of_predictions_make_no_table(name):
    """(n,) minus (n, 1) would be (n, n), and its mean a number that looks like a loss."""
    y, column = pynn.asarray([0.0, 1.0, 2.0, 5.0]), pynn.asarray([[0.5], [1.0], [1.0], [1.0]])
    loss = getattr(pynn.losses, name)
    expected = loss(y, column[:, 0])
    assert expected.shape == ()  # one sample of four values
    assert float(pynn.mean(loss(y, column))) == pytest.approx(float(expected))
    assert float(pynn.losses.LossFunctionWrapper(loss)(y, column)) == pytest.approx(float(expected))


def test_a_loss_of_ones_own_gets_targets_of_the_shape_of_predictions():
    shapes = []

    def own(y_true, y_pred):
        shapes.append((y_true.shape, y_pred.shape))
        return pynn.mean(pynn.square(y_true - y_pred), axis=-1)

    model = pynn.Sequential([pynn.Input((2,)), layers.Dense(1)])
    model.compile("sgd", own)
    model.fit(pynn.zeros((4, 2)), pynn.ones(4), verbose=0)
    assert set(shapes) == {((4, 1), (4, 1))}


def test_metrics_compare_a_row_and_a_column_value_by_value():
    metric = pynn.metrics.MeanAbsoluteError()
    metric.update_state(pynn.asarray([0.0, 10.0]), pynn.asarray([[0.0], [10.0]]))
    assert float(metric.result()) == 0


def test_a_second_backward_adds_to_the_gradient():
    w = pynn.tensor([1.0, 2.0], requires_grad=True)
    loss = (w * w).sum()
    loss.backward()
    loss.backward()
    np.testing.assert_array_equal(w.grad, [4, 8])
