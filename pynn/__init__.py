"""pynn: tensors, automatic derivatives and neural networks, computed in C++.

Functions on tensors have the names of the Python array API standard; layers, losses, optimizers, callbacks and models
those of Keras 3.
"""

# ruff: noqa: F401, F403, E402 - this file only names things, in the order that its guards need

from __future__ import annotations

from pynn import _clone

_clone.refuse_other_package(__file__)
_clone.step_aside(__path__)

import importlib as _importlib
import typing as _typing
from math import e, inf, nan, pi

from pynn._core import *
from pynn._version import __version__
from pynn.autograd import GradientTape, grad, no_grad, value_and_grad
from pynn.config import DTypePolicy, show_config, version, warn_about_environment
from pynn.devices import device
from pynn.dtypes import can_cast, finfo, iinfo, isdtype
from pynn.files import load, save
from pynn.namespace import __array_api_version__, __array_namespace_info__
from pynn.sets import unique_all, unique_counts, unique_inverse, unique_values

newaxis = None

warn_about_environment()

from pynn import (
    activations,
    callbacks,
    constraints,
    initializers,
    layers,
    losses,
    metrics,
    models,
    optimizers,
    peers,
    random,
    regularizers,
)
from pynn.initializers import Initializer
from pynn.layers import Input, InputSpec, Layer
from pynn.losses import Loss
from pynn.metrics import Metric
from pynn.models import Model, Sequential
from pynn.optimizers import Optimizer
from pynn.regularizers import Regularizer
from pynn.symbolic import SymbolicTensor as KerasTensor
from pynn.variable import Variable

peers.introduce()

# What no training needs is imported when it is first asked for.
_LAZY = (
    "applications", "backend", "compat", "cuda", "data", "datasets", "fft", "linalg", "mixed_precision", "ops",
    "preprocessing",
    "saving", "testing", "tree", "utils", "viz",
)  # fmt: skip

if _typing.TYPE_CHECKING:
    from pynn import (
        applications,
        backend,
        compat,
        cuda,
        data,
        datasets,
        fft,
        linalg,
        mixed_precision,
        ops,
        preprocessing,
        saving,
        testing,
        tree,
        utils,
        viz,
    )
else:

    def __getattr__(name: str) -> object:
        if name in _LAZY:
            return _importlib.import_module(f"pynn.{name}")
        raise AttributeError(f"module 'pynn' has no attribute {name!r}")

    def __dir__() -> list[str]:
        return sorted({*globals(), *_LAZY})
