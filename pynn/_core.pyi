"""Tensors, operations and the tape of pynn, in C++. Written by tools/make_stubs.py; do not edit."""

import builtins
import collections.abc
import types
import typing
from array import array as _array

import numpy

class _Arrayable(typing.Protocol):
    """What NumPy can make an array of: an array, a NumPy number, a tensor of another library."""

    def __array__(self) -> numpy.ndarray[typing.Any, typing.Any]: ...

class _Shareable(typing.Protocol):
    """What offers its memory by DLPack."""

    def __dlpack__(self, *, stream: typing.Any = ...) -> typing.Any: ...

class _Lists(typing.Protocol):
    """Lists and tuples of numbers, of arrays, or of such lists. Text is none, since it holds only text."""

    def __getitem__(self, index: typing.SupportsIndex, /) -> float | _Arrayable | _Lists: ...
    def __contains__(self, value: object, /) -> builtins.bool: ...
    def index(self, value: typing.Any, /) -> int: ...

ArrayLike: typing.TypeAlias = Tensor | float | _Arrayable | _Lists | memoryview | _array[typing.Any]
"""A Tensor, a NumPy array or scalar, a Python number, or nested lists of them."""
DtypeLike: typing.TypeAlias = (
    Dtype
    | str
    | numpy.dtype[typing.Any]
    | builtins.type[builtins.bool]
    | builtins.type[int]
    | builtins.type[float]
    | builtins.type[numpy.generic]
)
"""A Dtype, its name, a NumPy dtype or scalar type, or bool, int or float."""
Int: typing.TypeAlias = typing.SupportsIndex
"""An integer, of Python, NumPy or pynn."""
Real: typing.TypeAlias = typing.SupportsFloat | typing.SupportsIndex
"""A number, of Python, NumPy or pynn."""
Ints: typing.TypeAlias = typing.SupportsIndex | collections.abc.Sequence[typing.SupportsIndex]
"""A shape or axes: one integer or several."""
_IndexItem: typing.TypeAlias = (
    typing.SupportsIndex
    | slice[typing.Any, typing.Any, typing.Any]
    | types.EllipsisType
    | _Arrayable
    | collections.abc.Sequence[builtins.bool]
    | collections.abc.Sequence[int]
    | collections.abc.Sequence[collections.abc.Sequence[int]]
    | None
)
Index: typing.TypeAlias = _IndexItem | tuple[_IndexItem, ...]
"""What stands between the brackets of x[...]: integers, slices, ..., None, arrays of integers or booleans."""

class ShapeError(ValueError):
    """Shapes that do not fit together. Also a ValueError."""

class AxisError(ShapeError, IndexError):
    """An axis that is not there. Also a ShapeError and an IndexError."""

class DtypeError(TypeError):
    """A data type that an operation is not defined for. Also a TypeError."""

class DeviceError(RuntimeError):
    """A device that is not there, or that failed. Also a RuntimeError."""

class GradientError(RuntimeError):
    """The tape cannot give the gradient that was asked for. Also a RuntimeError."""

class Dtype:
    """
    The type of a tensor's elements: pynn.float32, pynn.int64, ...
    """

    def __eq__(self, other: object, /) -> builtins.bool: ...
    def __hash__(self) -> int: ...
    def __ne__(self, other: object, /) -> builtins.bool: ...
    def __reduce__(self) -> tuple[typing.Any, ...]: ...
    def __repr__(self) -> str: ...
    def __str__(self) -> str: ...
    @property
    def dtype(self) -> numpy.dtype[typing.Any]:
        """
        The NumPy dtype, so that NumPy accepts this object as one.
        """

    @property
    def itemsize(self) -> int:
        """
        Bytes an element.
        """

    @property
    def kind(self) -> str:
        """
        'bool', 'signed integer', 'unsigned integer' or 'real floating'.
        """

    @property
    def name(self) -> str:
        """
        The name: 'float32' and its like.
        """

