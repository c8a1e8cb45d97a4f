// Packing for gemm.cpp: a panel of a matrix becomes contiguous, in the order in which the micro-kernel reads it. This
// is where strides and transposes end: a transposed operand costs one transposing copy, and the micro-kernel never
// knows.
#pragma once
#include "kernels/cpu/gemm_micro.h"

namespace pynn::PYNN_ISA {
namespace {

// `lanes` steps of k of a whole panel of `width` lines, each line contiguous along k.
template <class T, int width>
PYNN_FN void pack_square(const T* x, int64_t line, T* y) {
  constexpr int lanes = Tile<T>::lanes, groups = (width + lanes - 1) / lanes;
  Vector<T> square[groups][lanes];
#pragma GCC unroll 4
  for (int g = 0; g < groups; ++g) {
#pragma GCC unroll 16
    for (int i = 0; i < lanes; ++i)
      square[g][i] = g * lanes + i < width ? load(x + (g * lanes + i) * line) : Vector<T>{};
    transpose(square[g]);
  }
  // In the order of k: where lanes does not divide width, a store reaches into the next k, whose stores come after.
#pragma GCC unroll 16
  for (int k = 0; k < lanes; ++k)
#pragma GCC unroll 4
    for (int g = 0; g < groups; ++g) store(y + k * width + g * lanes, square[g][k]);
}

// y[k * width + i] = x[i * line + k * step] for i < n; for n <= i < width it is 0.
template <class T, int width>
PYNN_FN void pack_panel(const T* x, int64_t line, int64_t step, int64_t n, int64_t K, T* y) {
  int64_t k = 0;
  if (n == width && step == 1)  // k + lanes < K: the last store's overhang, if any, must stay in the panel
    for (; k + Tile<T>::lanes < K; k += Tile<T>::lanes) pack_square<T, width>(x + k, line, y + k * width);
  for (; k < K; ++k)
    for (int64_t i = 0; i < width; ++i) y[k * width + i] = i < n ? x[i * line + k * step] : T(0);
}

// Steps of k that are asked for ahead where they are far apart in memory: the processor does not foresee them.
constexpr int64_t kPackAhead = 8;

// Panels that are written side by side: so many streams of stores stay in the first-level cache even where they begin
// in few of its sets.
constexpr int64_t kPackPanels = 16;

// n lines side by side, as panels of `width` lines, each panel contiguous. A panel of a has its rows as lines, one of b
// its columns. Where lines are neighbours in memory, a step of k is read across several panels: in long runs.
template <class T, int width>
void pack_panels(const T* x, int64_t line, int64_t step, int64_t n, int64_t K, T* y) {
  const int64_t side_by_side = line == 1 ? n / width * width : 0;
  int64_t i = 0;
  while (i < side_by_side) {
    const int64_t end = smaller(i + kPackPanels * width, side_by_side);
    for (int64_t k = 0; k < K; ++k)
      for (int64_t j = i; j < end; j += width) {
        const T* const from = x + j + k * step;
        __builtin_prefetch(from + kPackAhead * step);
        __builtin_memcpy(y + j * K + k * width, from, width * sizeof(T));
      }
    i = end;
  }
  for (; i < n; i += width) pack_panel<T, width>(x + i * line, line, step, n - i < width ? n - i : width, K, y + i * K);
}

}  // namespace
}  // namespace pynn::PYNN_ISA
