"""SymbolicTensor: shape, dtype and name of a tensor that does not exist yet; what `Input` returns."""

from __future__ import annotations


class SymbolicTensor:
    """A tensor to come.

    Args:
        shape: None where any size fits; the first axis is the batch.
        dtype: its name.
        name: of the input.
    """

    def __init__(self, shape: tuple[int | None, ...], dtype: str, name: str = "") -> None:
        self.shape = shape
        self.dtype = dtype
        self.name = name

    @property
    def ndim(self) -> int:
        """Number of axes, the batch included."""
        return len(self.shape)

    def __repr__(self) -> str:
        return f"<SymbolicTensor shape={self.shape}, dtype={self.dtype}, name={self.name}>"
