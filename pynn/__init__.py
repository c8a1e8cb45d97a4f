"""pynn: tensors, automatic derivatives and neural networks, computed in C++.

Functions on tensors have the names of the Python array API standard; layers, losses, optimizers, callbacks and models
those of Keras 3.
"""

# ruff: noqa: F401, E402 - this file only names things, in the order that its guards need

from __future__ import annotations

from pynn import _clone

_clone.refuse_other_package(__name__, __file__)
_clone.step_aside(__path__)

from pynn._version import __version__
