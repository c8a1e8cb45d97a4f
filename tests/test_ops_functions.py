"""keras.ops that take functions or have more than one right answer; derivatives; symbolic tensors; errors."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from ops_cases import IMAGES, PICTURES, TABLE

import pynn
from pynn import ops, symbolic
from pynn.testing import check_grad

RNG = np.random.default_rng(3)
X = RNG.uniform(-2, 2, (3, 4)).astype("float32")
SQUARE = RNG.uniform(-1, 1, (4, 4)).astype("float32") + 3 * np.eye(4, dtype="float32")


# --- Functions of functions ------------------------------------------------------------------------------


def test_cond_and_switch_call_one_branch():
    assert ops.cond(pynn.asarray(True), lambda: 1, lambda: 1 / 0) == 1
    assert ops.switch(5, [lambda x: 1 / 0, lambda x: x + 1], 2) == 3


def test_while_loop_stops_by_its_condition_or_at_its_limit():
    assert ops.while_loop(lambda i: i < 5, lambda i: i + 2, 0) == 6
    assert ops.while_loop(lambda i, s: i < 9, lambda i, s: (i + 1, s + i), (0, 0), 3) == (3, 3)


def test_fori_loop_hands_the_index_on():
    assert ops.fori_loop(2, 5, lambda i, total: total + i, 0) == 2 + 3 + 4


@pytest.mark.parametrize("reverse", [False, True])
def test_scan_carries_and_collects(quick_keras, reverse):
    def step(carry, x):
        return carry + x, carry * x

    got = ops.scan(step, pynn.zeros(4), X, reverse=reverse)
    expected = quick_keras.ops.scan(step, np.zeros(4, "float32"), X, reverse=reverse)
    for a, b in zip(got, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6)


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("axis", [0, 1])
def test_associative_scan_is_a_running_result(reverse, axis):
    got = ops.associative_scan(lambda a, b: a + b, X, reverse=reverse, axis=axis)
    ordered = np.flip(X, axis) if reverse else X
    expected = np.cumsum(ordered, axis)
    np.testing.assert_allclose(got, np.flip(expected, axis) if reverse else expected, rtol=1e-5)


def test_map_and_vectorized_map_keep_structures():
    got = ops.map(lambda pair: {"sum": pair[0] + pair[1]}, (X, X))
    np.testing.assert_array_equal(got["sum"], 2 * X)
    np.testing.assert_array_equal(
        ops.vectorized_map(lambda row: row.sum(), X), np.asarray(pynn.sum(X, axis=1))
    )


def test_vectorize_calls_for_each_element():
    double = ops.vectorize(lambda x, y: x * y + 1)
    np.testing.assert_allclose(double(X, 2.0), 2 * X + 1, rtol=1e-6)


def test_jvp_is_the_derivative_along_a_direction():
    y, d = ops.jvp(lambda x: ops.sin(x) * x, [X], [np.ones_like(X)])
    np.testing.assert_allclose(y, np.sin(X) * X, rtol=1e-6)
    np.testing.assert_allclose(d, np.cos(X) * X + np.sin(X), rtol=1e-5, atol=1e-6)


def test_custom_gradient_replaces_the_derivative():
    @ops.custom_gradient
    def log1pexp(x):
        e = ops.exp(x)
        return ops.log(1 + e), lambda upstream: upstream * (1 - 1 / (1 + e))

    x = pynn.tensor([100.0, 0.0], requires_grad=True)
    log1pexp(x).sum().backward()
    assert x.grad.tolist() == [1.0, 0.5]


def test_custom_gradient_of_several_arguments_calls_the_function_once_a_walk():
    calls = []

    @ops.custom_gradient
    def product(a, b):
        def gradient(upstream):
            calls.append(1)
            return [upstream * b * 10, None]

        return a * b, gradient

    a, b = (pynn.tensor([2.0, 3.0], requires_grad=True) for _ in range(2))
    y = product(a, b).sum()
    y.backward()
    assert (a.grad.tolist(), b.grad.tolist(), len(calls)) == ([20.0, 30.0], [0.0, 0.0], 1)


def test_custom_gradient_checks_what_it_gets():
    wrong = ops.custom_gradient(lambda x: (x * 2, lambda upstream: pynn.ones(5)))
    x = pynn.tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(pynn.ShapeError) as error:
        wrong(x).sum().backward()
    assert str(error.value) == "backward: custom_gradient: a gradient has shape (5,), its argument (2,)"


# --- More than one right answer --------------------------------------------------------------------------


def test_decompositions_multiply_to_what_they_decompose():
    q, r = ops.qr(X.T)
    np.testing.assert_allclose(q @ r, X.T, atol=1e-5)
    u, s, vt = ops.svd(X, full_matrices=False)
    np.testing.assert_allclose(u @ (s[:, None] * vt), X, atol=1e-5)
    symmetric = SQUARE + SQUARE.T
    w, v = ops.eigh(symmetric)
    np.testing.assert_allclose((v * w) @ v.T, symmetric, atol=1e-4)


def test_argpartition_puts_the_smaller_before():
    order = np.asarray(ops.argpartition(X, 2))
    ranked = np.take_along_axis(X, order, 1)
    assert (ranked[:, :2] <= ranked[:, 2:3]).all()
    assert (ranked[:, 3:] >= ranked[:, 2:3]).all()


def test_sparsemax_is_the_activation():
    np.testing.assert_array_equal(ops.sparsemax(X), pynn.activations.sparsemax(pynn.asarray(X)))


def test_top_k_takes_the_first_of_equals():
    values, places = ops.top_k([[1.0, 3.0, 3.0, 2.0]], 2)
    assert (values.tolist(), places.tolist(), str(places.dtype)) == ([[3.0, 3.0]], [[1, 2]], "int32")


# --- Derivatives -----------------------------------------------------------------------------------------

GENERAL = RNG.uniform(0.2, 1.8, (3, 4))
COMPOSED = {
    "cbrt": lambda x: ops.cbrt(x),
    "erfinv": lambda x: ops.erfinv(x / 3),
    "sinc": lambda x: ops.sinc(x),
    "logaddexp2": lambda x: ops.logaddexp2(x, x * x),
    "fmod": lambda x: ops.fmod(x, 0.7),
    "divide_no_nan": lambda x: ops.divide_no_nan(x, x - 0.1),
    "median": lambda x: ops.median(x, axis=1),
    "quantile": lambda x: ops.quantile(x, [0.2, 0.7], axis=0),
    "nanvar": lambda x: ops.nanvar(x, axis=1),
    "cumprod": lambda x: ops.cumprod(x, axis=1),
    "trapezoid": lambda x: ops.trapezoid(x, axis=0),
    "average": lambda x: ops.average(x, axis=1, weights=[1.0, 2.0, 3.0, 4.0]),
    "segment_sum": lambda x: ops.segment_sum(x, [1, 0, 1], 3),
    "scatter": lambda x: ops.scatter([[0], [2], [0]], x, (4, 4)),
    "scatter_update": lambda x: ops.scatter_update(x, [[0, 1], [0, 1], [2, 2]], x[0, :3]),
    "slice_update": lambda x: ops.slice_update(x, (1, 1), x[:2, :2]),
    "pad": lambda x: ops.pad(x, ((1, 1), (2, 0)), mode="reflect"),
    "diag": lambda x: ops.diag(x[0], k=-1),
    "diagonal": lambda x: ops.diagonal(x, offset=1),
    "rot90": lambda x: ops.rot90(x),
    "rearrange": lambda x: ops.rearrange(x, "a (b c) -> c a b", b=2),
    "kron": lambda x: ops.kron(x, x[:2, :2]),
    "cross": lambda x: ops.cross(x[:, :3], x[:, 1:]),
    "cdist": lambda x: ops.cdist(x, x[:2] * 2),
    "correlate": lambda x: ops.correlate(x[0], x[1, :2], mode="full"),
    "corrcoef": lambda x: ops.corrcoef(x),
    "normalize": lambda x: ops.normalize(x, axis=0),
    "norm": lambda x: ops.norm(x, ord=1, axis=(0, 1)),
    "layer_normalization": lambda x: ops.layer_normalization(x, gamma=[1.0, 2.0, 3.0, 4.0]),
    "softmax over axes": lambda x: ops.softmax(x.reshape(3, 2, 2), axis=(0, 2)),
    "unfold": lambda x: ops.unfold(x.reshape(1, 1, 3, 4), 2),
    "attention": lambda x: ops.dot_product_attention(
        *(x.reshape(1, 3, 2, 2) * k for k in (1, 2, 3)), is_causal=True
    ),
    "resize": lambda x: ops.image.resize(x.reshape(3, 4, 1), (5, 2)),
    "affine": lambda x: ops.image.affine_transform(x.reshape(3, 4, 1), [0.9, 0.1, 0.3, -0.2, 1.1, 0.2, 0, 0]),
    "hsv": lambda x: ops.image.hsv_to_rgb(ops.image.rgb_to_hsv(x.reshape(1, 4, 3) / 2)),
}


@pytest.mark.parametrize("name", COMPOSED)
def test_a_composed_operation_has_its_derivatives(name):
    check_grad(COMPOSED[name], GENERAL, order=2, rtol=2e-4, atol=1e-5)


def test_what_numpy_computes_refuses_a_derivative():
    x = pynn.tensor(SQUARE, requires_grad=True)
    with pytest.raises(pynn.GradientError) as error:
        ops.lstsq(x, SQUARE)
    assert str(error.value) == (
        "lstsq has no derivative in pynn; write lstsq(stop_gradient(x)) if none is needed through it"
    )
    np.testing.assert_allclose(
        ops.lstsq(ops.stop_gradient(x), SQUARE).numpy(), np.eye(len(SQUARE)), atol=1e-5
    )


LINEAR_ALGEBRA = {
    "det": ops.det,
    "slogdet": lambda x: ops.slogdet(x)[1],
    "inv": ops.inv,
    "pinv": ops.pinv,
    "cholesky": lambda x: ops.cholesky(x @ ops.transpose(x), upper=True),
    "cholesky_inverse": ops.cholesky_inverse,
    "eigh": lambda x: ops.eigh(x + ops.transpose(x))[0],
    "svd": lambda x: ops.svd(x, compute_uv=False),
    "solve": lambda x: ops.solve(x, ops.sum(x, axis=1)),
    "nuclear": lambda x: ops.norm(x, ord="nuc"),
    "norm of axes": lambda x: ops.norm(ops.stack([x, 2 * x], axis=1), ord=2, axis=(0, 2), keepdims=True),
}


@pytest.mark.parametrize("name", LINEAR_ALGEBRA)
def test_linear_algebra_has_its_derivatives(name):
    check_grad(LINEAR_ALGEBRA[name], SQUARE, order=2, rtol=1e-4, atol=1e-6)


def test_an_operation_follows_a_tape():
    v = pynn.Variable([1.0, 2.0])
    with pynn.GradientTape() as tape:
        loss = ops.sum(ops.square(v))
    assert tape.gradient(loss, v).tolist() == [2.0, 4.0]


# --- What is taken and given -----------------------------------------------------------------------------


@pytest.mark.parametrize("make", [np.asarray, pynn.asarray, pynn.Variable, np.ndarray.tolist])
def test_tensors_variables_arrays_and_lists_are_taken(make):
    np.testing.assert_allclose(ops.exp(make(X)), np.exp(X), rtol=1e-6)
    np.testing.assert_allclose(ops.add(make(X), 1), X + 1, rtol=1e-6)
    assert ops.is_tensor(ops.exp(make(X)))


def test_python_numbers_become_32_bits_and_arrays_keep_theirs():
    assert [ops.dtype(x) for x in (1, 1.0, True, [1, 2], np.int64(1), np.zeros(1), 2**40)] == [
        "int32",
        "float32",
        "bool",
        "int32",
        "int64",
        "float64",
        "int64",
    ]


def test_shapes_may_be_tensors():
    assert ops.zeros(pynn.asarray([2, 3])).shape == (2, 3)
    assert ops.reshape(X, (pynn.asarray(4), -1)).shape == (4, 3)
    assert ops.broadcast_to(1.0, np.array([2, 2])).shape == (2, 2)


def test_floatx_is_the_dtype_of_what_has_none():
    pynn.config.set_floatx("float64")
    try:
        kinds = [
            str(x.dtype) for x in (ops.ones(2), ops.exp(1), ops.mean([1, 2]), ops.convert_to_tensor(0.1))
        ]
    finally:
        pynn.config.set_floatx("float32")
    assert kinds == ["float64"] * 4


def test_symbolic_tensors_become_nodes_of_a_model():
    x = pynn.Input((4,))
    y = ops.concatenate([ops.exp(x), ops.maximum(x, 0.0)], axis=-1)
    z = ops.sum(ops.softmax(y), axis=1, keepdims=True)
    assert (y.shape, z.shape, y.dtype) == ((None, 8), (None, 1), "float32")
    assert ops.shape(y) == (None, 8)
    assert ops.is_tensor(y)
    assert ops.dtype(x) == "float32"


SYMBOLIC = [
    entry
    for entry in (*TABLE, *IMAGES)
    if entry[0] not in ops._PLAIN | {"nonzero", "unique", "where"}
    and isinstance((*entry[1], None)[0], np.ndarray)
]


def test_what_is_known_of_symbolic_results_is_what_comes_out():
    """For every case of the table whose first argument is an array, in one go: it takes microseconds each."""
    wrong = []
    for entry in SYMBOLIC:
        name, args, kwargs = entry
        function = getattr(ops.image if id(entry) in PICTURES else ops, name)
        declared = symbolic.SymbolicTensor(args[0].shape, str(args[0].dtype))
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            known = symbolic.flatten(function(declared, *args[1:], **kwargs))
            found = symbolic.flatten(function(*args, **kwargs))
        if [(x.shape, x.dtype) for x in known] != [(x.shape, str(x.dtype)) for x in found]:
            wrong.append(name)
    assert len(SYMBOLIC) > 500
    assert wrong == []


def test_sizes_that_depend_on_values_are_not_known():
    x = pynn.Input((3,))
    assert [place.shape for place in ops.nonzero(x)] == [(None,)] * 2
    assert [place.shape for place in ops.where(x > 0)] == [(None,)] * 2
    with pytest.raises(NotImplementedError, match=r"^unique: how many elements differ depends on the values"):
        ops.unique(x)


def test_mistakes_name_the_operation():
    cases = [
        (
            lambda: ops.pad(X, 1, mode="mirror"),
            "pad: mode must be 'constant', 'reflect', 'symmetric', 'edge' or 'wrap', got 'mirror'",
        ),
        (lambda: ops.where(X > 0, X), "where: give both x1 and x2, or neither"),
        (
            lambda: ops.slice(X, (0, 0), (4, 1)),
            "slice: a box of shape (4, 1) at (0, 0) does not lie within shape (3, 4)",
        ),
        (lambda: ops.top_k(X, 5), "top_k: k=5 but the last axis of shape (3, 4) has not as many elements"),
        (lambda: ops.det(X), "det: needs square matrices, shape (..., n, n), got (3, 4)"),
        (
            lambda: ops.rearrange(X, "a b"),
            "rearrange: the pattern must be 'axes -> axes' of names and parentheses, got 'a b'",
        ),
        (
            lambda: ops.image.resize(X, (2, 2)),
            "resize: needs one picture (3 axes) or a batch (4), got shape (3, 4)",
        ),
        (
            lambda: ops.segment_sum(X, [0, 1]),
            "segment_sum: shape (3, 4) needs segment_ids of shape (3,), got (2,)",
        ),
        (lambda: ops.solve(np.zeros((2, 2)), [1.0, 2.0]), "solve: singular matrix"),
        (lambda: ops.inv(np.zeros((2, 2))), "inv: singular matrix"),
        (lambda: ops.unstack(X, 2), "unstack: num=2 but axis 0 of shape (3, 4) has 3 slices"),
    ]
    for call, message in cases:
        with pytest.raises(ValueError) as error:  # noqa: PT011 - the whole message is compared
            call()
        assert str(error.value) == message


def test_what_is_not_supported_says_so():
    for call, message in (
        (lambda: ops.one_hot([1], 2, sparse=True), "one_hot: pynn has no sparse tensors; leave sparse=False"),
        (
            lambda: ops.image.resize(X[None, ..., None], (2, 2), antialias=True),
            "resize: pynn does not support antialias=True",
        ),
        (
            lambda: ops.convert_to_tensor(X, sparse=True),
            "convert_to_tensor: pynn has no sparse or ragged tensors",
        ),
    ):
        with pytest.raises(NotImplementedError) as error:
            call()
        assert str(error.value) == message
