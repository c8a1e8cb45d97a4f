"""The `linalg` extension of the array API standard. Decompositions are NumPy's, their derivatives pynn's own."""

from .._core import cross, diagonal, matmul, matrix_transpose, tensordot, vecdot
from .norms import matrix_norm, vector_norm
from .products import outer, trace
from .spectra import EighResult, QRResult, SVDResult, eigh, eigvalsh, matrix_rank, pinv, qr, svd, svdvals
from .systems import SlogdetResult, cholesky, det, inv, matrix_power, slogdet, solve

__all__ = [
    "EighResult", "QRResult", "SVDResult", "SlogdetResult", "cholesky", "cross", "det", "diagonal", "eigh", "eigvalsh",
    "inv", "matmul", "matrix_norm", "matrix_power", "matrix_rank", "matrix_transpose", "outer", "pinv", "qr", "slogdet",
    "solve", "svd", "svdvals", "tensordot", "trace", "vecdot", "vector_norm",
]  # fmt: skip
