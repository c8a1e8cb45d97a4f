// The elements of a small tensor as an operation saw them: what a drawing of the tape shows. A copy, since the tape
// keeps alive only what derivatives need, and of small tensors of the host only, so that training pays nothing.
#pragma once
#include <cstdint>
#include <memory>

#include "core/array.h"

namespace pynn {

struct Glimpse {
  static constexpr int64_t kMostBytes = 64;
  static constexpr int kMostDims = 8;

  // Of `x`, the operand of that number; `next` itself where x is undefined, empty or too large.
  static std::unique_ptr<Glimpse> of(const Array& x, int operand, std::unique_ptr<Glimpse> next);
  Array array() const;  // in memory of its own

  std::unique_ptr<Glimpse> next;  // of another operand of the same operation
  const void* address;            // where the elements lay: tells which tensor it was
  int32_t operand;
  int8_t ndim;
  Dtype dtype;
  uint8_t shape[kMostDims];
  alignas(8) char elements[kMostBytes];
};

}  // namespace pynn
