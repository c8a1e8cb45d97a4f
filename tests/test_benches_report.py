"""What the benchmarks' report makes of measurements: targets, tables, the figure."""

import dataclasses
import sys
from pathlib import Path

import pytest

sys.path.append(
    str(Path(__file__).parent.parent)
)  # benches is a folder of the clone, not an installed package

from benches import figure, libraries, limits, measure, report, table, targets
from benches.case import Case, normal

GB = 1e9
MACHINE = limits.Limits(
    threads=2,
    caches={"L1": 2**15, "L2": 2**20, "L3": 2**25},
    flops={"float32": 400 * GB, "float64": 200 * GB},
    bandwidth={"L1": 200 * GB, "L2": 100 * GB, "L3": 40 * GB, "memory": 10 * GB},
)
ADD = Case("add", "element-wise", (7,), normal(2), libraries.named("add"))


@pytest.mark.parametrize(
    ("target", "text", "met"),
    [
        (targets.at_most(1.0, "numpy"), "<= 1 x numpy", True),
        (targets.at_most(0.5, "numpy", "torch"), "<= 0.5 x best of numpy, torch", False),
        (targets.at_most(0.5, "numpy", "keras"), "<= 0.5 x best of numpy, keras", None),
        (targets.Within(2e-6), "<= 2 us", True),
        (targets.Within(1e-7), "<= 0.1 us", False),
        (targets.Over(0.1, "numpy"), "<= 0.1 s over numpy", True),
        (targets.Over(0.1, "keras"), "<= 0.1 s over keras", None),
        (targets.OfLimit(0.8), ">= 80% of the limit", True),
        (targets.WhenBusy(3), "<= 3 x its quiet time when busy", False),
    ],
)
def test_targets(target, text, met):
    medians = {"pynn": 1e-6, "numpy": 2e-6, "torch": 1.5e-6}
    assert target.text == text
    assert target.met(medians, 0.8, busy=4e-6) is met


def row(medians=None, busy=None, error="", **changes):
    goals = (targets.at_most(1.0, "numpy"), targets.WhenBusy(3))
    medians = {"pynn": 2e-6, "numpy": 4e-6} if medians is None else medians
    return table.Row(dataclasses.replace(ADD, targets=goals, **changes), medians, busy or {}, 0.5, error)


def test_a_row_is_made_of_medians():
    samples = {"pynn": [1e-3, 2e-3, 9e-3], "numpy": [4e-3]}
    made = table.row(dataclasses.replace(ADD, bytes=1e8), measure.Result("add", samples), MACHINE)
    assert made.medians == {"pynn": 2e-3, "numpy": 4e-3}
    assert made.ratios == {"numpy": 0.5}
    assert made.fraction == pytest.approx(5.0)


def test_cells():
    line = ["add", "2.00 us", "4.00 us (0.50)", "", "50%", "yes: <= 1 x numpy"]
    assert table.cells(row(), ["numpy", "torch"]) == line
    assert len(table.heading(["numpy", "torch"])) == len(line)


def test_cells_of_a_busy_machine_and_of_a_wrong_result():
    busy = row(busy={"pynn": 8e-6})
    assert table.cells(busy, [])[-1] == "yes: <= 1 x numpy; NO: <= 3 x its quiet time when busy"
    assert table.busy_cells(busy, ["pynn", "numpy"]) == ["add", "8.00 us (4.0)", ""]
    assert table.cells(row(medians={}, error="torch is wrong"), ["numpy"]) == [
        "add",
        "wrong",
        "",
        "",
        "torch is wrong",
    ]


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (1.5, "s", "1.50 s"),
        (0.0123, "s", "12.3 ms"),
        (4.56e-6, "s", "4.56 us"),
        (123e-6, "s", "123 us"),
        (2.5e-7, "s", "250 ns"),
        (87.6, "MB", "87.6 MB"),
        (1234.5, "MB", "1234 MB"),
    ],
)
def test_amounts(value, unit, text):
    assert table.amount(value, unit) == text


def test_layout():
    lines = [["", "b"], ["a", "12"], ["long", "3"]]
    assert table.plain(lines) == "      b\na     12\nlong  3"
    assert table.markdown(lines) == "|  | b |\n| --- | --- |\n| a | 12 |\n| long | 3 |"


def test_summary():
    assert table.summary([row()]) == "1 of 1 targets met"
    missed = row(medians={"pynn": 5e-6, "numpy": 4e-6})
    assert table.summary([row(), missed]) == "1 of 2 targets met, not these:\n  add: <= 1 x numpy"


def test_the_report_from_what_was_measured():
    data = {
        "machine": "a machine",
        "threads": 2,
        "versions": {"pynn": "1", "numpy": "2"},
        "limits": {"2": dataclasses.asdict(MACHINE)},
        "isa": "avx2",
        "peaks": {"2": {"avx2": MACHINE.flops}},
        "results": [
            {"name": "add 1e3", "samples": {"pynn": [1e-6], "numpy": [2e-6]}, "busy": {}, "error": ""}
        ],
    }
    text = report.text(data)
    assert "a machine, 2 threads, avx2. pynn 1, numpy 2." in text
    assert "- multiply-adds, avx2, 2 threads: float32 400 GFLOP/s, float64 200 GFLOP/s" in text
    assert "add 1e3  1.00 us  2.00 us (0.50)" in text
    assert text.endswith("1 of 1 targets met")
    assert "### Element-wise" in report.as_markdown(data)


def test_the_table_goes_between_its_marks(tmp_path):
    path = tmp_path / "page.md"
    path.write_text(f"a\n{report.BEGIN}\nold\n{report.END}\nb\n")
    report.replace_between_marks(path, "new")
    assert path.read_text() == f"a\n{report.BEGIN}\n\nnew\n\n{report.END}\nb\n"
    path.write_text("nothing")
    with pytest.raises(ValueError, match="has no lines"):
        report.replace_between_marks(path, "new")


@pytest.mark.parametrize("kind", ["svg", "png"])
def test_the_figure_is_drawn(tmp_path, kind):
    pytest.importorskip("matplotlib")
    path = tmp_path / f"ratios.{kind}"
    figure.draw([row(quick=True), row(medians={"pynn": 1.0, "torch": 3.0, "jax": 2.0}, quick=True)], path)
    assert path.stat().st_size > 1000


def test_the_figure_shows_quick_cases_that_have_a_ratio():
    shown = row(quick=True)
    hidden = [row(), row(quick=True, reading=True), row(quick=True, medians={"pynn": 1.0, "keras": 2.0})]
    assert figure.comparable([*hidden, shown]) == [shown]
