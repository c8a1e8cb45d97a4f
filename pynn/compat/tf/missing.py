"""The error for names of TensorFlow that pynn has not."""

from __future__ import annotations

from collections.abc import Iterable

from ...registry import did_you_mean

NEAREST = {
    "tf.Module": "pynn.Layer holds variables too",
    "tf.RaggedTensor": "pad rows to one length, for example with keras.utils.pad_sequences",
    "tf.Session": "every operation runs at once",
    "tf.SparseTensor": "pynn has dense tensors only",
    "tf.compat": "pynn follows TensorFlow 2",
    "tf.distribute": "pynn runs on one processor",
    "tf.estimator": "keras.Model is what TensorFlow 2 has instead",
    "tf.placeholder": "keras.Input is what TensorFlow 2 has instead",
    "tf.py_function": "call the Python function itself: every operation runs at once",
    "tf.saved_model": "model.save('name.keras') saves models",
    "tf.string": "pynn's tensors hold numbers; keep text in Python strings or NumPy arrays",
    "tf.strings": "pynn's tensors hold numbers; use Python's str methods and re",
    "tf.train": "model.save_weights saves weights",
    "tf.unique": "keras.ops.unique finds different elements",
}


def message(module: str, name: str, names: Iterable[str]) -> str:
    """Return the text of the AttributeError for a name that a part of `pynn.compat.tf` has not."""
    known = NEAREST.get(f"{module}.{name}")
    if known:
        return f"{module}.{name} is not in pynn; {known}"
    public = [other for other in names if not other.startswith("_")]
    return f"{module}.{name} is not in pynn{did_you_mean(name, public) or '; look in pynn.ops for the operation'}"
