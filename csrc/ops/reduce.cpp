#include "ops/reduce.h"

#include <cmath>
#include <limits>

#include "compute/elementwise.h"
#include "compute/reduce.h"
#include "ops/elementwise.h"
#include "ops/index.h"
#include "ops/shape.h"

namespace pynn::ops {
namespace {

// The type in which integers are added up.
Dtype sum_type(Dtype t) {
  if (is_floating(t)) return t;
  return kind(t) == Kind::unsigned_integer ? Dtype::uint64 : Dtype::int64;
}

// A reduced result with its axes back as 1, so that it broadcasts against the operand.
Tensor with_axes(const Tensor& y, const Shape& from, const Axes& axes) {
  return reshape(y, reduced_shape(from, axes, true));
}

int64_t count(const Shape& shape, const Axes& axes) {
  int64_t n = 1;
  for (int64_t d : axes) n *= shape[static_cast<int>(d)];
  return n;
}

// Sum, mean, variance under the name of the operation that the user called.
Tensor sum_of(const char* op, const Tensor& x0, const AxesArgument& axes0, bool keepdims) {
  const Tensor x = astype(x0, sum_type(x0.dtype()));
  const Axes axes = normalize_axes(op, axes0, x.ndim());
  return record(op, compute::reduce(op, Reduction::sum, x.array, axes, keepdims, x.dtype()),
                wrt(x, [from = x.shape(), axes](const Tensor& g) { return expand(with_axes(g, from, axes), from); }));
}

Tensor mean_of(const char* op, const Tensor& x0, const AxesArgument& axes0, bool keepdims) {
  const Tensor x = is_floating(x0.dtype()) ? x0 : astype(x0, kDefaultFloat);
  const int64_t n = count(x.shape(), normalize_axes(op, axes0, x.ndim()));
  return sum_of(op, x, axes0, keepdims) / scalar_like(x, static_cast<double>(n));
}

Tensor var_of(const char* op, const Tensor& x0, const AxesArgument& axes0, double correction, bool keepdims) {
  const Tensor x = is_floating(x0.dtype()) ? x0 : astype(x0, kDefaultFloat);
  const auto n = static_cast<double>(count(x.shape(), normalize_axes(op, axes0, x.ndim())));
  const Tensor squares = unary<rows::Square>(x - mean_of(op, x, axes0, true));
  return sum_of(op, squares, axes0, keepdims) / scalar_like(x, std::max(n - correction, 0.0));
}

Tensor extreme(const char* op, Reduction kind, const Tensor& x, const AxesArgument& axes0, bool keepdims) {
  const Axes axes = normalize_axes(op, axes0, x.ndim());
  if (count(x.shape(), axes) == 0)
    throw ShapeError(message(op, ": no element to choose from in shape ", str(x.shape())));
  return record(op, compute::reduce(op, kind, x.array, axes, keepdims, x.dtype()),
                wrt(x, [x = keep(x), axes](const Tensor& g, const Tensor& y) {
                  const Tensor hit = binary<rows::Equal>(x(), with_axes(y, x().shape(), axes));
                  const Tensor hits = sum(astype(hit, g.dtype()), axes, true);
                  return where(hit, with_axes(g, x().shape(), axes) / hits, scalar_like(g, 0));
                }));
}

Tensor truth(const char* op, Reduction kind, const Tensor& x, const AxesArgument& axes, bool keepdims) {
  const Array b = x.dtype() == Dtype::boolean ? x.array : compute::cast(x.array, Dtype::boolean);
  return Tensor(compute::reduce(op, kind, b, normalize_axes(op, axes, x.ndim()), keepdims, Dtype::boolean));
}

Tensor arg_extreme(const char* op, Reduction kind, const Tensor& x, const std::optional<int64_t>& axis, bool keepdims) {
  Axes axes;
  Array source = x.array;
  if (axis) {
    axes.push_back(normalize_axis(op, *axis, x.ndim()));
  } else {
    source = *reshaped_view(compute::contiguous(x.array), {x.size()});
    axes.push_back(0);
  }
  if (count(source.shape, axes) == 0)
    throw ShapeError(message(op, ": no element to choose from in shape ", str(x.shape())));
  Array y = compute::reduce(op, kind, source, axes, keepdims, Dtype::int64);
  if (!axis && keepdims) y = *reshaped_view(y, Shape(x.ndim(), 1));
  return Tensor(std::move(y));
}

// The product as a tree of multiplications, for the tape: its derivative is right where factors are 0, to any order.
Tensor product_tree(const Tensor& x, const Axes& axes, bool keepdims) {
  Dims order;
  for (int d = 0, next = 0; d < x.ndim(); ++d) {
    const bool gone = next < axes.size() && axes[next] == d;
    next += gone;
    if (!gone) order.push_back(d);
  }
  for (int64_t d : axes) order.push_back(d);
  const Shape result = reduced_shape(x.shape(), axes, keepdims);
  Shape factors = reduced_shape(x.shape(), axes, false);
  factors.push_back(count(x.shape(), axes));
  if (factors.back() == 0) return Tensor(compute::full(result, 1.0, x.dtype(), x.device()));
  Tensor y = reshape(permute_dims(x, order), factors);
  const int last = y.ndim() - 1;
  while (y.shape().back() > 1) {
    const int64_t n = y.shape().back(), half = n / 2;
    const Tensor pairs = slice(y, last, 0, 1, half) * slice(y, last, half, 1, half);
    y = n % 2 ? concat({pairs, slice(y, last, n - 1, 1, 1)}, last) : pairs;
  }
  return reshape(y, result);
}

// f over the last axis of x in row-major order, the result with its axes where they were.
template <class F>
Tensor along_last(const Tensor& x, int axis, F f) {
  const int last = x.ndim() - 1;
  if (axis == last) return f(contiguous(x));
  return swap_axes(f(contiguous(swap_axes(x, axis, last))), axis, last);
}

Tensor order_of(const char* op, const Tensor& x, int64_t axis, bool descending) {
  const NoRecording off;
  return along_last(x, normalize_axis(op, axis, x.ndim()), [op, descending](const Tensor& rows_) {
    return Tensor(compute::argsort(op, rows_.array, descending));
  });
}

}  // namespace

Tensor sum(const Tensor& x, const AxesArgument& axes, bool keepdims) { return sum_of("sum", x, axes, keepdims); }

Tensor mean(const Tensor& x, const AxesArgument& axes, bool keepdims) { return mean_of("mean", x, axes, keepdims); }
Tensor mean_gradient(const Tensor& g, const Tensor& x) { return g / scalar_like(x, static_cast<double>(x.size())); }

Tensor prod(const Tensor& x0, const AxesArgument& axes0, bool keepdims) {
  const Tensor x = astype(x0, sum_type(x0.dtype()));
  const Axes axes = normalize_axes("prod", axes0, x.ndim());
  if (tracked(x)) return product_tree(x, axes, keepdims);
  return Tensor(compute::reduce("prod", Reduction::prod, x.array, axes, keepdims, x.dtype()));
}

Tensor max(const Tensor& x, const AxesArgument& axes, bool keepdims) {
  return extreme("max", Reduction::max, x, axes, keepdims);
}
Tensor min(const Tensor& x, const AxesArgument& axes, bool keepdims) {
  return extreme("min", Reduction::min, x, axes, keepdims);
}

Tensor var(const Tensor& x, const AxesArgument& axes, double correction, bool keepdims) {
  return var_of("var", x, axes, correction, keepdims);
}
Tensor std_dev(const Tensor& x, const AxesArgument& axes, double correction, bool keepdims) {
  return unary<rows::Sqrt>(var_of("std", x, axes, correction, keepdims));
}

Tensor all(const Tensor& x, const AxesArgument& axes, bool keepdims) {
  return truth("all", Reduction::all, x, axes, keepdims);
}
Tensor any(const Tensor& x, const AxesArgument& axes, bool keepdims) {
  return truth("any", Reduction::any, x, axes, keepdims);
}

Tensor argmax(const Tensor& x, const std::optional<int64_t>& axis, bool keepdims) {
  return arg_extreme("argmax", Reduction::argmax, x, axis, keepdims);
}
Tensor argmin(const Tensor& x, const std::optional<int64_t>& axis, bool keepdims) {
  return arg_extreme("argmin", Reduction::argmin, x, axis, keepdims);
}

Tensor cumulative_sum(const Tensor& x0, int64_t axis0) {
  const Tensor x = astype(x0, sum_type(x0.dtype()));
  const int axis = normalize_axis("cumulative_sum", axis0, x.ndim());
  return record("cumulative_sum", compute::cumulative_sum(x.array, axis), wrt(x, [axis](const Tensor& g) {
                  return flip(cumulative_sum(flip(g, Dims{axis}), axis), Dims{axis});  // sums from the other end
                }));
}

namespace {
// Running products for the tape, by doubling: after each step an element holds a product of twice as many. The
// derivative is right where factors are 0, to any order.
Tensor product_ladder(const Tensor& x, int axis) {
  Tensor y = x;
  for (int64_t n = x.shape()[axis], step = 1; step < n; step *= 2)
    y = concat({slice(y, axis, 0, 1, step), slice(y, axis, step, 1, n - step) * slice(y, axis, 0, 1, n - step)}, axis);
  return y;
}
}  // namespace

Tensor cumulative_prod(const Tensor& x0, int64_t axis0) {
  const Tensor x = astype(x0, sum_type(x0.dtype()));
  const int axis = normalize_axis("cumulative_prod", axis0, x.ndim());
  if (tracked(x)) return product_ladder(x, axis);
  return Tensor(compute::cumulative_prod(x.array, axis));
}

Tensor diff(const Tensor& x, int64_t axis0, int64_t n) {
  if (n < 0) throw ValueError(message("diff: n must be at least 0, got ", std::to_string(n)));
  if (x.ndim() == 0) throw ShapeError("diff: needs at least 1 dimension, got a 0-d tensor");
  const int axis = normalize_axis("diff", axis0, x.ndim());
  Tensor y = x;
  for (; n > 0 && y.shape()[axis] > 0; --n) {
    const int64_t count = y.shape()[axis] - 1;
    y = slice(y, axis, 1, 1, count) - slice(y, axis, 0, 1, count);
  }
  return y;
}

Tensor count_nonzero(const Tensor& x, const AxesArgument& axes, bool keepdims) {
  const Tensor hits(x.dtype() == Dtype::boolean ? x.array : compute::cast(x.array, Dtype::boolean));
  return sum_of("count_nonzero", hits, axes, keepdims);
}

Tensor logsumexp(const Tensor& x0, const AxesArgument& axes, bool keepdims) {
  const Tensor x = is_floating(x0.dtype()) ? x0 : astype(x0, kDefaultFloat);
  constexpr double inf = std::numeric_limits<double>::infinity();
  if (count(x.shape(), normalize_axes("logsumexp", axes, x.ndim())) == 0)
    return sum(x, axes, keepdims) - scalar_like(x, inf);  // log 0
  // Shifted by the largest element, so that exp does not overflow; an infinite one must not become inf - inf.
  const Tensor most = stop_gradient(extreme("logsumexp", Reduction::max, x, axes, true));
  const Tensor shift = where(unary<rows::Isfinite>(most), most, scalar_like(x, 0));
  const Tensor y = unary<rows::Log>(sum(unary<rows::Exp>(x - shift), axes, true)) + shift;
  return keepdims ? y : reshape(y, reduced_shape(x.shape(), normalize_axes("logsumexp", axes, x.ndim()), false));
}

Tensor norm(const Tensor& x0, double order, const AxesArgument& axes0, bool keepdims) {
  const Tensor x = is_floating(x0.dtype()) ? x0 : astype(x0, kDefaultFloat);
  const Axes axes = normalize_axes("norm", axes0, x.ndim());
  const Tensor magnitude = unary<rows::Abs>(x);
  if (order == std::numeric_limits<double>::infinity())
    return extreme("norm", Reduction::max, magnitude, axes0, keepdims);
  if (order == -std::numeric_limits<double>::infinity())
    return extreme("norm", Reduction::min, magnitude, axes0, keepdims);
  if (order == 0) return sum(astype(binary<rows::NotEqual>(x, scalar_like(x, 0)), x.dtype()), axes0, keepdims);
  if (order == 1) return sum(magnitude, axes0, keepdims);
  if (order == 2) {
    Array y;
    {
      const NoRecording off;
      y = unary<rows::Sqrt>(sum(unary<rows::Square>(x), axes0, keepdims)).array;
    }
    return record("norm", std::move(y), wrt(x, [x = keep(x), axes](const Tensor& g, const Tensor& out) {
                    const Tensor n = with_axes(out, x().shape(), axes);
                    const Tensor zero = binary<rows::Equal>(n, scalar_like(n, 0));
                    const Tensor unit = x() / where(zero, scalar_like(n, 1), n);
                    return with_axes(g, x().shape(), axes) * where(zero, scalar_like(n, 0), unit);
                  }));
  }
  const Tensor p = scalar_like(x, order);
  const Tensor total = sum(binary<rows::Power>(magnitude, p), axes0, keepdims), root = scalar_like(x, 1 / order);
  if (order < 0) return binary<rows::Power>(total, root);
  // The root's infinite slope at 0 would make NaN of a zero vector's gradient.
  const Tensor zero = binary<rows::Equal>(total, scalar_like(x, 0));
  return where(zero, total, binary<rows::Power>(where(zero, scalar_like(x, 1), total), root));
}

Tensor softmax_gradient(const Tensor& g, const Tensor& y) {
  if (!recording()) return Tensor(compute::softmax_grad(g.array, y.array));
  return y * (g - sum(g * y, Dims{-1}, true));
}

Tensor softmax(const Tensor& x0, int64_t axis) {
  const Tensor x = is_floating(x0.dtype()) ? x0 : astype(x0, kDefaultFloat);
  return along_last(x, normalize_axis("softmax", axis, x.ndim()), [](const Tensor& rows_) {
    return record("softmax", compute::softmax(rows_.array), wrt(rows_, softmax_gradient));
  });
}

Tensor log_softmax(const Tensor& x0, int64_t axis) {
  const Tensor x = is_floating(x0.dtype()) ? x0 : astype(x0, kDefaultFloat);
  return along_last(x, normalize_axis("log_softmax", axis, x.ndim()), [](const Tensor& rows_) {
    return record("log_softmax", compute::log_softmax(rows_.array), wrt(rows_, [](const Tensor& g, const Tensor& y) {
                    if (!recording()) return Tensor(compute::log_softmax_grad(g.array, y.array));
                    return g - unary<rows::Exp>(y) * sum(g, Dims{-1}, true);
                  }));
  });
}

Tensor argsort(const Tensor& x, int64_t axis, bool descending) { return order_of("argsort", x, axis, descending); }

Tensor sort(const Tensor& x, int64_t axis, bool descending) {
  return take_along_axis(x, order_of("sort", x, axis, descending), axis);
}

}  // namespace pynn::ops
