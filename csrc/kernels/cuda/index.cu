// Reading and adding by index: take and its gradient. The gradient adds in the order of the indices, without atomics:
// indices are sorted, and the first of each run of equals adds up its run. Equal bits each time.
#include "kernels/cuda/fill.h"
#include "kernels/cuda/launch.h"
#include "kernels/types.h"

namespace pynn::cuda {
namespace {

// Blocks of `units` units each.
template <class Unit>
__global__ void __launch_bounds__(kThreads)
    take_units(int64_t all, int64_t n, int64_t count, int64_t units, const Unit* x, const int64_t* index, Unit* y) {
  for (int64_t i = thread_index(); i < all; i += grid_threads()) {
    const int64_t block = i / units, unit = i - block * units, outer = block / count;
    y[i] = x[(outer * n + index[block - outer * count]) * units + unit];
  }
}

template <class Unit>
void take_as(int64_t outer, int64_t n, int64_t count, int64_t block, const void* x, const int64_t* index, void* y) {
  const int64_t units = block / static_cast<int64_t>(sizeof(Unit)), all = outer * count * units;
  launch(blocks_for(all), kThreads, take_units<Unit>, all, n, count, units, static_cast<const Unit*>(x), index,
         static_cast<Unit*>(y));
}

void take(int64_t outer, int64_t n, int64_t count, int64_t block, const void* x, const int64_t* index, void* y) {
  if (outer == 0 || count == 0 || block == 0) return;
  // The largest unit that divides a block and at which both arrays are aligned.
  const auto bits = reinterpret_cast<uintptr_t>(x) | reinterpret_cast<uintptr_t>(y) | static_cast<uintptr_t>(block);
  if (bits % 16 == 0) return take_as<uint4>(outer, n, count, block, x, index, y);
  if (bits % 8 == 0) return take_as<uint64_t>(outer, n, count, block, x, index, y);
  if (bits % 4 == 0) return take_as<uint32_t>(outer, n, count, block, x, index, y);
  if (bits % 2 == 0) return take_as<uint16_t>(outer, n, count, block, x, index, y);
  take_as<uint8_t>(outer, n, count, block, x, index, y);
}

// order sorts the indices. A thread for each sorted place and element of a block; that of a run's first place works.
template <class T>
__global__ void __launch_bounds__(kThreads) add_runs(int64_t all, int64_t n, int64_t count, int64_t block, const T* g,
                                                     const int64_t* index, const int64_t* order, T* y) {
  for (int64_t i = thread_index(); i < all; i += grid_threads()) {
    const int64_t slice = i / (count * block), rest = i - slice * count * block;
    const int64_t place = rest / block, column = rest - place * block, target = index[order[place]];
    if (place > 0 && index[order[place - 1]] == target) continue;
    T* const to = y + (slice * n + target) * block + column;
    const T* const from = g + slice * count * block + column;
    T sum = *to;
    for (int64_t p = place; p < count && index[order[p]] == target; ++p) sum += from[order[p] * block];
    *to = sum;
  }
}

template <class T>
void take_grad(int64_t outer, int64_t n, int64_t count, int64_t block, const void* g, const int64_t* index, void* y) {
  const int64_t all = outer * count * block;
  if (all == 0) return;
  const Scratch scratch(2 * count * static_cast<int64_t>(sizeof(int64_t)));
  auto* const order = static_cast<int64_t*>(scratch.data());
  if (!order) return;  // reported
  kernels().argsort[dtype_index<int64_t>](1, count, false, index, order, order + count);
  launch(blocks_for(all), kThreads, add_runs<T>, all, n, count, block, static_cast<const T*>(g), index, order,
         static_cast<T*>(y));
}

}  // namespace

void fill_index(Kernels& k) {
  k.take = take;
  k.take_grad[dtype_index<int32_t>] = take_grad<int32_t>;
  k.take_grad[dtype_index<int64_t>] = take_grad<int64_t>;
  k.take_grad[dtype_index<float>] = take_grad<float>;
  k.take_grad[dtype_index<double>] = take_grad<double>;
}

}  // namespace pynn::cuda
