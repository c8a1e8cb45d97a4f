"""Matrix products against a naive float64 product: sizes, layouts, dtypes, levels, gradients, errors."""

from __future__ import annotations

import numpy as np
import pytest

import pynn
from pynn.testing import check_grad

INTEGERS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
TOLERANCE = {"float32": 1e-5, "float64": 1e-13}


def naive(a, b):
    """The sum of products written out, in float64, for (..., M, K) and (..., K, N)."""
    a, b = a.astype(np.float64), b.astype(np.float64)
    return (a[..., :, :, None] * b[..., None, :, :]).sum(axis=-2)


def draw(shape, dtype="float32", seed=0):
    return np.random.default_rng((seed, *shape)).standard_normal(shape).astype(dtype)


def assert_product(got, a, b, dtype, product=naive):
    assert got.dtype == dtype
    expected = product(a, b)
    assert got.shape == expected.shape
    # Relative to what was added up: cancellation is not an error of the product.
    scale = product(np.abs(a), np.abs(b)) + 1e-30
    np.testing.assert_array_less(np.abs(got.numpy() - expected) / scale, TOLERANCE[dtype])


# 1, primes, and both sides of the tiles' edges (6, 8, 12, 14, 16, 24, 32 rows or columns, K in long blocks).
SIZES = [1, 2, 3, 5, 6, 7, 8, 11, 13, 14, 15, 16, 17, 23, 24, 25, 31, 32, 33, 48, 49, 65]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("m", SIZES)
def test_every_edge_of_a_tile(m, dtype, isa):
    for n in (1, 2, 7, 8, 9, 15, 16, 17, 24, 31, 33, 49):
        for k in (1, 3, 8, 37):
            a, b = draw((m, k), dtype), draw((k, n), dtype)
            assert_product(pynn.matmul(a, b), a, b, dtype)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("m", "k", "n"),
    [
        *[(7, 1031, 9), (130, 257, 67), (73, 401, 97), (193, 127, 65)],
        *[(1, 3001, 1), (257, 300, 1), (1, 300, 257), (3, 2, 1500)],
        *[(131, 517, 10), (67, 1031, 12), (67, 1031, 13), (401, 300, 3)],  # few columns: up to 12
        *[(7, 20_011, 13), (3, 40_001, 2)],  # few elements: K in parts
    ],
)
def test_sizes_beyond_a_block(m, k, n, dtype, isa):
    a, b = draw((m, k), dtype), draw((k, n), dtype)
    assert_product(pynn.matmul(a, b), a, b, dtype)
    assert_product(pynn.matmul(np.asfortranarray(a), b), a, b, dtype)


def in_numpy(a, b):
    """The product in float64, where writing it out would take too much memory."""
    return a.astype(np.float64) @ b.astype(np.float64)


# One task takes 160 tiles of 4, 6 or 12 rows at most.
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("m", "k", "n"),
    [(639, 773, 35), (643, 773, 35), (961, 389, 50), (967, 30, 50), (1919, 30, 40), (1931, 197, 40)],
)
def test_more_rows_than_one_task_takes(m, k, n, dtype, isa):
    a, b = draw((m, k), dtype), draw((k, n), dtype)
    for left in (a, np.asfortranarray(a), a[::-1, ::-1]):
        for right in (b, np.asfortranarray(b)):
            assert_product(pynn.matmul(left, right), left, right, dtype, in_numpy)


LAYOUTS = {
    "row_major": lambda a: a,
    "column_major": np.asfortranarray,
    "reversed": lambda a: a[..., ::-1, ::-1],
    "stepped": lambda a: np.repeat(np.repeat(a, 2, axis=-1), 3, axis=-2)[..., ::3, ::2],
    "repeated_rows": lambda a: np.broadcast_to(a[..., :1, :], a.shape),
    "repeated_columns": lambda a: np.broadcast_to(a[..., :1], a.shape),
}


@pytest.mark.parametrize("left", LAYOUTS)
@pytest.mark.parametrize("right", LAYOUTS)
def test_every_pair_of_layouts(left, right, isa):
    for dtype in ("float32", "float64"):
        for m, k, n in [(5, 19, 7), (33, 40, 29), (1, 21, 50), (50, 21, 1)]:
            a, b = LAYOUTS[left](draw((m, k), dtype)), LAYOUTS[right](draw((k, n), dtype))
            assert_product(pynn.matmul(a, b), a, b, dtype)


