#include "ops/chain.h"

#include "compute/elementwise.h"
#include "ops/elementwise.h"
#include "ops/linear.h"
#include "ops/loss.h"
#include "ops/metric.h"
#include "ops/reduce.h"
#include "ops/shape.h"

namespace pynn::ops {
namespace {

// Lets variables be recorded, as an open GradientTape does.
class OpenTape {
 public:
  OpenTape() { open_tapes(+1); }
  ~OpenTape() { open_tapes(-1); }
  OpenTape(const OpenTape&) = delete;
  OpenTape& operator=(const OpenTape&) = delete;
};

// The output's shape; nothing where x does not fit.
std::optional<Shape> shape_after(const std::vector<ChainLayer>& layers, const Tensor& x) {
  if (x.ndim() < 2 || x.size() == 0) return std::nullopt;
  Shape shape = x.shape();
  for (const ChainLayer& layer : layers) {
    if (layer.kernel.defined()) {
      if (layer.kernel.dtype() != x.dtype() || shape.back() != layer.kernel.shape()[0]) return std::nullopt;
      shape.back() = layer.kernel.shape()[1];
    } else {
      shape = Shape{shape[0], element_count(shape) / shape[0]};
    }
  }
  return shape;
}

bool fits(const Tensor& y, Shape output, Dtype t) {
  if (is_floating(y.dtype())) return y.dtype() == t && y.shape() == output;
  output.pop_back();
  return y.dtype() != Dtype::boolean && y.shape() == output;
}

bool has_no_fault(const Tensor& y, int64_t classes) {
  if (!is_floating(y.dtype())) return are_classes(y, classes);
  const NoRecording off;
  return compute::number(any(unary<rows::Isnan>(y)).array) == 0;
}

}  // namespace

std::optional<Learnt> learn(const std::vector<ChainLayer>& layers, const std::vector<Tensor>& sources, const Tensor& x,
                            const Tensor& y, bool from_logits, const std::vector<Tensor>* places) {
  const std::optional<Shape> output = shape_after(layers, x);
  if (!output || !fits(y, *output, x.dtype())) return std::nullopt;
  if (places && !has_no_fault(y, output->back())) return std::nullopt;
  Learnt learnt;
  {
    const OpenTape tape;
    learnt.output = x;
    for (const ChainLayer& layer : layers)
      learnt.output = layer.kernel.defined()
                          ? linear(learnt.output, layer.kernel, layer.bias, layer.activation)
                          : reshape(learnt.output, {x.shape()[0], learnt.output.size() / x.shape()[0]});
    learnt.loss = softmax_cross_entropy(learnt.output, y, from_logits, LossReduction::mean);
  }
  const Tensor seed(compute::full(learnt.loss.shape(), 1.0, learnt.loss.dtype(), learnt.loss.device()));
  if (!places)
    learnt.gradients = gradients(learnt.loss, sources, seed, false);
  else if (!gradients_into(*places, learnt.loss, sources, seed))
    return std::nullopt;
  return learnt;
}

}  // namespace pynn::ops
