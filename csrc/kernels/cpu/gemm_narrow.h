// Products with few columns, such as the logits of a classifier: a tile of gemm_micro.h would be half empty. Here the
// vectors run along K instead: elements of c are dot products of rows of a, read in place, and of columns of b, which
// are copied to stand one after the other.
#pragma once
#include "kernels/cpu/denormal.h"
#include "kernels/cpu/gemm_micro.h"

namespace pynn::PYNN_ISA {
namespace {

constexpr int64_t kNarrowColumns = 12;
constexpr int64_t kNarrowBytes = 1 << 17;  // of b at most: it is read again and again from the second-level cache
constexpr int64_t kNarrowGrain = 1 << 16;  // multiplications that a task has at least
// Columns that a tile takes at once. Two rows by six are the twelve accumulators of gemm_micro.h.
#if defined(__FMA__) || defined(__aarch64__)
constexpr int kDotColumns = 6;
#else
constexpr int kDotColumns = 4;
#endif

template <class T>
PYNN_FN bool is_narrow_product(const Gemm& g) {
  const int64_t bytes = g.N * g.K * static_cast<int64_t>(sizeof(T));
  return g.N > 1 && g.N <= kNarrowColumns && g.a.column == 1 && g.M >= 4 && g.K >= 4 * kLanes<T> &&
         bytes <= kNarrowBytes;
}

// Lane i of the result: the sum of lanes i and i + step of x, or, where i has the bit `step`, of lanes i - step and i
// of y.
template <int step, class V, int... I>
PYNN_FN V add_halves(V x, V y, Range<0, I...>) {
  constexpr int lanes = sizeof...(I);
  return __builtin_shufflevector(x, y, ((I & step) ? lanes + I - step : I)...) +
         __builtin_shufflevector(x, y, ((I & step) ? lanes + I : I + step)...);
}

// Lane i of the result is the sum of all lanes of x[i].
template <int lanes, int step = lanes / 2, class V>
PYNN_FN V sums(V (&x)[lanes]) {
#pragma GCC unroll 8
  for (int i = 0; i < step; ++i) x[i] = add_halves<step>(x[i], x[i + step], Range<lanes>{});
  if constexpr (step > 1) return sums<lanes, step / 2>(x);
  return x[0];
}

// c (rows, columns) = a b: columns of b every b_column.
template <class T, int rows, int columns>
__attribute__((noinline)) void dot_tile(int64_t K, const T* a, int64_t a_row, const T* b, int64_t b_column, T* c,
                                        int64_t c_row) {
  using V = Vector<T>;
  constexpr int lanes = Tile<T>::lanes, all = rows * columns, groups = (all + lanes - 1) / lanes;
  V acc[groups * lanes] = {};
  int64_t k = 0;
#pragma GCC unroll 2
  for (; k + lanes <= K; k += lanes) {
    V left[rows];
#pragma GCC unroll 4
    for (int i = 0; i < rows; ++i) left[i] = load(a + i * a_row + k);
#pragma GCC unroll 8
    for (int j = 0; j < columns; ++j) {
      const V right = load(b + j * b_column + k);
#pragma GCC unroll 4
      for (int i = 0; i < rows; ++i) multiply_add<T>(acc[i * columns + j], left[i], right);
    }
  }
  alignas(kVectorBytes) T total[groups * lanes];
#pragma GCC unroll 8
  for (int g = 0; g < groups; ++g) {
    V x[lanes];
#pragma GCC unroll 16
    for (int i = 0; i < lanes; ++i) x[i] = acc[g * lanes + i];
    store(total + g * lanes, sums<lanes>(x));
  }
  for (int i = 0; i < rows; ++i)
    for (int j = 0; j < columns; ++j) {
      T sum = total[i * columns + j];
      for (int64_t rest = k; rest < K; ++rest) sum += a[i * a_row + rest] * b[j * b_column + rest];
      c[i * c_row + j] = sum;
    }
}

// n columns of two rows, or of one.
template <class T, int rows, int columns = kDotColumns>
PYNN_FN void dot_columns(int64_t n, int64_t K, const T* a, int64_t a_row, const T* b, int64_t b_column, T* c,
                         int64_t c_row) {
  if (n == columns) return dot_tile<T, rows, columns>(K, a, a_row, b, b_column, c, c_row);
  if constexpr (columns > 1) dot_columns<T, rows, columns - 1>(n, K, a, a_row, b, b_column, c, c_row);
}

// Rows [begin, end) of c, from columns of b that stand one after the other.
template <class T>
void narrow_task(const Gemm& g, const T* a, const T* b, T* c, int64_t begin, int64_t end) {
  const FlushDenormals flush;
  const int64_t groups = ceil_div(g.N, kDotColumns);
  for (int64_t i = begin; i < end; i += 2)
    for (int64_t group = 0; group < groups; ++group) {
      const int64_t j = group * g.N / groups, n = (group + 1) * g.N / groups - j;
      const T* const x = a + i * g.a.row;
      T* const y = c + i * g.c_row + j;
      if (i + 1 < end)
        dot_columns<T, 2>(n, g.K, x, g.a.row, b + j * g.K, g.K, y, g.c_row);
      else
        dot_columns<T, 1>(n, g.K, x, g.a.row, b + j * g.K, g.K, y, g.c_row);
    }
  const T* const bias = static_cast<const T*>(g.bias);
  for (int64_t i = begin; bias && i < end; ++i)
    for (int64_t j = 0; j < g.N; ++j) c[i * g.c_row + j] += bias[j];
  if (!g.activation) return;
  const bool whole = g.c_row == g.N;
  for (int64_t i = begin; i < end; i += whole ? end - begin : 1) {
    void* const operands[] = {c + i * g.c_row, c + i * g.c_row};
    g.activation(operands, whole ? (end - begin) * g.N : g.N);
  }
}

// Columns of b, one after the other. Rows of b that are contiguous are transposed in registers, a square at a time; the
// last square overlaps the one before.
template <class T>
void copy_columns(const Gemm& g, const T* b, T* y) {
  constexpr int lanes = Tile<T>::lanes;
  const bool squares = g.b.column == 1 && g.N >= lanes;
  const int64_t whole = squares ? g.K / lanes * lanes : 0;
  for (int64_t k = 0; k < whole; k += lanes)
    for (int64_t left = g.N; left > 0; left -= lanes) {
      const int64_t j = left < lanes ? 0 : left - lanes;
      Vector<T> x[lanes];
#pragma GCC unroll 16
      for (int i = 0; i < lanes; ++i) x[i] = load(b + (k + i) * g.b.row + j);
      transpose(x);
#pragma GCC unroll 16
      for (int i = 0; i < lanes; ++i) store(y + (j + i) * g.K + k, x[i]);
    }
  for (int64_t j = 0; j < g.N; ++j)
    gather(b + whole * g.b.row + j * g.b.column, g.b.row, y + j * g.K + whole, g.K - whole);
}

template <class T>
void narrow_product(const Gemm& g, const T* a, const T* b, T* c, T* workspace) {
  copy_columns(g, b, workspace);
  const int64_t rows = round_up(ceil_div(kNarrowGrain, g.N * g.K), 2), tasks = ceil_div(g.M, rows);
  const auto task = [&](int64_t i) { narrow_task(g, a, workspace, c, i * rows, smaller(g.M, (i + 1) * rows)); };
  if (tasks < 4)
    for (int64_t i = 0; i < tasks; ++i) task(i);
  else
    blocks(tasks, task);
}

}  // namespace
}  // namespace pynn::PYNN_ISA
