// Reading and adding at positions given by an array of indices.
#pragma once
#include "core/array.h"

namespace pynn::compute {

// The slices of x along `axis` that `index` (int64, 1-d, contiguous, in range, on x's device) names.
Array take(const Array& x, const Array& index, int axis);
// Zeros of `shape` with the slices of g added at `index`: the derivative of take.
Array take_grad(const Array& g, const Array& index, int axis, const Shape& shape);
// Flat positions of the true elements of a boolean array; on the host.
Array nonzero_flat(const Array& condition);

}  // namespace pynn::compute
