"""The operations that NumPy has too, `keras.ops.numpy`: the same functions as in `pynn.ops`."""

from __future__ import annotations

from typing import Any

from . import absent, binary, core, creation, indexing, linalg, products, reductions, shapes, sorting, unary

_NOT_NUMPYS = frozenset(
    ("cast", "cdist", "cond", "convert_to_numpy", "convert_to_tensor", "dtype", "erf", "erfc", "erfinv",
     "in_top_k", "is_tensor", "logsumexp", "map", "one_hot", "multi_hot", "rearrange", "rsqrt", "saturate_cast",
     "scan", "associative_scan", "scatter", "scatter_update", "segment_max", "segment_min", "segment_prod",
     "segment_sum", "shape", "slice", "slice_update", "stop_gradient", "switch", "top_k", "unstack",
     "fori_loop", "jvp", "vectorized_map", "while_loop")
)  # fmt: skip

_found: dict[str, Any] = {
    name: value
    for module in (unary, binary, reductions, shapes, creation, indexing, sorting, products, core)
    for name, value in vars(module).items()
    if callable(value) and getattr(value, "__module__", "") == module.__name__ and name[0] != "_"
}
_found["slogdet"] = linalg.slogdet
globals().update({name: value for name, value in _found.items() if name not in _NOT_NUMPYS})


def __getattr__(name: str) -> Any:
    raise AttributeError(absent.message("pynn.ops.numpy", name, _found))
