"""The cases of test_ops.py: every operation of keras.ops with arguments, some of them awkward."""

from __future__ import annotations

from typing import Any

import numpy as np

RNG = np.random.default_rng(7)


def draw(*shape: int, low: float = -2, high: float = 2) -> np.ndarray:
    return RNG.uniform(low, high, shape).astype("float32")


X = draw(3, 4)
Y = draw(3, 4)
CUBE = draw(2, 3, 4)
POSITIVE = draw(3, 4, low=0.1, high=3)
INSIDE = draw(3, 4, low=-0.95, high=0.95)
WHOLE = RNG.integers(-5, 6, (3, 4)).astype("int32")
COUNTS = RNG.integers(1, 6, (3, 4)).astype("int32")
BYTES = RNG.integers(0, 200, (3, 4)).astype("uint8")
TRUTH = RNG.integers(0, 2, (3, 4)).astype(bool)
AWKWARD = np.array([0.0, -0.0, 1.0, -1.0, 0.5, 2.5, -2.5, np.inf, -np.inf, np.nan], "float32")
HOLES = np.where(RNG.uniform(size=(3, 4)) < 0.3, np.nan, X).astype("float32")
TIES = np.array([[1, 3, 3, 2], [5, 5, 5, 5], [0, -1, 0, 2]], "float32")
VECTOR = draw(5)
SQUARE = draw(2, 3, 3) + 3 * np.eye(3, dtype="float32")
SYMMETRIC = SQUARE @ SQUARE.transpose(0, 2, 1)
IDS = np.array([0, 2, 0], "int32")
MOVES = np.array([[0.9, 0.1, 0.3, -0.2, 1.1, 0.2, 0, 0], [1, 0, 1.4, 0, 1, -0.7, 0, 0]], "float32")
EMPTY = np.zeros((3, 0), "float32")
IMAGE = draw(2, 5, 6, 3, low=0, high=1)
MARKS = RNG.integers(0, 255, (2, 5, 6, 3)).astype("uint8")

Case = tuple[str, tuple[Any, ...], dict[str, Any]]


def case(name: str, *args: Any, **kwargs: Any) -> Case:
    return name, args, kwargs


def unary(names: str, *inputs: Any) -> list[Case]:
    return [case(name, x) for name in names.split() for x in inputs]


