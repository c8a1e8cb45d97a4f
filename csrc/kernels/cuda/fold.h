// Totals, and how the threads of a warp or a block fold theirs into one that all of them get.
//
// A total has T (what is folded), Result, start(), add(x, position), merge(another) and result(). Merging is
// commutative to the bit, so that every lane ends with the same.
#pragma once
#include "kernels/cuda/launch.h"
#include "kernels/types.h"

namespace pynn::cuda {
namespace {

template <class Type>
struct IntegerSum {
  using T = Type;
  using Result = Type;
  T value;
  __device__ void start() { value = 0; }
  __device__ void add(T x, int64_t) { value += x; }
  __device__ void merge(const IntegerSum& o) { value += o.value; }
  __device__ Result result() const { return value; }
};

// float32 is summed in double: an addition for every four bytes that memory brings is not what a kernel waits for.
struct FloatSum {
  using T = float;
  using Result = float;
  double value;
  __device__ void start() { value = 0; }
  __device__ void add(float x, int64_t) { value += static_cast<double>(x); }
  __device__ void merge(const FloatSum& o) { value += o.value; }
  __device__ Result result() const { return static_cast<float>(value); }
};

// float64: what an addition rounds away is summed beside the sum (Knuth's two-sum).
struct DoubleSum {
  using T = double;
  using Result = double;
  double value, lost;
  __device__ void start() { value = lost = 0; }
  __device__ void add(double x, int64_t) {
    const double sum = value + x, added = sum - value;
    lost += (value - (sum - added)) + (x - added);
    value = sum;
  }
  __device__ void merge(const DoubleSum& o) {
    const double sum = value + o.value, added = sum - value;
    lost = (lost + o.lost) + ((value - (sum - added)) + (o.value - added));
    value = sum;
  }
  // Beside an infinite sum there is nothing to make good: what was lost is then NaN.
  __device__ Result result() const { return value - value == 0 ? value + lost : value; }
};

template <class T>
struct SumOf {
  using type = IntegerSum<T>;
};
template <>
struct SumOf<float> {
  using type = FloatSum;
};
template <>
struct SumOf<double> {
  using type = DoubleSum;
};
template <class T>
using Sum = typename SumOf<T>::type;

template <class Type>
struct Prod {
  using T = Type;
  using Result = Type;
  T value;
  __device__ void start() { value = 1; }
  __device__ void add(T x, int64_t) { value *= x; }
  __device__ void merge(const Prod& o) { value *= o.value; }
  __device__ Result result() const { return value; }
};

template <class T>
constexpr T highest_of() {
  if constexpr (type_bit<T>() == kFloats)
    return T(__builtin_inff());
  else
    return T(-1) < T(0) ? T((uint64_t{1} << (8 * sizeof(T) - 1)) - 1) : T(-1);
}

// Whether x comes before y: larger or smaller, NaN before all.
template <bool Largest, class T>
PYNN_FN bool beats(T x, T y) {
  if constexpr (type_bit<T>() == kFloats)
    if (x != x) return y == y;
  return Largest ? x > y : x < y;
}

template <bool Largest, class Type>
struct Extreme {
  using T = Type;
  using Result = Type;
  static constexpr T kWorst =
      Largest ? (type_bit<T>() == kFloats ? T(-highest_of<T>()) : T(-highest_of<T>() - 1)) : highest_of<T>();
  T value;
  __device__ void start() { value = kWorst; }
  __device__ void add(T x, int64_t) { value = beats<Largest>(x, value) ? x : value; }
  __device__ void merge(const Extreme& o) { add(o.value, 0); }
  __device__ Result result() const { return value; }
};

// argmax and argmin: the first of equals.
template <bool Largest, class Type>
struct Place {
  using T = Type;
  using Result = int64_t;
  int64_t at;  // -1: nothing yet
  T value;
  __device__ void start() { at = -1, value = T(0); }
  __device__ void add(T x, int64_t position) {
    const bool equal = x == value || (x != x && value != value);
    if (at < 0 || beats<Largest>(x, value) || (equal && position < at)) at = position, value = x;
  }
  __device__ void merge(const Place& o) {
    if (o.at >= 0) add(o.value, o.at);
  }
  __device__ Result result() const { return at; }
};

// Booleans are bytes of 0 and 1.
template <bool All>
struct Logic {
  using T = uint8_t;
  using Result = uint8_t;
  uint8_t value;
  __device__ void start() { value = All; }
  __device__ void add(uint8_t x, int64_t) { value = All ? value & x : value | x; }
  __device__ void merge(const Logic& o) { add(o.value, 0); }
  __device__ Result result() const { return value; }
};

// ---- Folding --------------------------------------------------------------------------------------------------------

constexpr unsigned kFullWarp = 0xffffffffu;

// x of the lane whose number differs in `bits`.
template <class T>
__device__ __forceinline__ T from_lane(const T& x, int bits) {
  constexpr int words = (sizeof(T) + 3) / 4;
  uint32_t word[words] = {};
  memcpy(word, &x, sizeof x);
#pragma unroll
  for (int i = 0; i < words; ++i) word[i] = __shfl_xor_sync(kFullWarp, word[i], bits);
  T y;
  memcpy(&y, word, sizeof y);
  return y;
}

template <class Total>
__device__ __forceinline__ void warp_fold(Total& total) {
#pragma unroll 1
  for (int bits = 16; bits > 0; bits /= 2) total.merge(from_lane(total, bits));
}

// Of the warps of a block, each of which has folded its own.
template <class Total>
__device__ __forceinline__ void block_fold(Total& total) {
  __shared__ Total partial[32];
  const unsigned lane = threadIdx.x % 32, warp = threadIdx.x / 32, warps = blockDim.x / 32;
  __syncthreads();  // the last call may still be reading
  if (lane == 0) partial[warp] = total;
  __syncthreads();
  if (lane < warps)
    total = partial[lane];
  else
    total.start();
  warp_fold(total);
}

// Of a warp, or of a whole block of several.
template <class Total>
__device__ __forceinline__ void group_fold(Total& total, bool of_block) {
  warp_fold(total);
  if (of_block) block_fold(total);
}

}  // namespace
}  // namespace pynn::cuda
