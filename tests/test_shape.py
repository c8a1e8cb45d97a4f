"""Operations that rearrange, against NumPy in every layout: values, aliasing, gradients, many dimensions."""

import math

import numpy as np
import pytest
from errors import raises

import pynn
from pynn.testing import check_grad

A = np.arange(24.0).reshape(2, 3, 4)
LAYOUTS = {
    "flat": A,
    "Fortran": np.asfortranarray(A),
    "transposed": np.arange(24.0).reshape(4, 2, 3).transpose(1, 2, 0),
    "reversed": np.arange(24.0).reshape(2, 3, 4)[::-1, :, ::-1],
    "sliced": np.arange(200.0).reshape(4, 5, 10)[1::2, ::2, 1:8:2],
    "broadcast": np.broadcast_to(np.arange(3.0)[:, None], (2, 3, 4)),
}

# Name, the call on a tensor of shape (2, 3, 4), NumPy's call, whether the result views the same memory.
CASES = {
    "permute_dims": (lambda x: pynn.permute_dims(x, (2, 0, -2)), lambda a: a.transpose(2, 0, 1), True),
    "matrix_transpose": (pynn.matrix_transpose, lambda a: a.swapaxes(-1, -2), True),
    "T": (lambda x: x.T, lambda a: a.T, True),
    "mT": (lambda x: x.mT, lambda a: a.swapaxes(1, 2), True),
    "moveaxis": (lambda x: pynn.moveaxis(x, 0, -1), lambda a: np.moveaxis(a, 0, -1), True),
    "moveaxis back": (lambda x: pynn.moveaxis(x, 2, 0), lambda a: np.moveaxis(a, 2, 0), True),
    "expand_dims": (lambda x: pynn.expand_dims(x, axis=1), lambda a: a[:, None], True),
    "expand_dims last": (lambda x: pynn.expand_dims(x, axis=-1), lambda a: a[..., None], True),
    "expand_dims both": (lambda x: pynn.expand_dims(x, axis=(0, -1)), lambda a: a[None, ..., None], True),
    "squeeze": (lambda x: pynn.squeeze(x[:, :1, :1], axis=(1, -1)), lambda a: a[:, 0, 0], True),
    "broadcast_to": (lambda x: pynn.broadcast_to(x, (5, 2, 3, 4)), lambda a: np.stack([a] * 5), True),
    "broadcast_to 1": (
        lambda x: pynn.broadcast_to(x[:, :1], (2, 3, 4)), lambda a: a[:, [0, 0, 0]], True,
    ),
    "flip": (pynn.flip, np.flip, True),
    "flip axes": (lambda x: pynn.flip(x, axis=(0, -1)), lambda a: np.flip(a, (0, -1)), True),
    "split": (lambda x: pynn.split(x, 3, axis=1)[1], lambda a: np.split(a, 3, 1)[1], True),
    "split at": (lambda x: pynn.split(x, [1, 3], axis=-1)[1], lambda a: np.split(a, [1, 3], -1)[1], True),
    "concat": (lambda x: pynn.concat([x, x * 2], axis=1), lambda a: np.concatenate([a, a * 2], 1), False),
    "concat flat": (lambda x: pynn.concat([x, x], axis=None), lambda a: np.concatenate([a, a], None), False),
    "stack": (lambda x: pynn.stack([x, x * 2, x], axis=1), lambda a: np.stack([a, a * 2, a], 1), False),
    "stack last": (lambda x: pynn.stack([x, x], axis=-1), lambda a: np.stack([a, a], -1), False),
    "tile": (lambda x: pynn.tile(x, (2, 1, 3)), lambda a: np.tile(a, (2, 1, 3)), False),
    "tile short": (lambda x: pynn.tile(x, 2), lambda a: np.tile(a, 2), False),
    "tile long": (lambda x: pynn.tile(x, (2, 3, 1, 1, 2)), lambda a: np.tile(a, (2, 3, 1, 1, 2)), False),
    "tile none": (lambda x: pynn.tile(x, (0, 2, 1)), lambda a: np.tile(a, (0, 2, 1)), False),
    "repeat": (lambda x: pynn.repeat(x, 3, axis=1), lambda a: np.repeat(a, 3, 1), False),
    "repeat flat": (lambda x: pynn.repeat(x, 2), lambda a: np.repeat(a, 2), False),
    "repeat none": (lambda x: pynn.repeat(x, 0, axis=0), lambda a: np.repeat(a, 0, 0), False),
    "repeat counts": (lambda x: pynn.repeat(x, [2, 0, 1], axis=1), lambda a: a.repeat([2, 0, 1], 1), False),
    "repeat each": (lambda x: pynn.repeat(x, range24()), lambda a: np.repeat(a, range24()), False),
    "repeat one count": (lambda x: pynn.repeat(x, [2], axis=-1), lambda a: np.repeat(a, [2], -1), False),
    "roll": (lambda x: pynn.roll(x, 5), lambda a: np.roll(a, 5), False),
    "roll axis": (lambda x: pynn.roll(x, -1, axis=1), lambda a: np.roll(a, -1, 1), False),
    "roll axes": (lambda x: pynn.roll(x, (7, -9), axis=(2, 0)), lambda a: np.roll(a, (7, -9), (2, 0)), False),
    "roll all axes": (lambda x: pynn.roll(x, 1, axis=(0, 1)), lambda a: np.roll(a, 1, (0, 1)), False),
    "tril": (pynn.tril, np.tril, False),
    "tril up": (lambda x: pynn.tril(x, k=1), lambda a: np.tril(a, 1), False),
    "triu": (pynn.triu, np.triu, False),
    "triu down": (lambda x: pynn.triu(x, k=-1), lambda a: np.triu(a, -1), False),
    "triu farthest": (lambda x: pynn.triu(x, k=-(2**63)), lambda a: a.copy(), False),
    "tril farthest": (lambda x: pynn.tril(x, k=2**63 - 1), lambda a: a.copy(), False),
    "triu far": (lambda x: pynn.triu(x, k=9), lambda a: np.triu(a, 9), False),
}  # fmt: skip


