#include "ops/metric.h"

#include <cmath>

#include "compute/elementwise.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"

namespace pynn::ops {
namespace {

double number(const Tensor& x) { return compute::number(x.array); }

void add_to(const Tensor& x, double value) { put(x, number(x) + value); }

// Without reading a number back, which would wait for the device.
void accumulate_there(Tensor total, Tensor count, const Tensor& values, double weight) {
  const Tensor mean = astype(sum(values), total.dtype()) / scalar_like(total, static_cast<double>(values.size()));
  binary_into(rows::binary_id<rows::Add>, total, to(mean * scalar_like(total, weight), total.device()));
  binary_into(rows::binary_id<rows::Add>, count, scalar_like(count, weight));
}

}  // namespace

void put(const Tensor& x, double value) {
  const bool usual = x.ndim() == 0 && x.device().is_cpu() && x.array.storage->writable();
  if (usual && x.dtype() == Dtype::float32)
    *x.array.as<float>() = static_cast<float>(value);
  else if (usual && x.dtype() == Dtype::int64)
    *x.array.as<int64_t>() = static_cast<int64_t>(value);
  else
    return assign("put", x, scalar_like(x, value));
  x.array.storage->changed();
}

void accumulate_mean(const Tensor& total, const Tensor& count, const Tensor& values, std::optional<double> weight) {
  if (values.size() == 0) return;
  const NoRecording off;
  const double samples = values.ndim() ? static_cast<double>(values.shape()[0]) : 1;
  if (!total.device().is_cpu())
    return accumulate_there(total, count, to(values, total.device()), weight.value_or(samples));
  const double mean = number(values.ndim() ? sum(values) : values) / static_cast<double>(values.size());
  add_to(total, mean * weight.value_or(samples));
  add_to(count, weight.value_or(samples));
}

Tensor running_mean(const Tensor& total, const Tensor& count) {
  if (!total.device().is_cpu()) {
    const Tensor zero = scalar_like(total, 0), none = binary<rows::Equal>(count, zero);
    return where(none, zero, total / where(none, scalar_like(total, 1), count));
  }
  const double n = number(count);
  return scalar_like(total, n == 0 ? 0 : number(total) / n);
}

Tensor class_matches(const Tensor& y, const Tensor& scores) {
  const NoRecording off;
  const Tensor best = argmax(scores, -1, false);
  return binary<rows::Equal>(y.shape() == scores.shape() ? argmax(y, -1, false) : y, best);
}

bool are_classes(const Tensor& labels, int64_t classes) {
  if (is_floating(labels.dtype())) {
    const Array y = compute::cast(compute::on_host(labels.array), Dtype::float64);
    const double* at = y.as<double>();
    for (int64_t i = 0, n = y.size(); i < n; ++i)
      if (!(at[i] >= 0 && at[i] < static_cast<double>(classes) && at[i] == std::floor(at[i]))) return false;
    return true;
  }
  // A uint64 beyond int64 turns negative here, and is refused as well.
  const Array x = compute::on_host(labels.array);
  const Array y = x.dtype == Dtype::int64 ? compute::contiguous(x) : compute::cast(x, Dtype::int64);
  const int64_t* at = y.as<int64_t>();
  bool fits = true;
  for (int64_t i = 0, n = y.size(); i < n; ++i) fits = fits && at[i] >= 0 && at[i] < classes;
  return fits;
}

}  // namespace pynn::ops
