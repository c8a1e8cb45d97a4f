#include "compute/reduce.h"

#include "compute/dispatch.h"
#include "compute/elementwise.h"

namespace pynn::compute {
namespace {

int index(Dtype t) { return static_cast<int>(t); }

// x with only the axes in `axes`, or only the others.
Array only(const Array& x, const Axes& axes, bool inside) {
  Array y = x;
  y.shape = {};
  y.strides = {};
  int next = 0;
  for (int d = 0; d < x.ndim(); ++d) {
    const bool hit = next < axes.size() && axes[next] == d;
    next += hit;
    if (hit != inside) continue;
    y.shape.push_back(x.shape[d]);
    y.strides.push_back(x.strides[d]);
  }
  return y;
}

int64_t rows_of(const Array& x) { return x.shape.back() == 0 ? 0 : x.size() / x.shape.back(); }

Array map_rows(const char* op, RowsFn fn, const Array& x) {
  require(fn, op, x.dtype);
  Array y = Array::empty(x.shape, x.dtype, x.device());
  fn(rows_of(x), x.shape.back(), x.data(), y.data());
  finished(op, y);
  return y;
}

Array map_rows_grad(const char* op, RowsGradFn fn, const Array& g, const Array& y) {
  require(fn, op, g.dtype);
  const Array gc = contiguous(g);
  Array d = Array::empty(g.shape, g.dtype, g.device());
  kernels(op, gc, y);
  fn(rows_of(g), g.shape.back(), gc.data(), y.data(), d.data());
  finished(op, d);
  return d;
}

Array scan(const char* op, ScanFn fn, const Array& x, int axis) {
  require(fn, op, x.dtype);
  Array y = Array::empty(x.shape, x.dtype, x.device());
  const Array kept_x = without_axis(x, axis), kept_y = without_axis(y, axis);
  if (y.size() > 0) fn(nest({&kept_x, &kept_y}), x.shape[axis], x.strides[axis], y.strides[axis], x.data(), y.data());
  finished(op, y);
  return y;
}

CrossEntropy results(const Array& x, bool with_gradient) {
  CrossEntropy r;
  r.loss = Array::empty({x.shape[0]}, x.dtype, x.device());
  if (with_gradient) r.gradient = Array::empty(x.shape, x.dtype, x.device());
  return r;
}

}  // namespace

Array reduce(const char* op, Reduction kind, const Array& x, const Axes& axes, bool keepdims, Dtype out) {
  const ReduceFn fn = require(kernels(op, x).reduce[static_cast<int>(kind)][index(x.dtype)], op, x.dtype);
  Array y = Array::empty(reduced_shape(x.shape, axes, false), out, x.device());
  const Array kept = only(x, axes, false), reduced = only(x, axes, true);
  if (y.size() > 0) fn(nest({&kept, &y}), nest({&reduced}), x.data(), y.data());
  finished(op, y);
  if (keepdims) {
    y.shape = reduced_shape(x.shape, axes, true);
    y.strides = contiguous_strides(y.shape);
  }
  return y;
}

Array sum_to(const Array& g, const Shape& shape) {
  if (g.shape == shape) return g;
  const int lead = g.ndim() - shape.size();
  Axes axes;
  for (int d = 0; d < g.ndim(); ++d)
    if (d < lead || (shape[d - lead] == 1 && g.shape[d] != 1)) axes.push_back(d);
  Array y = reduce("sum", Reduction::sum, g, axes, false, g.dtype);
  y.shape = shape;
  y.strides = contiguous_strides(shape);
  return y;
}

Array cumulative_sum(const Array& x, int axis) {
  return scan("cumulative_sum", kernels("cumulative_sum", x).cumulative_sum[index(x.dtype)], x, axis);
}
Array cumulative_prod(const Array& x, int axis) {
  return scan("cumulative_prod", kernels("cumulative_prod", x).cumulative_prod[index(x.dtype)], x, axis);
}

Array softmax(const Array& x) { return map_rows("softmax", kernels("softmax", x).softmax[index(x.dtype)], x); }
Array log_softmax(const Array& x) {
  return map_rows("log_softmax", kernels("log_softmax", x).log_softmax[index(x.dtype)], x);
}
Array softmax_grad(const Array& g, const Array& y) {
  return map_rows_grad("softmax", kernels("softmax", g, y).softmax_grad[index(g.dtype)], g, y);
}
Array log_softmax_grad(const Array& g, const Array& y) {
  return map_rows_grad("log_softmax", kernels("log_softmax", g, y).log_softmax_grad[index(g.dtype)], g, y);
}

CrossEntropy sparse_cross_entropy(const Array& x, const Array& labels, bool from_logits, bool with_gradient) {
  const Kernels& k = kernels("softmax_cross_entropy", x, labels);
  const auto& fns = from_logits ? k.sparse_cross_entropy : k.sparse_probability_cross_entropy;
  const auto fn = require(fns[index(x.dtype)], "softmax_cross_entropy", x.dtype);
  CrossEntropy r = results(x, with_gradient);
  fn(x.shape[0], x.shape[1], x.data(), reinterpret_cast<const int64_t*>(labels.data()), r.loss.data(),
     with_gradient ? r.gradient.data() : nullptr);
  finished("softmax_cross_entropy", r.loss);
  return r;
}

CrossEntropy dense_cross_entropy(const Array& x, const Array& targets, bool from_logits, bool with_gradient) {
  const Kernels& k = kernels("softmax_cross_entropy", x, targets);
  const auto& fns = from_logits ? k.dense_cross_entropy : k.dense_probability_cross_entropy;
  const auto fn = require(fns[index(x.dtype)], "softmax_cross_entropy", x.dtype);
  CrossEntropy r = results(x, with_gradient);
  fn(x.shape[0], x.shape[1], x.data(), targets.data(), r.loss.data(), with_gradient ? r.gradient.data() : nullptr);
  finished("softmax_cross_entropy", r.loss);
  return r;
}

Array argsort(const char* op, const Array& x, bool descending) {
  const ArgsortFn fn = require(kernels(op, x).argsort[index(x.dtype)], op, x.dtype);
  Array order = Array::empty(x.shape, Dtype::int64, x.device());
  const Array scratch = Array::empty(x.shape, Dtype::int64, x.device());
  fn(rows_of(x), x.shape.back(), descending, x.data(), reinterpret_cast<int64_t*>(order.data()),
     reinterpret_cast<int64_t*>(scratch.data()));
  finished(op, order);
  return order;
}

}  // namespace pynn::compute