def range24() -> list[int]:
    return [i % 3 for i in range(24)]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", CASES)
def test_values_are_numpys(name, layout):
    f, oracle, view = CASES[name]
    for dtype in "float64", "int8", "bool":
        a = LAYOUTS[layout] if dtype == "float64" else (LAYOUTS[layout] % 2).astype(dtype)
        if dtype == "bool" and name in ("concat", "stack"):
            continue  # these double a value
        x = pynn.asarray(a)
        y, expected = f(x), oracle(a)
        assert (y.shape, y.dtype) == (expected.shape, dtype)
        assert np.array_equal(y, expected)
        assert view == (np.shares_memory(y.numpy(), a) and y.size > 0)
        assert np.array_equal(x, a)


@pytest.mark.parametrize("name", CASES)
def test_gradients(name):
    a = np.random.default_rng(0).standard_normal((2, 3, 4))
    check_grad(lambda x: CASES[name][0](x) ** 3, a, order=2)
    check_grad(lambda x: CASES[name][0](x.T.copy().T[::-1]) ** 2, a)


def test_empty_tensors():
    """Every case on (2, 0, 4), but those that name positions or sizes of the axis that is empty here."""
    a = np.zeros((2, 0, 4))
    named = {"squeeze", "split", "broadcast_to", "broadcast_to 1", "repeat counts", "repeat each"}
    for name in CASES.keys() - named:
        f, oracle, _ = CASES[name]
        assert f(pynn.asarray(a)).shape == oracle(a).shape, name
        assert f(pynn.asarray(a[:, :, ::-1])).shape == oracle(a).shape, name
    assert pynn.broadcast_to(pynn.zeros((1, 0, 1)), (3, 0, 4)).shape == (3, 0, 4)


# ---- reshape -----------------------------------------------------------------------------------------------

