"""save and load: tensors in `.npy`, dicts of tensors in `.npz` and `.safetensors`. What is read runs no code."""

from __future__ import annotations

import os
from typing import Any

from ._core import Tensor


def save(file: str | os.PathLike[str], x: Any) -> None:
    """Write a tensor or a dict of tensors to a file, whole or not at all.

    Any other program that knows these formats reads it: NumPy, PyTorch, JAX. Values are written, not gradients or
    which tensors share memory.

    Args:
        file: path; its ending chooses the format. `.npy` holds one tensor, `.npz` and `.safetensors` a dict. What is
            there already is replaced.
        x: a tensor or what `asarray` takes; or a flat dict of them with strings as keys.

    Raises:
        ImportError: `.safetensors` needs an extra; the message names it.
        ValueError: the ending is another, `x` is no dict or should be none, or a dict in `x` is nested.
        TypeError: a key is no string, or a value no tensor.
        DtypeError: bfloat16 in `.npy` or `.npz`, whose formats do not know it.
        OSError: the file cannot be written.
    """
    from .saving import arrays

    arrays.save(file, x)


def load(file: str | os.PathLike[str]) -> Tensor | dict[str, Tensor]:
    """Read what `save`, or another program, wrote: a tensor from `.npy`, else a dict of tensors.

    Args:
        file: path that ends in `.npy`, `.npz` or `.safetensors`.

    Returns:
        A tensor, or a dict of tensors in the order of the file.

    Raises:
        ImportError: `.safetensors` needs an extra; the message names it.
        ValueError: the ending is another, or the file is damaged or cut.
        DtypeError: it holds what no tensor does: complex numbers, text, Python objects.
        OSError: the file cannot be read.
    """
    from .saving import arrays

    content: Tensor | dict[str, Tensor] = arrays.load(file)
    return content