ELEMENTWISE = [
    *unary("abs absolute negative sign square trunc fabs", X, AWKWARD, WHOLE, EMPTY, 3, -2.5),
    *unary(
        "exp expm1 sin cos tanh arctan sinh cosh tan arcsinh ceil floor",
        X,
        AWKWARD,
        WHOLE,
        1,
        0.5,
        [1.0, 2.0],
    ),
    *unary("erf", X, AWKWARD),
    *unary("exp2 deg2rad rad2deg sinc erfc cbrt round", X, AWKWARD, WHOLE),
    *unary("log log10 log1p log2 sqrt", POSITIVE, AWKWARD, COUNTS, 4, 2.0),
    *unary("reciprocal rsqrt", POSITIVE, AWKWARD),
    *unary("arccos arcsin arctanh erfinv", INSIDE),
    *unary("arccosh", POSITIVE + 1),
    *unary(
        "isfinite isinf isnan isneginf isposinf isreal signbit logical_not nan_to_num real imag conj angle",
        X,
        AWKWARD,
    ),
    *unary("isfinite isinf isnan logical_not signbit nan_to_num isreal real", WHOLE),
    *unary("conjugate bitwise_invert bitwise_not", WHOLE),
    *unary("bitwise_not logical_not", TRUTH),
    *unary("i0", X),
    *unary("bartlett blackman hamming hanning", 7),
    case("kaiser", 7, 3.0),
    case("round", X, 2),
    case("round", X * 100, decimals=-1),
    case("nan_to_num", AWKWARD, nan=3.0, posinf=7.0, neginf=-7.0),
    *[
        case(name, a, b)
        for name in [
            "add",
            "subtract",
            "multiply",
            "divide",
            "maximum",
            "minimum",
            "power",
            "equal",
            "not_equal",
            "less",
            "less_equal",
            "greater",
            "greater_equal",
            "floor_divide",
            "mod",
            "true_divide",
            "fmod",
        ]
        for a, b in (
            (POSITIVE, Y),
            (X[:, :1], POSITIVE),
            (COUNTS, COUNTS.T.reshape(3, 4)),
            (POSITIVE, 2),
            (COUNTS, 2),
            (3, COUNTS),
            (COUNTS, POSITIVE),
            (2, 3),
            (2, 1.5),
            (COUNTS, 2.5),
            ([1.0, 2.0, 3.0, 4.0], POSITIVE),
        )
    ],
    *[
        case(name, X, Y)
        for name in [
            "arctan2",
            "hypot",
            "logaddexp",
            "logaddexp2",
            "fmax",
            "fmin",
            "heaviside",
            "nextafter",
            "isclose",
        ]
    ],
    *[
        case(name, AWKWARD, AWKWARD[::-1].copy())
        for name in ["maximum", "minimum", "fmax", "fmin", "isclose", "equal", "less", "heaviside"]
    ],
    *[
        case(name, COUNTS, COUNTS[::-1].copy())
        for name in [
            "bitwise_and",
            "bitwise_or",
            "bitwise_xor",
            "bitwise_left_shift",
            "bitwise_right_shift",
            "left_shift",
            "right_shift",
            "gcd",
            "lcm",
            "ldexp",
            "arctan2",
            "hypot",
            "logaddexp",
            "isclose",
        ]
    ],
    *[
        case(name, TRUTH, TRUTH[::-1].copy())
        for name in ["logical_and", "logical_or", "logical_xor", "bitwise_and", "equal"]
    ],
    *[case(name, X, WHOLE) for name in ["logical_and", "logical_or", "logical_xor"]],
    case("divide_no_nan", X, WHOLE.astype("float32")),
    case("divide_no_nan", COUNTS, WHOLE),
    case("isclose", X, X + 1e-6),
    case("isclose", AWKWARD, AWKWARD, equal_nan=True),
    case("allclose", X, X + 1e-7),
    case("allclose", X, Y),
    case("isin", WHOLE, [1, 2, 3]),
    case("isin", WHOLE, [1, 2], invert=True),
    case("clip", X, -1, 1),
    case("clip", WHOLE, -1, 2),
    case("clip", AWKWARD, -1.0, 1.0),
    case("clip", X, Y - 1, Y + 1),
    case("ldexp", X, WHOLE),
    case("heaviside", TIES, 0.5),
]

REDUCTIONS = [
    *[
        case(name, x, axis=axis, keepdims=keepdims)
        for name in [
            "sum",
            "mean",
            "max",
            "min",
            "prod",
            "var",
            "std",
            "any",
            "all",
            "logsumexp",
            "amax",
            "amin",
            "ptp",
            "median",
        ]
        for x in (CUBE, TIES)
        for axis in (None, 0, -1)
        for keepdims in (False, True)
    ],
    *[
        case(name, CUBE, axis=(0, 2))
        for name in ["sum", "mean", "max", "min", "prod", "var", "std", "any", "all", "logsumexp", "median"]
    ],
    *[
        case(name, x)
        for name in [
            "sum",
            "mean",
            "max",
            "min",
            "prod",
            "var",
            "std",
            "any",
            "all",
            "count_nonzero",
            "argmax",
            "argmin",
        ]
        for x in (WHOLE, BYTES, TRUTH)
    ],
    *[
        case(name, AWKWARD)
        for name in [
            "sum",
            "max",
            "min",
            "any",
            "all",
            "argmax",
            "nansum",
            "nanmax",
            "nanmin",
            "nanmean",
            "nanargmax",
        ]
    ],
    *[
        case(name, x, axis=axis)
        for name in [
            "argmax",
            "argmin",
            "nanargmax",
            "nanargmin",
            "cumsum",
            "cumprod",
            "nancumsum",
            "nancumprod",
        ]
        for x in (TIES, X, WHOLE)
        for axis in (None, 0, 1)
    ],
    *[
        case(name, HOLES, axis=axis)
        for name in ["nansum", "nanprod", "nanmax", "nanmin", "nanmean", "nanvar", "nanstd", "nanmedian"]
        for axis in (None, 0, 1)
    ],
    case("argmax", X, axis=1, keepdims=True),
    case("cumsum", TRUTH),
    case("cumsum", X, axis=0, dtype="int32"),
    case("count_nonzero", TIES, axis=1),
    case("max", X, initial=1.5),
    case("min", X, axis=0, initial=-1.5),
    case("max", EMPTY, axis=1, initial=0.0),
    case("sum", EMPTY, axis=1),
    case("prod", EMPTY, axis=1),
    case("average", X),
    case("average", X, axis=0, weights=[1.0, 2.0, 3.0]),
    case("average", X, weights=POSITIVE),
    case("diff", X),
    case("diff", X, n=2, axis=0),
    case("diff", WHOLE),
    case("trapezoid", X),
    case("prod", X, dtype="int32"),
    case("trapezoid", X, dx=0.5, axis=0),
    case("trapezoid", X, x=np.array([0.0, 1, 3, 4], "float32")),
    case("quantile", X, 0.3),
    case("quantile", X, [0.1, 0.5], axis=1),
    case("quantile", X, 0.3, axis=0, keepdims=True),
    *[
        case("quantile", CUBE, 0.3, axis=1, method=method)
        for method in ["linear", "lower", "higher", "nearest", "midpoint"]
    ],
    case("percentile", X, 30.0, axis=1),
    case("nanquantile", HOLES, 0.3, axis=1),
    case("nanpercentile", HOLES, 30.0),
    case("quantile", HOLES, 0.5, axis=1),
    case("quantile", CUBE, [0.2, 0.8], axis=(0, 2), keepdims=True),
]

