// Combining elements along axes.
#pragma once
#include "core/array.h"
#include "kernels/kernels.h"

namespace pynn::compute {

// x combined over `axes` (rising). `out` is the type of the result.
Array reduce(const char* op, Reduction kind, const Array& x, const Axes& axes, bool keepdims, Dtype out);

// g summed over the axes along which `shape` was broadcast to g's shape.
Array sum_to(const Array& g, const Shape& shape);

Array cumulative_sum(const Array& x, int axis);
Array cumulative_prod(const Array& x, int axis);

// Rows along the last axis of a row-major array.
Array softmax(const Array& x);
Array softmax_grad(const Array& g, const Array& y);
Array log_softmax(const Array& x);
Array log_softmax_grad(const Array& g, const Array& y);

// The loss of each row of x (B, C), logits or probabilities, and the gradient of each row's loss if `with_gradient`.
struct CrossEntropy {
  Array loss, gradient;
};
// int64 labels (B,)
CrossEntropy sparse_cross_entropy(const Array& x, const Array& labels, bool from_logits, bool with_gradient);
// targets (B, C)
CrossEntropy dense_cross_entropy(const Array& x, const Array& targets, bool from_logits, bool with_gradient);

// The permutation (int64) that sorts along the last axis of a row-major array, stably, NaN last.
Array argsort(const char* op, const Array& x, bool descending);

}  // namespace pynn::compute
