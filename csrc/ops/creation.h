// New tensors from nothing but numbers.
#pragma once
#include <vector>

#include "autograd/tape.h"

namespace pynn::ops {

Tensor arange(double start, double stop, double step, Dtype dtype, Device = {});
Tensor arange(int64_t start, int64_t stop, int64_t step, Dtype dtype, Device = {});
// n numbers from start to stop, evenly spaced; stop is the last one if `endpoint`.
Tensor linspace(double start, double stop, int64_t n, Dtype dtype, bool endpoint, Device = {});
Tensor eye(int64_t rows, int64_t columns, int64_t k, Dtype dtype, Device = {});
// One tensor an input, all of the shape that the inputs span; "xy" swaps the first two axes.
std::vector<Tensor> meshgrid(const std::vector<Tensor>& xs, bool ij);

}  // namespace pynn::ops
