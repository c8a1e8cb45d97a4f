// Random numbers from a generator that counts: equal seeds give equal numbers, whatever the threads or the processor.
#pragma once
#include <atomic>

#include "autograd/tape.h"

namespace pynn::ops {

class Generator {
 public:
  explicit Generator(uint64_t seed) { reseed(seed); }
  void reseed(uint64_t seed);
  uint64_t seed() const { return seed_; }
  uint64_t counter() const { return counter_; }
  void set_counter(uint64_t c) { counter_ = c; }

  Tensor uniform(const Shape&, double low, double high, Dtype, Device = {});  // [low, high)
  Tensor normal(const Shape&, double mean, double deviation, Dtype, Device = {});
  Tensor bernoulli(const Shape&, double p, Dtype, Device = {});                  // 1 with probability p
  Tensor integers(const Shape&, int64_t low, int64_t last, Dtype, Device = {});  // [low, last]: so both fit
  Tensor permutation(int64_t n, Device = {});                                    // of 0..n-1, int64

 private:
  uint64_t seed_ = 0, key_ = 0;
  std::atomic<uint64_t> counter_{0};
};

// x with a fraction `rate` of its elements at 0 and the others divided by 1 - rate (Srivastava et al. 2014).
Tensor dropout(const Tensor& x, double rate, Generator&);

}  // namespace pynn::ops
