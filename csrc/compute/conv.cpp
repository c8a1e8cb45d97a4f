#include "compute/conv.h"

#include "compute/dispatch.h"
#include "compute/elementwise.h"

namespace pynn::compute {
namespace {

bool is_half(const Array& x) { return x.dtype == Dtype::float16 || x.dtype == Dtype::bfloat16; }
Array wide(const Array& x) { return cast(x, Dtype::float32); }

const ConvKernels& conv_kernels(const Conv& c, const Array& x, const Array& other) {
  const auto t = static_cast<int>(x.dtype);
  const Kernels& k = kernels("conv", x, other);
  require(k.conv[t].forward, "conv", x.dtype);
  return c.groups == c.channels && c.groups > 1 ? k.depthwise[t] : k.conv[t];
}

Array gradient(const Conv& c, const Array& g, const Array& operand, const Shape& shape, ConvGradFn ConvKernels::* fn,
               ConvWorkspaceFn ConvKernels::* workspace_of) {
  if (is_half(g)) return cast(gradient(c, wide(g), wide(operand), shape, fn, workspace_of), g.dtype);
  if (g.size() == 0 || operand.size() == 0) return zeros(shape, g.dtype, g.device());
  const ConvKernels& k = conv_kernels(c, g, operand);
  const Array dense_g = contiguous(g), dense = contiguous(operand), d = Array::empty(shape, g.dtype, g.device());
  const Storage workspace((k.*workspace_of)(c), g.device());
  kernels("conv", dense_g, dense);
  (k.*fn)(c, dense_g.data(), dense.data(), d.data(), workspace.data());
  finished("conv", d);
  return d;
}

}  // namespace

Array conv(const Conv& c, const Array& x, const Array& kernel, const Array* bias, int activation, const Shape& shape) {
  if (is_half(x)) {
    Array wide_bias;
    if (bias) wide_bias = wide(*bias);
    return cast(conv(c, wide(x), wide(kernel), bias ? &wide_bias : nullptr, activation, shape), x.dtype);
  }
  const ConvKernels& k = conv_kernels(c, x, kernel);
  Array y = Array::empty(shape, x.dtype, x.device()), dense_bias;
  if (y.size() == 0) return y;
  if (bias) dense_bias = contiguous(*bias);
  RowFn row = nullptr;
  if (activation >= 0)
    row = require(kernels("conv", x).unary_row[activation][static_cast<int>(x.dtype)], "conv", x.dtype);
  const Array dense = contiguous(x), dense_kernel = contiguous(kernel);
  const Storage workspace(k.forward_workspace(c), x.device());
  bias ? kernels("conv", dense, dense_kernel, dense_bias) : kernels("conv", dense, dense_kernel);
  k.forward(c, dense.data(), dense_kernel.data(), bias ? dense_bias.data() : nullptr, row, y.data(), workspace.data());
  finished("conv", y);
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
  const Array dense = contiguous(x), y = Array::empty(shape, x.dtype, x.device());
  if (index.size() == 0) return zeros(shape, x.dtype, x.device());
  kernels("max_pool", dense, index);
  pool(p, dense.data(), index.data(), y.data());
  finished("max_pool", y);
  return y;
}

Array averaged(AveragePoolFn const (&fn)[kDtypes], const Pool& p, const Array& x, const Shape& shape) {
  if (is_half(x)) return cast(averaged(fn, p, wide(x), shape), x.dtype);
  const AveragePoolFn pool = require(fn[static_cast<int>(x.dtype)], "average_pool", x.dtype);
  const Array dense = contiguous(x), y = Array::empty(shape, x.dtype, x.device());
  if (x.size() == 0) return zeros(shape, x.dtype, x.device());
  kernels("average_pool", dense);
  pool(p, dense.data(), y.data());
  finished("average_pool", y);
  return y;
}

}  // namespace

Largest max_pool(const Pool& p, const Array& x, const Shape& shape) {
  if (is_half(x)) {
    const Largest found = max_pool(p, wide(x), shape);
    return {cast(found.y, x.dtype), found.index};
  }
  const MaxPoolFn pool = require(kernels("max_pool", x).max_pool[static_cast<int>(x.dtype)], "max_pool", x.dtype);
  const Largest found{Array::empty(shape, x.dtype, x.device()),
                      Array::empty(shape, p.wide ? Dtype::int32 : Dtype::uint8, x.device())};
  const Array dense = contiguous(x);
  kernels("max_pool", dense);
  if (found.y.size() > 0) pool(p, dense.data(), found.y.data(), found.index.data());
  finished("max_pool", found.y);
  return found;
}

Array pool_pick(const Pool& p, const Array& x, const Array& index, const Shape& shape) {
  return pooled_by_index(kernels("max_pool", x, index).pool_pick, p, x, index, shape);
}

Array pool_place(const Pool& p, const Array& g, const Array& index, const Shape& shape) {
  return pooled_by_index(kernels("max_pool", g, index).pool_place, p, g, index, shape);
}

Array average_pool(const Pool& p, const Array& x, const Shape& shape) {
  return averaged(kernels("average_pool", x).average_pool, p, x, shape);
}

Array average_pool_grad(const Pool& p, const Array& g, const Shape& shape) {
  return averaged(kernels("average_pool", g).average_pool_grad, p, g, shape);
}

}  // namespace pynn::compute
