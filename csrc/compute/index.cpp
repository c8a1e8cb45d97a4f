#include "compute/index.h"

#include "compute/dispatch.h"
#include "compute/elementwise.h"

namespace pynn::compute {
namespace {

// An array seen along one axis: `outer` slices, each with the axis, then `block` elements.
struct Axis {
  int64_t outer = 1, block = 1;
};

Axis along(const Shape& shape, int axis) {
  Axis a;
  for (int d = 0; d < axis; ++d) a.outer *= shape[d];
  for (int d = axis + 1; d < shape.size(); ++d) a.block *= shape[d];
  return a;
}

// Where the kernel finds them, on its own device.
const int64_t* positions(const Array& index) { return reinterpret_cast<const int64_t*>(index.data()); }

}  // namespace

Array take(const Array& x, const Array& index, int axis) {
  const Array source = contiguous(x);
  Shape shape = x.shape;
  shape[axis] = index.size();
  Array y = Array::empty(shape, x.dtype, x.device());
  const Axis a = along(x.shape, axis);
  if (y.size() > 0)
    kernels("take", source, index)
        .take(a.outer, x.shape[axis], index.size(), a.block * static_cast<int64_t>(itemsize(x.dtype)), source.data(),
              positions(index), y.data());
  finished("take", y);
  return y;
}

Array take_grad(const Array& g, const Array& index, int axis, const Shape& shape) {
  const Array source = contiguous(g);
  Array y = zeros(shape, g.dtype, g.device());
  const Axis a = along(shape, axis);
  const TakeGradFn fn = require(kernels("take", source, index).take_grad[static_cast<int>(g.dtype)], "take", g.dtype);
  if (g.size() > 0) fn(a.outer, shape[axis], index.size(), a.block, source.data(), positions(index), y.data());
  finished("take", y);
  return y;
}

Array nonzero_flat(const Array& condition) {
  const Array dense = contiguous(on_host(condition));
  const bool* c = dense.as<bool>();
  const int64_t n = dense.size();
  int64_t count = 0;
  for (int64_t i = 0; i < n; ++i) count += c[i];
  Array y = Array::empty({count}, Dtype::int64);
  int64_t* at = y.as<int64_t>();
  for (int64_t i = 0; i < n; ++i)
    if (c[i]) *at++ = i;
  return y;
}

}  // namespace pynn::compute
