// Copies in which one axis is contiguous in the source and another one in the result: in tiles of 32 x 32 through
// shared memory, so that reads and writes both go along what is contiguous.
#pragma once
#include "kernels/cuda/nest.h"

namespace pynn::cuda {
namespace {

constexpr int kTile = 32, kTileRows = kThreads / kTile;

// Columns are contiguous in the result, rows in the source.
struct Transpose {
  Nest<2> others;  // of the other axes
  int64_t rows, columns;
  int64_t column_step, row_step;  // of a column in the source, of a row in the result
  uint32_t down, across;          // tiles
};

template <class T>
__global__ void __launch_bounds__(kThreads) transpose_tiles(const __grid_constant__ Transpose t, const T* x, T* y) {
  __shared__ T tile[kTile][kTile + 1];  // one more: columns lie in different banks
  const int lane = static_cast<int>(threadIdx.x) % kTile, warp = static_cast<int>(threadIdx.x) / kTile;
  const uint32_t tiles = t.down * t.across, jobs = static_cast<uint32_t>(t.others.size) * tiles;
  for (uint32_t job = blockIdx.x; job < jobs; job += gridDim.x) {
    const uint32_t other = job / tiles, number = job - other * tiles, i = number / t.across;
    const int64_t row = int64_t{i} * kTile, column = int64_t{number - i * t.across} * kTile;
    int64_t at[2];
    offsets<2>(t.others, other, at);
    for (int j = warp; j < kTile; j += kTileRows)
      if (row + lane < t.rows && column + j < t.columns)
        tile[j][lane] = x[at[0] + row + lane + (column + j) * t.column_step];
    __syncthreads();  // after the tile is read
    for (int j = warp; j < kTile; j += kTileRows)
      if (row + j < t.rows && column + lane < t.columns)
        y[at[1] + (row + j) * t.row_step + column + lane] = tile[lane][j];
    __syncthreads();  // before another tile
  }
}

// ---- The host's side ------------------------------------------------------------------------------------------------

constexpr int64_t kShortest = kSample ? 3 : 16;  // of either axis: shorter ones leave most of a tile empty

// Whether a copy is one of those; describes it.
inline bool is_transpose(const Loop& l, Transpose& t) {
  const int column = l.ndim - 1;
  if (l.ndim < 2 || l.stride[1][column] != 1 || l.stride[0][column] == 1 || size_of(l) > kMostElements) return false;
  int row = 0;
  while (row < column && l.stride[0][row] != 1) ++row;
  if (row == column) return false;
  t.rows = l.shape[row], t.columns = l.shape[column];
  if (t.rows < kShortest || t.columns < kShortest) return false;
  t.row_step = l.stride[1][row], t.column_step = l.stride[0][column];
  t.down = static_cast<uint32_t>(ceil_div(t.rows, kTile)), t.across = static_cast<uint32_t>(ceil_div(t.columns, kTile));
  Loop others{};
  for (int d = 0; d < column; ++d) {
    if (d == row) continue;
    others.shape[others.ndim] = l.shape[d];
    for (int k = 0; k < 2; ++k) others.stride[k][others.ndim] = l.stride[k][d];
    ++others.ndim;
  }
  t.others = nest_of<2>(others);
  return true;
}

template <class T>
void transpose(const Transpose& t, void* const* operands) {
  const int64_t jobs = t.others.size * t.down * t.across;
  if (jobs > 0)
    launch(blocks_for(jobs, 1), kThreads, transpose_tiles<T>, t, static_cast<const T*>(operands[0]),
           static_cast<T*>(operands[1]));
}

}  // namespace
}  // namespace pynn::cuda
