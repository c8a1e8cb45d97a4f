// Bytes that come as arguments of a kernel: a copy from the host that a graph can hold.
#include "kernels/cuda/launch.h"

namespace pynn::cuda {
namespace {

struct Bytes {
  unsigned char at[kThreads];
};

__global__ void put_bytes(unsigned char* to, const __grid_constant__ Bytes bytes, int n) {
  const int i = static_cast<int>(threadIdx.x);
  if (i < n) to[i] = bytes.at[i];
}

}  // namespace

void put_immediate(void* to, const void* from, size_t bytes) {
  auto* target = static_cast<unsigned char*>(to);
  const auto* source = static_cast<const unsigned char*>(from);
  for (size_t n; bytes > 0; target += n, source += n, bytes -= n) {
    n = bytes < kThreads ? bytes : kThreads;
    Bytes part{};
    for (size_t i = 0; i < n; ++i) part.at[i] = source[i];
    launch(dim3(1), dim3(kThreads), put_bytes, target, part, static_cast<int>(n));
  }
}

}  // namespace pynn::cuda
