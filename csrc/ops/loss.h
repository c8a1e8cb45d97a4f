// Losses that are more than a row of the table and a mean.
#pragma once
#include "autograd/tape.h"

namespace pynn::ops {

enum class LossReduction { none, sum, mean };

// -sum_c target[c] log p[c] along the last axis of x, in nats. Labels are integers (one dimension less than x: the
// class of each row) or floats (x's shape: a distribution each row). x holds logits, p = softmax(x); or, with
// from_logits false, probabilities, scaled to sum to 1 and clipped to [1e-7, 1 - 1e-7], as Keras 3.
Tensor softmax_cross_entropy(const Tensor& x, const Tensor& labels, bool from_logits, LossReduction reduction);

// The mean of all rows' losses and its gradient, without a tape. x is (B, C) and row-major; labels are in [0, C), or
// in x's shape and type.
struct MeanLoss {
  Tensor loss, gradient;
};
MeanLoss mean_cross_entropy(const Tensor& x, const Tensor& labels, bool from_logits);

}  // namespace pynn::ops
