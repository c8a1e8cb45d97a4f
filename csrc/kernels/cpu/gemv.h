// Products with a vector: every element of the matrix is used once, so nothing is packed, and what counts is reading the
// matrix in its own order. One text for both sides: y[j] = sum over k of x[k] w(k, j).
#pragma once
#include "kernels/cpu/gemm_micro.h"

namespace pynn::PYNN_ISA {
namespace {

constexpr int64_t kVectorBlock = 512;           // elements of y computed at once, in a buffer of at most 4 KiB
constexpr int64_t kVectorGrain = 1 << 16;       // elements of w that a thread takes at once, about 10 us from memory

template <class T>
struct VectorProduct {
  int64_t N, K;
  const T* x;
  int64_t x_step;
  const T* w;
  Matrix w_step;  // row: along k, column: along j
  T* y;
  int64_t y_step;
  const T* bias;
  int64_t bias_step;
  RowFn activation;
};

// Rows of w are contiguous: y is the sum of its rows, four at a time to read and write y less often.
template <class T>
void sum_rows(const VectorProduct<T>& p, const T* w, T* __restrict y, int64_t n) {
  const int64_t row = p.w_step.row;
  const T* x = p.x;
  int64_t k = 0;
  for (; k + 4 <= p.K; k += 4, w += 4 * row, x += 4 * p.x_step) {
    const T x0 = x[0], x1 = x[p.x_step], x2 = x[2 * p.x_step], x3 = x[3 * p.x_step];
#pragma omp simd
    for (int64_t j = 0; j < n; ++j)
      y[j] += (x0 * w[j] + x1 * w[row + j]) + (x2 * w[2 * row + j] + x3 * w[3 * row + j]);
  }
  for (; k < p.K; ++k, w += row, x += p.x_step)
#pragma omp simd
    for (int64_t j = 0; j < n; ++j) y[j] += x[0] * w[j];
}

// Columns of w and x are contiguous: `columns` dot products at a time.
template <int columns, class T>
PYNN_FN void dot(int64_t K, const T* x, const T* w, int64_t column, T* y) {
  using V = typename Tile<T>::Vector;
  constexpr int lanes = Tile<T>::lanes;
  V acc[columns][2] = {};
  int64_t k = 0;
  for (; k + 2 * lanes <= K; k += 2 * lanes) {
    const V x0 = load<V>(x + k), x1 = load<V>(x + k + lanes);
#pragma GCC unroll 4
    for (int j = 0; j < columns; ++j) {
      acc[j][0] += x0 * load<V>(w + j * column + k);
      acc[j][1] += x1 * load<V>(w + j * column + k + lanes);
    }
  }
#pragma GCC unroll 4
  for (int j = 0; j < columns; ++j) {
    const V both = acc[j][0] + acc[j][1];
    T sum = 0;
    for (int i = 0; i < lanes; ++i) sum += both[i];
    for (int64_t rest = k; rest < K; ++rest) sum += x[rest] * w[j * column + rest];
    y[j] = sum;
  }
}

// Any strides.
template <class T>
void sum_strided(const VectorProduct<T>& p, const T* w, T* y, int64_t n) {
  for (int64_t k = 0; k < p.K; ++k)
    for (int64_t j = 0; j < n; ++j) y[j] += p.x[k * p.x_step] * w[k * p.w_step.row + j * p.w_step.column];
}

// Elements [begin, begin + n) of y, n <= kVectorBlock.
template <class T>
void vector_block(const VectorProduct<T>& p, int64_t begin, int64_t n) {
  alignas(64) T y[kVectorBlock];
  const T* const w = p.w + begin * p.w_step.column;
  for (int64_t j = 0; j < n; ++j) y[j] = 0;
  if (p.w_step.row == 1 && p.x_step == 1) {
    int64_t j = 0;
    for (; j + 4 <= n; j += 4) dot<4>(p.K, p.x, w + j * p.w_step.column, p.w_step.column, y + j);
    for (; j < n; ++j) dot<1>(p.K, p.x, w + j * p.w_step.column, p.w_step.column, y + j);
  } else if (p.w_step.column == 1) {
    sum_rows(p, w, y, n);
  } else {
    sum_strided(p, w, y, n);
  }
  if (p.bias)
    for (int64_t j = 0; j < n; ++j) y[j] += p.bias[(begin + j) * p.bias_step];
  void* const operands[] = {y, y};
  if (p.activation) p.activation(operands, n);
  scatter(y, p.y + begin * p.y_step, p.y_step, n);
}

template <class T>
void vector_product(const VectorProduct<T>& p) {
  int64_t size = p.K < 1 ? kVectorBlock : (kVectorGrain / p.K + 15) / 16 * 16;
  if (size < 16) size = 16;
  if (size > kVectorBlock) size = kVectorBlock;
  const int64_t count = (p.N + size - 1) / size;
  auto block = [&](int64_t i) {
    const int64_t begin = i * size;
    vector_block(p, begin, begin + size < p.N ? size : p.N - begin);
  };
  if (p.N * p.K > 2 * kVectorGrain) return blocks(count, block);
  for (int64_t i = 0; i < count; ++i) block(i);
}

}  // namespace
}  // namespace pynn::PYNN_ISA
