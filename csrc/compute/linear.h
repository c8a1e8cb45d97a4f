// Matrix products.
#pragma once
#include "core/array.h"

namespace pynn::compute {

// a (..., M, K) times b (..., K, N), equal batch axes (possibly broadcast views), any strides. `bias` (N,) or null is
// added and the unary row `activation` (its id, or -1) applied while the result is in cache. The result is in the
// memory of `into` where that is row-major and of its shape and type; a and b must not be in it.
Array gemm(const Array& a, const Array& b, const Array* bias = nullptr, int activation = -1,
           const Array* into = nullptr);

}  // namespace pynn::compute
