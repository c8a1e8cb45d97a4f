#include "core/shape.h"

#include <algorithm>

namespace pynn {

std::string str(const Dims& d) {
  std::string s = "(";
  for (int i = 0; i < d.size(); ++i) s += (i ? ", " : "") + std::to_string(d[i]);
  return s + (d.size() == 1 ? ",)" : ")");
}

int64_t element_count(const Shape& shape) {
  // The product of the non-zero sizes must fit too, so that strides never overflow; 2**47 bytes is more than any
  // machine addresses.
  constexpr int64_t kMost = int64_t{1} << 47;
  int64_t n = 1;
  bool zero = false;
  for (int64_t size : shape) {
    if (size < 0) throw ShapeError("negative size in shape " + str(shape));
    if (size == 0) {
      zero = true;
      continue;
    }
    if (n > kMost / size) throw ShapeError("shape " + str(shape) + " has too many elements");
    n *= size;
  }
  return zero ? 0 : n;
}

Strides contiguous_strides(const Shape& shape) {
  Strides s(shape.size(), 1);
  for (int d = shape.size() - 2; d >= 0; --d) s[d] = s[d + 1] * std::max<int64_t>(shape[d + 1], 1);
  return s;
}

std::optional<Shape> try_broadcast(const Shape& a, const Shape& b) {
  Shape s = a.size() >= b.size() ? a : b;
  const Shape& shorter = a.size() >= b.size() ? b : a;
  const int lead = s.size() - shorter.size();
  for (int d = 0; d < shorter.size(); ++d) {
    const int64_t m = s[lead + d], n = shorter[d];
    if (m != n && m != 1 && n != 1) return std::nullopt;
    s[lead + d] = m == 1 ? n : m;
  }
  return s;
}

namespace {
// What would broadcast in place of what does not: the axis that a reduction dropped, or the transpose.
std::string broadcast_hint(const Shape& a, const Shape& b) {
  const Shape &longer = a.size() > b.size() ? a : b, &shorter = a.size() > b.size() ? b : a;
  if (shorter.size() < longer.size()) {
    Shape column = shorter;
    while (column.size() < longer.size()) column.push_back(1);
    if (try_broadcast(longer, column) == longer)
      return message("; ", str(column), " would: reduce with keepdims=True, or reshape");
  } else if (a.size() == 2 && try_broadcast(a, Shape{b[1], b[0]})) {
    return "; with one of them transposed (x.T) they would";
  }
  return "";
}
}  // namespace

Shape broadcast(const char* op, const Shape& a, const Shape& b) {
  if (a == b) return a;
  if (const auto s = try_broadcast(a, b)) return *s;
  for (int d = 1; d <= std::min(a.size(), b.size()); ++d) {
    const int64_t m = a[a.size() - d], n = b[b.size() - d];
    if (m != n && m != 1 && n != 1)
      throw ShapeError(message(op, ": shapes ", str(a), " and ", str(b), " do not broadcast: axis -", std::to_string(d),
                               " is ", std::to_string(m), " and ", std::to_string(n), broadcast_hint(a, b)));
  }
  throw ShapeError(message(op, ": shapes do not broadcast"));
}

int normalize_axis(const char* op, int64_t axis, int ndim) {
  if (axis < -ndim || axis >= ndim)
    throw AxisError(message(op, ": axis ", std::to_string(axis), " is out of range for a tensor with ",
                            std::to_string(ndim), ndim == 1 ? " dimension" : " dimensions"));
  return static_cast<int>(axis < 0 ? axis + ndim : axis);
}

Axes normalize_axes(const char* op, const std::optional<Dims>& axes, int ndim) {
  Axes out;
  if (!axes) {
    for (int d = 0; d < ndim; ++d) out.push_back(d);
    return out;
  }
  for (int64_t axis : *axes) out.push_back(normalize_axis(op, axis, ndim));
  std::sort(out.begin(), out.end());
  for (int i = 0; i + 1 < out.size(); ++i)
    if (out[i] == out[i + 1]) throw ShapeError(message(op, ": axis ", std::to_string(out[i]), " is given twice"));
  return out;
}

Shape reduced_shape(const Shape& shape, const Axes& axes, bool keepdims) {
  Shape s;
  int next = 0;
  for (int d = 0; d < shape.size(); ++d) {
    const bool gone = next < axes.size() && axes[next] == d;
    next += gone;
    if (!gone)
      s.push_back(shape[d]);
    else if (keepdims)
      s.push_back(1);
  }
  return s;
}

}  // namespace pynn
