#include "ops/loss.h"

#include "bindings/bindings.h"
#include "bindings/convert.h"
#include "core/error.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"

namespace pynn {
namespace {

ops::LossReduction to_reduction(const std::string& name) {
  if (name == "none") return ops::LossReduction::none;
  if (name == "sum") return ops::LossReduction::sum;
  if (name == "mean") return ops::LossReduction::mean;
  throw ValueError("softmax_cross_entropy: reduction is 'mean', 'sum' or 'none', got '" + name + "'");
}

// The mean of a row of the table; the two shapes must be equal, since (n, 1) against (n,) would be a wrong loss.
template <class Row>
Tensor mean_of(const char* op, const Operand& x1, const Operand& x2) {
  const auto [x, t] = resolve(op, x1, x2);
  if (x.shape() != t.shape())
    throw ShapeError(message(op, ": shapes ", str(x.shape()), " and ", str(t.shape()), " must be equal"));
  return ops::mean(ops::binary<Row>(x, t));
}

}  // namespace

void bind_loss(py::module_& m) {
  m.def(
      "softmax_cross_entropy",
      [](const Operand& x0, const Operand& labels0, bool from_logits, const std::string& reduction) {
        const Tensor x = x0.tensor(), labels = labels0.tensor();
        const auto r = to_reduction(reduction);
        const Unlocked unlocked(x.size());
        return ops::softmax_cross_entropy(x, labels, from_logits, r);
      },
      "-log p[label], in nats, with p = softmax(x); loss and gradient in one pass, without overflow.\n\n"
      "Args:\n    x: float logits, shape (..., C); with from_logits=False probabilities, which are\n"
      "        scaled to sum to 1 and clipped to [1e-7, 1 - 1e-7].\n"
      "    labels: integers in [0, C), shape (...); or floats, a distribution each row, shape (..., C).\n"
      "    reduction: 'mean' over all rows, 'sum', or 'none' for one loss a row.\n\n"
      "Raises:\n    ShapeError: labels' shape does not fit x.\n    ValueError: a label lies outside [0, C).\n\n"
      "Gradient: (softmax(x) - one_hot(labels)) / rows, for reduction='mean'.",
      py::arg("x"), py::arg("labels"), py::pos_only(), py::kw_only(), py::arg("from_logits") = true,
      py::arg("reduction") = "mean");
  m.def(
      "mean_squared_error",
      [](const Operand& x, const Operand& t) {
        return mean_of<ops::rows::SquaredDifference>("mean_squared_error", x, t);
      },
      "Mean of (x - target)**2 over all elements; equal shapes.", py::arg("x"), py::arg("target"), py::pos_only());
  m.def(
      "mean_absolute_error",
      [](const Operand& x, const Operand& t) {
        return mean_of<ops::rows::AbsoluteDifference>("mean_absolute_error", x, t);
      },
      "Mean of |x - target| over all elements; equal shapes.", py::arg("x"), py::arg("target"), py::pos_only());
}

}  // namespace pynn
