"""The benchmarks' own arithmetic, and that every case does the same work in every library. Nothing is timed."""

import dataclasses
import functools
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parent.parent
sys.path.append(str(ROOT))  # benches is a folder of the clone, not an installed package

from benches import collection, libraries, limits, measure, targets  # noqa: E402
from benches.case import Case, WrongResult, check, normal, references  # noqa: E402
from benches.cases import CASES, chosen  # noqa: E402

GB = 1e9
MACHINE = limits.Limits(
    threads=2,
    caches={"L1": 2**15, "L2": 2**20, "L3": 2**25},
    flops={"float32": 400 * GB, "float64": 200 * GB},
    bandwidth={"L1": 200 * GB, "L2": 100 * GB, "L3": 40 * GB, "memory": 10 * GB},
)


def case(**changes):
    blank = Case("add", "element-wise", (7,), normal(2), libraries.named("add"))
    return dataclasses.replace(blank, **changes)


# ---- The cases ---------------------------------------------------------------------------------------------


# Cases that differ only in their size are one case when they are tiny.
DISTINCT = {(id(case.builders), case.tiny().dims, case.dtype): case for case in CASES if not case.reading}
BUILT = [
    pytest.param(case.tiny(), library, id=f"{case.name}-{library}")
    for case in DISTINCT.values()
    for library in case.builders
    if not (case.dtype == "float64" and library == "jax")  # needs a process of its own
]


@functools.cache
def drawn(name):
    return next(case for case in CASES if case.name == name).tiny().drawn()


@pytest.mark.parametrize(("tiny", "library"), BUILT)
@pytest.mark.filterwarnings("ignore")  # the peers' own
def test_a_case_does_the_same_in_every_library(tiny, library, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "jax")  # read at its import
    pytest.importorskip(libraries.module_of(library))
    inputs = drawn(tiny.name)
    check(tiny, library, tiny.builders[library](*inputs), references(tiny, inputs))


def test_names_are_keys():
    names = [case.name for case in CASES]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_stands_beside_numpy(case):
    assert case.reading or {"pynn", "numpy"} <= set(case.builders)
    for target in case.targets:
        peers = getattr(target, "peers", None) or [getattr(target, "peer", "pynn")]
        assert set(peers) <= set(case.builders), target.text
        assert not isinstance(target, targets.OfLimit) or case.flop or case.bytes


def test_tiny_sizes_differ():
    assert case(dims=(4096, 1024, 1)).tiny().dims == (5, 6, 1)


def test_cases_are_chosen_by_group_and_name():
    assert {case.group for case in chosen("^reductions:")} == {"reductions"}
    assert [case.name for case in chosen("epoch of MNIST,")] == [
        "epoch of MNIST, 784-512-10, batch 128, RMSprop"
    ]
    assert 0 < len(chosen(quick=True)) < len(chosen())


def test_a_wrong_result_ends_a_case():
    wrong = case(builders=libraries.named("add", pynn="subtract"))
    result = measure.measure(wrong, ["pynn", "numpy"], measure.Effort(1, 1e-6, 0))
    assert result.error.startswith("add: run 1 of pynn is not NumPy's: Not equal to tolerance")
    assert result.samples == {}


def test_only_the_first_run_of_a_similar_library_is_compared():
    losses, expected = [1.0, 5.0], [np.float64(1), np.float64(2)]
    loose = case(checked=2, similar=frozenset({"torch"}))
    check(loose, "torch", iter(losses).__next__, expected)
    with pytest.raises(WrongResult, match="^add: run 2 of keras is not NumPy's: Not equal to tolerance"):
        check(loose, "keras", iter(losses).__next__, expected)


# ---- Measuring ---------------------------------------------------------------------------------------------


def test_libraries_take_turns():
    calls = []
    runs = {name: lambda name=name: calls.append(name) or np.zeros(1) for name in "ab"}
    samples = measure.take_turns(runs, measure.Effort(3, 1e-9, 0))
    assert {name: len(times) for name, times in samples.items()} == {"a": 3, "b": 3}
    assert "".join(calls).endswith("ababab")


