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

// int64 and row-major, on the host.
void check_labels(const Array& labels, int64_t classes) {
  const int64_t* y = labels.as<int64_t>();
  for (int64_t i = 0, n = labels.size(); i < n; ++i)
    if (y[i] < 0 || y[i] >= classes)
      throw ValueError(message(kOp, ": labels contain ", std::to_string(y[i]), " but there are ",
                               std::to_string(classes), " classes (valid 0..", std::to_string(classes - 1), ")"));
}

// The logarithms of p = softmax(x); or, of probabilities, of p = x / sum(x), clipped. Only where a derivative is itself
// recorded: the kernels do the same in one pass.
Tensor log_probabilities(const Tensor& x, bool from_logits) {
  if (from_logits) return log_softmax(x, -1);
  const Tensor p = x / sum(x, Dims{-1}, true);
  return unary<rows::Log>(
      ternary(rows::ternary_id<rows::Clip>, p, scalar_like(p, kEpsilon), scalar_like(p, 1 - kEpsilon)));
}

// The recorded gradient of the losses -sum(t log p) of the rows of x, times g.
Tensor traced_gradient(const Tensor& x, const Tensor& t, bool from_logits, const Tensor& g) {
  return gradients(-sum(t * log_probabilities(x, from_logits), Dims{-1}), {x}, g, true)[0];
}

// d: the gradients of the rows' losses; g: that of each loss.
Tensor row_gradients(const Tensor& g, const Array& d) { return expand_dims(g, -1) * Tensor(d); }

// x (B, C), one loss a row. The gradient is made in the same pass over each row.
Tensor sparse_rows(const Tensor& x, const Array& labels, bool from_logits) {
  auto [loss, d] = compute::sparse_cross_entropy(x.array, labels, from_logits, tracked(x));
  return record(kOp, std::move(loss), wrt(x, [x = keep(x), d = d, labels, from_logits](const Tensor& g) {
                  if (!recording()) return row_gradients(g, d);
                  const Tensor hot = one_hot(Tensor(labels), x().shape()[1], x().dtype());
                  return traced_gradient(x(), hot, from_logits, g);
                }));
}

Tensor dense_rows(const Tensor& x, const Tensor& t, bool from_logits) {
  auto [loss, d] = compute::dense_cross_entropy(x.array, t.array, from_logits, tracked(x));
  return record(kOp, std::move(loss),
                wrt(x,
                    [x = keep(x), t = keep(t), d = d, from_logits](const Tensor& g) {
                      if (!recording()) return row_gradients(g, d);
                      return traced_gradient(x(), t(), from_logits, g);
                    }),
                wrt(t, [x = keep(x), from_logits](const Tensor& g) {
                  return -expand_dims(g, -1) * log_probabilities(x(), from_logits);
                }));
}

Tensor sparse(const Tensor& x, const Tensor& labels, bool from_logits) {
  Shape rows_shape = x.shape();
  rows_shape.pop_back();
  if (labels.shape() != rows_shape)
    throw ShapeError(message(kOp, ": integer labels of shape ", str(labels.shape()), " do not fit x of shape ",
                             str(x.shape()), "; they need shape ", str(rows_shape)));
  const int64_t classes = x.shape().back();
  Array y = compute::cast(compute::on_host(labels.array), Dtype::int64);  // also row-major
  check_labels(y, classes);
  y = compute::to(y, labels.device());
  const Tensor flat = contiguous(reshape(x, {y.size(), classes}));
  return reshape(sparse_rows(flat, *reshaped_view(y, {y.size()}), from_logits), rows_shape);
}

Tensor dense(const Tensor& x, const Tensor& labels, bool from_logits) {
  if (labels.shape() != x.shape())
    throw ShapeError(message(kOp, ": float labels of shape ", str(labels.shape()), " do not fit x of shape ",
                             str(x.shape()), "; they need the same shape (or integers, one class a row)"));
  Shape rows_shape = x.shape();
  rows_shape.pop_back();
  const Tensor t = astype(labels, x.dtype());
  const Shape flat{element_count(rows_shape), x.shape().back()};
  return reshape(dense_rows(contiguous(reshape(x, flat)), contiguous(reshape(t, flat)), from_logits), rows_shape);
}

}  // namespace

Tensor softmax_cross_entropy(const Tensor& x, const Tensor& labels, bool from_logits, LossReduction reduction) {
  if (!is_floating(x.dtype())) throw DtypeError(message(kOp, ": x must be floating, got ", name(x.dtype())));
  if (x.ndim() == 0) throw ShapeError(message(kOp, ": x needs an axis of classes, got a 0-d tensor"));
  if (x.shape().back() == 0) throw ShapeError(message(kOp, ": x of shape ", str(x.shape()), " has no classes"));
  return reduced(is_integer(labels.dtype()) ? sparse(x, labels, from_logits) : dense(x, labels, from_logits),
                 reduction);
}

MeanLoss mean_cross_entropy(const Tensor& x, const Tensor& labels, bool from_logits) {
  const NoRecording off;
  const bool sparse = is_integer(labels.dtype());
  const Array y = sparse && labels.dtype() != Dtype::int64 ? compute::cast(labels.array, Dtype::int64)
                                                           : compute::contiguous(labels.array);
  const auto [losses, d] = sparse ? compute::sparse_cross_entropy(x.array, y, from_logits, true)
                                  : compute::dense_cross_entropy(x.array, y, from_logits, true);
  const Tensor of_rows(losses), seed = scalar_like(x, 1);
  return {mean(of_rows), row_gradients(mean_gradient(seed, of_rows), d)};
}

}  // namespace pynn::ops
