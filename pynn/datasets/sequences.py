"""Texts as lists of word numbers, the way Keras gives IMDB and Reuters: shuffled, marked, cut to a vocabulary."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Texts = list[list[int]]
Labels = npt.NDArray[Any]


def shuffled(rng: np.random.RandomState, *arrays: npt.NDArray[Any]) -> list[npt.NDArray[Any]]:
    """Return arrays of one length in the order that Keras draws from this generator."""
    order = np.arange(len(arrays[0]))
    rng.shuffle(order)
    return [array[order] for array in arrays]


def marked(caller: str, texts: npt.NDArray[Any], start_char: int | None, index_from: int) -> Texts:
    """Return texts as lists with `start_char` in front and all words moved up by `index_from`.

    Raises:
        ValueError: a text is no list of numbers.
    """
    front = [] if start_char is None else [start_char]
    try:
        return [front + [word + index_from for word in text] for text in texts]
    except TypeError as error:
        raise ValueError(f"{caller}: the file does not hold lists of word numbers ({error})") from error


def shorter(maxlen: int | None, texts: Texts, labels: Labels) -> tuple[Texts, Labels]:
    """Return the texts of fewer than `maxlen` words, and their labels; all if it is None or 0."""
    if not maxlen:
        return texts, labels
    kept = [number for number, text in enumerate(texts) if len(text) < maxlen]
    return [texts[number] for number in kept], labels[kept]


def in_vocabulary(texts: Texts, num_words: int | None, skip_top: int, oov_char: int | None) -> Texts:
    """Return the texts with words outside skip_top..num_words-1 as `oov_char`, or without them if that is None.

    None for `num_words` takes the largest number there is, as Keras does; that word itself is then outside.
    """
    limit = num_words or max(max(text) for text in texts)
    if oov_char is None:
        return [[word for word in text if skip_top <= word < limit] for text in texts]
    return [[word if skip_top <= word < limit else oov_char for word in text] for text in texts]


def as_array(texts: Texts) -> npt.NDArray[Any]:
    """Return an array, of one axis, of lists."""
    array = np.empty(len(texts), dtype=object)
    array[:] = texts
    return array


def read_json(caller: str, path: Path) -> dict[str, int]:
    """Return the dict in a JSON file.

    Raises:
        ValueError: it holds something else.
    """
    try:
        index = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{caller}: {path.name!r} is not the file expected: {error}") from error
    if not isinstance(index, dict):
        raise ValueError(f"{caller}: {path.name!r} is not the file expected: it holds no dict")
    return index
