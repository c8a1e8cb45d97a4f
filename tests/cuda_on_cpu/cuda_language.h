// The kernel language of CUDA for a host compiler: put before every .cu file with -include. Types, enumerations and
// the runtime's prototypes are NVIDIA's own (cuda_runtime.h); this adds what nvcc would. One block runs at a time, its
// threads as fibers (block.cpp).
#pragma once
#define __shared__ static  // one block at a time: a static belongs to the block
#define __launch_bounds__(...)
#include <cuda_runtime.h>
#undef __grid_constant__
#define __grid_constant__

#include <cstdint>
#include <cstring>
#include <functional>
#include <tuple>
#include <type_traits>

// Of the CUDA thread that runs.
extern uint3 threadIdx, blockIdx;
extern dim3 blockDim, gridDim;

namespace emulation {

extern unsigned lane;  // in its warp

void sync_block(int line);
void sync_warp(unsigned mask, int line);
// The bits that lane `source` gave; orders no memory.
uint64_t exchange(unsigned mask, uint64_t bits, unsigned source, int line);
unsigned ballot(unsigned mask, bool vote, int line);

// Fails where a word of a kernel's argument is an address that the kernel must not have.
void check_argument(const void* bytes, size_t size, cudaStream_t stream);
cudaError_t enqueue_kernel(const cudaLaunchConfig_t& config, const void* kernel, std::function<void()> thread_body);

template <class... Parameters, class... Arguments>
cudaError_t launch(const cudaLaunchConfig_t* config, void (*kernel)(Parameters...), Arguments&&... arguments) {
  static_assert((std::is_trivially_copyable_v<Parameters> && ...), "arguments are copied byte by byte");
  static_assert((sizeof(Parameters) + ... + 0) <= 4096, "arguments have room for 4 KiB");
  std::tuple<Parameters...> bound(std::forward<Arguments>(arguments)...);
  std::apply([&](const auto&... one) { (check_argument(&one, sizeof one, config->stream), ...); }, bound);
  return enqueue_kernel(*config, reinterpret_cast<const void*>(kernel), [kernel, bound] { std::apply(kernel, bound); });
}

template <class T>
T exchange_value(unsigned mask, T value, unsigned source, int line) {
  static_assert(std::is_arithmetic_v<T> && sizeof(T) <= 8);
  uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof value);
  bits = exchange(mask, bits, source, line);
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

}  // namespace emulation

#define cudaLaunchKernelEx emulation::launch

inline void __syncthreads(int line = __builtin_LINE()) { emulation::sync_block(line); }
inline void __syncwarp(unsigned mask = ~0u, int line = __builtin_LINE()) { emulation::sync_warp(mask, line); }

template <class T>
T __shfl_sync(unsigned mask, T value, int source, int width = 32, int line = __builtin_LINE()) {
  const unsigned from = (emulation::lane & static_cast<unsigned>(-width)) | static_cast<unsigned>(source & (width - 1));
  return emulation::exchange_value(mask, value, from, line);
}
template <class T>
T __shfl_xor_sync(unsigned mask, T value, int bits, int width = 32, int line = __builtin_LINE()) {
  const unsigned from = emulation::lane ^ static_cast<unsigned>(bits);
  const unsigned end = (emulation::lane & static_cast<unsigned>(-width)) + static_cast<unsigned>(width);
  return emulation::exchange_value(mask, value, from < end ? from : emulation::lane, line);
}
template <class T>
T __shfl_up_sync(unsigned mask, T value, unsigned delta, int width = 32, int line = __builtin_LINE()) {
  const bool inside = (emulation::lane & static_cast<unsigned>(width - 1)) >= delta;
  return emulation::exchange_value(mask, value, inside ? emulation::lane - delta : emulation::lane, line);
}
inline unsigned __ballot_sync(unsigned mask, int vote, int line = __builtin_LINE()) {
  return emulation::ballot(mask, vote != 0, line);
}

inline int __popc(unsigned x) { return __builtin_popcount(x); }

// Atomic, and ordering nothing else.
template <class T>
T atomicAdd(T* p, std::type_identity_t<T> value) {
  T before;
  __atomic_load(p, &before, __ATOMIC_RELAXED);
  for (T after = before + value;
       !__atomic_compare_exchange(p, &before, &after, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED);)
    after = before + value;
  return before;
}
