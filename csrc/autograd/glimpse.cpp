#include "autograd/glimpse.h"

#include <cstring>

namespace pynn {

std::unique_ptr<Glimpse> Glimpse::of(const Array& x, int operand, std::unique_ptr<Glimpse> next) {
  const int64_t size = x.size(), item = static_cast<int64_t>(itemsize(x.dtype));
  if (!x.storage || !x.device().is_cpu() || size == 0 || size > kMostBytes / item || x.ndim() > kMostDims) return next;
  std::unique_ptr<Glimpse> seen(new Glimpse);  // not make_unique, which would set all elements to 0 first
  seen->next = std::move(next);
  seen->address = x.data();
  seen->operand = operand;
  seen->ndim = static_cast<int8_t>(x.ndim());
  seen->dtype = x.dtype;
  for (int d = 0; d < x.ndim(); ++d) seen->shape[d] = static_cast<uint8_t>(x.shape[d]);
  // Counts through the indices, whose last moves fastest; the place in memory follows the strides.
  Dims index(x.ndim(), 0);
  const char* from = x.data();
  for (int64_t i = 0; i < size; ++i) {
    std::memcpy(seen->elements + i * item, from, static_cast<size_t>(item));
    for (int d = x.ndim() - 1; d >= 0; --d) {
      from += x.strides[d] * item;
      if (++index[d] < x.shape[d]) break;
      from -= x.strides[d] * item * x.shape[d];
      index[d] = 0;
    }
  }
  return seen;
}

Array Glimpse::array() const {
  Shape s;
  for (int d = 0; d < ndim; ++d) s.push_back(shape[d]);
  Array x = Array::empty(s, dtype);
  std::memcpy(x.data(), elements, static_cast<size_t>(x.size()) * itemsize(dtype));
  return x;
}

}  // namespace pynn