SHAPES = [
    case("reshape", X, (4, 3)),
    case("reshape", X, -1),
    case("reshape", X, (2, -1)),
    case("ravel", CUBE),
    case("transpose", CUBE),
    case("transpose", CUBE, (1, 0, 2)),
    case("moveaxis", CUBE, 0, -1),
    case("moveaxis", CUBE, (0, 1), (1, 2)),
    case("swapaxes", CUBE, 0, 2),
    case("expand_dims", X, 0),
    case("expand_dims", X, (0, 1)),
    case("expand_dims", X, -1),
    case("squeeze", X[None, :, None]),
    case("squeeze", X[None], axis=0),
    case("broadcast_to", X, (2, 3, 4)),
    case("concatenate", [X, Y]),
    case("concatenate", [X, WHOLE], axis=-1),
    case("concatenate", (X, Y), axis=None),
    case("stack", [X, Y], axis=1),
    case("stack", [1.0, 2.0]),
    case("append", X, Y),
    case("append", X, Y, axis=1),
    case("hstack", [X, Y]),
    case("hstack", [VECTOR, VECTOR]),
    case("vstack", [VECTOR, VECTOR]),
    case("vstack", [X, Y]),
    case("dstack", [X, Y]),
    case("dstack", [VECTOR, VECTOR]),
    case("split", X, 2, axis=1),
    case("split", X, [1, 3], axis=1),
    case("array_split", X, 3, axis=1),
    case("hsplit", X, 2),
    case("vsplit", X, 3),
    case("dsplit", CUBE, 2),
    case("unstack", X),
    case("unstack", X, 4, axis=1),
    case("flip", X),
    case("flip", X, axis=1),
    case("fliplr", X),
    case("flipud", X),
    *[case("rot90", X, k) for k in (-1, 0, 1, 2, 3)],
    case("rot90", CUBE, axes=(1, 2)),
    case("roll", X, 2),
    case("roll", X, 1, axis=1),
    case("roll", X, (1, 2), axis=(0, 1)),
    case("repeat", X, 2),
    case("repeat", X, 2, axis=1),
    case("repeat", X, [1, 2, 0], axis=0),
    case("tile", X, 2),
    case("tile", X, (2, 1, 3)),
    case("meshgrid", VECTOR, VECTOR[:3]),
    case("meshgrid", VECTOR, VECTOR[:2], indexing="ij"),
    case("pad", X, 1),
    case("pad", X, ((1, 2), (0, 1)), constant_values=5),
    case("pad", X, ((2, 1), (0, 3)), mode="reflect"),
    case("pad", X, ((2, 1), (0, 3)), mode="symmetric"),
    case("diag", VECTOR),
    case("diag", VECTOR, k=2),
    case("diag", VECTOR, k=-1),
    case("diag", X),
    case("diag", X, k=1),
    case("diag", X, k=-1),
    case("diagflat", X[:2, :2], k=1),
    case("diagonal", CUBE),
    case("diagonal", CUBE, offset=1, axis1=1, axis2=2),
    case("trace", X),
    case("trace", CUBE, 1, 1, 2),
    case("trace", WHOLE),
    case("tril", X),
    case("tril", CUBE, k=-1),
    case("triu", X, k=1),
    case("rearrange", CUBE, "a b c -> c (a b)"),
    case("rearrange", X, "a (b c) -> b a c", b=2),
]

