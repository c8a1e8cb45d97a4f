"""What only a fresh process shows: how long an import takes, and the peak memory of the MNIST demo."""

from __future__ import annotations

import functools
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

import pynn
from benches.case import Case, Run
from benches.targets import Over, Target, at_most

IMPORT = "import time; begin = time.perf_counter(); import {module}; print(time.perf_counter() - begin)"
IMPORTS = {"pynn": "pynn", "numpy": "numpy", "torch": "torch", "jax": "jax.numpy", "keras": "keras"}

# One epoch at batch 128, as `python -m pynn mnist` trains it, on the arrays of a file: everyone reads the same.
DATA = """
import numpy as np
with np.load({path!r}) as file:
    x_train, y_train, x_test, y_test = (file[name] for name in ("x_train", "y_train", "x_test", "y_test"))
x_train, x_test = (np.divide(x.reshape(len(x), -1), 255, dtype="float32") for x in (x_train, x_test))
"""
KERAS_STYLE = """
layers = {module}.layers
model = {module}.Sequential([layers.Dense(512, activation="relu"), layers.Dense(10, activation="softmax")])
model.compile("rmsprop", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x_train, y_train, epochs=1, batch_size=128, verbose=0)
model.evaluate(x_test, y_test, verbose=0)
model.predict(x_test, verbose=0)
"""
TORCH_STYLE = """
from torch import nn
x_train, y_train, x_test, y_test = map(torch.from_numpy, (x_train, y_train.astype("int64"), x_test, y_test))
model = nn.Sequential(nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 10))
optimizer = torch.optim.RMSprop(model.parameters(), 0.001)
for part in torch.randperm(len(x_train)).split(128):
    optimizer.zero_grad()
    nn.functional.cross_entropy(model(x_train[part]), y_train[part]).backward()
    optimizer.step()
with torch.inference_mode():
    model(x_test).argmax(1)
"""
# Not getrusage(): a child inherits the peak of the process that it was forked from.
PEAK = """
with open("/proc/self/status") as status:
    print(next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM")))
"""
DEMOS = {
    "pynn": "import pynn\n<data>" + KERAS_STYLE.format(module="pynn"),
    "keras": "import keras\n<data>" + KERAS_STYLE.format(module="keras"),
    "torch": "import torch\n<data>" + TORCH_STYLE,
}


def number_printed_by(program: str) -> float:
    """What a Python program prints last. It sees this process's environment and CPUs."""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1])


def import_time(module: str) -> Run:
    return functools.partial(number_printed_by, IMPORT.format(module=module))


@functools.cache
def digits() -> tempfile.TemporaryDirectory[str]:
    """A folder with MNIST in a file, that lasts as long as this process."""
    (x_train, y_train), (x_test, y_test) = pynn.datasets.mnist.load_data()
    folder = tempfile.TemporaryDirectory()
    np.savez(Path(folder.name) / "digits", x_train=x_train, y_train=y_train, x_test=x_test, y_test=y_test)
    return folder


def peak_memory(program: str) -> Run:
    data = DATA.format(path=str(Path(digits().name) / "digits.npz"))
    return functools.partial(number_printed_by, program.replace("<data>", data) + PEAK)


def nothing(rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    return ()


def reading(name: str, unit: str, runs: Mapping[str, functools.partial[Run]], *targets: Target) -> Case:
    return Case(
        name=name,
        group="fresh processes",
        dims=(),
        inputs=nothing,
        builders=runs,
        targets=targets,
        quick=True,
        reading=True,
        unit=unit,
    )


CASES = [
    reading(
        "import",
        "s",
        {library: functools.partial(import_time, module) for library, module in IMPORTS.items()},
        Over(0.1, "numpy"),
    ),
    reading(
        "peak memory of one MNIST epoch",
        "MB",
        {library: functools.partial(peak_memory, program) for library, program in DEMOS.items()},
        at_most(0.5, "keras"),
    ),
]