def test_a_warm_up_lasts_until_runs_take_as_long_as_usual(monkeypatch):
    calls, clock = [], [0.0]
    monkeypatch.setattr(measure.time, "perf_counter", lambda: clock[0])

    def run():
        calls.append(len(calls))
        clock[0] += 5 if len(calls) < 4 else 1

    measure.warm_up(run, 4, usual=1)
    assert len(calls) == 4  # three that are too slow, and the first that is not
    measure.warm_up(run, 4, usual=0.1)
    assert len(calls) == 44  # ten times as long at most
    measure.warm_up(run, 4)
    assert len(calls) == 48
    measure.warm_up(run, 0)
    assert len(calls) == 48


def test_medians():
    assert measure.medians({"a": [3.0, 1.0, 2.0], "b": [4.0, 1.0]}) == {"a": 2.0, "b": 2.5}


def test_readings_are_what_the_runs_return():
    assert measure.read({"a": lambda: 7}, 2) == {"a": [7.0, 7.0]}


# ---- Limits ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moved", "level"),
    [
        (2**16, "L1"),
        (2**16 + 2, "L2"),
        (2**21, "L2"),
        (2**21 + 2, "L3"),
        (2**25, "L3"),
        (2**25 + 1, "memory"),
    ],
)
def test_where_data_stay(moved, level):
    assert MACHINE.level(moved) == level


def test_the_longer_of_arithmetic_and_memory_is_the_limit():
    assert MACHINE.seconds(4e9, 0, "float32") == pytest.approx(0.01)
    assert MACHINE.seconds(4e9, 0, "float64") == pytest.approx(0.02)
    assert MACHINE.seconds(4e9, 1e9, "float32") == pytest.approx(0.1)


def test_fraction_of_the_limit():
    assert MACHINE.fraction(case(flop=4e9), 0.02) == pytest.approx(0.5)
    assert MACHINE.fraction(case(), 0.02) is None


def test_the_operations_of_a_training_step():
    step = next(case for case in CASES if case.name.startswith("step 784-512-10"))
    assert step.flop == 2 * 128 * (784 * 512 * 2 + 512 * 10 * 3)


def test_the_peak_kernels_do_what_they_say():
    import pynn

    done = pynn._core._fma(10, "float32")
    assert done == 2 * pynn._core._fma(10, "float64") == pynn._core._fma(20, "float32") / 2 > 0
    x, y = pynn.arange(1001.0), pynn.zeros(1001)
    pynn._core._copy(x, y, 3)
    np.testing.assert_array_equal(y, x)


def test_the_peak_kernels_refuse():
    import pynn

    with pytest.raises(pynn.DtypeError, match="^_fma is not defined for int64$"):
        pynn._core._fma(1, "int64")
    with pytest.raises(ValueError, match="^_copy: needs two contiguous tensors of one size and dtype$"):
        pynn._core._copy(pynn.zeros(3), pynn.zeros(4), 1)


def test_cache_sizes_are_read(tmp_path):
    for i, (level, kind, size) in enumerate(
        [(1, "Data", "48K"), (1, "Instruction", "64K"), (3, "Unified", "30M")]
    ):
        folder = tmp_path / f"index{i}"
        folder.mkdir()
        for name, value in (("level", level), ("type", kind), ("size", size)):
            (folder / name).write_text(f"{value}\n")
    assert limits.cache_sizes(tmp_path) == {"L1": 48 * 2**10, "L2": 2**20, "L3": 30 * 2**20}


def test_buffers_fit_their_level():
    sizes = limits.buffer_sizes(MACHINE.caches, threads=2)
    assert {name: MACHINE.level(2 * size) for name, size in sizes.items()} == {name: name for name in sizes}


# ---- Equal conditions --------------------------------------------------------------------------------------


def test_the_environment_limits_threads():
    environment = libraries.environment(2, "float64")
    assert {environment[f"{name}_NUM_THREADS"] for name in ("OMP", "OPENBLAS", "MKL")} == {"2"}
    assert environment["JAX_ENABLE_X64"] == "1"
    assert libraries.environment(1, "float32")["JAX_ENABLE_X64"] == "0"


def test_a_library_of_another_way_to_use_it():
    assert libraries.module_of("pynn model(x)") == "pynn"


def test_cases_of_equal_conditions_share_a_process():
    cases = [case(), case(threads=1), case(threads=4), case(dtype="float64")]
    assert [(key, len(found)) for key, found in collection.by_conditions(cases, 2).items()] == [
        ((2, "float32"), 2),
        ((1, "float32"), 1),
        ((2, "float64"), 1),
    ]