CREATION = [
    case("zeros", (2, 3)),
    case("zeros", 3, dtype="int32"),
    case("ones", (2,)),
    case("ones", (2,), dtype="bool"),
    case("full", (2, 2), 3),
    case("full", (2, 2), 3.5),
    case("full", (2,), [1.0, 2.0]),
    case("full_like", X, 2),
    case("zeros_like", X),
    case("ones_like", WHOLE),
    case("ones_like", X, dtype="int32"),
    case("arange", 5),
    case("arange", 1, 7, 2),
    case("arange", 5.0),
    case("arange", 0.0, 1.0, 0.25),
    case("arange", 5, dtype="float32"),
    case("linspace", 0.0, 1.0, 5),
    case("linspace", 0, 10, 5, endpoint=False),
    case("linspace", 0.0, 1.0, 3, retstep=True),
    case("linspace", VECTOR, VECTOR + 2, 3, axis=1),
    case("logspace", 0.0, 2.0, 3),
    case("geomspace", 1.0, 8.0, 4),
    case("eye", 3),
    case("eye", 2, 4, k=1),
    case("eye", 3, dtype="int32"),
    case("identity", 3),
    case("tri", 3, 4, k=-1),
    case("tri", 3),
    case("vander", VECTOR),
    case("vander", VECTOR, N=3, increasing=True),
    case("array", [[1, 2], [3, 4]]),
    case("array", [1.0, 2.0]),
    case("array", X),
    case("array", X, dtype="int32"),
    case("convert_to_tensor", 3),
    case("convert_to_tensor", True),
    case("convert_to_tensor", [True, False]),
    case("convert_to_tensor", [1, 2.5]),
    case("cast", X, "int32"),
    case("cast", WHOLE, "float32"),
    case("saturate_cast", X * 200, "uint8"),
    case("saturate_cast", WHOLE * 100, "int8"),
    case("saturate_cast", BYTES, "int8"),
    case("copy", X),
    case("view", X, "int32"),
    case("shape", X),
    case("ndim", X),
    case("size", X),
    case("dtype", WHOLE),
    case("stop_gradient", X),
    case("convert_to_numpy", X),
    case("empty_like", EMPTY),
    case("empty", (0, 2)),
]

