"""Convolutions against a sum over the positions of the window: every geometry, gradients, levels, threads, errors."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from errors import raises
from hypothesis import given, settings
from hypothesis import strategies as st

import pynn
from pynn.testing import check_grad


def draw(shape, dtype="float64", seed=0):
    return np.random.default_rng((seed, *shape)).standard_normal(shape).astype(dtype)


def same_pairs(sizes, window, strides, dilation):
    """TensorFlow's rule: ceil(size / stride) windows, the smaller half of the padding first."""
    pairs = []
    for n, k, s, d in zip(sizes, window, strides, dilation, strict=True):
        total = max((math.ceil(n / s) - 1) * s + (k - 1) * d + 1 - n, 0)
        pairs.append((total // 2, total - total // 2))
    return pairs


def naive(x, kernel, strides, pairs, dilation):
    """One matrix product for each position of the window and each group, in float64."""
    x, kernel = np.asarray(x, np.float64), np.asarray(kernel, np.float64)
    x = np.pad(x, [(0, 0), *pairs, (0, 0)])
    *window, part, filters = kernel.shape
    groups = x.shape[-1] // part
    counts = [
        (n - (k - 1) * d - 1) // s + 1
        for n, k, s, d in zip(x.shape[1:-1], window, strides, dilation, strict=True)
    ]
    y = np.zeros((x.shape[0], *counts, groups, filters // groups))
    for tap in itertools.product(*map(range, window)):
        at = tuple(
            slice(i * d, i * d + (n - 1) * s + 1, s)
            for i, d, n, s in zip(tap, dilation, counts, strides, strict=True)
        )
        seen = x[(slice(None), *at)].reshape(*y.shape[:-1], part)
        y += np.einsum("...gi,igo->...go", seen, kernel[tap].reshape(part, groups, filters // groups))
    return y.reshape(*y.shape[:-2], filters)


@st.composite
def cases(draw_from):
    """Shapes of x and of the kernel, strides, padding and dilation, whatever fits together."""
    rank = draw_from(st.integers(1, 3))
    small = st.integers(1, 3)
    each = lambda numbers: tuple(draw_from(numbers) for _ in range(rank))  # noqa: E731
    window, strides, dilation = each(st.integers(1, 4)), each(st.integers(1, 5)), each(small)
    pairs = tuple((draw_from(st.integers(0, 3)), draw_from(st.integers(0, 3))) for _ in range(rank))
    sizes = tuple(
        max(1, (k - 1) * d + 1 - low - high) + draw_from(st.integers(0, 9 // rank))
        for k, d, (low, high) in zip(window, dilation, pairs, strict=True)
    )
    groups, part = draw_from(st.sampled_from([1, 1, 1, 2, 3])), draw_from(st.sampled_from([1, 2, 5, 17]))
    filters = groups * draw_from(st.sampled_from([1, 3, 8, 18]))
    batch = draw_from(st.integers(0, 3))
    return (batch, *sizes, groups * part), (*window, part, filters), strides, pairs, dilation


@settings(max_examples=60, deadline=None)
@given(cases())
def test_any_geometry(case):
    x_shape, kernel_shape, strides, pairs, dilation = case
    x, kernel, bias = draw(x_shape), draw(kernel_shape, seed=1), draw(kernel_shape[-1:], seed=2)
    moves = {"strides": strides, "padding": pairs, "dilation_rate": dilation}
    expected = naive(x, kernel, strides, pairs, dilation)
    np.testing.assert_allclose(pynn.conv(x, kernel, **moves).numpy(), expected, rtol=1e-11, atol=1e-12)
    tensors = [pynn.tensor(v, requires_grad=True) for v in (x, kernel, bias)]
    y = pynn.conv(*tensors, "relu", **moves)
    np.testing.assert_allclose(y.detach().numpy(), np.maximum(expected + bias, 0), rtol=1e-11, atol=1e-12)
    # <g, conv(x, kernel)> is linear in x and in kernel: its gradients are known along any direction.
    g = draw(expected.shape, seed=3) * (expected + bias > 0)
    y.backward(pynn.asarray(g))
    for tensor, (a, b) in zip(
        tensors[:2], [(draw(x_shape, seed=4), kernel), (x, draw(kernel_shape, seed=4))], strict=True
    ):
        direction = a if tensor is tensors[0] else b
        change = (naive(a, b, strides, pairs, dilation) * g).sum()
        np.testing.assert_allclose((tensor.grad.numpy() * direction).sum(), change, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(
        tensors[2].grad.numpy(), g.sum(tuple(range(g.ndim - 1))), rtol=1e-9, atol=1e-11
    )


# Both sides of the tiles' edges, of the blocks of windows, and of those of K.
LARGE = [
    ((3, 26, 26, 1), (3, 3, 1, 33)),
    ((2, 13, 13, 32), (3, 3, 32, 64)),
    ((37, 5, 5, 8), (3, 3, 8, 16)),
    ((1, 9, 9, 70), (3, 3, 70, 130)),
    ((2, 700, 3), (5, 3, 20)),
    ((1, 6, 7, 8, 9), (2, 3, 3, 9, 17)),
    ((1, 8, 8, 24), (2, 2, 4, 36)),
    ((2, 9, 3, 320), (9, 1, 320, 18)),  # of the first rows, all that the first block of K holds is padding
]


@pytest.mark.parametrize(("x_shape", "kernel_shape"), LARGE)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("padding", ["valid", "same"])
def test_sizes_beyond_a_block(x_shape, kernel_shape, dtype, padding, isa):
    x, kernel, bias = draw(x_shape, dtype), draw(kernel_shape, dtype, 1), draw(kernel_shape[-1:], dtype, 2)
    rank = x.ndim - 2
    ones = (1,) * rank
    pairs = (
        same_pairs(x_shape[1:-1], kernel_shape[:rank], ones, ones) if padding == "same" else [(0, 0)] * rank
    )
    expected = naive(x, kernel, ones, pairs, ones) + bias
    rtol = {"float32": 1e-5, "float64": 1e-13}[dtype]
    scale = math.sqrt(math.prod(kernel_shape[:-1]))
    tensors = [pynn.tensor(v, requires_grad=True) for v in (x, kernel)]
    y = pynn.conv(*tensors, bias, padding=padding)
    np.testing.assert_allclose(y.detach().numpy(), expected, rtol=rtol, atol=rtol * scale)
    g = draw(expected.shape, dtype, 3)
    y.backward(pynn.asarray(g))
    for tensor, operands in zip(
        tensors, [(draw(x_shape, dtype, 4), kernel), (x, draw(kernel_shape, dtype, 4))], strict=True
    ):
        change = (naive(*operands, ones, pairs, ones) * g).sum()
        direction = operands[0] if tensor is tensors[0] else operands[1]
        got = (tensor.grad.numpy().astype(np.float64) * direction).sum()
        np.testing.assert_allclose(got, change, atol=10 * rtol * scale * math.sqrt(g.size))


@pytest.mark.parametrize("channels", [1, 7, 8, 33])
@pytest.mark.parametrize("multiple", [1, 3])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_depthwise(channels, multiple, dtype, isa):
    x, kernel = draw((3, 9, 8, channels), dtype), draw((3, 2, channels, multiple), dtype, 1)
    dense = np.zeros((3, 2, channels, channels, multiple))
    dense[:, :, np.arange(channels), np.arange(channels)] = kernel
    dense = dense.reshape(3, 2, channels, channels * multiple)
    for strides, dilation in [((1, 1), (1, 1)), ((2, 1), (1, 1)), ((1, 1), (2, 3))]:
        pairs = same_pairs((9, 8), (3, 2), strides, dilation)
        got = pynn.depthwise_conv(x, kernel, strides=strides, padding="same", dilation_rate=dilation)
        assert got.dtype == dtype
        expected = naive(x, dense, strides, pairs, dilation)
        np.testing.assert_allclose(got.numpy(), expected, rtol=1e-5, atol=1e-5)


def test_the_gradient_of_a_large_depthwise_kernel_is_summed_in_parts():
    x, kernel = draw((8, 32, 32, 16)), draw((3, 3, 16, 1))
    tensor = pynn.tensor(kernel, requires_grad=True)
    pynn.depthwise_conv(x, tensor).sum().backward()
    expected = [[x[:, i : i + 30, j : j + 30].sum((0, 1, 2)) for j in range(3)] for i in range(3)]
    np.testing.assert_allclose(tensor.grad.numpy()[..., 0], expected, rtol=1e-10, atol=1e-10)


def test_a_window_of_one_position_is_a_product_of_matrices():
    x, kernel, bias = draw((2, 5, 4, 7)), draw((1, 1, 7, 3), seed=1), draw((3,))
    got = pynn.conv(x, kernel, bias, "tanh")
    np.testing.assert_allclose(got.numpy(), np.tanh(x @ kernel[0, 0] + bias), rtol=1e-12)
    wider = draw((1, 1, 7, 19), seed=2)
    np.testing.assert_allclose(pynn.conv(x, wider).numpy(), x @ wider[0, 0], rtol=1e-12)
    strided = pynn.conv(x, kernel, strides=2)
    np.testing.assert_allclose(strided.numpy(), x[:, ::2, ::2] @ kernel[0, 0], rtol=1e-12)


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid", "gelu", "softmax", "softplus", None])
def test_activations_fused_and_on_the_tape(activation, isa):
    x, kernel, bias = draw((2, 6, 5, 3)), draw((2, 3, 3, 9), seed=1), draw((9,))
    plain = pynn.conv(x, kernel) + bias
    expected = {None: lambda t: t, "softmax": lambda t: pynn.softmax(t, axis=-1)}.get(activation)
    expected = (expected or getattr(pynn, activation))(plain).numpy()
    for first in (x, pynn.tensor(x, requires_grad=True)):
        got = pynn.conv(first, kernel, bias, activation).detach().numpy()
        np.testing.assert_allclose(got, expected, rtol=1e-11, atol=1e-14)


@pytest.mark.parametrize("layout", ["transposed", "reversed", "stepped", "broadcast"])
def test_operands_in_any_layout(layout):
    view = {
        "transposed": lambda t: np.asfortranarray(t),
        "reversed": lambda t: t[::-1, ::-1],
        "stepped": lambda t: np.repeat(t, 2, axis=1)[:, ::2],
        "broadcast": lambda t: np.broadcast_to(t[:1], t.shape),
    }[layout]
    x, kernel = view(draw((3, 6, 7, 4))), view(draw((2, 2, 4, 5)))
    expected = naive(x, kernel, (1, 1), [(0, 0)] * 2, (1, 1))
    np.testing.assert_allclose(pynn.conv(x, kernel).numpy(), expected, rtol=1e-11, atol=1e-13)


# ---- Transposed ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("padding", ["valid", "same", [(1, 2), (0, 1)]])
@pytest.mark.parametrize("strides", [1, 2, (3, 1)])
def test_transposed_is_the_adjoint(padding, strides):
    x, kernel = draw((2, 4, 5, 3)), draw((3, 2, 6, 3), seed=1)
    y = pynn.conv_transpose(x, kernel, strides=strides, padding=padding)
    back = pynn.conv(draw(y.shape, seed=2), kernel, strides=strides, padding=padding)
    assert back.shape == x.shape
    np.testing.assert_allclose(
        (y.numpy() * draw(y.shape, seed=2)).sum(), (x * back.numpy()).sum(), rtol=1e-11
    )


@pytest.mark.parametrize("output_padding", [0, 1, (1, 0)])
def test_transposed_equals_pytorch(output_padding):
    torch = pytest.importorskip("torch")
    x, kernel = draw((2, 4, 5, 3)), draw((3, 3, 6, 3), seed=1)
    got = pynn.conv_transpose(x, kernel, strides=2, padding=[(1, 1)] * 2, output_padding=output_padding)
    expected = torch.nn.functional.conv_transpose2d(
        torch.tensor(x).permute(0, 3, 1, 2),
        torch.tensor(kernel).permute(3, 2, 0, 1),
        stride=2,
        padding=1,
        output_padding=output_padding,
    )
    np.testing.assert_allclose(got.numpy(), expected.permute(0, 2, 3, 1).numpy(), rtol=1e-11, atol=1e-12)


# ---- Gradients element by element ------------------------------------------------------------------------------------


def naive_gradients(x, kernel, g, strides, pairs, dilation):
    """Of <g, conv(x, kernel)> with respect to x and kernel, one position of the window after the other, in float64."""
    x, kernel, g = (np.asarray(v, np.float64) for v in (x, kernel, g))
    padded = np.pad(x, [(0, 0), *pairs, (0, 0)])
    *window, part, filters = kernel.shape
    groups = x.shape[-1] // part
    d_padded, d_kernel = np.zeros_like(padded), np.zeros_like(kernel)
    g = g.reshape(*g.shape[:-1], groups, filters // groups)
    for tap in itertools.product(*map(range, window)):
        at = tuple(
            slice(i * d, i * d + (n - 1) * s + 1, s)
            for i, d, n, s in zip(tap, dilation, g.shape[1:-2], strides, strict=True)
        )
        seen = padded[(slice(None), *at)].reshape(*g.shape[:-1], part)
        weights = kernel[tap].reshape(part, groups, filters // groups)
        d_padded[(slice(None), *at)] += np.einsum("...go,igo->...gi", g, weights).reshape(
            *g.shape[:-2], groups * part
        )
        each = (v.reshape(-1, *v.shape[-2:]) for v in (seen, g))
        d_kernel[tap] = np.einsum("ngi,ngo->igo", *each).reshape(part, filters)
    inside = tuple(slice(low, low + n) for n, (low, _) in zip(x.shape[1:-1], pairs, strict=True))
    return d_padded[(slice(None), *inside)], d_kernel


# Around the tiles' edges (a vector, two of them, one more), few filters (g is convolved) and many (added in place).
WIDTHS = [(1, 3), (7, 9), (8, 16), (9, 8), (16, 5), (17, 24), (24, 25), (33, 64), (40, 131)]
MOVES = [
    ((3, 3), (1, 1), [(0, 0), (0, 0)], (1, 1)),
    ((3, 3), (1, 1), [(1, 1), (1, 1)], (1, 1)),
    ((3, 2), (2, 1), [(1, 0), (0, 1)], (1, 1)),
    ((2, 3), (1, 1), [(2, 1), (3, 3)], (2, 1)),  # more padding than the window reaches over
    ((1, 1), (1, 1), [(0, 0), (0, 0)], (1, 1)),
    ((1, 1), (3, 2), [(0, 0), (0, 0)], (1, 1)),
]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("channels", "filters"), WIDTHS)
def test_gradients_at_the_edges_of_tiles(channels, filters, dtype, isa):
    for window, strides, pairs, dilation in MOVES:
        x, kernel = draw((3, 7, 5, channels), dtype), draw((*window, channels, filters), dtype, 1)
        tensors = [pynn.tensor(v, requires_grad=True) for v in (x, kernel)]
        y = pynn.conv(*tensors, strides=strides, padding=pairs, dilation_rate=dilation)
        g = draw(y.shape, dtype, 2)
        y.backward(pynn.asarray(g))
        np.testing.assert_allclose(
            y.detach().numpy(), naive(x, kernel, strides, pairs, dilation), rtol=1e-4, atol=1e-4
        )
        for tensor, expected in zip(
            tensors, naive_gradients(x, kernel, g, strides, pairs, dilation), strict=True
        ):
            np.testing.assert_allclose(tensor.grad.numpy(), expected, rtol=1e-4, atol=2e-4)


@pytest.mark.parametrize("groups", [1, 2, 3])
def test_gradients_of_groups(groups, isa):
    for window, strides, pairs, dilation in MOVES:
        x, kernel = draw((2, 7, 5, 6 * groups)), draw((*window, 6, 10 * groups), seed=1)
        tensors = [pynn.tensor(v, requires_grad=True) for v in (x, kernel)]
        y = pynn.conv(*tensors, strides=strides, padding=pairs, dilation_rate=dilation)
        g = draw(y.shape, seed=2)
        y.backward(pynn.asarray(g))
        for tensor, expected in zip(
            tensors, naive_gradients(x, kernel, g, strides, pairs, dilation), strict=True
        ):
            np.testing.assert_allclose(tensor.grad.numpy(), expected, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("window", [1, 3])
def test_more_filters_than_a_block_of_the_product_holds(window, isa):
    x, kernel = draw((1, 3, 3, 5), "float32"), draw((window, window, 5, 1300), "float32", 1)
    tensor = pynn.tensor(x, requires_grad=True)
    y = pynn.conv(tensor, kernel, padding="same")
    g = draw(y.shape, "float32", 2)
    y.backward(pynn.asarray(g))
    pairs = [(window // 2,) * 2] * 2
    expected, _ = naive_gradients(x, kernel, g, (1, 1), pairs, (1, 1))
    np.testing.assert_allclose(tensor.grad.numpy(), expected, rtol=1e-4, atol=1e-3)
    back = pynn.conv(g, pynn.asarray(kernel).mT, padding="same")  # as many channels
    np.testing.assert_allclose(
        back.numpy(), naive(g, kernel.swapaxes(-1, -2), (1, 1), pairs, (1, 1)), rtol=1e-4, atol=1e-3
    )


# ---- Gradients -------------------------------------------------------------------------------------------------------

GRADIENTS = [
    ((2, 5, 2), (3, 2, 3), {}),
    ((1, 5, 4, 2), (2, 3, 2, 3), {"padding": "same", "strides": 2}),
    ((2, 4, 4, 4), (2, 2, 2, 4), {"dilation_rate": 2, "padding": [(1, 2), (2, 1)]}),
    ((1, 4, 4, 3), (3, 3, 1, 3), {"padding": "same"}),
    ((1, 4, 4, 2), (2, 2, 1, 6), {}),
    ((1, 3, 2, 3, 2), (2, 2, 2, 2, 2), {"padding": "same"}),
]


@pytest.mark.parametrize(("x_shape", "kernel_shape", "moves"), GRADIENTS)
def test_gradients_to_second_order(x_shape, kernel_shape, moves):
    x, kernel, bias = draw(x_shape), draw(kernel_shape, seed=1), draw(kernel_shape[-1:], seed=2)
    check_grad(lambda *t: pynn.conv(*t, **moves), x, kernel, bias, order=2)
    for activation in ("tanh", "softplus"):  # one that keeps its output, one that keeps its input
        check_grad(lambda *t, a=activation: pynn.conv(*t, a, **moves), x, kernel, bias, order=2, rtol=1e-4)


def test_gradients_of_the_transposed_to_second_order():
    x, kernel = draw((2, 3, 2, 3)), draw((2, 3, 4, 3), seed=1)
    for moves in ({}, {"strides": 2, "padding": "same"}, {"dilation_rate": 2}):
        check_grad(lambda *t, m=moves: pynn.conv_transpose(*t, **m) ** 2, x, kernel, order=2)


def test_gradients_equal_pytorch():
    torch = pytest.importorskip("torch")
    x, kernel = draw((2, 7, 6, 4)), draw((3, 3, 2, 6), seed=1)
    theirs = [torch.tensor(v, requires_grad=True) for v in (x, kernel)]
    images, weights = theirs[0].permute(0, 3, 1, 2), theirs[1].permute(3, 2, 0, 1)
    torch.nn.functional.conv2d(images, weights, stride=2, padding=1, groups=2).pow(3).sum().backward()
    ours = [pynn.tensor(v, requires_grad=True) for v in (x, kernel)]
    (pynn.conv(*ours, strides=2, padding=[(1, 1)] * 2) ** 3).sum().backward()
    for got, expected in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(got.grad.numpy(), expected.grad.numpy(), rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize(
    ("x_shape", "kernel_shape", "moves"),
    [
        ((16, 13, 13, 32), (3, 3, 32, 64), {}),  # in place
        ((1, 20, 20, 64), (3, 3, 64, 64), {"strides": 2}),  # in place, channels cut
        ((4, 28, 28, 8), (5, 5, 8, 16), {"padding": "same"}),  # g convolved
        ((8, 14, 14, 48), (1, 1, 48, 33), {}),
    ],
)
def test_gradients_do_not_depend_on_the_number_of_threads(x_shape, kernel_shape, moves, isa):
    before = pynn.get_num_threads()
    arrays = draw(x_shape, "float32"), draw(kernel_shape, "float32", 1), draw(kernel_shape[-1:], "float32")
    try:
        results = []
        for threads in (1, 2, 3):
            pynn.set_num_threads(threads)
            tensors = [pynn.tensor(v, requires_grad=True) for v in arrays]
            pynn.max_pool(pynn.conv(*tensors, "relu", **moves), 2).sum().backward()
            results.append([t.grad.numpy().tobytes() for t in tensors])
        assert results[0] == results[1] == results[2]
    finally:
        pynn.set_num_threads(before)


def test_results_do_not_depend_on_the_number_of_threads(isa):
    before = pynn.get_num_threads()
    arrays = draw((9, 14, 14, 16), "float32"), draw((3, 3, 16, 40), "float32"), draw((3, 3, 16, 1), "float32")
    try:
        results = []
        for threads in (1, 2, 3):
            pynn.set_num_threads(threads)
            x, kernel, own = (pynn.tensor(v, requires_grad=True) for v in arrays)
            y = pynn.conv(x, kernel, padding="same")
            total = y.sum() + pynn.depthwise_conv(x, own).sum() + pynn.max_pool(y, 3, 2).sum()
            (total + pynn.average_pool(y, 3, 2, "same").sum()).backward()
            results.append([v.numpy().tobytes() for v in (y.detach(), x.grad, kernel.grad, own.grad)])
        assert results[0] == results[1] == results[2]
    finally:
        pynn.set_num_threads(before)


# ---- Types, sizes of zero, errors ------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_is_computed_in_float32(dtype):
    x, kernel = (pynn.asarray(draw(s)).astype(dtype) for s in ((2, 5, 5, 3), (3, 3, 3, 4)))
    x.requires_grad = True
    y = pynn.conv(x, kernel)
    assert y.dtype == dtype
    exact = naive(*(t.detach().astype("float64").numpy() for t in (x, kernel)), (1, 1), [(0, 0)] * 2, (1, 1))
    np.testing.assert_allclose(y.detach().astype("float64").numpy(), exact, rtol=8e-3, atol=1e-4)
    fused = pynn.conv(x.detach(), kernel, activation="relu").astype("float64").numpy()
    np.testing.assert_allclose(fused, np.maximum(exact, 0), rtol=8e-3, atol=1e-4)
    y.backward(pynn.ones(y.shape, dtype=dtype))
    assert x.grad.dtype == dtype
    assert pynn.max_pool(x, 2).dtype == dtype


def test_empty_batches_and_no_filters():
    x, kernel = (
        pynn.tensor(np.ones((0, 5, 5, 2)), requires_grad=True),
        pynn.tensor(np.ones((3, 3, 2, 4)), requires_grad=True),
    )
    y = pynn.conv(x, kernel)
    assert y.shape == (0, 3, 3, 4)
    y.sum().backward()
    assert x.grad.shape == x.shape
    assert (kernel.grad.numpy() == 0).all()
    assert pynn.conv(x, kernel, padding="same", strides=2).shape == (0, 3, 3, 4)
    assert pynn.conv_transpose(x, np.ones((3, 3, 4, 2)), strides=2).shape == (0, 11, 11, 4)
    assert pynn.max_pool(x, 2).shape == pynn.average_pool(x, 2).shape == (0, 2, 2, 2)


ERRORS = [
    ("conv", ((2, 5, 3), (3, 4, 6)), {}, pynn.ShapeError,
     "conv: x (2, 5, 3), kernel (3, 4, 6) do not fit: 3 channels in groups of 4, 6 filters; the groups must come out "
     "even in both"),
    ("conv", ((2, 5, 4), (3, 2, 3)), {}, pynn.ShapeError,
     "conv: x (2, 5, 4), kernel (3, 2, 3) do not fit: 4 channels in groups of 2, 3 filters; the groups must come out "
     "even in both"),
    ("conv", ((2, 5), (3, 4)), {}, pynn.ShapeError,
     "conv: x (2, 5), kernel (3, 4) do not fit: needs x (batch, 1 to 3 spatial axes, channels) and kernel (as many "
     "sizes, channels / groups, filters), none of them 0"),
    ("conv", ((2, 5, 5, 3), (3, 3, 6)), {}, pynn.ShapeError,
     "conv: x (2, 5, 5, 3), kernel (3, 3, 6) do not fit: needs x (batch, 1 to 3 spatial axes, channels) and kernel "
     "(as many sizes, channels / groups, filters), none of them 0"),
    ("conv", ((2, 4, 9, 3), (3, 3, 3, 6)), {"dilation_rate": 2}, pynn.ShapeError,
     "conv: a kernel over 5 positions does not fit on axis 1 of x (2, 4, 9, 3), which has 4"),
    ("conv", ((2, 4, 3), (8, 3, 6)), {"padding": [(1, 2)]}, pynn.ShapeError,
     "conv: a kernel over 8 positions does not fit on axis 1 of x (2, 4, 3), which has 7 with its padding"),
    ("conv", ((2, 4, 3), (2, 3, 6)), {"padding": "full"}, ValueError,
     "conv: padding must be 'valid', 'same' or a pair of sizes for each spatial axis, got 'full'"),
    ("conv", ((2, 4, 3), (2, 3, 6)), {"strides": (1, 1)}, ValueError,
     "conv: strides has 2 numbers, (1, 1); x has 1 spatial axes"),
    ("conv", ((2, 4, 3), (2, 3, 6)), {"strides": 0}, ValueError,
     "conv: strides must be at least 1 and at most 2**30, got (0,)"),
    ("conv", ((2, 4, 3), (2, 3, 6)), {"dilation_rate": 2**40}, ValueError,
     "conv: dilation_rate must be at least 1 and at most 2**30, got (1099511627776,)"),
    ("conv", ((2, 4, 3), (3, 3, 6)), {"dilation_rate": 2**30}, ValueError,
     "conv: a kernel that reaches over 2147483649 positions is too large"),
    ("conv", ((2, 4, 3), (2, 3, 6)), {"padding": [(-1, 0)]}, ValueError,
     "conv: padding must be at least 0 and at most 2**30, got (-1,)"),
    ("conv", ((2, 4, 3), (2, 3, 6)), {"bias": np.ones(3)}, pynn.ShapeError,
     "conv: bias (3,) does not fit kernel (2, 3, 6): needs (6,)"),
    ("conv", ((2, 4, 3), (2, 3, 6)), {"activation": "rleu"}, ValueError,
     "conv: unknown activation 'rleu'; did you mean 'relu'?"),
    ("depthwise_conv", ((2, 4, 3), (2, 4, 1)), {}, pynn.ShapeError,
     "depthwise_conv: x (2, 4, 3), kernel (2, 4, 1) do not fit: needs x (batch, 1 to 3 spatial axes, channels) and "
     "kernel (as many sizes, channels, filters of each), none of them 0"),
    ("conv_transpose", ((2, 4, 3), (2, 3, 6)), {}, pynn.ShapeError,
     "conv_transpose: x (2, 4, 3), kernel (2, 3, 6) do not fit: needs x (batch, 1 to 3 spatial axes, channels) and "
     "kernel (as many sizes, filters, channels), none of them 0"),
    ("conv_transpose", ((2, 2, 3), (2, 6, 3)), {"padding": [(2, 2)]}, pynn.ShapeError,
     "conv_transpose: nothing is left of axis 1 of x (2, 2, 3): 3 positions without the padding that is cropped"),
]  # fmt: skip


@pytest.mark.parametrize(("op", "shapes", "options", "error", "text"), ERRORS, ids=range(len(ERRORS)))
def test_wrong_arguments(op, shapes, options, error, text):
    with raises(error, text):
        getattr(pynn, op)(*(np.ones(s, np.float32) for s in shapes), **options)


def test_integers_are_refused():
    with raises(pynn.DtypeError, "conv is not defined for int64; convert first: x.astype('float32')"):
        pynn.conv(np.ones((1, 3, 1), np.int64), np.ones((1, 1, 1), np.int64))
    with raises(pynn.DtypeError, "max_pool is not defined for int64; convert first: x.astype('float32')"):
        pynn.max_pool(np.ones((1, 3, 1), np.int64), 2)
