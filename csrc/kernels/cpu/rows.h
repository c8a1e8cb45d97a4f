// How a loop nest becomes calls on contiguous rows. Every kernel has one loop body, over contiguous elements; an
// operand that is strided or broadcast is gathered into a small block first, and a strided output scattered from one.
// The block stays in the first-level cache. One body means one code path to test, and equal bits for every memory
// layout.
//
// Compiled once per ISA. No std templates here: an inline symbol with wide instructions could win at link time.
#pragma once
#include <cstring>

#include "kernels/cpu/parallel.h"
#include "kernels/cpu/vector.h"
#include "kernels/elementwise.h"
#include "kernels/kernels.h"

namespace pynn::PYNN_ISA {
namespace {

// Elements that a thread takes at once, at most: below this, threads cost more than they save.
constexpr int64_t kGrain = 1 << 15;

// How many parts n elements are cut into: a multiple of eight, so that equal parts give equal work to two, four or
// eight threads.
PYNN_FN int64_t even_parts(int64_t n) { return n <= kGrain ? 1 : ((n - 1) / kGrain + 8) / 8 * 8; }

// Runs body(block) for each block, on several threads if that can pay.
template <class Body>
PYNN_FN void blocks(int64_t n, Body body) {
  if (n == 1) return body(int64_t{0});
  run_blocks(n, [](void* context, int64_t i) { (*static_cast<Body*>(context))(i); }, &body);
}

// Runs body(begin, end) for ranges of at most `grain` that cover [0, n), on several threads if that can pay.
template <class Body>
PYNN_FN void ranges(int64_t n, int64_t grain, Body body) {
  blocks((n + grain - 1) / grain, [&](int64_t i) {
    const int64_t begin = i * grain;
    body(begin, begin + grain < n ? begin + grain : n);
  });
}

// Offsets, in elements, of position `i` (row-major) of the outer axes [0, ndim) of a nest.
template <int N>
PYNN_FN void offsets(const Loop& loop, int ndim, int64_t i, int64_t (&at)[N]) {
  for (int k = 0; k < N; ++k) at[k] = 0;
  for (int d = ndim - 1; d >= 0; --d) {
    const int64_t j = i % loop.shape[d];
    i /= loop.shape[d];
    for (int k = 0; k < N; ++k) at[k] += j * loop.stride[k][d];
  }
}

template <class T>
PYNN_FN void gather(const T* x, int64_t stride, T* block, int64_t n) {
  if (stride == 0) {
    const T value = *x;
    for (int64_t i = 0; i < n; ++i) block[i] = value;
    return;
  }
  for (int64_t i = 0; i < n; ++i) block[i] = x[i * stride];
}

template <class T>
PYNN_FN void scatter(const T* block, T* y, int64_t stride, int64_t n) {
  for (int64_t i = 0; i < n; ++i) y[i * stride] = block[i];
}

// Types by size: gathering does not care what the bits mean.
template <class F>
PYNN_FN void with_size(int bytes, F f) {
  switch (bytes) {
    case 1: return f(uint8_t{});
    case 2: return f(uint16_t{});
    case 4: return f(uint32_t{});
    default: return f(uint64_t{});
  }
}

constexpr int64_t kBlock = 512;  // elements gathered at once: 4 KiB of float64

// Results of this size and above are written past the caches: they would not be found there again, and a line that is
// written whole need not be read first.
constexpr int64_t kStreamBytes = 16 << 20;

// One innermost row of N operands (the last is the output), n elements each, a block at a time. `streams`: a contiguous
// output is written past the caches.
template <int N>
void row_in_blocks(RowFn body, const int (&size)[N], void* const (&p)[N], const int64_t (&stride)[N], int64_t n,
                   bool streams) {
  alignas(64) char scratch[N][kBlock * 8];
  for (int64_t start = 0; start < n; start += kBlock) {
    const int64_t m = n - start < kBlock ? n - start : kBlock;
    void* operand[N];
    char* at = nullptr;
    for (int k = 0; k < N; ++k) {
      at = static_cast<char*>(p[k]) + start * stride[k] * size[k];
      operand[k] = stride[k] == 1 ? at : scratch[k];
      const bool input = k < N - 1, filled = stride[k] == 0 && start > 0;
      if (input && stride[k] != 1 && !filled)
        with_size(size[k], [&](auto t) {
          using T = decltype(t);
          gather(reinterpret_cast<const T*>(at), stride[k], reinterpret_cast<T*>(scratch[k]), m);
        });
    }
    // Here `at` is the output's.
    const bool passes =
        streams && stride[N - 1] == 1 && m == kBlock && reinterpret_cast<uintptr_t>(at) % kVectorBytes == 0;
    if (passes) operand[N - 1] = scratch[N - 1];
    body(operand, m);
    if (operand[N - 1] == at) continue;
    with_size(size[N - 1], [&](auto t) {
      using T = decltype(t);
      const T* const block = reinterpret_cast<const T*>(scratch[N - 1]);
      if (passes)
        stream(block, reinterpret_cast<T*>(at), kBlock);
      else
        scatter(block, reinterpret_cast<T*>(at), stride[N - 1], m);
    });
  }
}

// Rows [begin, end) of a nest, each from element `from` to `to` of the innermost axis.
template <int N>
void run_rows(const Loop& loop, RowFn body, const int (&size)[N], void* const* operands, int64_t begin, int64_t end,
              int64_t from, int64_t to, bool streams) {
  const int inner = loop.ndim - 1;
  int64_t stride[N];
  bool contiguous = true;
  for (int k = 0; k < N; ++k) {
    stride[k] = loop.ndim ? loop.stride[k][inner] : 1;
    contiguous = contiguous && stride[k] == 1;
  }
  for (int64_t row = begin; row < end; ++row) {
    int64_t at[N];
    offsets<N>(loop, inner, row, at);
    void* p[N];
    for (int k = 0; k < N; ++k) p[k] = static_cast<char*>(operands[k]) + (at[k] + from * stride[k]) * size[k];
    if (!contiguous || streams)
      row_in_blocks<N>(body, size, p, stride, to - from, streams);
    else
      body(p, to - from);
  }
  if (streams) end_stream();
}

// ---- Transposed operands --------------------------------------------------------------------------------------------
//
// An operand whose neighbours in memory are neighbours along the rows' axis, not along a row, would be read a cache
// line for each element. It is read in tiles instead, and transposed in the first-level cache.

constexpr int64_t kTileBytes = 256;              // of the rows' axis: four cache lines at each visit of a page
constexpr int64_t kTileColumns = 64;             // of the inner axis
constexpr int64_t kTileStep = kTileColumns + 8;  // elements between the tile's rows: not a power of two

PYNN_FN bool is_transposed(const Loop& l, int k) {
  const int64_t* const stride = l.stride[k] + l.ndim - 1;
  return stride[0] != 0 && stride[0] != 1 && stride[-1] == 1;
}

// The rows of a tile that fit for every operand; 0 where no operand is transposed, or the axes are too short to gain.
template <int N>
PYNN_FN int64_t tile_rows(const Loop& l, const int (&size)[N]) {
  if (l.ndim < 2 || l.shape[l.ndim - 1] < 8 || l.shape[l.ndim - 2] < 8) return 0;
  int64_t bytes = 0;
  for (int k = 0; k < N; ++k)
    if (is_transposed(l, k) && size[k] > bytes) bytes = size[k];
  return bytes ? kTileBytes / bytes : 0;
}

// tile[i][j] = x[j * stride + i], in squares that are transposed in registers. The next square's columns are asked for
// meanwhile: they lie in as many pages, where the processor foresees nothing.
template <class T>
void read_tile(const T* x, int64_t stride, T* tile, int64_t rows, int64_t columns) {
  constexpr int64_t lanes = sizeof(T) >= 4 ? kLanes<T> : 1;
  const int64_t whole = rows / lanes * lanes;
  for (int64_t j = 0; j < columns; j += lanes) {
    const T* const column = x + j * stride;
    const int64_t n = columns - j < lanes ? columns - j : lanes;
    int64_t i = 0;
    if constexpr (lanes > 1) {
      for (int64_t l = lanes; l < 2 * lanes; ++l)
        for (int64_t line = 0; line < rows; line += 64 / sizeof(T)) __builtin_prefetch(column + l * stride + line);
      if (n == lanes)
        for (; i < whole; i += lanes) {
          Vector<T> square[lanes];
#pragma GCC unroll 16
          for (int l = 0; l < lanes; ++l) square[l] = load(column + l * stride + i);
          transpose(square);
#pragma GCC unroll 16
          for (int l = 0; l < lanes; ++l) store(tile + (i + l) * kTileStep + j, square[l]);
        }
    }
    for (; i < rows; ++i)
      for (int64_t l = 0; l < n; ++l) tile[i * kTileStep + j + l] = column[l * stride + i];
  }
}

// A row of a tile whose operands are all contiguous, the output written past the caches.
template <int N>
PYNN_FN void streamed_tile_row(RowFn body, const int (&size)[N], void* (&operand)[N], int64_t columns) {
  alignas(64) char scratch[kTileColumns * 8];
  void* const y = operand[N - 1];
  operand[N - 1] = scratch;
  body(operand, columns);
  with_size(size[N - 1], [&](auto t) {
    using T = decltype(t);
    stream(reinterpret_cast<const T*>(scratch), static_cast<T*>(y), columns);
  });
}

// `rows` x `columns` elements at p.
template <int N>
void run_tile(const Loop& loop, RowFn body, const int (&size)[N], void* const (&p)[N], int64_t rows, int64_t columns,
              bool streams) {
  alignas(64) char scratch[N][kTileBytes * kTileStep];
  const int inner = loop.ndim - 1;
  for (int k = 0; k < N - 1; ++k)
    if (is_transposed(loop, k))
      with_size(size[k], [&](auto t) {
        using T = decltype(t);
        read_tile(static_cast<const T*>(p[k]), loop.stride[k][inner], reinterpret_cast<T*>(scratch[k]), rows, columns);
      });
  bool contiguous = true;
  int64_t stride[N], step[N];  // along a row, and from row to row
  char* row[N];
  for (int k = 0; k < N; ++k) {
    const bool transposed = is_transposed(loop, k);
    stride[k] = transposed ? 1 : loop.stride[k][inner];
    step[k] = (transposed ? kTileStep : loop.stride[k][inner - 1]) * size[k];
    row[k] = transposed ? scratch[k] : static_cast<char*>(p[k]);
    contiguous = contiguous && stride[k] == 1;
  }
  for (int64_t i = 0; i < rows; ++i) {
    void* operand[N];
    for (int k = 0; k < N; ++k) operand[k] = row[k] + i * step[k];
    // Of the next tile to the right: the processor foresees rows, not the same part of one row after another.
    for (int k = 0; k < N - 1; ++k)
      if (stride[k] == 1 && !is_transposed(loop, k))
        prefetch(row[k] + i * step[k] + columns * size[k], columns * size[k]);
    if (!contiguous)
      row_in_blocks<N>(body, size, operand, stride, columns, false);
    else if (streams && columns == kTileColumns && reinterpret_cast<uintptr_t>(operand[N - 1]) % kVectorBytes == 0)
      streamed_tile_row<N>(body, size, operand, columns);
    else
      body(operand, columns);
  }
  if (is_transposed(loop, N - 1))
    with_size(size[N - 1], [&](auto t) {
      using T = decltype(t);
      T* y = static_cast<T*>(p[N - 1]);
      const T* const tile = reinterpret_cast<const T*>(scratch[N - 1]);
      for (int64_t j = 0; j < columns; ++j, y += loop.stride[N - 1][inner])
        for (int64_t i = 0; i < rows; ++i) y[i] = tile[i * kTileStep + j];
    });
}

// The whole nest in tiles. A block is a row of tiles, cut where it is long.
template <int N>
void run_tiles(const Loop& loop, RowFn body, const int (&size)[N], void* const* operands, int64_t height) {
  const int inner = loop.ndim - 1;
  const int64_t rows = loop.shape[inner - 1], columns = loop.shape[inner];
  const int64_t width = kGrain / height, down = (rows + height - 1) / height, across = (columns + width - 1) / width;
  int64_t outer = 1;
  for (int d = 0; d < inner - 1; ++d) outer *= loop.shape[d];
  const bool streams = outer * rows * columns * size[N - 1] >= kStreamBytes && !is_transposed(loop, N - 1);
  blocks(outer * down * across, [&](int64_t block) {
    const int64_t i = block / across % down * height, left = block % across * width;
    const int64_t right = left + width < columns ? left + width : columns;
    int64_t at[N];
    offsets<N>(loop, inner - 1, block / across / down, at);
    for (int64_t j = left; j < right; j += kTileColumns) {
      void* p[N];
      for (int k = 0; k < N; ++k)
        p[k] = static_cast<char*>(operands[k]) +
               (at[k] + i * loop.stride[k][inner - 1] + j * loop.stride[k][inner]) * size[k];
      run_tile<N>(loop, body, size, p, height < rows - i ? height : rows - i,
                  kTileColumns < right - j ? kTileColumns : right - j, streams);
    }
    if (streams) end_stream();
  });
}

// ---- The whole nest -------------------------------------------------------------------------------------------------

// Cut into blocks of kGrain elements at most: whole rows, or parts of a row where rows are long.
template <int N>
void rows(const Loop& loop, RowFn body, const int (&size)[N], void* const* operands) {
  if (const int64_t height = tile_rows(loop, size)) return run_tiles<N>(loop, body, size, operands, height);
  const int64_t inner = loop.ndim ? loop.shape[loop.ndim - 1] : 1;
  int64_t outer = 1;
  for (int d = 0; d + 1 < loop.ndim; ++d) outer *= loop.shape[d];
  if (inner == 0 || outer == 0) return;
  const bool streams = inner * outer * size[N - 1] >= kStreamBytes;
  if (inner >= kGrain) {
    // A part begins where a cache line and a block of row_in_blocks may begin.
    const int64_t part = (inner / even_parts(inner) / kBlock + 1) * kBlock, parts = (inner + part - 1) / part;
    blocks(outer * parts, [&](int64_t i) {
      const int64_t row = i / parts, from = i % parts * part;
      run_rows<N>(loop, body, size, operands, row, row + 1, from, from + part < inner ? from + part : inner, streams);
    });
  } else {
    const int64_t parts = even_parts(inner * outer), group = (outer + parts - 1) / parts;
    blocks((outer + group - 1) / group, [&](int64_t i) {
      const int64_t begin = i * group;
      run_rows<N>(loop, body, size, operands, begin, begin + group < outer ? begin + group : outer, 0, inner, streams);
    });
  }
}

}  // namespace
}  // namespace pynn::PYNN_ISA
