#include "ops/chain.h"

#include "compute/elementwise.h"
#include "ops/linear.h"
#include "ops/loss.h"
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

bool fits(const std::vector<ChainLayer>& layers, const Tensor& x, const Tensor& y) {
  if (x.ndim() < 2 || x.size() == 0) return false;
  Shape shape = x.shape();
  for (const ChainLayer& layer : layers) {
    if (layer.kernel.defined()) {
      if (layer.kernel.dtype() != x.dtype() || shape.back() != layer.kernel.shape()[0]) return false;
      shape.back() = layer.kernel.shape()[1];
    } else {
      shape = Shape{shape[0], element_count(shape) / shape[0]};
    }
  }
  if (is_floating(y.dtype())) return y.dtype() == x.dtype() && y.shape() == shape;
  shape.pop_back();
  return y.dtype() != Dtype::boolean && y.shape() == shape;
}

}  // namespace

std::optional<Learnt> learn(const std::vector<ChainLayer>& layers, const std::vector<Tensor>& sources, const Tensor& x,
                            const Tensor& y, bool from_logits) {
  if (!fits(layers, x, y)) return std::nullopt;
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
  const Tensor seed(compute::full(learnt.loss.shape(), 1.0, learnt.loss.dtype()));
  learnt.gradients = gradients(learnt.loss, sources, seed, false);
  return learnt;
}

}  // namespace pynn::ops
