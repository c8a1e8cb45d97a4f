#include "ops/shape.h"

#include <algorithm>

#include "compute/dispatch.h"
#include "compute/elementwise.h"
#include "core/error.h"
#include "ops/elementwise.h"

namespace pynn::ops {
namespace {

// Shapes of n elements that differ from the one asked for in a single size, the nearest ones.
std::string fitting(const Shape& asked, int64_t n) {
  constexpr int64_t kFarthest = 1'000'000;  // how far to look for a divisor
  std::vector<Shape> fits;
  const bool open = std::find(asked.begin(), asked.end(), -1) != asked.end();
  for (int d = 0; d < asked.size(); ++d) {
    int64_t others = 1;
    for (int e = 0; e < asked.size(); ++e)
      if (e != d && asked[e] != -1) others *= asked[e];  // no overflow: their product has been checked
    if (asked[d] == -1 || others == 0 || n % others != 0) continue;
    const int64_t left = n / others;
    const auto add = [&](int64_t size) {
      fits.push_back(asked);
      fits.back()[d] = size;
    };
    if (!open) {
      add(left);
      continue;
    }
    for (int64_t size = std::min(asked[d] - 1, left), last = asked[d] - kFarthest; size >= std::max<int64_t>(last, 1);
         --size)
      if (left % size == 0) {
        add(size);
        break;
      }
    for (int64_t size = asked[d] + 1; size <= std::min(left, asked[d] + kFarthest); ++size)
      if (left % size == 0) {
        add(size);
        break;
      }
  }
  std::string text;
  for (size_t i = 0; i < fits.size() && i < 3; ++i) text += (i ? " or " : "; ") + str(fits[i]);
  return text.empty() ? text : text + " would fit";
}

// `shape` with its -1 replaced.
Shape resolved(const Tensor& x, Shape shape) {
  const Shape asked = shape;
  int unknown = -1;
  for (int d = 0; d < shape.size(); ++d) {
    if (shape[d] == -1) {
      if (unknown >= 0) throw ShapeError(message("reshape: only one size can be -1, got ", str(shape)));
      unknown = d;
    } else if (shape[d] < 0) {
      throw ShapeError(message("reshape: negative size in ", str(shape)));
    }
  }
  if (unknown >= 0) {
    shape[unknown] = 1;
    const int64_t known = element_count(shape);
    if (known == 0) throw ShapeError(message("reshape: -1 could be any size in ", str(asked), ", which has a 0 too"));
    shape[unknown] = x.size() / known;
  }
  if (element_count(shape) != x.size())
    throw ShapeError(message("reshape: a tensor of shape ", str(x.shape()), " has ", std::to_string(x.size()),
                             " elements and cannot take shape ", str(asked), fitting(asked, x.size())));
  return shape;
}

// The axis along which two tensors could be joined.
std::string joining(const Tensor& a, const Tensor& b) {
  if (a.ndim() != b.ndim()) return "";
  for (int axis = 0; axis < a.ndim(); ++axis) {
    Shape rest = b.shape();
    rest[axis] = a.shape()[axis];
    if (rest == a.shape()) return message("; axis=", std::to_string(axis), " would fit");
  }
  return "";
}

Dims inverse(const Dims& order) {
  Dims back = order;
  for (int d = 0; d < order.size(); ++d) back[static_cast<int>(order[d])] = d;
  return back;
}

}  // namespace

Tensor reshape(const Tensor& x, const Shape& wanted) {
  const Shape shape = resolved(x, wanted);
  if (shape == x.shape()) return x;
  auto view = reshaped_view(x.array, shape);
  if (!view) view = reshaped_view(compute::copy(x.array), shape);
  return record("reshape", std::move(*view), wrt(x, [from = x.shape()](const Tensor& g) { return reshape(g, from); }));
}

Tensor permute_dims(const Tensor& x, const Dims& axes) {
  Dims order = axes;
  for (int64_t& a : order) a = normalize_axis("permute_dims", a, x.ndim());
  if (normalize_axes("permute_dims", order, x.ndim()).size() != x.ndim())
    throw ShapeError(
        message("permute_dims: axes ", str(axes), " must name each of the ", std::to_string(x.ndim()), " axes once"));
  return record("permute_dims", permuted(x.array, order),
                wrt(x, [back = inverse(order)](const Tensor& g) { return permute_dims(g, back); }));
}

Tensor swap_axes(const Tensor& x, int64_t a, int64_t b) {
  Dims order;
  for (int d = 0; d < x.ndim(); ++d) order.push_back(d);
  std::swap(order[normalize_axis("swapaxes", a, x.ndim())], order[normalize_axis("swapaxes", b, x.ndim())]);
  return permute_dims(x, order);
}

Tensor matrix_transpose(const Tensor& x) {
  if (x.ndim() < 2)
    throw ShapeError(message("matrix_transpose: needs at least 2 dimensions, got shape ", str(x.shape())));
  return swap_axes(x, -1, -2);
}

Tensor expand_dims(const Tensor& x, int64_t axis) {
  Shape shape = x.shape();
  shape.insert(normalize_axis("expand_dims", axis, x.ndim() + 1), 1);
  return reshape(x, shape);
}

Tensor squeeze(const Tensor& x, const Dims& axes) {
  const Axes gone = normalize_axes("squeeze", axes, x.ndim());
  for (int64_t d : gone)
    if (x.shape()[static_cast<int>(d)] != 1)
      throw ShapeError(message("squeeze: axis ", std::to_string(d), " of shape ", str(x.shape()), " is not 1"));
  return reshape(x, reduced_shape(x.shape(), gone, false));
}

Tensor broadcast_to(const Tensor& x, const Shape& shape) {
  const auto s = try_broadcast(x.shape(), shape);
  if (!s || *s != shape)
    throw ShapeError(message("broadcast_to: ", str(x.shape()), " does not broadcast to ", str(shape)));
  element_count(shape);
  return expand(x, shape);
}

Tensor unslice(const Tensor& g, const Shape& shape, int axis, int64_t start, int64_t step) {
  Array d = compute::zeros(shape, g.dtype(), g.device());
  const int64_t count = g.shape()[axis];
  compute::assign(sliced(d, axis, start, step, count), g.array);
  return record("unslice", std::move(d),
                wrt(g, [axis, start, step, count](const Tensor& gg) { return slice(gg, axis, start, step, count); }));
}

Tensor slice(const Tensor& x, int axis, int64_t start, int64_t step, int64_t count) {
  return record(
      "slice", sliced(x.array, axis, start, step, count),
      wrt(x, [from = x.shape(), axis, start, step](const Tensor& g) { return unslice(g, from, axis, start, step); }));
}

Tensor select(const Tensor& x, int axis, int64_t i) {
  return record(
      "select", without_axis(sliced(x.array, axis, i, 1, 1), axis),
      wrt(x, [from = x.shape(), axis, i](const Tensor& g) { return unslice(expand_dims(g, axis), from, axis, i, 1); }));
}

Tensor flip(const Tensor& x, const std::optional<Dims>& axes) {
  const Axes flipped = normalize_axes("flip", axes, x.ndim());
  Array y = x.array;
  for (int64_t d : flipped) {
    const int axis = static_cast<int>(d);
    y = sliced(y, axis, y.shape[axis] - 1, -1, y.shape[axis]);
  }
  return record("flip", std::move(y), wrt(x, [flipped](const Tensor& g) { return flip(g, flipped); }));
}

namespace {
// Diagonal k of the matrices in the last two axes, which must be there.
Array diagonal_view(const Array& x, int64_t k) {
  const int row = x.ndim() - 2, column = x.ndim() - 1;
  const int64_t rows = x.shape[row], columns = x.shape[column];
  k = std::clamp(k, -rows, columns);  // a diagonal beyond the corners is empty
  const int64_t n = std::max<int64_t>(k < 0 ? std::min(rows + k, columns) : std::min(rows, columns - k), 0);
  Array y = x;
  if (n > 0) y.offset += k < 0 ? -k * x.strides[row] : k * x.strides[column];
  y.shape.pop_back();
  y.strides.pop_back();
  y.shape.back() = n;
  y.strides.back() = x.strides[row] + x.strides[column];
  return y;
}

// Zeros of `shape` with g on diagonal k: the derivative of diagonal.
Tensor undiagonal(const Tensor& g, const Shape& shape, int64_t k) {
  Array d = compute::zeros(shape, g.dtype(), g.device());
  compute::assign(diagonal_view(d, k), g.array);
  return record("undiagonal", std::move(d), wrt(g, [k](const Tensor& gg) { return diagonal(gg, k); }));
}
}  // namespace

Tensor diagonal(const Tensor& x, int64_t k) {
  if (x.ndim() < 2) throw ShapeError(message("diagonal: needs at least 2 dimensions, got shape ", str(x.shape())));
  return record("diagonal", diagonal_view(x.array, k),
                wrt(x, [from = x.shape(), k](const Tensor& g) { return undiagonal(g, from, k); }));
}

Tensor contiguous(const Tensor& x) { return x.array.is_contiguous() ? x : copy(x); }
Tensor copy(const Tensor& x) {
  return record("copy", compute::copy(x.array), wrt(x, [](const Tensor& g) { return g; }));
}

Tensor concat(const std::vector<Tensor>& inputs, int64_t axis0) {
  if (inputs.empty()) throw ValueError("concat: needs at least one tensor");
  Dtype dtype = inputs[0].dtype();
  for (const Tensor& x : inputs) dtype = promote("concat", dtype, x.dtype());
  const int axis = normalize_axis("concat", axis0, inputs[0].ndim());
  Shape shape = inputs[0].shape();
  shape[axis] = 0;
  std::vector<Tensor> xs;
  std::vector<int64_t> starts;
  for (const Tensor& x : inputs) {
    Shape rest = x.shape();
    if (rest.size() == shape.size()) rest[axis] = shape[axis];
    if (rest != shape)
      throw ShapeError(message("concat: shapes ", str(inputs[0].shape()), " and ", str(x.shape()),
                               " differ elsewhere than in axis ", std::to_string(axis), joining(inputs[0], x)));
    starts.push_back(shape[axis]);
    shape[axis] += x.shape()[axis];
    xs.push_back(astype(x, dtype));
  }
  std::vector<const Array*> arrays;
  for (const Tensor& x : xs) arrays.push_back(&x.array);
  compute::same_device("concat", arrays);
  Array y = Array::empty(shape, dtype, xs[0].device());
  std::vector<int64_t> sizes;
  for (size_t i = 0; i < xs.size(); ++i) {
    sizes.push_back(xs[i].shape()[axis]);
    compute::assign(sliced(y, axis, starts[i], 1, sizes[i]), xs[i].array);
  }
  return record_many("concat", std::move(y), xs, [axis, starts, sizes](const Tensor& g, int i) {
    const auto at = static_cast<size_t>(i);
    return slice(g, axis, starts[at], 1, sizes[at]);
  });
}

Tensor stack(const std::vector<Tensor>& xs, int64_t axis) {
  if (xs.empty()) throw ValueError("stack: needs at least one tensor");
  const int at = normalize_axis("stack", axis, xs[0].ndim() + 1);
  std::vector<Tensor> rows;
  for (const Tensor& x : xs) {
    if (x.shape() != xs[0].shape())
      throw ShapeError(message("stack: shapes ", str(xs[0].shape()), " and ", str(x.shape()), " differ"));
    rows.push_back(expand_dims(x, at));
  }
  return concat(rows, at);
}

std::vector<Tensor> split(const Tensor& x, const std::vector<int64_t>& sizes, int64_t axis0) {
  const int axis = normalize_axis("split", axis0, x.ndim());
  std::vector<Tensor> parts;
  int64_t start = 0;
  for (int64_t size : sizes) {
    parts.push_back(slice(x, axis, start, 1, size));
    start += size;
  }
  return parts;
}

namespace {
// Each run of elements, from axis `from` to the last, `times` in a row, which makes axis `longer` longer. Three axes
// are enough for that, so it works up to the limit of dimensions.
Tensor repeat_runs(const char* op, const Tensor& x, int from, int64_t times, int longer) {
  if (times < 0) throw ValueError(message(op, ": negative number of repetitions, ", std::to_string(times)));
  if (times == 1) return x;
  int64_t outer = 1, run = 1;
  for (int d = 0; d < x.ndim(); ++d) (d < from ? outer : run) *= x.shape()[d];
  const Tensor wide = broadcast_to(reshape(x, {outer, 1, run}), {outer, times, run});
  Shape shape = x.shape();
  shape[longer] *= times;
  return reshape(wide, shape);
}
}  // namespace

Tensor tile(const Tensor& x, const Dims& repetitions) {
  Shape shape = x.shape();
  while (shape.size() < repetitions.size()) shape.insert(0, 1);
  Tensor y = reshape(x, shape);
  const int lead = shape.size() - repetitions.size();
  for (int d = shape.size() - 1; d >= lead; --d) y = repeat_runs("tile", y, d, repetitions[d - lead], d);
  return y;
}

Tensor repeat(const Tensor& x, int64_t times, int64_t axis0) {
  const int axis = normalize_axis("repeat", axis0, x.ndim());
  return repeat_runs("repeat", x, axis + 1, times, axis);
}

Tensor roll(const Tensor& x, const Dims& shifts, const Dims& axes) {
  Tensor y = x;
  for (int i = 0; i < axes.size(); ++i) {
    const int axis = normalize_axis("roll", axes[i], x.ndim());
    const int64_t n = x.shape()[axis];
    if (n == 0) continue;
    const int64_t shift = ((shifts[i] % n) + n) % n;
    if (shift == 0) continue;
    y = concat({slice(y, axis, n - shift, 1, shift), slice(y, axis, 0, 1, n - shift)}, axis);
  }
  return y;
}

namespace {
// True on and below diagonal k of an (M, N) matrix.
Tensor lower_mask(const char* op, const Tensor& x, int64_t k) {
  if (x.ndim() < 2) throw ShapeError(message(op, ": needs at least 2 dimensions, got shape ", str(x.shape())));
  const int64_t rows = x.shape()[x.ndim() - 2], columns = x.shape().back();
  Array mask = Array::empty({rows, columns}, Dtype::boolean);
  bool* at = mask.as<bool>();
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < columns; ++j) *at++ = j - i <= k;
  return to(Tensor(std::move(mask)), x.device());
}
}  // namespace

Tensor tril(const Tensor& x, int64_t k) { return where(lower_mask("tril", x, k), x, scalar_like(x, 0)); }
Tensor triu(const Tensor& x, int64_t k) {
  return where(lower_mask("triu", x, std::max(k, -x.size()) - 1), scalar_like(x, 0), x);
}

}  // namespace pynn::ops
