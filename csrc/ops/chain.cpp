#include "ops/chain.h"

#include "compute/elementwise.h"
#include "core/error.h"
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

// Calls passed(layer, x, y) after each layer with a kernel.
template <class Passed>
Tensor output_of(const std::vector<ChainLayer>& layers, Tensor x, Passed passed) {
  const int64_t rows = x.shape()[0];
  for (const ChainLayer& layer : layers) {
    if (!layer.kernel.defined()) {
      x = reshape(x, {rows, x.size() / rows});
      continue;
    }
    Tensor y = linear(x, layer.kernel, layer.bias, layer.activation);
    passed(layer, x, y);
    x = std::move(y);
  }
  return x;
}

// ---- Without a tape -------------------------------------------------------------------------------------------------
//
// The order of a chain is known, so its derivatives can be called one after the other: no nodes, no search for the
// next.

// The place of the gradient of a tensor; nothing where it is none of the sources.
const Tensor* place_of(const Tensor& x, const std::vector<Tensor>& sources, const std::vector<Tensor>& places) {
  for (size_t i = 0; x.node && i < sources.size(); ++i)
    if (sources[i].node.get() == x.node.get()) return &places[i];
  return nullptr;
}

// Whether nothing depends on a source but through one kernel or bias, and all derivatives need no more than outputs.
bool is_plain(const std::vector<ChainLayer>& layers, const std::vector<Tensor>& sources, const Tensor& x,
              const Tensor& y) {
  if (x.node || y.node || itemsize(x.dtype()) < 4) return false;
  bool flat = x.ndim() == 2;
  for (const ChainLayer& layer : layers) {
    flat = flat || !layer.kernel.defined();
    if (!flat || (layer.activation.row >= 0 && !keeps_output(layer.activation.row))) return false;
    if (layer.bias.defined() && layer.bias.dtype() != x.dtype()) return false;
    for (const Tensor* part : {&layer.kernel, &layer.bias})
      if (part->node && !part->node->inputs().empty()) return false;
  }
  for (const Tensor& source : sources) {
    int times = 0, wanted = 0;
    for (const ChainLayer& layer : layers)
      for (const Tensor* part : {&layer.kernel, &layer.bias}) times += part->node.get() == source.node.get();
    for (const Tensor& other : sources) wanted += other.node.get() == source.node.get();
    if (!source.node || times != 1 || wanted != 1) return false;
  }
  return true;
}

void put_into(const Tensor& place, const Tensor& gradient) {
  if (!same_view(place.array, gradient.array)) compute::assign(place.array, gradient.array);
}

Tensor before_activation(const Activation& activation, const Tensor& g, const Tensor& y) {
  if (activation.softmax) return softmax_gradient(g, y);
  return activation.row < 0 ? g : unary_derivative(activation.row, g, y);
}

// What a layer's derivatives read.
struct Passed {
  const ChainLayer& layer;
  Kept kernel, x;  // another thread may change them
  Tensor y;
  const Tensor *kernel_place, *bias_place;  // null where no gradient is wanted
};

Learnt learn_in_order(const std::vector<ChainLayer>& layers, const std::vector<Tensor>& sources,
                      const std::vector<Tensor>& places, const Tensor& x, const Tensor& y, bool from_logits) {
  const NoRecording off;
  std::vector<Passed> passed;
  passed.reserve(layers.size());
  Tensor output = output_of(layers, x, [&](const ChainLayer& layer, const Tensor& before, const Tensor& after) {
    passed.push_back({layer, keep(layer.kernel), keep(before), after, place_of(layer.kernel, sources, places),
                      place_of(layer.bias, sources, places)});
  });
  auto [loss, g] = mean_cross_entropy(output, y, from_logits);
  size_t left = sources.size();
  try {
    for (auto at = passed.rbegin(); left > 0; ++at) {
      g = before_activation(at->layer.activation, g, at->y);
      if (at->kernel_place) put_into(*at->kernel_place, linear_kernel_gradient(g, at->x(), {*at->kernel_place}));
      if (at->bias_place) put_into(*at->bias_place, linear_bias_gradient(g));
      left -= static_cast<size_t>((at->kernel_place != nullptr) + (at->bias_place != nullptr));
      if (left > 0) g = linear_x_gradient(g, at->kernel());
    }
  } catch (const GradientError& e) {  // in the words of the walk back
    throw GradientError(message("the gradient of linear: ", e.what()));
  }
  return {std::move(output), std::move(loss), {}};
}

}  // namespace

std::optional<Learnt> measure(const std::vector<ChainLayer>& layers, const Tensor& x, const Tensor& y,
                              bool from_logits) {
  const std::optional<Shape> shape = shape_after(layers, x);
  if (!shape || !fits(y, *shape, x.dtype()) || !has_no_fault(y, shape->back())) return std::nullopt;
  const NoRecording off;
  Tensor output = output_of(layers, x, [](const ChainLayer&, const Tensor&, const Tensor&) {});
  Tensor loss = softmax_cross_entropy(output, y, from_logits, LossReduction::mean);
  return Learnt{std::move(output), std::move(loss), {}};
}

std::optional<Learnt> learn(const std::vector<ChainLayer>& layers, const std::vector<Tensor>& sources, const Tensor& x,
                            const Tensor& y, bool from_logits, const std::vector<Tensor>* places) {
  const std::optional<Shape> output = shape_after(layers, x);
  if (!output || !fits(y, *output, x.dtype())) return std::nullopt;
  if (places && !has_no_fault(y, output->back())) return std::nullopt;
  if (places && is_plain(layers, sources, x, y)) return learn_in_order(layers, sources, *places, x, y, from_logits);
  Learnt learnt;
  {
    const OpenTape tape;
    learnt.output = output_of(layers, x, [](const ChainLayer&, const Tensor&, const Tensor&) {});
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
