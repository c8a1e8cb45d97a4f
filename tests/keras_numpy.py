"""A program: what Keras on NumPy returns for calls read, pickled, from its input. Nothing is compiled, so it is quick.

A process has one backend of Keras, and other tests want jax; hence a process of its own.
"""

import copy
import functools
import os
import pickle
import sys
import warnings

import numpy as np


def plain(value):
    """A result without Keras's own types."""
    if isinstance(value, (tuple, list)):
        return [plain(item) for item in value]
    return value if isinstance(value, (int, str, bool, float)) or value is None else np.asarray(value)


def main():
    os.environ["KERAS_BACKEND"] = "numpy"
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    import keras

    results = []
    for path, args, kwargs in pickle.load(sys.stdin.buffer):
        args, kwargs = copy.deepcopy((args, kwargs))  # Keras changes some in place
        function = functools.reduce(getattr, path.split("."), keras)
        try:
            results.append(plain(function(*args, **kwargs)))
        except Exception as error:
            results.append(error.__class__(str(error)))
    pickle.dump(results, sys.stdout.buffer)


if __name__ == "__main__":
    main()