@pytest.mark.parametrize("shapes", [((3,), (3,)), ((3,), (3, 4)), ((2, 3), (3,)), ((0,), (0,)), ((5, 2, 3), (3,)),
                                    ((3,), (5, 3, 4)), ((1,), (1,))])  # fmt: skip
def test_vectors(shapes, isa):
    for dtype in ("float32", "float64", "int32"):
        a, b = (np.random.default_rng(0).integers(-9, 9, s).astype(dtype) for s in shapes)
        got, expected = pynn.matmul(a, b), np.matmul(a, b)
        assert got.shape == expected.shape
        np.testing.assert_array_equal(got.numpy(), expected)


BATCHES = [((), (4,)), ((4,), ()), ((4,), (4,)), ((1,), (4,)), ((4,), (1,)), ((2, 1), (3,)), ((2, 1, 3), (1, 4, 1)),
           ((0,), (1,)), ((2, 0), (0,)), ((2, 3), ())]  # fmt: skip


@pytest.mark.parametrize(("batch_a", "batch_b"), BATCHES)
@pytest.mark.parametrize("transposed", [False, True])
def test_stacks_broadcast(batch_a, batch_b, transposed, isa):
    for m, k, n in [(3, 5, 2), (1, 4, 1), (9, 17, 18)]:
        a, b = draw((*batch_a, m, k)), draw((*batch_b, k, n))
        if transposed:
            a, b = (np.ascontiguousarray(x.swapaxes(-1, -2)).swapaxes(-1, -2) for x in (a, b))
        assert_product(pynn.matmul(a, b), a, b, "float32")


@pytest.mark.parametrize("shapes", [((0, 3), (3, 2)), ((2, 0), (0, 3)), ((2, 3), (3, 0)), ((0, 0), (0, 0)),
                                    ((2, 3, 0), (0, 4)), ((2, 0, 3), (3, 4)), ((0, 2, 3), (3, 4)),
                                    ((4, 2, 0), (4, 0, 3)), ((0,), (0, 3)), ((2, 0), (0,)),
                                    ((0, 2, 3), (0, 3, 4))])  # fmt: skip
def test_a_size_of_zero_gives_zeros(shapes):
    for dtype in ("float32", "float64", "int64", "float16"):
        a, b = (np.ones(s, dtype) for s in shapes)
        got, expected = pynn.matmul(a, b), np.matmul(a, b)
        assert got.shape == expected.shape
        np.testing.assert_array_equal(got.numpy(), expected)


@pytest.mark.parametrize("dtype", INTEGERS)
def test_integer_products_are_exact_and_wrap(dtype, isa):
    rng = np.random.default_rng(0)
    limits = np.iinfo(dtype)
    for m, k, n in [(1, 1, 1), (3, 7, 5), (17, 33, 16), (2, 300, 3)]:
        a, b = (rng.integers(limits.min, limits.max, s, dtype=dtype, endpoint=True) for s in ((m, k), (k, n)))
        for x, y in [(a, b), (np.asfortranarray(a), b[:, ::-1])]:
            got = pynn.matmul(x, y)
            assert got.dtype == dtype
            np.testing.assert_array_equal(got.numpy(), np.matmul(x, y))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize(
    "shapes", [((1, 1), (1, 1)), ((5, 37), (37, 9)), ((4, 3, 8), (8, 2)), ((600,), (600, 3))]
)
def test_half_precision_rounds_once(dtype, shapes, isa):
    a, b = (pynn.asarray(draw(s)).astype(dtype) for s in shapes)
    got = pynn.matmul(a, b)
    assert got.dtype == dtype
    exact = np.matmul(*(x.astype("float64").numpy() for x in (a, b)))
    unit = {"float16": 2.0**-11, "bfloat16": 2.0**-8}[dtype]
    np.testing.assert_allclose(got.astype("float64").numpy(), exact, rtol=unit * 1.01, atol=1e-4)


def test_mixed_types_promote():
    a = np.arange(6).reshape(2, 3)
    assert pynn.matmul(a, np.ones((3, 2), np.float32)).dtype == "float32"
    assert pynn.matmul(a.astype("int8"), a.T.astype("int32")).dtype == "int32"
    assert pynn.matmul(np.ones((2, 2), bool), np.ones((2, 2), "int16")).tolist() == [[2, 2], [2, 2]]
    assert (pynn.asarray(a) @ a.T).tolist() == (a @ a.T).tolist() == (a @ pynn.asarray(a.T)).tolist()


