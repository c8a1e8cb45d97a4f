"""Bad arguments to the operations that rearrange: which error, and its whole message."""

import numpy as np
import pytest
from errors import raises

import pynn

X = pynn.zeros((2, 3))
V = pynn.zeros(3)
SHAPE, VALUE, DTYPE, TYPE = pynn.ShapeError, ValueError, pynn.DtypeError, TypeError


def beyond(op: str, axis: int, ndim: int) -> str:
    return f"{op}: axis {axis} is out of range for a tensor with {ndim} dimension{'s' * (ndim != 1)}"


ROWS = [
    (lambda: pynn.permute_dims(X, (0,)), SHAPE, "permute_dims: axes (0,) must name each of the 2 axes once"),
    (lambda: pynn.permute_dims(X, (0, 0)), SHAPE, "permute_dims: axis 0 is given twice"),
    (lambda: pynn.permute_dims(X, (0, 2)), SHAPE, beyond("permute_dims", 2, 2)),
    (
        lambda: pynn.matrix_transpose(V), SHAPE,
        "matrix_transpose: needs at least 2 dimensions, got shape (3,)",
    ),
    (lambda: pynn.moveaxis(X, 2, 0), SHAPE, beyond("moveaxis", 2, 2)),
    (lambda: pynn.moveaxis(X, 0, -3), SHAPE, beyond("moveaxis", -3, 2)),
    (lambda: pynn.expand_dims(X, axis=3), SHAPE, beyond("expand_dims", 3, 3)),
    (lambda: pynn.expand_dims(X, axis=(1, 1)), SHAPE, "expand_dims: axis 1 is given twice"),
    (lambda: pynn.squeeze(X, axis=0), SHAPE, "squeeze: axis 0 of shape (2, 3) is not 1"),
    (lambda: pynn.squeeze(X, axis=2), SHAPE, beyond("squeeze", 2, 2)),
    (lambda: pynn.broadcast_to(X, (3, 2)), SHAPE, "broadcast_to: (2, 3) does not broadcast to (3, 2)"),
    (lambda: pynn.broadcast_to(X, 3), SHAPE, "broadcast_to: (2, 3) does not broadcast to (3,)"),
    (lambda: pynn.broadcast_to(V, -1), SHAPE, "broadcast_to: (3,) does not broadcast to (-1,)"),
    (lambda: pynn.broadcast_to(V, (2**60, 3)), SHAPE, f"broadcast_to: shape ({2**60}, 3) has too many elements"),
    (lambda: pynn.flip(X, axis=2), SHAPE, beyond("flip", 2, 2)),
    (lambda: pynn.flip(X, axis=(0, -2)), SHAPE, "flip: axis 0 is given twice"),
    (lambda: pynn.concat([X, V]), SHAPE, "concat: shapes (2, 3) and (3,) differ elsewhere than in axis 0"),
    (
        lambda: pynn.concat([X, pynn.zeros((3, 3))], axis=1), SHAPE,
        "concat: shapes (2, 3) and (3, 3) differ elsewhere than in axis 1; axis=0 would fit",
    ),
    (lambda: pynn.concat([]), VALUE, "concat: needs at least one tensor"),
    (lambda: pynn.concat([X], axis=2), SHAPE, beyond("concat", 2, 2)),
    (lambda: pynn.concat([1, 2]), SHAPE, beyond("concat", 0, 0)),
    (
        lambda: pynn.concat([np.zeros(1, "int8"), np.zeros(1, "uint64")]), DTYPE,
        "concat: no integer type holds both int8 and uint64; convert one with astype()",
    ),
    (lambda: pynn.stack([]), VALUE, "stack: needs at least one tensor"),
    (lambda: pynn.stack([X, V]), SHAPE, "stack: shapes (2, 3) and (3,) differ"),
    (lambda: pynn.stack([X], axis=3), SHAPE, beyond("stack", 3, 3)),
    (lambda: pynn.split(V, 2), SHAPE, "split: axis 0 of size 3 does not divide into 2 equal parts"),
    (lambda: pynn.split(V, 0), SHAPE, "split: axis 0 of size 3 does not divide into 0 equal parts"),
    (lambda: pynn.split(V, [2, 1]), VALUE, "split: positions must rise from 0 to 3, got 1 after 2"),
    (lambda: pynn.split(V, [4]), VALUE, "split: positions must rise from 0 to 3, got 4 after 0"),
    (lambda: pynn.split(V, [-1]), VALUE, "split: positions must rise from 0 to 3, got -1 after 0"),
    (lambda: pynn.split(V, [1.5]), TYPE, "split: expected a number of parts or a list of integer positions"),
    (lambda: pynn.split(V, 1.5), TYPE, "split: expected a number of parts or a list of integer positions"),
    (lambda: pynn.split(V, 1, axis=1), SHAPE, beyond("split", 1, 1)),
    (lambda: pynn.tile(V, -1), VALUE, "tile: negative number of repetitions, -1"),
    (lambda: pynn.tile(V, 2**62), SHAPE, f"tile: shape (1, {2**62}, 3) has too many elements"),
    (lambda: pynn.repeat(V, -2), VALUE, "repeat: negative number of repetitions, -2"),
    (lambda: pynn.repeat(V, [1, -1, 1]), VALUE, "repeat: negative number of repetitions, -1"),
    (lambda: pynn.repeat(V, [1, 2]), SHAPE, "repeat: counts of shape (2,) for axis 0 with size 3"),
    (lambda: pynn.repeat(X, [[1, 2]], axis=0), SHAPE, "repeat: counts of shape (1, 2) for axis 0 with size 2"),
    (lambda: pynn.repeat(V, 1.5), DTYPE, "repeat: counts must be integers, got float32"),
    (lambda: pynn.repeat(V, 2**62), SHAPE, f"repeat: shape (3, {2**62}, 1) has too many elements"),
    (lambda: pynn.repeat(V, [2**62] * 3), SHAPE, "repeat: too many elements"),
    (lambda: pynn.repeat(V, [2**62, 0, 0]), SHAPE, f"repeat: shape ({2**62},) has too many elements"),
    (lambda: pynn.repeat(X, 2, axis=2), SHAPE, beyond("repeat", 2, 2)),
    (lambda: pynn.roll(V, (1, 2)), SHAPE, "roll: several shifts need as many axes"),
    (lambda: pynn.roll(X, (1, 2), axis=0), SHAPE, "roll: shift and axis need equal lengths"),
    (lambda: pynn.roll(X, 1, axis=2), SHAPE, beyond("roll", 2, 2)),
    (lambda: pynn.tril(V), SHAPE, "tril: needs at least 2 dimensions, got shape (3,)"),
    (lambda: pynn.triu(1.0), SHAPE, "triu: needs at least 2 dimensions, got shape ()"),
    (lambda: pynn.meshgrid(X), SHAPE, "meshgrid: inputs must be 1-d, got shape (2, 3)"),
    (lambda: pynn.meshgrid(V, indexing="yx"), VALUE, "meshgrid: indexing is 'xy' or 'ij', got 'yx'"),
    (lambda: pynn.flip(X, axis=0.5), TYPE, "flip: axis must be an integer or a tuple of integers, got 0.5"),
    (lambda: pynn.flip(None), TYPE, "flip: expected a tensor, an array or a number, got NoneType"),
    (lambda: pynn.permute_dims("ab", (0,)), TYPE, "permute_dims: expected a tensor, an array or a number, got str"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "message"), ROWS, ids=[row[2] for row in ROWS])
def test_errors(call, error, message):
    with raises(error, message):
        call()
