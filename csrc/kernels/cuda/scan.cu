// Running sums along one axis of any layout: a block for each row, or, where neighbouring rows are neighbours in
// memory, a thread for each. Results in float32 are summed in double.
#include "kernels/cuda/fill.h"
#include "kernels/cuda/fold.h"
#include "kernels/cuda/nest.h"

namespace pynn::cuda {
namespace {

template <class T>
struct Wide {
  using type = T;
};
template <>
struct Wide<float> {
  using type = double;
};

struct Task {
  Nest<2> kept;
  int64_t n, step_x, step_y;
  const void* x;
  void* y;
};

template <class T>
__global__ void __launch_bounds__(kThreads) scan_threads(const __grid_constant__ Task t) {
  for (int64_t i = thread_index(); i < t.kept.size; i += grid_threads()) {
    int64_t at[2];
    offsets<2>(t.kept, i, at);
    const T* x = static_cast<const T*>(t.x) + at[0];
    T* y = static_cast<T*>(t.y) + at[1];
    typename Wide<T>::type sum = 0;
    for (int64_t j = 0; j < t.n; ++j) {
      sum += x[j * t.step_x];
      y[j * t.step_y] = static_cast<T>(sum);
    }
  }
}

// Pieces of as many elements as a block has threads, one after the other. Within a piece, each warp makes its running
// sums and adds what stands before it.
template <class T>
__global__ void __launch_bounds__(kThreads) scan_blocks(const __grid_constant__ Task t) {
  using W = typename Wide<T>::type;
  constexpr int warps = kThreads / 32;
  __shared__ W totals[warps];
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  for (int64_t i = blockIdx.x; i < t.kept.size; i += gridDim.x) {
    int64_t at[2];
    offsets<2>(t.kept, i, at);
    const T* x = static_cast<const T*>(t.x) + at[0];
    T* y = static_cast<T*>(t.y) + at[1];
    W carry = 0;
    for (int64_t first = 0; first < t.n; first += kThreads) {
      const int64_t j = first + threadIdx.x;
      W sum = j < t.n ? static_cast<W>(x[j * t.step_x]) : W(0);
#pragma unroll
      for (int delta = 1; delta < 32; delta *= 2) {
        const W before = __shfl_up_sync(kFullWarp, sum, delta);
        if (lane >= delta) sum += before;
      }
      if (lane == 31) totals[warp] = sum;
      __syncthreads();
      W before = carry;
#pragma unroll
      for (int w = 0; w < warps; ++w) {
        if (w < warp) before += totals[w];
        carry += totals[w];
      }
      if (j < t.n) y[j * t.step_y] = static_cast<T>(before + sum);
      __syncthreads();  // before the next piece writes its totals
    }
  }
}

template <class T>
void scan(const Loop& kept, int64_t n, int64_t step_x, int64_t step_y, const void* x, void* y) {
  const Task t{nest_of<2>(kept), n, step_x, step_y, x, y};
  if (t.kept.size == 0 || n == 0) return;
  if (t.kept.size > kMostElements && kept.ndim > 1) return report(cudaErrorInvalidValue);
  const bool across = kept.ndim > 0 && kept.stride[0][kept.ndim - 1] == 1 && kept.shape[kept.ndim - 1] >= 32;
  if (across || n < 32)
    launch(blocks_for(t.kept.size), kThreads, scan_threads<T>, t);
  else
    launch(blocks_for(t.kept.size, 1), kThreads, scan_blocks<T>, t);
}

template <class T>
void fill_scan_of(Kernels& k) {
  k.cumulative_sum[dtype_index<T>] = scan<T>;
}

}  // namespace

void fill_scan(Kernels& k) {
  fill_scan_of<int64_t>(k), fill_scan_of<uint64_t>(k), fill_scan_of<float>(k), fill_scan_of<double>(k);
}

}  // namespace pynn::cuda
