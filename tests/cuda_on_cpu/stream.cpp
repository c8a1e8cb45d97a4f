// Streams and events: queues of work that runs late, in an order that the seed picks among what may run. Launches and
// copies.
#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <memory>

#include "cuda_language.h"
#include "emulation.h"

namespace {
struct Work {
  std::function<bool()> blocked;
  std::function<void()> run;
  char submitted = 0;  // ThreadSanitizer's handle
};
}  // namespace

struct CUstream_st {
  int device;
  std::deque<std::unique_ptr<Work>> queue;
  void* tsan = __tsan_create_fiber(0);
  char clock = 0;
};
struct CUevent_st {
  uint64_t recorded = 0, completed = 0;
  char clock = 0;
};

namespace emulation {
namespace {

std::vector<cudaStream_t> streams;

void step(cudaStream_t s) {
  auto work = std::move(s->queue.front());
  s->queue.pop_front();
  void* const host = __tsan_get_current_fiber();
  __tsan_switch_to_fiber(s->tsan, kNoSync);
  __tsan_acquire(&work->submitted);
  {
    const DeviceAccess access;
    work->run();
    work.reset();
  }
  __tsan_release(&s->clock);
  __tsan_switch_to_fiber(host, kNoSync);
}

bool step_any() {
  std::vector<cudaStream_t> runnable;
  for (cudaStream_t s : streams)
    if (!s->queue.empty() && !(s->queue.front()->blocked && s->queue.front()->blocked())) runnable.push_back(s);
  if (runnable.empty()) return false;
  step(runnable[random_below(runnable.size())]);
  return true;
}

}  // namespace

cudaError_t enqueue(cudaStream_t s, const void* what, std::function<void()> run, std::function<bool()> blocked) {
  if (!s) fail("work for the default stream: name a stream");
  if (cudaError_t e; record(s, what, run, &e)) return e;
  auto work = std::make_unique<Work>(Work{std::move(blocked), std::move(run)});
  __tsan_release(&work->submitted);
  s->queue.push_back(std::move(work));
  while (random_below(4) == 0 && step_any()) {  // sometimes the device is quick
  }
  return cudaSuccess;
}

void drain(cudaStream_t s) {
  const DeviceAccess access;  // one pair of changes of protection for the whole queue
  while (!s->queue.empty())
    if (!step_any()) fail("deadlock: streams wait for events that nothing records");
  __tsan_acquire(&s->clock);
}

void drain_all() {
  for (cudaStream_t s : streams) drain(s);
}

int stream_device(cudaStream_t s) {
  if (!s) fail("work for the default stream: name a stream");
  return s->device;
}

void check_argument(const void* bytes, size_t size, cudaStream_t stream) {
  for (size_t i = 0; i + 8 <= size; i += 8) {
    uint64_t word;
    std::memcpy(&word, static_cast<const char*>(bytes) + i, 8);
    const auto* const p = reinterpret_cast<const void*>(word);
    if (on_device(p)) {
      const int device = device_of(p);
      if (device >= 0 && device != stream_device(stream))
        fail("a kernel of device %d got %p, memory of device %d", stream_device(stream), p, device);
      continue;
    }
    unsigned char resident;
    if (word < (uint64_t{1} << 44) || word >> 47) continue;
    if (mincore(reinterpret_cast<void*>(word & ~uint64_t{4095}), 1, &resident) == 0)
      fail("a kernel's argument holds %p, an address of the host", p);
  }
}

cudaError_t enqueue_kernel(const cudaLaunchConfig_t& c, const void* kernel, std::function<void()> thread_body) {
  const Guard guard(lock());
  const dim3 g = c.gridDim, b = c.blockDim;
  if (!g.x || !g.y || !g.z || !b.x || !b.y || !b.z || g.x > 0x7fffffffu || g.y > 65535 || g.z > 65535 || b.x > 1024 ||
      b.y > 1024 || b.z > 64 || b.x * b.y * b.z > 1024 || c.dynamicSmemBytes)
    return result(cudaErrorInvalidConfiguration);
  void* const fiber = c.stream ? c.stream->tsan : nullptr;
  return enqueue(c.stream, kernel,
                 [g, b, fiber, thread_body = std::move(thread_body)] { run_kernel(g, b, thread_body, fiber); });
}

}  // namespace emulation

using namespace emulation;