INDEXING = [
    case("take", X, [0, 2], axis=0),
    case("take", X, 1, axis=1),
    case("take", X, [[0, 5], [11, 2]]),
    case("take", X, [-1, 0], axis=1),
    case("take_along_axis", X, WHOLE % 4, axis=1),
    case("take_along_axis", X, IDS),
    case("get_item", X, 1),
    case("where", TRUTH, X, Y),
    case("where", TRUTH, X, 0),
    case("where", WHOLE, 1, 0),
    case("where", TRUTH, 1.0, 0),
    case("where", TRUTH),
    case("nonzero", WHOLE),
    case("select", [X > 1, X > 0], [X, Y], default=-1.0),
    case("unravel_index", np.array([5, 11], "int32"), (3, 4)),
    case("slice", X, (1, 0), (2, 3)),
    case("slice_update", X, (1, 1), Y[:2, :2]),
    case("scatter", [[0], [2], [0]], X, (4, 4)),
    case("scatter", [[0, 1], [2, 3]], [1.0, 2.0], (3, 4)),
    case("scatter", [[1], [1]], [1, 2], (3,)),
    case("scatter_update", X, [[0, 1], [2, 3]], [9.0, 8.0]),
    case("scatter_update", X, [[1]], Y[:1]),
    *[
        case("scatter_update", X, [[0, 1], [0, 1]], [9.0, 8.0], reduction=reduction)
        for reduction in ("add", "max", "min", "mul")
    ],
    case("one_hot", IDS, 3),
    case("one_hot", COUNTS, 6, axis=0),
    case("one_hot", [1, 0], 2, dtype="int32"),
    case("multi_hot", [1, 3], 4),
    case("multi_hot", [[1, 3], [0, 0]], 4),
    case("segment_sum", X, IDS),
    case("segment_sum", X, IDS, 4),
    case("segment_sum", WHOLE, IDS),
    case("segment_max", X, IDS),
    case("segment_max", X, IDS, 4),
    case("segment_min", X, IDS, 3),
    case("segment_prod", X, IDS, 3),
    case("sort", TIES),
    case("sort", X, axis=0),
    case("sort", AWKWARD),
    case("argsort", TIES),
    case("argsort", X, axis=0),
    case("argsort", X, axis=None),
    case("top_k", X, 2),
    case("in_top_k", IDS, TIES, 2),
    case("in_top_k", IDS, X, 1),
    case("unique", WHOLE),
    case("unique", WHOLE, return_inverse=True, return_counts=True),
    case("unique", TIES, axis=0),
    case("unique", [3, 1, 3], size=4, fill_value=9),
    case("unique", [3, 1, 3], return_index=True),
    case("searchsorted", [1.0, 2.0, 3.0], X),
    case("searchsorted", [1, 2, 2, 3], [2, 5], side="right"),
    case("digitize", X, [-1.0, 0.0, 1.0]),
    case("bincount", [1, 1, 3]),
    case("bincount", [1, 1, 3], weights=[0.5, 1.0, 2.0]),
    case("bincount", [[1, 1], [0, 3]], minlength=6),
    case("histogram", VECTOR),
    case("histogram", VECTOR, bins=4, range=(-1.0, 1.0)),
]

PRODUCTS = [
    case("matmul", X, Y.T),
    case("matmul", CUBE, VECTOR[:4]),
    case("matmul", WHOLE, WHOLE.T),
    case("matmul", CUBE, CUBE.transpose(0, 2, 1)),
    case("dot", X, Y.T),
    case("dot", X, 2.0),
    case("dot", VECTOR, VECTOR),
    case("vdot", X, Y),
    case("inner", X, Y),
    case("inner", VECTOR, 2.0),
    case("outer", VECTOR, [1.0, 2.0]),
    case("kron", X, Y[:2, :2]),
    case("tensordot", X, Y, axes=2),
    case("tensordot", CUBE, CUBE, axes=((0, 2), (0, 2))),
    case("tensordot", X, Y.T, axes=1),
    case("einsum", "ij,kj->ik", X, Y),
    case("cross", draw(4, 3), draw(4, 3)),
    case("cross", draw(4, 2), draw(4, 2)),
    case("cross", draw(3, 4), draw(3, 4), axis=0),
    case("cdist", X, Y),
    case("correlate", VECTOR, VECTOR[:3]),
    *[case("correlate", VECTOR, VECTOR[:3], mode=mode) for mode in ("valid", "same", "full")],
    case("correlate", VECTOR[:3], VECTOR, mode="full"),
    case("correlate", VECTOR, VECTOR[:2], mode="same"),
    case("corrcoef", X),
    case("corrcoef", VECTOR),
    case("norm", X),
    case("norm", X, axis=1),
    case("norm", X, ord=1, axis=0, keepdims=True),
    case("norm", X, ord=np.inf, axis=1),
    case("norm", CUBE, ord="fro", axis=(1, 2)),
    *[case("norm", X, ord=ord) for ord in (1, -1, 2, -2, np.inf, -np.inf, "nuc", "fro")],
    case("norm", CUBE, ord=1, axis=(2, 0), keepdims=True),
    case("norm", WHOLE),
    case("norm", CUBE),
    case("norm", VECTOR, ord=3),
    case("det", SQUARE),
    case("slogdet", SQUARE),
    case("logdet", SYMMETRIC),
    case("inv", SQUARE),
    case("pinv", X),
    case("matrix_rank", X),
    case("cholesky", SYMMETRIC),
    case("cholesky", SYMMETRIC, upper=True),
    case("cholesky_inverse", np.linalg.cholesky(SYMMETRIC)[0]),
    case("solve", SQUARE, CUBE[:, :3, :2]),
    case("solve", SQUARE[0], VECTOR[:3]),
    case("solve_triangular", SQUARE[0], X[:3, :2], lower=True),
    case("lstsq", draw(5, 3), draw(5)),
    case("lu_factor", SQUARE[0]),
    case("svd", X, compute_uv=False),
    case("logsumexp", WHOLE),
    case("fft", (X, Y)),
    case("fft2", (X, Y)),
    case("ifft2", (X, Y)),
    case("rfft", X),
    case("rfft", X, 6),
    case("irfft", (X, Y)),
    case("irfft", (X, Y), 5),
    case("extract_sequences", draw(2, 9), 4, 2),
    case("stft", draw(2, 40), 8, 4, 10),
    case("stft", draw(40), 8, 4, 8, window="hamming", center=False),
    case("stft", draw(40), 8, 4, 8, window=None),
    case("istft", (draw(2, 5, 6), draw(2, 5, 6)), 10, 3, 10),
    case("istft", (draw(5, 6), draw(5, 6)), 8, 2, 10, length=12),
]

