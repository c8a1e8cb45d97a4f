// The one place where (device, ISA, dtype) becomes a function, and where arrays become loop nests.
#pragma once
#include <initializer_list>
#include <span>

#include "core/array.h"
#include "core/backend.h"
#include "kernels/kernels.h"

namespace pynn::compute {

// The kernels of the device that the operands live on, ready to be called from this thread. Throws DeviceError where
// they live on different ones. `op` is the operation's name. To be called right before the kernel, after other work.
template <class... More>
const Kernels& kernels(const char* op, const Array& x, const More&... more);

// To be called after each kernel: throws DeviceError naming the operation where the device failed.
inline void finished(const char* op, const Array& y) {
  if (!y.device().is_cpu()) check_backend(op, y.device());
}

// Throws DeviceError, saying which is where, unless all are on one device.
void same_device(const char* op, std::span<const Array* const>);
const Kernels& device_kernels(const char* op, std::span<const Array* const>);

template <class... More>
const Kernels& kernels(const char* op, const Array& x, const More&... more) {
  if (x.device().is_cpu() && (more.device().is_cpu() && ...)) return cpu_kernels();
  const Array* const all[] = {&x, &more...};
  return device_kernels(op, all);
}

// Throws DtypeError "op is not defined for dtype" where fn is null; `float32`: whether converting would help.
template <class Fn>
Fn require(Fn fn, const char* op, Dtype dtype);
[[noreturn]] void no_kernel(const char* op, Dtype dtype, bool float32 = true);

template <class Fn>
Fn require(Fn fn, const char* op, Dtype dtype) {
  if (!fn) no_kernel(op, dtype);
  return fn;
}

// The minimal nest over arrays of one shape: no axes of size 1, axes that are one in all operands merged.
Loop nest(std::initializer_list<const Array*> operands);

}  // namespace pynn::compute
