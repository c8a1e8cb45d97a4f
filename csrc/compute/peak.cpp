#include "compute/peak.h"

#include "compute/dispatch.h"
#include "core/error.h"

namespace pynn::compute {

double fma_peak(int64_t iterations, Dtype dtype) {
  const FmaPeakFn fn = cpu_kernels().fma_peak[static_cast<int>(dtype)];
  if (!fn) no_kernel("_fma", dtype, false);
  return fn(iterations);
}

void copy_peak(const Array& x, const Array& y, int64_t repeats) {
  if (!x.is_contiguous() || !y.is_contiguous() || x.dtype != y.dtype || x.size() != y.size())
    throw ValueError("_copy: needs two contiguous tensors of one size and dtype");
  if (!y.storage->writable()) throw ValueError("_copy: needs a writable tensor");
  if (!x.device().is_cpu() || !y.device().is_cpu()) throw ValueError("_copy: needs tensors of the host");
  cpu_kernels().copy_peak(x.size() * static_cast<int64_t>(itemsize(x.dtype)), repeats, x.data(), y.data());
  y.storage->changed();
}

}  // namespace pynn::compute