NETWORKS = [
    *unary(
        "relu relu6 sigmoid softplus softsign silu swish log_sigmoid leaky_relu hard_sigmoid hard_silu hard_swish elu "
        "selu gelu celu hard_tanh tanh_shrink hard_shrink soft_shrink squareplus sparse_plus sparse_sigmoid "
        "softmax log_softmax glu",
        X * 3,
    ),
    *unary("relu relu6 sigmoid softplus silu elu selu hard_sigmoid leaky_relu", AWKWARD),
    *unary("sigmoid softmax", WHOLE),
    case("gelu", X, approximate=False),
    case("threshold", X, 0.5, -1.0),
    case("softmax", CUBE, axis=(0, 2)),
    case("log_softmax", CUBE, axis=(1, 2)),
    case("softmax", CUBE, axis=1),
    case("glu", CUBE, axis=-1),
    case("leaky_relu", X, negative_slope=0.5),
    case("elu", X, alpha=2.0),
    case("conv", IMAGE, draw(3, 3, 3, 4)),
    case("conv", IMAGE, draw(2, 2, 3, 4), strides=2, padding="same"),
    case("conv", IMAGE, draw(2, 2, 3, 4), dilation_rate=2),
    case("conv", draw(2, 7, 3), draw(3, 3, 4), padding="same"),
    case("conv", draw(2, 3, 5, 6), draw(3, 3, 3, 4), data_format="channels_first"),
    case("depthwise_conv", IMAGE, draw(2, 2, 3, 2)),
    case("separable_conv", IMAGE, draw(2, 2, 3, 1), draw(1, 1, 3, 4), padding="same"),
    case("conv_transpose", IMAGE, draw(3, 3, 4, 3), strides=2, padding="same"),
    case("conv_transpose", IMAGE, draw(2, 2, 4, 3)),
    case("max_pool", IMAGE, 2, strides=2),
    case("max_pool", IMAGE, (2, 3), strides=(1, 1), padding="same"),
    case("average_pool", IMAGE, 2, strides=2, padding="same"),
    case("average_pool", draw(2, 3, 6, 6), 2, strides=2, data_format="channels_first"),
    case("adaptive_average_pool", IMAGE, 2),
    case("adaptive_max_pool", IMAGE, (2, 4)),
    case("unfold", draw(2, 3, 5, 6), 2),
    case("unfold", draw(2, 3, 5, 6), (2, 3), dilation=2, padding=1, stride=2),
    case("depth_to_space", draw(2, 3, 2, 8), 2),
    case("depth_to_space", draw(2, 8, 3, 2), 2, data_format="channels_first"),
    case("space_to_depth", draw(2, 4, 6, 3), 2),
    case("space_to_depth", draw(2, 3, 4, 6), 2, data_format="channels_first"),
    case("moments", CUBE, axes=(0, 1)),
    case("moments", CUBE, axes=[0], keepdims=True),
    case("normalize", X),
    case("normalize", X, axis=0, order=1),
    case("normalize", np.zeros((2, 3), "float32")),
    case("normalize", CUBE, axis=(1, 2)),
    case("batch_normalization", X, VECTOR[:4], VECTOR[:4] ** 2, -1),
    case("batch_normalization", CUBE, VECTOR[:3], VECTOR[:3] ** 2, 1, offset=VECTOR[:3], scale=VECTOR[:3]),
    case("layer_normalization", X),
    case("layer_normalization", X, gamma=VECTOR[:4], beta=VECTOR[:4], epsilon=1e-3),
    case("layer_normalization", CUBE, axis=(1, 2)),
    case("rms_normalization", X, scale=VECTOR[:4]),
    case("dot_product_attention", draw(2, 3, 2, 4), draw(2, 5, 2, 4), draw(2, 5, 2, 4)),
    case(
        "dot_product_attention",
        draw(2, 4, 2, 4),
        draw(2, 4, 2, 4),
        draw(2, 4, 2, 4),
        is_causal=True,
        scale=0.3,
    ),
    case(
        "dot_product_attention",
        draw(2, 3, 2, 4),
        draw(2, 5, 2, 4),
        draw(2, 5, 2, 4),
        mask=RNG.uniform(size=(2, 1, 3, 5)) < 0.7,
        bias=draw(3, 5),
    ),
    case("categorical_crossentropy", np.eye(4, dtype="float32")[:3], POSITIVE),
    case("categorical_crossentropy", np.eye(4, dtype="float32")[:3], X, from_logits=True),
    case("sparse_categorical_crossentropy", [1, 0, 3], POSITIVE / POSITIVE.sum(1, keepdims=True)),
    case("sparse_categorical_crossentropy", [1, 0, 3], X, from_logits=True),
    case("binary_crossentropy", TRUTH.astype("float32"), POSITIVE / 4),
    case("binary_crossentropy", TRUTH.astype("float32"), X, from_logits=True),
    case("psnr", X, Y, 2.0),
]

