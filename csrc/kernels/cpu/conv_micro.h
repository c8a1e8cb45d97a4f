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

// Where a panel has room for one vector only, the tile is narrow: one vector wide and this high, so that it still keeps
// the units busy, and its rows' addresses still fit into registers.
constexpr int kNarrowRows = 8;

// `out` is a copy: what is stored might else be what says where.
template <class T, int rows, int vectors>
PYNN_FN void store_whole(Vector<T> (&acc)[rows][vectors], const Tally<T> out) {
  constexpr int lanes = Tile<T>::lanes;
  T* c[rows];
#pragma GCC unroll 16
  for (int i = 0; i < rows; ++i) c[i] = out.c.base + out.c.at[i];
  if (out.add) {
#pragma GCC unroll 16
    for (int i = 0; i < rows; ++i)
#pragma GCC unroll 4
      for (int j = 0; j < vectors; ++j) acc[i][j] += load(c[i] + j * lanes);
  }
  if (out.bias) add_bias<T>(acc, out.bias);
#pragma GCC unroll 16
  for (int i = 0; i < rows; ++i)
#pragma GCC unroll 4
    for (int j = 0; j < vectors; ++j) store(c[i] + j * lanes, acc[i][j]);
}

template <class T, int rows, int vectors>
PYNN_FN void store_some(Vector<T> (&acc)[rows][vectors], const Tally<T>& out) {
  alignas(kVectorBytes) T tile[rows][vectors * Tile<T>::lanes];
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

// c (rows, columns) = or += a (rows, K) b (K, vectors), b contiguous.
template <class T, int rows, int vectors>
__attribute__((noinline)) void window_kernel(int64_t K, Rows<const T> a, const int64_t* step, const T* b,
                                             const Tally<T>& out) {
  using V = Vector<T>;
  const T* row[rows];
#pragma GCC unroll 16
  for (int i = 0; i < rows; ++i) row[i] = a.base + a.at[i];
  V acc[rows][vectors] = {};
  auto one = [&](int64_t at) __attribute__((always_inline)) {
    V right[vectors];
#pragma GCC unroll 4
    for (int j = 0; j < vectors; ++j) right[j] = load(b + j * Tile<T>::lanes);
    b += vectors * Tile<T>::lanes;
    asm("" : "+r"(b));
#pragma GCC unroll 16
    for (int i = 0; i < rows; ++i) {
      const T left = row[i][at];
#pragma GCC unroll 4
      for (int j = 0; j < vectors; ++j) multiply_add<T>(acc[i][j], left, right[j]);
    }
  };
  int64_t k = 0;
  for (; k + kUnroll <= K; k += kUnroll)
#pragma GCC unroll 4
    for (int u = 0; u < kUnroll; ++u) one(step[k + u]);
  for (; k < K; ++k) one(step[k]);
  if (out.columns == vectors * Tile<T>::lanes)
    store_whole<T, rows, vectors>(acc, out);
  else
    store_some<T, rows, vectors>(acc, out);
}

template <class T, int rows, int vectors>
PYNN_FN void window_tile(int64_t m, int64_t K, Rows<const T> a, const int64_t* step, const T* b, const Tally<T>& out) {
  if (m == rows) return window_kernel<T, rows, vectors>(K, a, step, b, out);
  if constexpr (rows > 1) window_tile<T, rows - 1, vectors>(m, K, a, step, b, out);
}

// What will be read next, asked for a few lines at a time while tiles are computed: `lines` after each.
struct Ahead {
  const char *at, *end;
  int64_t lines;
};
PYNN_FN void ask(Ahead& a) {
  for (int64_t i = 0; i < a.lines && a.at < a.end; ++i, a.at += kAlign) __builtin_prefetch(a.at, 0, 2);
}

// M rows, in tiles of nearly equal height: of 7 rows 4 and 3 keep the units busier than 6 and 1.
template <class T, int rows, int vectors>
PYNN_FN void window_tiles(int64_t M, int64_t K, Rows<const T> a, const int64_t* step, const T* b, Tally<T> out,
                          Ahead& ahead) {
  const int64_t tiles = ceil_div(M, rows);
  const int64_t* const from = a.at;
  const int64_t* const to = out.c.at;
  for (int64_t t = 0; t < tiles; ++t) {
    const int64_t i = t * M / tiles, end = (t + 1) * M / tiles;
    a.at = from + i, out.c.at = to + i;
    window_tile<T, rows, vectors>(end - i, K, a, step, b, out);
    ask(ahead);
  }
}

// The same for one panel of b, as pack_columns_of() makes them.
template <class T>
PYNN_FN void window_rows(int64_t M, int64_t K, Rows<const T> a, const int64_t* step, const T* b, const Tally<T>& out,
                         Ahead& ahead) {
  if (out.columns <= Tile<T>::lanes) return window_tiles<T, kNarrowRows, 1>(M, K, a, step, b, out, ahead);
  window_tiles<T, Tile<T>::MR, kTileVectors>(M, K, a, step, b, out, ahead);
}
template <class T>
PYNN_FN void window_rows(int64_t M, int64_t K, Rows<const T> a, const int64_t* step, const T* b, const Tally<T>& out) {
  Ahead nothing{nullptr, nullptr, 0};
  window_rows<T>(M, K, a, step, b, out, nothing);
}

// How wide the panel of so many columns is packed: one vector where they fit.
template <class T>
PYNN_FN int64_t panel_width(int64_t columns) {
  return columns <= Tile<T>::lanes ? Tile<T>::lanes : Tile<T>::NR;
}

// n columns as panels of NR, one after the other; where no more than a vector is left, the last one is that narrow.
template <class T>
PYNN_FN void pack_columns_of(const T* x, int64_t line, int64_t step, int64_t n, int64_t K, T* y) {
  constexpr int NR = Tile<T>::NR;
  const int64_t rest = n % NR, wide = rest <= Tile<T>::lanes ? n - rest : n;
  if (wide > 0) pack_panels<T, NR>(x, line, step, wide, K, y);
  if (wide < n) pack_panels<T, Tile<T>::lanes>(x + wide * line, line, step, n - wide, K, y + wide * K);
}

}  // namespace
}  // namespace pynn::PYNN_ISA
