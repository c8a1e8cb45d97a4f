// What the emulation's own files share: random choices, failures, and the words that sanitizers want to hear.
// These files are compiled without -fsanitize=thread: they tell ThreadSanitizer about fibers and order themselves.
#pragma once
#include <cuda_runtime.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#define EMULATION_ASAN 1
#else
#define EMULATION_ASAN 0
#define ASAN_POISON_MEMORY_REGION(p, n) static_cast<void>(0)
#define ASAN_UNPOISON_MEMORY_REGION(p, n) static_cast<void>(0)
#endif

#ifdef EMULATION_TSAN
#include <sanitizer/tsan_interface.h>
constexpr bool kTsan = true;
#else
constexpr bool kTsan = false;
inline void* __tsan_create_fiber(unsigned) { return nullptr; }
inline void __tsan_destroy_fiber(void*) {}
inline void* __tsan_get_current_fiber() { return nullptr; }
inline void __tsan_switch_to_fiber(void*, unsigned) {}
inline void __tsan_acquire(void*) {}
inline void __tsan_release(void*) {}
#endif

namespace emulation {

constexpr int kDevices = 2;      // emulated, at most
constexpr unsigned kNoSync = 1;  // a switch of fibers orders nothing: only barriers, streams and events do

// Ends the process: the program has a fault that a GPU might have hidden.
[[noreturn]] __attribute__((format(printf, 1, 2))) void fail(const char* format, ...);

unsigned random_below(size_t n);  // from the seed in PYNN_CUDA_SEED
template <class T>
T take_random(std::vector<T>& v) {
  std::swap(v[random_below(v.size())], v.back());
  T x = v.back();
  v.pop_back();
  return x;
}

// Held in every function of the runtime: Python has threads.
std::recursive_mutex& lock();
using Guard = std::lock_guard<std::recursive_mutex>;

// Keeps an error for cudaGetLastError.
cudaError_t result(cudaError_t);

// block.cpp. `fiber`: ThreadSanitizer's name of what calls.
void run_kernel(dim3 grid, dim3 threads, const std::function<void()>& thread_body, void* fiber);

// memory.cpp
bool on_device(const void*);
int device_of(const void*);  // of a live allocation that holds the address, else -1
void check_range(const void*, size_t bytes, const char* what);
bool is_pinned(const void*);
// While one lives, device memory can be touched.
struct DeviceAccess {
  DeviceAccess();
  ~DeviceAccess();
};

// stream.cpp. `what` runs: a kernel, or the kind of other work. `blocked`: whether it has to wait.
cudaError_t enqueue(cudaStream_t, const void* what, std::function<void()> run, std::function<bool()> blocked = nullptr);
void drain(cudaStream_t);
void drain_all();
int stream_device(cudaStream_t);
int current_device();

// graph.cpp. Each kind of work that is no kernel is the address of one of these.
extern const char kCopy, kSet, kMemory, kEvent;
using Nodes = std::vector<std::pair<const void*, std::function<void()>>>;  // what, and how it runs
// Records work where the stream records; `*e` is then what enqueue() returns.
bool record(cudaStream_t, const void* what, const std::function<void()>& run, cudaError_t* e);
// Ends the recording of a stream that is waited for, and says whether there was one.
bool spoil(cudaStream_t);

}  // namespace emulation
