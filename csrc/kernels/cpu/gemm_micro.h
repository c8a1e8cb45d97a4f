// The micro-kernel of matrix multiplication: one tile of C, MR x NR, held in registers while K goes by. One text for
// every ISA and both float types; the vector width and the tile's shape are all that differs. It knows nothing of
// blocking, packing or threads (gemm.cpp, pack.h).
#pragma once
#include "kernels/cpu/gemm_text.h"
#include "kernels/cpu/rows.h"

namespace pynn::PYNN_ISA {
namespace {

PYNN_FN int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }
PYNN_FN int64_t larger(int64_t a, int64_t b) { return a > b ? a : b; }
PYNN_FN int64_t ceil_div(int64_t n, int64_t by) { return (n + by - 1) / by; }
PYNN_FN int64_t round_up(int64_t n, int64_t to) { return ceil_div(n, to) * to; }

// The tile: kTileRows * kTileVectors accumulators, kTileVectors vectors of b and one broadcast element of a must fit
// into the registers, and the accumulators must be at least FMA latency * FMA units (4 * 2) to keep the units busy.
#if PYNN_VECTOR_BYTES == 64
constexpr int kTileRows = 12, kTileVectors = 2;  // 24 of 32 registers
#elif defined(__AVX2__)
constexpr int kTileRows = 6, kTileVectors = 2;  // 12 of 16
#elif defined(__aarch64__)
constexpr int kTileRows = 8, kTileVectors = 3;  // 24 of 32
#else
constexpr int kTileRows = 4, kTileVectors = 2;  // 8 of 16: without FMA the products need room too
#endif

template <class T>
struct Tile {
  static constexpr int lanes = kLanes<T>;
  static constexpr int MR = kTileRows, NR = kTileVectors * lanes;
};

// Where a tile goes: `columns` <= NR columns at c. `add`: to what the earlier blocks of K left there. The bias, of the
// tile's columns, is null except in the last block of K.
template <class T>
struct Output {
  T* c;
  int64_t row;
  int columns;
  bool add;
  const T* bias;
};

// A bias of the columns, to each row of a tile in registers.
template <class T, int rows, int vectors>
PYNN_FN void add_bias(Vector<T> (&acc)[rows][vectors], const T* bias) {
#pragma GCC unroll 4
  for (int j = 0; j < vectors; ++j) {
    const Vector<T> b = load(bias + j * Tile<T>::lanes);
#pragma GCC unroll 16
    for (int i = 0; i < rows; ++i) acc[i][j] += b;
  }
}

// A whole tile, straight from the registers. `out` is a copy: what is stored might else be what says where.
template <class T, int rows>
PYNN_FN void store_tile(Vector<T> (&acc)[rows][kTileVectors], const Output<T> out) {
  constexpr int lanes = Tile<T>::lanes;
  if (out.add) {
#pragma GCC unroll 16
    for (int i = 0; i < rows; ++i)
#pragma GCC unroll 4
      for (int j = 0; j < kTileVectors; ++j) acc[i][j] += load(out.c + i * out.row + j * lanes);
  }
  if (out.bias) add_bias<T>(acc, out.bias);
#pragma GCC unroll 16
  for (int i = 0; i < rows; ++i)
#pragma GCC unroll 4
    for (int j = 0; j < kTileVectors; ++j) store(out.c + i * out.row + j * lanes, acc[i][j]);
}

// A tile that reaches over the right edge of C, from a buffer. Not inline: its registers would be saved for each tile.
template <class T>
__attribute__((noinline)) void store_part(const T* tile, int rows, const Output<T> out) {
  for (int i = 0; i < rows; ++i, tile += Tile<T>::NR) {
    T* const c = out.c + i * out.row;
    for (int j = 0; j < out.columns; ++j) {
      T v = tile[j];
      if (out.add) v = c[j] + v;
      if (out.bias) v += out.bias[j];
      c[j] = v;
    }
  }
}

// How elements of a are found: packed, k after k with MR elements each, or in place, in rows or in columns that are
// contiguous.
enum class Left { packed, rows, columns };

// Steps of k that the loop takes at once. With one, what the loop itself costs, and where its text happens to begin in
// memory, took up to 14 % of the time.
constexpr int kUnroll = 4;

// sum += x * y. As text for the assembler where that is one instruction: GCC takes other forms of it, whose result goes
// to the register of x or y, and then has to move and to spill accumulators.
template <class T>
PYNN_FN void multiply_add(Vector<T>& sum, Vector<T> x, Vector<T> y) {
#if defined(__FMA__) && PYNN_VECTOR_BYTES == PYNN_REGISTER_BYTES
  Vector<T> acc = sum;
  if constexpr (sizeof(T) == 4)
    asm("vfmadd231ps %2, %1, %0" : "+v"(acc) : "v"(x), "v"(y));
  else
    asm("vfmadd231pd %2, %1, %0" : "+v"(acc) : "v"(x), "v"(y));
  sum = acc;
#else
  sum += x * y;
#endif
}
template <class T>
PYNN_FN void multiply_add(Vector<T>& sum, T x, Vector<T> y) {
  multiply_add<T>(sum, x - Vector<T>{}, y);  // x in each lane
}

// c (rows, columns) = or += a (rows, K) b (K, NR). b: NR contiguous elements every b_row.
template <class T, int rows, Left left>
__attribute__((noinline)) void micro_kernel(int64_t K, const T* a, Matrix a_step, const T* b, int64_t b_row,
                                            const Output<T>& out) {
  const int64_t row = left == Left::rows ? a_step.row : 1;
  const int64_t column = left == Left::packed ? kTileRows : left == Left::rows ? 1 : a_step.column;
  // A pointer for every third row: the two that follow are reached by the address forms of x86 with one more register.
  constexpr int reach = left == Left::rows ? 3 : rows, pointers = (rows + reach - 1) / reach;
  const T* x[pointers];
  for (int i = 0; i < pointers; ++i) x[i] = a + i * reach * row;
  Vector<T> acc[rows][kTileVectors] = {};
  auto step = [&](int64_t at) __attribute__((always_inline)) {
    Vector<T> right[kTileVectors];
#pragma GCC unroll 4
    for (int j = 0; j < kTileVectors; ++j) right[j] = load(b + j * Tile<T>::lanes);
    b += b_row;
#pragma GCC unroll 16
    for (int i = 0; i < rows; ++i) {
      const T l = x[i / reach][i % reach * row + at];
#pragma GCC unroll 4
      for (int j = 0; j < kTileVectors; ++j) multiply_add<T>(acc[i][j], l, right[j]);
    }
  };
  auto advance = [&](int64_t by) __attribute__((always_inline)) {
#pragma GCC unroll 16
    for (int i = 0; i < pointers; ++i) {
      x[i] += by;
      asm("" : "+r"(x[i]));  // else GCC counts addresses instead, and has no registers left
    }
  };
  int64_t k = 0;
#if PYNN_TEXT_STEPS
  if constexpr (rows == kTileRows)
    for (; k + 4 <= K; k += 4) {
      if constexpr (left == Left::packed)
        four_steps<T>(acc, x[0], b, b_row);
      else if constexpr (left == Left::columns)
        four_steps_down<T>(acc, x[0], column, b, b_row);
      else
        four_steps<T>(acc, x[0], x[1], row, b, b_row);
      advance(4 * column);
      b += 4 * b_row;
    }
#endif
  for (; k + kUnroll <= K; k += kUnroll) {
#pragma GCC unroll 4
    for (int u = 0; u < kUnroll; ++u) {
      step(left == Left::columns ? 0 : u * column);
      if (left == Left::columns) advance(column);
      asm("" : "+r"(b));
    }
    if (left != Left::columns) advance(kUnroll * column);
  }
  for (; k < K; ++k) {
    step(0);
    advance(column);
  }
  if (out.columns == Tile<T>::NR) return store_tile<T, rows>(acc, out);
  T tile[rows * Tile<T>::NR];
  __builtin_memcpy(tile, acc, sizeof tile);
  store_part<T>(tile, rows, out);
}

// The micro-kernel for `m` in [1, rows] rows: each height has its own, so that no row is computed for nothing.
template <Left left, int rows = kTileRows, class T>
PYNN_FN void multiply_tile(int m, int64_t K, const T* a, Matrix a_step, const T* b, int64_t b_row,
                           const Output<T>& out) {
  if (m == rows) return micro_kernel<T, rows, left>(K, a, a_step, b, b_row, out);
  if constexpr (rows > 1) multiply_tile<left, rows - 1>(m, K, a, a_step, b, b_row, out);
}

}  // namespace
}  // namespace pynn::PYNN_ISA
