// The micro-kernel of convolutions: a tile of a matrix product whose left operand is never written down. Its element
// (i, k) stands at x[row[i] + step[k]]: row[i] is where a window begins, step[k] a position in it; or the other way
// round. The tile has the shape of that of gemm_micro.h.
#pragma once
#include "kernels/cpu/gemm_slab.h"

namespace pynn::PYNN_ISA {
namespace {

// Row i begins at base + at[i].
template <class T>
struct Rows {
  T* base;
  const int64_t* at;
};

// What is done with a tile of at most NR columns.
template <class T>
struct Tally {
  Rows<T> c;
  int64_t columns;
  bool add;       // to what is there
  const T* bias;  // of the columns, or null
};

template <class T, int rows>
PYNN_FN void store_whole(Vector<T> (&acc)[rows][kTileVectors], const Tally<T>& out) {
  using V = Vector<T>;
#pragma GCC unroll 16
  for (int i = 0; i < rows; ++i) {
    T* const c = out.c.base + out.c.at[i];
#pragma GCC unroll 4
    for (int j = 0; j < kTileVectors; ++j) {
      V v = acc[i][j];
      if (out.add) v += load(c + j * Tile<T>::lanes);
      if (out.bias) v += load(out.bias + j * Tile<T>::lanes);
      store(c + j * Tile<T>::lanes, v);
    }
  }
}

template <class T, int rows>
PYNN_FN void store_some(Vector<T> (&acc)[rows][kTileVectors], const Tally<T>& out) {
  alignas(kVectorBytes) T tile[rows][Tile<T>::NR];
  __builtin_memcpy(tile, acc, sizeof tile);
  for (int i = 0; i < rows; ++i) {
    T* const c = out.c.base + out.c.at[i];
    for (int64_t j = 0; j < out.columns; ++j) {
      T v = tile[i][j];
      if (out.add) v += c[j];
      if (out.bias) v += out.bias[j];
      c[j] = v;
    }
  }
}

// c (rows, columns) = or += a (rows, K) b (K, NR), b contiguous.
template <class T, int rows>
__attribute__((noinline)) void window_kernel(int64_t K, Rows<const T> a, const int64_t* step, const T* b,
                                             const Tally<T>& out) {
  using V = Vector<T>;
  const T* row[rows];
#pragma GCC unroll 16
  for (int i = 0; i < rows; ++i) row[i] = a.base + a.at[i];
  V acc[rows][kTileVectors] = {};
  for (int64_t k = 0; k < K; ++k, b += Tile<T>::NR) {
    V right[kTileVectors];
#pragma GCC unroll 4
    for (int j = 0; j < kTileVectors; ++j) right[j] = load(b + j * Tile<T>::lanes);
    const int64_t at = step[k];
#pragma GCC unroll 16
    for (int i = 0; i < rows; ++i) {
      const T left = row[i][at];
#pragma GCC unroll 4
      for (int j = 0; j < kTileVectors; ++j) acc[i][j] += left * right[j];
    }
  }
  if (out.columns == Tile<T>::NR)
    store_whole<T, rows>(acc, out);
  else
    store_some<T, rows>(acc, out);
}

template <class T, int rows = kTileRows>
PYNN_FN void window_tile(int64_t m, int64_t K, Rows<const T> a, const int64_t* step, const T* b, const Tally<T>& out) {
  if (m == rows) return window_kernel<T, rows>(K, a, step, b, out);
  if constexpr (rows > 1) window_tile<T, rows - 1>(m, K, a, step, b, out);
}

// M rows, in tiles of nearly equal height: of 7 rows 4 and 3 keep the units busier than 6 and 1.
template <class T>
PYNN_FN void window_rows(int64_t M, int64_t K, Rows<const T> a, const int64_t* step, const T* b, Tally<T> out) {
  const int64_t tiles = ceil_div(M, Tile<T>::MR);
  const int64_t* const from = a.at;
  const int64_t* const to = out.c.at;
  for (int64_t t = 0; t < tiles; ++t) {
    const int64_t i = t * M / tiles, end = (t + 1) * M / tiles;
    a.at = from + i, out.c.at = to + i;
    window_tile<T>(end - i, K, a, step, b, out);
  }
}

}  // namespace
}  // namespace pynn::PYNN_ISA
