"""pynn.linalg: values against NumPy, derivatives against differences and PyTorch, and what it refuses."""

import re
from functools import partial

import numpy as np
import pytest

import pynn
from pynn import linalg
from pynn.testing import check_grad


def well_placed(rng, *shape):
    """Matrices whose singular values are all different and far from 0."""
    x = rng.standard_normal(shape)
    u, s, vh = np.linalg.svd(x, full_matrices=False)
    return (u * (np.arange(s.shape[-1], 0, -1) + rng.uniform(0, 0.5, s.shape))[..., None, :]) @ vh


def positive(x):
    """A positive definite matrix made of any."""
    return x @ x.mT + pynn.eye(x.shape[-1], dtype=x.dtype)


def symmetric(x):
    return x + x.mT


# (name, function of tensors, shapes of its operands, the same in PyTorch)
CASES = [
    ("inv", linalg.inv, [(2, 4, 4)], lambda la, x: la.inv(x)),
    ("det", linalg.det, [(2, 4, 4)], lambda la, x: la.det(x)),
    ("det of 1 x 1", linalg.det, [(1, 1)], lambda la, x: la.det(x)),
    ("slogdet", lambda x: linalg.slogdet(x).logabsdet, [(3, 3)], lambda la, x: la.slogdet(x)[1]),
    ("solve", linalg.solve, [(2, 3, 3), (2, 3, 2)], lambda la, a, b: la.solve(a, b)),
    ("solve vector", linalg.solve, [(3, 3), (3,)], lambda la, a, b: la.solve(a, b)),
    ("solve broadcast", linalg.solve, [(2, 1, 3, 3), (4, 3, 1)], lambda la, a, b: la.solve(a, b)),
    ("cholesky", lambda x: linalg.cholesky(positive(x)), [(2, 3, 3)], None),
    ("cholesky upper", lambda x: linalg.cholesky(positive(x), upper=True), [(2, 3, 3)], None),
    ("eigenvalues", lambda x: linalg.eigh(symmetric(x)).eigenvalues, [(2, 3, 3)], None),
    ("eigenvectors", lambda x: linalg.eigh(symmetric(x)).eigenvectors ** 2, [(2, 3, 3)], None),
    ("eigvalsh", lambda x: linalg.eigvalsh(symmetric(x)), [(2, 3, 3)], None),
    ("svdvals", linalg.svdvals, [(2, 4, 3)], lambda la, x: la.svdvals(x)),
    ("svd U", lambda x: linalg.svd(x, full_matrices=False).U ** 2, [(2, 4, 3)], None),
    ("svd S", lambda x: linalg.svd(x).S, [(3, 4)], None),
    ("svd Vh", lambda x: linalg.svd(x, full_matrices=False).Vh ** 2, [(2, 3, 4)], None),
    ("qr Q", lambda x: linalg.qr(x).Q, [(2, 4, 3)], lambda la, x: la.qr(x)[0]),
    ("qr R", lambda x: linalg.qr(x).R, [(3, 3)], lambda la, x: la.qr(x)[1]),
    ("pinv", linalg.pinv, [(2, 4, 3)], lambda la, x: la.pinv(x)),
    ("pinv wide", linalg.pinv, [(3, 4)], lambda la, x: la.pinv(x)),
    ("power", lambda x: linalg.matrix_power(x, 3), [(2, 3, 3)], lambda la, x: la.matrix_power(x, 3)),
    ("power -2", lambda x: linalg.matrix_power(x, -2), [(2, 3, 3)], lambda la, x: la.matrix_power(x, -2)),
    ("cross", partial(linalg.cross, axis=-2), [(2, 3, 4), (3, 1)], None),
    ("vecdot", linalg.vecdot, [(2, 3, 4), (3, 4)], lambda la, a, b: la.vecdot(a, b)),
    ("outer", linalg.outer, [(3,), (4,)], None),
    ("diagonal", partial(linalg.diagonal, offset=-1), [(2, 4, 3)], lambda la, x: la.diagonal(x, offset=-1)),
    ("trace", partial(linalg.trace, offset=1), [(2, 4, 3)], None),
    ("vector_norm", linalg.vector_norm, [(2, 3)], lambda la, x: la.vector_norm(x)),
    ("vector_norm 3", partial(linalg.vector_norm, axis=-1, ord=3), [(2, 3)], None),
    *(
        (
            f"matrix_norm {ord}",
            partial(linalg.matrix_norm, ord=ord),
            [(2, 4, 3)],
            partial(lambda ord, la, x: la.matrix_norm(x, ord=ord), ord),
        )
        for ord in ("fro", "nuc", 2, -2, 1, -1, np.inf, -np.inf)
    ),
]
every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])