IMAGES = [
    case("resize", IMAGE, (3, 4)),
    case("resize", IMAGE, (9, 8)),
    case("resize", IMAGE, (9, 8), interpolation="nearest"),
    case("resize", IMAGE[0], (3, 9)),
    case("resize", IMAGE, (4, 4), crop_to_aspect_ratio=True),
    case("resize", IMAGE, (8, 4), pad_to_aspect_ratio=True, fill_value=0.5),
    case("resize", MARKS, (7, 4)),
    case("resize", MARKS, (7, 4), interpolation="nearest"),
    case("resize", draw(2, 3, 5, 6), (4, 4), data_format="channels_first"),
    case("pad_images", IMAGE, 1, 2, 0, 3),
    case("pad_images", IMAGE, top_padding=1, left_padding=0, target_height=8, target_width=9),
    case("crop_images", IMAGE, 1, 2, 1, 0),
    case("crop_images", IMAGE, top_cropping=1, left_cropping=1, target_height=3, target_width=2),
    case("rgb_to_grayscale", IMAGE),
    case("rgb_to_grayscale", MARKS),
    case("rgb_to_grayscale", IMAGE[..., :1]),
    case("rgb_to_hsv", IMAGE),
    case("hsv_to_rgb", IMAGE),
    case("affine_transform", IMAGE, MOVES),
    case("affine_transform", IMAGE, MOVES, fill_mode="nearest"),
    case("affine_transform", IMAGE, MOVES, interpolation="nearest", fill_value=0.7),
    case("extract_patches", IMAGE, 2),
    case("extract_patches", IMAGE, (2, 3), strides=1, padding="same"),
]

TABLE = [*ELEMENTWISE, *REDUCTIONS, *SHAPES, *CREATION, *INDEXING, *PRODUCTS, *NETWORKS]

PICTURES = {id(entry) for entry in IMAGES}

# Not in the table: they take functions, or have more than one right answer, and are tested in test_ops_functions.py.
ELSEWHERE = {
    "argpartition",
    "associative_scan",
    "cond",
    "custom_gradient",
    "eigh",
    "fori_loop",
    "is_tensor",
    "jvp",
    "map",
    "qr",
    "scan",
    "sparsemax",
    "switch",
    "vectorize",
    "vectorized_map",
    "while_loop",
}