SHAPES = [
    (24,),
    (4, 6),
    (2, 12),
    (6, 4),
    (-1,),
    (3, -1),
    (2, 3, 4),
    (2, 3, 2, 2),
    (1, 24, 1),
    (4, 1, 6),
    (8, -1, 3),
    24,
    -1,
]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_reshape(layout, shape):
    """The values of NumPy's reshape, and a view exactly where NumPy finds one."""
    a = LAYOUTS[layout]
    x = pynn.asarray(a)
    y, expected = pynn.reshape(x, shape), a.reshape(shape)
    assert y.shape == expected.shape
    assert np.array_equal(y, expected)
    assert np.shares_memory(y.numpy(), a) == np.shares_memory(expected, a)


def test_reshape_of_every_small_view():
    """All pairs of shapes of 12 elements, in many layouts: NumPy's values, and a view exactly where it is one."""
    shapes = [
        (12,),
        (3, 4),
        (4, 3),
        (2, 6),
        (6, 2),
        (2, 2, 3),
        (3, 2, 2),
        (1, 12),
        (12, 1),
        (2, 1, 6),
        (3, 1, 1, 4),
    ]
    for source in shapes:
        room = np.arange(12 * 2 ** len(source)).reshape([2 * n for n in source])
        flat = np.arange(12).reshape(source)
        views = [
            room[tuple(slice(0, n) for n in source)],
            room[tuple(slice(None, None, 2) for _ in source)],
            room[..., ::2][tuple(slice(0, n) for n in source)],
            room[tuple(slice(0, n) for n in source)][::-1],
            flat[::-1],
            flat.reshape(source[::-1]).T,
            np.broadcast_to(flat[:1], source),
        ]
        for a in views:
            for shape in shapes:
                y, expected = pynn.reshape(pynn.asarray(a), shape), a.reshape(shape)
                assert np.array_equal(y, expected), (a.strides, source, shape)
                assert np.shares_memory(y.numpy(), a) == np.shares_memory(expected, a), (
                    a.strides,
                    source,
                    shape,
                )


@pytest.mark.parametrize("shape", [(0,), (0, 5), (7, 0, 3), (2, 0)], ids=str)
def test_reshape_of_nothing(shape):
    for a in (
        np.zeros((0, 3)),
        np.zeros((3, 4))[:0, ::2],
        np.zeros((4, 0, 3)).T,
        np.zeros((1, 3, 4))[:, :0, ::2],
    ):
        assert pynn.reshape(pynn.asarray(a), shape).shape == shape
    assert pynn.reshape(pynn.zeros((0, 3)), (-1, 3)).shape == (0, 3)


def test_reshape_of_one_element():
    for shape in (), (1,), (1, 1, 1), (-1,):
        assert pynn.reshape(pynn.asarray(5.0), shape).tolist() == np.array(5.0).reshape(shape).tolist()
    assert pynn.reshape(pynn.zeros((1, 1))[::-1], ()).shape == ()


def test_reshape_of_a_copy_passes_gradients():
    check_grad(
        lambda x: pynn.reshape(x.T, (4, -1)) ** 3, np.random.default_rng(0).standard_normal((4, 3)), order=2
    )


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((7,), "reshape: a tensor of shape (2, 3) has 6 elements and cannot take shape (7,); (6,) would fit"),
        (
            (4, -1),
            "reshape: a tensor of shape (2, 3) has 6 elements and cannot take shape (4, -1); "
            "(3, -1) or (6, -1) would fit",
        ),
        ((), "reshape: a tensor of shape (2, 3) has 6 elements and cannot take shape ()"),
        ((0,), "reshape: a tensor of shape (2, 3) has 6 elements and cannot take shape (0,); (6,) would fit"),
        ((-1, -1), "reshape: only one size can be -1, got (-1, -1)"),
        ((-2, 3), "reshape: negative size in (-2, 3)"),
        ((0, -1), "reshape: -1 could be any size in (0, -1), which has a 0 too"),
        ((2**40, 2**40, -1), f"reshape: shape ({2**40}, {2**40}, 1) has too many elements"),
        ((1,) * 33, "reshape: a tensor has at most 32 dimensions"),
        ((2**70,), "reshape: shape has a size beyond 64 bits"),
    ],
)
def test_errors_of_reshape(shape, message):
    with raises(pynn.ShapeError, message):
        pynn.reshape(pynn.zeros((2, 3)), shape)


