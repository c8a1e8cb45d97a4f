"""Symbolic tensors and what was done to them: the graph that functional models are made of.

`keras.Input` gives a SymbolicTensor: shape, dtype and name of a tensor that does not exist yet. A layer, an
operator or a `symbolic_function` that gets one computes nothing; it records a Node and returns the
SymbolicTensors of its outputs.
"""

from .function import apply, symbolic_function
from .graph import FunctionCall, Node, one_or_list, record
from .inference import broadcast_shapes, infer, known_sizes, matmul_spec
from .structure import flatten, map_structure, pack
from .tensor import Dims, History, SymbolicTensor, has_symbolic, is_symbolic

__all__ = [
    "Dims",
    "FunctionCall",
    "History",
    "Node",
    "SymbolicTensor",
    "apply",
    "broadcast_shapes",
    "flatten",
    "has_symbolic",
    "infer",
    "is_symbolic",
    "known_sizes",
    "map_structure",
    "matmul_spec",
    "one_or_list",
    "pack",
    "record",
    "symbolic_function",
]
