// Convolutions and pooling of row-major arrays whose geometry has been checked.
#pragma once
#include "core/array.h"
#include "kernels/kernels.h"

namespace pynn::compute {

// `shape` is that of the result. `bias` may be null, `activation` is the id of a unary row or -1.
Array conv(const Conv&, const Array& x, const Array& kernel, const Array* bias, int activation, const Shape& shape);
Array conv_input_grad(const Conv&, const Array& g, const Array& kernel, const Shape& shape);
Array conv_kernel_grad(const Conv&, const Array& g, const Array& x, const Shape& shape);

// The largest of each window, and its position there (uint8, or int32 where windows are wide).
struct Largest {
  Array y, index;
};
Largest max_pool(const Pool&, const Array& x, const Shape& shape);
Array pool_pick(const Pool&, const Array& x, const Array& index, const Shape& shape);
Array pool_place(const Pool&, const Array& g, const Array& index, const Shape& shape);
Array average_pool(const Pool&, const Array& x, const Shape& shape);
Array average_pool_grad(const Pool&, const Array& g, const Shape& shape);

}  // namespace pynn::compute
