"""The emulation of CUDA for tests, and faults planted in the kernels (mutants.py)."""
