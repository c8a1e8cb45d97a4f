#include "ops/random.h"

#include <cmath>
#include <cstdio>

#include "compute/random.h"
#include "core/error.h"
#include "ops/elementwise.h"

namespace pynn::ops {
namespace {

using compute::Distribution;

void check_float(const char* op, Dtype dtype) {
  if (dtype != Dtype::float32 && dtype != Dtype::float64)
    throw DtypeError(message(op, ": dtype must be float32 or float64, got ", name(dtype)));
}

bool holds(Dtype dtype, int64_t value) {
  const int bits = 8 * static_cast<int>(itemsize(dtype)) - (kind(dtype) == Kind::signed_integer ? 1 : 0);
  const int64_t least = kind(dtype) == Kind::signed_integer ? -1 : 0;  // what is left of the lowest value
  return bits >= 63 ? least < 0 || value >= 0 : value >> bits >= least && value >> bits <= 0;
}

// A setting as an error shows it.
std::string shown(double value) {
  char s[32];
  std::snprintf(s, sizeof s, "%g", value);
  return s;
}

}  // namespace

void Generator::reseed(uint64_t seed) {
  seed_ = seed;
  // Neighbouring seeds give unrelated keys (splitmix64's finaliser, Steele et al. 2014).
  uint64_t z = seed + 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  key_ = z ^ (z >> 31);
  counter_ = 0;
}

Tensor Generator::uniform(const Shape& shape, double low, double high, Dtype dtype, Device device) {
  check_float("uniform", dtype);
  const double width = dtype == Dtype::float32 ? static_cast<float>(high) - static_cast<float>(low) : high - low;
  if (!std::isfinite(width) || high < low)
    throw ValueError(message("uniform: needs low <= high, with a finite high - low in ", name(dtype), ", got ",
                             shown(low), " and ", shown(high)));
  const uint64_t at = counter_.fetch_add(compute::counters_used(element_count(shape), dtype));
  return Tensor(compute::random(Distribution::uniform, {key_, at, low, high}, shape, dtype, device));
}

Tensor Generator::normal(const Shape& shape, double mean, double deviation, Dtype dtype, Device device) {
  check_float("normal", dtype);
  if (!(deviation >= 0)) throw ValueError(message("normal: std must be at least 0, got ", shown(deviation)));
  const uint64_t at = counter_.fetch_add(compute::counters_used(element_count(shape), dtype));
  return Tensor(compute::random(Distribution::normal, {key_, at, mean, deviation}, shape, dtype, device));
}

Tensor Generator::bernoulli(const Shape& shape, double p, Dtype dtype, Device device) {
  check_float("bernoulli", dtype);
  if (!(p >= 0 && p <= 1)) throw ValueError(message("bernoulli: p must lie in [0, 1], got ", shown(p)));
  const uint64_t at = counter_.fetch_add(compute::counters_used(element_count(shape), dtype));
  return Tensor(compute::random(Distribution::bernoulli, {key_, at, p, 0}, shape, dtype, device));
}

Tensor Generator::integers(const Shape& shape, int64_t low, int64_t last, Dtype dtype, Device device) {
  if (!is_integer(dtype)) throw DtypeError(message("integers: dtype must be an integer type, got ", name(dtype)));
  if (last < low)
    throw ValueError(
        message("integers: needs low < high, got ", std::to_string(low), " and ", std::to_string(last + 1)));
  if (!holds(dtype, low) || !holds(dtype, last))
    throw ValueError(
        message("integers: ", std::to_string(low), " to ", std::to_string(last), " does not fit ", name(dtype)));
  const uint64_t at = counter_.fetch_add(compute::counters_used(element_count(shape), Dtype::int64));
  const uint64_t range = static_cast<uint64_t>(last) - static_cast<uint64_t>(low) + 1;  // 0 is 2**64
  return astype(Tensor(compute::random_integers({key_, at, 0, 0}, low, range, shape, device)), dtype);
}

Tensor Generator::permutation(int64_t n, Device device) {
  if (n < 0) throw ValueError(message("permutation: n must be at least 0, got ", std::to_string(n)));
  const uint64_t at = counter_.fetch_add(compute::counters_used(n, Dtype::int64));
  const Array bits = compute::random_integers({key_, at, 0, 0}, 0, 0, {n});
  Array order = Array::empty({n}, Dtype::int64);
  auto* y = order.as<int64_t>();
  const auto* r = bits.as<uint64_t>();
  // Fisher and Yates, from the front: position i trades places with one of those up to i.
  for (int64_t i = 0; i < n; ++i) {
    const auto j = static_cast<int64_t>((static_cast<unsigned __int128>(r[i]) * static_cast<uint64_t>(i + 1)) >> 64);
    y[i] = y[j];
    y[j] = i;
  }
  return to(Tensor(std::move(order)), device);
}

Tensor dropout(const Tensor& x, double rate, Generator& generator) {
  if (!(rate >= 0 && rate < 1)) throw ValueError(message("dropout: rate must lie in [0, 1), got ", shown(rate)));
  if (rate == 0) return x;
  check_float("dropout", x.dtype());
  return x * (generator.bernoulli(x.shape(), 1 - rate, x.dtype(), x.device()) / scalar_like(x, 1 - rate));
}

}  // namespace pynn::ops
