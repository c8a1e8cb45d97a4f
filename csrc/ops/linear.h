// Matrix products and what is built of them.
#pragma once
#include <string>
#include <vector>

#include "autograd/tape.h"
#include "ops/elementwise.h"

namespace pynn::ops {

// As the array API: vectors, matrices, stacks of matrices with broadcast batch axes.
Tensor matmul(const Tensor& x1, const Tensor& x2);
// activation(x @ kernel + bias) in one pass: x (..., K), kernel (K, N), bias (N,) or undefined; activation is the name
// of a unary row, "softmax", or empty.
Tensor linear(const Tensor& x, const Tensor& kernel, const Tensor& bias, const std::string& activation);
Tensor linear(const Tensor& x, const Tensor& kernel, const Tensor& bias, const Activation& activation);
// Its derivatives, for who walks back without a tape: the gradients of x (rows, K), the kernel and the bias for that of
// x @ kernel + bias.
Tensor linear_x_gradient(const Tensor& g, const Tensor& kernel);
Tensor linear_kernel_gradient(const Tensor& g, const Tensor& x, const Place&);
Tensor linear_bias_gradient(const Tensor& g);
Tensor dot(const Tensor& x1, const Tensor& x2);
Tensor tensordot(const Tensor& x1, const Tensor& x2, const Dims& axes1, const Dims& axes2);
// Sums of products along an axis of both; the other axes broadcast.
Tensor vecdot(const Tensor& x1, const Tensor& x2, int64_t axis);
// The vector products of vectors of three along an axis of both; the other axes broadcast.
Tensor cross(const Tensor& x1, const Tensor& x2, int64_t axis);
Tensor outer(const Tensor& x1, const Tensor& x2);
// Einstein summation, with explicit or implicit output, ellipsis and repeated letters.
Tensor einsum(const std::string& subscripts, const std::vector<Tensor>& operands);

}  // namespace pynn::ops
