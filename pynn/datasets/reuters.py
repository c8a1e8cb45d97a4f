"""Reuters: 11,228 newswires of 1987 as word numbers, each of one of 46 topics."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import numpy.typing as npt

from .npz import load_npz
from .sequences import as_array, in_vocabulary, marked, read_json, shorter, shuffled
from .sources import MIRROR, find

_HASH = "d6586e694ee56d7a4e65172e12b3e987c03096cb01eab99753921ef915959916"
_INDEX_HASH = "4d44cc38712099c9e383dc6e5f11a921"
_TOPICS = (
    "cocoa grain veg-oil earn acq wheat copper housing money-supply coffee sugar trade reserves ship cotton carcass "
    "crude nat-gas cpi money-fx interest gnp meal-feed alum oilseed gold tin strategic-metal livestock retail ipi "
    "iron-steel rubber heat jobs lei bop zinc orange pet-chem dlr gas silver wpi hog lead"
)

_Split = tuple[npt.NDArray[Any], npt.NDArray[Any]]


def load_data(
    path: str | os.PathLike[str] = "reuters.npz",
    num_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    test_split: float = 0.2,
    seed: int = 113,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int = 3,
) -> tuple[_Split, _Split]:
    """Load the newswires.

    Args:
        test_split: the fraction to test with, from the end after shuffling.
        path, num_words, skip_top, maxlen, seed, start_char, oov_char, index_from: as for `imdb.load_data`.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: object arrays (n,) of lists of int, and int64 arrays (n,), 0..45.

    Raises:
        FileNotFoundError: there is no file and no network; the message says where to put it.
        ValueError: the file is damaged or another.
    """
    caller = "reuters.load_data"
    file = find(caller, path, f"{MIRROR}reuters.npz", _HASH)
    x, y = shuffled(np.random.RandomState(seed), *load_npz(caller, file, "x", "y"))
    texts, labels = shorter(maxlen, marked(caller, x, start_char, index_from), y)
    if not texts:
        raise ValueError(f"{caller}: maxlen={maxlen} leaves no newswire; increase it")
    texts = in_vocabulary(texts, num_words, skip_top, oov_char)
    n = int(len(texts) * (1 - test_split))
    return (as_array(texts[:n]), labels[:n]), (as_array(texts[n:]), labels[n:])


def get_word_index(path: str | os.PathLike[str] = "reuters_word_index.json") -> dict[str, int]:
    """Return the number of each word, from 1 for the commonest (`load_data` adds `index_from`).

    Args:
        path: as for `load_data`.

    Raises:
        FileNotFoundError, ValueError: as `load_data`.
    """
    caller = "reuters.get_word_index"
    return read_json(caller, find(caller, path, f"{MIRROR}reuters_word_index.json", _INDEX_HASH))


def get_label_names() -> tuple[str, ...]:
    """Return the 46 topics; a label is a topic's place here."""
    return tuple(_TOPICS.split())
