#include "compute/random.h"

#include "compute/dispatch.h"

namespace pynn::compute {

Array random(Distribution distribution, const RandomDraw& draw, const Shape& shape, Dtype dtype, Device device) {
  Array y = Array::empty(shape, dtype, device);
  const Kernels& k = kernels("random", y);
  const int index = static_cast<int>(dtype);
  const RandomFn fn = distribution == Distribution::uniform  ? k.uniform[index]
                      : distribution == Distribution::normal ? k.normal[index]
                                                             : k.bernoulli[index];
  require(fn, "random", dtype)(draw, y.size(), y.data());
  finished("random", y);
  return y;
}

Array random_integers(const RandomDraw& draw, int64_t low, uint64_t range, const Shape& shape, Device device) {
  Array y = Array::empty(shape, Dtype::int64, device);
  kernels("random", y).integers(draw, low, range, y.size(), reinterpret_cast<int64_t*>(y.data()));
  finished("random", y);
  return y;
}

uint64_t counters_used(int64_t n, Dtype dtype) {
  const auto count = static_cast<uint64_t>(n);
  return dtype == Dtype::float32 ? (count + 3) / 4 : (count + 1) / 2;  // see RandomDraw
}

}  // namespace pynn::compute
