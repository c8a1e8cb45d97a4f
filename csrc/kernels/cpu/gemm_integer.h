// Matrix products of integers: plain loops, wrapping around in the type itself as NumPy's do.
#pragma once
#include "kernels/cpu/rows.h"

namespace pynn::PYNN_ISA {
namespace {

constexpr int64_t kIntegerGrain = 1 << 17;  // multiplications that a thread takes at once, some 20 us

// Row i of c is the sum of the rows of b, weighted by row i of a: b and c are read and written in their own order.
template <class T>
void integer_row(const Gemm& g, const T* a, const T* b, int64_t b_row, T* __restrict c) {
  for (int64_t j = 0; j < g.N; ++j) c[j] = 0;
  for (int64_t k = 0; k < g.K; ++k) {
    const T x = a[k * g.a.column];
    const T* const row = b + k * b_row;
#pragma omp simd
    for (int64_t j = 0; j < g.N; ++j) c[j] = static_cast<T>(c[j] + x * row[j]);
  }
  if (const T* const bias = static_cast<const T*>(g.bias))
    for (int64_t j = 0; j < g.N; ++j) c[j] = static_cast<T>(c[j] + bias[j]);
  void* const operands[] = {c, c};
  if (g.activation) g.activation(operands, g.N);
}

// Room for a copy of b with contiguous rows.
template <class T>
size_t integer_gemm_workspace(const Gemm& g, const Loop&) {
  return g.b.column == 1 ? 0 : static_cast<size_t>(g.K * g.N) * sizeof(T);
}

template <class T>
void integer_product(const Gemm& g, const T* a, const T* b, T* c, T* copy) {
  int64_t b_row = g.b.row;
  if (g.b.column != 1) {
    for (int64_t k = 0; k < g.K; ++k) gather(b + k * g.b.row, g.b.column, copy + k * g.N, g.N);
    b = copy, b_row = g.N;
  }
  const int64_t row_work = g.N * g.K + 1, group = 1 + kIntegerGrain / row_work;
  blocks((g.M + group - 1) / group, [&](int64_t block) {
    const int64_t end = (block + 1) * group < g.M ? (block + 1) * group : g.M;
    for (int64_t i = block * group; i < end; ++i) integer_row(g, a + i * g.a.row, b, b_row, c + i * g.c_row);
  });
}

template <class T>
void integer_gemm(const Gemm& g, const Loop& batch, const void* a, const void* b, void* c, void* workspace) {
  if (g.M == 0 || g.N == 0) return;
  int64_t n = 1;
  for (int d = 0; d < batch.ndim; ++d) n *= batch.shape[d];
  for (int64_t i = 0; i < n; ++i) {
    int64_t at[3];
    offsets<3>(batch, batch.ndim, i, at);
    integer_product(g, static_cast<const T*>(a) + at[0], static_cast<const T*>(b) + at[1], static_cast<T*>(c) + at[2],
                    static_cast<T*>(workspace));
  }
}

}  // namespace
}  // namespace pynn::PYNN_ISA
