#include "ops/loss.h"

#include "compute/elementwise.h"
#include "compute/reduce.h"
#include "core/error.h"
#include "ops/elementwise.h"
#include "ops/index.h"
#include "ops/reduce.h"
#include "ops/shape.h"

namespace pynn::ops {
namespace {

constexpr auto kOp = "softmax_cross_entropy";
constexpr double kEpsilon = 1e-7;  // Keras's fuzz factor

Tensor reduced(const Tensor& loss, LossReduction r) {
  if (r == LossReduction::none) return loss;
  return r == LossReduction::sum ? sum(loss) : mean(loss);
}

void check_labels(const Array& labels, int64_t classes) {
  const int64_t* y = labels.as<int64_t>();
  for (int64_t i = 0, n = labels.size(); i < n; ++i)
    if (y[i] < 0 || y[i] >= classes)
      throw ValueError(message(kOp, ": labels contain ", std::to_string(y[i]), " but there are ",
                               std::to_string(classes), " classes (valid 0..", std::to_string(classes - 1), ")"));
}

// x (B, C) logits, one loss a row. The gradient is made in the same pass over each row.
Tensor from_logits_sparse(const Tensor& x, const Array& labels) {
  auto [loss, d] = compute::sparse_cross_entropy(x.array, labels, tracked(x));
  return record(kOp, std::move(loss), wrt(x, [x = keep(x), d = d, labels](const Tensor& g) {
                  const Tensor column = expand_dims(g, -1);
                  if (!recording()) return column * Tensor(d);
                  return column * (softmax(x(), -1) - one_hot(Tensor(labels), x().shape()[1], x().dtype()));
                }));
}

Tensor from_logits_dense(const Tensor& x, const Tensor& t) {
  auto [loss, d] = compute::dense_cross_entropy(x.array, t.array, tracked(x));
  return record(kOp, std::move(loss),
                wrt(x,
                    [x = keep(x), t = keep(t), d = d](const Tensor& g) {
                      const Tensor column = expand_dims(g, -1);
                      if (!recording()) return column * Tensor(d);
                      return column * (softmax(x(), -1) * sum(t(), Dims{-1}, true) - t());
                    }),
                wrt(t, [x = keep(x)](const Tensor& g) { return -expand_dims(g, -1) * log_softmax(x(), -1); }));
}

Tensor clipped_log(const Tensor& p) {
  return unary<rows::Log>(
      ternary(rows::ternary_id<rows::Clip>, p, scalar_like(p, kEpsilon), scalar_like(p, 1 - kEpsilon)));
}

Tensor sparse(const Tensor& x, const Tensor& labels, bool from_logits) {
  Shape rows_shape = x.shape();
  rows_shape.pop_back();
  if (labels.shape() != rows_shape)
    throw ShapeError(message(kOp, ": integer labels of shape ", str(labels.shape()), " do not fit x of shape ",
                             str(x.shape()), "; they need shape ", str(rows_shape)));
  const int64_t classes = x.shape().back();
  const Array y = compute::cast(labels.array, Dtype::int64);  // also row-major
  check_labels(y, classes);
  const Tensor flat = contiguous(reshape(x, {y.size(), classes}));
  const Array flat_y = *reshaped_view(y, {y.size()});
  if (from_logits) return reshape(from_logits_sparse(flat, flat_y), rows_shape);
  const Tensor p = take_along_axis(flat, expand_dims(Tensor(flat_y), -1), -1);
  return reshape(-clipped_log(p), rows_shape);
}

Tensor dense(const Tensor& x, const Tensor& labels, bool from_logits) {
  if (labels.shape() != x.shape())
    throw ShapeError(message(kOp, ": float labels of shape ", str(labels.shape()), " do not fit x of shape ",
                             str(x.shape()), "; they need the same shape (or integers, one class a row)"));
  Shape rows_shape = x.shape();
  rows_shape.pop_back();
  const Tensor t = astype(labels, x.dtype());
  if (!from_logits) return -sum(t * clipped_log(x / sum(x, Dims{-1}, true)), Dims{-1});
  const Shape flat{element_count(rows_shape), x.shape().back()};
  return reshape(from_logits_dense(contiguous(reshape(x, flat)), contiguous(reshape(t, flat))), rows_shape);
}

}  // namespace

Tensor softmax_cross_entropy(const Tensor& x, const Tensor& labels, bool from_logits, LossReduction reduction) {
  if (!is_floating(x.dtype())) throw DtypeError(message(kOp, ": x must be floating, got ", name(x.dtype())));
  if (x.ndim() == 0) throw ShapeError(message(kOp, ": x needs an axis of classes, got a 0-d tensor"));
  if (x.shape().back() == 0) throw ShapeError(message(kOp, ": x of shape ", str(x.shape()), " has no classes"));
  return reduced(is_integer(labels.dtype()) ? sparse(x, labels, from_logits) : dense(x, labels, from_logits),
                 reduction);
}

}  // namespace pynn::ops