def test_nan_and_infinity_pass_even_against_zero(isa):
    for special in (np.nan, np.inf):
        for m, k, n in [(1, 9, 1), (9, 9, 9), (1, 20, 30), (30, 20, 1)]:
            a, b = np.zeros((m, k), np.float32), np.zeros((k, n), np.float32)
            a[m // 2, k // 2] = special
            got = pynn.matmul(a, b).numpy()
            assert np.isnan(got[m // 2]).all()
            assert (np.delete(got, m // 2, axis=0) == 0).all()


def test_results_do_not_depend_on_the_number_of_threads(isa):
    before = pynn.get_num_threads()
    try:
        for m, k, n in [(200, 300, 150), (1, 5000, 70), (500, 400, 1), (784, 128, 130), (2000, 500, 150)]:
            a, b = np.asfortranarray(draw((m, k))), draw((k, n))
            results = []
            for threads in (1, 2, 3):
                pynn.set_num_threads(threads)
                results.append(pynn.matmul(a, b).numpy().tobytes())
            assert results[0] == results[1] == results[2]
    finally:
        pynn.set_num_threads(before)


# ---- dot, outer, tensordot -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shapes", [((3,), (3,)), ((2, 3), (3,)), ((2, 3), (3, 4)), ((2, 3), (5, 3, 4)), ((), (2, 3)),
                                    ((2, 3), ()), ((4, 2, 3), (3,)), ((4, 2, 3), (5, 3, 2))])  # fmt: skip
def test_dot_and_outer_equal_numpy(shapes):
    a, b = (draw(s, "float64") for s in shapes)
    np.testing.assert_allclose(pynn.dot(a, b).numpy(), np.dot(a, b), rtol=1e-12)
    np.testing.assert_allclose(pynn.outer(a, b).numpy(), np.outer(a, b), rtol=1e-12)


AXES = [0, 1, 2, ([0], [0]), ([-1, 0], [1, 0]), ([], []), (2, 1), ([2, 1], [1, 2])]


@pytest.mark.parametrize("axes", AXES)
def test_tensordot_equals_numpy(axes):
    for size in (3, 1, 0):
        a, b = draw((size, size, size), "float64", 1), draw((size, size, size), "float64", 2)
        for x in (a, a.T):
            got, expected = pynn.tensordot(x, b, axes=axes), np.tensordot(x, b, axes=axes)
            assert got.shape == expected.shape
            np.testing.assert_allclose(got.numpy(), expected, rtol=1e-12, atol=1e-14)


# ---- Gradients -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shapes", [((2, 3), (3, 4)), ((3,), (3,)), ((3,), (3, 2)), ((2, 3), (3,)),
                                    ((5, 2, 3), (3, 2)), ((2, 3), (5, 3, 2)), ((2, 1, 2, 3), (4, 3, 2)),
                                    ((4, 3), (2, 1, 3, 2))])  # fmt: skip
def test_gradients_of_matmul_to_second_order(shapes):
    a, b = draw(shapes[0], "float64", 1), draw(shapes[1], "float64", 2)
    check_grad(pynn.matmul, a, b, order=2)
    check_grad(lambda x, y: pynn.matmul(x, y) ** 2, a, b, order=2)
    check_grad(pynn.dot, a, b)
    check_grad(pynn.outer, a, b, order=2)


def test_gradients_of_tensordot():
    a, b = draw((2, 3, 4), "float64", 1), draw((4, 3, 2), "float64", 2)
    for axes in (1, 0, ([1, 2], [1, 0]), ([0], [2])):
        check_grad(lambda x, y, axes=axes: pynn.tensordot(x, y, axes=axes), a, b, order=2)


def test_second_order_equals_pytorch():
    torch = pytest.importorskip("torch")
    a, b = draw((4, 2, 3), "float64", 1), draw((3, 5), "float64", 2)
    x, y = (torch.tensor(t, requires_grad=True) for t in (a, b))
    first = torch.autograd.grad((torch.tanh(x @ y) ** 2).sum(), [x, y], create_graph=True)
    second = torch.autograd.grad(sum((g**2).sum() for g in first), [x, y])
    p, q = (pynn.tensor(t, requires_grad=True) for t in (a, b))
    ours = pynn._core.gradients((pynn.tanh(p @ q) ** 2).sum(), [p, q], None, True)
    again = pynn._core.gradients((ours[0] ** 2).sum() + (ours[1] ** 2).sum(), [p, q])
    for got, expected in zip([*ours, *again], [*first, *second], strict=True):
        np.testing.assert_allclose(got.detach().numpy(), expected.detach().numpy(), rtol=1e-10)


def test_half_precision_has_gradients():
    a, b = (pynn.asarray(draw((3, 3), seed=s)).astype("float16") for s in (1, 2))
    a.requires_grad = True
    (a @ b).backward(pynn.ones((3, 3), dtype="float16"))
    assert a.grad.dtype == "float16"
    expected = b.astype("float64").numpy().sum(axis=1)
    np.testing.assert_allclose(a.grad.astype("float64").numpy(), np.tile(expected, (3, 1)), atol=4e-3)


# ---- Errors ----------------------------------------------------------------------------------------------------------

ERRORS = [
    (lambda a: pynn.matmul(a((3, 2)), a((3, 2))), pynn.ShapeError,
     "matmul: shapes (3, 2) and (3, 2) do not multiply: axis -1 of x1 is 2, axis -2 of x2 is 3; "
     "x1.mT or x2.mT would fit"),
    (lambda a: pynn.matmul(a((3, 2)), a((3,))), pynn.ShapeError,
     "matmul: shapes (3, 2) and (3,) do not multiply: axis -1 of x1 is 2, axis 0 of x2 is 3; x1.mT would fit"),
    (lambda a: pynn.matmul(a((2, 3, 2)), a((3, 2, 2))), pynn.ShapeError,
     "matmul: shapes (2, 3, 2) and (3, 2, 2) do not multiply: the axes before the last two, (2,) and (3,), do not "
     "broadcast"),
    (lambda a: pynn.matmul(a((2,)), 3.0), pynn.ShapeError,
     "matmul: needs at least 1 dimension, got shapes (2,) and (); use * for a scalar"),
    (lambda a: pynn.matmul(a((2,), bool), a((2,), bool)), pynn.DtypeError,
     "matmul is not defined for bool; convert first: x.astype('float32')"),
    (lambda a: pynn.matmul("a", a((2,))), TypeError, "matmul: expected a tensor, an array or a number, got str"),
    (lambda a: pynn.tensordot(a((2, 3)), a((3, 2)), axes=3), pynn.ShapeError,
     "tensordot: cannot sum over 3 axes of shapes (2, 3) and (3, 2)"),
    (lambda a: pynn.tensordot(a((2, 3)), a((3, 2)), axes=([0], [0])), pynn.ShapeError,
     "tensordot: axis 0 of x1 (2, 3) is 2, axis 0 of x2 (3, 2) is 3"),
    (lambda a: pynn.tensordot(a((2, 3)), a((3, 2)), axes=([0], [0, 1])), pynn.ShapeError,
     "tensordot: names 1 axes of x1 and 2 of x2; it needs as many of each"),
    (lambda a: pynn.tensordot(a((2, 2)), a((2, 2)), axes=([0, 0], [0, 1])), pynn.ShapeError,
     "tensordot: axis 0 is given twice"),
    (lambda a: pynn.tensordot(a((2, 2)), a((2, 2)), axes=([2], [0])), pynn.ShapeError,
     "tensordot: axis 2 is out of range for a tensor with 2 dimensions"),
    (lambda a: pynn.tensordot(a((2, 2)), a((2, 2)), axes=1.5), TypeError,
     "tensordot: axes is an integer, or the axes of x1 and those of x2, got 1.5"),
    (lambda a: pynn.tensordot(a((2, 2)), a((2, 2)), axes=([0],)), TypeError,
     "tensordot: axes is an integer, or the axes of x1 and those of x2, got ([0],)"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "text"), ERRORS, ids=range(len(ERRORS)))
def test_wrong_arguments(call, error, text):
    with pytest.raises(error) as e:
        call(lambda shape, dtype=np.float32: np.ones(shape, dtype))
    assert str(e.value) == text


@pytest.mark.parametrize("shape", [(1, 40), (40, 40)], ids=["vector", "matrix"])
def test_denormal_numbers_count_as_zero_in_products_only(shape, isa):
    tiny = np.full(shape, 1e-40, np.float32)
    np.testing.assert_array_equal(pynn.asarray(tiny) @ np.ones((40, 50), np.float32), 0)
    assert (pynn.asarray(tiny) + tiny).numpy().min() > 0
    assert (tiny + tiny).min() > 0  # the caller's floating-point mode is as it was
