"""einsum against np.einsum, on subscripts that hypothesis draws, and on the corners by hand; gradients; errors."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pynn
from pynn.testing import check_grad


def draw(shape, dtype="float64", seed=0):
    return np.asarray(np.random.default_rng((seed, *shape)).standard_normal(shape), dtype)


def assert_as_numpy(subscripts, *operands):
    got, expected = pynn.einsum(subscripts, *operands), np.einsum(subscripts, *operands)
    assert got.shape == expected.shape, subscripts
    assert got.dtype == str(expected.dtype), subscripts
    np.testing.assert_allclose(got.numpy(), expected, rtol=1e-10, atol=1e-11, err_msg=subscripts)


@st.composite
def einsums(draw):
    """(subscripts, shapes): one to four terms, repeated letters, ellipses with axes of 1, explicit output or not."""
    sizes = {c: draw(st.integers(0, 3)) for c in "aBcde"}
    hidden = draw(st.lists(st.integers(1, 3), max_size=2))  # what the ellipsis stands for, at its longest
    terms, shapes, dots = [], [], False
    for _ in range(draw(st.integers(1, 4))):
        letters = "".join(draw(st.lists(st.sampled_from("aBcde"), max_size=3)))
        at = draw(st.integers(0, len(letters)))
        before, after = letters[:at], letters[at:]
        has_dots = draw(st.booleans())
        middle = []
        if has_dots:
            dots = True
            kept = draw(st.integers(0, len(hidden)))
            middle = [draw(st.sampled_from([1, n])) for n in hidden[len(hidden) - kept :]]
        terms.append(before + ("..." if has_dots else "") + after)
        shapes.append((*(sizes[c] for c in before), *middle, *(sizes[c] for c in after)))
    subscripts = ",".join(terms)
    if draw(st.booleans()):
        known = sorted(set(subscripts) - set(",."))
        output = draw(st.permutations(known))[: draw(st.integers(0, len(known)))] if known else []
        at = draw(st.integers(0, len(output)))
        subscripts += "->" + "".join(output[:at]) + ("..." if dots else "") + "".join(output[at:])
    return subscripts, shapes


@settings(deadline=None, max_examples=250, derandomize=True)
@given(einsums(), st.sampled_from(["float64", "int64"]), st.booleans())
def test_any_subscripts_give_what_numpy_gives(case, dtype, reverse):
    subscripts, shapes = case
    operands = [np.asarray(np.rint(3 * draw(s, seed=i)), dtype) for i, s in enumerate(shapes)]
    if reverse:
        operands = [np.asfortranarray(x)[..., ::-1] if x.ndim else x for x in operands]
    assert_as_numpy(subscripts, *operands)


BY_HAND = [
    ("ij,jk->ik", (2, 3), (3, 4)),
    ("ij,jk", (2, 3), (3, 4)),
    ("ba,b", (2, 3), (2,)),
    ("ij->ji", (2, 3)),
    ("ij->", (2, 3)),
    ("ii", (3, 3)),
    ("ii->i", (3, 3)),
    ("iij->ji", (3, 3, 2)),
    ("iii->i", (3, 3, 3)),
    ("ijij->ij", (2, 3, 2, 3)),
    ("i,i", (3,), (3,)),
    ("i,j->ij", (3,), (2,)),
    (",", (), ()),
    ("->", ()),
    (" b i j , b j k -> b i k ", (2, 3, 4), (2, 4, 5)),
    ("...ij,...jk->...ik", (5, 1, 2, 3), (4, 3, 2)),
    ("i...,i...->...", (2, 3, 1), (2, 1, 4)),
    ("...,...", (2, 3), (3,)),
    ("...->...", (2, 3)),
    ("a...b->b...a", (2, 3, 4)),
    ("bhqd,bhkd->bhqk", (2, 2, 3, 4), (2, 2, 5, 4)),
    ("ij,jk,kl->il", (2, 3), (3, 4), (4, 5)),
    ("ij,ij,ij->j", (2, 3), (2, 3), (2, 3)),
    ("a,b,c,d->dcba", (2,), (3,), (4,), (5,)),
    ("ij,jk->ik", (0, 3), (3, 4)),
    ("ij,jk->ik", (2, 0), (0, 4)),
    ("ij,jk->", (2, 0), (0, 4)),
    ("Aa,aA->A", (2, 3), (3, 2)),
]


@pytest.mark.parametrize("case", BY_HAND, ids=[c[0] for c in BY_HAND])
def test_the_corners(case, isa):
    subscripts, *shapes = case
    assert_as_numpy(subscripts, *(draw(s, seed=i) for i, s in enumerate(shapes)))


@pytest.mark.parametrize("dtype", ["int8", "int32", "uint8", "int64", "float32"])
def test_the_type_of_the_operands_stays(dtype):
    a = np.arange(6).reshape(2, 3).astype(dtype)
    for subscripts in ("ij->i", "ij->", "ij->ji"):
        assert_as_numpy(subscripts, a)
    for subscripts in ("ij,kj->ik", "ij,kj->i", "ij,ij->", "ij,kl->ijkl"):
        assert_as_numpy(subscripts, a, a)
    assert pynn.einsum("ij,ij->ij", a, np.ones((2, 3), np.float32)).dtype == "float32"


def test_small_integers_wrap_as_numpys():
    a = np.full((2, 50), 100, np.int8)
    assert_as_numpy("ij->i", a)
    assert_as_numpy("ij,ij->i", a, a)


@pytest.mark.parametrize("case", BY_HAND, ids=[c[0] for c in BY_HAND])
def test_gradients_to_second_order(case):
    subscripts, *shapes = case
    operands = [draw(s, seed=i) for i, s in enumerate(shapes)]
    check_grad(lambda *xs: pynn.einsum(subscripts, *xs), *operands, order=2, atol=1e-6)


ERRORS = [
    ("", (), ValueError, "einsum '': needs at least one operand"),
    ("i,j", [(2,)], ValueError, "einsum 'i,j': names 2 operands, got 1"),
    ("i", [(2,), (2,)], ValueError, "einsum 'i': names 1 operands, got 2"),
    ("ij", [(2,)], ValueError, "einsum 'ij': 'ij' names 2 axes, operand 0 has shape (2,)"),
    ("i,i", [(2,), (2, 3)], ValueError, "einsum 'i,i': 'i' names 1 axes, operand 1 has shape (2, 3)"),
    ("i...j", [(2,)], ValueError, "einsum 'i...j': 'i...j' names 2 axes or more, operand 0 has shape (2,)"),
    ("ij,jk", [(2, 3), (4, 5)], pynn.ShapeError, "einsum 'ij,jk': 'j' is 3 in operand 0 and 4 in operand 1"),
    ("ij,jk", [(2, 1), (4, 5)], pynn.ShapeError, "einsum 'ij,jk': 'j' is 1 in operand 0 and 4 in operand 1"),
    ("ii", [(2, 3)], pynn.ShapeError, "einsum 'ii': 'i' is 2 and 3 in operand 0"),
    ("ii", [(1, 3)], pynn.ShapeError, "einsum 'ii': 'i' is 1 and 3 in operand 0"),
    ("...i,...i", [(2, 3), (4, 3)], pynn.ShapeError, "einsum '...i,...i': '...' is 2 in operand 0 and 4 in operand 1"),
    ("i->j", [(2,)], ValueError, "einsum 'i->j': output 'j' stands in no operand"),
    ("i->ii", [(2,)], ValueError, "einsum 'i->ii': output 'i' stands twice"),
    ("i->i->i", [(2,)], ValueError, "einsum 'i->i->i': '-' is neither a letter nor '...'"),
    ("i.", [(2,)], ValueError, "einsum 'i.': '.' is neither a letter nor '...'"),
    ("i-", [(2,)], ValueError, "einsum 'i-': '-' is neither a letter nor '...'"),
    ("i1", [(2,)], ValueError, "einsum 'i1': '1' is neither a letter nor '...'"),
    ("...i...", [(2, 3)], ValueError, "einsum '...i...': '...i...' holds '...' twice"),
    ("...i...", [(2,)], ValueError, "einsum '...i...': '...i...' holds '...' twice"),
    ("...i->...i...", [(2, 3)], ValueError, "einsum '...i->...i...': '...i...' holds '...' twice"),
    ("....i", [(2, 3)], ValueError, "einsum '....i': '....i' holds '...' twice"),
]  # fmt: skip


@pytest.mark.parametrize(("subscripts", "shapes", "error", "text"), ERRORS, ids=range(len(ERRORS)))
def test_wrong_subscripts(subscripts, shapes, error, text):
    with pytest.raises(error) as e:
        pynn.einsum(subscripts, *(np.ones(s) for s in shapes))
    assert str(e.value) == text


def test_truth_values_of_several_operands_are_refused():
    with pytest.raises(pynn.DtypeError) as e:
        pynn.einsum("i,i", np.ones(2, bool), np.ones(2, bool))
    assert (
        str(e.value)
        == "einsum of several operands is not defined for bool; convert first: x.astype('float32')"
    )
    assert pynn.einsum("ij->i", np.array([[True, True], [False, False]])).tolist() == [True, False]
