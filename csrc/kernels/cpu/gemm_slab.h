// One slab of a matrix product: a part of C and K whose operands are packed at once and whose tasks, tiles of C, are
// then computed. Both run on several threads; how things are cut was decided before (gemm.cpp).
#pragma once
#include "kernels/cpu/denormal.h"
#include "kernels/cpu/pack.h"

namespace pynn::PYNN_ISA {
namespace {

// The block of K is chosen so that a panel of b, NR x kDepth, has this many bytes: it stays in a first-level cache of
// 32 KiB, the rest of which the tile's rows of a and of C pass through. A longer block would read and write C less
// often.
constexpr int64_t kPanelBytes = 24 << 10;
constexpr int64_t kDepth = kPanelBytes / (kTileVectors * kVectorBytes);
constexpr int64_t kPackGrain = 1 << 15;  // elements that a thread packs at once
constexpr int64_t kAlign = 64;           // bytes, a cache line

// Where the tasks find panels of b: in place, packed by themselves, or packed with the slab. A panel that reaches over
// the right edge of b is never read in place.
enum class Packing { none, task, slab };

// A part of a product that is packed at once.
template <class T>
struct Slab {
  int64_t M, N, K;
  const T *a, *b;
  Matrix a_step, b_step;
  T* c;
  int64_t c_row;
  T *packed_a, *packed_b;
  bool pack_a;
  Packing packing;               // of b
  bool b_is_packed;              // an earlier slab with the same part of b has done it
  int64_t depth, rows, columns;  // the block of K, and the task
  bool first, last;              // in K
  const T* bias;
  RowFn activation;
};

// Packed panels of one block of K stand side by side, and the blocks one after the other.
template <class T>
PYNN_FN T* packed_a(const Slab<T>& s, int64_t i, int64_t k, int64_t K) {
  return s.packed_a + k * round_up(s.M, Tile<T>::MR) + i * K;
}
template <class T>
PYNN_FN T* packed_b(const Slab<T>& s, int64_t j, int64_t k, int64_t K) {
  return s.packed_b + k * round_up(s.N, Tile<T>::NR) + j * K;
}

// Panels of the columns [j, j + n) of b, one block of K.
template <class T>
PYNN_FN void pack_columns(const Slab<T>& s, int64_t j, int64_t n, int64_t k, int64_t K, T* y) {
  pack_panels<T, Tile<T>::NR>(s.b + j * s.b_step.column + k * s.b_step.row, s.b_step.column, s.b_step.row, n, K, y);
}

// Packs what all tasks of the slab share: in each block of K groups of rows of a, then groups of columns of b.
template <class T>
void pack(const Slab<T>& s) {
  constexpr int MR = Tile<T>::MR, NR = Tile<T>::NR;
  const int64_t M = s.pack_a ? s.M : 0, N = s.packing == Packing::slab && !s.b_is_packed ? s.N : 0;
  const int64_t elements = (M + N) * s.K;
  if (elements == 0) return;
  const bool one = elements <= 2 * kPackGrain;
  const int64_t lines = ceil_div(one ? elements : kPackGrain, s.depth);
  const int64_t a_group = round_up(lines, MR), b_group = round_up(lines, NR);
  const int64_t a_groups = ceil_div(M, a_group), groups = a_groups + ceil_div(N, b_group);
  auto pack_group = [&](int64_t block) {
    const int64_t k = block / groups * s.depth, K = smaller(s.depth, s.K - k), group = block % groups;
    if (group < a_groups) {
      const int64_t i = group * a_group;
      pack_panels<T, MR>(s.a + i * s.a_step.row + k * s.a_step.column, s.a_step.row, s.a_step.column,
                         smaller(a_group, M - i), K, packed_a(s, i, k, K));
    } else {
      const int64_t j = (group - a_groups) * b_group;
      pack_columns(s, j, smaller(b_group, N - j), k, K, packed_b(s, j, k, K));
    }
  };
  const int64_t count = groups * ceil_div(s.K, s.depth);
  if (!one) return blocks(count, pack_group);
  for (int64_t i = 0; i < count; ++i) pack_group(i);
}

// Panels of b that a task which packs them itself packs at once: whole cache lines lie next to each other in b's rows.
constexpr int64_t kGroup = 2;

// Asks for `width` columns of rows [from, to) of x, into the second-level cache: the first is full.
template <class T>
PYNN_FN void ask_for(const T* x, int64_t row, int64_t width, int64_t from, int64_t to) {
  for (int64_t k = from; k < to; ++k)
    for (int64_t j = 0; j < width; j += kAlign / sizeof(T)) __builtin_prefetch(x + k * row + j, 0, 2);
}

// Rows [i0, i1), columns [j0, j1) of a group of panels, one block of K. `b` is the first panel, `next` what the group
// after it will be made of: it is asked for, row by row, while this one is worked on; null where that is not known. A
// panel of b stays in the first-level cache while the rows pass by.
template <class T>
PYNN_FN void multiply_group(const Slab<T>& s, int64_t i0, int64_t i1, int64_t j0, int64_t j1, int64_t k, int64_t K,
                            const T* b, int64_t b_row, int64_t b_step, const T* next, int64_t next_row) {
  constexpr int MR = Tile<T>::MR, NR = Tile<T>::NR;
  const bool add = !s.first || k > 0, last = s.last && k + K == s.K;
  const int64_t share = ceil_div(K, ceil_div(i1 - i0, MR) * ceil_div(j1 - j0, NR)), width = j1 - j0;
  int64_t ahead = 0;
  for (int64_t j = j0; j < j1; j += NR, b += b_step) {
    const T* const bias = s.bias && last ? s.bias + j : nullptr;
    for (int64_t i = i0; i < i1; i += MR, ahead += share) {
      const int m = static_cast<int>(smaller(MR, i1 - i));
      const Output<T> out{s.c + i * s.c_row + j, s.c_row, static_cast<int>(smaller(NR, j1 - j)), add, bias};
      if (next) ask_for(next, next_row, width, ahead, smaller(ahead + share, K));
      const T* const a = s.a + i * s.a_step.row + k * s.a_step.column;
      if (s.pack_a)
        multiply_tile<Left::packed>(m, K, packed_a(s, i, k, K), s.a_step, b, b_row, out);
      else if (s.a_step.column == 1)
        multiply_tile<Left::rows>(m, K, a, s.a_step, b, b_row, out);
      else
        multiply_tile<Left::columns>(m, K, a, s.a_step, b, b_row, out);
    }
  }
}

// All groups of panels of the columns [j0, j1), from wherever they stand.
template <class T>
void multiply_block(const Slab<T>& s, int64_t i0, int64_t i1, int64_t j0, int64_t j1, int64_t k, int64_t K) {
  constexpr int NR = Tile<T>::NR;
  if (s.packing == Packing::slab) {
    for (int64_t j = j0; j < j1; j += NR) {
      const T* const b = packed_b(s, j, k, K);
      multiply_group<T>(s, i0, i1, j, smaller(j + NR, j1), k, K, b, NR, 0, b + NR * K, NR);
    }
    return;
  }
  alignas(kAlign) T buffer[kGroup * kDepth * NR];
  for (int64_t j = j0; j < j1; j += kGroup * NR) {
    const int64_t end = smaller(j + kGroup * NR, j1), whole = j + (end - j) / NR * NR;
    const T* const b = s.b + k * s.b_step.row + j * s.b_step.column;
    // What comes next: the following columns, or this task's first ones in the next block of K, or the next task's.
    const bool deeper = end == j1 && k + K < s.K;
    const int64_t then = deeper ? j0 : end, then_k = end < j1 ? k : deeper ? k + K : 0;
    const T* const next =
        s.b_step.column == 1 && then + (end - j) <= s.N ? s.b + then_k * s.b_step.row + then : nullptr;
    if (s.packing == Packing::task) {
      pack_columns(s, j, end - j, k, K, buffer);
      multiply_group<T>(s, i0, i1, j, end, k, K, buffer, NR, NR * K, next, s.b_step.row);
      continue;
    }
    if (j < whole) multiply_group<T>(s, i0, i1, j, whole, k, K, b, s.b_step.row, NR, next, s.b_step.row);
    if (whole == end) continue;  // else a panel that reaches over the right edge of b
    pack_columns(s, whole, end - whole, k, K, buffer);
    multiply_group<T>(s, i0, i1, whole, end, k, K, buffer, NR, 0, nullptr, 0);
  }
}

// One task: every block of K in order, then the activation while the rows are near.
template <class T>
void multiply_task(const Slab<T>& s, int64_t i0, int64_t i1, int64_t j0, int64_t j1) {
  const FlushDenormals flush;
  int64_t k = 0;
  do {
    const int64_t K = smaller(s.depth, s.K - k);
    multiply_block(s, i0, i1, j0, j1, k, K);
    k += K;
  } while (k < s.K);
  if (!s.last || !s.activation) return;
  for (int64_t i = i0; i < i1; ++i) {
    T* const row = s.c + i * s.c_row + j0;
    void* const operands[] = {row, row};
    s.activation(operands, j1 - j0);
  }
}

template <class T>
void multiply(const Slab<T>& s) {
  if (s.rows >= s.M && s.columns >= s.N) return multiply_task(s, 0, s.M, 0, s.N);
  const int64_t across = ceil_div(s.N, s.columns);
  blocks(ceil_div(s.M, s.rows) * across, [&](int64_t task) {
    const int64_t i = task / across * s.rows, j = task % across * s.columns;
    multiply_task(s, i, smaller(i + s.rows, s.M), j, smaller(j + s.columns, s.N));
  });
}

}  // namespace
}  // namespace pynn::PYNN_ISA
