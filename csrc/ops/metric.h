// Running means and checks of labels, each in one call: what a training step does beside its gradient.
#pragma once
#include <optional>

#include "autograd/tensor.h"

namespace pynn::ops {

// Sets a 0-d tensor, in place.
void put(const Tensor& x, double value);
// Adds a batch to a running mean, held as a total and a count, both 0-d floats. The first axis of `values` are samples,
// and each counts as the mean of its values; with a weight, the batch counts as one value of that weight.
void accumulate_mean(const Tensor& total, const Tensor& count, const Tensor& values, std::optional<double> weight);
// total / count, in total's type; 0 where the count is 0.
Tensor running_mean(const Tensor& total, const Tensor& count);
// Whether the highest of the scores (..., C) is that of the class, bool (...): y holds one-hot rows (..., C), or else
// labels (...).
Tensor class_matches(const Tensor& y, const Tensor& scores);
// Whether every element is a whole number in [0, classes).
bool are_classes(const Tensor& labels, int64_t classes);

}  // namespace pynn::ops
