"""`keras.mixed_precision`: names of the dtype policy. pynn computes in float32 or float64 throughout."""

from __future__ import annotations

from .config import DTypePolicy, dtype_policy, set_dtype_policy

Policy = DTypePolicy
global_policy = dtype_policy
set_global_policy = set_dtype_policy

__all__ = ["DTypePolicy", "Policy", "dtype_policy", "global_policy", "set_dtype_policy", "set_global_policy"]
