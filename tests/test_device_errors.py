"""What the real module pynn._cuda says where there is no driver, an old one, no device, and no memory: emulated."""

import os
import re
import subprocess
import sys

import on_device
import pytest

if on_device.WANTED != "cuda":
    pytest.skip("needs pynn._cuda: PYNN_TEST_DEVICE=cuda", allow_module_level=True)


def said(code: str, **environment: str) -> list[str]:
    """The lines that a program prints in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


REFUSED = """
import pynn
print(pynn.cuda.is_available(), pynn.cuda.device_count(), pynn.cuda.why_not())
try:
    pynn.zeros(2, device="cuda")
except pynn.DeviceError as error:
    print(error)
"""


@pytest.mark.parametrize(
    ("setting", "why"),
    [
        ({"PYNN_CUDA_EMULATED_DRIVER": "0"}, "there is no NVIDIA driver on this machine"),
        (
            {"PYNN_CUDA_EMULATED_DRIVER": "11040"},
            r"the NVIDIA driver knows CUDA 11\.4; this pynn needs \d+\.\d+ or later: update the driver",
        ),
        (
            {"PYNN_CUDA_EMULATED_DEVICES": "0"},
            r"the NVIDIA driver finds no device \(is CUDA_VISIBLE_DEVICES set\?\)",
        ),
    ],
    ids=["no driver", "old driver", "no device"],
)
def test_no_device(setting: dict[str, str], why: str) -> None:
    first, second = said(REFUSED, **setting)
    assert re.fullmatch(f"False 0 {why}", first)
    assert re.fullmatch(f"zeros: there is no CUDA device: {why}", second)


def test_an_index_out_of_range_and_mixed_devices() -> None:
    code = """
import pynn
for call in (lambda: pynn.zeros(2, device="cuda:7"),
             lambda: pynn.zeros(2, device="cuda:0") + pynn.zeros(2, device="cuda:1"),
             lambda: pynn.zeros(2, device="cuda").numpy()):
    try:
        call()
    except (pynn.DeviceError, TypeError) as error:
        print(error)
"""
    assert said(code) == [
        "zeros: there is no device cuda:7: there are cuda:0 to cuda:1",
        "add: operands on different devices: float32 (2,) on cuda:0, float32 (2,) on cuda:1; "
        "move one with x.to('cuda:0')",
        "a tensor on cuda:0 has no NumPy array: copy it to the host first, x.to('cpu').numpy()",
    ]


def test_a_step_without_memory_is_undone() -> None:
    code = """
import numpy as np
import pynn
from pynn import layers
model = pynn.Sequential([layers.Dense(8, "relu", input_shape=(5,)), layers.BatchNormalization(), layers.Dense(1)])
model.compile("adam", "mse")
model.to("cuda")
model.train_on_batch(np.ones((4, 5), "float32"), np.ones((4, 1), "float32"))
state = [v.numpy() for v in (*model.weights, *model.optimizer.variables)]
try:
    model.train_on_batch(np.ones((3000, 5), "float32"), np.ones((3000, 1), "float32"))
except MemoryError as error:
    print(error)
print(all(np.array_equal(v.numpy(), old) for v, old in
          zip((*model.weights, *model.optimizer.variables), state, strict=True)))
"""
    first, second = said(code, PYNN_CUDA_EMULATED_BYTES="300000")
    assert re.match(
        r".*no memory for a tensor of .* KiB on cuda:0 \(out of memory.*are free, pynn holds", first
    )
    assert second == "True"