def operands(shapes, rng):
    return [well_placed(rng, *s) if len(s) > 1 and min(s) > 1 else rng.uniform(1, 2, s) for s in shapes]


@every_case
def test_derivatives_of_first_and_second_order(case, rng):
    _, function, shapes, _ = case
    check_grad(function, *operands(shapes, rng), order=2, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("case", [case for case in CASES if case[3]], ids=lambda case: case[0])
def test_values_and_gradients_are_pytorchs(case, rng):
    torch = pytest.importorskip("torch")
    _, function, shapes, peer = case
    arrays = operands(shapes, rng)
    ours = [pynn.tensor(x, requires_grad=True) for x in arrays]
    theirs = [torch.tensor(x, requires_grad=True) for x in arrays]
    y, expected = function(*ours), peer(torch.linalg, *theirs)
    np.testing.assert_allclose(y.detach().numpy(), expected.detach().numpy(), rtol=1e-9)
    w = rng.standard_normal(y.shape)
    (y * w).sum().backward()
    (expected * torch.tensor(w)).sum().backward()
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a.grad.numpy(), b.grad.numpy(), rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", [(3, 3), (2, 0, 4, 4), (0, 0), (1, 1), (2, 5, 5)])
def test_values_are_numpys(shape, dtype, rng):
    x = rng.standard_normal(shape).astype(dtype)
    x = x @ x.swapaxes(-1, -2) + np.eye(shape[-1], dtype=dtype)
    for name in ("inv", "det", "slogdet", "cholesky", "eigh", "eigvalsh", "svd", "qr", "pinv"):
        found, expected = getattr(linalg, name)(pynn.asarray(x)), getattr(np.linalg, name)(x)
        parts = (found,) if isinstance(found, pynn.Tensor) else found
        for part, value in zip(parts, expected if len(parts) > 1 else (expected,), strict=True):
            assert part.dtype == dtype, name
            assert part.shape == np.shape(value), name
            np.testing.assert_array_equal(part.numpy(), value, err_msg=name)
    np.testing.assert_array_equal(linalg.matrix_rank(pynn.asarray(x)).numpy(), np.linalg.matrix_rank(x))


def test_results_have_the_names_of_the_standard(rng):
    x = pynn.asarray(rng.standard_normal((3, 3)))
    assert linalg.eigh(x)._fields == ("eigenvalues", "eigenvectors")
    assert linalg.qr(x)._fields == ("Q", "R")
    assert linalg.slogdet(x)._fields == ("sign", "logabsdet")
    assert linalg.svd(x)._fields == ("U", "S", "Vh")


def test_only_one_triangle_is_read(rng):
    x = rng.standard_normal((3, 3))
    x = x @ x.T + np.eye(3)
    lower, upper = np.tril(x), np.triu(x)
    np.testing.assert_allclose(linalg.cholesky(lower).numpy(), np.linalg.cholesky(x))
    np.testing.assert_allclose(linalg.cholesky(upper, upper=True).numpy(), np.linalg.cholesky(x).T)
    np.testing.assert_allclose(linalg.eigvalsh(lower).numpy(), np.linalg.eigvalsh(x))


def test_rank_counts_what_is_above_the_tolerance():
    x = np.diag([1.0, 1e-3, 1e-9])
    assert linalg.matrix_rank(x).item() == 3
    assert linalg.matrix_rank(x, rtol=1e-6).item() == 2
    assert linalg.matrix_rank(np.stack([x, x]), rtol=np.array([1e-2, 1e-6])).tolist() == [1, 2]
    assert linalg.matrix_rank(np.zeros((2, 3, 0))).tolist() == [0, 0]
    assert linalg.matrix_rank(np.zeros((2, 2))).item() == 0
    np.testing.assert_allclose(linalg.pinv(x, rtol=1e-6).numpy(), np.diag([1, 1e3, 0]))


def test_determinants_of_singular_matrices_have_a_gradient(rng):
    x = pynn.tensor([[1.0, 2.0], [2.0, 4.0]], requires_grad=True)
    linalg.det(x).backward()
    np.testing.assert_allclose(x.grad.numpy(), [[4, -2], [-2, 1]], atol=1e-5)
    zero = pynn.tensor(np.zeros((3, 3)), requires_grad=True)
    linalg.det(zero).backward()
    np.testing.assert_array_equal(zero.grad.numpy(), np.zeros((3, 3)))


def test_a_zero_vector_has_the_gradient_zero():
    x = pynn.tensor(np.zeros((2, 3)), requires_grad=True)
    (linalg.vector_norm(x, axis=-1).sum() + linalg.matrix_norm(x)).backward()
    assert not x.grad.numpy().any()


SQUARE = np.diag([2.0, 1.0])
REFUSED = [
    (
        lambda: linalg.inv([[1, 2], [3, 4]]),
        pynn.DtypeError,
        "inv is defined for float32 and float64, not for int64; convert first: x.astype('float32')",
    ),
    (
        lambda: linalg.det(np.ones((2, 3))),
        pynn.ShapeError,
        "det: needs square matrices, shape (..., n, n), got (2, 3)",
    ),
    (lambda: linalg.svd(np.ones(3)), pynn.ShapeError, "svd: needs matrices, shape (..., m, n), got (3,)"),
    (lambda: linalg.inv(np.zeros((2, 2))), ValueError, "inv: singular matrix"),
    (lambda: linalg.solve(np.zeros((2, 2)), np.ones(2)), ValueError, "solve: singular matrix"),
    (lambda: linalg.cholesky(-SQUARE), ValueError, "cholesky: matrix is not positive definite"),
    (
        lambda: linalg.solve(SQUARE, np.ones(3)),
        pynn.ShapeError,
        "solve: x1 of shape (2, 2) needs x2 of shape (..., 2, k), got (3,)",
    ),
    (
        lambda: linalg.outer(SQUARE, np.ones(2)),
        pynn.ShapeError,
        "outer: needs two vectors, got shapes (2, 2) and (2,)",
    ),
    (
        lambda: linalg.cross(np.ones(2), np.ones(2)),
        pynn.ShapeError,
        "cross: axis -1 must be 3 in both shapes, got (2,) and (2,)",
    ),
    (
        lambda: linalg.vecdot(np.ones((2, 3)), np.ones((2, 4))),
        pynn.ShapeError,
        "vecdot: axis -1 is 3 in shape (2, 3) and 4 in (2, 4)",
    ),
    (
        lambda: linalg.matrix_norm(SQUARE, ord=3),
        ValueError,
        "matrix_norm: ord 3 is none of 'fro', 'nuc', 1, -1, 2, -2, inf, -inf",
    ),
    (
        lambda: linalg.qr(SQUARE, mode="r"),
        ValueError,
        "qr: mode must be 'reduced' or 'complete', got 'r'",
    ),
]


@pytest.mark.parametrize(("call", "error", "message"), REFUSED, ids=lambda value: "")
def test_mistakes(call, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        call()


NO_DERIVATIVE = [
    (
        lambda x: linalg.svd(x).U,
        (3, 2),
        "svd: the full matrices of one that is not square have no derivative; use full_matrices=False",
    ),
    (
        lambda x: linalg.qr(x).Q,
        (2, 3),
        "qr: has a derivative for matrices with m >= n in mode 'reduced' only",
    ),
    (
        lambda x: linalg.eigh(x).eigenvectors,
        (2, 2),
        "eigh: two values are equal, so that their vectors have no derivative",
    ),
    (
        lambda x: linalg.svd(x).U,
        (2, 2),
        "svd: a singular value is 0, so that its vectors have no derivative",
    ),
    (
        lambda x: linalg.slogdet(x).logabsdet,
        (2, 2),
        "slogdet: this derivative does not exist for a singular matrix",
    ),
]


@pytest.mark.parametrize(("function", "shape", "message"), NO_DERIVATIVE, ids=lambda value: "")
def test_a_derivative_that_does_not_exist_says_so(function, shape, message):
    x = pynn.tensor(np.zeros(shape), requires_grad=True)
    y = function(x)
    with pytest.raises(pynn.GradientError, match=f"^{re.escape(message)}$"):
        y.sum().backward()
