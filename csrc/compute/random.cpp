#include "compute/random.h"

#include "compute/dispatch.h"

namespace pynn::compute {

Array random(Distribution distribution, const RandomDraw& draw, const Shape& shape, Dtype dtype) {
  Array y = Array::empty(shape, dtype);
  const Kernels& k = kernels(y);
  const int index = static_cast<int>(dtype);
  const RandomFn fn = distribution == Distribution::uniform  ? k.uniform[index]
                      : distribution == Distribution::normal ? k.normal[index]
                                                             : k.bernoulli[index];
  require(fn, "random", dtype)(draw, y.size(), y.data());
  return y;
}

Array random_integers(const RandomDraw& draw, int64_t low, uint64_t range, const Shape& shape) {
  Array y = Array::empty(shape, Dtype::int64);
  kernels(y).integers(draw, low, range, y.size(), y.as<int64_t>());
  return y;
}

uint64_t counters_used(int64_t n, Dtype dtype) {
  const auto count = static_cast<uint64_t>(n);
  return dtype == Dtype::float32 ? (count + 3) / 4 : (count + 1) / 2;  // see RandomDraw
}

}  // namespace pynn::compute
