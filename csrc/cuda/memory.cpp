#include "cuda/memory.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>

#include "core/backend.h"
#include "cuda/graph.h"
#include "cuda/streams.h"
#include "kernels/cuda/runtime.h"

namespace pynn::cuda {
namespace {

constexpr int kMostDevices = 64;
std::atomic<size_t> in_use[kMostDevices];
std::atomic<bool> keeps[kMostDevices];  // whether the pool was told to

// The driver's pool gives freed blocks to the next allocation; it would give them back at each synchronisation.
void keep_blocks(int device) {
  if (keeps[device].exchange(true)) return;
  cudaMemPool_t pool;
  uint64_t threshold = UINT64_MAX;
  if (check(cudaDeviceGetDefaultMemPool(&pool, device)))
    check(cudaMemPoolSetAttribute(pool, cudaMemPoolAttrReleaseThreshold, &threshold));
}

// Pinned memory through which the host's data goes: while one half is copied to the device, the other one is filled.
struct Staging {
  static constexpr size_t kBytes = size_t{1} << 20;
  char* halves[2] = {};
  cudaEvent_t done[2] = {};
  int next = 0;
  bool ready() {
    if (halves[0]) return true;
    for (int i = 0; i < 2; ++i)
      if (!check(cudaEventCreateWithFlags(&done[i], cudaEventDisableTiming)) ||
          !check(cudaMallocHost(reinterpret_cast<void**>(&halves[i]), kBytes)))
        return false;
    return true;
  }
};
// Of each thread and device. Left to the process's end: a thread may end after the driver has.
Staging& staging(int device) {
  static thread_local Staging* buffers[kMostDevices] = {};
  if (!buffers[device]) buffers[device] = new Staging;
  return *buffers[device];
}

// While a graph is recorded, more is not copied from the host: numbers and shapes need no more.
constexpr size_t kImmediate = 1024;

bool copy_in(char* to, int device, const char* from, size_t bytes) {
  const OnDevice there(device);
  if (is_recording()) {  // the staging buffer will hold something else when the graph runs
    if (refuse_device(device)) return false;
    if (bytes > kImmediate) return !refuse("a graph is recorded: no array can be copied from the host");
    put_immediate(to, from, bytes);
    return true;
  }
  const cudaStream_t s = stream_of(device);
  Staging& staged = staging(device);
  if (!s || !staged.ready()) return false;
  while (bytes > 0) {
    const int half = staged.next;
    staged.next = 1 - half;
    const size_t n = std::min(bytes, Staging::kBytes);
    if (!check(cudaEventSynchronize(staged.done[half]))) return false;
    std::memcpy(staged.halves[half], from, n);
    if (!check(cudaMemcpyAsync(to, staged.halves[half], n, cudaMemcpyHostToDevice, s)) ||
        !check(cudaEventRecord(staged.done[half], s)))
      return false;
    to += n, from += n, bytes -= n;
  }
  return true;
}

bool copy_out(void* to, const void* from, int device, size_t bytes) {
  if (refuse("a graph is recorded: no value is there yet")) return false;
  const cudaStream_t s = stream_of(device);
  return s && check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToHost, s)) && check(cudaStreamSynchronize(s));
}

// What comes later on either stream finds the copy done.
bool copy_across(void* to, int to_device, const void* from, int from_device, size_t bytes) {
  if (refuse_device(from_device) || refuse_device(to_device)) return false;
  const cudaStream_t source = work_stream(from_device), target = work_stream(to_device);
  if (!source || !target) return false;
  if (to_device == from_device) return check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToDevice, target));
  bool done;
  {
    const OnDevice there(from_device);  // an event is of the device of its stream
    done = order(source, target);
  }
  const OnDevice there(to_device);
  return done && check(cudaMemcpyPeerAsync(to, to_device, from, from_device, bytes, target)) && order(target, source);
}

}  // namespace

void* allocate(size_t bytes, int device) {
  keep_blocks(device);
  const cudaStream_t s = stream_of(device);
  if (!s) return nullptr;
  const size_t size = std::max<size_t>(bytes, 1);
  void* block = reuse(size, device);
  if (block) {
    in_use[device] += bytes;
    return block;
  }
  cudaError_t e = cudaMallocAsync(&block, size, s);
  if (e == cudaErrorMemoryAllocation) {  // what is cached, and what is about to be freed, may suffice
    cudaGetLastError();
    if (refuse("out of memory")) return nullptr;
    synchronize(device);
    release(device);
    e = cudaMallocAsync(&block, size, s);
  }
  if (!check(e)) return nullptr;
  in_use[device] += bytes;
  return block;
}

void deallocate(void* block, size_t bytes, int device, void* stream) {
  if (!block) return;
  in_use[device] -= bytes;
  if (!keep(block, std::max<size_t>(bytes, 1), device, static_cast<cudaStream_t>(stream)))
    give_back(block, device, stream);
}

// The process may be ending, and the driver be gone: no error is kept.
void give_back(void* block, int device, void* stream) {
  auto s = static_cast<cudaStream_t>(stream);
  if (!s) {
    s = stream_of(device);
    if (!s) return;
    const OnDevice there(device);
    for (const cudaStream_t other : streams_on(device)) order(other, s);
  }
  if (cudaFreeAsync(block, s) != cudaSuccess) cudaGetLastError();
}

void release(int device) {
  cudaMemPool_t pool;
  if (check(cudaDeviceGetDefaultMemPool(&pool, device))) check(cudaMemPoolTrimTo(pool, 0));
}

bool copy(void* to, int to_device, const void* from, int from_device, size_t bytes) {
  if (bytes == 0) return true;
  if (from_device == kHost && to_device == kHost) return std::memcpy(to, from, bytes), true;
  if (from_device == kHost) return copy_in(static_cast<char*>(to), to_device, static_cast<const char*>(from), bytes);
  if (to_device == kHost) return copy_out(to, from, from_device, bytes);
  return copy_across(to, to_device, from, from_device, bytes);
}

bool zero(void* block, size_t bytes, int device) {
  if (refuse_device(device)) return false;
  const cudaStream_t s = work_stream(device);
  return bytes == 0 || (s && check(cudaMemsetAsync(block, 0, bytes, s)));
}

bool memory(int device, size_t* free, size_t* total, size_t* held) {
  const OnDevice there(device);
  cudaMemPool_t pool;
  uint64_t reserved = 0;
  if (!check(cudaMemGetInfo(free, total)) || !check(cudaDeviceGetDefaultMemPool(&pool, device)) ||
      !check(cudaMemPoolGetAttribute(pool, cudaMemPoolAttrReservedMemCurrent, &reserved)))
    return false;
  *held = std::max<size_t>(reserved, in_use[device]);
  return true;
}

// For the kernels (kernels/cuda/runtime.h).
void* take_block(size_t bytes) { return allocate(bytes, device_in_use()); }
void give_block(void* block, size_t bytes) { deallocate(block, bytes, device_in_use(), stream_of(device_in_use())); }

}  // namespace pynn::cuda
