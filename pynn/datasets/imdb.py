"""IMDB: 50,000 film reviews as word numbers, good (1) or bad (0). By Andrew Maas and others, 2011."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import numpy.typing as npt

from .npz import load_npz
from .sequences import as_array, in_vocabulary, marked, read_json, shorter, shuffled
from .sources import MIRROR, find

_HASH = "69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f"
_INDEX_HASH = "bfafd718b763782e994055a2d397834f"

_Split = tuple[npt.NDArray[Any], npt.NDArray[Any]]


def load_data(
    path: str | os.PathLike[str] = "imdb.npz",
    num_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    seed: int = 113,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int = 3,
) -> tuple[_Split, _Split]:
    """Load the reviews, 25,000 to train with and 25,000 to test.

    Words are numbered by how often they occur, from 1 for the commonest; `index_from` is added to that.

    Args:
        path: a name in the folder PYNN_DATASETS or Keras's cache (~/.keras/datasets, downloaded if missing), or
            a path with folders to a file of your own.
        num_words: words of this number and above become `oov_char`; None keeps all.
        skip_top: words below this number become `oov_char`.
        maxlen: leave out reviews of this length and longer.
        seed: of the order.
        start_char: in front of each review, unless None.
        oov_char: stands for words left out; None drops them.
        index_from: added to all word numbers.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: object arrays (n,) of lists of int, and int64 arrays (n,).

    Raises:
        FileNotFoundError: there is no file and no network; the message says where to put it.
        ValueError: the file is damaged or another, or `maxlen` leaves nothing.
    """
    caller = "imdb.load_data"
    file = find(caller, path, f"{MIRROR}imdb.npz", _HASH)
    x_train, y_train, x_test, y_test = load_npz(caller, file, "x_train", "y_train", "x_test", "y_test")
    rng = np.random.RandomState(seed)
    x_train, y_train = shuffled(rng, x_train, y_train)
    x_test, y_test = shuffled(rng, x_test, y_test)
    train, train_labels = shorter(maxlen, marked(caller, x_train, start_char, index_from), y_train)
    test, test_labels = shorter(maxlen, marked(caller, x_test, start_char, index_from), y_test)
    if not train or not test:
        raise ValueError(f"{caller}: maxlen={maxlen} leaves no review; increase it")
    texts = in_vocabulary([*train, *test], num_words, skip_top, oov_char)
    labels = np.concatenate([train_labels, test_labels])
    n = len(train)
    return (as_array(texts[:n]), labels[:n]), (as_array(texts[n:]), labels[n:])


def get_word_index(path: str | os.PathLike[str] = "imdb_word_index.json") -> dict[str, int]:
    """Return the number of each word, from 1 for the commonest (`load_data` adds `index_from`).

    Args:
        path: as for `load_data`.

    Raises:
        FileNotFoundError, ValueError: as `load_data`.
    """
    caller = "imdb.get_word_index"
    return read_json(caller, find(caller, path, f"{MIRROR}imdb_word_index.json", _INDEX_HASH))
