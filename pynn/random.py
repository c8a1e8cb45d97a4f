"""Random tensors. Equal seeds give equal numbers, whatever the number of threads or the processor.

The functions draw from one default generator; `Generator(seed)` makes others. Not for cryptography.
"""

from pynn._core import Generator
from pynn._core import _default_generator as default_generator

seed = default_generator.seed
uniform = default_generator.uniform
normal = default_generator.normal
integers = default_generator.integers
permutation = default_generator.permutation
bernoulli = default_generator.bernoulli

__all__ = [
    "Generator",
    "bernoulli",
    "default_generator",
    "integers",
    "normal",
    "permutation",
    "seed",
    "uniform",
]
