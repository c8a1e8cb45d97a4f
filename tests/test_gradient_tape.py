"""GradientTape: what it watches, structures of sources, persistence, nesting, errors."""

from __future__ import annotations

import threading
from collections import namedtuple

import numpy as np
import pytest

import pynn


def constant(value):
    return pynn.asarray(np.asarray(value, np.float64))


def test_variables_are_watched_and_constants_are_not():
    v, c = pynn.Variable([1.0, 2.0]), constant([3.0, 4.0])
    frozen = pynn.Variable([1.0, 1.0], trainable=False)
    with pynn.GradientTape() as tape:
        y = (v * v * c * frozen).sum()
    dv, dc, df = tape.gradient(y, [v, c, frozen])
    assert dv.tolist() == [6.0, 16.0]
    assert (dc, df) == (None, None)
    assert not (v * v).requires_grad  # outside of a tape


def test_watch_makes_a_constant_differentiable():
    x = constant(3.0)
    with pynn.GradientTape() as tape:
        before = x * x
        tape.watch(x)
        after = x * x
    assert tape.gradient(before + after, x).item() == 6.0


def test_watch_takes_lists_and_tuples():
    a, b = constant(2.0), constant(5.0)
    with pynn.GradientTape() as tape:
        tape.watch([a])
        tape.watch((b, b))
        y = a * b
    assert [g.item() for g in tape.gradient(y, [a, b])] == [5.0, 2.0]


def test_watching_what_is_watched_already_changes_nothing():
    x = pynn.tensor(np.array(2.0), requires_grad=True)
    v = pynn.Variable(3.0)
    with pynn.GradientTape() as tape:
        y = x * v
        tape.watch([x, v, y])
        z = y * y
    assert [g.item() for g in tape.gradient(z, [x, v, y])] == [36.0, 24.0, 12.0]


def test_structures_of_sources_come_back_as_they_were():
    a, b, c = (pynn.Variable(float(i)) for i in (1, 2, 3))
    with pynn.GradientTape() as tape:
        y = a * b * b
    found = tape.gradient(y, {"first": a, "rest": [b, (c,)]})
    assert list(found) == ["first", "rest"]
    assert found["first"].item() == 4.0
    assert isinstance(found["rest"], list)
    assert found["rest"][0].item() == 4.0
    assert found["rest"][1] == (None,)
    with pynn.GradientTape() as tape:
        y = a * b
    assert isinstance(tape.gradient(y, (a, b)), tuple)
    with pynn.GradientTape() as tape:
        y = a * b
    assert tape.gradient(y, []) == []
    pair = namedtuple("pair", "first second")
    with pynn.GradientTape() as tape:
        y = a * b
    assert tape.gradient(y, pair(a, b)).first.item() == 2.0


def test_targets_of_several_elements_are_summed_and_lists_added_up():
    v = pynn.Variable([1.0, 2.0])
    with pynn.GradientTape(persistent=True) as tape:
        y = v * v
        z = 3.0 * v.sum()
    assert tape.gradient(y, v).tolist() == [2.0, 4.0]
    assert tape.gradient([y, z], v).tolist() == [5.0, 7.0]
    assert tape.gradient({"y": y, "z": (z,)}, v).tolist() == [5.0, 7.0]
    assert tape.gradient([y, y], [v])[0].tolist() == [4.0, 8.0]
    assert tape.gradient([constant(1.0), z], v).tolist() == [3.0, 3.0]


def test_output_gradients_weigh_the_target():
    v = pynn.Variable([1.0, 2.0])
    with pynn.GradientTape() as tape:
        y = v * v
    assert tape.gradient(y, v, output_gradients=pynn.asarray([10.0, 1.0])).tolist() == [20.0, 4.0]


def test_a_tape_is_used_once_unless_persistent():
    v = pynn.Variable(3.0)
    with pynn.GradientTape() as tape:
        y = v * v
    assert tape.gradient(y, v).item() == 6.0
    with pytest.raises(pynn.GradientError) as e:
        tape.gradient(y, v)
    assert str(e.value) == (
        "GradientTape.gradient was called before; make the tape with persistent=True to call it again"
    )
    with pynn.GradientTape(persistent=True) as tape:
        y = v * v
        z = y * v
    assert tape.gradient(y, v).item() == 6.0
    assert tape.gradient(z, [v, y])[1].item() == 3.0
    assert tape.gradient(z, v).item() == 27.0


