"""`python -m pynn.cuda.selftest`: checks a CUDA device against the CPU, and how near it comes to what it should do."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from typing import NamedTuple

from pynn import _core, cuda, layers, losses, models, random
from pynn.autograd import grad

# Peak of memory in bytes and of float32 arithmetic in operations a second, by part of the name, from the makers'
# data sheets. The first that fits counts.
_PEAKS = {
    "H200": (4.80e12, 67e12), "H100 PCIe": (2.00e12, 51e12), "H100 NVL": (3.94e12, 60e12), "H100": (3.35e12, 67e12),
    "B200": (8.00e12, 75e12), "A100": (1.94e12, 19.5e12), "L40": (0.864e12, 91e12), "L4": (0.300e12, 30e12),
    "A10": (0.600e12, 31e12), "T4": (0.320e12, 8.1e12), "RTX 5090": (1.79e12, 105e12),
    "RTX 4090": (1.01e12, 82.6e12), "RTX 3090": (0.936e12, 35.6e12),
}  # fmt: skip


class Check(NamedTuple):
    """A function that is to give the same on both devices, of tensors of these shapes."""

    name: str
    function: Callable[..., _core.Tensor]
    shapes: tuple[tuple[int, ...], ...]
    tolerance: float = 1e-5


def _gradient(function: Callable[..., _core.Tensor]) -> Callable[..., _core.Tensor]:
    def first(*x: _core.Tensor) -> _core.Tensor:
        found: _core.Tensor = grad(lambda *y: _core.sum(_core.square(function(*y))))(*x)
        return found

    return first


CHECKS = (
    Check("add, broadcast", lambda a, b: a + b, ((300, 1), (1, 257))),
    Check("tanh, transposed", lambda x: _core.tanh(x.T), ((130, 70),)),
    Check("gradient of gelu", _gradient(_core.gelu), ((1000,),)),
    Check("sum over an axis", lambda x: _core.sum(x, axis=0), ((999, 33),), 1e-4),
    Check("mean of all", lambda x: _core.mean(x), ((70_001,),), 1e-4),
    Check("argmax", lambda x: _core.argmax(x, axis=1), ((50, 1000),)),
    Check("cumulative_sum", lambda x: _core.cumulative_sum(x, axis=1), ((7, 500),), 1e-4),
    Check("softmax", lambda x: _core.softmax(x), ((64, 1000),)),
    Check("gradient of log_softmax", _gradient(_core.log_softmax), ((33, 100),), 1e-4),
    Check("sort", lambda x: _core.sort(x, axis=0), ((100, 9),)),
    Check("matmul", lambda a, b: a @ b, ((130, 257), (257, 65)), 1e-4),
    Check("matmul, a stack", lambda a, b: a @ b, ((3, 17, 40), (3, 40, 33)), 1e-4),
    Check("linear with relu", lambda x, w: _core.linear(x, w, None, "relu"), ((65, 100), (100, 33)), 1e-4),
    Check("conv", lambda x, w: _core.conv(x, w, padding="same"), ((2, 20, 21, 8), (3, 3, 8, 12)), 1e-4),
    Check("gradient of conv", _gradient(_core.conv), ((2, 9, 9, 4), (3, 3, 4, 5)), 1e-3),
    Check("max_pool", lambda x: _core.max_pool(x, 2), ((2, 10, 11, 3),)),
    Check("gradient of average_pool", _gradient(lambda x: _core.average_pool(x, 3)), ((2, 9, 9, 3),)),
    Check("take", lambda x: x[[5, 0, 5]], ((10, 30),)),
)


def _is_near(check: Check, device: str) -> str | None:
    """Return what is wrong with a function on a device; None if nothing is."""
    generator = random.Generator(1)
    x = [generator.normal(shape, device="cpu") for shape in check.shapes]
    try:
        there = check.function(*(each.to(device) for each in x)).to("cpu")
    except Exception as error:  # whatever it is belongs into the table
        return f"{type(error).__name__}: {error}"
    here = check.function(*x)
    if here.shape != there.shape or here.dtype != there.dtype:
        return f"{there.dtype} {there.shape} instead of {here.dtype} {here.shape}"
    scale = 1 + float(_core.max(_core.abs(here.astype("float64"))))
    worst = float(_core.max(_core.abs(here.astype("float64") - there.astype("float64")))) / scale
    return None if worst <= check.tolerance else f"differs by {worst:.1e} of the largest value"


def _same_random_numbers(device: str) -> str | None:
    here, there = (random.Generator(5).uniform((10_001,), device=place) for place in ("cpu", device))
    return None if bool(_core.all(here == there.to("cpu"))) else "other bits than on the CPU"


def _trains(device: str) -> str | None:
    """Return what is wrong with a few steps of training a small model; None if nothing is."""
    x = random.Generator(2).normal((64, 10), device="cpu")
    y = _core.argmax(x[:, :3], axis=1)
    last = []
    for place in ("cpu", device):
        random.seed(3)
        model = models.Sequential([layers.Dense(16, "relu", input_shape=(10,)), layers.Dense(3)])
        model.compile("adam", losses.SparseCategoricalCrossentropy(from_logits=True))
        model.to(place)
        last.append(model.fit(x, y, epochs=3, verbose=0, shuffle=False).history["loss"][-1])
    return None if abs(last[0] - last[1]) < 1e-4 * abs(last[0]) else f"loss {last[1]} for {last[0]}"


def _seconds(work: Callable[[], object], device: str) -> float:
    """Return the shortest time that the work takes, of several batches of calls."""
    for _ in range(3):
        work()
    best = float("inf")
    for _ in range(5):
        cuda.synchronize(device)
        start = time.perf_counter()
        for _ in range(10):
            work()
        cuda.synchronize(device)
        best = min(best, (time.perf_counter() - start) / 10)
    return best


def _speeds(device: str, megabytes: int, side: int) -> list[tuple[str, float, float | None, str]]:
    """Return rows of name, achieved, expected (None: unknown) and unit."""
    name = cuda.device_name(device)
    memory, arithmetic = next((peak for part, peak in _PEAKS.items() if part in name), (None, None))
    n = megabytes * 250_000  # float32
    x, y = _core.ones((n,), device=device), _core.ones((n,), device=device)
    rows = _core.ones((n // 1000, 1000), device=device)
    a = _core.ones((side, side), device=device)
    moved = [
        ("copy", lambda: x.copy(), 8 * n),
        ("add", lambda: x + y, 12 * n),
        ("tanh", lambda: _core.tanh(x), 8 * n),
        ("sum", lambda: _core.sum(x), 4 * n),
        ("softmax of 1000", lambda: _core.softmax(rows), 8 * n),
    ]
    found: list[tuple[str, float, float | None, str]] = [
        (title, size / _seconds(work, device) / 1e9, memory and memory / 1e9, "GB/s")
        for title, work, size in moved
    ]
    speed = 2 * side**3 / _seconds(lambda: a @ a, device) / 1e9
    return [*found, (f"matmul of {side}", speed, arithmetic and arithmetic / 1e9, "GFLOP/s")]


def main(arguments: list[str] | None = None) -> int:
    """Print the checks and the speeds; return 1 if a check fails, 2 if there is no device."""
    parser = argparse.ArgumentParser(prog="python -m pynn.cuda.selftest", description=__doc__)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--no-speed", action="store_true", help="only the checks")
    parser.add_argument("--megabytes", type=int, default=512, help="size of a tensor that is moved")
    parser.add_argument("--side", type=int, default=4096, help="of the matrices that are multiplied")
    chosen = parser.parse_args(arguments)
    problem = cuda.why_not()
    if problem is not None:
        print(f"no CUDA device: {problem}", file=sys.stderr)
        return 2
    device = _core._device(chosen.device)
    print(f"{device}: {cuda.device_name(device)}, {cuda.memory_info(device).total / 1e9:.1f} GB")
    results = [(check.name, _is_near(check, device)) for check in CHECKS]
    results += [("random numbers", _same_random_numbers(device)), ("training", _trains(device))]
    for name, wrong in results:
        print(f"  {name:26} {'ok' if wrong is None else 'WRONG: ' + wrong}")
    if not chosen.no_speed:
        for name, achieved, expected, unit in _speeds(device, chosen.megabytes, chosen.side):
            share = f" of {expected:.0f} ({achieved / expected:.0%})" if expected else ""
            print(f"  {name:26} {achieved:10.1f} {unit}{share}")
    return 1 if any(wrong is not None for _, wrong in results) else 0


if __name__ == "__main__":
    sys.exit(main())
