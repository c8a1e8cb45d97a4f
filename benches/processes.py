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
from benches.convolution import LAYOUTS
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

# Some steps of the course's convolutional network at batch 64: the peak is that of the second one on.
IMAGES = """
import numpy as np
rng = np.random.default_rng(0)
x, y = rng.random((64, 28, 28, 1), dtype="float32"), rng.integers(0, 10, 64)
"""
KERAS_CONVOLUTIONS = """
layers = {module}.layers
model = {module}.Sequential([
    layers.Conv2D(32, 3, activation="relu"), layers.MaxPooling2D(2), layers.Conv2D(64, 3, activation="relu"),
    layers.MaxPooling2D(2), layers.Conv2D(128, 3, activation="relu"), layers.Flatten(),
    layers.Dense(10, activation="softmax"),
])
model.compile("rmsprop", "sparse_categorical_crossentropy")
for _ in range(5):
    model.train_on_batch(x, y)
"""
TORCH_CONVOLUTIONS = """
from torch import nn
x, y = torch.from_numpy(x).permute(0, 3, 1, 2).contiguous(memory_format=torch.{layout}), torch.from_numpy(y)
relu, pool = nn.ReLU(), nn.MaxPool2d(2)
model = nn.Sequential(
    nn.Conv2d(1, 32, 3), relu, pool, nn.Conv2d(32, 64, 3), relu, pool, nn.Conv2d(64, 128, 3), relu, nn.Flatten(),
    nn.Linear(1152, 10),
).to(memory_format=torch.{layout})
optimizer = torch.optim.RMSprop(model.parameters(), 0.001)
for _ in range(5):
    optimizer.zero_grad()
    nn.functional.cross_entropy(model(x), y).backward()
    optimizer.step()
"""
STEPS = {
    "pynn": "import pynn\n" + IMAGES + KERAS_CONVOLUTIONS.format(module="pynn"),
    "keras": "import keras\n" + IMAGES + KERAS_CONVOLUTIONS.format(module="keras"),
    **{
        name: "import torch\n" + IMAGES + TORCH_CONVOLUTIONS.format(layout=layout)
        for name, layout in LAYOUTS.items()
    },
}
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


def peak_of_steps(program: str) -> Run:
    return functools.partial(number_printed_by, program + PEAK)


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
    reading(
        "peak memory of steps of the convolutional network",
        "MB",
        {library: functools.partial(peak_of_steps, program) for library, program in STEPS.items()},
        at_most(1.0, "torch", "torch channels_last"),
    ),
]