class Tensor:
    """
    An n-dimensional array that can remember how it was made, for the gradient.

    Made by pynn.asarray, pynn.zeros and their like. Follows the Python array API standard.
    """

    __array_priority__: typing.ClassVar[int] = 1000

    def __abs__(self) -> Tensor: ...
    def __add__(self, other: ArrayLike, /) -> Tensor:
        """
        x1 + x2, element-wise with broadcasting.
        """

    def __and__(self, other: ArrayLike, /) -> Tensor:
        """
        x1 & x2, bit by bit.
        """

    def __array__(
        self,
        dtype: numpy.dtype[typing.Any] | builtins.type[typing.Any] | str | None = None,
        copy: builtins.bool | None = None,
    ) -> numpy.ndarray[typing.Any, typing.Any]: ...
    def __array_function__(
        self,
        func: collections.abc.Callable[..., typing.Any],
        types: collections.abc.Iterable[builtins.type],
        args: collections.abc.Iterable[typing.Any],
        kwargs: collections.abc.Mapping[str, typing.Any],
    ) -> typing.Any: ...
    def __array_namespace__(self, /, *, api_version: str | None = None) -> types.ModuleType:
        """
        The module with the functions of the array API standard, pynn.
        """

    def __bool__(self) -> builtins.bool: ...
    def __complex__(self) -> complex: ...
    def __copy__(self) -> Tensor: ...
    def __deepcopy__(self, memo: dict[int, typing.Any]) -> Tensor: ...
    def __delitem__(self, index: Index, /) -> None: ...
    def __dlpack__(
        self,
        *,
        stream: Int | None = None,
        max_version: tuple[Int, Int] | None = None,
        dl_device: tuple[Int, Int] | None = None,
        copy: builtins.bool | None = None,
    ) -> typing.Any:
        """
        The tensor's memory for another library, by DLPack 1.0; called by its from_dlpack.

        Args:
            stream: must be None on the CPU.
            max_version: (major, minor) of DLPack that the caller knows.
            dl_device: where it is wanted; the CPU is (1, 0).
            copy: True hands over a copy.

        Raises:
            BufferError: the tensor is tracked, elsewhere, or read-only and the caller cannot be told so.
        """

    def __dlpack_device__(self) -> tuple[int, int]:
        """
        DLPack's number of the kind of device, 1 for the CPU, and the device's index.
        """

    def __eq__(self, other: object, /) -> Tensor:  # type: ignore[override]
        """
        x1 == x2.
        """

    def __float__(self) -> float: ...
    def __floordiv__(self, other: ArrayLike, /) -> Tensor:
        """
        floor(x1 / x2), as Python's // where x1 and x2 are finite. An integer divided by 0 is 0. The derivative is 0.
        """

    def __format__(self, spec: str) -> str: ...
    def __ge__(self, other: ArrayLike, /) -> Tensor:
        """
        x1 >= x2.
        """

    def __getitem__(self, index: Index, /) -> Tensor: ...
    def __gt__(self, other: ArrayLike, /) -> Tensor:
        """
        x1 > x2.
        """

    def __hash__(self) -> int: ...
    def __iadd__(self, other: ArrayLike, /) -> Tensor: ...
    def __iand__(self, other: ArrayLike, /) -> Tensor: ...
    def __ifloordiv__(self, other: ArrayLike, /) -> Tensor: ...
    def __ilshift__(self, other: ArrayLike, /) -> Tensor: ...
    def __imod__(self, other: ArrayLike, /) -> Tensor: ...
    def __imul__(self, other: ArrayLike, /) -> Tensor: ...
    def __index__(self) -> int: ...
    def __init__(self, value: ArrayLike, dtype: DtypeLike | None = None) -> None: ...
    def __int__(self) -> int: ...
    def __invert__(self) -> Tensor: ...
    def __ior__(self, other: ArrayLike, /) -> Tensor: ...
    def __ipow__(self, other: ArrayLike, /) -> Tensor: ...
    def __irshift__(self, other: ArrayLike, /) -> Tensor: ...
    def __isub__(self, other: ArrayLike, /) -> Tensor: ...
    def __iter__(self) -> collections.abc.Iterator[Tensor]: ...
    def __itruediv__(self, other: ArrayLike, /) -> Tensor: ...
    def __ixor__(self, other: ArrayLike, /) -> Tensor: ...
    def __le__(self, other: ArrayLike, /) -> Tensor:
        """
        x1 <= x2.
        """

    def __len__(self) -> int: ...
    def __lshift__(self, other: ArrayLike, /) -> Tensor:
        """
        x1 << x2; 0 where x2 is not below the number of bits.
        """

    def __lt__(self, other: ArrayLike, /) -> Tensor:
        """
        x1 < x2.
        """

    def __matmul__(self, other: ArrayLike, /) -> Tensor: ...
    def __mod__(self, other: ArrayLike, /) -> Tensor:
        """
        x1 - floor(x1 / x2) * x2, with the sign of x2, as Python's %. An integer modulo 0 is 0.
        """

    def __mul__(self, other: ArrayLike, /) -> Tensor:
        """
        x1 * x2, element-wise with broadcasting.
        """

    def __ne__(self, other: object, /) -> Tensor:  # type: ignore[override]
        """
        x1 != x2.
        """

    def __neg__(self) -> Tensor: ...
    def __or__(self, other: ArrayLike, /) -> Tensor:
        """
        x1 | x2, bit by bit.
        """

    def __pos__(self) -> Tensor: ...
    def __pow__(self, other: ArrayLike, /) -> Tensor:
        """
        x1 ** x2, element-wise with broadcasting; 0 ** 0 is 1. Integers need exponents of at least 0.
        The derivative with respect to x2 at x1 = 0 is 0 for x2 >= 0.
        """

    def __radd__(self, other: ArrayLike, /) -> Tensor:
        """
        x1 + x2, element-wise with broadcasting.
        """

    def __rand__(self, other: ArrayLike, /) -> Tensor:
        """
        x1 & x2, bit by bit.
        """

    def __reduce__(self) -> tuple[typing.Any, ...]: ...
    def __repr__(self) -> str: ...
    def __rfloordiv__(self, other: ArrayLike, /) -> Tensor:
        """
        floor(x1 / x2), as Python's // where x1 and x2 are finite. An integer divided by 0 is 0. The derivative is 0.
        """

    def __rlshift__(self, other: ArrayLike, /) -> Tensor:
        """
        x1 << x2; 0 where x2 is not below the number of bits.
        """

    def __rmatmul__(self, other: ArrayLike, /) -> Tensor: ...
    def __rmod__(self, other: ArrayLike, /) -> Tensor:
        """
        x1 - floor(x1 / x2) * x2, with the sign of x2, as Python's %. An integer modulo 0 is 0.
        """

    def __rmul__(self, other: ArrayLike, /) -> Tensor:
        """
        x1 * x2, element-wise with broadcasting.
        """

    def __ror__(self, other: ArrayLike, /) -> Tensor:
        """
        x1 | x2, bit by bit.
        """

    def __round__(self, ndigits: int | None = None) -> typing.Any: ...
    def __rpow__(self, other: ArrayLike, /) -> Tensor:
        """
        x1 ** x2, element-wise with broadcasting; 0 ** 0 is 1. Integers need exponents of at least 0.
        The derivative with respect to x2 at x1 = 0 is 0 for x2 >= 0.
        """

    def __rrshift__(self, other: ArrayLike, /) -> Tensor:
        """
        x1 >> x2, keeping the sign; 0 or -1 where x2 is not below the number of bits.
        """

    def __rshift__(self, other: ArrayLike, /) -> Tensor:
        """
        x1 >> x2, keeping the sign; 0 or -1 where x2 is not below the number of bits.
        """

    def __rsub__(self, other: ArrayLike, /) -> Tensor:
        """
        x1 - x2, element-wise with broadcasting.
        """

    def __rtruediv__(self, other: ArrayLike, /) -> Tensor:
        """
        x1 / x2, element-wise with broadcasting. Integers are divided as float32.
        """

    def __rxor__(self, other: ArrayLike, /) -> Tensor:
        """
        x1 ^ x2, bit by bit.
        """

    def __setitem__(self, index: Index, value: ArrayLike, /) -> None: ...
    def __str__(self) -> str: ...
    def __sub__(self, other: ArrayLike, /) -> Tensor:
        """
        x1 - x2, element-wise with broadcasting.
        """

    def __truediv__(self, other: ArrayLike, /) -> Tensor:
        """
        x1 / x2, element-wise with broadcasting. Integers are divided as float32.
        """

    def __xor__(self, other: ArrayLike, /) -> Tensor:
        """
        x1 ^ x2, bit by bit.
        """

    def _adopt(self, other: Tensor) -> None:
        """
        Makes this a view of other's memory with other's place on the tape.
        """

    def _assign(self, value: ArrayLike) -> None:
        """
        Copies value into this tensor's memory, broadcast and converted.
        """

    def _rebind(self, other: Tensor) -> None:
        """
        Makes this a view of other's memory.
        """

    def _unwatch(self) -> None: ...
    def _watch(self) -> None:
        """
        Makes this a leaf that records inside a GradientTape.
        """

    def all(self, axis: Ints | None = None, keepdims: builtins.bool = False) -> Tensor:
        """
        Whether every element over axes is true (not 0).
        """

    def any(self, axis: Ints | None = None, keepdims: builtins.bool = False) -> Tensor:
        """
        Whether any element over axes is true (not 0).
        """

    def argmax(self, axis: Int | None = None, keepdims: builtins.bool = False) -> Tensor:
        """
        Position (int64) of the first largest element, along an axis or in the flattened tensor.
        """

    def argmin(self, axis: Int | None = None, keepdims: builtins.bool = False) -> Tensor:
        """
        Position (int64) of the first smallest element, along an axis or in the flattened tensor.
        """

    def astype(self, dtype: DtypeLike, /, *, copy: builtins.bool = True) -> Tensor:
        """
        The elements converted to another dtype.
        """

    def backward(self, seed: Tensor | None = None, *, create_graph: builtins.bool = False) -> None:
        """
        Adds the gradient of this tensor to `grad` of every leaf that it was made from.

        Args:
            seed: the gradient coming in, of this tensor's shape; 1 for a single number.
            create_graph: record the gradients too, so that they can be differentiated.
        """

    def copy(self) -> Tensor:
        """
        A row-major copy.
        """

    def detach(self) -> Tensor:
        """
        The same elements outside the tape; a view.
        """

    def flatten(self) -> Tensor:
        """
        One axis.
        """

    def item(self) -> typing.Any:
        """
        The one element as a Python number.

        Raises:
            ValueError: there is not exactly one.
        """

    def max(self, axis: Ints | None = None, keepdims: builtins.bool = False) -> Tensor:
        """
        Largest element over axes; NaN wins. Ties share the gradient evenly.
        """

    def mean(self, axis: Ints | None = None, keepdims: builtins.bool = False) -> Tensor:
        """
        Arithmetic mean over axes. The mean of integers is float32.
        """

    def min(self, axis: Ints | None = None, keepdims: builtins.bool = False) -> Tensor:
        """
        Smallest element over axes; NaN wins. Ties share the gradient evenly.
        """

    def numpy(self) -> numpy.ndarray[typing.Any, typing.Any]:
        """
        The elements as a NumPy array that shares their memory.
        """

    def prod(
        self, axis: Ints | None = None, keepdims: builtins.bool = False, *, dtype: DtypeLike | None = None
    ) -> Tensor:
        """
        Product over axes (an int, a tuple, or None for all). Integers multiply as int64, unless `dtype` says in which type.
        """

    def reshape(self, *args: Ints) -> Tensor:
        """
        The elements in another shape; one size may be -1.
        """

    def squeeze(self, axis: Ints | None = None) -> Tensor:
        """
        Without axes of size 1.
        """

    def std(
        self, axis: Ints | None = None, *, correction: Real = 0.0, keepdims: builtins.bool = False
    ) -> Tensor:
        """
        Standard deviation over axes, the square root of var.
        """

    def sum(
        self, axis: Ints | None = None, keepdims: builtins.bool = False, *, dtype: DtypeLike | None = None
    ) -> Tensor:
        """
        Sum over axes (an int, a tuple, or None for all). Integers add up as int64, unless `dtype` says in which type.
        """

    def to(
        self,
        target: Tensor | DtypeLike | None = None,
        /,
        *,
        device: str | None = None,
        dtype: DtypeLike | None = None,
    ) -> Tensor:
        """
        The tensor on another device, as another dtype, or both; itself where it is so already.

        The gradient comes back. A copy to a device does not wait for it; one to the host does.

        Args:
            target: 'cpu', 'cuda', 'cuda:1', a dtype, or a tensor whose device and dtype are meant.
            device, dtype: the same by name.

        Raises:
            DeviceError: there is no such device.
        """

    def to_device(self, device: str | None, /, *, stream: None = None) -> Tensor:
        """
        The tensor on another device; itself where it is there already.
        """

    def tolist(self) -> typing.Any:
        """
        The elements as nested lists.
        """

    def transpose(self, *args: Ints) -> Tensor:
        """
        The axes in another order, reversed without arguments; a view.
        """

    def var(
        self, axis: Ints | None = None, *, correction: Real = 0.0, keepdims: builtins.bool = False
    ) -> Tensor:
        """
        Variance over axes: sum((x - mean)**2) / (N - correction).
        """

    @property
    def T(self) -> Tensor:
        """
        The axes in reverse order; a view.
        """

    @property
    def device(self) -> str:
        """
        Where the elements are: 'cpu', or 'cuda:0' and its like.
        """

    @property
    def dtype(self) -> Dtype:
        """
        The type of the elements.
        """

    @property
    def grad(self) -> Tensor | None:
        """
        The gradient that backward() left here, or None. It adds up over calls until set to None.
        """

    @grad.setter
    def grad(self, arg1: Tensor | None) -> Tensor | None: ...
    @property
    def mT(self) -> Tensor:
        """
        The last two axes swapped; a view.
        """

    @property
    def ndim(self) -> int:
        """
        The number of axes.
        """

    @property
    def requires_grad(self) -> builtins.bool:
        """
        Whether operations on this tensor are recorded for the gradient.
        """

    @requires_grad.setter
    def requires_grad(self, arg1: builtins.bool) -> None: ...
    @property
    def shape(self) -> tuple[int, ...]:
        """
        The size of each axis.
        """

    @property
    def size(self) -> int:
        """
        The number of elements.
        """

    @property
    def strides(self) -> tuple[int, ...]:
        """
        Bytes from one element to the next along each axis, as NumPy's.
        """

