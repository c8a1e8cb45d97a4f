"""`with pynn.device("cuda")`: where tensors are made that nothing else says it of."""

from __future__ import annotations

from . import _core


class device(str):  # noqa: N801 - used like a function, as PyTorch has it
    """The name of a device. As a context, the place of new tensors in this thread.

    Inside it `pynn.zeros` and its like, `pynn.asarray` of lists and NumPy arrays, random numbers and new weights
    are made there. Tensors that exist stay where they are.

    Args:
        name: "cpu", "cuda" (which is "cuda:0"), "cuda:1" ...

    Raises:
        ValueError: the name is none of a device.
        DeviceError: there is no such device; the message says why.
    """

    _before: list[str]

    def __new__(cls, name: str) -> device:
        made = super().__new__(cls, _core._device(str(name)))
        made._before = []
        return made

    def __enter__(self) -> device:
        self._before.append(_core._set_default_device(str(self)))
        return self

    def __exit__(self, *error: object) -> None:
        _core._set_default_device(self._before.pop())
