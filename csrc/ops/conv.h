// Convolution and pooling of tensors (batch, 1 to 3 spatial axes, channels).
#pragma once
#include <string>

#include "autograd/tape.h"
#include "ops/windows.h"

namespace pynn::ops {

// activation(conv(x, kernel) + bias): kernel (sizes, channels / groups, filters), whose shape gives the groups; bias
// (filters,) or undefined; activation is the name of a unary row, "softmax", or empty.
Tensor conv(const Tensor& x, const Tensor& kernel, const Tensor& bias, const std::string& activation, const Moves&);
// Each channel by itself: kernel (sizes, channels, filters of each).
Tensor depthwise_conv(const Tensor& x, const Tensor& kernel, const Moves&);
// The gradient of conv with respect to its input, as an operation: kernel (sizes, filters, channels).
Tensor conv_transpose(const Tensor& x, const Tensor& kernel, const Moves&, const Dims* output_padding);

// The gradient goes to the first of the largest.
Tensor max_pool(const Tensor& x, const Dims& size, const Dims& stride, const Padding&);
// Of the positions inside of x.
Tensor average_pool(const Tensor& x, const Dims& size, const Dims& stride, const Padding&);

}  // namespace pynn::ops
