#include "compute/linear.h"

#include "compute/dispatch.h"
#include "compute/elementwise.h"

namespace pynn::compute {
namespace {

Array batch_axes(const Array& x) {
  Array y = x;
  for (int i = 0; i < 2; ++i) {
    y.shape.pop_back();
    y.strides.pop_back();
  }
  return y;
}

Matrix matrix(const Array& x) {
  const int n = x.ndim();
  return {x.strides[n - 2], x.strides[n - 1]};
}

// Half-precision products are computed in float32 and rounded once.
Array gemm_half(const Array& a, const Array& b, const Array* bias, int activation) {
  Array wide_bias;
  if (bias) wide_bias = cast(*bias, Dtype::float32);
  const Array y = gemm(cast(a, Dtype::float32), cast(b, Dtype::float32), bias ? &wide_bias : nullptr, activation);
  return cast(y, a.dtype);
}

}  // namespace

Array gemm(const Array& a, const Array& b, const Array* bias, int activation, const Array* into) {
  const Dtype t = a.dtype;
  if (t == Dtype::float16 || t == Dtype::bfloat16) return gemm_half(a, b, bias, activation);
  const Kernels& k = bias ? kernels("matmul", a, b, *bias) : kernels("matmul", a, b);
  const int index = static_cast<int>(t);
  require(k.gemm[index], "matmul", t);

  Shape shape = a.shape;
  shape.back() = b.shape.back();
  const bool placed =
      into && into->shape == shape && into->dtype == t && into->device() == a.device() && into->is_contiguous();
  const Array y = placed ? *into : Array::empty(shape, t, a.device());
  if (y.size() == 0) return y;

  Gemm g{};
  g.M = a.shape[a.ndim() - 2];
  g.K = a.shape.back();
  g.N = b.shape.back();
  g.a = matrix(a);
  g.b = matrix(b);
  g.c_row = g.N;
  Array dense_bias;
  if (bias) {
    dense_bias = contiguous(*bias);
    g.bias = dense_bias.data();
  }
  if (activation >= 0) g.activation = require(k.unary_row[activation][index], "linear", t);
  const Array batch_a = batch_axes(a), batch_b = batch_axes(b), batch_y = batch_axes(y);
  const Loop batch = nest({&batch_a, &batch_b, &batch_y});
  const Storage workspace(k.gemm_workspace[index](g, batch), a.device());
  if (bias) kernels("matmul", a, b, dense_bias);
  k.gemm[index](g, batch, a.data(), b.data(), y.data(), workspace.data());
  finished("matmul", y);
  if (placed) y.storage->changed();
  return y;
}

}  // namespace pynn::compute
