#include "compute/conv.h"

#include "compute/dispatch.h"
#include "compute/elementwise.h"

namespace pynn::compute {
namespace {

bool is_half(const Array& x) { return x.dtype == Dtype::float16 || x.dtype == Dtype::bfloat16; }
Array wide(const Array& x) { return cast(x, Dtype::float32); }

const ConvKernels& conv_kernels(const Conv& c, const Array& x) {
  const auto t = static_cast<int>(x.dtype);
  const Kernels& k = kernels(x);
  require(k.conv[t].forward, "conv", x.dtype);
  return c.groups == c.channels && c.groups > 1 ? k.depthwise[t] : k.conv[t];
}

Array gradient(const Conv& c, const Array& g, const Array& operand, const Shape& shape, ConvGradFn ConvKernels::* fn,
               ConvWorkspaceFn ConvKernels::* workspace_of) {
  if (is_half(g)) return cast(gradient(c, wide(g), wide(operand), shape, fn, workspace_of), g.dtype);
  if (g.size() == 0 || operand.size() == 0) return zeros(shape, g.dtype);
  const ConvKernels& k = conv_kernels(c, g);
  const Array dense_g = contiguous(g), dense = contiguous(operand), d = Array::empty(shape, g.dtype);
  const Storage workspace((k.*workspace_of)(c));
  (k.*fn)(c, dense_g.data(), dense.data(), d.data(), workspace.data());
  return d;
}

}  // namespace

Array conv(const Conv& c, const Array& x, const Array& kernel, const Array* bias, int activation, const Shape& shape) {
  if (is_half(x)) {
    Array wide_bias;
    if (bias) wide_bias = wide(*bias);
    return cast(conv(c, wide(x), wide(kernel), bias ? &wide_bias : nullptr, activation, shape), x.dtype);
  }
  const ConvKernels& k = conv_kernels(c, x);
  Array y = Array::empty(shape, x.dtype), dense_bias;
  if (y.size() == 0) return y;
  if (bias) dense_bias = contiguous(*bias);
  RowFn row = nullptr;
  if (activation >= 0) row = require(kernels(x).unary_row[activation][static_cast<int>(x.dtype)], "conv", x.dtype);
  const Array dense = contiguous(x), dense_kernel = contiguous(kernel);
  const Storage workspace(k.forward_workspace(c));
  k.forward(c, dense.data(), dense_kernel.data(), bias ? dense_bias.data() : nullptr, row, y.data(), workspace.data());
  return y;
}

Array conv_input_grad(const Conv& c, const Array& g, const Array& kernel, const Shape& shape) {
  return gradient(c, g, kernel, shape, &ConvKernels::input_grad, &ConvKernels::input_grad_workspace);
}

Array conv_kernel_grad(const Conv& c, const Array& g, const Array& x, const Shape& shape) {
  return gradient(c, g, x, shape, &ConvKernels::kernel_grad, &ConvKernels::kernel_grad_workspace);
}

// ---- Pooling --------------------------------------------------------------------------------------------------------

namespace {

Array pooled_by_index(PoolIndexFn const (&fn)[kDtypes], const Pool& p, const Array& x, const Array& index,
                      const Shape& shape) {
  if (is_half(x)) return cast(pooled_by_index(fn, p, wide(x), index, shape), x.dtype);
  const PoolIndexFn pool = require(fn[static_cast<int>(x.dtype)], "max_pool", x.dtype);
  const Array dense = contiguous(x), y = Array::empty(shape, x.dtype);
  if (index.size() == 0) return zeros(shape, x.dtype);
  pool(p, dense.data(), index.data(), y.data());
  return y;
}

Array averaged(AveragePoolFn const (&fn)[kDtypes], const Pool& p, const Array& x, const Shape& shape) {
  if (is_half(x)) return cast(averaged(fn, p, wide(x), shape), x.dtype);
  const AveragePoolFn pool = require(fn[static_cast<int>(x.dtype)], "average_pool", x.dtype);
  const Array dense = contiguous(x), y = Array::empty(shape, x.dtype);
  if (x.size() == 0) return zeros(shape, x.dtype);
  pool(p, dense.data(), y.data());
  return y;
}

}  // namespace

Largest max_pool(const Pool& p, const Array& x, const Shape& shape) {
  if (is_half(x)) {
    const Largest found = max_pool(p, wide(x), shape);
    return {cast(found.y, x.dtype), found.index};
  }
  const MaxPoolFn pool = require(kernels(x).max_pool[static_cast<int>(x.dtype)], "max_pool", x.dtype);
  const Largest found{Array::empty(shape, x.dtype), Array::empty(shape, p.wide ? Dtype::int32 : Dtype::uint8)};
  const Array dense = contiguous(x);
  if (found.y.size() > 0) pool(p, dense.data(), found.y.data(), found.index.data());
  return found;
}

Array pool_pick(const Pool& p, const Array& x, const Array& index, const Shape& shape) {
  return pooled_by_index(kernels(x).pool_pick, p, x, index, shape);
}

Array pool_place(const Pool& p, const Array& g, const Array& index, const Shape& shape) {
  return pooled_by_index(kernels(g).pool_place, p, g, index, shape);
}

Array average_pool(const Pool& p, const Array& x, const Shape& shape) {
  return averaged(kernels(x).average_pool, p, x, shape);
}

Array average_pool_grad(const Pool& p, const Array& g, const Shape& shape) {
  return averaged(kernels(g).average_pool_grad, p, g, shape);
}

}  // namespace pynn::compute
