// Combining elements along axes, and what is built of it.
#pragma once
#include "autograd/tape.h"

namespace pynn::ops {

using AxesArgument = std::optional<Dims>;  // nullopt: all axes

// Integers and booleans are summed and multiplied as 64-bit integers.
Tensor sum(const Tensor& x, const AxesArgument& axes = {}, bool keepdims = false);
Tensor prod(const Tensor& x, const AxesArgument& axes = {}, bool keepdims = false);
// How many elements are not 0, int64.
Tensor count_nonzero(const Tensor& x, const AxesArgument& axes = {}, bool keepdims = false);
// Integers are averaged as float32.
Tensor mean(const Tensor& x, const AxesArgument& axes = {}, bool keepdims = false);
// The gradient of an element of x for that of the mean of all of them.
Tensor mean_gradient(const Tensor& g, const Tensor& x);
// Where several elements are the extreme, they share the gradient.
Tensor max(const Tensor& x, const AxesArgument& axes = {}, bool keepdims = false);
Tensor min(const Tensor& x, const AxesArgument& axes = {}, bool keepdims = false);
// sum((x - mean)**2) / (N - correction).
Tensor var(const Tensor& x, const AxesArgument& axes, double correction, bool keepdims);
Tensor std_dev(const Tensor& x, const AxesArgument& axes, double correction, bool keepdims);
Tensor all(const Tensor& x, const AxesArgument& axes = {}, bool keepdims = false);
Tensor any(const Tensor& x, const AxesArgument& axes = {}, bool keepdims = false);
// int64 positions of the first extreme; without an axis, in the flattened tensor.
Tensor argmax(const Tensor& x, const std::optional<int64_t>& axis, bool keepdims);
Tensor argmin(const Tensor& x, const std::optional<int64_t>& axis, bool keepdims);
Tensor cumulative_sum(const Tensor& x, int64_t axis);
Tensor cumulative_prod(const Tensor& x, int64_t axis);
// The differences of neighbours along an axis, n times over.
Tensor diff(const Tensor& x, int64_t axis, int64_t n);
Tensor logsumexp(const Tensor& x, const AxesArgument& axes = {}, bool keepdims = false);
// (sum |x|**order)**(1 / order); order may be infinite. The derivative at a zero vector is 0.
Tensor norm(const Tensor& x, double order, const AxesArgument& axes, bool keepdims);

Tensor softmax(const Tensor& x, int64_t axis);
// The gradient of x for that of y = softmax(x), both row-major, along the last axis.
Tensor softmax_gradient(const Tensor& g, const Tensor& y);
Tensor log_softmax(const Tensor& x, int64_t axis);

// Sorting along an axis, stably, NaN last.
Tensor argsort(const Tensor& x, int64_t axis, bool descending);
Tensor sort(const Tensor& x, int64_t axis, bool descending);

}  // namespace pynn::ops
