// The order that sorts each row, stably, NaN last: tiles are sorted by rank in shared memory, then runs are merged,
// each entry finding its place by a binary search in the run beside its own. An entry is an index into its row.
#include "kernels/cuda/fill.h"
#include "kernels/cuda/launch.h"
#include "kernels/cuda/sample.h"
#include "kernels/sort_key.h"

namespace pynn::cuda {
namespace {

constexpr int kTile = kThreads;

// A block sorts kTile neighbours of one row: an entry's rank is the number of those that stand before it.
template <class T>
__global__ void __launch_bounds__(kTile)
    sort_tiles(int64_t tiles, int64_t per_row, int64_t n, bool descending, const T* x, int64_t* order) {
  __shared__ Key<T> keys[kTile];
  const int me = static_cast<int>(threadIdx.x);
  for (int64_t tile = blockIdx.x; tile < tiles; tile += gridDim.x) {
    const int64_t row = tile / per_row, first = tile % per_row * kTile;
    const int count = static_cast<int>(n - first < kTile ? n - first : kTile);
    if (me < count) keys[me] = key(x[row * n + first + me], descending);
    __syncthreads();
    if (me < count) {
      int rank = 0;
      for (int i = 0; i < count; ++i) rank += keys[i] < keys[me] || (keys[i] == keys[me] && i < me);
      order[row * n + first + rank] = first + me;
    }
    __syncthreads();  // before the next tile's keys
  }
}

// Runs of `width`, two and two. Of equals, those of the first run come first.
template <class T>
__global__ void __launch_bounds__(kThreads)
    merge_runs(int64_t all, int64_t n, int64_t width, bool descending, const T* x, const int64_t* from, int64_t* to) {
  for (int64_t i = thread_index(); i < all; i += grid_threads()) {
    const int64_t row = i / n, at = i - row * n, pair = at / (2 * width) * (2 * width);
    const bool second = at - pair >= width;
    const T* const in = x + row * n;
    const int64_t* const entries = from + row * n;
    const int64_t me = entries[at];
    const Key<T> mine = key(in[me], descending);
    const int64_t middle = pair + width < n ? pair + width : n, end = middle + width < n ? middle + width : n;
    int64_t low = second ? pair : middle, high = second ? middle : end;
    const int64_t begin = low;
    while (low < high) {
      const int64_t probe = (low + high) / 2;
      const Key<T> other = key(in[entries[probe]], descending);
      if (other < mine || (second && other == mine))
        low = probe + 1;
      else
        high = probe;
    }
    const int64_t own = at - (second ? middle : pair);
    to[row * n + pair + own + (low - begin)] = me;
  }
}

template <class T>
void argsort(int64_t rows, int64_t n, bool descending, const void* values, int64_t* order, int64_t* scratch) {
  if (rows == 0 || n == 0) return;
  const T* const x = static_cast<const T*>(values);
  bool swapped = false;  // so that the last pass ends in `order`
  for (int64_t width = kTile; width < n; width *= 2) swapped = !swapped;
  int64_t *from = swapped ? scratch : order, *to = swapped ? order : scratch;
  const int64_t per_row = ceil_div(n, kTile);
  launch(blocks_for(rows * per_row, 1), kTile, sort_tiles<T>, rows * per_row, per_row, n, descending, x, from);
  for (int64_t width = kTile; width < n; width *= 2) {
    launch(blocks_for(rows * n), kThreads, merge_runs<T>, rows * n, n, width, descending, x, from, to);
    int64_t* const sorted = to;
    to = from;
    from = sorted;
  }
}

}  // namespace

void fill_sort(Kernels& k) {
  for_compiled_types<kAll>([&](auto t) {
    using T = decltype(t);
    k.argsort[dtype_index<T>] = argsort<T>;
  });
}

}  // namespace pynn::cuda
