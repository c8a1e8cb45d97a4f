#include "ops/windows.h"

#include <algorithm>

#include "core/error.h"

namespace pynn::ops {
namespace {

// Sizes above this are mistakes; below, sums and products of two of them do not overflow.
constexpr int64_t kMost = int64_t{1} << 30;

std::string number(int64_t n) { return std::to_string(n); }

Dims for_each_axis(const Operation& op, const char* what, const Dims& given, int axes, int64_t least) {
  if (given.size() != axes && given.size() != 1)
    throw ValueError(message(op.name, ": ", what, " has ", number(given.size()), " numbers, ", str(given), "; x has ",
                             number(axes), " spatial axes"));
  for (int64_t n : given)
    if (n < least || n > kMost)
      throw ValueError(
          message(op.name, ": ", what, " must be at least ", number(least), " and at most 2**30, got ", str(given)));
  return given.size() == axes ? given : Dims(axes, given[0]);
}

// Moves with one number an axis.
Moves checked(const Operation& op, const Moves& m, int axes) {
  Moves all{for_each_axis(op, "strides", m.stride, axes, 1), for_each_axis(op, "dilation_rate", m.dilation, axes, 1),
            m.padding};
  if (m.padding.kind != Padding::given) return all;
  all.padding.low = for_each_axis(op, "padding", m.padding.low, axes, 0);
  all.padding.high = for_each_axis(op, "padding", m.padding.high, axes, 0);
  return all;
}

// All axes with windows of size 1, the batch as given.
Windows pointwise(int64_t batch) {
  Windows w;
  for (int d = 0; d < kWindowAxes; ++d) w.in[d] = w.out[d] = w.size[d] = w.stride[d] = w.dilation[d] = 1, w.low[d] = 0;
  w.in[0] = w.out[0] = batch;
  return w;
}

int64_t reach(const Operation& op, int64_t size, int64_t dilation) {
  const int64_t n = (size - 1) * dilation + 1;
  if (size > kMost || n > kMost)
    throw ValueError(message(op.name, ": a ", op.window, " that reaches over ", number(n), " positions is too large"));
  return n;
}

}  // namespace

Windows windows_over(const Operation& op, const Shape& x, const Dims& sizes, const Moves& moves) {
  const int axes = x.size() - 2;
  const Moves m = checked(op, moves, axes);
  Windows w = pointwise(x[0]);
  for (int a = 0; a < axes; ++a) {
    const int d = kWindowAxes - axes + a;
    const int64_t n = x[a + 1], stride = m.stride[a], size = reach(op, sizes[a], m.dilation[a]);
    w.in[d] = n, w.size[d] = sizes[a], w.stride[d] = stride, w.dilation[d] = m.dilation[a];
    if (m.padding.kind == Padding::same) {
      w.out[d] = n / stride + (n % stride != 0);
      w.low[d] = std::max<int64_t>((w.out[d] - 1) * stride + size - n, 0) / 2;
      continue;
    }
    const bool given = m.padding.kind == Padding::given;
    w.low[d] = given ? m.padding.low[a] : 0;
    const int64_t padded = n + w.low[d] + (given ? m.padding.high[a] : 0);
    if (padded < size)
      throw ShapeError(message(op.name, ": a ", op.window, " over ", number(size), " positions does not fit on axis ",
                               number(a + 1), " of x ", str(x), ", which has ", number(padded),
                               given ? " with its padding" : ""));
    w.out[d] = (padded - size) / stride + 1;
  }
  return w;
}

Windows windows_back(const Operation& op, const Shape& x, const Dims& sizes, const Moves& moves, const Dims* extra) {
  const int axes = x.size() - 2;
  const Moves m = checked(op, moves, axes);
  const Dims more = extra ? for_each_axis(op, "output_padding", *extra, axes, 0) : Dims(axes, 0);
  Windows w = pointwise(x[0]);
  for (int a = 0; a < axes; ++a) {
    const int d = kWindowAxes - axes + a;
    const int64_t n = x[a + 1], stride = m.stride[a], size = reach(op, sizes[a], m.dilation[a]);
    w.out[d] = n, w.size[d] = sizes[a], w.stride[d] = stride, w.dilation[d] = m.dilation[a];
    // `all` would be the output without cropping; Keras says how much of it goes, and what of that at the front.
    const int64_t all = (n - 1) * stride + size;
    if (m.padding.kind == Padding::valid) {
      w.in[d] = extra ? all + more[a] : (n - 1) * stride + std::max(size, stride);
    } else if (m.padding.kind == Padding::same) {
      const int64_t pad = extra ? size + size % 2 - 2 + more[a] : stride + size - 2;
      w.low[d] = size - 1 - std::min(pad / 2 + pad % 2, size - 1);
      w.in[d] = (n - 1) * stride + 2 + pad - size;
    } else {
      w.low[d] = m.padding.low[a];
      w.in[d] = all - w.low[d] - m.padding.high[a] + more[a];
    }
    if (w.in[d] < 0 || (n > 0 && w.in[d] == 0))
      throw ShapeError(message(op.name, ": nothing is left of axis ", number(a + 1), " of x ", str(x), ": ",
                               number(all), " positions without the padding that is cropped"));
    w.in[d] = n == 0 ? 0 : w.in[d];
  }
  return w;
}

namespace {
Shape shape_of(const int64_t* n, int axes, int64_t channels) {
  Shape s{n[0]};
  for (int d = kWindowAxes - axes; d < kWindowAxes; ++d) s.push_back(n[d]);
  s.push_back(channels);
  element_count(s);
  return s;
}
}  // namespace

Shape input_shape(const Windows& w, int axes, int64_t channels) { return shape_of(w.in, axes, channels); }
Shape output_shape(const Windows& w, int axes, int64_t channels) { return shape_of(w.out, axes, channels); }

}  // namespace pynn::ops
