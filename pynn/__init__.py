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
from math import e as e
from math import inf as inf
from math import nan as nan
from math import pi as pi

from pynn._core import *
from pynn._version import __version__
from pynn.autograd import GradientTape as GradientTape
from pynn.autograd import grad as grad
from pynn.autograd import no_grad as no_grad
from pynn.autograd import value_and_grad as value_and_grad
from pynn.config import DTypePolicy as DTypePolicy
from pynn.config import show_config as show_config
from pynn.config import version as version
from pynn.config import warn_about_environment as warn_about_environment
from pynn.devices import device as device
from pynn.dtypes import can_cast as can_cast
from pynn.dtypes import finfo as finfo
from pynn.dtypes import iinfo as iinfo
from pynn.dtypes import isdtype as isdtype
from pynn.files import load as load
from pynn.files import save as save
from pynn.namespace import __array_api_version__ as __array_api_version__
from pynn.namespace import __array_namespace_info__ as __array_namespace_info__
from pynn.printing import get_printoptions as get_printoptions
from pynn.printing import printoptions as printoptions
from pynn.printing import set_printoptions as set_printoptions
from pynn.sets import unique_all as unique_all
from pynn.sets import unique_counts as unique_counts
from pynn.sets import unique_inverse as unique_inverse
from pynn.sets import unique_values as unique_values

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
from pynn.initializers import Initializer as Initializer
from pynn.layers import Input as Input
from pynn.layers import InputSpec as InputSpec
from pynn.layers import Layer as Layer
from pynn.losses import Loss as Loss
from pynn.metrics import Metric as Metric
from pynn.models import Model as Model
from pynn.models import Sequential as Sequential
from pynn.optimizers import Optimizer as Optimizer
from pynn.regularizers import Regularizer as Regularizer
from pynn.symbolic import SymbolicTensor as _SymbolicTensor
from pynn.variable import Variable as Variable

KerasTensor = _SymbolicTensor

peers.introduce()

# What no training needs is imported when it is first asked for.
_LAZY = (
    "applications", "backend", "compat", "cuda", "data", "datasets", "fft", "linalg", "mixed_precision", "ops",
    "preprocessing", "saving", "testing", "tree", "utils", "viz",
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
        from pynn.registry import foreign_name

        raise AttributeError(f"module 'pynn' has no attribute {name!r}{foreign_name(name, __dir__())}")

    def __dir__() -> list[str]:
        return sorted({*globals(), *_LAZY})
