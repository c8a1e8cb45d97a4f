// Pooling; declared in ops/conv.h.
#include "compute/conv.h"
#include "core/error.h"
#include "ops/conv.h"
#include "ops/elementwise.h"
#include "ops/shape.h"

namespace pynn::ops {
namespace {

struct Geometry {
  Pool pool;
  Shape x, y;
};

Geometry geometry_of(const char* op, const Tensor& x, const Dims& size, const Dims& stride, const Padding& padding) {
  const Shape& shape = x.shape();
  if (!is_floating(x.dtype()))
    throw DtypeError(message(op, " is not defined for ", name(x.dtype()), "; convert first: x.astype('float32')"));
  const int axes = shape.size() - 2;
  if (axes < 1 || axes > 3)
    throw ShapeError(message(op, ": x ", str(shape), " does not fit: needs (batch, 1 to 3 spatial axes, channels)"));
  const Dims sizes = size.size() == 1 ? Dims(axes, size[0]) : size;
  bool fits = sizes.size() == axes;
  for (int64_t n : sizes) fits = fits && n >= 1;
  if (!fits)
    throw ValueError(message(op, ": pool_size must be a number of at least 1, or one for each of the ",
                             std::to_string(axes), " spatial axes of x, got ", str(size)));
  if (padding.kind == Padding::given)
    for (const Dims* side : {&padding.low, &padding.high})
      for (int a = 0; a < side->size(); ++a)
        if (a < axes && (*side)[a] >= sizes[a])
          throw ValueError(message(op, ": padding of ", std::to_string((*side)[a]),
                                   " holds a whole window of pool_size ", str(sizes), ", which would have no element"));
  const Windows w = windows_over({op, "window"}, shape, sizes, {stride, Dims{1}, padding});
  int64_t taps = 1;
  for (int64_t n : sizes) taps = taps > 256 ? taps : taps * n;
  return {{w, shape.back(), taps > 256}, shape, output_shape(w, axes, shape.back())};
}

// ---- Max: both directions are linear once the index is known --------------------------------------------------------

Tensor place(const Geometry& at, const Tensor& g, const Array& index);

Tensor pick(const Geometry& at, const Tensor& x, const Array& index) {
  return record("max_pool", compute::pool_pick(at.pool, x.array, index, at.y),
                wrt(x, [at, index](const Tensor& g) { return place(at, g, index); }));
}

Tensor place(const Geometry& at, const Tensor& g, const Array& index) {
  return record("max_pool_grad", compute::pool_place(at.pool, g.array, index, at.x),
                wrt(g, [at, index](const Tensor& x) { return pick(at, x, index); }));
}

Tensor average_grad(const Geometry& at, const Tensor& g);

Tensor average(const Geometry& at, const Tensor& x) {
  return record("average_pool", compute::average_pool(at.pool, x.array, at.y),
                wrt(x, [at](const Tensor& g) { return average_grad(at, g); }));
}

Tensor average_grad(const Geometry& at, const Tensor& g) {
  return record("average_pool_grad", compute::average_pool_grad(at.pool, g.array, at.x),
                wrt(g, [at](const Tensor& x) { return average(at, x); }));
}

}  // namespace

Tensor max_pool(const Tensor& x, const Dims& size, const Dims& stride, const Padding& padding) {
  const Geometry at = geometry_of("max_pool", x, size, stride, padding);
  compute::Largest found = compute::max_pool(at.pool, x.array, at.y);
  return record("max_pool", std::move(found.y),
                wrt(x, [at, index = found.index](const Tensor& g) { return place(at, g, index); }));
}

Tensor average_pool(const Tensor& x, const Dims& size, const Dims& stride, const Padding& padding) {
  return average(geometry_of("average_pool", x, size, stride, padding), x);
}

}  // namespace pynn::ops