@pytest.mark.parametrize("shape", [1.5, (2, 3.0), "6", None, (2, None)])
def test_shapes_are_integers(shape):
    with raises(TypeError, f"reshape: shape must be an integer or a tuple of integers, got {shape!r}"):
        pynn.reshape(pynn.zeros((2, 3)), shape)


# ---- Several tensors ---------------------------------------------------------------------------------------


def test_concat_promotes():
    a, b = pynn.asarray([1, 2], dtype="int8"), pynn.asarray([0.5])
    assert pynn.concat([a, b]).dtype == "float32"
    assert pynn.concat([a, pynn.asarray([3])]).dtype == "int64"
    assert pynn.concat(x for x in (a, a)).tolist() == [1, 2, 1, 2]
    assert pynn.concat([np.zeros((0, 2)), np.ones((1, 2))]).tolist() == [[1, 1]]
    assert pynn.concat([[1, 2], [3]]).tolist() == [1, 2, 3]


def test_gradients_of_each_part():
    rng = np.random.default_rng(0)
    a, b, c = rng.standard_normal((2, 3)), rng.standard_normal((2, 1)), rng.standard_normal((2, 3))
    check_grad(lambda x, y, z: pynn.concat([x, y, z.T.T], axis=1) ** 3, a, b, c, order=2)
    check_grad(lambda x, z: pynn.stack([x, z, x], axis=1) ** 3, a, c, order=2)
    check_grad(lambda x: sum((p * p).sum() * i for i, p in enumerate(pynn.split(x, [1, 1, 2], axis=1))), a)
    check_grad(lambda x, y: sum(g.sum() * g for g in pynn.meshgrid(x, y)), a[0], b[:, 0], order=2)


def test_split():
    x = pynn.arange(6)
    assert [p.tolist() for p in pynn.split(x, 3)] == [[0, 1], [2, 3], [4, 5]]
    assert [p.tolist() for p in pynn.split(x, np.int64(2))] == [[0, 1, 2], [3, 4, 5]]
    assert [p.tolist() for p in pynn.split(x, (2, 2, 6))] == [[0, 1], [], [2, 3, 4, 5], []]
    assert [p.tolist() for p in pynn.split(x, [])] == [[0, 1, 2, 3, 4, 5]]
    assert [p.tolist() for p in pynn.split(x, np.array([[1, 9], [4, 9]])[:, 0])] == [[0], [1, 2, 3], [4, 5]]


@pytest.mark.parametrize("indexing", ["xy", "ij"])
def test_meshgrid(indexing):
    for sizes in (3,), (2, 3), (2, 3, 4), (0, 2), ():
        inputs = [np.arange(n) + 10 * i for i, n in enumerate(sizes)]
        grids = pynn.meshgrid(*inputs, indexing=indexing)
        for grid, expected in zip(grids, np.meshgrid(*inputs, indexing=indexing), strict=True):
            assert np.array_equal(grid, expected)
            assert grid.shape == expected.shape
    assert [g.tolist() for g in pynn.meshgrid(5, [1, 2])] == [[[5], [5]], [[1], [2]]]
    grid = pynn.meshgrid([1.0, 2.0], [1.0, 2.0, 3.0])[0]
    grid += 1  # memory of its own
    assert grid.tolist() == [[2, 3], [2, 3], [2, 3]]


def test_broadcast_arrays():
    x, y = pynn.broadcast_arrays(np.zeros((3, 1)), [1, 2])
    assert x.shape == y.shape == (3, 2)
    with raises(
        pynn.ShapeError, "broadcast_arrays: shapes (3,) and (2,) do not broadcast: axis -1 is 3 and 2"
    ):
        pynn.broadcast_arrays(np.zeros(3), [1, 2])


# ---- The limit of dimensions -------------------------------------------------------------------------------


