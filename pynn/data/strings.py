"""Text in a data set. Tensors hold numbers only; text is a NumPy array of strings with a few habits of tensors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

_KINDS = "UST"  # NumPy's fixed-width text and bytes, and its strings of any width


def is_text(value: Any) -> bool:
    """Return whether `value` is a string, or an array that holds strings."""
    if isinstance(value, (str, bytes)):
        return True
    if not isinstance(value, (np.ndarray, np.generic)):
        return False
    if value.dtype.kind in _KINDS:
        return True
    return value.dtype.kind == "O" and all(isinstance(item, (str, bytes)) for item in value.ravel())


class StringTensor(np.ndarray[Any, np.dtype[np.object_]]):
    """An array of strings, of any shape; indexing gives another one, with no axes for a single string.

    `str(x)` of a single string is the string. `x.numpy()` gives bytes in UTF-8, as TensorFlow does.

    Args:
        values: a string, bytes, an array of them, or nested lists.

    Raises:
        TypeError: something in it is not a string.
    """

    def __new__(cls, values: Any) -> StringTensor:
        array = np.array(values, dtype=object)
        for place, item in enumerate(array.flat):
            if isinstance(item, np.ndarray) and not item.ndim:  # a list of single strings of this class
                array.flat[place] = item = item.item()
            if not isinstance(item, (str, bytes)):
                raise TypeError(f"StringTensor holds strings only, got {type(item).__name__} {item!r}")
        return array.view(cls)

    def __getitem__(self, index: Any) -> Any:
        item = super().__getitem__(index)
        return item if isinstance(item, StringTensor) else StringTensor(item)

    def __iter__(self) -> Iterator[Any]:
        return (self[index] for index in range(len(self)))

    def __str__(self) -> str:
        if self.ndim:
            return str(self.view(np.ndarray))
        text = self.item()
        return text if isinstance(text, str) else text.decode(errors="replace")

    def __repr__(self) -> str:
        return f"StringTensor({self.tolist()!r}, shape={self.shape})"

    def numpy(self) -> Any:
        """Return bytes for a single string, else an object array of bytes."""
        if not self.ndim:
            return _encoded(self.item())
        encoded: npt.NDArray[np.object_] = np.empty(self.shape, dtype=object)
        encoded.ravel()[:] = [_encoded(item) for item in self.view(np.ndarray).ravel()]
        return encoded


def _encoded(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text
