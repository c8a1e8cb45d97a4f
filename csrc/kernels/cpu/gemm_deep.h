// Products of few elements but large K, such as (32, 100000) by (100000, 32): there are too few tiles for the threads,
// so it is K that is cut. Each part is a product of its own; their sums are added in order.
#pragma once
#include "kernels/cpu/denormal.h"
#include "kernels/cpu/gemm_micro.h"

namespace pynn::PYNN_ISA {
namespace {

constexpr int64_t kDeepParts = 16;
// Multiplications that a part has at least.
template <class T>
constexpr int64_t kDeepGrain = (3 << 19) / sizeof(T);

// Parts of K for a product that makes `tasks` tasks: one where those are enough.
template <class T>
PYNN_FN int64_t deep_parts(const Gemm& g, int64_t tasks) {
  if (tasks >= 4 || g.K < 8 * larger(g.M, g.N)) return 1;
  const int64_t work = round_up(g.M, Tile<T>::MR) * round_up(g.N, Tile<T>::NR) * g.K;
  return larger(smaller(work / kDeepGrain<T>, kDeepParts), 1);
}

// c = the sum of `parts` matrices (M, N), each `size` after the last, then bias and activation. The first is lost.
template <class T>
void add_parts(const Gemm& g, T* sums, int64_t size, int64_t parts, T* c) {
  const FlushDenormals flush;
  const int64_t all = g.M * g.N;
  for (int64_t part = 1; part < parts; ++part)
#pragma omp simd
    for (int64_t i = 0; i < all; ++i) sums[i] += sums[part * size + i];
  const T* const bias = static_cast<const T*>(g.bias);
  for (int64_t i = 0; i < g.M; ++i) {
    T *const row = c + i * g.c_row, *const sum = sums + i * g.N;
    for (int64_t j = 0; j < g.N; ++j) row[j] = bias ? sum[j] + bias[j] : sum[j];
    void* const operands[] = {row, row};
    if (g.activation) g.activation(operands, g.N);
  }
}

}  // namespace
}  // namespace pynn::PYNN_ISA