def test_twelve_dimensions():
    a = np.arange(2.0**12).reshape((2,) * 12)
    x = pynn.asarray(a)
    order = (11, 0, 10, 1, 9, 2, 8, 3, 7, 4, 6, 5)
    for f, oracle in [
        (lambda x: pynn.permute_dims(x, order) + x, lambda a: a.transpose(order) + a),
        (lambda x: pynn.flip(x) * x.T, lambda a: np.flip(a) * a.T),
        (lambda x: pynn.tile(x, (1, 2) * 6)[..., 0], lambda a: np.tile(a, (1, 2) * 6)[..., 0]),
        (lambda x: pynn.repeat(x, 2, axis=5), lambda a: a.repeat(2, 5)),
        (lambda x: pynn.repeat(x, [3, 1], axis=-1), lambda a: a.repeat([3, 1], -1)),
        (lambda x: pynn.roll(x, 1, axis=(0, 11)), lambda a: np.roll(a, 1, (0, 11))),
        (lambda x: pynn.concat([x, x], axis=6), lambda a: np.concatenate([a, a], 6)),
        (lambda x: pynn.tril(x), np.tril),
        (
            lambda x: pynn.moveaxis(x, 11, 0)[::-1, [0, 1, 0]],
            lambda a: np.moveaxis(a, 11, 0)[::-1, [0, 1, 0]],
        ),
        (lambda x: pynn.reshape(x.T, (64, 64)), lambda a: a.T.reshape(64, 64)),
    ]:
        assert np.array_equal(f(x), oracle(a))


def test_too_many_dimensions():
    x = pynn.zeros((1,) * 32)
    for call in (
        lambda: pynn.expand_dims(x, axis=0),
        lambda: pynn.stack([x, x]),
        lambda: x[None],
        lambda: pynn.broadcast_to(x, (1,) * 33),
        lambda: pynn.tile(x, (1,) * 33),
        lambda: pynn.take(x, [[0]], axis=0),
        lambda: pynn.meshgrid(*[[1]] * 33),
        lambda: pynn.zeros((1,) * 33),
    ):
        with pytest.raises(pynn.ShapeError, match=r"^(\w+: )?a tensor has at most 32 dimensions$"):
            call()


# ---- Many dimensions ---------------------------------------------------------------------------------------


def test_thirty_two_dimensions():
    """Axes of size 1 and axes that are one cost no loop, so all 32 may be there."""
    shape = (1, 2) * 6 + (1,) * 18 + (3, 2)
    values = np.arange(math.prod(shape), dtype="float32").reshape(shape)
    x = pynn.asarray(values)
    assert x.ndim == 32
    for ours, theirs in (
        (x + 1, values + 1),
        (x + pynn.asarray(values[..., :1]), values + values[..., :1]),
        (pynn.sum(x, axis=(1, 3, 30)), values.sum((1, 3, 30))),
        (pynn.cumulative_sum(x, axis=31), values.cumsum(31)),
        (pynn.permute_dims(x, tuple(range(31, -1, -1))), values.transpose()),
        (pynn.flip(x), np.flip(values)),
        (x @ pynn.matrix_transpose(x), values @ np.swapaxes(values, -1, -2)),
        (x[..., 1, :], values[..., 1, :]),
        (pynn.reshape(x, (-1,)), values.reshape(-1)),
        (pynn.argmax(x, axis=30), values.argmax(30)),
        (pynn.sort(x, axis=1, descending=True), np.flip(np.sort(values, axis=1), axis=1)),
        (pynn.concat([x, x], axis=0), np.concatenate([values, values])),
    ):
        np.testing.assert_allclose(ours.numpy(), theirs, rtol=1e-6)
    y = pynn.tensor(values, requires_grad=True)
    pynn.sum(pynn.permute_dims(y, tuple(range(31, -1, -1))) ** 2).backward()
    np.testing.assert_allclose(y.grad.numpy(), 2 * values)


def test_more_loops_than_there_are():
    """Thirteen axes that memory keeps apart: none is of size 1, no two are one."""
    x = pynn.permute_dims(pynn.ones((2,) * 13), tuple(range(12, -1, -1)))
    whole = (
        f"shape {x.shape} needs more than 12 loops, one for each axis that memory keeps apart; "
        "join axes with reshape first"
    )
    with raises(pynn.ShapeError, whole):
        x + 1
    y = pynn.permute_dims(pynn.ones((2,) * 12), tuple(range(11, -1, -1)))
    assert pynn.sum(y + 1).item() == 2 * 2**12
