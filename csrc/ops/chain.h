// A training step of a chain of linear layers up to its gradients, in one call.
#pragma once
#include <optional>
#include <vector>

#include "ops/elementwise.h"

namespace pynn::ops {

// As linear() takes them; without a kernel, the layer that flattens all axes but the first.
struct ChainLayer {
  Tensor kernel, bias;
  Activation activation;
};

struct Learnt {
  Tensor output, loss;
  std::vector<Tensor> gradients;  // of the loss, by the sources; undefined where it does not depend on one
};

// The output of the layers for x, its mean softmax_cross_entropy with y, and the gradients of that; these are in
// `places` where that is given, as for gradients_into. Nothing where shapes or types are not plainly those: x (rows,
// ...) floats as the kernels, y as softmax_cross_entropy takes it; with places, also where labels are out of range or
// targets NaN.
std::optional<Learnt> learn(const std::vector<ChainLayer>& layers, const std::vector<Tensor>& sources, const Tensor& x,
                            const Tensor& y, bool from_logits, const std::vector<Tensor>* places = nullptr);

// Output and loss alone, nothing where places would be left unwritten.
std::optional<Learnt> measure(const std::vector<ChainLayer>& layers, const Tensor& x, const Tensor& y,
                              bool from_logits);

}  // namespace pynn::ops
