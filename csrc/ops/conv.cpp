#include "ops/conv.h"

#include "compute/conv.h"
#include "core/error.h"
#include "ops/elementwise.h"
#include "ops/linear.h"
#include "ops/reduce.h"
#include "ops/shape.h"

namespace pynn::ops {
namespace {

// What the three products of a convolution share.
struct Geometry {
  Conv conv;
  Shape x, kernel, y;
};

// ---- Three products, each other's derivatives -----------------------------------------------------------------------
//
// <g, product(x, kernel)> is linear in each of g, x and kernel: fixing two of them and asking for the gradient with
// respect to the third gives the three operations, and nothing else ever appears.

Tensor input_grad(const Geometry& at, const Tensor& g, const Tensor& kernel);
Tensor kernel_grad(const Geometry& at, const Tensor& g, const Tensor& x);

Tensor product(const Geometry& at, const Tensor& x, const Tensor& kernel) {
  return record("conv", compute::conv(at.conv, x.array, kernel.array, nullptr, -1, at.y),
                wrt(x, [at, kernel = keep(kernel)](const Tensor& g) { return input_grad(at, g, kernel()); }),
                wrt(kernel, [at, x = keep(x)](const Tensor& g) { return kernel_grad(at, g, x()); }));
}

Tensor input_grad(const Geometry& at, const Tensor& g, const Tensor& kernel) {
  return record("conv_transpose", compute::conv_input_grad(at.conv, g.array, kernel.array, at.x),
                wrt(g, [at, kernel = keep(kernel)](const Tensor& x) { return product(at, x, kernel()); }),
                wrt(kernel, [at, g = keep(g)](const Tensor& x) { return kernel_grad(at, g(), x); }));
}

Tensor kernel_grad(const Geometry& at, const Tensor& g, const Tensor& x) {
  return record("conv_kernel_grad", compute::conv_kernel_grad(at.conv, g.array, x.array, at.kernel),
                wrt(g, [at, x = keep(x)](const Tensor& kernel) { return product(at, x(), kernel); }),
                wrt(x, [at, g = keep(g)](const Tensor& kernel) { return input_grad(at, g(), kernel); }));
}

// ---- Checks ---------------------------------------------------------------------------------------------------------

constexpr Operation kConv{"conv", "kernel"}, kTranspose{"conv_transpose", "kernel"};

Dims window_sizes(const Shape& kernel) {
  Dims n;
  for (int d = 0; d + 2 < kernel.size(); ++d) n.push_back(kernel[d]);
  return n;
}

bool has_zero(const Dims& n) {
  for (int64_t i : n)
    if (i == 0) return true;
  return false;
}

bool are_spatial(const Shape& x, const Shape& kernel) {
  return x.size() >= 3 && x.size() <= 5 && kernel.size() == x.size() && !has_zero(kernel);
}

Dtype conv_type(const Operation& op, const Tensor& x, const Tensor& kernel) {
  const Dtype t = promote(op.name, x.dtype(), kernel.dtype());
  if (!is_floating(t))
    throw DtypeError(message(op.name, " is not defined for ", name(t), "; convert first: x.astype('float32')"));
  return t;
}

Geometry geometry_of(const Shape& x, const Shape& kernel, const Moves& moves) {
  const int64_t channels = x.size() ? x.back() : 0, filters = kernel.size() ? kernel.back() : 0;
  if (!are_spatial(x, kernel))
    throw ShapeError(message("conv: x ", str(x), ", kernel ", str(kernel),
                             " do not fit: needs x (batch, 1 to 3 spatial axes, channels) and kernel (as many sizes, "
                             "channels / groups, filters), none of them 0"));
  const int64_t part = kernel[kernel.size() - 2];
  if (channels % part != 0 || channels == 0 || filters % (channels / part) != 0)
    throw ShapeError(message("conv: x ", str(x), ", kernel ", str(kernel), " do not fit: ", std::to_string(channels),
                             " channels in groups of ", std::to_string(part), ", ", std::to_string(filters),
                             " filters; the groups must come out even in both"));
  const Windows w = windows_over(kConv, x, window_sizes(kernel), moves);
  return {{w, channels, filters, channels / part}, x, kernel, output_shape(w, x.size() - 2, filters)};
}

// Windows of one position, one for each position of the input, and so few filters that a tile would be mostly empty: a
// product of matrices has ways of its own for that.
bool is_narrow_product(const Conv& c) {
  const Windows& w = c.windows;
  for (int d = 0; d < kWindowAxes; ++d)
    if (w.size[d] != 1 || w.stride[d] != 1 || w.low[d] != 0 || w.in[d] != w.out[d]) return false;
  return c.groups == 1 && c.filters < 4;
}

}  // namespace

Tensor conv(const Tensor& x0, const Tensor& kernel0, const Tensor& bias0, const std::string& activation,
            const Moves& moves) {
  Dtype t = conv_type(kConv, x0, kernel0);
  if (bias0.defined()) t = promote("conv", t, bias0.dtype());
  const Tensor x = contiguous(astype(x0, t)), kernel = contiguous(astype(kernel0, t));
  const Tensor bias = bias0.defined() ? astype(bias0, t) : bias0;
  const Geometry at = geometry_of(x.shape(), kernel.shape(), moves);
  if (bias.defined() && bias.shape() != Shape{at.conv.filters})
    throw ShapeError(message("conv: bias ", str(bias.shape()), " does not fit kernel ", str(kernel.shape()),
                             ": needs (", std::to_string(at.conv.filters), ",)"));
  const auto [row, with_softmax] = find_activation("conv", activation);
  if (is_narrow_product(at.conv))
    return linear(x, reshape(kernel, {at.conv.channels, at.conv.filters}), bias, activation);

  const bool record_it = tracked(x) || tracked(kernel) || (bias.defined() && tracked(bias));
  // On the tape an activation whose derivative reads its input needs that input; half precision has no derivatives.
  const bool fused = row >= 0 && (!record_it || (keeps_output(row) && itemsize(t) >= 4));
  const Array value =
      compute::conv(at.conv, x.array, kernel.array, bias.defined() ? &bias.array : nullptr, fused ? row : -1, at.y);
  Dims all_but_channels;
  for (int64_t d = 0; d + 1 < x.ndim(); ++d) all_but_channels.push_back(d);
  Tensor y = record("conv", value,
                    wrt(x, [at, kernel = keep(kernel)](const Tensor& g) { return input_grad(at, g, kernel()); }),
                    wrt(kernel, [at, x = keep(x)](const Tensor& g) { return kernel_grad(at, g, x()); }),
                    wrt(bias, [all_but_channels](const Tensor& g) { return sum(g, all_but_channels); }));
  if (fused && record_it) y = unary_of(row, y, value);
  if (row >= 0 && !fused) y = unary(row, y);
  return with_softmax ? softmax(y, -1) : y;
}

Tensor depthwise_conv(const Tensor& x, const Tensor& kernel, const Moves& moves) {
  if (!are_spatial(x.shape(), kernel.shape()) || kernel.shape()[kernel.ndim() - 2] != x.shape().back())
    throw ShapeError(message("depthwise_conv: x ", str(x.shape()), ", kernel ", str(kernel.shape()),
                             " do not fit: needs x (batch, 1 to 3 spatial axes, channels) and kernel (as many sizes, "
                             "channels, filters of each), none of them 0"));
  Shape shape = kernel.shape();
  shape.back() *= shape[shape.size() - 2];
  shape[shape.size() - 2] = 1;
  return conv(x, reshape(kernel, shape), Tensor(), "", moves);
}

Tensor conv_transpose(const Tensor& x0, const Tensor& kernel0, const Moves& moves, const Dims* output_padding) {
  const Dtype t = conv_type(kTranspose, x0, kernel0);
  if (!are_spatial(x0.shape(), kernel0.shape()) || x0.shape().back() != kernel0.shape().back())
    throw ShapeError(message("conv_transpose: x ", str(x0.shape()), ", kernel ", str(kernel0.shape()),
                             " do not fit: needs x (batch, 1 to 3 spatial axes, channels) and kernel (as many sizes, "
                             "filters, channels), none of them 0"));
  const Tensor x = contiguous(astype(x0, t)), kernel = contiguous(astype(kernel0, t));
  const Windows w = windows_back(kTranspose, x.shape(), window_sizes(kernel.shape()), moves, output_padding);
  const int64_t filters = kernel.shape()[kernel.ndim() - 2];
  const Geometry at{
      {w, filters, x.shape().back(), 1}, input_shape(w, x.ndim() - 2, filters), kernel.shape(), x.shape()};
  return input_grad(at, x, kernel);
}

}  // namespace pynn::ops
