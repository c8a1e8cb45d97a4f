// Matrix products.
#pragma once
#include "core/array.h"

namespace pynn::compute {

// a (..., M, K) times b (..., K, N), equal batch axes (possibly broadcast views), any strides. `bias` (N,) or null is
// added and the unary row `activation` (its id, or -1) applied while the result is in cache.
Array gemm(const Array& a, const Array& b, const Array* bias = nullptr, int activation = -1);

}  // namespace pynn::compute
