// The one place where (device, ISA, dtype) becomes a function, and where arrays become loop nests.
#pragma once
#include <initializer_list>

#include "core/array.h"
#include "kernels/kernels.h"

namespace pynn::compute {

// The kernels of the device that the array lives on.
const Kernels& kernels(const Array&);

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
