// How kernels are launched: a size of grid for n elements, one launch() that checks, and memory for the time of a call.
#pragma once
#include <cstdint>

#include "kernels/cuda/runtime.h"

namespace pynn::cuda {
namespace {

constexpr int kThreads = 256;  // of a block, unless its kernel says otherwise
// Blocks on a multiprocessor at least. Of kernels that call NVIDIA's functions, whom ptxas else gives so few registers
// that they spill.
constexpr int kResident = 4;
// Of a loop over elements, at most: enough to fill any device, then threads go round.
constexpr int64_t kMostBlocks = kSample ? 3 : 4096;

inline int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }
inline int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }
inline int64_t most(int64_t a, int64_t b) { return a > b ? a : b; }

// Blocks for n elements, one a thread, or several where there are many. A kernel strides by the size of the grid.
inline dim3 blocks_for(int64_t n, int threads = kThreads) {
  return dim3(static_cast<unsigned>(most(least(ceil_div(n, threads), kMostBlocks), 1)));
}

__device__ __forceinline__ int64_t thread_index() { return int64_t{blockIdx.x} * blockDim.x + threadIdx.x; }
__device__ __forceinline__ int64_t grid_threads() { return int64_t{gridDim.x} * blockDim.x; }

template <class... Parameters, class... Arguments>
void launch(dim3 grid, dim3 block, void (*kernel)(Parameters...), const Arguments&... arguments) {
  cudaLaunchConfig_t config{};
  config.gridDim = grid;
  config.blockDim = block;
  config.stream = current_stream();
  report(cudaLaunchKernelEx(&config, kernel, static_cast<Parameters>(arguments)...));
}

// Device memory until the end of the call that makes it, in the order of the stream.
class Scratch {
 public:
  explicit Scratch(int64_t bytes) : bytes_(static_cast<size_t>(bytes)) {
    if (bytes > 0) data_ = take_block(bytes_);
  }
  ~Scratch() {
    if (data_) give_block(data_, bytes_);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  void* data() const { return data_; }

 private:
  size_t bytes_;
  void* data_ = nullptr;
};

}  // namespace
}  // namespace pynn::cuda
