// Copies, streams and events as the backend uses them: what is right here passes, and the mutants of this file show
// that the emulation finds what is not.
#include "check.h"
#include "kernels/cuda/launch.h"

using namespace check;
using pynn::cuda::kThreads;

namespace {

__global__ void add_one(int64_t n, const float* x, float* y) {
  const int64_t i = pynn::cuda::thread_index();
  if (i < n) y[i] = x[i] + 1;
}

void launch_on(cudaStream_t s, int64_t n, const float* x, float* y) {
  cudaLaunchConfig_t config{};
  config.gridDim = dim3(static_cast<unsigned>((n + kThreads - 1) / kThreads));
  config.blockDim = dim3(kThreads);
  config.stream = s;
  must(cudaLaunchKernelEx(&config, add_one, n, x, y));
}

struct Event {
  cudaEvent_t handle;
  Event() { must(cudaEventCreateWithFlags(&handle, cudaEventDisableTiming)); }
  ~Event() { must(cudaEventDestroy(handle)); }
};
struct Stream {
  cudaStream_t handle;
  Stream() { must(cudaStreamCreateWithFlags(&handle, cudaStreamNonBlocking)); }
  ~Stream() { must(cudaStreamDestroy(handle)); }
};

constexpr int64_t n = 1000;

}  // namespace

// One stream writes, another one reads.
CHECK_CASE(streams) {
  Stream first, second;
  Event written, read;
  const auto x = noise<float>(n);
  Device<float> a(x), b(n), c(n);
  must(cudaStreamSynchronize(stream()));
  launch_on(first.handle, n, a.data(), b.data());
  must(cudaEventRecord(written.handle, first.handle));
  must(cudaStreamWaitEvent(second.handle, written.handle, 0));
  launch_on(second.handle, n, b.data(), c.data());
  must(cudaEventRecord(read.handle, second.handle));
  must(cudaStreamWaitEvent(stream(), read.handle, 0));
  auto expected = x;
  for (float& value : expected) value += 2;
  expect_close("streams", c.host(), expected, 1e-6);
}

// A pinned buffer is read after the copy is done.
CHECK_CASE(pinned) {
  const auto x = noise<float>(n);
  Device<float> a(x);
  float* host;
  must(cudaMallocHost(reinterpret_cast<void**>(&host), n * sizeof(float)));
  must(cudaMemcpyAsync(host, a.data(), n * sizeof(float), cudaMemcpyDeviceToHost, stream()));
  must(cudaStreamSynchronize(stream()));
  const std::vector<float> got(host, host + n);
  must(cudaFreeHost(host));
  expect_equal("pinned", got, x);
}

// A block that was freed is not used any more; one that two streams use is freed after both.
CHECK_CASE(lifetime) {
  Stream other;
  Event done;
  const auto x = noise<float>(n);
  Device<float> a(x), c(n);
  must(cudaStreamSynchronize(stream()));
  float* b;
  must(cudaMallocAsync(reinterpret_cast<void**>(&b), n * sizeof(float), stream()));
  launch_on(stream(), n, a.data(), b);
  must(cudaEventRecord(done.handle, stream()));
  must(cudaStreamWaitEvent(other.handle, done.handle, 0));
  launch_on(other.handle, n, b, c.data());
  must(cudaEventRecord(done.handle, other.handle));
  must(cudaStreamWaitEvent(stream(), done.handle, 0));
  must(cudaFreeAsync(b, stream()));
  auto expected = x;
  for (float& value : expected) value += 2;
  expect_close("lifetime", c.host(), expected, 1e-6);
}

// The host touches device memory through copies alone.
CHECK_CASE(host_access) {
  std::vector<float> x = noise<float>(n);
  Device<float> a(x), b(n);
  const float* const from = a.data();
  launch_on(stream(), n, from, b.data());
  const auto got = b.host();
  for (float& value : x) value += 1;
  expect_close("host access", got, x, 1e-6);
}
