#include "ops/linear.h"

#include "compute/linear.h"
#include "core/error.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"
#include "ops/shape.h"

namespace pynn::ops {
namespace {

Tensor transposed(const Tensor& x) { return swap_axes(x, -1, -2); }

// Both at least 2-d, of one type, with equal batch axes.
Tensor product(const Tensor& a, const Tensor& b, const Place& place = {}) {
  const Array* into = place.memory.defined() ? &place.memory.array : nullptr;
  return record("matmul", compute::gemm(a.array, b.array, nullptr, -1, into),
                wrt(a, [b = keep(b)](const Tensor& g) { return product(g, transposed(b())); }),
                wrt(b, [a = keep(a)](const Tensor& g) { return product(transposed(a()), g); }));
}

Shape batch_shape(const Tensor& x) {
  Shape s = x.shape();
  s.pop_back();
  s.pop_back();
  return s;
}

Tensor with_batch(const Tensor& x, const Shape& batch) {
  Shape s = batch;
  s.push_back(x.shape()[x.ndim() - 2]);
  s.push_back(x.shape().back());
  return expand(x, s);
}

// All axes but the last joined into one; not by a size of -1, which is lost where the last is 0.
Tensor as_rows(const Tensor& x) {
  if (x.ndim() == 2) return x;
  Shape lead = x.shape();
  lead.pop_back();
  return reshape(x, {element_count(lead), x.shape().back()});
}

Dtype product_type(const char* op, const Tensor& a, const Tensor& b) {
  const Dtype t = promote(op, a.dtype(), b.dtype());
  if (t == Dtype::boolean)
    throw DtypeError(message(op, " is not defined for bool; convert first: x.astype('float32')"));
  return t;
}

// Which operand to transpose, or that they stand the wrong way round.
std::string fitting(const Shape& a, const Shape& b) {
  const int64_t rows = a.size() > 1 ? a[a.size() - 2] : -1, inner = b.size() > 1 ? b[b.size() - 2] : b[0];
  std::string fits;
  const auto add = [&](bool fit, const char* what) {
    if (fit) fits += message(fits.empty() ? "; " : " or ", what);
  };
  add(rows == inner, "x1.mT");
  add(b.size() > 1 && a.back() == b.back(), "x2.mT");
  add(rows >= 0 && b.size() > 1 && rows == b.back(), "x2 @ x1");
  return fits.empty() ? fits : fits + " would fit";
}
}  // namespace

Tensor matmul(const Tensor& x1, const Tensor& x2) {
  if (x1.ndim() == 0 || x2.ndim() == 0)
    throw ShapeError(message("matmul: needs at least 1 dimension, got shapes ", str(x1.shape()), " and ",
                             str(x2.shape()), "; use * for a scalar"));
  const bool row = x1.ndim() == 1, column = x2.ndim() == 1;
  const Dtype t = product_type("matmul", x1, x2);
  const Tensor a = row ? expand_dims(astype(x1, t), 0) : astype(x1, t);
  const Tensor b = column ? expand_dims(astype(x2, t), 1) : astype(x2, t);
  const int64_t k = a.shape().back(), n = b.shape()[b.ndim() - 2];
  if (k != n)
    throw ShapeError(message("matmul: shapes ", str(x1.shape()), " and ", str(x2.shape()),
                             " do not multiply: axis -1 of x1 is ", std::to_string(k), ", axis ", column ? "0" : "-2",
                             " of x2 is ", std::to_string(n), fitting(x1.shape(), x2.shape())));
  const auto batch = try_broadcast(batch_shape(a), batch_shape(b));
  if (!batch)
    throw ShapeError(message("matmul: shapes ", str(x1.shape()), " and ", str(x2.shape()),
                             " do not multiply: the axes before "
                             "the last two, ",
                             str(batch_shape(a)), " and ", str(batch_shape(b)), ", do not broadcast"));
  Tensor y;
  if (b.ndim() == 2 && a.ndim() > 2) {
    // A stack of matrices times one matrix is one tall product.
    Shape tall = a.shape();
    tall.back() = b.shape().back();
    y = reshape(product(as_rows(a), b), tall);
  } else {
    y = product(with_batch(a, *batch), with_batch(b, *batch));
  }
  if (row) y = squeeze(y, Dims{y.ndim() - 2});
  if (column) y = squeeze(y, Dims{y.ndim() - 1});
  return y;
}

Tensor linear_x_gradient(const Tensor& g, const Tensor& kernel) { return product(g, transposed(kernel)); }
Tensor linear_kernel_gradient(const Tensor& g, const Tensor& x, const Place& place) {
  return product(transposed(x), g, place);
}
Tensor linear_bias_gradient(const Tensor& g) { return sum(g, Dims{0}); }

Tensor linear(const Tensor& x, const Tensor& kernel, const Tensor& bias, const std::string& activation) {
  return linear(x, kernel, bias, find_activation("linear", activation));
}

Tensor linear(const Tensor& x0, const Tensor& kernel0, const Tensor& bias0, const Activation& activation) {
  Dtype t = product_type("linear", x0, kernel0);
  if (bias0.defined()) t = promote("linear", t, bias0.dtype());
  const Tensor kernel = astype(kernel0, t), bias = bias0.defined() ? astype(bias0, t) : bias0;
  if (kernel.ndim() != 2 || x0.ndim() < 1 || x0.shape().back() != kernel.shape()[0] ||
      (bias.defined() && bias.shape() != Shape{kernel.shape()[1]}))
    throw ShapeError(message("linear: x ", str(x0.shape()), ", kernel ", str(kernel.shape()),
                             bias.defined() ? ", bias " + str(bias.shape()) : std::string(),
                             " do not fit: needs x (..., K), kernel (K, N), bias (N,)"));
  const int row = activation.row;
  const Tensor x = as_rows(astype(x0, t));
  Shape shape = x0.shape();
  shape.back() = kernel.shape()[1];

  const bool record_it = tracked(x) || tracked(kernel) || (bias.defined() && tracked(bias));
  // On the tape an activation is fused where its derivative does not read what it was applied to: that is never stored.
  const int fused = record_it && row >= 0 && !keeps_output(row) ? -1 : row;
  Tensor y = record(
      "linear", compute::gemm(x.array, kernel.array, bias.defined() ? &bias.array : nullptr, fused),
      wrt(x, [kernel = keep(kernel)](const Tensor& g) { return linear_x_gradient(g, kernel()); }),
      wrt(kernel, [x = keep(x)](const Tensor& g, const Place& place) { return linear_kernel_gradient(g, x(), place); }),
      wrt(bias, [](const Tensor& g) { return linear_bias_gradient(g); }));
  if (row >= 0 && fused < 0) y = unary(row, y);
  if (fused >= 0 && record_it) y = unary_of(row, y, y.array);
  if (activation.softmax) y = softmax(y, -1);
  return x0.ndim() == 2 ? y : reshape(y, shape);
}

Tensor dot(const Tensor& x1, const Tensor& x2) {
  if (x1.ndim() == 0 || x2.ndim() == 0) return x1 * x2;
  if (x2.ndim() <= 2) return matmul(x1, x2);
  return tensordot(x1, x2, Dims{-1}, Dims{-2});
}

namespace {
// `axis` of x as its last one.
Tensor axis_last(const char* op, const Tensor& x, int64_t axis0) {
  const int axis = normalize_axis(op, axis0, x.ndim());
  Dims order;
  for (int d = 0; d < x.ndim(); ++d)
    if (d != axis) order.push_back(d);
  order.push_back(axis);
  return permute_dims(x, order);
}
}  // namespace

Tensor vecdot(const Tensor& x1, const Tensor& x2, int64_t axis) {
  const Dtype t = product_type("vecdot", x1, x2);
  const Tensor a = axis_last("vecdot", astype(x1, t), axis), b = axis_last("vecdot", astype(x2, t), axis);
  if (a.shape().back() != b.shape().back())
    throw ShapeError(message("vecdot: axis ", std::to_string(axis), " is ", std::to_string(a.shape().back()),
                             " in shape ", str(x1.shape()), " and ", std::to_string(b.shape().back()), " in ",
                             str(x2.shape())));
  broadcast("vecdot", a.shape(), b.shape());
  const Tensor y = matmul(expand_dims(a, -2), expand_dims(b, -1));
  return squeeze(y, Dims{-2, -1});
}

Tensor cross(const Tensor& x1, const Tensor& x2, int64_t axis) {
  const int at1 = normalize_axis("cross", axis, x1.ndim()), at2 = normalize_axis("cross", axis, x2.ndim());
  if (x1.shape()[at1] != 3 || x2.shape()[at2] != 3)
    throw ShapeError(message("cross: axis ", std::to_string(axis), " must be 3 in both shapes, got ", str(x1.shape()),
                             " and ", str(x2.shape())));
  const auto turned = [](const Tensor& x, int at, int64_t by) { return roll(x, Dims{by}, Dims{at}); };
  return turned(x1, at1, -1) * turned(x2, at2, -2) - turned(x1, at1, -2) * turned(x2, at2, -1);
}

Tensor outer(const Tensor& x1, const Tensor& x2) { return reshape(x1, {-1, 1}) * reshape(x2, {1, -1}); }

Tensor tensordot(const Tensor& x1, const Tensor& x2, const Dims& axes1, const Dims& axes2) {
  if (axes1.size() != axes2.size())
    throw ShapeError(message("tensordot: names ", std::to_string(axes1.size()), " axes of x1 and ",
                             std::to_string(axes2.size()), " of x2; it needs as many of each"));
  // Kept axes of x1, contracted axes | contracted axes, kept axes of x2: then it is a matrix product.
  const auto arranged = [](const Tensor& x, const Dims& axes, bool contracted_first, Shape& kept, int64_t& k) {
    Dims contracted, order;
    for (int64_t a : axes) contracted.push_back(normalize_axis("tensordot", a, x.ndim()));
    normalize_axes("tensordot", contracted, x.ndim());  // an axis given twice
    Dims others;
    k = 1;
    for (int64_t a : contracted) k *= x.shape()[static_cast<int>(a)];
    for (int d = 0; d < x.ndim(); ++d) {
      bool gone = false;
      for (int64_t a : contracted) gone = gone || a == d;
      if (gone) continue;
      others.push_back(d);
      kept.push_back(x.shape()[d]);
    }
    for (int64_t a : contracted_first ? contracted : others) order.push_back(a);
    for (int64_t a : contracted_first ? others : contracted) order.push_back(a);
    return permute_dims(x, order);
  };
  for (int i = 0; i < axes1.size(); ++i) {
    const int a = normalize_axis("tensordot", axes1[i], x1.ndim()),
              b = normalize_axis("tensordot", axes2[i], x2.ndim());
    if (x1.shape()[a] != x2.shape()[b])
      throw ShapeError(message("tensordot: axis ", std::to_string(a), " of x1 ", str(x1.shape()), " is ",
                               std::to_string(x1.shape()[a]), ", axis ", std::to_string(b), " of x2 ", str(x2.shape()),
                               " is ", std::to_string(x2.shape()[b])));
  }
  Shape kept1, kept2;
  int64_t k1 = 1, k2 = 1;
  const Tensor a = arranged(x1, axes1, false, kept1, k1), b = arranged(x2, axes2, true, kept2, k2);
  const Tensor y = matmul(reshape(a, {element_count(kept1), k1}), reshape(b, {k2, element_count(kept2)}));
  Shape shape = kept1;
  for (int64_t n : kept2) shape.push_back(n);
  return reshape(y, shape);
}

}  // namespace pynn::ops
