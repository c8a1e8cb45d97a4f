"""Convolutions of small and middling networks: forward, and the gradients of the input and of the kernel."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

import pynn
from benches.case import Builder, Case, Draw, Run
from benches.targets import OfLimit, Target, at_most


class Window(NamedTuple):
    """Of all convolutions here: a square, moved by one stride, over an image padded on all sides alike."""

    size: int
    stride: int = 1
    padding: int = 0

    def outputs(self, size: int) -> int:
        """How many fit along an axis."""
        return (size + 2 * self.padding - self.size) // self.stride + 1


VALID, SAME = Window(3), Window(3, padding=1)
FIVE, ONE, HALF = Window(5, padding=2), Window(1), Window(3, 2, 1)

# name: dimensions (batch, height and width, channels, filters), kept by --quick
SHAPES: dict[str, tuple[tuple[int, int, int, int], Window, bool]] = {
    "3x3, 28x28, 8 to 16": ((64, 28, 8, 16), VALID, False),
    "3x3, 13x13, 32 to 64": ((64, 13, 32, 64), VALID, True),
    "3x3, 5x5, 64 to 128": ((64, 5, 64, 128), VALID, True),
    "3x3 same, 32x32, 16 to 32": ((32, 32, 16, 32), SAME, False),
    "3x3 same, 16x16, 64 to 64": ((32, 16, 64, 64), SAME, True),
    "3x3 same, 14x14, 128 to 128": ((16, 14, 128, 128), SAME, False),
    "3x3 same, 8x8, 256 to 256": ((16, 8, 256, 256), SAME, False),
    "3x3 stride 2, 28x28, 64 to 128": ((16, 28, 64, 128), HALF, True),
    "5x5 same, 28x28, 8 to 16": ((32, 28, 8, 16), FIVE, True),
    "1x1, 14x14, 256 to 64": ((32, 14, 256, 64), ONE, True),
}


# ---- The three products, of x and kernel, or of g, the gradient of the result, and one of them ---------------------


def padded(x: np.ndarray, window: Window) -> np.ndarray:
    return np.pad(x, ((0, 0), *[(window.padding,) * 2] * 2, (0, 0)))


def patches(x: np.ndarray, window: Window) -> np.ndarray:
    """(batch, rows, columns, channels, size, size)"""
    seen = np.lib.stride_tricks.sliding_window_view(padded(x, window), (window.size,) * 2, axis=(1, 2))
    return seen[:, :: window.stride, :: window.stride]


def forward_of_numpy(x: np.ndarray, kernel: np.ndarray, window: Window) -> np.ndarray:
    return np.tensordot(patches(x, window), kernel, ((3, 4, 5), (2, 0, 1)))


def input_grad_of_numpy(x: np.ndarray, kernel: np.ndarray, g: np.ndarray, window: Window) -> np.ndarray:
    d = padded(np.zeros_like(x), window)
    for i, j in np.ndindex(window.size, window.size):
        rows, columns = (slice(at, at + window.stride * (n - 1) + 1, window.stride) for at, n in
                         ((i, g.shape[1]), (j, g.shape[2])))  # fmt: skip
        d[:, rows, columns] += g @ kernel[i, j].T
    p = window.padding
    return d[:, p : p + x.shape[1], p : p + x.shape[2]]


def kernel_grad_of_numpy(x: np.ndarray, kernel: np.ndarray, g: np.ndarray, window: Window) -> np.ndarray:
    return np.tensordot(patches(x, window), g, ((0, 1, 2), (0, 1, 2))).transpose(1, 2, 0, 3)


def convolved(x: Any, kernel: Any, window: Window) -> Any:
    return pynn.conv(x, kernel, strides=window.stride, padding=[(window.padding,) * 2] * 2)


def grad_of_pynn(wanted: int, window: Window, *inputs: np.ndarray) -> Run:
    """The derivative with respect to x (0) or kernel (1): the walk back through one convolution, again and again."""
    x, kernel, g = map(pynn.asarray, inputs)
    source = (x, kernel)[wanted]
    with pynn.GradientTape(persistent=True) as tape:
        tape.watch(source)
        y = convolved(x, kernel, window)
    return lambda: tape.gradient(y, source, g)


def own_of_torch(layout: str, x: np.ndarray, kernel: np.ndarray, *g: np.ndarray) -> list[Any]:
    """The operands in PyTorch's order of axes, in one of its two layouts."""
    import torch

    memory = getattr(torch, layout)
    images = [torch.from_numpy(each).permute(0, 3, 1, 2) for each in (x, *g)]
    weights = torch.from_numpy(kernel).permute(3, 2, 0, 1)
    return [each.contiguous(memory_format=memory) for each in (images[0], weights, *images[1:])]


