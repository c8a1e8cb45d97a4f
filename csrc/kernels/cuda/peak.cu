// What the machine can do at most: multiply-adds on registers, and copies.
#include "kernels/cuda/fill.h"
#include "kernels/cuda/launch.h"
#include "kernels/types.h"

namespace pynn::cuda {
namespace {

constexpr int kChains = 8;  // of each thread: a multiply-add waits for four cycles

template <class T>
__global__ void __launch_bounds__(kThreads) multiply_add(int64_t iterations, T factor, T* y) {
  T x[kChains];
#pragma unroll
  for (int c = 0; c < kChains; ++c) x[c] = static_cast<T>(threadIdx.x + c);
  for (int64_t i = 0; i < iterations; ++i)
#pragma unroll
    for (int c = 0; c < kChains; ++c) x[c] = x[c] * factor + factor;
  T sum = 0;
#pragma unroll
  for (int c = 0; c < kChains; ++c) sum += x[c];
  if (sum == T(-1)) *y = sum;  // never: the sum is there to be computed
}

template <class T>
double fma_peak(int64_t iterations) {
  const Scratch y(sizeof(T));
  const dim3 grid = blocks_for(kMostBlocks * kThreads);
  launch(grid, kThreads, multiply_add<T>, iterations, T(0.5), static_cast<T*>(y.data()));
  return 2.0 * static_cast<double>(iterations) * kChains * grid.x * kThreads;
}

template <class Unit>
__global__ void __launch_bounds__(kThreads) copy_units(int64_t n, const Unit* x, Unit* y) {
  for (int64_t i = thread_index(); i < n; i += grid_threads()) y[i] = x[i];
}

void copy_peak(int64_t bytes, int64_t repeats, const void* x, void* y) {
  const auto bits = reinterpret_cast<uintptr_t>(x) | reinterpret_cast<uintptr_t>(y) | static_cast<uintptr_t>(bytes);
  for (int64_t r = 0; r < repeats && bytes > 0; ++r)
    if (bits % 16 == 0)
      launch(blocks_for(bytes / 16), kThreads, copy_units<uint4>, bytes / 16, static_cast<const uint4*>(x),
             static_cast<uint4*>(y));
    else
      launch(blocks_for(bytes), kThreads, copy_units<uint8_t>, bytes, static_cast<const uint8_t*>(x),
             static_cast<uint8_t*>(y));
}

}  // namespace

void fill_peak(Kernels& k) {
  k.fma_peak[dtype_index<float>] = fma_peak<float>;
  k.fma_peak[dtype_index<double>] = fma_peak<double>;
  k.copy_peak = copy_peak;
}

}  // namespace pynn::cuda
