#include "ops/index.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <numeric>

#include "compute/elementwise.h"
#include "compute/index.h"
#include "ops/elementwise.h"
#include "ops/shape.h"

namespace pynn::ops {
namespace {

// `where` opens the message: "take: ", or nothing for x[...].
[[noreturn]] void out_of_range(const char* where, int64_t index, int axis, int64_t size) {
  throw IndexError(message(where, "index ", std::to_string(index), " is out of range for axis ", std::to_string(axis),
                           " with size ", std::to_string(size)));
}

int64_t checked(const char* where, int64_t index, int axis, int64_t size) {
  if (index < -size || index >= size) out_of_range(where, index, axis, size);
  return index < 0 ? index + size : index;
}

// Row-major int64 copy of integer indices on the host, each counted from the front and in range.
Array checked_indices(const char* where, const Tensor& indices, int axis, int64_t size) {
  if (!is_integer(indices.dtype()))
    throw DtypeError(message(where, "indices must be integers, got ", name(indices.dtype())));
  Array y = compute::cast(compute::on_host(indices.array), Dtype::int64);
  int64_t* at = y.as<int64_t>();
  for (int64_t i = 0, n = y.size(); i < n; ++i) at[i] = checked(where, at[i], axis, size);
  return y;
}

// A slice as written, resolved against a size as Python does.
struct Range {
  int64_t start, step, count;
};
Range resolve(const IndexItem& item, int64_t size) {
  constexpr int64_t kFarthest = std::numeric_limits<int64_t>::max();
  const int64_t step = std::max(item.step.value_or(1), -kFarthest);  // so that -step exists
  if (step == 0) throw ValueError("slice step cannot be zero");
  const int64_t low = step > 0 ? 0 : -1, high = step > 0 ? size : size - 1;
  const auto bound = [&](const std::optional<int64_t>& at, int64_t otherwise) {
    if (!at) return otherwise;
    return std::clamp(*at < 0 ? *at + size : *at, low, high);
  };
  const int64_t start = bound(item.start, step > 0 ? low : high), stop = bound(item.stop, step > 0 ? high : low);
  const int64_t span = step > 0 ? stop - start : start - stop, stride = step > 0 ? step : -step;
  const int64_t count = span > 0 ? (span - 1) / stride + 1 : 0;
  return {start, count > 1 ? step : 1, count};  // a step that is never made may be huge
}

// An array or mask of the index, where it stands in the view that the basic items leave.
struct Advanced {
  int axis;        // the first axis that it takes
  int axes;        // how many: 1, or a mask's dimensions
  Tensor indices;  // int64, flat position among those axes
};

struct Plan {
  Tensor view;  // after integers, slices and new axes
  std::vector<Advanced> advanced;
  bool adjacent = true;  // NumPy: the result's index axes stand where they stood, or else in front
};

int axes_taken(const IndexItem& item) {
  switch (item.kind) {
    case IndexItem::new_axis:
    case IndexItem::ellipsis: return 0;
    case IndexItem::mask: return item.tensor.ndim();
    default: return 1;
  }
}

bool is_array(const IndexItem& item) { return item.kind == IndexItem::array || item.kind == IndexItem::mask; }

// A mask without elements chooses nothing, whatever it masks, as the array API has it.
Tensor mask_positions(const Tensor& x, int axis, const Tensor& mask) {
  for (int d = 0; d < mask.ndim(); ++d)
    if (mask.shape()[d] != 0 && x.shape()[axis + d] != mask.shape()[d])
      throw IndexError(message("a boolean mask of shape ", str(mask.shape()), " does not fit axis ",
                               std::to_string(axis + d), " of shape ", str(x.shape()), ": it needs ",
                               std::to_string(x.shape()[axis + d]), " values there, not ",
                               std::to_string(mask.shape()[d])));
  return Tensor(compute::nonzero_flat(mask.array));
}

Plan plan(const Tensor& x, const Index& index) {
  int taken = 0, ellipses = 0;
  bool arrays = false;
  for (const IndexItem& item : index) {
    taken += axes_taken(item);
    ellipses += item.kind == IndexItem::ellipsis;
    arrays = arrays || is_array(item);
  }
  if (ellipses > 1) throw IndexError("an index can hold only one ellipsis (...)");
  if (taken > x.ndim())
    throw IndexError(message("too many indices: ", std::to_string(taken), " for a tensor with ",
                             std::to_string(x.ndim()), x.ndim() == 1 ? " dimension" : " dimensions", ", shape ",
                             str(x.shape())));
  Plan p;
  p.view = x;
  int from = 0, at = 0;  // the axis of x, and of the view, that the next item takes
  int last_array = -1;   // the item number of the last array seen
  int number = 0;
  for (const IndexItem& item : index) {
    // NumPy: beside an array, an integer counts as an array too.
    const bool array_like = is_array(item) || (arrays && item.kind == IndexItem::integer);
    if (array_like) {
      if (last_array >= 0 && last_array != number - 1) p.adjacent = false;
      last_array = number;
    }
    ++number;
    switch (item.kind) {
      case IndexItem::ellipsis:
        at += x.ndim() - taken;
        from += x.ndim() - taken;
        break;
      case IndexItem::new_axis: p.view = expand_dims(p.view, at++); break;
      case IndexItem::slice: {
        const Range r = resolve(item, x.shape()[from]);
        if (r.start != 0 || r.step != 1 || r.count != x.shape()[from])
          p.view = slice(p.view, at, r.start, r.step, r.count);
        ++at, ++from;
        break;
      }
      case IndexItem::integer: {
        const int64_t i = checked("", item.value, from, x.shape()[from]);
        ++from;
        if (arrays) {
          p.advanced.push_back({at++, 1, Tensor(compute::full({}, i, Dtype::int64))});
        } else {
          p.view = select(p.view, at, i);
        }
        break;
      }
      case IndexItem::array:
        p.advanced.push_back({at, 1, Tensor(checked_indices("", item.tensor, from, x.shape()[from]))});
        ++at, ++from;
        break;
      case IndexItem::mask: {
        const int n = item.tensor.ndim();
        p.advanced.push_back({at, n, mask_positions(x, from, item.tensor)});
        at += n, from += n;
        break;
      }
    }
  }
  return p;
}

// Where the arrays of an index point: flat positions along the axes that they take.
struct Gathered {
  Dims order;       // the view's axes, those first
  int joined;       // how many they are
  Array positions;  // int64, contiguous, on the host
  Shape index_shape;
  int place;  // where the index axes go in the result
};

Gathered gather_plan(const Plan& p) {
  Gathered g;
  bool first = true;
  for (const Advanced& a : p.advanced) {
    for (int d = 0; d < a.axes; ++d) g.order.push_back(a.axis + d);
    g.index_shape = first ? a.indices.shape() : broadcast("index arrays", g.index_shape, a.indices.shape());
    first = false;
  }
  g.joined = g.order.size();
  g.place = p.adjacent ? p.advanced.front().axis : 0;
  for (int d = 0; d < p.view.ndim(); ++d)
    if (std::find(g.order.begin(), g.order.begin() + g.joined, d) == g.order.begin() + g.joined) g.order.push_back(d);
  const NoRecording off;
  Tensor flat;
  for (const Advanced& a : p.advanced) {
    int64_t size = 1;
    for (int d = 0; d < a.axes; ++d) size *= p.view.shape()[a.axis + d];
    const Tensor indices = expand(a.indices, g.index_shape);
    flat = flat.defined() ? flat * Tensor(compute::full({}, size, Dtype::int64)) + indices : indices;
  }
  g.positions = compute::contiguous(flat.array);
  return g;
}

// (index axes..., other axes...) with the index axes moved to their place.
Dims moved(int index_axes, int ndim, int place) {
  Dims order;
  for (int d = 0; d < place; ++d) order.push_back(index_axes + d);
  for (int d = 0; d < index_axes; ++d) order.push_back(d);
  for (int d = index_axes + place; d < ndim; ++d) order.push_back(d);
  return order;
}

Shape part(const Shape& shape, int from, int to) {
  Shape s;
  for (int d = from; d < to; ++d) s.push_back(shape[d]);
  return s;
}
Shape tail(const Shape& shape, int from) { return part(shape, from, shape.size()); }

Shape appended(Shape a, const Shape& b) {
  for (int64_t n : b) a.push_back(n);
  return a;
}

int64_t product(const Shape& shape) {
  int64_t n = 1;
  for (int64_t size : shape) n *= size;
  return n;
}

Tensor take_flat(const Tensor& x, const Array& given, int axis) {
  const Array positions = compute::to(given, x.device());
  return record("take", compute::take(x.array, positions, axis),
                wrt(x, [positions, axis, from = x.shape()](const Tensor& g) {
                  Array d = compute::take_grad(g.array, positions, axis, from);
                  return record("take_grad", std::move(d),
                                wrt(g, [positions, axis](const Tensor& gg) { return take_flat(gg, positions, axis); }));
                }));
}

// The same by one gather, for devices: the new x is taken from the rows of the old one and of the values together.
void put_there(const Array& x, int axes, const Array& positions, const Array& values) {
  const Shape lead = part(x.shape, 0, axes), rest = tail(x.shape, axes);
  const int64_t n = product(lead);
  Array source = Array::empty({n}, Dtype::int64);
  int64_t* from = source.as<int64_t>();
  std::iota(from, from + n, int64_t{0});
  for (int64_t i = 0; i < positions.size(); ++i) from[positions.as<int64_t>()[i]] = n + i;  // the last one wins
  const Tensor before(*reshaped_view(compute::contiguous(x), appended({n}, rest)));
  const Tensor after(*reshaped_view(values, appended({positions.size()}, rest)));
  const Tensor all = concat({before, after}, 0);
  compute::assign(x, *reshaped_view(compute::take(all.array, compute::to(source, x.device()), 0), x.shape));
}

// x with each flat position along its first `axes` axes overwritten by a row of values (row-major).
void put(Array x, int axes, const Array& positions, const Array& values) {
  if (!x.device().is_cpu()) return put_there(x, axes, positions, values);
  const Shape lead = part(x.shape, 0, axes), rest = tail(x.shape, axes);
  if (auto view = reshaped_view(x, appended({product(lead)}, rest))) {
    x = *view;  // one axis: no division to find a position
    axes = 1;
  }
  Array row = x;
  row.shape = rest;
  row.strides = tail(x.strides, axes);
  Array from = row;
  from.storage = values.storage;
  from.strides = contiguous_strides(rest);
  const int64_t step = row.size();
  const size_t bytes = static_cast<size_t>(step) * itemsize(x.dtype);
  const bool dense = row.is_contiguous();
  const int64_t* at = positions.as<int64_t>();
  for (int64_t i = 0, n = positions.size(); i < n; ++i) {
    int64_t position = at[i], offset = x.offset;
    for (int d = axes - 1; d > 0; --d) {
      offset += position % x.shape[d] * x.strides[d];
      position /= x.shape[d];
    }
    row.offset = axes > 0 ? offset + position * x.strides[0] : offset;
    from.offset = values.offset + i * step;
    if (dense)
      std::memcpy(row.data(), from.data(), bytes);
    else
      compute::assign(row, from);
  }
  x.storage->changed();
}

}  // namespace

Tensor get_item(const Tensor& x, const Index& index) {
  const Plan p = plan(x, index);
  if (p.advanced.empty()) return p.view;
  const Gathered g = gather_plan(p);
  const Tensor source = p.adjacent ? p.view : permute_dims(p.view, g.order);
  const Shape before = part(source.shape(), 0, g.place), after = tail(source.shape(), g.place + g.joined);
  const int64_t indexed = product(part(source.shape(), g.place, g.place + g.joined));
  const Tensor flat = reshape(source, appended(appended(before, {indexed}), after));
  return reshape(take_flat(contiguous(flat), g.positions, g.place), appended(appended(before, g.index_shape), after));
}

void set_item(const Tensor& x, const Index& index, const Tensor& value) {
  check_writable("assignment", x, value);
  const NoRecording off;
  const Plan p = plan(x, index);
  if (p.advanced.empty()) return assign("assignment", p.view, value);
  const Gathered g = gather_plan(p);
  const Array target = permuted(p.view.array, g.order);
  // The value, broadcast and converted, in the axes' order of the result, then with the index axes in front.
  const Array values = Array::empty(appended(g.index_shape, tail(target.shape, g.joined)), x.dtype(), x.device());
  assign("assignment", Tensor(permuted(values, moved(g.index_shape.size(), values.ndim(), g.place))), value);
  put(target, g.joined, g.positions, values);
}

Tensor take(const Tensor& x, const Tensor& indices, int64_t axis0) {
  const int axis = normalize_axis("take", axis0, x.ndim());
  const Array positions = checked_indices("take: ", indices, axis, x.shape()[axis]);
  Shape result = x.shape();
  result.erase(axis);
  for (int d = 0; d < indices.ndim(); ++d) result.insert(axis + d, indices.shape()[d]);
  return reshape(take_flat(contiguous(x), positions, axis), result);
}

Tensor repeat(const Tensor& x, const Tensor& counts, int64_t axis0) {
  const int axis = normalize_axis("repeat", axis0, x.ndim());
  const int64_t n = x.shape()[axis];
  if (!is_integer(counts.dtype()))
    throw DtypeError(message("repeat: counts must be integers, got ", name(counts.dtype())));
  if (counts.ndim() > 1 || (counts.size() != 1 && counts.size() != n))
    throw ShapeError(message("repeat: counts of shape ", str(counts.shape()), " for axis ", std::to_string(axis),
                             " with size ", std::to_string(n)));
  const Array times = compute::cast(compute::on_host(counts.array), Dtype::int64);
  const int64_t* count = times.as<int64_t>();
  if (counts.size() == 1) return repeat(x, *count, axis);
  int64_t total = 0;
  for (int64_t i = 0; i < n; ++i) {
    if (count[i] < 0) throw ValueError(message("repeat: negative number of repetitions, ", std::to_string(count[i])));
    if (__builtin_add_overflow(total, count[i], &total)) throw ShapeError("repeat: too many elements");
  }
  const Array positions = Array::empty({total}, Dtype::int64);
  int64_t* at = positions.as<int64_t>();
  for (int64_t i = 0; i < n; ++i) at = std::fill_n(at, count[i], i);
  return take_flat(contiguous(x), positions, axis);
}

Tensor take_along_axis(const Tensor& x, const Tensor& indices, int64_t axis0) {
  const int axis = normalize_axis("take_along_axis", axis0, x.ndim());
  if (indices.ndim() != x.ndim())
    throw ShapeError(message("take_along_axis: indices of shape ", str(indices.shape()), " need as many dimensions as ",
                             str(x.shape())));
  Shape others = x.shape(), wanted = indices.shape();
  others[axis] = wanted[axis] = 1;
  Shape shape = broadcast("take_along_axis", others, wanted), source = shape;
  shape[axis] = indices.shape()[axis];
  source[axis] = x.shape()[axis];
  // Flat positions: the index along the axis, and each element's own position along the others.
  const Array index =
      compute::contiguous(expanded(checked_indices("take_along_axis: ", indices, axis, x.shape()[axis]), shape));
  Array flat = Array::empty({element_count(shape)}, Dtype::int64);
  int64_t inner = 1;
  for (int d = axis + 1; d < shape.size(); ++d) inner *= shape[d];
  const int64_t *from = index.as<int64_t>(), n = source[axis], m = shape[axis];
  int64_t* to = flat.as<int64_t>();
  for (int64_t i = 0; i < flat.size(); ++i) to[i] = (i / (inner * m) * n + from[i]) * inner + i % inner;
  const Tensor line = reshape(contiguous(expand(x, source)), {element_count(source)});
  return reshape(take_flat(line, flat, 0), shape);
}

Tensor searchsorted(const Tensor& x1, const Tensor& x2, bool right) {
  if (x1.ndim() != 1) throw ShapeError(message("searchsorted: x1 must be 1-d, got shape ", str(x1.shape())));
  const NoRecording off;
  const Dtype t = promote("searchsorted", x1.dtype(), x2.dtype());
  const Tensor sorted = contiguous(astype(x1, t)), values = astype(x2, t);
  // Whether a comes before b in sorted order.
  const auto before = [t](const Tensor& a, const Tensor& b) {
    const Tensor less = binary<rows::Less>(a, b);
    if (!is_floating(t)) return less;
    return binary<rows::LogicalOr>(less, binary<rows::Greater>(unary<rows::Isnan>(b), unary<rows::Isnan>(a)));
  };
  // All searches at once: the answer lies in [low, high].
  const Device place = values.device();
  Tensor low(compute::full(values.shape(), int64_t{0}, Dtype::int64, place));
  Tensor high(compute::full(values.shape(), x1.size(), Dtype::int64, place));
  const Tensor one(compute::full({}, int64_t{1}, Dtype::int64, place));
  const Tensor last(compute::full({}, x1.size() - 1, Dtype::int64, place));
  for (int64_t span = x1.size(); span > 0; span /= 2) {
    const Tensor middle = binary<rows::BitwiseRightShift>(low + high, one);
    // Where the search has ended, `middle` may be one beyond the end.
    const Tensor here = take(sorted, binary<rows::Minimum>(middle, last), 0);
    const Tensor open = binary<rows::Less>(low, high);
    const Tensor ahead = right ? unary<rows::LogicalNot>(before(values, here)) : before(here, values);
    low = where(binary<rows::LogicalAnd>(open, ahead), middle + one, low);
    high = where(binary<rows::LogicalAnd>(open, unary<rows::LogicalNot>(ahead)), middle, high);
  }
  return low;
}

std::vector<Tensor> nonzero(const Tensor& x) {
  if (x.ndim() == 0) throw ShapeError("nonzero: needs at least 1 dimension, got a 0-d tensor");
  Array flat = compute::nonzero_flat(astype(stop_gradient(x), Dtype::boolean).array);
  std::vector<Tensor> positions;
  for (int d = 0; d < x.ndim(); ++d) positions.emplace_back(Array::empty(flat.shape, Dtype::int64));
  for (int64_t i = 0; i < flat.size(); ++i) {
    int64_t rest = flat.as<int64_t>()[i];
    for (int d = x.ndim() - 1; d >= 0; --d) {
      positions[static_cast<size_t>(d)].array.as<int64_t>()[i] = rest % x.shape()[d];
      rest /= x.shape()[d];
    }
  }
  for (Tensor& along : positions) along = to(along, x.device());
  return positions;
}

Tensor one_hot(const Tensor& labels, int64_t classes, Dtype dtype) {
  if (!is_integer(labels.dtype()))
    throw DtypeError(message("one_hot: labels must be integers, got ", name(labels.dtype())));
  if (classes < 0)
    throw ValueError(message("one_hot: the number of classes must be at least 0, got ", std::to_string(classes)));
  Array counting = Array::empty({classes}, Dtype::int64);
  for (int64_t i = 0; i < classes; ++i) counting.as<int64_t>()[i] = i;
  const Tensor column = expand_dims(astype(stop_gradient(labels), Dtype::int64), -1);
  return astype(binary<rows::Equal>(column, to(Tensor(counting), labels.device())), dtype);
}

}  // namespace pynn::ops