def forward_of_torch(layout: str, window: Window, x: np.ndarray, kernel: np.ndarray) -> Run:
    from torch.nn import functional

    own, weights = own_of_torch(layout, x, kernel)
    return lambda: functional.conv2d(own, weights, None, window.stride, window.padding).permute(0, 2, 3, 1)


def grad_of_torch(layout: str, wanted: int, window: Window, *inputs: np.ndarray) -> Run:
    import torch

    *sources, g = own_of_torch(layout, *inputs)
    source = sources[wanted].requires_grad_()
    y = torch.nn.functional.conv2d(*sources, None, window.stride, window.padding)
    axes = (2, 3, 1, 0) if wanted else (0, 2, 3, 1)
    return lambda: torch.autograd.grad(y, source, g, retain_graph=True)[0].permute(axes)


LAYOUTS = {"torch": "contiguous_format", "torch channels_last": "channels_last"}


@functools.cache
def forward(window: Window) -> dict[str, Builder]:
    """One dictionary a window, so that the tests know equal work when they see it."""

    def of_pynn(x: np.ndarray, kernel: np.ndarray) -> Run:
        return functools.partial(convolved, pynn.asarray(x), pynn.asarray(kernel), window)

    def of_numpy(x: np.ndarray, kernel: np.ndarray) -> Run:
        return functools.partial(forward_of_numpy, x, kernel, window)

    torch = {name: functools.partial(forward_of_torch, layout, window) for name, layout in LAYOUTS.items()}
    return {"pynn": of_pynn, "numpy": of_numpy, **torch}


@functools.cache
def gradient(wanted: int, window: Window) -> dict[str, Builder]:
    """Of x (0) or kernel (1)."""
    by_hand = (input_grad_of_numpy, kernel_grad_of_numpy)[wanted]

    def of_numpy(*inputs: np.ndarray) -> Run:
        return functools.partial(by_hand, *inputs, window)

    torch = {
        name: functools.partial(grad_of_torch, layout, wanted, window) for name, layout in LAYOUTS.items()
    }
    return {"pynn": functools.partial(grad_of_pynn, wanted, window), "numpy": of_numpy, **torch}


# ---- The cases ------------------------------------------------------------------------------------------------------


def operands(window: Window, with_g: bool) -> Draw:
    """The function that draws x, kernel and g; scaled, so that sums stay near 1."""

    def draw(
        rng: np.random.Generator, batch: int, size: int, channels: int, filters: int
    ) -> tuple[np.ndarray, ...]:
        n = window.outputs(size)
        shapes = [(batch, size, size, channels), (window.size, window.size, channels, filters)]
        shapes += [(batch, n, n, filters)] * with_g
        scale = (window.size**2 * channels) ** -0.25
        return tuple((rng.standard_normal(shape) * scale).astype(np.float32) for shape in shapes)

    return draw


def case(product: str, shape: str, builders: Callable[[Window], dict[str, Builder]]) -> Case:
    dims, window, quick = SHAPES[shape]
    batch, size, channels, filters = dims
    targets: tuple[Target, ...] = (at_most(1.0, *LAYOUTS),)
    if channels >= 64 and window.size == 3:
        targets += (OfLimit(0.6),)
    return Case(
        name=f"{product} {shape}",
        group="convolutions",
        dims=dims,
        inputs=operands(window, product != "conv"),
        builders=builders(window),
        flop=2.0 * batch * window.outputs(size) ** 2 * window.size**2 * channels * filters,
        targets=targets,
        rtol=1e-3,
        atol=1e-3,
        quick=quick,
    )


PRODUCTS = {
    "conv": forward,
    "input gradient of conv": functools.partial(gradient, 0),
    "kernel gradient of conv": functools.partial(gradient, 1),
}
CASES = [case(product, shape, builders) for shape in SHAPES for product, builders in PRODUCTS.items()]
