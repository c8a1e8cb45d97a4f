// A loop nest as kernels read it: from an element's number to the offsets of its operands, with multiplications in
// place of divisions.
#pragma once
#include "kernels/cuda/launch.h"
#include "kernels/math.h"

namespace pynn::cuda {
namespace {

// Division of 32-bit numbers by one that is known on the host (Granlund and Montgomery 1994, "Division by invariant
// integers using multiplication").
struct Divisor {
  uint32_t d, magic, shift;
};
inline Divisor divisor(uint32_t d) {
  uint32_t shift = 0;
  while (shift < 32 && (uint64_t{1} << shift) < d) ++shift;
  const uint64_t magic = ((uint64_t{1} << 32) * ((uint64_t{1} << shift) - d)) / d + 1;
  return {d, static_cast<uint32_t>(magic), shift};
}
PYNN_FN uint32_t divide(uint32_t n, const Divisor& by) {
  const uint64_t high = (uint64_t{n} * by.magic) >> 32;
  return static_cast<uint32_t>((high + n) >> by.shift);
}

constexpr int64_t kMostElements = int64_t{1} << 31;  // of a nest of several axes

template <int N>
struct Nest {
  int ndim;
  int64_t size;
  Divisor shape[kLoopDims];
  int64_t stride[N][kLoopDims];
};

inline int64_t size_of(const Loop& l) {
  int64_t n = 1;
  for (int d = 0; d < l.ndim; ++d) n *= l.shape[d];
  return n;
}

template <int N>
Nest<N> nest_of(const Loop& l) {
  Nest<N> n{};
  n.ndim = l.ndim;
  n.size = size_of(l);
  for (int d = 0; d < l.ndim; ++d) {
    n.shape[d] = divisor(static_cast<uint32_t>(most(l.shape[d], 1)));  // of the outermost axis it is not used
    for (int k = 0; k < N; ++k) n.stride[k][d] = l.stride[k][d];
  }
  return n;
}

// Offsets, in elements, of element i (row-major) of a nest.
template <int N>
__device__ __forceinline__ void offsets(const Nest<N>& nest, int64_t i, int64_t (&at)[N]) {
#pragma unroll
  for (int k = 0; k < N; ++k) at[k] = 0;
  for (int d = nest.ndim - 1; d > 0; --d) {
    const uint32_t rest = divide(static_cast<uint32_t>(i), nest.shape[d]);
    const int64_t j = static_cast<uint32_t>(i) - rest * nest.shape[d].d;
    i = rest;
#pragma unroll
    for (int k = 0; k < N; ++k) at[k] += j * nest.stride[k][d];
  }
  if (nest.ndim > 0)
#pragma unroll
    for (int k = 0; k < N; ++k) at[k] += i * nest.stride[k][0];
}

// Calls f(part, operands) for parts of a nest that kernels can number. size: of an element of each operand.
template <int N, class F>
void parts_of(const Loop& l, const int (&size)[N], void* const* operands, F f) {
  const int64_t n = size_of(l);
  if (n == 0) return;
  if (n <= kMostElements || l.ndim == 1) return f(l, operands);
  int d = 0;
  while (l.shape[d] == 1) ++d;
  Loop half = l;
  half.shape[d] = l.shape[d] / 2;
  parts_of<N>(half, size, operands, f);
  void* second[N];
  for (int k = 0; k < N; ++k) second[k] = static_cast<char*>(operands[k]) + half.shape[d] * l.stride[k][d] * size[k];
  half.shape[d] = l.shape[d] - half.shape[d];
  parts_of<N>(half, size, second, f);
}

}  // namespace
}  // namespace pynn::cuda
