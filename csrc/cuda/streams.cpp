#include "cuda/streams.h"

#include <mutex>
#include <string>

#include "cuda/graph.h"
#include "kernels/cuda/runtime.h"

namespace pynn::cuda {
namespace {

constexpr int kMostDevices = 64;

// A stream is never destroyed, since others keep its handle: a thread that ends leaves its streams to the next one.
struct Pool {
  std::mutex mutex;
  std::vector<cudaStream_t> all[kMostDevices], idle[kMostDevices];
};
Pool& pool() {
  static Pool* const made = new Pool;  // outlives every thread
  return *made;
}

struct ThreadStreams {
  cudaStream_t on[kMostDevices] = {};
  ~ThreadStreams() {
    const std::lock_guard lock(pool().mutex);
    for (int d = 0; d < kMostDevices; ++d)
      if (on[d]) pool().idle[d].push_back(on[d]);
  }
};
thread_local ThreadStreams thread_streams;
thread_local int current = 0;  // as the runtime has it for a new thread
thread_local std::string problem, told;

cudaStream_t make_stream(int device) {
  const std::lock_guard lock(pool().mutex);
  auto& idle = pool().idle[device];
  if (!idle.empty()) {
    const cudaStream_t s = idle.back();
    idle.pop_back();
    return s;
  }
  const OnDevice there(device);
  cudaStream_t s = nullptr;
  if (!check(cudaStreamCreateWithFlags(&s, cudaStreamNonBlocking))) return nullptr;
  pool().all[device].push_back(s);
  return s;
}

}  // namespace

cudaStream_t stream_of(int device) {
  cudaStream_t& s = thread_streams.on[device];
  if (!s) s = make_stream(device);
  return s;
}

std::vector<cudaStream_t> streams_on(int device) {
  const std::lock_guard lock(pool().mutex);
  return pool().all[device];
}

bool order(cudaStream_t earlier, cudaStream_t later) {
  if (earlier == later) return true;
  cudaEvent_t event;
  if (!check(cudaEventCreateWithFlags(&event, cudaEventDisableTiming))) return false;
  const bool done = check(cudaEventRecord(event, earlier)) && check(cudaStreamWaitEvent(later, event, 0));
  cudaEventDestroy(event);  // it lives until it is no more waited for
  return done;
}

bool check(cudaError_t e) {
  if (e == cudaSuccess) return true;
  cudaGetLastError();  // the runtime keeps it too
  if (problem.empty()) problem = std::string(cudaGetErrorString(e)) + " (" + cudaGetErrorName(e) + ")";
  return false;
}

void report_text(const char* text) {
  if (problem.empty()) problem = text;
}

const char* take_error() {
  if (problem.empty()) return nullptr;
  told.swap(problem);
  problem.clear();
  return told.c_str();
}

bool use(int device) {
  if (device == current) return true;
  if (!check(cudaSetDevice(device))) return false;
  current = device;
  return true;
}

int device_in_use() { return current; }

bool synchronize(int device) {
  if (refuse("a graph is recorded: no value is there yet")) return false;
  const OnDevice there(device);
  bool done = true;
  for (const cudaStream_t s : streams_on(device)) done = check(cudaStreamSynchronize(s)) && done;
  return done;
}

OnDevice::OnDevice(int device) : before_(current) { use(device); }
OnDevice::~OnDevice() { use(before_); }

// For the kernels (kernels/cuda/runtime.h).
cudaStream_t current_stream() { return work_stream(current); }
void report(cudaError_t e) { check(e); }

}  // namespace pynn::cuda
