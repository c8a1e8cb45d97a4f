// Products with a vector: every element of the matrix is used once, so nothing is packed, and what counts is reading
// the matrix in its own order. One text for both sides: y[j] = sum over k of x[k] w(k, j).
#pragma once
#include "kernels/cpu/denormal.h"
#include "kernels/cpu/gemm_micro.h"

namespace pynn::PYNN_ISA {
namespace {

constexpr int64_t kVectorGrain = 1 << 16;  // elements of w that a thread takes at once, about 10 us from memory
constexpr int64_t kVectorRun = 2048;       // elements of y that row after row of w is added to: 8 KiB of float32
constexpr int64_t kVectorParts = 32;       // parts of K at most, each with sums of its own

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
  T* sums;  // (parts, N)
};

// Rows of w are contiguous: y is the sum of its rows, four at a time to read and write y less often.
template <class T>
void sum_rows(const VectorProduct<T>& p, const T* x, const T* w, int64_t K, T* __restrict y, int64_t n) {
  const int64_t row = p.w_step.row;
  int64_t k = 0;
  for (; k + 4 <= K; k += 4, w += 4 * row, x += 4 * p.x_step) {
    const T x0 = x[0], x1 = x[p.x_step], x2 = x[2 * p.x_step], x3 = x[3 * p.x_step];
#pragma omp simd
    for (int64_t j = 0; j < n; ++j) y[j] += (x0 * w[j] + x1 * w[row + j]) + (x2 * w[2 * row + j] + x3 * w[3 * row + j]);
  }
  for (; k < K; ++k, w += row, x += p.x_step)
#pragma omp simd
    for (int64_t j = 0; j < n; ++j) y[j] += x[0] * w[j];
}

// Columns of w and x are contiguous: `columns` dot products at a time.
template <int columns, class T>
PYNN_FN void dot(int64_t K, const T* x, const T* w, int64_t column, T* y) {
  using V = Vector<T>;
  constexpr int lanes = Tile<T>::lanes;
  V acc[columns][2] = {};
  int64_t k = 0;
  for (; k + 2 * lanes <= K; k += 2 * lanes) {
    const V x0 = load(x + k), x1 = load(x + k + lanes);
#pragma GCC unroll 4
    for (int j = 0; j < columns; ++j) {
      acc[j][0] += x0 * load(w + j * column + k);
      acc[j][1] += x1 * load(w + j * column + k + lanes);
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
void sum_strided(const VectorProduct<T>& p, const T* x, const T* w, int64_t K, T* y, int64_t n) {
  for (int64_t k = 0; k < K; ++k)
    for (int64_t j = 0; j < n; ++j) y[j] += x[k * p.x_step] * w[k * p.w_step.row + j * p.w_step.column];
}

// Columns [j, j + n) of the sums over k in [k, k + K).
template <class T>
void vector_task(const VectorProduct<T>& p, int64_t k, int64_t K, int64_t j, int64_t n, T* y) {
  const FlushDenormals flush;
  const int64_t column = p.w_step.column;
  const T *const x = p.x + k * p.x_step, *const w = p.w + k * p.w_step.row + j * column;
  if (p.w_step.row == 1 && p.x_step == 1) {
    int64_t i = 0;
    for (; i + 4 <= n; i += 4) dot<4>(K, x, w + i * column, column, y + i);
    for (; i < n; ++i) dot<1>(K, x, w + i * column, column, y + i);
    return;
  }
  for (int64_t i = 0; i < n; ++i) y[i] = 0;
  if (column == 1)
    sum_rows(p, x, w, K, y, n);
  else
    sum_strided(p, x, w, K, y, n);
}

// The parts' sums become y: added in the order of the parts, then bias and activation.
template <class T>
void finish(const VectorProduct<T>& p, int64_t parts) {
  T* const y = p.sums;
  for (int64_t part = 1; part < parts; ++part)
    for (int64_t j = 0; j < p.N; ++j) y[j] += p.sums[part * p.N + j];
  if (p.bias)
    for (int64_t j = 0; j < p.N; ++j) y[j] += p.bias[j * p.bias_step];
  void* const operands[] = {y, y};
  if (p.activation) p.activation(operands, p.N);
  scatter(y, p.y, p.y_step, p.N);
}

// How N and K are cut. Rows of w that are contiguous are read in long runs, and it is K that is cut; else N is.
struct VectorPlan {
  int64_t parts, depth, columns;
};
PYNN_FN VectorPlan vector_plan(int64_t N, int64_t K, Matrix w_step) {
  if (w_step.column != 1 || w_step.row == 1) {
    const int64_t columns = (kVectorGrain / (K + 1) + 16) / 16 * 16;
    return {1, K, columns};
  }
  const int64_t columns = N < kVectorRun ? N : kVectorRun, most = N * K / kVectorGrain + 1;
  const int64_t parts = most < kVectorParts ? most : kVectorParts;
  const int64_t depth = ((K + parts - 1) / parts + 3) / 4 * 4 + (K == 0);
  return {K == 0 ? 1 : (K + depth - 1) / depth, depth, columns};
}

template <class T>
void vector_product(const VectorProduct<T>& p) {
  const VectorPlan plan = vector_plan(p.N, p.K, p.w_step);
  const int64_t across = (p.N + plan.columns - 1) / plan.columns;
  auto task = [&](int64_t i) {
    const int64_t part = i / across, k = part * plan.depth, j = i % across * plan.columns;
    const int64_t K = k + plan.depth < p.K ? plan.depth : p.K - k;
    const int64_t n = j + plan.columns < p.N ? plan.columns : p.N - j;
    vector_task(p, k, K, j, n, p.sums + part * p.N + j);
  };
  if (p.N * p.K > 2 * kVectorGrain)
    blocks(plan.parts * across, task);
  else
    for (int64_t i = 0; i < plan.parts * across; ++i) task(i);
  finish(p, plan.parts);
}

}  // namespace
}  // namespace pynn::PYNN_ISA