extern "C" {

cudaError_t cudaMemcpyAsync(void* to, const void* from, size_t n, cudaMemcpyKind kind, cudaStream_t s) {
  const Guard guard(lock());
  const bool out = on_device(from), in = on_device(to);
  const bool wants_out = kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyDeviceToDevice;
  const bool wants_in = kind == cudaMemcpyHostToDevice || kind == cudaMemcpyDeviceToDevice;
  if (kind != cudaMemcpyDefault && (out != wants_out || in != wants_in)) return result(cudaErrorInvalidMemcpyDirection);
  if (n == 0) return cudaSuccess;
  if (out) check_range(from, n, "source of a copy");
  if (in) check_range(to, n, "destination of a copy");
  if (!out && !is_pinned(from)) {  // pageable: it is staged before the call returns
    auto staged =
        std::make_shared<std::vector<char>>(static_cast<const char*>(from), static_cast<const char*>(from) + n);
    if (spoil(s)) return result(cudaErrorStreamCaptureUnsupported);
    return enqueue(s, &kCopy, [=, staged = std::move(staged)] { std::memcpy(to, staged->data(), n); });
  }
  if (!in && !is_pinned(to) && spoil(s)) return result(cudaErrorStreamCaptureUnsupported);
  const cudaError_t e = enqueue(s, &kCopy, [=] { std::memcpy(to, from, n); });
  if (!in && !is_pinned(to)) drain(s);
  return e;
}

cudaError_t cudaMemcpyPeerAsync(void* to, int to_device, const void* from, int from_device, size_t n, cudaStream_t s) {
  const Guard guard(lock());
  if (n == 0) return cudaSuccess;
  check_range(from, n, "source of a copy");
  check_range(to, n, "destination of a copy");
  if (device_of(to) != to_device || device_of(from) != from_device) return result(cudaErrorInvalidValue);
  return enqueue(s, &kCopy, [=] { std::memcpy(to, from, n); });
}

cudaError_t cudaMemsetAsync(void* p, int value, size_t n, cudaStream_t s) {
  const Guard guard(lock());
  if (n == 0) return cudaSuccess;
  check_range(p, n, "memset");
  return enqueue(s, &kSet, [=] { std::memset(p, value, n); });
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* s, unsigned) {
  const Guard guard(lock());
  streams.push_back(*s = new CUstream_st{current_device(), {}});
  return cudaSuccess;
}
cudaError_t cudaStreamDestroy(cudaStream_t s) {
  const Guard guard(lock());
  drain(s);
  std::erase(streams, s);
  delete s;
  return cudaSuccess;
}
cudaError_t cudaStreamSynchronize(cudaStream_t s) {
  const Guard guard(lock());
  if (spoil(s)) return result(cudaErrorStreamCaptureUnsupported);
  drain(s);
  return cudaSuccess;
}
cudaError_t cudaStreamQuery(cudaStream_t s) {
  const Guard guard(lock());
  if (spoil(s)) return result(cudaErrorStreamCaptureUnsupported);
  step_any();
  if (!s->queue.empty()) return cudaErrorNotReady;
  __tsan_acquire(&s->clock);
  return cudaSuccess;
}
cudaError_t cudaDeviceSynchronize() {
  const Guard guard(lock());
  bool spoilt = false;
  for (cudaStream_t s : streams) spoilt = (s->device == current_device() && spoil(s)) || spoilt;
  if (spoilt) return result(cudaErrorStreamCaptureUnsupported);
  for (cudaStream_t s : streams)
    if (s->device == current_device()) drain(s);
  return cudaSuccess;
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* e, unsigned) {
  const Guard guard(lock());
  *e = new CUevent_st;
  return cudaSuccess;
}
cudaError_t cudaEventDestroy(cudaEvent_t e) {
  const Guard guard(lock());
  drain_all();
  delete e;
  return cudaSuccess;
}
cudaError_t cudaEventRecord(cudaEvent_t e, cudaStream_t s) {
  const Guard guard(lock());
  const uint64_t n = ++e->recorded;
  return enqueue(s, &kEvent, [=] {
    e->completed = std::max(e->completed, n);
    __tsan_release(&e->clock);
  });
}
cudaError_t cudaEventQuery(cudaEvent_t e) {
  const Guard guard(lock());
  step_any();
  if (e->completed < e->recorded) return cudaErrorNotReady;
  __tsan_acquire(&e->clock);
  return cudaSuccess;
}
cudaError_t cudaEventSynchronize(cudaEvent_t e) {
  const Guard guard(lock());
  while (e->completed < e->recorded)
    if (!step_any()) fail("deadlock: an event is waited for that nothing records");
  __tsan_acquire(&e->clock);
  return cudaSuccess;
}
cudaError_t cudaStreamWaitEvent(cudaStream_t s, cudaEvent_t e, unsigned) {
  const Guard guard(lock());
  const uint64_t n = e->recorded;
  return enqueue(s, &kEvent, [=] { __tsan_acquire(&e->clock); }, [=] { return e->completed < n; });
}

}  // extern "C"
