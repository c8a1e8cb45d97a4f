#include "core/array.h"

#include "core/error.h"

namespace pynn {

Array Array::empty(const Shape& shape, Dtype dtype, Device device) {
  Array a;
  const int64_t n = element_count(shape);
  a.storage = std::make_shared<Storage>(static_cast<size_t>(n) * itemsize(dtype), device);
  a.shape = shape;
  a.strides = contiguous_strides(shape);
  a.dtype = dtype;
  return a;
}

void Array::not_on_host() const {
  throw DeviceError(message("this operation reads elements on the host, and a tensor of shape ", str(shape), " is on ",
                            str(device()), "; copy it first: x.to('cpu')"));
}

bool Array::is_contiguous() const {
  if (size() == 0) return true;
  int64_t step = 1;
  for (int d = ndim() - 1; d >= 0; --d) {
    if (shape[d] != 1 && strides[d] != step) return false;
    step *= shape[d];
  }
  return true;
}

namespace {

struct Span {
  const char *begin, *end;
};

Span span(const Array& x) {
  if (x.size() == 0) return {nullptr, nullptr};
  int64_t first = 0, last = 0;  // in elements from data()
  for (int d = 0; d < x.ndim(); ++d) {
    const int64_t reach = (x.shape[d] - 1) * x.strides[d];
    (reach < 0 ? first : last) += reach;
  }
  const auto size = static_cast<int64_t>(itemsize(x.dtype));
  return {x.data() + first * size, x.data() + (last + 1) * size};
}

}  // namespace

bool overlap(const Array& a, const Array& b) {
  if (a.device() != b.device()) return false;
  const Span s = span(a), t = span(b);
  return s.begin < t.end && t.begin < s.end;
}

bool same_view(const Array& a, const Array& b) {
  return a.data() == b.data() && a.device() == b.device() && a.dtype == b.dtype && a.shape == b.shape &&
         a.strides == b.strides;
}

Array permuted(const Array& x, const Axes& order) {
  Array y = x;
  for (int d = 0; d < order.size(); ++d) {
    y.shape[d] = x.shape[static_cast<int>(order[d])];
    y.strides[d] = x.strides[static_cast<int>(order[d])];
  }
  return y;
}

Array expanded(const Array& x, const Shape& shape) {
  if (x.shape == shape) return x;
  Array y = x;
  y.shape = shape;
  y.strides = Strides(shape.size(), 0);
  const int lead = shape.size() - x.ndim();
  for (int d = 0; d < x.ndim(); ++d)
    if (x.shape[d] == shape[lead + d]) y.strides[lead + d] = x.strides[d];
  return y;
}

Array with_axis(const Array& x, int at) {
  Array y = x;
  y.shape.insert(at, 1);
  y.strides.insert(at, 0);
  return y;
}

Array without_axis(const Array& x, int at) {
  Array y = x;
  y.shape.erase(at);
  y.strides.erase(at);
  return y;
}

std::optional<Array> reshaped_view(const Array& x, const Shape& shape) {
  Array y = x;
  y.shape = shape;
  if (x.is_contiguous()) {
    y.strides = contiguous_strides(shape);
    return y;
  }
  // Groups of old axes and of new axes with equal products are matched from the front; inside a group the old axes
  // must be mergeable into one.
  y.strides = Strides(shape.size(), 0);
  int from = 0, to = 0;
  while (from < x.ndim() && to < shape.size()) {
    int from_end = from + 1, to_end = to + 1;
    int64_t have = x.shape[from], want = shape[to];
    while (have != want) {
      if (have < want)
        have *= x.shape[from_end++];
      else
        want *= shape[to_end++];
    }
    int64_t inner = 0, expected = 0;  // stride of the innermost axis longer than 1; stride the next one must have
    bool first = true;
    for (int d = from_end - 1; d >= from; --d) {
      if (x.shape[d] == 1) continue;
      if (first)
        inner = x.strides[d];
      else if (x.strides[d] != expected)
        return std::nullopt;
      first = false;
      expected = x.strides[d] * x.shape[d];
    }
    for (int d = to_end - 1; d >= to; --d) {
      y.strides[d] = inner;
      inner *= shape[d];
    }
    from = from_end;
    to = to_end;
  }
  return y;
}

Array sliced(const Array& x, int axis, int64_t start, int64_t step, int64_t count) {
  Array y = x;
  y.shape[axis] = count;
  y.strides[axis] = x.strides[axis] * step;
  if (count > 0) y.offset += x.strides[axis] * start;
  return y;
}

}  // namespace pynn
