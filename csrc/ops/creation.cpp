#include "ops/creation.h"

#include <algorithm>
#include <cmath>

#include "compute/elementwise.h"
#include "core/error.h"
#include "ops/elementwise.h"
#include "ops/shape.h"

namespace pynn::ops {
namespace {

// y[i] = f(i), computed in T and converted.
template <class T, class F>
Tensor sequence(int64_t n, Dtype dtype, Device device, F f) {
  Array y = Array::empty({n}, DtypeOf<T>::value);
  T* at = y.as<T>();
  for (int64_t i = 0; i < n; ++i) at[i] = f(i);
  return to(astype(Tensor(std::move(y)), dtype), device);
}

// How many elements `arange` has; far more than memory holds is an error here, before it overflows an integer.
int64_t checked_count(double n) {
  if (std::isnan(n)) throw ValueError("arange: start, stop and step must be finite");
  if (n > 1e15) throw ShapeError("arange: too many elements");
  return n > 0 ? static_cast<int64_t>(n) : 0;
}
int64_t checked_count(uint64_t n) {
  if (n > 1'000'000'000'000'000) throw ShapeError("arange: too many elements");
  return static_cast<int64_t>(n);
}

}  // namespace

Tensor arange(double start, double stop, double step, Dtype dtype, Device device) {
  if (step == 0 || std::isnan(step)) throw ValueError("arange: step cannot be zero");
  const int64_t n = checked_count(std::ceil((stop - start) / step));
  return sequence<double>(n, dtype, device, [=](int64_t i) { return start + static_cast<double>(i) * step; });
}

Tensor arange(int64_t start, int64_t stop, int64_t step, Dtype dtype, Device device) {
  if (step == 0) throw ValueError("arange: step cannot be zero");
  // Unsigned, so that no difference or product overflows.
  const auto from = static_cast<uint64_t>(start), by = static_cast<uint64_t>(step);
  const uint64_t span = step > 0 ? static_cast<uint64_t>(stop) - from : from - static_cast<uint64_t>(stop);
  const bool empty = step > 0 ? start >= stop : start <= stop;
  const int64_t n = empty ? 0 : checked_count((span - 1) / (step > 0 ? by : -by) + 1);
  return sequence<int64_t>(n, dtype, device,
                           [=](int64_t i) { return static_cast<int64_t>(from + static_cast<uint64_t>(i) * by); });
}

Tensor linspace(double start, double stop, int64_t n, Dtype dtype, bool endpoint, Device device) {
  if (n < 0) throw ValueError(message("linspace: the number of samples must be at least 0, got ", std::to_string(n)));
  const int64_t steps = endpoint ? n - 1 : n;
  const double step = steps > 0 ? (stop - start) / static_cast<double>(steps) : 0;
  return sequence<double>(n, dtype, device, [=](int64_t i) {
    return endpoint && i == steps && i > 0 ? stop : start + static_cast<double>(i) * step;
  });
}

Tensor eye(int64_t rows, int64_t columns, int64_t k, Dtype dtype, Device device) {
  const Shape shape{rows, columns};
  if (rows < 0 || columns < 0) throw ShapeError(message("eye: negative size in shape ", str(shape)));
  Array y = compute::zeros(shape, dtype, device);
  k = std::clamp(k, -rows, columns);  // a diagonal beyond the corners is empty
  const int64_t row = k < 0 ? -k : 0, column = k > 0 ? k : 0;
  const int64_t n = std::min(rows - row, columns - column);
  if (n > 0) {
    Array diagonal = y;
    diagonal.shape = {n};
    diagonal.strides = {columns + 1};
    diagonal.offset += row * columns + column;
    compute::assign(diagonal, compute::full({}, int64_t{1}, dtype, device));
  }
  return Tensor(std::move(y));
}

std::vector<Tensor> meshgrid(const std::vector<Tensor>& xs, bool ij) {
  const int n = static_cast<int>(xs.size());
  Shape shape;
  for (const Tensor& x : xs) {
    if (x.ndim() > 1) throw ShapeError(message("meshgrid: inputs must be 1-d, got shape ", str(x.shape())));
    shape.push_back(x.size());
  }
  std::vector<Tensor> grids;
  for (int i = 0; i < n; ++i) {
    Shape along(n, 1);
    along[i] = xs[static_cast<size_t>(i)].size();
    const Tensor grid = broadcast_to(reshape(xs[static_cast<size_t>(i)], along), shape);
    grids.push_back(contiguous(!ij && n > 1 ? swap_axes(grid, 0, 1) : grid));
  }
  return grids;
}

}  // namespace pynn::ops
