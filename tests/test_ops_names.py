"""Which operations of Keras there are, with which arguments, and what the others say. It cannot go stale."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
from ops_cases import ELSEWHERE, IMAGES, TABLE

from pynn import ops
from pynn.ops import absent

NAMESPACES = ("", "image", "linalg", "nn", "numpy")


def namespace(module, name):
    return getattr(module, name) if name else module


def public(module):
    return {name for name in dir(module) if not name.startswith("_")} - {"image", "linalg", "nn", "numpy"}


@pytest.mark.parametrize("name", NAMESPACES)
def test_what_keras_has_is_here_or_says_why_not(quick_keras, name):
    theirs, ours = namespace(quick_keras.ops, name), namespace(ops, name)
    missing = {operation for operation in public(theirs) if not hasattr(ours, operation)}
    known = absent.ABSENT_IMAGE if name == "image" else absent.ABSENT
    assert missing <= set(known)
    if name in ("", "image"):
        assert missing == set(known)


@pytest.mark.parametrize("name", NAMESPACES)
def test_arguments_and_defaults_are_keras_s(quick_keras, name):
    theirs, ours = namespace(quick_keras.ops, name), namespace(ops, name)

    def arguments(function):
        return [(p.name, p.default, p.kind) for p in inspect.signature(function).parameters.values()]

    differing = [
        operation
        for operation in sorted(public(theirs))
        if hasattr(ours, operation)
        and arguments(getattr(ours, operation)) != arguments(getattr(theirs, operation))
    ]
    assert differing == []


def test_there_are_no_operations_that_keras_has_not(quick_keras):
    assert set(ops.__all__) <= set(dir(quick_keras.ops))


def test_every_operation_is_compared_with_keras_or_tested_elsewhere():
    tested = {name for name, _, _ in TABLE} | ELSEWHERE
    assert set(ops.__all__) - {"image", "linalg", "nn"} - tested == set()
    assert set(ops.image.__dict__) >= {name for name, _, _ in IMAGES}


def test_an_operation_that_is_missing_names_what_is_nearest():
    with pytest.raises(AttributeError) as error:
        ops.polar  # noqa: B018
    assert str(error.value) == (
        "pynn.ops.polar of Keras is not in pynn yet; pynn has no complex numbers; "
        "compute r * ops.cos(angle) and r * ops.sin(angle)"
    )
    with pytest.raises(AttributeError) as error:
        ops.image.ssim  # noqa: B018
    assert str(error.value) == "pynn.ops.image.ssim of Keras is not in pynn yet; ops.psnr compares pictures"


def test_a_misspelt_operation_gets_a_suggestion():
    with pytest.raises(
        AttributeError, match=r"^module 'pynn.ops' has no attribute 'reshap'; did you mean 'reshape'\?$"
    ):
        ops.reshap  # noqa: B018


def test_aliases_are_one_function():
    assert ops.absolute is ops.abs
    assert ops.numpy.mean is ops.mean
    assert ops.nn.relu is ops.relu
    assert ops.linalg.norm is ops.norm
    assert np.allclose(ops.numpy.sum([1.0, 2.0]), 3.0)