class Generator:
    """
    A counter-based generator (Philox4x32-10, Salmon et al. 2011). Equal seeds give equal numbers, whatever the number of threads or the processor.
    """

    def __init__(self, seed: Int | None = None) -> None: ...
    def bernoulli(
        self, p: Real, shape: Ints = (), dtype: DtypeLike = "float32", device: str | None = None
    ) -> Tensor:
        """
        1 with probability p, else 0.
        """

    def integers(
        self,
        low: int,
        high: int | None = None,
        shape: Ints = (),
        dtype: DtypeLike = "int64",
        device: str | None = None,
    ) -> Tensor:
        """
        Integers in [low, high), or in [0, low) without high.
        """

    def normal(
        self,
        shape: Ints = (),
        mean: Real = 0.0,
        std: Real = 1.0,
        dtype: DtypeLike = "float32",
        device: str | None = None,
    ) -> Tensor:
        """
        Normal with this mean and standard deviation.
        """

    def permutation(self, x: ArrayLike) -> Tensor:
        """
        0..n-1 in random order, or a tensor's slices along its first axis.
        """

    def seed(self, seed: Int | None) -> None:
        """
        Starts anew from a seed.
        """

    def uniform(
        self,
        shape: Ints = (),
        low: Real = 0.0,
        high: Real = 1.0,
        dtype: DtypeLike = "float32",
        device: str | None = None,
    ) -> Tensor:
        """
        Uniform in [low, high).
        """

    @property
    def state(self) -> tuple[int, int]:
        """
        Seed and position: assigning an earlier value repeats what followed it.
        """

    @state.setter
    def state(self, arg1: tuple[Int, Int]) -> None: ...

class Update:
    """
    A step of an optimizer that can be made again and again, with what its gradient's memory holds.
    """

    def __call__(self, learning_rate: Real, step: Int, /) -> None:
        """
        Make it; `step` is 1 at the first.
        """

class Chain:
    """
    Linear layers one after the other, and a training step of them up to its gradients in one call.

    Args:
        layers: (kernel, bias or None, activation) as `linear` takes them; a kernel of None
            flattens all axes but the first.
        sources: the tensors whose gradients are wanted.
        sparse: whether targets are integers, one for each row, or distributions.
        from_logits: as for `softmax_cross_entropy`.
    """

    def __call__(self, x: Tensor, y: Tensor, /) -> tuple[Tensor, Tensor, list[Tensor | None]] | None:
        """
        Return the output for x, its mean cross-entropy with y, and the gradients of that.

        None, and nothing is done, unless x has the kernels' dtype and the first one's number of features, and
        y holds an integer for each row or a distribution in the output's shape and dtype.

        Raises:
            ValueError: a label lies outside [0, C).
        """

    def __init__(
        self,
        layers: collections.abc.Sequence[tuple[Tensor | None, Tensor | None, str]],
        sources: list[Tensor],
        sparse: builtins.bool,
        from_logits: builtins.bool,
        /,
    ) -> None: ...

class ChainStep:
    """
    A whole training step of a chain: learning, and changing what changes.

    Args:
        chain: what learns.
        places: for each source the memory that its gradient is written to.
        updates: the optimizer's, which read from there.
        iterations: the number of steps done.
        means: (name, total, count) of the running mean of the loss, then of accuracies.
        sample: the shape of a sample of x, -1 for any size; None where the kernels say enough.
    """

    def __call__(
        self,
        x: object,
        y: object,
        anew: builtins.bool,
        learning_rate: Tensor | collections.abc.Callable[[], float],
        /,
    ) -> dict[str, float] | None:
        """
        Learn from a batch: compute the gradients, add it to the means, update the weights, count the step.

        Args:
            x, y: tensors or NumPy arrays.
            anew: whether the means begin anew.
            learning_rate: a 0-d tensor, or a function that computes it.

        Returns:
            The means' values by name. None, with nothing done, where the chain would return None or
            raise, y holds NaN, a tape is open, or another step has not come to its end.
        """

    def __init__(
        self,
        chain: Chain,
        places: list[Tensor],
        updates: list[Update],
        iterations: Tensor,
        means: list[tuple[str, Tensor, Tensor]],
        sample: collections.abc.Sequence[Int] | None,
        /,
    ) -> None: ...
    def measure(self, x: object, y: object, anew: builtins.bool, /) -> dict[str, float] | None:
        """
        Add a batch to the means, and learn nothing.

        Returns:
            The means' values by name; None as for a step.
        """

class _Graph:
    """
    A CUDA graph: what a thread queues between begin and end, launched as one.
    """

    def __init__(self, device: str | None, /) -> None: ...
    def begin(self) -> builtins.bool:
        """
        Records from now on what this thread queues. False where that cannot be.
        """

    def end(self, run: builtins.bool, /) -> builtins.bool:
        """
        Launches what was recorded, or throws it away. False where nothing was launched, so that nothing ran.
        """

    @property
    def launches(self) -> int:
        """
        How often it was launched.
        """

    @property
    def made(self) -> int:
        """
        How often it was unlike before, and made anew.
        """

    @property
    def refusal(self) -> str | None:
        """
        Why the last recording cannot be launched, or None.
        """

def _backend() -> str | None:
    """
    The name of the CUDA backend that is registered, or None.
    """

def _bits(x: Tensor, /) -> numpy.ndarray[typing.Any, typing.Any]:
    """
    The elements as a NumPy array that shares their memory, bfloat16 as uint16.
    """

def _copy(x: Tensor, y: Tensor, repeats: Int, /) -> None:
    """
    Copies x into y over and over, each thread its own part: the bandwidth of that much memory.
    """

def _cpu_kernels() -> typing.Any:
    """
    The CPU's table of kernels in a capsule, for the test of devices whose memory the host cannot read.
    """

def _device(device: str | None = None, /) -> str:
    """
    The full name of a device; without one, of this thread's default.
    """

def _device_count() -> int:
    """
    How many CUDA devices there are.
    """

def _device_memory(device: str | None, /) -> tuple[int, int, int, int]:
    """
    Bytes free, in all, held by the backend, and in tensors.
    """