def test_nested_tapes_give_higher_derivatives():
    v = pynn.Variable(2.0)
    with pynn.GradientTape() as outer:
        with pynn.GradientTape() as middle:
            with pynn.GradientTape() as inner:
                y = v**4.0
            first = inner.gradient(y, v)
        second = middle.gradient(first, v)
    third = outer.gradient(second, v)
    assert [t.item() for t in (first, second, third)] == pytest.approx([32.0, 48.0, 48.0])
    assert not third.requires_grad


def test_the_gradient_of_an_outermost_tape_is_not_recorded():
    v = pynn.Variable(2.0)
    with pynn.GradientTape() as tape:
        y = v * v
    assert not tape.gradient(y, v).requires_grad


def test_a_gradient_penalty():
    x = pynn.Variable([3.0, 4.0])
    with pynn.GradientTape() as outer:
        with pynn.GradientTape() as inner:
            y = (x * x).sum()
        penalty = pynn.norm(inner.gradient(y, x))
    np.testing.assert_allclose(outer.gradient(penalty, x).numpy(), [1.2, 1.6], rtol=1e-6)


def test_an_error_inside_closes_the_tape():
    v = pynn.Variable(2.0)
    with pytest.raises(ZeroDivisionError), pynn.GradientTape():
        raise ZeroDivisionError
    assert not (v * v).requires_grad


def test_no_grad_inside_a_tape():
    v = pynn.Variable(3.0)
    with pynn.GradientTape() as tape:
        with pynn.no_grad():
            scale = v * 2.0
        y = v * scale
    assert tape.gradient(y, v).item() == 6.0


def test_stop_gradient_inside_a_tape():
    v = pynn.Variable(3.0)
    with pynn.GradientTape() as tape:
        y = v * pynn.stop_gradient(v * v)
    assert tape.gradient(y, v).item() == 9.0


def test_assigning_to_a_variable_between_tapes():
    v = pynn.Variable([1.0, 2.0])
    for expected in ([2.0, 4.0], [6.0, 8.0]):
        with pynn.GradientTape() as tape:
            y = (v * v).sum()
        assert tape.gradient(y, v).tolist() == expected
        v.assign([3.0, 4.0])


def test_a_tape_of_one_thread_records_nothing_in_another():
    v, recorded = pynn.Variable(2.0), []
    with pynn.GradientTape():
        thread = threading.Thread(target=lambda: recorded.append((v * v).requires_grad))
        thread.start()
        thread.join()
        assert (v * v).requires_grad
    assert recorded == [False]


ERRORS = [
    (lambda tape, v: tape.watch(3), TypeError, "GradientTape.watch needs a pynn tensor, got int"),
    (lambda tape, v: tape.watch(np.ones(2)), TypeError, "GradientTape.watch needs a pynn tensor, got ndarray"),
    (lambda tape, v: tape.watch([v, None]), TypeError, "GradientTape.watch needs a pynn tensor, got NoneType"),
    (lambda tape, v: tape.watch(pynn.asarray([1])), pynn.DtypeError,
     "only floating tensors have gradients, this one is int64"),
    (lambda tape, v: tape.gradient(v, 3), TypeError, "GradientTape.gradient needs pynn tensors or variables, got int"),
    (lambda tape, v: tape.gradient(v, [v, None]), TypeError,
     "GradientTape.gradient needs pynn tensors or variables, got NoneType"),
    (lambda tape, v: tape.gradient(1.0, v), TypeError,
     "GradientTape.gradient needs pynn tensors or variables, got float"),
    (lambda tape, v: tape.gradient(v, v, pynn.ones(3)), pynn.ShapeError,
     "gradients: the seed has shape (3,), the target ()"),
    (lambda tape, v: pynn.GradientTape(watch_accessed_variables=False), NotImplementedError,
     "GradientTape(watch_accessed_variables=False) is not supported: set variable.trainable = False instead"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "text"), ERRORS, ids=range(len(ERRORS)))
def test_wrong_arguments(call, error, text):
    v = pynn.Variable(2.0)
    with pynn.GradientTape() as tape, pytest.raises(error) as e:
        call(tape, v)
    assert str(e.value) == text
