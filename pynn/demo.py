"""The course's networks on the full MNIST: train, evaluate, show what they got right and wrong.

`prepare` checks every option and every file before `run` spends a minute on training.
"""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from . import datasets, layers, optimizers, utils, viz
from ._core import set_num_threads
from .models.sequential import Sequential
from .saving.weights import check_target, load_weights, save_weights
from .viz.figure import import_pyplot
from .viz.text import draw

_MOST_EXAMPLES = 5
_UNITS = 512
_BATCH = {"mlp": 128, "cnn": 64}  # as the course trains them
_LEAST_SIDE = 18  # of an image: a smaller one is used up before the third convolution


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declares the options of `pynn mnist`."""
    add = parser.add_argument
    add("--model", choices=["mlp", "cnn"], default="mlp", help="two Dense layers (default) or convolutions")
    add("--epochs", type=_whole(0), default=5, metavar="N", help="passes over the data (default 5)")
    add("--batch-size", type=_whole(1), metavar="N", help="images a step (default: mlp 128, cnn 64)")
    add("--units", type=_whole(1), metavar="N", help="size of the hidden layer of the mlp (default 512)")
    add("--optimizer", default="rmsprop", metavar="NAME", help="rmsprop (default), adam, sgd, adagrad")
    add("--learning-rate", type=_positive, metavar="X", help="(default: the optimizer's)")
    add("--seed", type=_whole(0, 2**32 - 1), default=0, metavar="N", help="of all random numbers (default 0)")
    add("--threads", type=_whole(1, 1024), metavar="N", help="how many to compute with (default: all cores)")
    add("--save", type=Path, metavar="FILE", help="write the weights, to a .weights.h5 or .safetensors file")
    add("--load", type=Path, metavar="FILE", help="start from these weights; --epochs 0 only evaluates them")
    add("--data", type=Path, metavar="DIR", help="folder of IDX files to use instead of the built-in digits")
    add("--plot", type=Path, metavar="DIR", help="draw curves, mistakes and what was learned, as PNG files")
    add("--quiet", action="store_true", help="print the result only")


def _whole(least: int, most: int = 2**31 - 1) -> Callable[[str], int]:
    def convert(text: str) -> int:
        if re.fullmatch("[0-9]{1,10}", text) and least <= int(text) <= most:
            return int(text)
        raise argparse.ArgumentTypeError(f"expected a whole number from {least} to {most}, got {text!r}")

    return convert


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"expected a number above 0, got {text!r}")
    return value


@dataclass
class Digits:
    """Images as they are shown and as the network sees them, with their labels."""

    images: npt.NDArray[np.uint8]
    labels: npt.NDArray[np.uint8]

    def inputs(self, shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
        """Values in [0, 1]; `shape` is that of one image, (height * width,) or (height, width, 1)."""
        return np.divide(self.images.reshape(-1, *shape), 255, dtype=np.float32)


@dataclass
class Training:
    """A network ready to be trained, with its data and the options that ask for more."""

    model: Sequential
    train: Digits
    test: Digits
    options: argparse.Namespace

    def run(self) -> None:
        """Trains, evaluates, and prints, saves and draws what the options ask for."""
        options, verbose = self.options, 0 if self.options.quiet else "auto"
        history = None
        if options.epochs:
            history = self.model.fit(
                self.train.inputs(self._shape),
                self.train.labels,
                epochs=options.epochs,
                batch_size=options.batch_size or _BATCH[options.model],
                verbose=verbose,
            )
        inputs = self.test.inputs(self._shape)
        loss, accuracy = self.model.evaluate(inputs, self.test.labels, verbose=0)
        print(f"test loss {loss:.4f}, test accuracy {accuracy:.4f}")
        if options.save:
            save_weights(self.model, options.save)
        probabilities = self.model.predict(inputs, verbose=0)
        if not options.quiet:
            print(describe(self.test, probabilities))
        if options.plot:
            self._plot(history, probabilities)

    @property
    def _shape(self) -> tuple[int, ...]:
        """Of one image, as the network takes it."""
        height, width = self.test.images.shape[1:]
        return (height, width, 1) if self.options.model == "cnn" else (height * width,)

    def _plot(self, history: Any, probabilities: npt.NDArray[np.float32]) -> None:
        images, labels = self.test.images, self.test.labels
        drawings: dict[str, Callable[[], Any]] = {
            "confusion": lambda: viz.confusion(labels, probabilities),
            "mistakes": lambda: viz.samples(images, labels, probabilities),
            **self._learned(),
        }
        if history is not None:
            drawings["curves"] = lambda: viz.history(history)
        pyplot = import_pyplot()
        for name, draw_it in drawings.items():
            draw_it()
            pyplot.savefig(self.options.plot / f"{name}.png", dpi=120)
            pyplot.close()
        if not self.options.quiet:
            print(f"drawn in {self.options.plot}: {', '.join(f'{name}.png' for name in drawings)}")

    def _learned(self) -> dict[str, Callable[[], Any]]:
        """Drawings of what the network looks for."""
        first = self.model.layers[0]
        if self.options.model == "mlp":
            return {"weights": lambda: viz.weights(first, image_shape=self.test.images.shape[1:])}
        image = self.test.inputs(self._shape)[0]
        return {
            "filters": lambda: viz.filters(first),
            "feature_maps": lambda: viz.feature_maps(self.model, image),
        }


def prepare(options: argparse.Namespace) -> Training:
    """Checks the options, reads the files and builds the network; nothing is trained yet.

    Raises:
        ImportError: an option needs a package that is not installed.
        OSError: a file or folder is missing, or cannot be read or written.
        ValueError: an option or a file is wrong.
    """
    if options.threads:
        set_num_threads(options.threads)
    utils.set_random_seed(options.seed)
    optimizer = optimizers.get(options.optimizer)
    if options.learning_rate:
        optimizer.learning_rate = options.learning_rate
    train, test = _read_digits(options.data)
    classes = 1 + max(int(part.labels.max()) for part in (train, test))
    model = _build(train.images.shape[1:], classes, options)
    model.compile(optimizer=optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    if options.load:
        load_weights(model, options.load)
    _check_targets(options)
    return Training(model, train, test, options)


def _check_targets(options: argparse.Namespace) -> None:
    """Finds out now, not after the training, whether what is asked for can be written."""
    if options.save:
        check_target(options.save)
    if options.plot:
        import_pyplot()
        options.plot.mkdir(parents=True, exist_ok=True)
        if not os.access(options.plot, os.W_OK | os.X_OK):
            raise PermissionError(f"--plot: the folder '{options.plot}' cannot be written to")


def _read_digits(folder: Path | None) -> tuple[Digits, Digits]:
    data = datasets.mnist.load_data(*([folder] if folder else []))
    train, test = (Digits(images, labels) for images, labels in data)
    if not train.images.size or not test.images.size:
        raise ValueError(f"--data: '{folder}' holds no images")
    if train.images.shape[1:] != test.images.shape[1:]:
        sizes = " and ".join(f"{part.images.shape[1]} x {part.images.shape[2]}" for part in (train, test))
        raise ValueError(f"--data: training and test images differ in size: {sizes}")
    return train, test


def _build(image: tuple[int, ...], classes: int, options: argparse.Namespace) -> Sequential:
    make = _convolutional if options.model == "cnn" else _dense
    return make(image, classes, options)


def _dense(image: tuple[int, ...], classes: int, options: argparse.Namespace) -> Sequential:
    model = Sequential(
        [
            layers.Dense(options.units or _UNITS, activation="relu"),
            layers.Dense(classes, activation="softmax"),
        ],
        name="digits",
    )
    model.build((None, image[0] * image[1]))
    return model


def _convolutional(image: tuple[int, ...], classes: int, options: argparse.Namespace) -> Sequential:
    if options.units:
        raise ValueError("--units is the size of the mlp's hidden layer; --model cnn has none")
    if min(image) < _LEAST_SIDE:
        size = f"{image[0]} x {image[1]}"
        raise ValueError(
            f"--model cnn needs images of {_LEAST_SIDE} x {_LEAST_SIDE} or more, these are {size}"
        )
    model = Sequential(
        [
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(128, 3, activation="relu"),
            layers.Flatten(),
            layers.Dense(classes, activation="softmax"),
        ],
        name="digits",
    )
    model.build((None, *image, 1))
    return model


def describe(digits: Digits, probabilities: npt.NDArray[np.float32]) -> str:
    """Draws a few digits that the network got right and a few that it got wrong, as text."""
    says = probabilities.argmax(axis=1)
    parts = []
    for kind, found in (("right", says == digits.labels), ("wrong", says != digits.labels)):
        chosen = np.flatnonzero(found)[:_MOST_EXAMPLES]
        captions = [f"{digits.labels[i]}: says {says[i]}, {probabilities[i].max():.0%}" for i in chosen]
        parts += [f"\n{np.count_nonzero(found):,} {kind}\n", draw(digits.images[chosen], captions)]
    return "\n".join(parts)