def _device_name(device: str | None, /) -> str:
    """
    What the maker calls a CUDA device.
    """

def _fma(iterations: Int, dtype: DtypeLike, /) -> float:
    """
    Does multiply-adds in registers, on all threads, and returns how many operations that were, two for each.
    """

def _from_bits(
    type: builtins.type[Tensor],
    array: numpy.ndarray[typing.Any, typing.Any],
    dtype: DtypeLike,
    requires_grad: builtins.bool = False,
) -> Tensor:
    """
    A tensor of what _bits gave, sharing its memory; how pickles are read.
    """

def _has_graphs(device: str | None, /) -> builtins.bool:
    """
    Whether a CUDA device has graphs.
    """

def _register_backend(capsule: object, /) -> None:
    """
    Gives the core the backend in a capsule of pynn._cuda.
    """

def _set_default_device(device: str | None, /) -> str:
    """
    Sets where this thread's new tensors go; returns what it was.
    """

def _synchronize(device: str | None, /) -> None:
    """
    Waits for all work on a CUDA device.
    """

def _why_no_devices() -> str | None:
    """
    Why there is no CUDA device; None where there is one.
    """

def abs(x: ArrayLike, /) -> Tensor:
    """
    Absolute value; the derivative at 0 is 0.
    """

def absolute_difference(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """
    |x1 - x2|; the derivative where they are equal is 0.
    """

def accumulate_mean(total: Tensor, count: Tensor, values: Tensor, weight: Real | None = None, /) -> None:
    """
    Adds the values of a batch, whose first axis is the samples, to a running mean. In place.

    Args:
        total, count: 0-d floats.
        values: any dtype; each sample counts as the mean of its values.
        weight: counts the batch as one value of this weight.
    """

def acos(x: ArrayLike, /) -> Tensor:
    """
    Inverse cosine in radians; NaN outside [-1, 1].
    """

def acosh(x: ArrayLike, /) -> Tensor:
    """
    Inverse hyperbolic cosine; NaN below 1.
    """

def adadelta(
    w: Tensor,
    g: Tensor,
    v: Tensor,
    d: Tensor,
    *,
    learning_rate: Real | None,
    rho: Real,
    epsilon: Real,
    weight_decay: Real = 0.0,
    clip_value: Real = ...,
    scale: Real = 1.0,
) -> Update | None:
    """
    One step of Adadelta (Zeiler 2012). In place.
    """

def adagrad(
    w: Tensor,
    g: Tensor,
    v: Tensor,
    *,
    learning_rate: Real | None,
    epsilon: Real,
    weight_decay: Real = 0.0,
    clip_value: Real = ...,
    scale: Real = 1.0,
) -> Update | None:
    """
    One step of Adagrad (Duchi et al. 2011). In place.
    """

def adam(
    w: Tensor,
    g: Tensor,
    m: Tensor,
    v: Tensor,
    vmax: Tensor | None,
    *,
    learning_rate: Real | None,
    beta_1: Real,
    beta_2: Real,
    epsilon: Real,
    step: Int,
    weight_decay: Real = 0.0,
    clip_value: Real = ...,
    scale: Real = 1.0,
) -> Update | None:
    """
    One step of Adam (Kingma and Ba 2014), AMSGrad where the state vmax is given. `step` is 1 at the first. In place.
    """

def adamax(
    w: Tensor,
    g: Tensor,
    m: Tensor,
    u: Tensor,
    *,
    learning_rate: Real | None,
    beta_1: Real,
    beta_2: Real,
    epsilon: Real,
    step: Int,
    weight_decay: Real = 0.0,
    clip_value: Real = ...,
    scale: Real = 1.0,
) -> Update | None:
    """
    One step of Adamax (Kingma and Ba 2014). `step` is 1 at the first. In place.
    """

def add(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """
    x1 + x2, element-wise with broadcasting.
    """

def address(x: Tensor, /) -> int:
    """
    Where the elements of x begin in memory.
    """

def alike(xs: list[typing.Any], ys: list[typing.Any], /) -> builtins.bool:
    """
    Whether there are as many xs as ys, all tensors, each of its y's shape and dtype.
    """

def all(x: ArrayLike, /, axis: Ints | None = None, keepdims: builtins.bool = False) -> Tensor:
    """
    Whether every element over axes is true (not 0).
    """

def any(x: ArrayLike, /, axis: Ints | None = None, keepdims: builtins.bool = False) -> Tensor:
    """
    Whether any element over axes is true (not 0).
    """

def arange(
    start: ArrayLike,
    /,
    stop: ArrayLike | None = None,
    step: ArrayLike = 1,
    *,
    dtype: DtypeLike | None = None,
    device: str | None = None,
) -> Tensor:
    """
    start, start + step, ... below stop; 0 to start if stop is not given.
    """

def are_classes(labels: Tensor, classes: Int, /) -> builtins.bool:
    """
    Whether every element is a whole number in [0, classes).
    """

def argmax(x: ArrayLike, /, axis: Int | None = None, keepdims: builtins.bool = False) -> Tensor:
    """
    Position (int64) of the first largest element, along an axis or in the flattened tensor.
    """

def argmin(x: ArrayLike, /, axis: Int | None = None, keepdims: builtins.bool = False) -> Tensor:
    """
    Position (int64) of the first smallest element, along an axis or in the flattened tensor.
    """

def argsort(
    x: ArrayLike, /, *, axis: Int = -1, descending: builtins.bool = False, stable: builtins.bool = True
) -> Tensor:
    """
    The positions (int64) that sort along an axis, NaN last; always stably, whatever `stable` says.
    """

def array(obj: ArrayLike, /, dtype: DtypeLike | None = None) -> Tensor:
    """
    As asarray, but always a copy.
    """

def asarray(
    obj: ArrayLike,
    /,
    *,
    dtype: DtypeLike | None = None,
    device: str | None = None,
    copy: builtins.bool | None = None,
) -> Tensor:
    """
    A tensor of the object's elements, sharing memory with a NumPy array where it can.

    Python floats become float32, integers int64; arrays keep their dtype.

    Args:
        obj: a tensor, an array, a number or nested lists.
        dtype: converted to this dtype.
        copy: True always copies; False never, and is a ValueError where it would have to.
    """

def asin(x: ArrayLike, /) -> Tensor:
    """
    Inverse sine in radians; NaN outside [-1, 1].
    """

def asinh(x: ArrayLike, /) -> Tensor:
    """
    Inverse hyperbolic sine.
    """

def assign_each(
    targets: collections.abc.Sequence[Tensor], values: collections.abc.Sequence[Tensor], /
) -> None:
    """
    Copies each value into its target's memory, broadcast and converted.
    """

def astype(
    x: ArrayLike, dtype: DtypeLike, /, *, copy: builtins.bool = True, device: str | None = None
) -> Tensor:
    """
    x converted to another dtype. Floats become integers toward zero and saturate. Always a copy, unless copy=False and x has the dtype already.
    """

def atan(x: ArrayLike, /) -> Tensor:
    """
    Inverse tangent in radians.
    """

def atan2(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """
    The angle in radians of the point with ordinate x1 and abscissa x2.
    """

def atanh(x: ArrayLike, /) -> Tensor:
    """
    Inverse hyperbolic tangent; NaN outside [-1, 1].
    """

def average_pool(
    x: ArrayLike,
    pool_size: Ints,
    strides: Ints | None = None,
    padding: str | collections.abc.Sequence[tuple[Int, Int]] = "valid",
) -> Tensor:
    """
    The mean of each window of x (batch, 1 to 3 spatial axes, channels).

    Args:
        pool_size: a number, or one for each spatial axis.
        strides: the same; None means pool_size.
        padding: 'valid', 'same', or (before, after) for each spatial axis; not counted.
    """

def binary_cross_entropy(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """
    -t log(p) - (1 - t) log(1 - p) with p clipped to [1e-7, 1 - 1e-7], as in Keras, in nats.
    """

def binary_cross_entropy_with_logits(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """
    -t log(p) - (1 - t) log(1 - p) with p = sigmoid(x), without overflow, in nats.
    """

def bitwise_and(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """
    x1 & x2, bit by bit.
    """

def bitwise_invert(x: ArrayLike, /) -> Tensor:
    """
    Every bit of an integer inverted; not x for booleans.
    """

def bitwise_left_shift(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """
    x1 << x2; 0 where x2 is not below the number of bits.
    """

def bitwise_or(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """
    x1 | x2, bit by bit.
    """

def bitwise_right_shift(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """
    x1 >> x2, keeping the sign; 0 or -1 where x2 is not below the number of bits.
    """

def bitwise_xor(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """
    x1 ^ x2, bit by bit.
    """

def broadcast_arrays(*args: ArrayLike) -> list[Tensor]:
    """
    All broadcast to their common shape; views.
    """

def broadcast_to(x: ArrayLike, /, shape: Ints) -> Tensor:
    """
    x repeated to a shape that it broadcasts to; a view.
    """

def cached_bytes() -> int:
    """
    How much memory is kept for reuse.
    """

def ceil(x: ArrayLike, /) -> Tensor:
    """
    The smallest integer not below x.
    """

def class_matches(y: Tensor, scores: Tensor, /) -> Tensor:
    """
    Whether the highest of the scores (..., C) is that of the class.

    Args:
        y: labels (...), or one-hot rows (..., C).
        scores: any real dtype.
    """

def clip(x: ArrayLike, /, min: ArrayLike | None = None, max: ArrayLike | None = None) -> Tensor:
    """
    min(max(x, low), high); NaN wins. The gradient goes to x where low <= x <= high.
    """

def concat(arrays: collections.abc.Iterable[ArrayLike], /, axis: Int | None = 0) -> Tensor:
    """
    Tensors joined along an existing axis; flattened first if axis is None.
    """

def conj(x: ArrayLike, /) -> Tensor:
    """
    x itself: all numbers here are real.
    """

def conv(
    x: ArrayLike,
    kernel: ArrayLike,
    bias: ArrayLike | None = None,
    activation: str | None = None,
    *,
    strides: Ints = 1,
    padding: str | collections.abc.Sequence[tuple[Int, Int]] = "valid",
    dilation_rate: Ints = 1,
) -> Tensor:
    """
    activation(conv(x, kernel) + bias) in one pass. Positions outside of x count as 0.

    Args:
        x: shape (batch, 1 to 3 spatial axes, channels).
        kernel: shape (a size for each spatial axis, channels / groups, filters).
        bias: shape (filters,), or None.
        activation: the name of an element-wise function, 'softmax', or None.
        strides, dilation_rate: a number, or one for each spatial axis.
        padding: 'valid', 'same', or (before, after) for each spatial axis.

    Returns:
        Shape (batch, spatial axes, filters).
    """

def conv_transpose(
    x: ArrayLike,
    kernel: ArrayLike,
    *,
    strides: Ints = 1,
    padding: str | collections.abc.Sequence[tuple[Int, Int]] = "valid",
    output_padding: Ints | None = None,
    dilation_rate: Ints = 1,
) -> Tensor:
    """
    Transposed convolution: what the gradient of conv with respect to its input computes.

    Args:
        x: shape (batch, 1 to 3 spatial axes, channels).
        kernel: shape (a size for each spatial axis, filters, channels).
        strides, dilation_rate: a number, or one for each spatial axis.
        padding: 'valid'; 'same', where the output is strides times as large as x; or (before, after) for each
            spatial axis, which is cropped.
        output_padding: positions added at the end, or None for Keras's choice.

    Returns:
        Shape (batch, spatial axes, filters).
    """

def copysign(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """
    |x1| with the sign of x2; the derivative at x1 = 0 is 0, with respect to x2 always.
    """

def cos(x: ArrayLike, /) -> Tensor:
    """
    Cosine of x in radians.
    """

def cosh(x: ArrayLike, /) -> Tensor:
    """
    Hyperbolic cosine.
    """

def count_nonzero(x: ArrayLike, /, *, axis: Ints | None = None, keepdims: builtins.bool = False) -> Tensor:
    """
    How many elements over axes are not 0 (int64).
    """

def cross(x1: ArrayLike, x2: ArrayLike, /, *, axis: Int = -1) -> Tensor:
    """
    The vector products of vectors of three along an axis of x1 and x2; the other axes broadcast.
    """

def cumulative_prod(
    x: ArrayLike,
    /,
    *,
    axis: Int | None = None,
    dtype: DtypeLike | None = None,
    include_initial: builtins.bool = False,
) -> Tensor:
    """
    Running product along an axis (which 1-d tensors need not name), with a 1 in front if include_initial.
    """

def cumulative_sum(
    x: ArrayLike,
    /,
    *,
    axis: Int | None = None,
    dtype: DtypeLike | None = None,
    include_initial: builtins.bool = False,
) -> Tensor:
    """
    Running sum along an axis (which 1-d tensors need not name), with a 0 in front if include_initial.
    """

def depthwise_conv(
    x: ArrayLike,
    kernel: ArrayLike,
    *,
    strides: Ints = 1,
    padding: str | collections.abc.Sequence[tuple[Int, Int]] = "valid",
    dilation_rate: Ints = 1,
) -> Tensor:
    """
    Convolution of each channel by itself, with one or several filters each.

    Args:
        x: shape (batch, 1 to 3 spatial axes, channels).
        kernel: shape (a size for each spatial axis, channels, filters of each).
        strides, padding, dilation_rate: as for conv.

    Returns:
        Shape (batch, spatial axes, channels * filters of each).
    """

def diagonal(x: ArrayLike, /, *, offset: Int = 0) -> Tensor:
    """
    Diagonal `offset` of the matrices in the last two axes, as a new last axis; a view.
    """

def diff(
    x: ArrayLike,
    /,
    *,
    axis: Int = -1,
    n: Int = 1,
    prepend: ArrayLike | None = None,
    append: ArrayLike | None = None,
) -> Tensor:
    """
    The differences of neighbours along an axis, n times over.

    Args:
        prepend, append: put before and after x along the axis first.
    """

def divide(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """
    x1 / x2, element-wise with broadcasting. Integers are divided as float32.
    """

def dot(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """
    Product over the last axis of x1 and the last but one of x2, as NumPy's dot.
    """

def dropout(x: ArrayLike, rate: Real, /, generator: Generator | None = None) -> Tensor:
    """
    x with a fraction `rate` of its elements at 0 and the others divided by 1 - rate (Srivastava et al. 2014).
    """

def dtype(x: DtypeLike, /) -> Dtype:
    """
    The pynn.Dtype that a name, a NumPy dtype or a type means.
    """

def einsum(subscripts: str, /, *args: ArrayLike) -> Tensor:
    """
    Einstein summation: einsum('bij,bjk->bik', a, b). Axes are named by letters; those not in the output are summed.
    """

def elu(x: ArrayLike, /, alpha: ArrayLike = 1.0) -> Tensor:
    """
    x where it is above 0, alpha * (e**x - 1) elsewhere (Clevert et al. 2015, arXiv:1511.07289).
    """

def empty(shape: Ints, *, dtype: DtypeLike | None = None, device: str | None = None) -> Tensor:
    """
    Uninitialised memory.
    """

def empty_like(x: ArrayLike, /, *, dtype: DtypeLike | None = None, device: str | None = None) -> Tensor:
    """
    Uninitialised memory, of x's shape and dtype.
    """

def equal(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """
    x1 == x2.
    """

def erf(x: ArrayLike, /) -> Tensor:
    """
    Error function, 2 / sqrt(pi) times the integral of exp(-t**2) from 0 to x.
    """

def exp(x: ArrayLike, /) -> Tensor:
    """
    e**x.
    """

def expand_dims(x: ArrayLike, /, axis: Ints = 0) -> Tensor:
    """
    A new axis of size 1 at each position in axis; a view.
    """

def expm1(x: ArrayLike, /) -> Tensor:
    """
    e**x - 1, accurate near 0.
    """

def eye(
    n_rows: Int,
    n_cols: Int | None = None,
    /,
    *,
    k: Int = 0,
    dtype: DtypeLike | None = None,
    device: str | None = None,
) -> Tensor:
    """
    1 on diagonal k, 0 elsewhere.
    """

def flip(x: ArrayLike, /, *, axis: Ints | None = None) -> Tensor:
    """
    The order of elements reversed along axes; a view.
    """

def floor(x: ArrayLike, /) -> Tensor:
    """
    The largest integer not above x.
    """

def floor_divide(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """
    floor(x1 / x2), as Python's // where x1 and x2 are finite. An integer divided by 0 is 0. The derivative is 0.
    """

def from_dlpack(x: _Shareable, /, *, device: str | None = None, copy: builtins.bool | None = None) -> Tensor:
    """
    A tensor of another library's array, sharing its memory: what one writes the other sees.

    Read-only where the library says so, or speaks DLPack before 1.0, which cannot say (JAX).

    Args:
        x: an array with __dlpack__ (PyTorch, JAX, NumPy, CuPy, ...) or a DLPack capsule.
        device: 'cpu' copies an array from another device; None refuses it.
        copy: True always copies; False never, and is a BufferError where it would have to.

    Raises:
        BufferError: the array is on another device, or cannot be handed over.
        DtypeError: its elements are complex or of another type that no tensor holds.
    """

def ftrl(
    w: Tensor,
    g: Tensor,
    v: Tensor,
    z: Tensor,
    *,
    learning_rate: Real | None,
    power: Real = -0.5,
    l1: Real = 0.0,
    l2: Real = 0.0,
    l2_shrinkage: Real = 0.0,
    weight_decay: Real = 0.0,
    clip_value: Real = ...,
    scale: Real = 1.0,
) -> Update | None:
    """
    One step of FTRL (McMahan et al. 2013). In place.
    """

def full(
    shape: Ints, fill_value: ArrayLike, *, dtype: DtypeLike | None = None, device: str | None = None
) -> Tensor:
    """
    All fill_value.
    """

def full_like(
    x: ArrayLike, /, fill_value: ArrayLike, *, dtype: DtypeLike | None = None, device: str | None = None
) -> Tensor:
    """
    All fill_value, of x's shape and dtype.
    """

def gelu(x: ArrayLike, /, approximate: builtins.bool = False) -> Tensor:
    """
    x times the normal distribution function at x (Hendrycks and Gimpel 2016, arXiv:1606.08415).
    """

def gelu_tanh(x: ArrayLike, /) -> Tensor:
    """
    gelu with the normal distribution function approximated by tanh (same paper, section 2).
    """

def get_num_threads() -> int:
    """
    How many threads kernels use at most.
    """

def global_norm(tensors: collections.abc.Sequence[Tensor]) -> float:
    """
    The 2-norm of all tensors as if they were one.
    """

def gradients(
    target: Tensor,
    sources: collections.abc.Sequence[Tensor],
    seed: Tensor | None = None,
    create_graph: builtins.bool = False,
) -> list[Tensor | None]:
    """
    The gradients of <target, seed> with respect to each source; None where the target does not depend on it.

    Args:
        seed: of target's shape; ones if None.
        create_graph: record the gradients too, so that they can be differentiated.
    """

def greater(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """
    x1 > x2.
    """

def greater_equal(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """
    x1 >= x2.
    """

def hard_sigmoid(x: ArrayLike, /) -> Tensor:
    """
    min(max(x / 6 + 1/2, 0), 1), the form of Keras 3.
    """

def huber(x: ArrayLike, /, delta: ArrayLike = 1.0) -> Tensor:
    """
    x**2 / 2 where |x| <= delta, delta * (|x| - delta / 2) elsewhere (Huber 1964).
    """

def hypot(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """
    sqrt(x1**2 + x2**2) without overflow; the derivative at (0, 0) is 0.
    """

def imag(x: ArrayLike, /) -> Tensor:
    """
    Zeros of x's shape: all numbers here are real.
    """

def isa() -> str:
    """
    The instruction-set level whose kernels run.
    """

def isas() -> list[str]:
    """
    The levels that this machine runs, best first.
    """

def isfinite(x: ArrayLike, /) -> Tensor:
    """
    Whether x is neither infinite nor NaN.
    """

def isinf(x: ArrayLike, /) -> Tensor:
    """
    Whether x is infinite.
    """

def isnan(x: ArrayLike, /) -> Tensor:
    """
    Whether x is not a number.
    """

def leaky_relu(x: ArrayLike, /, negative_slope: ArrayLike = 0.2) -> Tensor:
    """
    x where it is above 0, negative_slope * x elsewhere.
    """

def less(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """
    x1 < x2.
    """

def less_equal(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """
    x1 <= x2.
    """

def linear(
    x: ArrayLike, kernel: ArrayLike, bias: ArrayLike | None = None, activation: str | None = None
) -> Tensor:
    """
    activation(x @ kernel + bias) in one pass.

    Args:
        x: shape (..., K).
        kernel: shape (K, N).
        bias: shape (N,), or None.
        activation: the name of an element-wise function, 'softmax', or None.

    Returns:
        Shape (..., N).
    """

def linspace(
    start: Real,
    stop: Real,
    /,
    num: Int,
    *,
    dtype: DtypeLike | None = None,
    device: str | None = None,
    endpoint: builtins.bool = True,
) -> Tensor:
    """
    num evenly spaced numbers from start to stop.
    """

def lion(
    w: Tensor,
    g: Tensor,
    m: Tensor,
    *,
    learning_rate: Real | None,
    beta_1: Real,
    beta_2: Real,
    weight_decay: Real = 0.0,
    clip_value: Real = ...,
    scale: Real = 1.0,
) -> Update | None:
    """
    One step of Lion (Chen et al. 2023). In place.
    """

def log(x: ArrayLike, /) -> Tensor:
    """
    Natural logarithm; -inf at 0, NaN below.
    """

def log10(x: ArrayLike, /) -> Tensor:
    """
    Logarithm to base 10.
    """

def log1p(x: ArrayLike, /) -> Tensor:
    """
    log(1 + x), accurate near 0.
    """

def log2(x: ArrayLike, /) -> Tensor:
    """
    Logarithm to base 2.
    """

def log_sigmoid(x: ArrayLike, /) -> Tensor:
    """
    log(sigmoid(x)), without overflow.
    """

def log_softmax(x: ArrayLike, /, axis: Int = -1) -> Tensor:
    """
    log(softmax(x)) along an axis, without overflow.
    """

def logaddexp(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """
    log(e**x1 + e**x2) without overflow.
    """

def logical_and(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """
    x1 and x2; a number counts as true where it is not 0.
    """

def logical_not(x: ArrayLike, /) -> Tensor:
    """
    not x; a number counts as true where it is not 0.
    """

def logical_or(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """
    x1 or x2; a number counts as true where it is not 0.
    """

def logical_xor(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """
    x1 or x2 but not both; a number counts as true where it is not 0.
    """

def logsumexp(x: ArrayLike, /, axis: Ints | None = None, keepdims: builtins.bool = False) -> Tensor:
    """
    log(sum(e**x)) over axes, without overflow.
    """

def matmul(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """
    Matrix product of vectors, matrices, or stacks of matrices whose leading axes broadcast.
    """

def matrix_transpose(x: ArrayLike, /) -> Tensor:
    """
    The last two axes swapped; a view.
    """

def max(x: ArrayLike, /, axis: Ints | None = None, keepdims: builtins.bool = False) -> Tensor:
    """
    Largest element over axes; NaN wins. Ties share the gradient evenly.
    """

def max_pool(
    x: ArrayLike,
    pool_size: Ints,
    strides: Ints | None = None,
    padding: str | collections.abc.Sequence[tuple[Int, Int]] = "valid",
) -> Tensor:
    """
    The largest element of each window of x (batch, 1 to 3 spatial axes, channels).

    Args:
        pool_size: a number, or one for each spatial axis.
        strides: the same; None means pool_size.
        padding: 'valid', 'same', or (before, after) for each spatial axis; never the largest.

    Gradient: to the first of the largest.
    """

def maximum(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """
    The larger of x1 and x2; NaN wins. Where they tie, each gets half of the gradient.
    """

def mean(x: ArrayLike, /, axis: Ints | None = None, keepdims: builtins.bool = False) -> Tensor:
    """
    Arithmetic mean over axes. The mean of integers is float32.
    """

def mean_absolute_error(x: ArrayLike, target: ArrayLike, /) -> Tensor:
    """
    Mean of |x - target| over all elements; equal shapes.
    """

def mean_squared_error(x: ArrayLike, target: ArrayLike, /) -> Tensor:
    """
    Mean of (x - target)**2 over all elements; equal shapes.
    """

def meshgrid(*args: ArrayLike, indexing: str = "xy") -> list[Tensor]:
    """
    Coordinates of every point of the grid that the 1-d inputs span.
    """

def min(x: ArrayLike, /, axis: Ints | None = None, keepdims: builtins.bool = False) -> Tensor:
    """
    Smallest element over axes; NaN wins. Ties share the gradient evenly.
    """

def minimum(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """
    The smaller of x1 and x2; NaN wins. Where they tie, each gets half of the gradient.
    """

def mish(x: ArrayLike, /) -> Tensor:
    """
    x * tanh(softplus(x)) (Misra 2019, arXiv:1908.08681).
    """

def moveaxis(x: ArrayLike, source: Ints, destination: Ints, /) -> Tensor:
    """
    Axes moved to other places, the others keep their order; a view.
    """

def multiply(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """
    x1 * x2, element-wise with broadcasting.
    """

def nadam(
    w: Tensor,
    g: Tensor,
    m: Tensor,
    v: Tensor,
    *,
    learning_rate: Real | None,
    beta_1: Real,
    beta_2: Real,
    epsilon: Real,
    momentum: Real,
    next_momentum: Real,
    product: Real,
    step: Int,
    weight_decay: Real = 0.0,
    clip_value: Real = ...,
    scale: Real = 1.0,
) -> Update | None:
    """
    One step of Nadam (Dozat 2016). `product` is that of the momenta up to this `step`, 1 at the first. In place.
    """

def negative(x: ArrayLike, /) -> Tensor:
    """
    -x, element-wise; of unsigned integers what is missing to 2**bits.
    """

def nextafter(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """
    The next number after x1 in the direction of x2. It has no derivative.
    """

def node_number(x: Tensor, /) -> int:
    """
    The number of the tape's record of x; 0 where x is untracked.
    """

def nonzero(x: ArrayLike, /) -> tuple[Tensor, ...]:
    """
    The positions of elements that are not 0: a tuple of int64 tensors, one an axis.
    """

def norm(
    x: ArrayLike, /, *, ord: Real = 2.0, axis: Ints | None = None, keepdims: builtins.bool = False
) -> Tensor:
    """
    Vector norm over axes: sum(|x|**ord)**(1/ord); ord may be inf, -inf or 0 (the count of non-zeros).
    The gradient of the norm of a zero vector is 0.
    """

def not_equal(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """
    x1 != x2.
    """

def one_hot(labels: ArrayLike, num_classes: Int, dtype: DtypeLike = "float32") -> Tensor:
    """
    1 at the label and 0 elsewhere, along a new last axis; all 0 for a label outside [0, num_classes).
    """

def ones(shape: Ints, *, dtype: DtypeLike | None = None, device: str | None = None) -> Tensor:
    """
    All 1.
    """

def ones_like(x: ArrayLike, /, *, dtype: DtypeLike | None = None, device: str | None = None) -> Tensor:
    """
    All 1, of x's shape and dtype.
    """

def outer(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """
    Every element of x1 times every element of x2, shape (x1.size, x2.size).
    """

def permute_dims(x: ArrayLike, /, axes: Ints) -> Tensor:
    """
    The axes of x in another order; a view.
    """

def positive(x: ArrayLike, /) -> Tensor:
    """
    A copy of x.
    """

def pow(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """
    x1 ** x2, element-wise with broadcasting; 0 ** 0 is 1. Integers need exponents of at least 0.
    The derivative with respect to x2 at x1 = 0 is 0 for x2 >= 0.
    """

def power(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """
    x1 ** x2, element-wise with broadcasting; 0 ** 0 is 1. Integers need exponents of at least 0.
    The derivative with respect to x2 at x1 = 0 is 0 for x2 >= 0.
    """

def prod(
    x: ArrayLike,
    /,
    axis: Ints | None = None,
    keepdims: builtins.bool = False,
    *,
    dtype: DtypeLike | None = None,
) -> Tensor:
    """
    Product over axes (an int, a tuple, or None for all). Integers multiply as int64, unless `dtype` says in which type.
    """

def real(x: ArrayLike, /) -> Tensor:
    """
    x itself: all numbers here are real.
    """

def reciprocal(x: ArrayLike, /) -> Tensor:
    """
    1 / x.
    """

def recording() -> builtins.bool:
    """
    Whether the tape is on for this thread.
    """

def release_cache() -> None:
    """
    Gives memory that is kept for reuse back to the system.
    """

def relu(x: ArrayLike, /) -> Tensor:
    """
    max(x, 0); the derivative at 0 is 0.
    """

def relu6(x: ArrayLike, /) -> Tensor:
    """
    min(max(x, 0), 6); the derivative at 0 and 6 is 0.
    """

def remainder(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """
    x1 - floor(x1 / x2) * x2, with the sign of x2, as Python's %. An integer modulo 0 is 0.
    """

def repeat(x: ArrayLike, repeats: ArrayLike, /, axis: Int | None = None) -> Tensor:
    """
    Each element repeated, along an axis or flattened first.
    """

def reshape(x: ArrayLike, /, shape: Ints, *, copy: builtins.bool | None = None) -> Tensor:
    """
    The elements of x in another shape, in row-major order; one size may be -1. A view where possible, unless `copy` is True; with False an error where it is not.
    """

def result_type(*args: Tensor | _Arrayable | DtypeLike | float) -> Dtype:
    """
    The dtype of an operation on these tensors, dtypes and Python numbers. A number takes the dtype of what it meets.
    """

def rmsprop(
    w: Tensor,
    g: Tensor,
    v: Tensor,
    m: Tensor | None,
    avg: Tensor | None,
    *,
    learning_rate: Real | None,
    rho: Real,
    epsilon: Real,
    momentum: Real = 0.0,
    weight_decay: Real = 0.0,
    clip_value: Real = ...,
    scale: Real = 1.0,
) -> Update | None:
    """
    One step of RMSprop (Hinton 2012), centered where the state avg is given. In place.
    """

def roll(x: ArrayLike, /, shift: Ints, *, axis: Ints | None = None) -> Tensor:
    """
    Elements shifted along axes; what leaves at one end comes in at the other.
    """

def round(x: ArrayLike, /) -> Tensor:
    """
    The nearest integer; halves go to the even one.
    """

def rsqrt(x: ArrayLike, /) -> Tensor:
    """
    1 / sqrt(x).
    """

def running_mean(total: Tensor, count: Tensor, /) -> Tensor:
    """
    total / count, or 0 where the count is 0.
    """

def searchsorted(
    x1: ArrayLike, x2: ArrayLike, /, *, side: str = "left", sorter: ArrayLike | None = None
) -> Tensor:
    """
    Where each of x2 belongs in the sorted vector x1: the first place (int64), or the last with side='right'.

    Args:
        sorter: positions that sort x1, as argsort gives them.
    """

def selu(x: ArrayLike, /) -> Tensor:
    """
    Scaled exponential linear unit (Klambauer et al. 2017, arXiv:1706.02515).
    """

def set_num_threads(n: Int, /) -> None:
    """
    Sets how many threads kernels use at most. Results do not depend on it.
    """

def set_recording(on: builtins.bool, /) -> builtins.bool:
    """
    Turns the tape on or off for this thread; returns what it was.
    """

def sgd(
    w: Tensor,
    g: Tensor,
    m: Tensor | None,
    *,
    learning_rate: Real | None,
    momentum: Real = 0.0,
    nesterov: builtins.bool = False,
    weight_decay: Real = 0.0,
    clip_value: Real = ...,
    scale: Real = 1.0,
) -> Update | None:
    """
    One step of stochastic gradient descent, with momentum where its state m is given. In place.
    """

def sigmoid(x: ArrayLike, /) -> Tensor:
    """
    1 / (1 + e**-x).
    """

def sign(x: ArrayLike, /) -> Tensor:
    """
    -1, 0 or 1; NaN stays NaN. The derivative is 0.
    """

def signbit(x: ArrayLike, /) -> Tensor:
    """
    Whether the sign of x is minus, which -0 and NaN can have too.
    """

def silu(x: ArrayLike, /) -> Tensor:
    """
    x * sigmoid(x), also called swish (Ramachandran et al. 2017, arXiv:1710.05941).
    """

def sin(x: ArrayLike, /) -> Tensor:
    """
    Sine of x in radians.
    """

def sinh(x: ArrayLike, /) -> Tensor:
    """
    Hyperbolic sine.
    """

def softmax(x: ArrayLike, /, axis: Int = -1) -> Tensor:
    """
    e**x / sum(e**x) along an axis, shifted by the maximum against overflow.
    """

def softmax_cross_entropy(
    x: ArrayLike, labels: ArrayLike, /, *, from_logits: builtins.bool = True, reduction: str = "mean"
) -> Tensor:
    """
    -log p[label], in nats, with p = softmax(x); loss and gradient in one pass, without overflow.

    Args:
        x: float logits, shape (..., C); with from_logits=False probabilities, which are
            scaled to sum to 1 and clipped to [1e-7, 1 - 1e-7].
        labels: integers in [0, C), shape (...); or floats, a distribution each row, shape (..., C).
        reduction: 'mean' over all rows, 'sum', or 'none' for one loss a row.

    Raises:
        ShapeError: labels' shape does not fit x.
        ValueError: a label lies outside [0, C).

    Gradient: (softmax(x) - one_hot(labels)) / rows, for reduction='mean'.
    """

def softplus(x: ArrayLike, /) -> Tensor:
    """
    log(1 + e**x), without overflow.
    """

def softsign(x: ArrayLike, /) -> Tensor:
    """
    x / (1 + |x|).
    """

def sort(
    x: ArrayLike, /, *, axis: Int = -1, descending: builtins.bool = False, stable: builtins.bool = True
) -> Tensor:
    """
    Sorted along an axis, NaN last; always stably, whatever `stable` says.
    """

def split(x: ArrayLike, parts: ArrayLike, /, axis: Int = 0) -> list[Tensor]:
    """
    A list of views: n equal parts of an axis, or parts that end at the given positions.
    """

def sqrt(x: ArrayLike, /) -> Tensor:
    """
    Square root; NaN below 0.
    """

def square(x: ArrayLike, /) -> Tensor:
    """
    x * x.
    """

def squared_difference(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """
    (x1 - x2)**2.
    """

def squeeze(x: ArrayLike, /, axis: Ints) -> Tensor:
    """
    x without the named axes, which must have size 1; a view.
    """

def stack(arrays: collections.abc.Iterable[ArrayLike], /, axis: Int = 0) -> Tensor:
    """
    Tensors of one shape joined along a new axis.
    """

def std(
    x: ArrayLike, /, *, axis: Ints | None = None, correction: Real = 0.0, keepdims: builtins.bool = False
) -> Tensor:
    """
    Standard deviation over axes, the square root of var.
    """

def stop_gradient(x: ArrayLike, /) -> Tensor:
    """
    The same values, through which no gradient flows.
    """

def subtract(x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """
    x1 - x2, element-wise with broadcasting.
    """

def sum(
    x: ArrayLike,
    /,
    axis: Ints | None = None,
    keepdims: builtins.bool = False,
    *,
    dtype: DtypeLike | None = None,
) -> Tensor:
    """
    Sum over axes (an int, a tuple, or None for all). Integers add up as int64, unless `dtype` says in which type.
    """

def take(x: ArrayLike, indices: ArrayLike, /, axis: Int | None = None) -> Tensor:
    """
    The slices of x at integer positions along an axis (which 1-d tensors need not name).
    """

def take_along_axis(x: ArrayLike, indices: ArrayLike, /, axis: Int = -1) -> Tensor:
    """
    For each position, the element of x at the index given there, along an axis.
    """

def take_rows(xs: tuple[Tensor, ...], order: Tensor, start: Int, stop: Int, /) -> tuple[Tensor, ...]:
    """
    The rows of each tensor at positions start to stop of the integers in `order`.
    """

def tan(x: ArrayLike, /) -> Tensor:
    """
    Tangent of x in radians.
    """

def tanh(x: ArrayLike, /) -> Tensor:
    """
    Hyperbolic tangent.
    """

def tape(
    target: Tensor, /
) -> list[tuple[int, str, list[int | None], list[tuple[Tensor, int] | None], Tensor]]:
    """
    What the tape holds of the target, latest first: one tuple for each leaf and operation, of its number, its
    name, the numbers of its inputs (None: a constant), its operands and the gradient of the target's sum.

    An operand is the tensor as it was and the address of its elements, or None where it was large.
    """

def tape_depth(change: Int, /) -> int:
    """
    Adds to the number of open GradientTapes of this thread and returns it.
    """

def tensor(
    obj: ArrayLike,
    /,
    dtype: DtypeLike | None = None,
    requires_grad: builtins.bool = False,
    *,
    device: str | None = None,
) -> Tensor:
    """
    A copy of the object's elements; with requires_grad=True, a leaf whose gradient backward() leaves in `grad`.
    """

def tensordot(
    x1: ArrayLike,
    x2: ArrayLike,
    /,
    *,
    axes: int | tuple[Ints, Ints] | list[collections.abc.Sequence[int]] = 2,
) -> Tensor:
    """
    Sum of products over the last n axes of x1 and the first n of x2, or over named axes.
    """

def tile(x: ArrayLike, repetitions: Ints, /) -> Tensor:
    """
    x repeated as a whole along each axis.
    """

def tracked(x: Tensor, /) -> builtins.bool:
    """
    Whether an operation on x would be recorded now.
    """

def tril(x: ArrayLike, /, *, k: Int = 0) -> Tensor:
    """
    Matrices with zeros above diagonal k.
    """

def triu(x: ArrayLike, /, *, k: Int = 0) -> Tensor:
    """
    Matrices with zeros below diagonal k.
    """

def trunc(x: ArrayLike, /) -> Tensor:
    """
    The integer part of x.
    """

def unstack(x: ArrayLike, /, *, axis: Int = 0) -> tuple[Tensor, ...]:
    """
    The slices of x along an axis, which goes, as a tuple; views.
    """

def use_isa(name: str, /) -> None:
    """
    Runs the kernels of another level. Not while other threads compute.
    """

def var(
    x: ArrayLike, /, *, axis: Ints | None = None, correction: Real = 0.0, keepdims: builtins.bool = False
) -> Tensor:
    """
    Variance over axes: sum((x - mean)**2) / (N - correction).
    """

def vecdot(x1: ArrayLike, x2: ArrayLike, /, *, axis: Int = -1) -> Tensor:
    """
    Sums of the products along an axis of x1 and x2; the other axes broadcast.
    """

def where(condition: ArrayLike, x1: ArrayLike, x2: ArrayLike, /) -> Tensor:
    """
    x1 where the condition (bool) is true, x2 elsewhere, with broadcasting.
    """

def with_gradient(
    value: Tensor, inputs: collections.abc.Sequence[Tensor], f: collections.abc.Callable[[Tensor], typing.Any]
) -> Tensor:
    """
    The values, as a function of the inputs whose gradients are what f returns for the gradient of the value.

    Args:
        value: computed outside the tape.
        inputs: the tensors that it depends on.
        f: takes the gradient of value; returns that of the input, or a list of one for each; None is 0.
    """

def zero_each(targets: collections.abc.Sequence[Tensor], /) -> None:
    """
    Sets every element of every target to 0.
    """

def zeros(shape: Ints, *, dtype: DtypeLike | None = None, device: str | None = None) -> Tensor:
    """
    All 0.
    """

def zeros_like(x: ArrayLike, /, *, dtype: DtypeLike | None = None, device: str | None = None) -> Tensor:
    """
    All 0, of x's shape and dtype.
    """

_binary_rows: list[dict[str, typing.Any]]
_compiler: str
_default_generator: Generator
_print_options: dict[str, typing.Any]
_unary_rows: list[dict[str, typing.Any]]
bfloat16: Dtype
bool: Dtype
float16: Dtype
float32: Dtype
float64: Dtype
int16: Dtype
int32: Dtype
int64: Dtype
int8: Dtype
uint16: Dtype
uint32: Dtype
uint64: Dtype
uint8: Dtype
